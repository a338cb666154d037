//! A plane as the finder keeps it: its points, its shape, and how it follows them.

use nalgebra::{Isometry3, Matrix3, Rotation3, Translation3, UnitQuaternion, Vector2, Vector3};

use super::fit::{Fit, Flat, fit};
use super::polygon;
use super::random::Random;
use super::sample::Sample;
use super::{Plane, PlaneId, PlaneKind};
use crate::map::LandmarkId;

/// A point is let go farther off than this, in standard deviations; taken nearer than [`TAKE_DEVIATIONS`].
const KEEP_DEVIATIONS: f64 = 4.0;

/// A point is taken nearer than this, in standard deviations.
pub(crate) const TAKE_DEVIATIONS: f64 = 2.5;

/// Planes are bridged over gaps of this many mean spacings of their points, ...
const LINK_SPACINGS: f64 = 2.0;

/// ... which is at least and at most these shares of the depth.
const LINK_DEPTHS: [f64; 2] = [0.02, 0.2];

/// A plane that is nearly across a known direction is, ...
const STRAIGHTENED_RAD: f64 = 0.1;

/// ... if that costs it no more than a few of its points.
const STRAIGHT_SHARE: f64 = 0.9;

/// A landmark on a plane.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Member {
    pub(crate) id: LandmarkId,
    /// Its sample in this update.
    pub(crate) index: usize,
    /// `(x, z)` in the plane's frame at the last update.
    at: Vector2<f64>,
}

/// A plane.
#[derive(Debug, Clone)]
pub(crate) struct Surface {
    pub(crate) id: PlaneId,
    pub(crate) fit: Fit,
    /// Sorted by id.
    pub(crate) members: Vec<Member>,
    pub(crate) world_from_plane: Isometry3<f64>,
    /// Convex, counterclockwise in `(x, z)`, which is clockwise for who looks at the plane.
    pub(crate) outline: Vec<Vector2<f64>>,
    /// Gaps up to this length belong to it, map units.
    pub(crate) link: f64,
    /// The share of points that are seen through it, to its own, where that is not made up for.
    pub(crate) seen_through: f64,
    /// Updates in a row in which it looked wrong.
    pub(crate) strikes: u32,
}

impl Surface {
    /// A plane on samples.
    pub(crate) fn new(
        id: PlaneId,
        fit: Fit,
        indices: &[usize],
        seen_through: f64,
        samples: &[Sample],
    ) -> Self {
        let members = indices
            .iter()
            .map(|&index| Member {
                id: samples[index].id,
                index,
                at: Vector2::zeros(),
            })
            .collect();
        let mut surface = Self {
            id,
            world_from_plane: frame(&fit.middle, &fit.flat.normal, &any_across(&fit.flat.normal)),
            fit,
            members,
            outline: Vec::new(),
            link: 0.0,
            seen_through,
            strikes: 0,
        };
        surface.sort();
        surface.shape(samples);
        surface
    }

    /// Finds the members among the samples of this update, all sorted by id; forgets those that are gone.
    pub(crate) fn find_members(&mut self, samples: &[Sample]) {
        let mut rest = samples;
        let mut passed = 0;
        self.members.retain_mut(|member| {
            let ahead = rest.partition_point(|sample| sample.id < member.id);
            rest = &rest[ahead..];
            passed += ahead;
            member.index = passed;
            rest.first().is_some_and(|sample| sample.id == member.id)
        });
    }

    /// Fits the plane to where its points are now and lets go of those that left it. Whether there still is a plane.
    pub(crate) fn follow(&mut self, samples: &[Sample], noise: f64, random: &mut Random) -> bool {
        let Some(start) = self.start(samples, noise, random) else {
            return false;
        };
        let members = self.members.iter().map(|member| &samples[member.index]);
        let Some(fitted) = fit(members, Some(start), 2) else {
            return false;
        };
        self.fit = fitted;
        let flat = fitted.flat;
        self.members.retain(|member| {
            let sample = &samples[member.index];
            flat.holds(sample, KEEP_DEVIATIONS * noise) && sample.faces(&flat.normal)
        });
        self.members.len() >= 3
    }

    /// Lays the plane across a direction that a larger surface has, if it holds about as many of its points; whether
    /// it does. Adds the residuals it took to `spent`.
    pub(crate) fn straighten(
        &mut self,
        direction: &Vector3<f64>,
        samples: &[Sample],
        noise: f64,
        spent: &mut u64,
    ) -> bool {
        if self.fit.flat.normal.dot(direction) < STRAIGHTENED_RAD.cos() {
            return false;
        }
        *spent += 3 * self.members.len() as u64;
        let members = || self.members.iter().map(|member| &samples[member.index]);
        let held = |flat: &Flat| {
            let near = members().filter(|sample| flat.holds(sample, TAKE_DEVIATIONS * noise));
            near.count()
        };
        let (mut weights, mut sum) = (0.0, 0.0);
        for sample in members().filter(|s| self.fit.flat.holds(s, TAKE_DEVIATIONS * noise)) {
            let weight = 1.0 / sample.variance_along(direction);
            weights += weight;
            sum += weight * direction.dot(&sample.point);
        }
        let straight = Flat {
            normal: *direction,
            offset: sum / weights,
        };
        let needed = STRAIGHT_SHARE * held(&self.fit.flat) as f64;
        let agrees = weights > 0.0 && held(&straight) as f64 >= needed;
        if agrees {
            self.fit.flat = straight;
        }
        agrees
    }

    /// Lays the frame, the outline and the members' places anew.
    pub(crate) fn shape(&mut self, samples: &[Sample]) {
        let normal = self.fit.flat.normal;
        let x_before = self.world_from_plane.rotation * Vector3::x();
        let mut new_frame = frame(&self.fit.middle, &normal, &x_before);
        let turn = self.turn_since(&new_frame, samples);
        let (sin, cos) = turn.sin_cos();
        let axes = new_frame.rotation.to_rotation_matrix();
        let x = axes * Vector3::new(cos, 0.0, sin);
        new_frame = frame(&self.fit.middle, &normal, &x);

        self.outline(&new_frame, samples);
        if let Some(middle) = polygon::middle(&self.outline) {
            let shift = Vector3::new(middle.x, 0.0, middle.y);
            new_frame.translation.vector += new_frame.rotation * shift;
            for corner in &mut self.outline {
                *corner -= middle;
            }
        }
        for member in &mut self.members {
            member.at = within(&new_frame, &samples[member.index].point);
        }
        self.world_from_plane = new_frame;
        let depth = self
            .members
            .iter()
            .map(|member| samples[member.index].depth)
            .sum::<f64>()
            / self.members.len().max(1) as f64;
        self.link = link(polygon::area(&self.outline), self.members.len(), depth);
    }

    /// Takes members, each an index of a sample.
    pub(crate) fn take(&mut self, index: usize, samples: &[Sample]) {
        let sample = &samples[index];
        self.members.push(Member {
            id: sample.id,
            index,
            at: within(&self.world_from_plane, &sample.point),
        });
    }

    /// Drops the members that are not on the plane, and gives the indices of their samples.
    pub(crate) fn let_go(&mut self, samples: &[Sample], noise: f64) -> Vec<usize> {
        let flat = self.fit.flat;
        let mut dropped = Vec::new();
        self.members.retain(|member| {
            let held = flat.holds(&samples[member.index], KEEP_DEVIATIONS * noise);
            if !held {
                dropped.push(member.index);
            }
            held
        });
        dropped
    }

    /// Brings the members into the order of their ids.
    pub(crate) fn sort(&mut self) {
        self.members.sort_by_key(|member| member.id);
    }

    /// How far beside the outline the foot of a point is.
    pub(crate) fn outside(&self, point: &Vector3<f64>) -> f64 {
        polygon::distance_outside(&self.outline, &within(&self.world_from_plane, point))
    }

    /// Writes what the public may know.
    pub(crate) fn publish(
        &self,
        down_in_world: Option<Vector3<f64>>,
        noise: f64,
        plane: &mut Plane,
    ) {
        plane.id = self.id;
        plane.world_from_plane = self.world_from_plane;
        plane.normal = self.fit.flat.normal;
        plane.kind = kind(&self.fit, down_in_world);
        plane.polygon.clear();
        plane.polygon.extend(self.outline.iter().rev());
        plane.area = polygon::area(&self.outline);
        plane.rms = self.fit.rms;
        plane.sigma_normal_rad = self.fit.sigma_normal_rad;
        plane.sigma_offset = self.fit.sigma_offset;
        plane.points.clear();
        plane
            .points
            .extend(self.members.iter().map(|member| member.id));
        plane.confidence = self.confidence(noise);
    }

    fn confidence(&self, noise: f64) -> f64 {
        let count = self.members.len() as f64;
        let support = 1.0 - (-(count - 4.0).max(0.0) / 12.0).exp();
        let solid = (1.0 - 2.0 * self.seen_through).clamp(0.0, 1.0);
        let thin = (1.5 * noise / self.fit.spread.max(1e-9)).min(1.0);
        let sure = 1.0 / (1.0 + (self.fit.sigma_normal_rad / 0.05).powi(2));
        support * solid * thin * sure
    }

    /// Where the fit begins: the plane as it was if most members are still on it, else through where they are now.
    fn start(&self, samples: &[Sample], noise: f64, random: &mut Random) -> Option<Flat> {
        let members = || self.members.iter().map(|member| &samples[member.index]);
        let held = |flat: &Flat| {
            members()
                .filter(|sample| flat.holds(sample, KEEP_DEVIATIONS * noise))
                .count()
        };
        let count = self.members.len();
        if count < 3 {
            return None;
        }
        let mut best = (held(&self.fit.flat), self.fit.flat);
        if 10 * best.0 >= 9 * count {
            return Some(best.1);
        }
        if let Some(fitted) = fit(members(), None, 4) {
            best = best_of(best, (held(&fitted.flat), fitted.flat));
        }
        for _ in 0..24 {
            if 10 * best.0 >= 8 * count {
                break;
            }
            let [a, b, c] =
                std::array::from_fn(|_| &samples[self.members[random.below(count)].index]);
            if let Some(flat) = Flat::through_three(a, b, c) {
                best = best_of(best, (held(&flat), flat));
            }
        }
        (2 * best.0 >= count).then_some(best.1)
    }

    /// The angle that the members' places have turned by within the plane since the last update, against a new frame:
    /// the rotation of a planar similarity.
    fn turn_since(&self, new_frame: &Isometry3<f64>, samples: &[Sample]) -> f64 {
        let count = self.members.len().max(1) as f64;
        let now = |member: &Member| within(new_frame, &samples[member.index].point);
        let (mut mean_before, mut mean_now) = (Vector2::zeros(), Vector2::zeros());
        for member in &self.members {
            mean_before += member.at / count;
            mean_now += now(member) / count;
        }
        let (mut dot, mut cross) = (0.0, 0.0);
        for member in &self.members {
            let (before, now) = (member.at - mean_before, now(member) - mean_now);
            dot += before.dot(&now);
            cross += before.perp(&now);
        }
        match dot.hypot(cross) > f64::MIN_POSITIVE {
            true => cross.atan2(dot),
            false => 0.0,
        }
    }

    fn outline(&mut self, new_frame: &Isometry3<f64>, samples: &[Sample]) {
        let flat = self.fit.flat;
        let mut feet: Vec<_> = self
            .members
            .iter()
            .map(|member| &samples[member.index])
            .filter(|sample| flat.holds(sample, TAKE_DEVIATIONS * self.fit.spread.max(0.5)))
            .map(|sample| within(new_frame, &sample.point))
            .collect();
        polygon::convex_hull(&mut feet, &mut self.outline);
    }
}

/// The gap that a surface of an area with so many points may bridge.
pub(crate) fn link(area: f64, points: usize, depth: f64) -> f64 {
    let spacing = (area / points.max(1) as f64).sqrt();
    (LINK_SPACINGS * spacing).clamp(LINK_DEPTHS[0] * depth, LINK_DEPTHS[1] * depth)
}

/// `(x, z)` of a point in a plane's frame.
pub(crate) fn within(world_from_plane: &Isometry3<f64>, point: &Vector3<f64>) -> Vector2<f64> {
    let local = world_from_plane
        .rotation
        .inverse_transform_vector(&(point - world_from_plane.translation.vector));
    Vector2::new(local.x, local.z)
}

/// A frame at a point with +Y along `normal` and X as near to `x` as that allows.
pub(crate) fn frame(at: &Vector3<f64>, normal: &Vector3<f64>, x: &Vector3<f64>) -> Isometry3<f64> {
    let flat = x - normal * normal.dot(x);
    let x = match flat.norm() > 1e-6 * x.norm() {
        true => flat.normalize(),
        false => any_across(normal),
    };
    let axes = Matrix3::from_columns(&[x, *normal, x.cross(normal)]);
    Isometry3::from_parts(
        Translation3::from(*at),
        UnitQuaternion::from_rotation_matrix(&Rotation3::from_matrix_unchecked(axes)),
    )
}

/// A direction of length 1 across another.
pub(crate) fn any_across(normal: &Vector3<f64>) -> Vector3<f64> {
    let mut axis = Vector3::zeros();
    axis[normal.iamin()] = 1.0;
    (axis - normal * normal.dot(&axis)).normalize()
}

fn best_of(a: (usize, Flat), b: (usize, Flat)) -> (usize, Flat) {
    if b.0 > a.0 { b } else { a }
}

/// Horizontal and vertical mean: within 8 degrees, or what the normal's deviation allows.
fn kind(fit: &Fit, down_in_world: Option<Vector3<f64>>) -> PlaneKind {
    let Some(down) = down_in_world.and_then(|down| down.try_normalize(1e-9)) else {
        return PlaneKind::Unknown;
    };
    let tolerance = (8_f64.to_radians() + 2.0 * fit.sigma_normal_rad).sin();
    let up = -fit.flat.normal.dot(&down);
    let across = (1.0 - up * up).max(0.0).sqrt();
    if across < tolerance && up > 0.0 {
        PlaneKind::HorizontalUp
    } else if across < tolerance {
        PlaneKind::HorizontalDown
    } else if up.abs() < tolerance {
        PlaneKind::Vertical
    } else {
        PlaneKind::Other
    }
}
