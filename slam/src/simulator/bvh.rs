//! A bounding volume hierarchy over the room's shapes.
//!
//! In: rays. Out: the nearest shape, or whether anything is in the way. Built once by halving along the longest
//! axis at the median; the order of the shapes alone decides the tree.

use nalgebra::Vector3;

use super::shape::{Ray, Shape};

const LEAF_SHAPES: usize = 3;
const MAX_DEPTH: usize = 48;

/// The hierarchy; it keeps its own copy of the shapes in the order of its leaves.
#[derive(Debug, Clone)]
pub(crate) struct Bvh {
    nodes: Vec<Node>,
    shapes: Vec<Shape>,
    /// `original[k]` is the number the caller gave to `shapes[k]`.
    original: Vec<u32>,
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
            build(&mut nodes, &mut order, 0, &bounds);
        }
        Self {
            nodes,
            shapes: order.iter().map(|&k| shapes[k as usize].clone()).collect(),
            original: order,
        }
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
        let inverse = [
            1.0 / ray.direction.x,
            1.0 / ray.direction.y,
            1.0 / ray.direction.z,
        ];
        let mut stack = [0_u32; MAX_DEPTH];
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
            enter = enter.max(a.min(b));
            leave = leave.min(a.max(b));
        }
        enter <= leave
    }
}

fn build(
    nodes: &mut Vec<Node>,
    order: &mut [u32],
    first: u32,
    bounds: &[[Vector3<f64>; 2]],
) -> u32 {
    let mut low = Vector3::repeat(f64::INFINITY);
    let mut high = Vector3::repeat(f64::NEG_INFINITY);
    for &k in order.iter() {
        low = low.inf(&bounds[k as usize][0]);
        high = high.sup(&bounds[k as usize][1]);
    }
    let axis = (high - low).imax();
    let index = nodes.len();
    nodes.push(Node {
        low: low.into(),
        high: high.into(),
        first,
        count: order.len().min(LEAF_SHAPES) as u16,
        axis: axis as u16,
    });
    if order.len() > LEAF_SHAPES {
        let middle = |k: &u32| bounds[*k as usize][0][axis] + bounds[*k as usize][1][axis];
        order.sort_by(|a, b| middle(a).total_cmp(&middle(b)).then(a.cmp(b)));
        let half = order.len() / 2;
        let (left, right) = order.split_at_mut(half);
        build(nodes, left, first, bounds);
        let second = build(nodes, right, first + half as u32, bounds);
        nodes[index].first = second;
        nodes[index].count = 0;
    }
    index as u32
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
            assert_eq!(bvh.is_blocked(&ray, 1e-9, 1e9), slow.is_some());
            hits += usize::from(slow.is_some());
        }
        assert!(hits > 100, "only {hits} rays met anything");
    }
}
