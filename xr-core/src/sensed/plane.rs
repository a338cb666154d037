//! The outline of a detected plane as a convex polygon.
//!
//! In: corners on the plane, in order or not. Out: their convex hull. An outline with a notch covers its notch, too:
//! what lies behind that and behind nothing else is then hidden by mistake.

use glam::Vec2;

/// Corners of one outline that are looked at; platforms give some dozens.
pub const MOST_CORNERS: usize = 1024;

/// Leaves the convex hull of `corners` in them, counter-clockwise, without corners on a straight edge; nothing where
/// they span no area. Corners that are not finite are left out.
///
/// Source: A. M. Andrew, "Another efficient algorithm for convex hulls in two dimensions", 1979. `scratch` keeps its
/// memory from call to call.
pub fn convex_hull(corners: &mut Vec<Vec2>, scratch: &mut Vec<Vec2>) {
    corners.truncate(MOST_CORNERS);
    corners.retain(|corner| corner.is_finite());
    corners.sort_unstable_by(|a, b| a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y)));
    scratch.clear();
    // The lower chain from left to right, then the upper one back.
    for chain in [false, true] {
        let base = scratch.len();
        let mut add = |corner: Vec2| {
            while let [.., from, over] = scratch[base..]
                && (over - from).perp_dot(corner - over) <= 0.0
            {
                scratch.pop();
            }
            scratch.push(corner);
        };
        if chain {
            corners.iter().rev().copied().for_each(&mut add);
        } else {
            corners.iter().copied().for_each(&mut add);
        }
        // The chain's end is where the other one starts.
        scratch.pop();
    }
    if scratch.len() < 3 {
        scratch.clear();
    }
    std::mem::swap(corners, scratch);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    fn hull(corners: &[[f32; 2]]) -> Vec<Vec2> {
        let mut corners = corners.iter().copied().map(Vec2::from_array).collect();
        convex_hull(&mut corners, &mut Vec::new());
        corners
    }

    #[test]
    fn a_notch_is_filled_and_a_convex_outline_stays() {
        let square = [[0.0, 0.0], [2.0, 0.0], [2.0, 2.0], [0.0, 2.0]].map(Vec2::from_array);
        assert_eq!(hull(&square.map(|corner| corner.to_array())), square);
        let notched = [
            [0.0, 2.0],
            [0.0, 0.0],
            [1.0, 0.0],
            [2.0, 0.0],
            [2.0, 2.0],
            [1.0, 0.5],
        ];
        assert_eq!(hull(&notched), square);
    }

    #[test]
    fn lines_points_and_bad_numbers_have_no_outline() {
        assert!(hull(&[]).is_empty());
        assert!(hull(&[[1.0, 1.0]; 5]).is_empty());
        assert!(hull(&[[0.0, 0.0], [1.0, 1.0], [2.0, 2.0], [0.5, 0.5]]).is_empty());
        assert!(
            hull(&[
                [0.0, 0.0],
                [f32::NAN, 1.0],
                [2.0, f32::INFINITY],
                [0.5, 0.5]
            ])
            .is_empty()
        );
    }

    #[test]
    fn a_hull_holds_every_corner_and_turns_one_way() {
        let mut random = Random::new(7);
        for count in 3..60 {
            let corners: Vec<[f32; 2]> = (0..count)
                .map(|_| [0, 1].map(|_| (random.unit() * 8.0).floor() as f32))
                .collect();
            let outline = hull(&corners);
            for (index, from) in outline.iter().enumerate() {
                let to = outline[(index + 1) % outline.len()];
                let next = outline[(index + 2) % outline.len()];
                assert!((to - from).perp_dot(next - to) > 0.0);
                for corner in &corners {
                    assert!((to - from).perp_dot(Vec2::from_array(*corner) - from) >= 0.0);
                }
            }
        }
    }
}
