//! A bounding volume hierarchy over the room's shapes.
//!
//! In: rays. Out: the nearest shape, or whether anything is in the way. Built once by the surface area heuristic
//! at a few cuts along each axis (after Wald, "On fast Construction of SAH-based Bounding Volume Hierarchies", 2007); the shapes and their
//! order alone decide the tree.

use nalgebra::Vector3;

use super::shape::{Ray, Shape};

const LEAF_SHAPES: usize = 2;
const CUTS: usize = 24;
/// The deepest tree: past half of it a node is split at the median, which doubles away 2^32 shapes.
const MAX_DEPTH: usize = 64;

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

#[derive(Debug, Clone, Copy)]
struct Node {
    low: [f64; 3],
    high: [f64; 3],
    /// First shape of a leaf, or the index of the second child (the first one follows its parent).
    first: u32,
    /// Number of shapes of a leaf; 0 for an inner node.
    count: u16,
    axis: u16,
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
        let guessed = guess.and_then(|shape| {
            let t = self.shapes[self.place[shape as usize] as usize].intersect(ray, near, far)?;
            Some(Hit { t, shape })
        });
        self.nearest(ray, near, guessed.map_or(far, |hit| hit.t))
            .or(guessed)
    }

    /// The nearest shape that the ray meets in `near..far`.
    pub(crate) fn nearest(&self, ray: &Ray, near: f64, far: f64) -> Option<Hit> {
        let mut best = None;
        let mut limit = far;
        self.visit(ray, near, far, |k| {
            if let Some(t) = self.shapes[k].intersect(ray, near, limit) {
                limit = t;
                best = Some(Hit {
                    t,
                    shape: self.original[k],
                });
            }
            limit
        });
        best
    }

    /// Whether any shape stands in `near..far` of the ray.
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

    /// Calls `look` for the shapes near the ray, front to back; it returns the distance still of interest.
    fn visit(&self, ray: &Ray, near: f64, far: f64, mut look: impl FnMut(usize) -> f64) {
        // A finite stand-in for 1/0 keeps NaN out of the box tests.
        let inverse = [0, 1, 2].map(|axis| {
            let d = ray.direction[axis];
            if d == 0.0 { 1e300 } else { 1.0 / d }
        });
        let mut stack = [0_u32; MAX_DEPTH + 2];
        let mut depth = usize::from(!self.nodes.is_empty());
        let mut limit = far;
        while depth > 0 {
            depth -= 1;
            let index = stack[depth];
            let node = &self.nodes[index as usize];
            if !node.is_met(ray, &inverse, near, limit) {
                continue;
            }
            if node.count > 0 {
                for k in node.first..node.first + u32::from(node.count) {
                    limit = look(k as usize);
                }
            } else {
                let (mut ahead, mut behind) = (index + 1, node.first);
                if inverse[usize::from(node.axis)] < 0.0 {
                    std::mem::swap(&mut ahead, &mut behind);
                }
                stack[depth] = behind;
                stack[depth + 1] = ahead;
                depth += 2;
            }
        }
    }
}

impl Node {
    fn is_met(&self, ray: &Ray, inverse: &[f64; 3], near: f64, far: f64) -> bool {
        let (mut enter, mut leave) = (near, far);
        for axis in 0..3 {
            let a = (self.low[axis] - ray.origin[axis]) * inverse[axis];
            let b = (self.high[axis] - ray.origin[axis]) * inverse[axis];
            // Plain comparisons: no operand is NaN, and they are one instruction each.
            let (first, second) = if a < b { (a, b) } else { (b, a) };
            enter = if first > enter { first } else { enter };
            leave = if second < leave { second } else { leave };
        }
        enter <= leave
    }
}

fn build(
    nodes: &mut Vec<Node>,
    order: &mut [u32],
    first: u32,
    depth: usize,
    bounds: &[[Vector3<f64>; 2]],
) -> u32 {
    let mut around = EMPTY;
    let mut middles = EMPTY;
    for &k in order.iter() {
        around = union(&around, &bounds[k as usize]);
        let middle = middle(&bounds[k as usize]);
        middles = union(&middles, &[middle, middle]);
    }
    let index = nodes.len();
    nodes.push(Node {
        low: around[0].into(),
        high: around[1].into(),
        first,
        count: order.len().min(LEAF_SHAPES) as u16,
        axis: 0,
    });
    if order.len() > LEAF_SHAPES {
        let longest = (middles[1] - middles[0]).imax();
        let (axis, half) = if depth < MAX_DEPTH / 2 {
            let mut best = (f64::INFINITY, longest, order.len() / 2);
            for axis in 0..3 {
                sort_along(order, axis, bounds);
                let (cost, half) = cheapest_cut(order, bounds);
                if cost < best.0 {
                    best = (cost, axis, half);
                }
            }
            (best.1, best.2)
        } else {
            (longest, order.len() / 2)
        };
        sort_along(order, axis, bounds);
        let (left, right) = order.split_at_mut(half);
        build(nodes, left, first, depth + 1, bounds);
        let second = build(nodes, right, first + half as u32, depth + 1, bounds);
        nodes[index].first = second;
        nodes[index].count = 0;
        nodes[index].axis = axis as u16;
    }
    index as u32
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

fn middle(bounds: &[Vector3<f64>; 2]) -> Vector3<f64> {
    (bounds[0] + bounds[1]) * 0.5
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
