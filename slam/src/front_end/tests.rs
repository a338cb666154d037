//! The front end on moving patterns and on what a camera should never give.

mod late;

use super::*;
use crate::image::GrayImage;
use crate::test_texture;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

const MILLIS: i64 = 1_000_000;

/// Settings that find points in the soft texture of these tests.
fn sensitive() -> FrontEndConfig {
    FrontEndConfig {
        fast_threshold: 5,
        min_corner_score: 4.0,
        ..FrontEndConfig::default()
    }
}

/// A texture that moves by (dx, dy) pixels.
fn picture(width: usize, height: usize, dx: f64, dy: f64) -> GrayImage {
    test_texture::picture(width, height, |[x, y]| [x - dx, y - dy])
}

fn submit<'a>(front_end: &'a mut FrontEnd, image: &GrayImage, time: i64) -> &'a Tracks {
    let ticket = front_end
        .submit(&Frame::new(image.view(), time * MILLIS))
        .unwrap();
    front_end.poll(ticket).unwrap()
}

#[test]
fn points_keep_their_ids_and_grow_older_while_they_move() {
    let mut front_end = FrontEnd::new(sensitive()).unwrap();
    let first = submit(&mut front_end, &picture(320, 240, 0.0, 0.0), 0).clone();
    assert!(first.points.len() > 90, "{}", first.points.len());
    assert_eq!(first.started, first.points.len());
    let later = (1..=5_i32).map(|k| {
        let shift = f64::from(k);
        submit(
            &mut front_end,
            &picture(320, 240, 2.5 * shift, -1.25 * shift),
            i64::from(k) * 33,
        )
        .clone()
    });
    let last = later.last().unwrap();
    let mut errors: Vec<f32> = last
        .points
        .iter()
        .filter(|p| p.age_frames == 5)
        .map(|point| {
            let start = first.points.iter().find(|p| p.id == point.id).unwrap();
            let [x, y] = [0, 1].map(|i| point.position_px[i] - start.position_px[i]);
            (x - 12.5).hypot(y + 6.25)
        })
        .collect();
    errors.sort_by(f32::total_cmp);
    assert!(
        errors.len() * 10 > first.points.len() * 7,
        "{}",
        errors.len()
    );
    assert!(errors[errors.len() / 2] < 0.1, "{errors:?}");
    assert!(errors[errors.len() * 95 / 100] < 0.3, "{errors:?}");
    assert!(
        last.points
            .windows(2)
            .all(|p| p[0].age_frames >= p[1].age_frames)
    );
}

#[test]
fn room_that_opens_is_filled_and_never_beyond_the_limit() {
    let config = FrontEndConfig {
        max_points: 60,
        ..sensitive()
    };
    let mut front_end = FrontEnd::new(config).unwrap();
    for k in 0..12_i32 {
        let tracks = submit(
            &mut front_end,
            &picture(320, 240, 9.0 * f64::from(k), 0.0),
            i64::from(k) * 33,
        );
        // A corner that cannot be proven leaves its place to the next frame.
        let count = tracks.points.len();
        assert!((50..=60).contains(&count), "{count} in frame {k}");
    }
}

#[test]
fn corners_that_were_not_there_are_looked_for_after_a_pause() {
    let mut front_end = FrontEnd::new(sensitive()).unwrap();
    let black = GrayImage::new(320, 240).unwrap();
    assert_eq!(submit(&mut front_end, &black, 0).started, 0);
    let picture = picture(320, 240, 0.0, 0.0);
    // The first corners of a picture must be in the one before, too.
    let started: Vec<usize> = (1..=8)
        .map(|k| submit(&mut front_end, &picture, k * 33).started)
        .collect();
    let first = started.iter().position(|count| *count > 90);
    assert_eq!(first, Some(PAUSE_FRAMES as usize), "{started:?}");
}

#[test]
fn another_size_starts_anew_with_new_ids() {
    let mut front_end = FrontEnd::new(FrontEndConfig::default()).unwrap();
    let count = submit(&mut front_end, &picture(320, 240, 0.0, 0.0), 0)
        .points
        .len();
    let tracks = submit(&mut front_end, &picture(240, 320, 0.0, 0.0), 33);
    assert_eq!(tracks.lost, count);
    assert_eq!(tracks.started, tracks.points.len());
    assert!(
        tracks
            .points
            .iter()
            .all(|p| p.age_frames == 0 && p.id as usize >= count)
    );
}

#[test]
fn time_must_go_on_unless_restarted() {
    let mut front_end = FrontEnd::new(FrontEndConfig::default()).unwrap();
    let image = picture(320, 240, 0.0, 0.0);
    let before = submit(&mut front_end, &image, 100).clone();
    for time in [100, 99, i64::MIN / MILLIS] {
        let frame = Frame::new(image.view(), time * MILLIS);
        assert!(matches!(
            front_end.submit(&frame),
            Err(Error::TimeNotIncreasing { .. })
        ));
    }
    let after = submit(&mut front_end, &image, 133);
    assert_eq!(after.lost, 0);
    assert!(after.points.len() >= before.points.len());
    front_end.restart();
    assert!(
        submit(&mut front_end, &image, 5)
            .points
            .iter()
            .all(|p| p.age_frames == 0)
    );
}

#[test]
fn a_ticket_is_answered_until_the_next_frame() {
    let mut front_end = FrontEnd::new(FrontEndConfig::default()).unwrap();
    let image = picture(64, 64, 0.0, 0.0);
    let frame = |time| Frame::new(image.view(), time);
    let first = front_end.submit(&frame(0)).unwrap();
    assert!(front_end.poll(first).is_some());
    let second = front_end.submit(&frame(1)).unwrap();
    assert!(front_end.poll(first).is_none());
    assert!(front_end.poll(second).is_some());
}

#[test]
fn a_cut_to_another_scene_drops_what_does_not_come_back() {
    let mut front_end = FrontEnd::new(FrontEndConfig::default()).unwrap();
    let count = submit(&mut front_end, &picture(320, 240, 0.0, 0.0), 0)
        .points
        .len();
    let black = GrayImage::new(320, 240).unwrap();
    let tracks = submit(&mut front_end, &black, 33);
    assert_eq!((tracks.points.len(), tracks.lost), (0, count));
}

#[test]
fn settings_out_of_range_are_refused() {
    let refused = [
        FrontEndConfig {
            max_points: 0,
            ..FrontEndConfig::default()
        },
        FrontEndConfig {
            window_px: 16,
            ..FrontEndConfig::default()
        },
        FrontEndConfig {
            levels: 0,
            ..FrontEndConfig::default()
        },
        FrontEndConfig {
            grid_cell_px: 4,
            ..FrontEndConfig::default()
        },
        FrontEndConfig {
            max_back_error_px: f32::NAN,
            ..FrontEndConfig::default()
        },
    ];
    for config in refused {
        assert!(FrontEnd::new(config).is_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, rng_seed: RngSeed::Fixed(11), failure_persistence: None, ..ProptestConfig::default() })]

    /// Sizes that change, black, white and noisy images, times in any order: an error or a state, never a panic, and
    /// what comes out is inside of the image.
    #[test]
    fn any_sequence_of_frames_is_survived(
        frames in prop::collection::vec((1_usize..70, 1_usize..50, 0_u8..4, any::<i64>()), 1..12),
        same_size: bool,
    ) {
        let mut front_end = FrontEnd::new(FrontEndConfig { max_points: 50, ..FrontEndConfig::default() }).unwrap();
        let (width, height, ..) = frames[0];
        for (k, (w, h, kind, time)) in frames.iter().enumerate() {
            let (w, h) = if same_size { (width, height) } else { (*w, *h) };
            let data = (0..w * h).map(|i| match kind {
                0 => 0,
                1 => 255,
                2 => ((i * 7919 + k) % 251) as u8,
                _ => if (i % w / 5 + i / w / 4) % 2 == 0 { 20 } else { 200 },
            }).collect();
            let image = GrayImage::from_vec(w, h, data).unwrap();
            let frame = Frame::new(image.view(), *time);
            if let Ok(ticket) = front_end.submit(&frame) {
                let tracks = front_end.poll(ticket).unwrap();
                prop_assert!(tracks.points.len() <= 50);
                for point in &tracks.points {
                    let [x, y] = point.position_px;
                    prop_assert!(x >= 0.0 && y >= 0.0 && x <= w as f32 - 1.0 && y <= h as f32 - 1.0);
                }
            }
        }
    }
}
