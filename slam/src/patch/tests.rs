//! The vector kernel against the plain one, warps against plane geometry, and alignment against places that are
//! known exactly.

use super::*;
use crate::GrayImage;
use crate::test_texture::picture;
use nalgebra::{Matrix2, Rotation2, Vector2};

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
            assert!(at(0.5) < 0.1);
            assert!(found as f64 > 0.95 * outcome.tried as f64 && found > 20);
        }
    }
}

#[test]
fn starts_six_pixels_away_lead_home() {
    let reference = pyramid(&picture(WIDTH, HEIGHT, |[x, y]| [x, y]));
    let aligner = aligner();
    for scale in [0.7, 1.0, 1.4] {
        let seen = Seen::new(scale, 10.0, 1.1);
        for start in [0.0, 2.0, 4.0, 6.0, 8.0, 10.0] {
            let outcome = outcome(&aligner, &reference, &seen, start);
            let home = outcome.errors.iter().filter(|e| **e < 0.5).count();
            if start <= 6.0 {
                assert!(home as f64 >= 0.9 * outcome.tried as f64);
            }
        }
    }
}
