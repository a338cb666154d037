//! Every lens: derivatives against differences, there and back, the end of its reach, what is refused.

use core::f64::consts::PI;

use nalgebra::{Vector2, Vector3};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::*;
use crate::check::assert_jacobian;
use crate::ransac::Rng;

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        rng_seed: RngSeed::Fixed(11),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

fn camera(distortion: Distortion) -> Camera {
    Camera {
        size_px: [752, 480],
        focal_px: [458.654, 457.296],
        center_px: [367.215, 248.375],
        distortion,
    }
}

/// Lenses of published calibrations (the last three of EuRoC, of TUM freiburg1 without k3, of TUM-VI) and made-up ones
/// whose polynomial turns inside the picture.
fn cameras() -> Vec<Camera> {
    [
        Distortion::None,
        Distortion::Radial([-0.0244, 0.0]),
        Distortion::Radial([-0.28, 0.07]),
        Distortion::Radial([0.2, -0.4]),
        Distortion::Radial([-0.9, 0.0]),
        Distortion::RadialTangential([-0.2834, 0.0739, 0.000_19, 1.76e-5]),
        Distortion::RadialTangential([0.2624, -0.9531, -0.0054, 0.0026]),
        Distortion::Fisheye([0.0034, 0.000_67, -0.000_36, 4.8e-5]),
        Distortion::Fisheye([-0.08, 0.02, -0.01, 0.001]),
        Distortion::Fisheye([0.0; 4]),
    ]
    .into_iter()
    .map(camera)
    .collect()
}

#[test]
fn derivatives_are_those_of_the_projection() {
    let mut rng = Rng::new(1);
    for camera in cameras() {
        let mut seen = 0;
        for k in 0..200 {
            let mut point = Vector3::new(rng.range(-0.8, 0.8), rng.range(-0.6, 0.6), 1.0);
            if k < 5 {
                // On the axis and right beside it.
                point *= [0.0, 1e-12, 1e-9, 1e-6, 1e-4][k];
                point.z = 1.0;
            }
            if matches!(camera.distortion, Distortion::Fisheye(_)) && k > 100 {
                point.z = rng.range(-0.2, 1.0);
            }
            point *= rng.range(0.5, 4.0);
            let Some(here) = camera.project_with_jacobian(&point) else {
                continue;
            };
            // Far enough from the end of its reach for the differences to be taken.
            if camera
                .project(&(point * 1.0 + Vector3::new(point.x, point.y, 0.0) * 1e-3))
                .is_none()
            {
                continue;
            }
            seen += 1;
            let name = format!("{camera:?} at {point:?}");
            assert_jacobian(
                &name,
                &here.by_point,
                |d| camera.project(&(point + d)).expect("inside the reach"),
                1e-6,
                1e-6,
            );
            let first = camera.first_distortion();
            assert_jacobian(
                &name,
                &here.by_intrinsics,
                |d| {
                    camera
                        .with_focal_factor(d.x.exp())
                        .with_first_distortion(first + d.y)
                        .project(&point)
                        .expect("inside the reach")
                },
                1e-6,
                1e-6,
            );
        }
        assert!(seen > 50, "{camera:?} saw {seen} points");
    }
}

#[test]
fn standard_model_is_the_formula_of_opencv() {
    // As its documentation of `calib3d` writes it, term by term.
    let point = Vector3::new(0.3, -0.2, 1.1);
    let standard = camera(Distortion::RadialTangential([
        -0.2834, 0.0739, 0.000_19, 1.76e-5,
    ]));
    let (x, y) = (0.3 / 1.1, -0.2 / 1.1);
    let r2: f64 = x * x + y * y;
    let d = 1.0 - 0.2834 * r2 + 0.0739 * r2 * r2;
    let expected = Vector2::new(
        458.654 * (x * d + 2.0 * 0.000_19 * x * y + 1.76e-5 * (r2 + 2.0 * x * x)) + 367.215,
        457.296 * (y * d + 0.000_19 * (r2 + 2.0 * y * y) + 2.0 * 1.76e-5 * x * y) + 248.375,
    );
    assert!((standard.project(&point).unwrap() - expected).norm() < 1e-10);
}

#[test]
fn reach_ends_where_the_radius_turns_back() {
    // r (1 - 0.9 r^2) has its maximum at r = sqrt(1 / 2.7).
    let turning = (1.0_f64 / 2.7).sqrt();
    let camera = camera(Distortion::Radial([-0.9, 0.0]));
    let at = |radius: f64| camera.project(&Vector3::new(radius, 0.0, 1.0));
    assert!(at(turning - 1e-6).is_some());
    assert!(at(turning + 1e-6).is_none());
    let edge = at(turning - 1e-6).unwrap();
    assert!(camera.unproject(edge).is_some());
    assert!(camera.unproject(edge + Vector2::new(0.1, 0.0)).is_none());
    // Where the slope is positive again the model is still over: 1 - 3 r^2 + 5 * 0.3 r^4 between its roots and beyond.
    let twice = super::tests::camera(Distortion::Radial([-1.0, 0.3]));
    assert!(twice.project(&Vector3::new(0.5, 0.0, 1.0)).is_some());
    assert!(twice.project(&Vector3::new(1.0, 0.0, 1.0)).is_none());
    assert!(twice.project(&Vector3::new(3.0, 0.0, 1.0)).is_none());
}

#[test]
fn rising_is_decided_as_by_many_samples() {
    let mut rng = Rng::new(2);
    let (mut rising, mut turning) = (0, 0);
    for _ in 0..2000 {
        let profile = profile::Profile(core::array::from_fn(|k| {
            rng.range(-1.0, 1.0) * [0.5, 0.3, 0.1, 0.05][k]
        }));
        let squared = rng.range(0.1, 4.0);
        let lowest = (0..=2000)
            .map(|k| profile.slope(squared * f64::from(k) / 2000.0))
            .fold(f64::INFINITY, f64::min);
        if lowest.abs() < 1e-3 {
            continue;
        }
        assert_eq!(
            profile.rises_to(squared),
            lowest > 0.0,
            "{profile:?} to {squared}"
        );
        if lowest > 0.0 {
            rising += 1;
        } else {
            turning += 1;
        }
        let two = profile::Profile([profile.0[0], profile.0[1], 0.0, 0.0]);
        assert_eq!(
            two.rises_to(squared),
            project::radial_rises_to(two.0[0], two.0[1], squared)
        );
    }
    assert!(rising > 300 && turning > 300, "{rising} {turning}");
}

#[test]
fn nothing_is_seen_behind_or_at_the_camera() {
    for camera in cameras() {
        let fisheye = matches!(camera.distortion, Distortion::Fisheye(_));
        for point in [
            Vector3::zeros(),
            Vector3::new(0.0, 0.0, -1.0),
            Vector3::new(f64::NAN, 0.0, 1.0),
            Vector3::new(0.0, 0.0, f64::NAN),
            Vector3::new(f64::INFINITY, 0.0, 1.0),
        ] {
            let seen = camera.project(&point);
            assert!(
                seen.is_none_or(|p| !p.iter().all(|c| c.is_finite())),
                "{camera:?} {point:?} {seen:?}"
            );
        }
        assert_eq!(
            camera.project(&Vector3::new(1.0, 0.0, -0.1)).is_some(),
            fisheye
        );
        for pixel in [
            Vector2::new(f64::NAN, 0.0),
            Vector2::new(0.0, f64::INFINITY),
        ] {
            assert_eq!(camera.unproject(pixel), None);
        }
    }
}

#[test]
fn focal_factor_distortion_and_size_change_what_they_say() {
    for camera in cameras() {
        let point = Vector3::new(0.2, -0.1, 1.0);
        let here = camera.project(&point).unwrap();
        let center = Vector2::from(camera.center_px);
        let nearer = camera.with_focal_factor(1.5).project(&point).unwrap();
        assert!((nearer - center - (here - center) * 1.5).norm() < 1e-10);
        assert_eq!(camera.with_first_distortion(0.03).first_distortion(), 0.03);
        let half = camera.at_size([376, 240]).project(&point).unwrap();
        assert!(((half + Vector2::repeat(0.5)) * 2.0 - here - Vector2::repeat(0.5)).norm() < 1e-10);
        assert!(camera.sees(&Vector2::new(0.0, 479.0), 0.0));
        assert!(!camera.sees(&Vector2::new(0.0, 479.0), 0.5));
        assert!(!camera.sees(&Vector2::new(f64::NAN, 479.0), 0.0));
    }
}

#[test]
fn pictures_of_another_shape_are_of_the_same_sensor() {
    let camera = Camera {
        size_px: [640, 480],
        focal_px: [500.0, 510.0],
        center_px: [329.5, 229.5],
        distortion: Distortion::RadialTangential([0.1, 0.01, 0.002, -0.003]),
    };
    let turned = camera.at_size([240, 320]);
    assert_eq!(turned.focal_px, [255.0, 250.0]);
    assert_eq!(turned.center_px, [119.5, 159.5]);
    let bent = Distortion::RadialTangential([0.1, 0.01, 0.0, 0.0]);
    assert_eq!(turned.distortion, bent);
    // Of 4:3, 16:9 is the whole width; a square is the whole height.
    let wide = camera.at_size([640, 360]);
    assert_eq!(
        (wide.focal_px, wide.center_px),
        ([500.0, 510.0], [329.5, 169.5])
    );
    let square = camera.at_size([480, 480]);
    assert_eq!(
        (square.focal_px, square.center_px),
        ([500.0, 510.0], [249.5, 229.5])
    );
    // And the other way round: what 16:9 was cut from is there again.
    assert_eq!(wide.at_size([640, 480]), camera);
    assert_eq!(wide.at_size([480, 640]).focal_px, [510.0, 500.0]);
    // A side that was rounded does not make another shape.
    let odd = camera.at_size([213, 160]);
    assert!(
        (odd.focal_px[0] / odd.focal_px[1] - 500.0 / 510.0 * 213.0 / 160.0 * 0.75).abs() < 1e-12
    );
}

#[test]
fn numbers_that_are_no_camera_are_refused() {
    for good in cameras() {
        assert_eq!(good.check(), Ok(()));
        for value in [f64::NAN, f64::INFINITY, -f64::INFINITY, 1e9, -1e9] {
            let mut wrong = [good; 3];
            wrong[0].focal_px[1] = value;
            wrong[1].center_px[0] = value;
            wrong[2] = good.with_first_distortion(value);
            assert!(
                wrong.iter().all(|camera| camera.check().is_err()),
                "{value}"
            );
        }
        for size_px in [[0, 480], [752, 16385], [usize::MAX, 1]] {
            assert!(Camera { size_px, ..good }.check().is_err());
        }
        for focal in [0.0, -1.0, 1.0] {
            assert!(
                Camera {
                    focal_px: [focal, 500.0],
                    ..good
                }
                .check()
                .is_err()
            );
        }
    }
}

proptest! {
    #![proptest_config(cases(400))]

    /// Every pixel that has a direction is seen where it was, at any depth.
    #[test]
    fn pixels_come_back(which in 0..10_usize, x in 0.0..752.0_f64, y in 0.0..480.0_f64, depth in 0.1..50.0_f64) {
        let camera = cameras()[which];
        let pixel = Vector2::new(x, y);
        if let Some(direction) = camera.unproject(pixel) {
            prop_assert!((direction.norm() - 1.0).abs() < 1e-12);
            let back = camera.project(&(direction * depth));
            prop_assert!(back.is_some_and(|b| (b - pixel).norm() < 1e-6), "{back:?}");
        } else {
            // Only lenses that turn back inside the picture have dark corners.
            prop_assert!([3, 4, 6].contains(&which), "{camera:?} is blind at {pixel:?}");
        }
    }

    /// Every direction that is seen is found again from its pixel.
    #[test]
    fn directions_come_back(which in 0..10_usize, angle in 0.0..PI, turn in 0.0..core::f64::consts::TAU) {
        let camera = cameras()[which];
        let direction = Vector3::new(angle.sin() * turn.cos(), angle.sin() * turn.sin(), angle.cos());
        if let Some(pixel) = camera.project(&direction) {
            let back = camera.unproject(pixel);
            // Near grazing directions and near the turn a pixel is worth less than its digits.
            let slack = 1e-6 + 1e-9 * pixel.norm();
            prop_assert!(back.is_some_and(|b| (b - direction).norm() < slack), "{direction:?} {pixel:?} {back:?}");
        }
    }

    /// Coefficients of any kind are a camera or an error, and neither panics.
    #[test]
    fn wild_coefficients_do_not_panic(k in proptest::array::uniform4(-100.0..100.0_f64), x in -1e4..1e4_f64, y in -1e4..1e4_f64) {
        for distortion in [Distortion::Radial([k[0], k[1]]), Distortion::RadialTangential(k), Distortion::Fisheye(k)] {
            let camera = camera(distortion);
            if let Some(direction) = camera.unproject(Vector2::new(x, y)) {
                let back = camera.project(&direction);
                prop_assert!(back.is_some_and(|b| (b - Vector2::new(x, y)).norm() < 1e-3), "{camera:?} {back:?}");
            }
        }
    }
}
