//! A pose from nothing but correspondences, many of which may be wrong.
//!
//! In: points and pixels. Out: the pose on which most agree. Samples of three (P3P) are scored by their truncated
//! squared errors (Torr and Zisserman's MSAC), each new best is refined over its inliers (Chum, Matas and Kittler,
//! "Locally optimized RANSAC", 2003).

use nalgebra::{Isometry3, Vector3};

use super::refine::{RefineConfig, refine_pose};
use super::{Correspondence, p3p};
use crate::camera::Camera;
use crate::ransac::{Rng, samples_needed};

/// Settings of [`locate`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RansacConfig {
    /// The most samples drawn.
    pub max_iterations: usize,
    /// The largest distance in pixels of an inlier.
    pub threshold_px: f64,
    /// The fewest inliers with which a pose is returned.
    pub min_inliers: usize,
    /// The probability wanted that a sample without outliers was among those drawn.
    pub confidence: f64,
}

impl Default for RansacConfig {
    fn default() -> Self {
        Self {
            max_iterations: 300,
            threshold_px: 4.0,
            min_inliers: 12,
            confidence: 0.999,
        }
    }
}

/// A pose found.
#[derive(Debug, Clone, PartialEq)]
pub struct Located {
    /// The pose.
    pub camera_from_world: Isometry3<f64>,
    /// The correspondences that agree with it, rising.
    pub inliers: Vec<u32>,
}

/// Finds the pose on which most correspondences agree. None where fewer than asked for do.
#[must_use]
pub fn locate(
    camera: &Camera,
    correspondences: &[Correspondence],
    config: &RansacConfig,
    rng: &mut Rng,
) -> Option<Located> {
    let min_inliers = config.min_inliers.max(4);
    if correspondences.len() < min_inliers {
        return None;
    }
    let directions: Vec<Option<Vector3<f64>>> = correspondences
        .iter()
        .map(|c| camera.unproject(c.position_px))
        .collect();
    let mut search = Search {
        camera,
        correspondences,
        limit: config.threshold_px * config.threshold_px,
        chosen: Vec::with_capacity(correspondences.len()),
        flags: Vec::with_capacity(correspondences.len()),
    };
    let mut best: Option<(Score, Isometry3<f64>)> = None;
    let mut needed = config.max_iterations;
    let mut drawn = 0;
    while drawn < needed {
        drawn += 1;
        let sample: [usize; 4] = rng.sample(correspondences.len())?;
        let [Some(a), Some(b), Some(c)] = [0, 1, 2].map(|k| directions[sample[k]]) else {
            continue;
        };
        let points = [0, 1, 2].map(|k| correspondences[sample[k]].point_in_world);
        let (count, poses) = p3p::solve(&[a, b, c], &points);
        for pose in &poses[..count] {
            let bound = best.as_ref().map_or(f64::INFINITY, |(score, _)| score.cost);
            let Some(score) = search.score(pose, bound) else {
                continue;
            };
            if score.inliers < 4 {
                continue;
            }
            let (score, pose) = search.improve(pose, score);
            needed = samples_needed(
                score.inliers as f64 / correspondences.len() as f64,
                3,
                config.confidence,
                config.max_iterations,
            );
            best = Some((score, pose));
        }
    }
    let (score, pose) = best?;
    if score.inliers < min_inliers {
        return None;
    }
    let inliers = (0..correspondences.len())
        .filter(|&k| search.squared(&pose, &correspondences[k]) <= search.limit)
        .map(|k| k as u32)
        .collect();
    Some(Located {
        camera_from_world: pose,
        inliers,
    })
}

#[derive(Debug, Clone, Copy)]
struct Score {
    cost: f64,
    inliers: usize,
}

struct Search<'a> {
    camera: &'a Camera,
    correspondences: &'a [Correspondence],
    limit: f64,
    chosen: Vec<Correspondence>,
    flags: Vec<bool>,
}

impl Search<'_> {
    fn squared(&self, pose: &Isometry3<f64>, seen: &Correspondence) -> f64 {
        let point = pose.rotation * seen.point_in_world + pose.translation.vector;
        self.camera
            .project(&point)
            .map_or(f64::INFINITY, |at| (seen.position_px - at).norm_squared())
    }

    /// None as soon as the cost is not under `bound`.
    fn score(&self, pose: &Isometry3<f64>, bound: f64) -> Option<Score> {
        let mut score = Score {
            cost: 0.0,
            inliers: 0,
        };
        for seen in self.correspondences {
            let squared = self.squared(pose, seen);
            score.inliers += usize::from(squared <= self.limit);
            score.cost += squared.min(self.limit);
            if !(score.cost < bound) {
                return None;
            }
        }
        Some(score)
    }

    /// Refines over the inliers, of a wider limit first, as long as that helps.
    fn improve(&mut self, pose: &Isometry3<f64>, score: Score) -> (Score, Isometry3<f64>) {
        let (mut pose, mut score) = (*pose, score);
        for widening in [4.0, 1.0, 1.0] {
            self.chosen.clear();
            for seen in self.correspondences {
                if self.squared(&pose, seen) <= self.limit * widening {
                    self.chosen.push(*seen);
                }
            }
            // The flags and limits of the refinement are not used here: this search has its own, in pixels.
            let config = RefineConfig {
                max_iterations: 8,
                inlier_chi2: f64::MAX,
                final_loss: super::FinalLoss::Huber,
                ..RefineConfig::default()
            };
            let mut flags = core::mem::take(&mut self.flags);
            let refined = refine_pose(self.camera, &pose, &self.chosen, &config, &mut flags);
            self.flags = flags;
            let better = refined.and_then(|refined| {
                let score = self.score(&refined.camera_from_world, score.cost)?;
                Some((score, refined.camera_from_world))
            });
            if let Some(better) = better {
                (score, pose) = better;
            }
        }
        (score, pose)
    }
}

#[cfg(test)]
mod tests;
