//! Every derivative against differences of the function, by a check that fails.

use nalgebra::{Isometry3, Matrix6, SMatrix, SVector, UnitQuaternion, Vector3, Vector6};

use crate::bundle::linearize::{
    Measurement, UnfoldedPose, linearize, prior_jacobian, prior_residual, stepped_camera,
    stepped_pose,
};
use crate::bundle::problem::{PosePrior, RobustKernel};
use crate::camera::{Camera, Distortion};
use crate::check::assert_jacobian;
use crate::ransac::Rng;

/// [`assert_jacobian`] for rows of numbers.
fn assert_derivative<const ROWS: usize, const COLUMNS: usize>(
    name: &str,
    derivative: [[f64; COLUMNS]; ROWS],
    function: impl Fn([f64; COLUMNS]) -> [f64; ROWS],
) {
    let analytic = SMatrix::from_fn(|row, column| derivative[row][column]);
    let function = |argument: &SVector<f64, COLUMNS>| {
        SVector::from(function(std::array::from_fn(|k| argument[k])))
    };
    assert_jacobian(name, &analytic, function, 1e-6, 1e-6);
}

fn pose(random: &mut Rng, turn: f64) -> Isometry3<f64> {
    let mut vector = |scale| Vector3::from_fn(|_, _| scale * random.normal());
    let (shift, turn) = (vector(0.5), vector(turn));
    Isometry3::from_parts(shift.into(), UnitQuaternion::from_scaled_axis(turn))
}

#[test]
fn derivatives_of_an_observation() {
    let mut random = Rng::new(3);
    let plain = Camera::from_horizontal_fov([640, 480], 1.1);
    let radial = Camera {
        focal_px: [500.0, 510.0],
        distortion: Distortion::Radial([-0.05, 0.0]),
        ..plain
    };
    let fisheye = Camera {
        distortion: Distortion::Fisheye([-0.02, 0.005, 0.0, 0.0]),
        ..plain
    };
    let tangential = Camera {
        distortion: Distortion::RadialTangential([-0.1, 0.02, 0.002, -0.001]),
        ..plain
    };
    for camera in [plain, radial, fisheye, tangential] {
        for _ in 0..20 {
            let pose = pose(&mut random, 0.2);
            let in_camera = Vector3::new(
                random.range(-1.0, 1.0),
                random.range(-1.0, 1.0),
                random.range(2.0, 4.0),
            );
            let point = pose.inverse_transform_point(&in_camera.into()).coords;
            let measurement = Measurement {
                position_px: [310.0, 250.0],
                inverse_sigma: 0.5,
            };
            let residual = |camera: &Camera, pose: &Isometry3<f64>, point: &Vector3<f64>| {
                let pose = UnfoldedPose::new(pose, 0);
                linearize(camera, &pose, point, &measurement, RobustKernel::None)
                    .expect("the point is in front of the camera")
                    .residual
            };
            let unfolded = UnfoldedPose::new(&pose, 0);
            let linear = linearize(&camera, &unfolded, &point, &measurement, RobustKernel::None)
                .expect("the point is in front of the camera");
            assert_derivative("pose", linear.by_pose, |step| {
                residual(&camera, &stepped_pose(&pose, &step), &point)
            });
            assert_derivative("point", linear.by_point, |step| {
                residual(&camera, &pose, &(point + Vector3::from(step)))
            });
            assert_derivative("intrinsics", linear.by_intrinsics, |step| {
                residual(&stepped_camera(&camera, step), &pose, &point)
            });
        }
    }
}

#[test]
fn derivative_of_a_prior() {
    let mut random = Rng::new(4);
    for turn in [1e-6, 0.3, 1.0] {
        let prior = PosePrior {
            view: 0,
            camera_from_world: pose(&mut random, 0.5),
            information: Matrix6::identity(),
        };
        let at = pose(&mut random, turn) * prior.camera_from_world;
        let jacobian = prior_jacobian(&prior_residual(&prior, &at));
        let rows = std::array::from_fn(|row| std::array::from_fn(|column| jacobian[(row, column)]));
        assert_derivative::<6, 6>("prior", rows, |step| {
            let residual: Vector6<f64> = prior_residual(&prior, &stepped_pose(&at, &step));
            residual.into()
        });
    }
}

#[test]
fn weights_are_derivatives_of_robust_costs() {
    for kernel in [
        RobustKernel::None,
        RobustKernel::Huber(2.0),
        RobustKernel::Cauchy(1.5),
    ] {
        for squared in [0.01, 1.0, 3.9, 4.1, 50.0, 1e4] {
            let (_, weight) = kernel.cost_and_weight(squared);
            assert_derivative("weight", [[weight]], |[step]| {
                [kernel.cost_and_weight(squared + step).0]
            });
        }
    }
}
