//! The front end with an engine that answers late, badly, or not at all.

use super::super::engine::{Answer, Followed};
use super::super::late_engine::{Fault, LateEngine};
use super::*;

/// Pictures of one scene whose motion changes: points are lost and started in each.
fn pictures(count: usize) -> Vec<GrayImage> {
    (0..count)
        .map(|k| {
            let k = k as f64;
            picture(320, 240, 5.0 * k + 0.4 * k * k, -2.5 * k)
        })
        .collect()
}

fn with_engine(engine: LateEngine) -> FrontEnd {
    let mut front_end = FrontEnd::new(sensitive()).unwrap();
    assert!(front_end.use_engine(Some(Box::new(engine))).is_none());
    front_end
}

/// The tracks of each picture, found on the CPU.
fn on_the_cpu(images: &[GrayImage]) -> Vec<Tracks> {
    let mut front_end = FrontEnd::new(sensitive()).unwrap();
    let times = 0_i64..;
    let pairs = images.iter().zip(times);
    pairs
        .map(|(image, time)| submit(&mut front_end, image, time).clone())
        .collect()
}

/// Submits a picture and asks for its tracks until they are there; how often in vain.
fn wait(front_end: &mut FrontEnd, image: &GrayImage, time: i64) -> (Tracks, u32) {
    let frame = Frame::new(image.view(), time * MILLIS);
    let ticket = front_end.submit(&frame).unwrap();
    answer(front_end, ticket)
}

fn answer(front_end: &mut FrontEnd, ticket: Ticket) -> (Tracks, u32) {
    for vain in 0..100 {
        if let Some(tracks) = front_end.poll(ticket) {
            return (tracks.clone(), vain);
        }
    }
    panic!("no answer");
}

#[test]
fn an_engines_tracks_are_the_cpus() {
    let images = pictures(9);
    let exact = on_the_cpu(&images);
    assert!(exact[1..].iter().all(|t| t.lost > 0 && t.started > 0));
    for delay in [0, 3] {
        let engine = LateEngine::new(&sensitive(), delay);
        let asked = engine.asked();
        let mut front_end = with_engine(engine);
        for (k, image) in images.iter().enumerate() {
            let (tracks, vain) = wait(&mut front_end, image, k as i64);
            assert!(tracks == exact[k], "frame {k}");
            assert_eq!(vain, delay);
            assert!(front_end.was_on_engine());
        }
        // Each picture comes once.
        let asked = *asked.lock().unwrap();
        assert_eq!((asked.begun, asked.brought), (9, 9));
        assert!(!front_end.engine_failed());
    }
}

#[test]
fn the_last_finished_frame_stands_while_another_is_on_its_way() {
    let images = pictures(2);
    let mut front_end = with_engine(LateEngine::new(&sensitive(), 1));
    let (first, _) = wait(&mut front_end, &images[0], 0);
    let frame = Frame::new(images[1].view(), MILLIS);
    let ticket = front_end.submit(&frame).unwrap();
    assert!(front_end.is_busy());
    let newer = Frame::new(images[1].view(), 2 * MILLIS);
    assert_eq!(front_end.submit(&newer), Err(Error::FrameOnItsWay));
    assert_eq!(front_end.add([50.0, 50.0]), None);
    front_end.amend(|_| false);
    assert!(front_end.points() == first.points);
    let shown = Pyramid::of(&images[0].view(), 4).unwrap();
    assert_eq!(
        front_end.pyramid().levels()[2].row(9),
        shown.levels()[2].row(9)
    );
    assert!(front_end.poll(ticket).is_none());
    assert!(front_end.poll(ticket) == on_the_cpu(&images).last());
    assert!(!front_end.is_busy());
}

#[test]
fn pictures_taken_a_frame_early_are_followed_as_others() {
    let images = pictures(9);
    let exact = on_the_cpu(&images);
    // With an engine and without.
    for is_late in [true, false] {
        let engine = LateEngine::new(&sensitive(), 2);
        let asked = engine.asked();
        let mut front_end = with_engine(engine);
        front_end.set_on_engine(is_late);
        assert_eq!(front_end.pictures.waiting.level_count(), 0);
        let frame = |k: usize| Frame::new(images[k].view(), k as i64 * MILLIS);
        let mut ticket = front_end.submit(&frame(0)).unwrap();
        for k in 1..images.len() {
            front_end.take(&frame(k)).unwrap();
            for refused in [
                front_end.take(&frame(k)),
                front_end.submit(&frame(k)).map(|_| ()),
            ] {
                assert_eq!(refused, Err(Error::FrameOnItsWay));
            }
            if is_late {
                assert_eq!(front_end.submit_waiting(None), Err(Error::FrameOnItsWay));
            }
            assert!(answer(&mut front_end, ticket).0 == exact[k - 1]);
            let too_few = Some([].as_slice());
            assert!(matches!(
                front_end.submit_waiting(too_few),
                Err(Error::Length { .. })
            ));
            ticket = front_end.submit_waiting(None).unwrap().unwrap();
        }
        assert!(answer(&mut front_end, ticket).0 == exact[8]);
        assert_eq!(front_end.submit_waiting(None), Ok(None));
        let asked = *asked.lock().unwrap();
        let expected = if is_late { (8, 1) } else { (0, 0) };
        assert_eq!((asked.prepared, asked.brought), expected);
    }
}

#[test]
fn what_waits_must_be_newer_than_what_is_on_its_way() {
    let images = pictures(3);
    let mut front_end = with_engine(LateEngine::new(&sensitive(), 9));
    let at = |time| Frame::new(images[0].view(), time);
    front_end.submit(&at(10)).unwrap();
    assert!(matches!(
        front_end.take(&at(10)),
        Err(Error::TimeNotIncreasing { .. })
    ));
    front_end.take(&at(11)).unwrap();
}

/// Answers that no job has.
const SPOILT: [fn(&mut Answer); 9] = [
    |answer| answer.followed[3].source = usize::MAX,
    |answer| answer.followed[3].source = answer.followed[2].source,
    |answer| answer.followed.swap(4, 5),
    |answer| answer.followed[0].position_px[1] = f32::NAN,
    |answer| answer.started.push([f32::INFINITY, 3.0]),
    |answer| answer.wanted = usize::MAX,
    |answer| answer.wanted = 0,
    |answer| answer.started.resize(70_000, [5.0, 5.0]),
    |answer| {
        let last = answer.followed.last().unwrap().source;
        let more = (1..9_000).map(|k| Followed {
            source: last + k,
            position_px: [1.0, 1.0],
        });
        answer.followed.extend(more);
    },
];

fn faults() -> impl Iterator<Item = Fault> {
    let spoilt = SPOILT.into_iter().map(Fault::Spoilt);
    [Fault::Refused, Fault::Failed].into_iter().chain(spoilt)
}

#[test]
fn a_frame_that_an_engine_fails_at_is_done_on_the_cpu() {
    let images = pictures(6);
    let exact = on_the_cpu(&images);
    for fault in faults() {
        let mut front_end = with_engine(LateEngine::new(&sensitive(), 2).with_fault(1, fault));
        for (k, image) in images.iter().enumerate() {
            let (tracks, _) = wait(&mut front_end, image, k as i64);
            assert!(tracks == exact[k], "frame {k}, {fault:?}");
            assert_eq!(front_end.engine_failed(), k > 0, "{fault:?}");
            assert_eq!(front_end.was_on_engine(), k == 0);
        }
        assert!(!front_end.is_on_engine());
    }
}

#[test]
fn a_failure_later_on_loses_no_point_and_gives_no_id_twice() {
    let images = pictures(8);
    let exact = on_the_cpu(&images);
    for fault in faults() {
        let mut front_end = with_engine(LateEngine::new(&sensitive(), 1).with_fault(4, fault));
        let mut next_id = 0;
        for (k, image) in images.iter().enumerate() {
            let (tracks, _) = wait(&mut front_end, image, k as i64);
            if k <= 4 {
                // Where new ones start depends on which cells rest, which is known to who did the frames before.
                let old = |tracks: &Tracks| {
                    let points = tracks.points.iter().filter(|p| p.age_frames > 0);
                    points.copied().collect::<Vec<_>>()
                };
                assert!(old(&tracks) == old(&exact[k]), "frame {k}, {fault:?}");
            }
            let new = tracks.points.iter().filter(|p| p.age_frames == 0);
            for point in new {
                assert!(point.id >= next_id, "{} again", point.id);
                next_id = point.id + 1;
            }
        }
    }
}

#[test]
fn hints_are_kept_for_the_cpu() {
    let images = [picture(320, 240, 0.0, 0.0), picture(320, 240, 70.0, 25.0)];
    let run = |engine: Option<LateEngine>| {
        let mut front_end = FrontEnd::new(sensitive()).unwrap();
        front_end.use_engine(engine.map(|engine| Box::new(engine) as Box<dyn Engine>));
        wait(&mut front_end, &images[0], 0);
        let hints: Vec<PointHint> = front_end
            .points()
            .iter()
            .map(|point| PointHint {
                guess_px: [point.position_px[0] + 69.0, point.position_px[1] + 26.0],
                is_checked_later: point.id % 2 == 0,
            })
            .collect();
        let frame = Frame::new(images[1].view(), MILLIS);
        let ticket = front_end.submit_from(&frame, Some(&hints)).unwrap();
        answer(&mut front_end, ticket).0
    };
    let exact = run(None);
    assert!(exact.points.iter().filter(|p| p.age_frames == 1).count() > 40);
    let engine = || LateEngine::new(&sensitive(), 2);
    assert!(run(Some(engine())) == exact);
    for fault in faults() {
        let found = run(Some(engine().with_fault(1, fault)));
        assert!(found == exact, "{fault:?}");
    }
}

#[test]
fn an_engine_taken_away_leaves_its_frame_to_the_cpu() {
    let images = pictures(3);
    let exact = on_the_cpu(&images);
    let mut front_end = with_engine(LateEngine::new(&sensitive(), 50));
    let frame = Frame::new(images[0].view(), 0);
    let ticket = front_end.submit(&frame).unwrap();
    assert!(front_end.poll(ticket).is_none());
    assert!(front_end.use_engine(None).is_some());
    assert!(front_end.poll(ticket) == Some(&exact[0]));
    assert!(!front_end.was_on_engine() && !front_end.engine_failed());
    // Another, in the middle of the sequence.
    front_end.use_engine(Some(Box::new(LateEngine::new(&sensitive(), 1))));
    let (tracks, vain) = wait(&mut front_end, &images[1], 1);
    assert!(tracks == exact[1]);
    assert_eq!(vain, 1);
}

#[test]
fn another_size_starts_anew_while_a_frame_is_on_its_way() {
    let images = [picture(320, 240, 0.0, 0.0), picture(240, 320, 0.0, 0.0)];
    let exact = on_the_cpu(&images);
    let mut front_end = with_engine(LateEngine::new(&sensitive(), 2));
    let ticket = front_end.submit(&Frame::new(images[0].view(), 0)).unwrap();
    front_end
        .take(&Frame::new(images[1].view(), MILLIS))
        .unwrap();
    assert!(answer(&mut front_end, ticket).0 == exact[0]);
    let ticket = front_end.submit_waiting(None).unwrap().unwrap();
    assert!(front_end.points() == exact[0].points);
    assert!(answer(&mut front_end, ticket).0 == exact[1]);
}

#[test]
fn a_restart_gives_up_what_is_on_its_way_and_what_waits() {
    let images = pictures(3);
    let engine = LateEngine::new(&sensitive(), 1);
    let asked = engine.asked();
    let mut front_end = with_engine(engine);
    let (first, _) = wait(&mut front_end, &images[0], 100);
    let frame = Frame::new(images[1].view(), 101 * MILLIS);
    let ticket = front_end.submit(&frame).unwrap();
    front_end
        .take(&Frame::new(images[2].view(), 102 * MILLIS))
        .unwrap();
    front_end.restart();
    assert_eq!(asked.lock().unwrap().cancelled, 1);
    assert!(front_end.poll(ticket).is_none() && !front_end.is_busy());
    assert_eq!(front_end.submit_waiting(None), Ok(None));
    assert!(front_end.points().is_empty());
    let (tracks, _) = wait(&mut front_end, &images[2], 1);
    let newest = first.points.last().unwrap().id;
    assert!(
        tracks
            .points
            .iter()
            .all(|p| p.age_frames == 0 && p.id > newest)
    );
}

#[test]
fn cpu_and_engine_may_take_turns() {
    let count = 9_u8;
    let engine = LateEngine::new(&sensitive(), 1);
    let asked = engine.asked();
    let mut front_end = with_engine(engine);
    let mut first = Tracks::default();
    for k in 0..count {
        front_end.set_on_engine(k % 3 != 1);
        let shift = f64::from(k);
        let image = picture(320, 240, 2.5 * shift, -1.25 * shift);
        let (tracks, vain) = wait(&mut front_end, &image, k.into());
        assert_eq!(vain, u32::from(k % 3 != 1));
        if k == 0 {
            first = tracks;
        } else if k + 1 == count {
            let oldest = tracks.points.iter().filter(|p| p.age_frames == 8);
            let mut errors: Vec<f32> = oldest
                .map(|point| {
                    let start = first.points.iter().find(|p| p.id == point.id).unwrap();
                    let [x, y] = [0, 1].map(|i| point.position_px[i] - start.position_px[i]);
                    (x - 20.0).hypot(y + 10.0)
                })
                .collect();
            errors.sort_by(f32::total_cmp);
            assert!(errors.len() * 10 > first.points.len() * 6);
            assert!(errors[errors.len() / 2] < 0.1);
        }
    }
    // The pictures of the three frames done between the jobs came, too.
    let asked = *asked.lock().unwrap();
    assert_eq!((asked.begun, asked.brought), (6, 9));
}

#[test]
fn with_fewer_points_the_youngest_go() {
    let images = pictures(6);
    for delay in [None, Some(1)] {
        let mut front_end = FrontEnd::new(sensitive()).unwrap();
        if let Some(delay) = delay {
            front_end.use_engine(Some(Box::new(LateEngine::new(&sensitive(), delay))));
        }
        wait(&mut front_end, &images[0], 0);
        let (before, _) = wait(&mut front_end, &images[1], 1);
        assert!(before.points.len() > 90);
        front_end.set_max_points(30);
        assert!(front_end.points() == before.points);
        let (after, _) = wait(&mut front_end, &images[2], 2);
        assert!((20..=30).contains(&after.points.len()));
        let oldest = &before.points[..30];
        let kept = after.points.iter().filter(|p| p.age_frames > 0);
        assert!(kept.clone().count() > 10);
        assert!(
            kept.clone()
                .all(|p| oldest.iter().any(|old| old.id == p.id))
        );
        assert_eq!(after.lost, before.points.len() - kept.count());
        assert_eq!(front_end.add([9.0, 9.0]).is_some(), after.points.len() < 30);
        front_end.set_max_points(0);
        assert_eq!(front_end.max_points(), 1);
        front_end.set_max_points(usize::MAX);
        assert_eq!(front_end.max_points(), sensitive().max_points);
        for (k, image) in images.iter().enumerate().skip(3) {
            wait(&mut front_end, image, k as i64);
        }
        assert!(front_end.points().len() > 90);
    }
}
