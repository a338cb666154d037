//! Which vertices the triangles of a primitive have: indices or none; lists, strips and fans, all
//! made lists (glTF 2.0, section 3.7.2.1).

use super::accessors::Accessor;
use super::faults::broken;
use crate::Error;

/// How corners become triangles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Triangles,
    Strip,
    Fan,
}

impl Mode {
    /// How many triangles so many corners make; what is left over makes none.
    pub(super) fn triangles(self, corners: usize) -> usize {
        match self {
            Mode::Triangles => corners / 3,
            Mode::Strip | Mode::Fan => corners.saturating_sub(2),
        }
    }
}

/// Three vertices a triangle, all below `vertices`. `indices` comes with its place in the file.
pub(super) fn triangle_corners(
    mode: Mode,
    indices: Option<(usize, &Accessor<'_>)>,
    vertices: usize,
) -> Result<Vec<u32>, Error> {
    let count = indices.map_or(vertices, |(_, accessor)| accessor.count);
    let corner = |which: usize| -> Result<u32, Error> {
        let Some((place, accessor)) = indices else {
            return Ok(which as u32);
        };
        let [vertex] = accessor.integers(which);
        if (vertex as usize) < vertices {
            Ok(vertex)
        } else {
            let reason = format!("its index {vertex} is beyond the {vertices} vertices");
            Err(broken(format!("accessor {place}"), reason))
        }
    };
    let triangles = mode.triangles(count);
    let mut corners = Vec::with_capacity(triangles * 3);
    for triangle in 0..triangles {
        let three = match mode {
            Mode::Triangles => [triangle * 3, triangle * 3 + 1, triangle * 3 + 2],
            // Every other triangle of a strip is turned round to face the same way.
            Mode::Strip => {
                let odd = triangle % 2;
                [triangle, triangle + 1 + odd, triangle + 2 - odd]
            }
            Mode::Fan => [triangle + 1, triangle + 2, 0],
        };
        for which in three {
            corners.push(corner(which)?);
        }
    }
    Ok(corners)
}

/// The vertices in use, in their order in the file, and the corners as places among these. Files
/// often share one long vertex list between many primitives.
pub(super) fn compacted(corners: &[u32], vertices: usize) -> (Vec<u32>, Vec<u32>) {
    let mut used: Vec<u32>;
    if vertices / 4 <= corners.len() {
        let mut place_of = vec![u32::MAX; vertices];
        for corner in corners {
            place_of[*corner as usize] = 0;
        }
        used = Vec::new();
        for (vertex, place) in place_of.iter_mut().enumerate() {
            if *place == 0 {
                *place = used.len() as u32;
                used.push(vertex as u32);
            }
        }
        let indices = corners.iter().map(|corner| place_of[*corner as usize]);
        let indices = indices.collect();
        return (used, indices);
    }
    // Few of many: a table of all would cost more than the triangles do.
    used = corners.to_vec();
    used.sort_unstable();
    used.dedup();
    let place = |corner: &u32| used.binary_search(corner).unwrap_or_default() as u32;
    let indices = corners.iter().map(place).collect();
    (used, indices)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strips_and_fans_become_lists() {
        let corners = |mode, count| triangle_corners(mode, None, count).unwrap();
        assert_eq!(corners(Mode::Triangles, 7), [0, 1, 2, 3, 4, 5]);
        assert_eq!(corners(Mode::Strip, 5), [0, 1, 2, 1, 3, 2, 2, 3, 4]);
        assert_eq!(corners(Mode::Fan, 5), [1, 2, 0, 2, 3, 0, 3, 4, 0]);
        for mode in [Mode::Triangles, Mode::Strip, Mode::Fan] {
            assert!(corners(mode, 2).is_empty());
        }
    }

    #[test]
    fn both_ways_to_compact_agree() {
        let corners = [7, 2, 9, 9, 2, 4];
        let expected = (vec![2, 4, 7, 9], vec![2, 0, 3, 3, 0, 1]);
        assert_eq!(compacted(&corners, 10), expected);
        assert_eq!(compacted(&corners, 1_000_000_000), expected);
    }
}
