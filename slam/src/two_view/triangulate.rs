//! Points from the directions in which two or more cameras see them.
//!
//! In: poses and bearings or pixels. Out: points, with their covariance where pixels are given. What does not meet in
//! front of the cameras is no point.

use nalgebra::{Isometry3, Matrix2x3, Matrix3, Point3, Vector2, Vector3};

use crate::camera::Camera;

/// The angle in radians between two directions of length 1 in the same frame.
#[must_use]
pub fn parallax_rad(first: &Vector3<f64>, second: &Vector3<f64>) -> f64 {
    // Exact for small angles, unlike the arc cosine.
    first.cross(second).norm().atan2(first.dot(second))
}

/// The point in the first camera's frame that is nearest to both rays; the directions have length 1, each in its own
/// camera's frame. None for rays that meet behind a camera or nowhere.
#[must_use]
pub fn triangulate_two(
    second_from_first: &Isometry3<f64>,
    first_direction: &Vector3<f64>,
    second_direction: &Vector3<f64>,
) -> Option<Vector3<f64>> {
    let first_from_second = second_from_first.inverse();
    let baseline = first_from_second.translation.vector;
    let second = first_from_second.rotation * second_direction;
    let cosine = first_direction.dot(&second);
    // 1 - cos^2 without its cancellation.
    let squared_sine = first_direction.cross(&second).norm_squared();
    if !(squared_sine > 1e-14) {
        return None;
    }
    let (along_first, along_second) = (first_direction.dot(&baseline), second.dot(&baseline));
    let first_depth = (along_first - cosine * along_second) / squared_sine;
    let second_depth = (cosine * along_first - along_second) / squared_sine;
    if !(first_depth > 0.0 && second_depth > 0.0) {
        return None;
    }
    // Weighted by the inverse distances, as the angular errors ask for (Lee and Civera, "Triangulation: Why
    // Optimize?", BMVC 2019, equation 10).
    let on_first = first_direction * first_depth;
    let on_second = baseline + second * second_depth;
    let share = second_depth / (first_depth + second_depth);
    Some(on_first * share + on_second * (1.0 - share))
}

/// A camera that sees a point.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// Its pose.
    pub camera_from_world: Isometry3<f64>,
    /// Its lens.
    pub camera: &'a Camera,
    /// Where it sees the point.
    pub position_px: Vector2<f64>,
    /// The standard deviation of `position_px` in x and in y.
    pub sigma_px: f64,
}

/// A triangulated point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Triangulated {
    /// The point.
    pub point_in_world: Vector3<f64>,
    /// Its covariance in squared units of the map, for poses without error.
    pub covariance: Matrix3<f64>,
    /// Sum of the squared errors in variances; a right point's has `2 n - 3` degrees of freedom.
    pub chi2: f64,
    /// Root of the mean squared distance in pixels over the views.
    pub rmse_px: f64,
    /// The largest angle between two of the rays.
    pub parallax_rad: f64,
}

/// The point that two or more views see, of the least squared reprojection errors. None for fewer than two views, for
/// a point that one of them cannot see, or for rays too parallel to meet.
#[must_use]
pub fn triangulate(views: &[View<'_>]) -> Option<Triangulated> {
    let mut point = nearest_to_rays(views)?;
    let mut errors = Errors::at(views, &point)?;
    for _ in 0..10 {
        let step = -errors.hessian.cholesky()?.solve(&errors.gradient);
        let (next, scaled) = shortened(views, &point, &step, errors.chi2)?;
        let small = scaled.norm_squared() <= 1e-18 * next.norm_squared().max(1e-12);
        let better = Errors::at(views, &next)?;
        if better.chi2 <= errors.chi2 {
            (point, errors) = (next, better);
        }
        if small {
            break;
        }
    }
    let covariance = errors.hessian.cholesky()?.inverse();
    let mut parallax = 0.0_f64;
    let ray = |view: &View<'_>| {
        let center = view.camera_from_world.inverse().translation.vector;
        (point - center).try_normalize(0.0)
    };
    for (k, first) in views.iter().enumerate() {
        for second in &views[..k] {
            parallax = parallax.max(parallax_rad(&ray(first)?, &ray(second)?));
        }
    }
    let usable = covariance.iter().all(|c| c.is_finite()) && point.iter().all(|c| c.is_finite());
    usable.then(|| Triangulated {
        point_in_world: point,
        covariance,
        chi2: errors.chi2,
        rmse_px: (errors.squared_px / views.len() as f64).sqrt(),
        parallax_rad: parallax,
    })
}

/// The step, halved until it does not make things worse; nothing of it where no halving helps.
fn shortened(
    views: &[View<'_>],
    point: &Vector3<f64>,
    step: &Vector3<f64>,
    chi2: f64,
) -> Option<(Vector3<f64>, Vector3<f64>)> {
    let mut scaled = *step;
    for _ in 0..8 {
        let next = point + scaled;
        if Errors::at(views, &next).is_some_and(|errors| errors.chi2 <= chi2) {
            return Some((next, scaled));
        }
        scaled *= 0.5;
    }
    point
        .iter()
        .all(|c| c.is_finite())
        .then_some((*point, Vector3::zeros()))
}

/// The point of the least summed squared distances to the rays, solved linearly.
fn nearest_to_rays(views: &[View<'_>]) -> Option<Vector3<f64>> {
    if views.len() < 2 {
        return None;
    }
    // About the first camera's centre, so that a map far from its origin loses no digits.
    let center = |view: &View<'_>| view.camera_from_world.inverse().translation.vector;
    let origin = center(&views[0]);
    let (mut normal, mut right) = (Matrix3::zeros(), Vector3::zeros());
    for view in views {
        let direction = view.camera.unproject(view.position_px)?;
        let direction = view.camera_from_world.rotation.inverse() * direction;
        let across = Matrix3::identity() - direction * direction.transpose();
        normal += across;
        right += across * (center(view) - origin);
    }
    let point = normal.cholesky()?.solve(&right) + origin;
    point.iter().all(|c| c.is_finite()).then_some(point)
}

struct Errors {
    hessian: Matrix3<f64>,
    gradient: Vector3<f64>,
    chi2: f64,
    squared_px: f64,
}

impl Errors {
    /// None where a view cannot see the point.
    fn at(views: &[View<'_>], point: &Vector3<f64>) -> Option<Self> {
        let mut errors = Self {
            hessian: Matrix3::zeros(),
            gradient: Vector3::zeros(),
            chi2: 0.0,
            squared_px: 0.0,
        };
        for view in views {
            let in_camera = view.camera_from_world * Point3::from(*point);
            let seen = view.camera.project_with_jacobian(&in_camera.coords)?;
            let by_point: Matrix2x3<f64> =
                seen.by_point * view.camera_from_world.rotation.to_rotation_matrix();
            let off = seen.position_px - view.position_px;
            let information = 1.0 / (view.sigma_px * view.sigma_px);
            errors.hessian += by_point.transpose() * by_point * information;
            errors.gradient += by_point.transpose() * off * information;
            errors.chi2 += off.norm_squared() * information;
            errors.squared_px += off.norm_squared();
        }
        errors.chi2.is_finite().then_some(errors)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::camera::Distortion;
    use crate::lie::rotation_exp;
    use crate::ransac::Rng;

    fn camera() -> Camera {
        Camera {
            size_px: [640, 480],
            focal_px: [527.7, 527.7],
            center_px: [319.5, 239.5],
            distortion: Distortion::Radial([-0.0244, 0.0]),
        }
    }

    fn views<'a>(
        rng: &mut Rng,
        camera: &'a Camera,
        point: &Vector3<f64>,
        count: usize,
        noise: f64,
    ) -> Vec<View<'a>> {
        let mut views = Vec::new();
        while views.len() < count {
            let pose = Isometry3::from_parts(
                (rng.direction() * 0.3).into(),
                rotation_exp(&(rng.direction() * 0.1)),
            );
            let seen = camera.project(&(pose * Point3::from(*point)).coords);
            if let Some(seen) = seen {
                views.push(View {
                    camera_from_world: pose,
                    camera,
                    position_px: seen + Vector2::new(rng.normal(), rng.normal()) * noise,
                    sigma_px: noise.max(0.1),
                });
            }
        }
        views
    }

    #[test]
    fn exact_rays_meet_at_the_point() {
        let mut rng = Rng::new(1);
        let camera = camera();
        for _ in 0..200 {
            let point = Vector3::new(
                rng.range(-1.0, 1.0),
                rng.range(-1.0, 1.0),
                rng.range(2.0, 5.0),
            );
            let views = views(&mut rng, &camera, &point, 4, 0.0);
            let found = triangulate(&views).unwrap();
            assert!((found.point_in_world - point).norm() < 1e-7);
            assert!(found.rmse_px < 1e-7 && found.parallax_rad > 0.0);
            let second_from_first =
                views[1].camera_from_world * views[0].camera_from_world.inverse();
            let directions = [0, 1].map(|k| camera.unproject(views[k].position_px).unwrap());
            let two = triangulate_two(&second_from_first, &directions[0], &directions[1]).unwrap();
            let expected = (views[0].camera_from_world * Point3::from(point)).coords;
            assert!((two - expected).norm() < 1e-6);
        }
    }

    #[test]
    fn covariance_and_chi2_tell_the_error() {
        let mut rng = Rng::new(2);
        let camera = camera();
        let (mut normalized, mut chi2) = (0.0, 0.0);
        let runs = 2000;
        for _ in 0..runs {
            let point = Vector3::new(
                rng.range(-0.5, 0.5),
                rng.range(-0.5, 0.5),
                rng.range(1.5, 3.0),
            );
            let views = views(&mut rng, &camera, &point, 5, 0.5);
            let found = triangulate(&views).unwrap();
            let error = found.point_in_world - point;
            normalized += error.dot(&(found.covariance.try_inverse().unwrap() * error));
            chi2 += found.chi2;
        }
        let (normalized, chi2) = (normalized / f64::from(runs), chi2 / f64::from(runs));
        // 3 and 2 * 5 - 3 on average, up to the depth's skewness.
        assert!((2.7..3.4).contains(&normalized), "{normalized}");
        assert!((6.6..7.4).contains(&chi2), "{chi2}");
    }

    #[test]
    fn rays_that_do_not_meet_in_front_are_no_point() {
        let second_from_first = Isometry3::translation(-0.2, 0.0, 0.0);
        let ahead = Vector3::z();
        let left = Vector3::new(-0.1, 0.0, 1.0).normalize();
        assert!(triangulate_two(&second_from_first, &ahead, &left).is_some());
        // They would meet behind, or never.
        assert_eq!(triangulate_two(&second_from_first, &left, &ahead), None);
        assert_eq!(triangulate_two(&second_from_first, &ahead, &ahead), None);
        let nan = Vector3::repeat(f64::NAN);
        assert_eq!(triangulate_two(&second_from_first, &ahead, &nan), None);

        let camera = camera();
        let view = |x: f64, px: f64| View {
            camera_from_world: Isometry3::translation(x, 0.0, 0.0),
            camera: &camera,
            position_px: Vector2::new(px, 240.0),
            sigma_px: 1.0,
        };
        assert_eq!(triangulate(&[]), None);
        assert_eq!(triangulate(&[view(0.0, 320.0)]), None);
        assert_eq!(triangulate(&[view(0.0, 320.0), view(0.0, 320.0)]), None);
        assert_eq!(triangulate(&[view(0.0, 320.0), view(-0.2, 350.0)]), None);
        assert_eq!(triangulate(&[view(0.0, f64::NAN), view(-0.2, 300.0)]), None);
    }

    #[test]
    fn small_angles_keep_their_digits() {
        let first = Vector3::z();
        let second = Vector3::new(1e-9, 0.0, 1.0).normalize();
        assert!((parallax_rad(&first, &second) - 1e-9).abs() < 1e-20);
        assert!((parallax_rad(&first, &-first) - core::f64::consts::PI).abs() < 1e-15);
    }
}
