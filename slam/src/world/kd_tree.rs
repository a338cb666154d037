//! Nearest neighbours among points of space: a k-d tree (Bentley 1975) laid out in one array.
//!
//! The middle of every range is its node; there are no pointers, and rebuilding reuses the memory.

use nalgebra::Vector3;

/// A tree over points, each with a number of the caller.
#[derive(Debug, Clone, Default)]
pub(crate) struct KdTree {
    nodes: Vec<Node>,
}

#[derive(Debug, Clone, Copy)]
struct Node {
    point: Vector3<f64>,
    index: u32,
    axis: u8,
}

impl KdTree {
    /// Takes these points; they must be finite.
    pub(crate) fn rebuild(&mut self, points: impl Iterator<Item = (u32, Vector3<f64>)>) {
        self.nodes.clear();
        self.nodes.extend(points.map(|(index, point)| Node {
            point,
            index,
            axis: 0,
        }));
        split(&mut self.nodes);
    }

    /// The `count` points nearest to one, as `(squared distance, number)`, the nearest first.
    pub(crate) fn nearest(&self, to: &Vector3<f64>, count: usize, found: &mut Vec<(f64, u32)>) {
        found.clear();
        if count > 0 {
            visit(&self.nodes, to, count, found);
        }
    }
}

fn split(nodes: &mut [Node]) {
    if nodes.len() < 2 {
        return;
    }
    let (mut low, mut high) = (nodes[0].point, nodes[0].point);
    for node in nodes.iter() {
        low = low.inf(&node.point);
        high = high.sup(&node.point);
    }
    let axis = (high - low).imax();
    let middle = nodes.len() / 2;
    nodes.select_nth_unstable_by(middle, |a, b| a.point[axis].total_cmp(&b.point[axis]));
    nodes[middle].axis = axis as u8;
    let (before, after) = nodes.split_at_mut(middle);
    split(before);
    split(&mut after[1..]);
}

fn visit(nodes: &[Node], to: &Vector3<f64>, count: usize, found: &mut Vec<(f64, u32)>) {
    let Some(node) = nodes.get(nodes.len() / 2) else {
        return;
    };
    let middle = nodes.len() / 2;
    let axis = usize::from(node.axis);
    let ahead = to[axis] - node.point[axis];
    let (near, far) = match ahead < 0.0 {
        true => (&nodes[..middle], &nodes[middle + 1..]),
        false => (&nodes[middle + 1..], &nodes[..middle]),
    };
    visit(near, to, count, found);
    let squared = (to - node.point).norm_squared();
    let worst = |found: &[(f64, u32)]| match found.get(count - 1) {
        Some(last) => last.0,
        None => f64::INFINITY,
    };
    if squared < worst(found) {
        let at = found.partition_point(|other| other.0 <= squared);
        found.insert(at, (squared, node.index));
        found.truncate(count);
    }
    if ahead * ahead < worst(found) {
        visit(far, to, count, found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_finds_what_a_search_through_all_finds() {
        let hash = |k: u32| f64::from(k.wrapping_mul(2_654_435_761) >> 8) / 16_777_216.0;
        let points: Vec<_> = (0..700)
            .map(|k| Vector3::new(hash(3 * k), hash(3 * k + 1), hash(3 * k + 2)))
            .collect();
        let mut tree = KdTree::default();
        tree.rebuild((0..).zip(points.iter().copied()));
        let mut found = Vec::new();
        for query in points.iter().step_by(50) {
            let to = query + Vector3::repeat(0.01);
            let mut all: Vec<_> = (0_u32..)
                .zip(&points)
                .map(|(k, point)| ((to - point).norm_squared(), k))
                .collect();
            all.sort_by(|a, b| a.0.total_cmp(&b.0));
            tree.nearest(&to, 12, &mut found);
            assert_eq!(found, all[..12]);
        }
    }

    #[test]
    fn an_empty_tree_finds_nothing() {
        let mut found = vec![(1.0, 1)];
        KdTree::default().nearest(&Vector3::zeros(), 3, &mut found);
        assert!(found.is_empty());
    }
}
