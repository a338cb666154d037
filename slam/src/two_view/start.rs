//! The start of a map from two views, or the reason why it has to wait.
//!
//! In: pairs of pixels of the same points in two pictures of one camera. Out: the pose of the second camera with a
//! baseline of length 1, and the points. The model is chosen as in Mur-Artal, Montiel and Tardós, "ORB-SLAM", T-RO
//! 2015, section IV; that a rotation alone explains the pairs is tested apart, and refused.

use nalgebra::{Isometry3, Matrix3, UnitQuaternion, Vector2, Vector3};

use super::pair::Pair;
use super::triangulate::{View, parallax_rad, triangulate, triangulate_two};
use super::{essential, homography, rotation};
use crate::camera::Camera;
use crate::ransac::Rng;

/// Settings of [`start`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StartConfig {
    /// The standard deviation of a position in x and in y, in both pictures.
    pub sigma_px: f64,
    /// The most samples drawn for each model.
    pub max_iterations: usize,
    /// The probability wanted that a sample without outliers was among those drawn.
    pub confidence: f64,
    /// The fewest points that must agree and lie in front of both cameras.
    pub min_inliers: usize,
    /// The smallest median angle between the rays to a point.
    pub min_parallax_rad: f64,
    /// How many times more variance than the model a rotation alone must leave, for many pairs; it is about 1 after a
    /// turn, and up to 4 if the focal length is a tenth off.
    pub min_rotation_excess: f64,
    /// The share of the homography's score in both scores from which on the scene counts as a plane. With normal noise
    /// it is 0.45 for an exact plane.
    pub planar_share: f64,
}

impl Default for StartConfig {
    fn default() -> Self {
        Self {
            sigma_px: 1.0,
            max_iterations: 300,
            confidence: 0.999,
            min_inliers: 40,
            min_parallax_rad: 0.0175,
            min_rotation_excess: 3.0,
            planar_share: 0.40,
        }
    }
}

/// Which constraint between the views the pose comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Model {
    /// A scene with depth.
    Essential,
    /// A plane.
    Homography,
}

/// Two views put together.
#[derive(Debug, Clone, PartialEq)]
pub struct TwoViewStart {
    /// The pose, with a baseline of length 1.
    pub second_from_first: Isometry3<f64>,
    /// For each pair its point in the first camera's frame, if it is an inlier whose rays meet well enough.
    pub points_in_first: Vec<Option<Vector3<f64>>>,
    /// The pairs that agree with the pose, rising.
    pub inliers: Vec<u32>,
    /// Where the pose comes from.
    pub model: Model,
    /// The median angle between the rays to the inliers.
    pub median_parallax_rad: f64,
    /// How many times more variance than this pose a rotation alone leaves.
    pub rotation_excess: f64,
    /// Root of the mean squared distance of the inliers to the epipolar constraint.
    pub rmse_px: f64,
}

/// Why two views do not start a map.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum StartRefusal {
    /// There are not enough pairs.
    TooFewPoints {
        /// Pairs needed.
        required: usize,
        /// Pairs that the camera's model reaches.
        actual: usize,
    },
    /// No pose is agreed on by enough pairs.
    TooFewInliers {
        /// Inliers needed.
        required: usize,
        /// Inliers of the best pose.
        actual: usize,
    },
    /// The camera turned but did not move, or not far enough for this scene.
    NoParallax {
        /// The rotation that explains most pairs.
        second_from_first: UnitQuaternion<f64>,
    },
    /// Two poses explain the pairs alike.
    Ambiguous,
}

/// Puts two views together.
///
/// # Errors
/// The reason why that is not possible, or would not be safe, yet.
pub fn start(
    camera: &Camera,
    pairs: &[(Vector2<f64>, Vector2<f64>)],
    config: &StartConfig,
    rng: &mut Rng,
) -> Result<TwoViewStart, StartRefusal> {
    let required = config.min_inliers.max(8);
    let usable: Vec<Pair> = pairs
        .iter()
        .enumerate()
        .filter_map(|(index, pair)| Pair::new(camera, index, pair))
        .collect();
    if usable.len() < required {
        let actual = usable.len();
        return Err(StartRefusal::TooFewPoints { required, actual });
    }
    let nothing = StartRefusal::TooFewInliers {
        required,
        actual: 0,
    };
    let limits = Limits::new(config.sigma_px);

    let turn =
        rotation::ransac(&usable, limits.transfer, config.max_iterations, rng).ok_or(nothing)?;
    let no_parallax = StartRefusal::NoParallax {
        second_from_first: turn,
    };
    if rotation_share(&usable, &turn, limits.transfer) >= ROTATION_SHARE {
        return Err(no_parallax);
    }

    let search = (config.max_iterations, config.confidence);
    let by_essential = essential::ransac(&usable, limits.epipolar, search.0, search.1, rng);
    let by_homography = homography::ransac(&usable, limits.transfer, search.0, search.1, rng);
    let essential_score = by_essential
        .as_ref()
        .map_or(0.0, |pose| limits.essential_score(&usable, pose));
    let homography_score = by_homography
        .as_ref()
        .map_or(0.0, |matrix| limits.homography_score(&usable, matrix));
    let planar = homography_score > config.planar_share * (homography_score + essential_score);

    let (model, candidates) = match (by_essential, by_homography) {
        (_, Some(matrix)) if planar => (
            Model::Homography,
            planar_candidates(&usable, &matrix, &limits).ok_or(no_parallax)?,
        ),
        (Some(pose), _) => (
            Model::Essential,
            general_candidates(&usable, &pose, &limits).ok_or(nothing)?,
        ),
        _ => return Err(nothing),
    };
    let mut judged: Vec<Judged> = candidates
        .iter()
        .map(|pose| Judged::new(&usable, pose, &limits))
        .collect();
    judged.sort_by_key(|judged| core::cmp::Reverse(judged.front.len()));
    let [best, second, ..] = &judged[..] else {
        return Err(nothing);
    };

    let excess = best.rotation_excess(&usable, &turn, &limits);
    // The fewer the pairs, the more the ratio of two variances varies by chance.
    let chance = 6.0 / (best.agreeing.len() as f64).sqrt();
    if !(excess >= config.min_rotation_excess + chance) {
        return Err(no_parallax);
    }
    if best.front.len() < required {
        let actual = best.front.len();
        return Err(StartRefusal::TooFewInliers { required, actual });
    }
    if second.front.len() as f64 > AMBIGUOUS_SHARE * best.front.len() as f64 {
        return Err(StartRefusal::Ambiguous);
    }
    let median_parallax_rad = best.median_parallax_rad();
    if !(median_parallax_rad >= config.min_parallax_rad) {
        return Err(no_parallax);
    }
    let mut started = best.finish(camera, pairs, &usable, config.sigma_px);
    started.model = model;
    started.median_parallax_rad = median_parallax_rad;
    started.rotation_excess = excess;
    Ok(started)
}

/// The share of all pairs from which on a rotation that explains them ends the search at once.
const ROTATION_SHARE: f64 = 0.85;

/// A second pose with more than this share of the best one's points in front is a rival.
const AMBIGUOUS_SHARE: f64 = 0.8;

/// Nearer than this share of the median distance a pair is a wrong one rather than a point.
const MAX_PARALLAX_RATIO: f64 = 5.0;

/// Squared distances in pixels.
struct Limits {
    variance: f64,
    /// To the epipolar constraint: 95% of a chi-squared distribution with one degree of freedom.
    epipolar: f64,
    /// Between a position and one that was taken over from the other picture, both noisy: 95%, two degrees.
    transfer: f64,
    /// Where the robust fits give up a pair: Tukey's biweight at 4.685 standard deviations has 95% efficiency.
    fit: f64,
}

impl Limits {
    fn new(sigma_px: f64) -> Self {
        let variance = sigma_px * sigma_px;
        Self {
            variance,
            epipolar: 3.84 * variance,
            transfer: 5.99 * 2.0 * variance,
            fit: 21.9 * variance,
        }
    }

    /// Mur-Artal's equation 2 for the essential matrix: both distances, in variances of their difference.
    fn essential_score(&self, pairs: &[Pair], pose: &Isometry3<f64>) -> f64 {
        let matrix = essential::from_pose(pose);
        pairs
            .iter()
            .flat_map(|pair| pair.epipolar_squared(&matrix))
            .map(|squared| squared / (2.0 * self.variance))
            .filter(|chi2| *chi2 < 3.84)
            .map(|chi2| 5.99 - chi2)
            .sum()
    }

    /// The same for the homography.
    fn homography_score(&self, pairs: &[Pair], matrix: &Matrix3<f64>) -> f64 {
        let Some(inverse) = matrix.try_inverse() else {
            return 0.0;
        };
        pairs
            .iter()
            .flat_map(|pair| homography::squared(pair, matrix, &inverse))
            .map(|squared| squared / (2.0 * self.variance))
            .filter(|chi2| *chi2 < 5.99)
            .map(|chi2| 5.99 - chi2)
            .sum()
    }
}

fn rotation_share(pairs: &[Pair], turn: &UnitQuaternion<f64>, limit: f64) -> f64 {
    let matrix = *turn.to_rotation_matrix().matrix();
    let within = pairs
        .iter()
        .filter(|pair| rotation::squared(pair, &matrix) <= limit)
        .count();
    within as f64 / pairs.len() as f64
}

/// The four poses of the refined essential matrix.
fn general_candidates(
    pairs: &[Pair],
    pose: &Isometry3<f64>,
    limits: &Limits,
) -> Option<Vec<Isometry3<f64>>> {
    let four = |pose: &Isometry3<f64>| essential::decompose(&essential::from_pose(pose));
    let rough = essential::refine(pairs.iter(), pose, limits.fit, 20);
    let best = four(&rough)?
        .map(|pose| Judged::new(pairs, &pose, limits))
        .into_iter()
        .max_by_key(|judged| judged.front.len())?;
    // A wrong pair that happens to lie along its epipolar line pulls in proportion to its parallax: those far off or
    // behind, that only the model's sign could tell, go before the last fit.
    let limit_rad = MAX_PARALLAX_RATIO * best.median_parallax_rad();
    let believable = pairs.iter().filter(|pair| {
        let parallax = parallax_rad(&pair.first, &(best.pose.rotation.inverse() * pair.second));
        let in_front = triangulate_two(&best.pose, &pair.first, &pair.second).is_some();
        parallax
            <= if in_front {
                limit_rad
            } else {
                0.05 * limit_rad
            }
    });
    let refined = essential::refine(believable, &best.pose, limits.fit, 20);
    Some(four(&refined)?.to_vec())
}

/// The two poses of the refined homography, each refined on where it has points beside the plane.
fn planar_candidates(
    pairs: &[Pair],
    matrix: &Matrix3<f64>,
    limits: &Limits,
) -> Option<Vec<Isometry3<f64>>> {
    // Two noisy positions stand in each distance.
    let refined = homography::refine(pairs.iter(), matrix, 2.0 * limits.fit, 20);
    let agrees =
        |pair: &&Pair| pair.off_second(&(refined * pair.first)).norm_squared() <= limits.transfer;
    let toward: Vector3<f64> = pairs.iter().filter(agrees).map(|pair| pair.first).sum();
    let solutions = homography::decompose(&refined, &toward)?;
    let on_plane = pairs.iter().filter(agrees).count();
    solutions
        .iter()
        .map(|solution| {
            let mut pose = solution.second_from_first;
            pose.translation.vector = pose.translation.vector.try_normalize(1e-9)?;
            let essential = essential::from_pose(&pose);
            let beside = pairs
                .iter()
                .filter(|pair| pair.sampson_squared(&essential) <= limits.epipolar && !agrees(pair))
                .count();
            // By chance a few wrong pairs agree with any pose; points beside the plane are many.
            if beside * 10 > on_plane {
                pose = essential::refine(pairs.iter(), &pose, limits.fit, 20);
            }
            Some(pose)
        })
        .collect()
}

/// A pair in front of both cameras.
struct Front {
    /// Among the usable pairs.
    pair: usize,
    parallax_rad: f64,
}

/// A pose and what speaks for it.
struct Judged {
    pose: Isometry3<f64>,
    essential: Matrix3<f64>,
    /// The pairs that agree, wherever their rays meet.
    agreeing: Vec<usize>,
    front: Vec<Front>,
}

impl Judged {
    fn new(pairs: &[Pair], pose: &Isometry3<f64>, limits: &Limits) -> Self {
        let essential = essential::from_pose(pose);
        let (mut agreeing, mut front) = (Vec::new(), Vec::new());
        let first_from_second = pose.rotation.inverse();
        for (k, pair) in pairs.iter().enumerate() {
            if !(pair.sampson_squared(&essential) <= limits.epipolar) {
                continue;
            }
            agreeing.push(k);
            if triangulate_two(pose, &pair.first, &pair.second).is_some() {
                let second = first_from_second * pair.second;
                front.push(Front {
                    pair: k,
                    parallax_rad: parallax_rad(&pair.first, &second),
                });
            }
        }
        let mut judged = Self {
            pose: *pose,
            essential,
            agreeing,
            front,
        };
        let limit_rad = MAX_PARALLAX_RATIO * judged.median_parallax_rad();
        judged.front.retain(|front| front.parallax_rad <= limit_rad);
        judged
    }

    fn median_parallax_rad(&self) -> f64 {
        median(self.front.iter().map(|front| front.parallax_rad))
    }

    /// How many times more variance a rotation, fitted to the very pairs that agree with this pose, leaves than the
    /// pose does; about 1 for a turn alone. Both are told by the mean of the smaller distances, so that neither the
    /// noise's size nor wrong pairs matter.
    fn rotation_excess(&self, pairs: &[Pair], turn: &UnitQuaternion<f64>, limits: &Limits) -> f64 {
        let agreeing = self.agreeing.iter().map(|&k| &pairs[k]);
        // From near starts and from wide ones: the best rotation must not be missed.
        let by_rotation = [(turn, 4.0), (turn, 100.0), (&self.pose.rotation, 100.0)]
            .into_iter()
            .flat_map(|(from, widening)| {
                let wide = rotation::refine(agreeing.clone(), from, widening * limits.transfer, 10);
                let fitted = rotation::refine(agreeing.clone(), &wide, 4.0 * limits.transfer, 10);
                [wide, fitted]
            })
            .map(|rotation| {
                let matrix = *rotation.to_rotation_matrix().matrix();
                trimmed_mean(
                    agreeing
                        .clone()
                        .map(|pair| rotation::squared(pair, &matrix)),
                )
            })
            .fold(f64::INFINITY, f64::min);
        let by_pose = trimmed_mean(agreeing.map(|pair| pair.sampson_squared(&self.essential)));
        // The means of the lower nine tenths of chi-squared distributions with two degrees of freedom and with one.
        let rotation_variance = by_rotation / (2.0 * 1.488);
        let pose_variance = (by_pose / 0.623).max(0.04 * limits.variance);
        rotation_variance / pose_variance
    }

    /// The pose with its points; what the caller knows is left for it to fill in.
    fn finish(
        &self,
        camera: &Camera,
        pixels: &[(Vector2<f64>, Vector2<f64>)],
        pairs: &[Pair],
        sigma_px: f64,
    ) -> TwoViewStart {
        let mut points_in_first = vec![None; pixels.len()];
        let mut squared_sum = 0.0;
        for front in &self.front {
            let pair = &pairs[front.pair];
            squared_sum += pair.sampson_squared(&self.essential);
            let (first, second) = pixels[pair.index];
            let view = |camera_from_world, position_px| View {
                camera_from_world,
                camera,
                position_px,
                sigma_px,
            };
            let found = triangulate(&[view(Isometry3::identity(), first), view(self.pose, second)]);
            points_in_first[pair.index] = found
                .filter(|found| {
                    // A depth known to better than half of itself.
                    let depth = found.point_in_world.norm();
                    let along = found.point_in_world / depth;
                    along.dot(&(found.covariance * along)) < 0.25 * depth * depth
                })
                .map(|found| found.point_in_world);
        }
        TwoViewStart {
            second_from_first: self.pose,
            points_in_first,
            inliers: self
                .front
                .iter()
                .map(|front| pairs[front.pair].index as u32)
                .collect(),
            model: Model::Essential,
            median_parallax_rad: f64::NAN,
            rotation_excess: f64::NAN,
            rmse_px: (squared_sum / self.front.len().max(1) as f64).sqrt(),
        }
    }
}

/// The mean of the smaller nine tenths; not a number for nothing.
fn trimmed_mean(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    let kept = (values.len() * 9).div_ceil(10);
    values.sort_unstable_by(f64::total_cmp);
    values[..kept].iter().sum::<f64>() / kept as f64
}

/// The upper median; not a number for nothing.
fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    if values.is_empty() {
        return f64::NAN;
    }
    let middle = values.len() / 2;
    *values.select_nth_unstable_by(middle, f64::total_cmp).1
}

#[cfg(test)]
mod tests;
