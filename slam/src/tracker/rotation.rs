//! How the camera turned between two frames, from tracks alone: what is left where there is no position.

use nalgebra::{Matrix3, UnitQuaternion, Vector3};

/// Rays further than this from the rotation count less and less.
const SOFT_LIMIT_RAD: f64 = 0.004;

/// The rotation that takes the later rays to the earlier ones, `earlier_from_later`, by reweighted least squares (Huber
/// weights around Horn's closed form, J. Opt. Soc. Am. 1987, solved by Newton steps on the rotation). None for fewer
/// than 8 pairs. Rays have length 1.
pub(super) fn turn_between(
    pairs: &[(Vector3<f64>, Vector3<f64>)],
    start: UnitQuaternion<f64>,
) -> Option<UnitQuaternion<f64>> {
    const ROUNDS: usize = 8;
    if pairs.len() < 8 {
        return None;
    }
    let mut turn = start;
    for _ in 0..ROUNDS {
        let mut normal = Matrix3::zeros();
        let mut right = Vector3::zeros();
        for (earlier, later) in pairs {
            let turned = turn * later;
            let error = earlier - turned;
            let weight = 1.0 / (error.norm() / SOFT_LIMIT_RAD).max(1.0);
            // d(exp(w) turned)/dw = -[turned]x
            let jacobian = -turned.cross_matrix();
            normal += jacobian.tr_mul(&jacobian) * weight;
            right += jacobian.tr_mul(&error) * weight;
        }
        let step = (normal + Matrix3::identity() * 1e-9).try_inverse()? * right;
        turn = UnitQuaternion::from_scaled_axis(step) * turn;
        if step.norm() < 1e-8 {
            break;
        }
    }
    let inverse_finite = turn.coords.iter().all(|c| c.is_finite());
    inverse_finite.then_some(turn)
}
