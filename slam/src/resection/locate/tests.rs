//! Poses found from nothing, among wrong correspondences.

use nalgebra::{Isometry3, Vector2};

use super::*;
use crate::camera::Distortion;
use crate::lie::{change_left, rotation_exp};

fn camera() -> Camera {
    Camera {
        size_px: [640, 480],
        focal_px: [527.7, 527.7],
        center_px: [319.5, 239.5],
        distortion: Distortion::Radial([-0.0244, 0.0]),
    }
}

fn scene(
    rng: &mut Rng,
    points: usize,
    wrong: f64,
) -> (Isometry3<f64>, Vec<Correspondence>, Vec<bool>) {
    let truth = Isometry3::from_parts(
        (rng.direction() * 2.0).into(),
        rotation_exp(&(rng.direction() * 3.0)),
    );
    let inverse = truth.inverse();
    let mut right = Vec::new();
    let correspondences = (0..points)
        .map(|_| {
            let pixel = Vector2::new(rng.range(5.0, 635.0), rng.range(5.0, 475.0));
            let point = camera().unproject(pixel).unwrap() * rng.range(0.8, 5.0);
            let ok = rng.unit() >= wrong;
            right.push(ok);
            let seen = if ok {
                pixel + Vector2::new(rng.normal(), rng.normal())
            } else {
                Vector2::new(rng.range(0.0, 640.0), rng.range(0.0, 480.0))
            };
            Correspondence {
                point_in_world: (inverse * nalgebra::Point3::from(point)).coords,
                position_px: seen,
                sigma_px: 1.0,
            }
        })
        .collect();
    (truth, correspondences, right)
}

#[test]
fn finds_the_pose_among_wrong_matches() {
    let mut rng = Rng::new(1);
    for wrong in [0.0, 0.3, 0.6] {
        let mut errors = Vec::new();
        for _ in 0..60 {
            let (truth, correspondences, right) = scene(&mut rng, 120, wrong);
            let found = locate(
                &camera(),
                &correspondences,
                &RansacConfig::default(),
                &mut rng,
            );
            let found = found.expect("enough agree");
            errors.push(change_left(&found.camera_from_world, &truth).norm());
            let agreed = found.inliers.iter().filter(|&&k| right[k as usize]).count();
            let all = right.iter().filter(|r| **r).count();
            assert!(agreed * 100 >= all * 97, "{agreed} of {all}");
            assert!(found.inliers.len() - agreed <= 3);
            assert!(found.inliers.windows(2).all(|pair| pair[0] < pair[1]));
        }
        errors.sort_by(f64::total_cmp);
        assert!(
            errors[30] < 0.02 && errors[59] < 0.06,
            "{} {}",
            errors[30],
            errors[59]
        );
    }
}

#[test]
fn chance_agreement_is_not_a_pose() {
    let mut rng = Rng::new(2);
    for _ in 0..30 {
        let (_, correspondences, _) = scene(&mut rng, 100, 1.0);
        assert_eq!(
            locate(
                &camera(),
                &correspondences,
                &RansacConfig::default(),
                &mut rng
            ),
            None
        );
    }
    let (_, correspondences, _) = scene(&mut rng, 11, 0.0);
    assert_eq!(
        locate(
            &camera(),
            &correspondences,
            &RansacConfig::default(),
            &mut rng
        ),
        None
    );
}

#[test]
fn the_same_seed_gives_the_same_pose() {
    let (_, correspondences, _) = scene(&mut Rng::new(3), 100, 0.4);
    let run = || {
        locate(
            &camera(),
            &correspondences,
            &RansacConfig::default(),
            &mut Rng::new(9),
        )
    };
    assert_eq!(run(), run());
}
