//! A bounding volume hierarchy over the room's shapes.
//!
//! In: rays. Out: the nearest shape, or whether anything is in the way. Built once by the surface area heuristic
//! at a few cuts along each axis (after Wald, "On fast Construction of SAH-based Bounding Volume Hierarchies", 2007); the shapes and their
//! order alone decide the tree.

use nalgebra::Vector3;
use wide::f32x4;

use super::shape::{Ray, Shape};

const LEAF_SHAPES: usize = 2;
const CUTS: usize = 24;
/// From this depth on nodes are split at the median, which bounds the depth of any tree.
const MEDIAN_DEPTH: usize = 32;
/// Every level leaves at most three nodes behind; 32 more levels by medians hold 2^32 shapes.
const STACK: usize = 3 * (MEDIAN_DEPTH + 32) / 2 + 4;
/// Boxes are larger by this, metres: more than single precision loses on the way of a ray through the room.
const PADDING_M: f64 = 2e-5;

/// The hierarchy; it keeps its own copy of the shapes in the order of its leaves.
#[derive(Debug, Clone)]
pub(crate) struct Bvh {
    nodes: Vec<Node>,
    shapes: Vec<Shape>,
    /// `original[k]` is the number the caller gave to `shapes[k]`.
    original: Vec<u32>,
    /// The other way round: `shapes[place[k]]` is the caller's shape `k`.
    place: Vec<u32>,
}

/// Four boxes side by side, single precision, with what is in them.
#[derive(Debug, Clone, Copy)]
struct Node {
    low: [f32x4; 3],
    high: [f32x4; 3],
    inside: [Inside; 4],
}

/// What a box holds.
#[derive(Debug, Clone, Copy)]
struct Inside {
    /// The index of a node, or the first shape of a leaf.
    first: u32,
    /// Number of shapes of a leaf; 0 for a node.
    count: u32,
}

/// The nearest meeting of a ray with the room.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hit {
    /// Distance in units of the ray's direction.
    pub(crate) t: f64,
    /// Number of the shape in the caller's list.
    pub(crate) shape: u32,
}

impl Bvh {
    pub(crate) fn new(shapes: &[Shape]) -> Self {
        let bounds: Vec<_> = shapes.iter().map(Shape::bounds).collect();
        let mut order: Vec<u32> = (0..shapes.len() as u32).collect();
        let mut nodes = Vec::new();
        if !shapes.is_empty() {
            build(&mut nodes, &mut order, 0, 0, &bounds);
        }
        let mut place = vec![0; order.len()];
        for (k, &shape) in order.iter().enumerate() {
            place[shape as usize] = k as u32;
        }
        Self {
            nodes,
            place,
            shapes: order.iter().map(|&k| shapes[k as usize].clone()).collect(),
            original: order,
        }
    }

    /// As [`Bvh::nearest`], quicker where the ray meets the shape of `guess`, as neighbours of a pixel do.
    pub(crate) fn nearest_from(
        &self,
        ray: &Ray,
        near: f64,
        far: f64,
        guess: Option<u32>,
    ) -> Option<Hit> {
        let mut best: Option<Hit> = guess.and_then(|shape| {
            let t = self.shapes[self.place[shape as usize] as usize].intersect(ray, near, far)?;
            Some(Hit { t, shape })
        });
        let mut limit = best.map_or(far, |hit| hit.t);
        self.visit(ray, near, limit, |k| {
            if let Some(t) = self.shapes[k].intersect(ray, near, limit) {
                let shape = self.original[k];
                // Where shapes touch, the first in the caller's list is seen, whatever the tree.
                if best.is_none_or(|best| t < best.t || shape < best.shape) {
                    limit = t;
                    best = Some(Hit { t, shape });
                }
            }
            limit
        });
        best
    }

    /// The nearest shape that the ray meets in `near..=far`.
    pub(crate) fn nearest(&self, ray: &Ray, near: f64, far: f64) -> Option<Hit> {
        self.nearest_from(ray, near, far, None)
    }

    /// Whether any shape stands in `near..=far` of the ray.
    pub(crate) fn is_blocked(&self, ray: &Ray, near: f64, far: f64) -> bool {
        let mut blocked = false;
        self.visit(ray, near, far, |k| {
            if self.shapes[k].intersect(ray, near, far).is_some() {
                blocked = true;
                // Nothing is nearer than this: the visit ends.
                return f64::NEG_INFINITY;
            }
            far
        });
        blocked
    }

    /// Calls `look` for the shapes near the ray, about front to back; it returns the distance still of interest.
    fn visit(&self, ray: &Ray, near: f64, far: f64, mut look: impl FnMut(usize) -> f64) {
        if self.nodes.is_empty() {
            return;
        }
        let origin = [0, 1, 2].map(|axis| f32x4::splat(ray.origin[axis] as f32));
        // A finite stand-in for 1/0 keeps NaN out of the box tests.
        let inverse = [0, 1, 2].map(|axis| {
            let d = ray.direction[axis] as f32;
            f32x4::splat(if d.abs() < 1e-30 { 1e30 } else { 1.0 / d })
        });
        let near = f32x4::splat(near as f32);
        let mut limit = rounded_up(far);
        let mut stack = [(0.0_f32, Inside { first: 0, count: 0 }); STACK];
        let mut depth = 1;
        while depth > 0 {
            depth -= 1;
            let (enter, inside) = stack[depth];
            if enter > limit {
                continue;
            }
            if inside.count > 0 {
                for k in inside.first..inside.first + inside.count {
                    limit = rounded_up(look(k as usize));
                }
                continue;
            }
            let node = &self.nodes[inside.first as usize];
            let (enters, mut met) = node.meet(&origin, &inverse, near, limit);
            let base = depth;
            while met != 0 {
                let child = met.trailing_zeros() as usize;
                met &= met - 1;
                // Kept in order, the nearest on top.
                let entry = (enters[child], node.inside[child]);
                let mut at = depth;
                while at > base && stack[at - 1].0 < entry.0 {
                    stack[at] = stack[at - 1];
                    at -= 1;
                }
                stack[at] = entry;
                depth += 1;
            }
        }
    }
}

impl Node {
    /// Where the ray enters each box, and a bit for every box that it meets before `far`.
    fn meet(
        &self,
        origin: &[f32x4; 3],
        inverse: &[f32x4; 3],
        near: f32x4,
        far: f32,
    ) -> ([f32; 4], u32) {
        let (mut enter, mut leave) = (near, f32x4::splat(far));
        for axis in 0..3 {
            let a = (self.low[axis] - origin[axis]) * inverse[axis];
            let b = (self.high[axis] - origin[axis]) * inverse[axis];
            enter = enter.fast_max(a.fast_min(b));
            leave = leave.fast_min(a.fast_max(b));
        }
        (enter.to_array(), enter.simd_le(leave).to_bitmask())
    }
}

fn rounded_up(t: f64) -> f32 {
    t as f32 * (1.0 + 4.0 * f32::EPSILON)
}

/// Builds the node over `order`, which lies at `first` in the list of shapes, and all below it.
fn build(
    nodes: &mut Vec<Node>,
    order: &mut [u32],
    first: u32,
    depth: usize,
    bounds: &[[Vector3<f64>; 2]],
) -> u32 {
    let index = nodes.len();
    // A box that no ray meets, until something is in it.
    nodes.push(Node {
        low: [f32x4::splat(f32::MAX); 3],
        high: [f32x4::splat(f32::MAX); 3],
        inside: [Inside { first: 0, count: 0 }; 4],
    });
    let half = split(order, depth, bounds);
    let (left, right) = order.split_at_mut(half);
    let quarter = split(left, depth + 1, bounds);
    let three_quarters = split(right, depth + 1, bounds);
    let (a, b) = left.split_at_mut(quarter);
    let (c, d) = right.split_at_mut(three_quarters);
    let mut start = first;
    for (child, part) in [a, b, c, d].into_iter().enumerate() {
        if part.is_empty() {
            continue;
        }
        let count = part.len() as u32;
        let around = part
            .iter()
            .fold(EMPTY, |around, &k| union(&around, &bounds[k as usize]));
        let inside = if part.len() <= LEAF_SHAPES {
            Inside {
                first: start,
                count,
            }
        } else {
            let first = build(nodes, part, start, depth + 2, bounds);
            Inside { first, count: 0 }
        };
        let node = &mut nodes[index];
        node.inside[child] = inside;
        let set = |lanes: &mut f32x4, value: f64| {
            let mut values = lanes.to_array();
            values[child] = value as f32;
            *lanes = f32x4::new(values);
        };
        for (axis, lanes) in node.low.iter_mut().enumerate() {
            set(lanes, around[0][axis] - PADDING_M);
        }
        for (axis, lanes) in node.high.iter_mut().enumerate() {
            set(lanes, around[1][axis] + PADDING_M);
        }
        start += count;
    }
    index as u32
}

/// Sorts the shapes along an axis and says where to cut them in two; all of them where they make a leaf.
fn split(order: &mut [u32], depth: usize, bounds: &[[Vector3<f64>; 2]]) -> usize {
    if order.len() <= LEAF_SHAPES {
        return order.len();
    }
    let mut best = (f64::INFINITY, 0, order.len() / 2);
    for axis in 0..3 {
        sort_along(order, axis, bounds);
        let (cost, cut) = cheapest_cut(order, bounds);
        if cost < best.0 {
            best = (cost, axis, cut);
        }
    }
    sort_along(order, best.1, bounds);
    if depth < MEDIAN_DEPTH {
        best.2
    } else {
        order.len() / 2
    }
}

fn sort_along(order: &mut [u32], axis: usize, bounds: &[[Vector3<f64>; 2]]) {
    order.sort_unstable_by(|&a, &b| {
        let place = |k: u32| bounds[k as usize][0][axis] + bounds[k as usize][1][axis];
        place(a).total_cmp(&place(b)).then(a.cmp(&b))
    });
}

/// Where to cut the sorted shapes so that rays do the least work, and that work, among about `CUTS` cuts.
fn cheapest_cut(order: &[u32], bounds: &[[Vector3<f64>; 2]]) -> (f64, usize) {
    let count = order.len();
    // Area of everything from each shape to the end.
    let mut behind = vec![0.0; count + 1];
    let mut around = EMPTY;
    for k in (0..count).rev() {
        around = union(&around, &bounds[order[k] as usize]);
        behind[k] = area(&around);
    }
    let step = (count / CUTS).max(1);
    let mut best = (f64::INFINITY, count / 2);
    around = EMPTY;
    for k in 1..count {
        around = union(&around, &bounds[order[k - 1] as usize]);
        if k % step == 0 {
            let cost = area(&around) * k as f64 + behind[k] * (count - k) as f64;
            if cost < best.0 {
                best = (cost, k);
            }
        }
    }
    best
}

const EMPTY: [Vector3<f64>; 2] = [
    Vector3::new(f64::INFINITY, f64::INFINITY, f64::INFINITY),
    Vector3::new(f64::NEG_INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY),
];

fn union(a: &[Vector3<f64>; 2], b: &[Vector3<f64>; 2]) -> [Vector3<f64>; 2] {
    [a[0].inf(&b[0]), a[1].sup(&b[1])]
}

/// Half of a box's surface.
fn area(bounds: &[Vector3<f64>; 2]) -> f64 {
    let d = bounds[1] - bounds[0];
    d.x * d.y + d.y * d.z + d.z * d.x
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::noise::Random;
    use crate::simulator::shape::Axes;

    #[test]
    fn the_hierarchy_finds_what_trying_every_shape_finds() {
        let mut random = Random::new(11);
        let axes = Axes {
            x: Vector3::x(),
            y: Vector3::y(),
            z: Vector3::z(),
        };
        let mut point = |scale: f64| Vector3::from_fn(|_, _| random.range(-scale, scale));
        let shapes: Vec<Shape> = (0..200)
            .map(|_| Shape::Ellipsoid {
                center: point(3.0),
                axes,
                radii: [0.1, 0.2, 0.3],
            })
            .collect();
        let bvh = Bvh::new(&shapes);
        let mut hits = 0;
        let mut pick = Random::new(12);
        let random_shape = |pick: &mut Random| (pick.unit() * 200.0) as u32;
        for _ in 0..2_000 {
            let ray = Ray {
                origin: point(4.0),
                direction: point(1.0),
            };
            let slow = shapes
                .iter()
                .filter_map(|shape| shape.intersect(&ray, 1e-9, 1e9))
                .min_by(f64::total_cmp);
            let fast = bvh.nearest(&ray, 1e-9, 1e9).map(|hit| hit.t);
            assert_eq!(fast, slow);
            let guess = Some(random_shape(&mut pick));
            assert_eq!(
                bvh.nearest_from(&ray, 1e-9, 1e9, guess).map(|hit| hit.t),
                slow
            );
            assert_eq!(bvh.is_blocked(&ray, 1e-9, 1e9), slow.is_some());
            hits += usize::from(slow.is_some());
        }
        assert!(hits > 100, "only {hits} rays met anything");
    }
}
