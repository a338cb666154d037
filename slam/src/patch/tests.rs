//! The vector kernel against the plain one, warps against plane geometry, and alignment against places that are
//! known exactly.

use super::*;
use crate::GrayImage;
use crate::camera::{Camera, Distortion};
use crate::test_texture::picture;
use nalgebra::{Isometry3, Matrix2, Point3, Rotation2, Vector2, Vector3};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

const WIDTH: usize = 320;
const HEIGHT: usize = 240;
const MIDDLE: Vector2<f64> = Vector2::new(160.0, 120.0);

fn aligner() -> PatchAligner {
    PatchAligner::new(PatchConfig::default()).unwrap()
}

fn pyramid(image: &GrayImage) -> Pyramid {
    Pyramid::of(&image.view(), 4).unwrap()
}

/// An affine view of the texture around the middle of the image, and how bright it is.
struct Seen {
    current_from_reference: Matrix2<f64>,
    pyramid: Pyramid,
}

impl Seen {
    fn new(scale: f64, degrees: f64, gain: f64) -> Self {
        let current_from_reference = Rotation2::new(degrees.to_radians()).into_inner()
            * Matrix2::new(1.0, 0.12, 0.0, 0.95)
            * scale;
        let back = current_from_reference.try_inverse().unwrap();
        let image = picture(WIDTH, HEIGHT, |[x, y]| {
            let p = back * (Vector2::new(x - 1.37, y + 0.81) - MIDDLE) + MIDDLE;
            [p.x, p.y]
        });
        let bright =
            |v: &u8| (128.0 + gain * (f64::from(*v) - 128.0) + 20.0 * (1.0 - gain)).round() as u8;
        let image =
            GrayImage::from_vec(WIDTH, HEIGHT, image.data().iter().map(bright).collect()).unwrap();
        Self {
            current_from_reference,
            pyramid: pyramid(&image),
        }
    }

    fn truth(&self, reference_px: [f64; 2]) -> [f64; 2] {
        let p = self.current_from_reference * (Vector2::from(reference_px) - MIDDLE) + MIDDLE;
        [p.x + 1.37, p.y - 0.81]
    }
}

fn corners(pyramid: &Pyramid) -> Vec<[f32; 2]> {
    let mut corners = Vec::new();
    crate::corners::CornerDetector::new(crate::corners::CornerConfig::default())
        .unwrap()
        .detect(pyramid, [], 300, &mut corners);
    corners.iter().map(|c| c.position_px).collect()
}

struct Outcome {
    /// Sorted, in pixels.
    errors: Vec<f64>,
    /// Of patches that are inside of both images.
    tried: usize,
    /// Errors of a coordinate in standard deviations: root of the mean square.
    normalized: f64,
}

/// Aligns all corners from starts that are `start_error` px away, in directions that go round.
fn outcome(aligner: &PatchAligner, reference: &Pyramid, seen: &Seen, start_error: f64) -> Outcome {
    let mut errors = Vec::new();
    let mut tried = 0;
    let mut squares = 0.0;
    for (i, point) in corners(reference).into_iter().enumerate() {
        let truth = seen.truth(point.map(f64::from));
        let warp = Warp::of_matrix(seen.current_from_reference, truth, 4).unwrap();
        let Ok(template) = aligner.template(reference, point, &warp) else {
            continue;
        };
        let angle = i as f64 * 2.4;
        let start = [
            (truth[0] + start_error * angle.cos()) as f32,
            (truth[1] + start_error * angle.sin()) as f32,
        ];
        match aligner.align(&seen.pyramid, &template, start, start_error as f32) {
            Ok(found) => {
                let [dx, dy] = [0, 1].map(|a| f64::from(found.position_px[a]) - truth[a]);
                errors.push(dx.hypot(dy));
                squares += (dx * dx + dy * dy) / f64::from(found.sigma_px).powi(2);
                tried += 1;
            }
            Err(AlignmentFailure::Outside) => {}
            Err(_) => tried += 1,
        }
    }
    errors.sort_by(f64::total_cmp);
    Outcome {
        tried,
        normalized: (squares / (2.0 * errors.len() as f64)).sqrt(),
        errors,
    }
}

#[test]
fn affine_views_are_aligned_to_a_tenth_of_a_pixel() {
    let reference = pyramid(&picture(WIDTH, HEIGHT, |[x, y]| [x, y]));
    let aligner = aligner();
    for scale in [0.6, 0.8, 1.0, 1.25, 1.6] {
        for (degrees, gain) in [
            (-40.0, 0.7),
            (-15.0, 1.2),
            (0.0, 1.0),
            (20.0, 1.4),
            (40.0, 0.8),
        ] {
            let seen = Seen::new(scale, degrees, gain);
            let outcome = outcome(&aligner, &reference, &seen, 1.0);
            let found = outcome.errors.len();
            let at = |share: f64| outcome.errors[(found as f64 * share) as usize];
            let case = format!("scale {scale}, {degrees} degrees, gain {gain}");
            assert!(at(0.5) < 0.1, "{case}: median {}", at(0.5));
            assert!(
                found > 20 && found as f64 > 0.95 * outcome.tried as f64,
                "{case}: {found}"
            );
            // The stated deviation is neither boast nor excuse.
            let normalized = outcome.normalized;
            assert!(
                (0.5..2.0).contains(&normalized),
                "{case}: {normalized} deviations"
            );
        }
    }
}

#[test]
fn starts_six_pixels_away_lead_home() {
    let reference = pyramid(&picture(WIDTH, HEIGHT, |[x, y]| [x, y]));
    let aligner = aligner();
    for scale in [0.7, 1.0, 1.4] {
        let seen = Seen::new(scale, 10.0, 1.1);
        let outcome = outcome(&aligner, &reference, &seen, 6.0);
        let home = outcome.errors.iter().filter(|e| **e < 0.5).count();
        assert!(
            home as f64 >= 0.9 * outcome.tried as f64,
            "scale {scale}: {home} of {}",
            outcome.tried
        );
    }
}

#[test]
fn a_search_finds_what_is_anywhere_within_twenty_pixels() {
    let reference = pyramid(&picture(WIDTH, HEIGHT, |[x, y]| [x, y]));
    let aligner = aligner();
    let seen = Seen::new(1.1, -10.0, 0.9);
    let (mut tried, mut home) = (0, 0);
    for (i, point) in corners(&reference).into_iter().enumerate() {
        let truth = seen.truth(point.map(f64::from));
        let warp = Warp::of_matrix(seen.current_from_reference, truth, 4).unwrap();
        let Ok(template) = aligner.template(&reference, point, &warp) else {
            continue;
        };
        let (angle, distance) = (i as f64 * 2.4, 1.0 + 18.0 * (i % 7) as f64 / 6.0);
        let start = [
            (truth[0] + distance * angle.cos()) as f32,
            (truth[1] + distance * angle.sin()) as f32,
        ];
        match aligner.search(&seen.pyramid, &template, start, MAX_RADIUS_PX) {
            Err(AlignmentFailure::Outside) => {}
            Ok(found) => {
                let [dx, dy] = [0, 1].map(|a| f64::from(found.position_px[a]) - truth[a]);
                tried += 1;
                home += usize::from(dx.hypot(dy) < 0.5);
            }
            Err(_) => tried += 1,
        }
    }
    assert!(tried > 30 && home * 10 >= tried * 9, "{home} of {tried}");
}

/// Pixels of the second view of a plane by such of the first, through the plane itself.
fn through_plane(
    views: [&View<'_>; 2],
    point: Vector3<f64>,
    normal: Vector3<f64>,
    pixel: Vector2<f64>,
) -> Vector2<f64> {
    let pose = views[0].world_from_camera;
    let ray = pose * views[0].camera.unproject(pixel).unwrap();
    let eye = pose.translation.vector;
    let at = eye + ray * (normal.dot(&(point - eye)) / normal.dot(&ray));
    let in_camera = views[1]
        .world_from_camera
        .inverse_transform_point(&Point3::from(at));
    views[1].camera.project(&in_camera.coords).unwrap()
}

#[test]
fn warps_are_the_derivative_of_the_way_through_the_plane() {
    let mut camera = Camera::from_horizontal_fov([640, 480], 1.1);
    let plain = camera;
    camera.distortion = Distortion::Radial([-0.08, 0.0]);
    let poses = [
        Isometry3::new(Vector3::new(0.1, -0.2, 0.3), Vector3::new(0.02, -0.05, 0.1)),
        Isometry3::new(Vector3::new(0.6, 0.1, 0.7), Vector3::new(-0.1, -0.3, -0.5)),
    ];
    let views = [
        View {
            camera: &camera,
            world_from_camera: &poses[0],
        },
        View {
            camera: &plain,
            world_from_camera: &poses[1],
        },
    ];
    let point = Vector3::new(0.4, -0.1, 2.5);
    let facing = point - poses[0].translation.vector;
    for normal in [None, Some(Vector3::new(0.3, -0.2, 1.0))] {
        let warp = Warp::new(&views[0], &views[1], &point, normal.as_ref(), 4).unwrap();
        let in_reference = poses[0]
            .inverse_transform_point(&Point3::from(point))
            .coords;
        let center = camera.project(&in_reference).unwrap();
        let through = |pixel| {
            through_plane(
                [&views[0], &views[1]],
                point,
                normal.unwrap_or(facing),
                pixel,
            )
        };
        assert!((through(center) - Vector2::from(warp.predicted_px).cast()).norm() < 1e-3);
        for axis in 0..2 {
            let step = Vector2::ith(axis, 0.01);
            let numeric = (through(center + step) - through(center - step)) / 0.02;
            let column = warp.current_from_reference.cast::<f64>() * Vector2::ith(axis, 1.0);
            assert!((numeric - column).norm() < 1e-3, "{numeric} {column}");
        }
    }
    // From behind the surface, and from behind the camera, nothing is seen.
    let behind = Isometry3::new(
        Vector3::new(0.4, -0.1, 4.0),
        Vector3::new(0.0, std::f64::consts::PI, 0.0),
    );
    for pose in [behind, Isometry3::translation(0.0, 0.0, 3.0)] {
        let view = View {
            camera: &plain,
            world_from_camera: &pose,
        };
        assert_eq!(Warp::new(&views[0], &view, &point, None, 4), None);
    }
}

#[test]
fn levels_follow_the_scale() {
    let of = |scale: f64| Warp::of_matrix(Matrix2::identity() * scale, [0.0; 2], 4);
    let levels = |scale| of(scale).map(|w| (w.level, w.reference_level));
    assert_eq!(levels(1.0), Some((0, 0)));
    assert_eq!(levels(1.3), Some((0, 0)));
    assert_eq!(levels(1.6), Some((1, 0)));
    assert_eq!(levels(0.6), Some((0, 1)));
    assert_eq!(levels(4.0), Some((2, 0)));
    assert_eq!(levels(0.25), Some((0, 2)));
    assert_eq!(
        (levels(100.0), levels(0.01), levels(f64::NAN)),
        (None, None, None)
    );
    assert_eq!(
        Warp::of_matrix(Matrix2::new(5.0, 0.0, 0.0, 1.0), [0.0; 2], 4),
        None
    );
    assert_eq!(
        Warp::of_matrix(Matrix2::new(-1.0, 0.0, 0.0, 1.0), [0.0; 2], 4),
        None
    );
}

#[test]
fn templates_are_renewed_when_the_view_changes() {
    let reference = pyramid(&picture(WIDTH, HEIGHT, |[x, y]| [x, y]));
    let warp = |degrees: f64, scale: f64| {
        let matrix = Rotation2::new(degrees.to_radians()).into_inner() * scale;
        Warp::of_matrix(matrix, [160.0, 120.0], 4).unwrap()
    };
    let config = PatchConfig {
        min_squared_gradient: 0.0,
        ..PatchConfig::default()
    };
    let template = PatchAligner::new(config)
        .unwrap()
        .template(&reference, [160.0, 120.0], &warp(10.0, 1.4))
        .unwrap();
    assert!(!template.needs_renewal(&warp(10.0, 1.4)));
    // Level 1 instead of 0, yet nearly the same.
    assert_ne!(warp(11.0, 1.42).level, template.warp().level);
    assert!(!template.needs_renewal(&warp(11.0, 1.42)));
    assert!(template.needs_renewal(&warp(15.0, 1.4)));
    assert!(template.needs_renewal(&warp(10.0, 1.2)));
}

#[test]
fn what_cannot_be_aligned_is_told_apart() {
    use AlignmentFailure::{Dissimilar, Diverged, LowTexture, Outside};
    let image = picture(WIDTH, HEIGHT, |[x, y]| [x, y]);
    let reference = pyramid(&image);
    let other = pyramid(&picture(WIDTH, HEIGHT, |[x, y]| [x + 5000.0, y]));
    let stripes = picture(WIDTH, HEIGHT, |[x, _]| [x, 7.0]);
    let aligner = aligner();
    let warp = Warp::of_matrix(Matrix2::identity(), [0.0; 2], 4).unwrap();
    let template = |image: &Pyramid, at| aligner.template(image, at, &warp);
    assert_eq!(template(&reference, [2.0, 100.0]).unwrap_err(), Outside);
    assert_eq!(
        template(&reference, [f32::NAN, 100.0]).unwrap_err(),
        Outside
    );
    assert_eq!(
        template(&Pyramid::new(3).unwrap(), [50.0; 2]).unwrap_err(),
        Outside
    );
    let black = pyramid(&GrayImage::new(WIDTH, HEIGHT).unwrap());
    assert_eq!(template(&black, [100.0; 2]).unwrap_err(), LowTexture);
    assert_eq!(
        template(&pyramid(&stripes), [100.0; 2]).unwrap_err(),
        LowTexture
    );
    let mut failures = Vec::new();
    for at in corners(&reference) {
        let template = template(&reference, at).unwrap();
        for (start, uncertainty) in [
            ([f32::NAN; 2], 1.0),
            ([-50.0, 9.0], 1.0),
            ([1e30, 1.0], 3.0),
        ] {
            assert_eq!(
                aligner.align(&reference, &template, start, uncertainty),
                Err(Outside)
            );
        }
        assert_eq!(aligner.align(&black, &template, at, 1.0), Err(Dissimilar));
        assert_eq!(
            aligner.search(&Pyramid::new(3).unwrap(), &template, at, 9.0),
            Err(Outside)
        );
        failures.extend(aligner.align(&other, &template, at, 0.5).err());
    }
    let count = |reason| failures.iter().filter(|f| **f == reason).count();
    assert!(count(Dissimilar) > 0 && count(Diverged) > 0, "{failures:?}");
    assert!(failures.len() * 10 > corners(&reference).len() * 8);
}

#[test]
fn settings_out_of_range_are_refused() {
    for config in [
        PatchConfig {
            side_px: 7,
            ..PatchConfig::default()
        },
        PatchConfig {
            side_px: 13,
            ..PatchConfig::default()
        },
        PatchConfig {
            max_iterations: 0,
            ..PatchConfig::default()
        },
        PatchConfig {
            epsilon_px: f64::NAN,
            ..PatchConfig::default()
        },
        PatchConfig {
            min_squared_gradient: -1.0,
            ..PatchConfig::default()
        },
        PatchConfig {
            min_zncc: 1.5,
            ..PatchConfig::default()
        },
    ] {
        assert!(PatchAligner::new(config).is_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, rng_seed: RngSeed::Fixed(5), failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn both_kernels_agree_in_every_bit(
        side in MIN_SIDE_PX..=MAX_SIDE_PX,
        seed: u64,
        black_and_white: bool,
        at in prop::array::uniform2(-5.0_f32..80.0),
        offset in prop::array::uniform2(-4.0_f32..4.0),
        scale in 0.4_f64..2.5,
        angle in 0.0_f64..6.3,
        uncertainty in 0.0_f32..8.0,
    ) {
        // Black and white pixels, the harshest gradients there are, so that the sums meet their limits.
        let mut state = seed | 1;
        let noise = (0..72 * 64).map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let value = (state >> 56) as u8;
            if black_and_white { if value < 128 { 0 } else { 255 } } else { value }
        });
        let pyramid = pyramid(&GrayImage::from_vec(72, 64, noise.collect()).unwrap());
        let config = PatchConfig { side_px: side, min_zncc: -1.0, ..PatchConfig::default() };
        let aligner = PatchAligner::new(config).unwrap();
        let matrix = Rotation2::new(angle).into_inner() * scale;
        let warp = Warp::of_matrix(matrix, [0.0; 2], 4).unwrap();
        let start = [at[0] + offset[0], at[1] + offset[1]];
        let vector = aligner
            .template(&pyramid, at, &warp)
            .and_then(|template| aligner.align(&pyramid, &template, start, uncertainty));
        prop_assert_eq!(vector, aligner.align_plain((&pyramid, at), &warp, &pyramid, start, uncertainty));
    }

    #[test]
    fn places_are_compared_alike(seed: u64, side in MIN_SIDE_PX..=MAX_SIDE_PX, x in -8_i32..30, y in -8_i32..30) {
        let mut state = seed | 1;
        let noise = (0..40 * 40).map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 56) as u8
        });
        let pyramid = pyramid(&GrayImage::from_vec(40, 40, noise.collect()).unwrap());
        let level = &pyramid.levels()[0];
        let mut sampled = [[0; template::SAMPLED_LANES]; template::SAMPLED_ROWS];
        for (row, out) in sampled.iter_mut().enumerate().take(side + 2) {
            for (column, out) in out.iter_mut().enumerate().take(side + 2) {
                *out = i16::from(level.row(row)[column]) * 32;
            }
        }
        let mut templates = [template::Template::default(); 2];
        let [a, b] = &mut templates;
        prop_assert_eq!(Vector::differentiate(a, &sampled, side), Plain::differentiate(b, &sampled, side));
        let [a, b] = &templates;
        prop_assert_eq!(a, b);
        prop_assert_eq!(Vector::correlate(a, level, x, y, side), Plain::correlate(a, level, x, y, side));
        prop_assert_eq!(Vector::squares(level, x, y, side), Plain::squares(level, x, y, side));
        prop_assert_eq!(Vector::compare(a, level, x, y, side), Plain::compare(a, level, x, y, side));
    }
}
