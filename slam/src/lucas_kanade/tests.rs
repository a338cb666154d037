//! The vector kernel against the plain one, and both against displacements that are known exactly.

use super::*;
use crate::image::GrayImage;
use crate::test_texture;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        rng_seed: RngSeed::Fixed(7),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// White noise: the harshest gradients there are.
fn noise(width: usize, height: usize, seed: u64) -> GrayImage {
    let mut state = seed | 1;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        // Black and white pixels, so that the fixed point meets its limits.
        if state >> 63 == 0 { 0 } else { 255 }
    };
    let data = (0..width * height).map(|_| next()).collect();
    GrayImage::from_vec(width, height, data).unwrap()
}

/// The texture seen through `texture_from_image`.
fn picture(texture_from_image: impl Fn([f64; 2]) -> [f64; 2]) -> GrayImage {
    test_texture::picture(320, 240, texture_from_image)
}

fn grid() -> Vec<[f32; 2]> {
    (0..16 * 12)
        .map(|i| [37.3 + 16.7 * (i % 16) as f32, 33.8 + 15.9 * (i / 16) as f32])
        .collect()
}

/// Errors in pixels, sorted, of tracking the grid through `later_from_earlier`.
fn errors(
    earlier: &GrayImage,
    later: &GrayImage,
    later_from_earlier: impl Fn([f64; 2]) -> [f64; 2],
) -> Vec<f64> {
    let tracker = LucasKanade::new(LucasKanadeConfig::default()).unwrap();
    let [earlier, later] = [earlier, later].map(|i| Pyramid::of(&i.view(), 4).unwrap());
    let points = grid();
    let mut flows = vec![Flow::default(); points.len()];
    tracker
        .track(&earlier, &later, &points, None, &mut flows)
        .unwrap();
    let mut errors: Vec<f64> = points
        .iter()
        .zip(&flows)
        .map(|(point, flow)| {
            assert_eq!(flow.status, FlowStatus::Tracked);
            let truth = later_from_earlier(point.map(f64::from));
            let [x, y] = flow.position_px.map(f64::from);
            (x - truth[0]).hypot(y - truth[1])
        })
        .collect();
    errors.sort_by(f64::total_cmp);
    errors
}

#[test]
fn translations_are_found_to_a_sixteenth_of_a_pixel() {
    for [dx, dy] in [[0.0, 0.0], [0.37, -0.81], [5.5, 3.25], [-14.2, 9.9]] {
        let earlier = picture(|p| p);
        let later = picture(|[x, y]| [x - dx, y - dy]);
        let errors = errors(&earlier, &later, |[x, y]| [x + dx, y + dy]);
        assert!(
            errors[errors.len() - 1] < 0.0625,
            "worst {} at ({dx}, {dy})",
            errors[errors.len() - 1]
        );
    }
}

#[test]
fn a_turn_with_zoom_is_followed() {
    // One degree and 1% a frame: 30 degrees a second at 30 frames a second.
    let (sin, cos) = (
        1.0_f64.to_radians().sin() * 1.01,
        1.0_f64.to_radians().cos() * 1.01,
    );
    let forward = |[x, y]: [f64; 2]| {
        let (x, y) = (x - 160.0, y - 120.0);
        [160.0 + cos * x - sin * y, 120.0 + sin * x + cos * y]
    };
    let backward = |[x, y]: [f64; 2]| {
        let (x, y, n) = (x - 160.0, y - 120.0, 1.01 * 1.01);
        [
            160.0 + (cos * x + sin * y) / n,
            120.0 + (-sin * x + cos * y) / n,
        ]
    };
    let errors = errors(&picture(|p| p), &picture(backward), forward);
    assert!(
        errors[errors.len() / 2] < 0.05,
        "median {}",
        errors[errors.len() / 2]
    );
    assert!(
        errors[errors.len() * 95 / 100] < 0.2,
        "95% {}",
        errors[errors.len() * 95 / 100]
    );
}

#[test]
fn a_guess_takes_the_search_where_the_pyramid_alone_cannot_reach() {
    let earlier = Pyramid::of(&picture(|p| p).view(), 1).unwrap();
    let later = Pyramid::of(&picture(|[x, y]| [x - 40.0, y]).view(), 1).unwrap();
    let tracker = LucasKanade::new(LucasKanadeConfig::default()).unwrap();
    let mut flows = [Flow::default()];
    tracker
        .track(
            &earlier,
            &later,
            &[[120.0, 100.0]],
            Some(&[[158.5, 101.0]]),
            &mut flows,
        )
        .unwrap();
    assert_eq!(flows[0].status, FlowStatus::Tracked);
    assert!((flows[0].position_px[0] - 160.0).abs() < 0.02, "{flows:?}");
}

#[test]
fn the_largest_sums_fit() {
    // Vertical stripes of full contrast, two pixels wide: the steepest gradient in every pixel.
    let stripes = |phase: usize| {
        let pixel = |i: usize| {
            if (i % 64 + phase) & 2 == 0 { 255 } else { 0 }
        };
        let data = (0..64 * 64).map(pixel).collect();
        let image = GrayImage::from_vec(64, 64, data).unwrap();
        Pyramid::of(&image.view(), 1).unwrap()
    };
    let [earlier, later] = [stripes(0), stripes(1)];
    let [mut a, mut b] = [Template::new(), Template::new()];
    let corner = Corner {
        x: 20 * 8 + 4,
        y: 20 * 8,
    };
    let (earlier, later) = (&earlier.levels()[0], &later.levels()[0]);
    let sums = Plain::take(&mut a, earlier, corner, 15);
    assert_eq!(sums, Vector::take(&mut b, earlier, corner, 15));
    assert!(sums.gradients[0] > 225 * 2000 * 2000);
    assert_eq!(
        Plain::correlate(&a, later, 20, 20, 15),
        Vector::correlate(&b, later, 20, 20, 15)
    );
}

proptest! {
    #![proptest_config(cases(96))]

    #[test]
    fn the_kernels_agree_in_every_bit(
        seed: u64,
        width in 3_usize..90,
        height in 3_usize..70,
        window in 1_usize..8,
        at in prop::array::uniform2(0.0_f64..1.0),
        to in prop::array::uniform2(0.0_f64..1.0),
    ) {
        let window = 2 * window + 1;
        let half = (window / 2) as f64;
        let image = noise(width, height, seed);
        let pyramid = Pyramid::of(&image.view(), 1).unwrap();
        let level = &pyramid.levels()[0];
        // Corners over all that `near` allows.
        let place = |f: [f64; 2]| [
            f[0] * (width as f64 + 2.0 * half) - 2.0 * half,
            f[1] * (height as f64 + 2.0 * half) - 2.0 * half,
        ];
        let [x, y] = place(at).map(|c| (c * 8.0).round() as i32);
        let corner = Corner { x, y };
        let [mut a, mut b] = [Template::new(), Template::new()];
        prop_assert_eq!(
            Plain::take(&mut a, level, corner, window),
            Vector::take(&mut b, level, corner, window)
        );
        for row in 0..window {
            prop_assert_eq!(a.gradient_x[row], b.gradient_x[row]);
            prop_assert_eq!(a.gradient_y[row], b.gradient_y[row]);
        }
        let [x, y] = place(to).map(|c| c.floor() as i32);
        prop_assert_eq!(
            Plain::correlate(&a, level, x, y, window),
            Vector::correlate(&b, level, x, y, window)
        );
    }

    #[test]
    fn both_ways_of_tracking_give_the_same_flows(seed: u64, dx in -6.0_f64..6.0, dy in -6.0_f64..6.0) {
        let earlier = Pyramid::of(&picture(|p| p).view(), 3).unwrap();
        let later = Pyramid::of(&picture(|[x, y]| [x - dx, y - dy]).view(), 3).unwrap();
        let tracker = LucasKanade::new(LucasKanadeConfig::default()).unwrap();
        let points: Vec<[f32; 2]> = (0..40_u64)
            .map(|i| [(seed.wrapping_mul(i + 1) % 3400) as f32 * 0.1 - 10.0, (seed.wrapping_mul(i + 77) % 2600) as f32 * 0.1 - 10.0])
            .collect();
        let mut flows = [vec![Flow::default(); 40], vec![Flow::default(); 40]];
        tracker.track(&earlier, &later, &points, None, &mut flows[0]).unwrap();
        tracker.track_plain(&earlier, &later, &points, None, &mut flows[1]).unwrap();
        prop_assert_eq!(&flows[0], &flows[1]);
    }

    #[test]
    fn any_position_is_answered(points in prop::collection::vec(prop::array::uniform2(prop::num::f32::ANY), 1..30), seed: u64, width in 1_usize..60, height in 1_usize..60) {
        let image = noise(width, height, seed);
        let pyramid = Pyramid::of(&image.view(), 4).unwrap();
        let tracker = LucasKanade::new(LucasKanadeConfig::default()).unwrap();
        let mut flows = vec![Flow::default(); points.len()];
        tracker.track(&pyramid, &pyramid, &points, None, &mut flows).unwrap();
        for (point, flow) in points.iter().zip(&flows) {
            if !point.iter().all(|c| c.is_finite()) {
                prop_assert_eq!(flow.status, FlowStatus::Outside);
            }
            if flow.status == FlowStatus::Tracked {
                prop_assert!(flow.position_px[0] >= 0.0 && flow.position_px[0] <= width as f32 - 1.0);
            }
        }
    }
}

#[test]
fn black_images_have_no_texture() {
    let black = Pyramid::of(&GrayImage::new(64, 64).unwrap().view(), 3).unwrap();
    let tracker = LucasKanade::new(LucasKanadeConfig::default()).unwrap();
    let mut flows = [Flow::default(); 2];
    tracker
        .track(
            &black,
            &black,
            &[[30.0, 30.0], [-100.0, 3.0]],
            None,
            &mut flows,
        )
        .unwrap();
    assert_eq!(flows[0].status, FlowStatus::LowTexture);
    assert_eq!(flows[0].position_px, [30.0, 30.0]);
    assert_eq!(flows[1].status, FlowStatus::Outside);
}

#[test]
fn what_does_not_go_together_is_refused() {
    let tracker = LucasKanade::new(LucasKanadeConfig::default()).unwrap();
    let large = Pyramid::of(&noise(64, 64, 1).view(), 2).unwrap();
    let small = Pyramid::of(&noise(64, 32, 1).view(), 2).unwrap();
    let empty = Pyramid::new(2).unwrap();
    let point = [[1.0, 1.0]];
    let mut flows = [Flow::default()];
    for later in [&small, &empty] {
        let result = tracker.track(&large, later, &point, None, &mut flows);
        assert_eq!(result, Err(Error::PyramidMismatch));
    }
    assert_eq!(
        tracker.track(&empty, &empty, &point, None, &mut flows),
        Err(Error::PyramidMismatch)
    );
    let result = tracker.track(&large, &large, &point, Some(&[]), &mut flows);
    assert_eq!(
        result,
        Err(Error::Length {
            required: 1,
            actual: 0
        })
    );
    for window_px in [0, 1, 4, 17] {
        let config = LucasKanadeConfig {
            window_px,
            ..LucasKanadeConfig::default()
        };
        assert!(LucasKanade::new(config).is_err());
    }
    let config = LucasKanadeConfig {
        epsilon_px: f64::NAN,
        ..LucasKanadeConfig::default()
    };
    assert!(LucasKanade::new(config).is_err());
}
