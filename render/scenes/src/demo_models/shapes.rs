//! Triangles of simple bodies, made by numbers alone: spheres, turned profiles, tubes, rings, blocks with
//! soft edges, flat-faced bodies. Metres, +Y up, counter-clockwise from outside.

use std::f32::consts::{PI, TAU};

use render::glam::{Mat3, Mat4, Quat, Vec2, Vec3};

/// Vertices and triangles.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shape {
    pub(crate) positions: Vec<Vec3>,
    /// Length 1.
    pub(crate) normals: Vec<Vec3>,
    /// u right, v down.
    pub(crate) coordinates: Vec<Vec2>,
    /// Along u; empty where no normal map is read.
    pub(crate) tangents: Vec<Vec3>,
    pub(crate) indices: Vec<u32>,
}

impl Shape {
    fn vertex(&mut self, position: Vec3, normal: Vec3, coordinates: Vec2) {
        self.positions.push(position);
        self.normals.push(normal.normalize_or(Vec3::Y));
        self.coordinates.push(coordinates);
    }

    /// Adds a triangle, turned so that it faces the way of its normals; none without an area.
    fn triangle(&mut self, corners: [u32; 3]) {
        let [a, b, c] = corners.map(|corner| self.positions[corner as usize]);
        let across = (b - a).cross(c - a);
        let outwards: Vec3 = corners
            .map(|corner| self.normals[corner as usize])
            .iter()
            .sum();
        if across.length() > 1e-12 {
            let [first, second, third] = corners;
            self.indices.extend(if across.dot(outwards) < 0.0 {
                [first, third, second]
            } else {
                corners
            });
        }
    }

    /// A net of `columns` by `rows` cells: `at` gives position and normal for u and v of 0 to 1.
    pub(crate) fn net([columns, rows]: [u32; 2], at: impl Fn(f32, f32) -> (Vec3, Vec3)) -> Shape {
        let mut shape = Shape::default();
        for row in 0..=rows {
            for column in 0..=columns {
                let (u, v) = (column as f32 / columns as f32, row as f32 / rows as f32);
                let (position, normal) = at(u, v);
                shape.vertex(position, normal, Vec2::new(u, v));
            }
        }
        for row in 0..rows {
            for column in 0..columns {
                let a = row * (columns + 1) + column;
                let [b, c, d] = [a + 1, a + columns + 1, a + columns + 2];
                shape.triangle([a, c, b]);
                shape.triangle([b, c, d]);
            }
        }
        shape
    }

    /// A bent sheet; its normals follow from `at`, which is asked a little beyond 0 and 1 as well.
    pub(crate) fn sheet(cells: [u32; 2], at: impl Fn(f32, f32) -> Vec3) -> Shape {
        let step = 1e-3;
        Shape::net(cells, |u, v| {
            let along = at(u + step, v) - at(u - step, v);
            let down = at(u, v + step) - at(u, v - step);
            (at(u, v), down.cross(along).normalize_or(Vec3::Y))
        })
    }

    /// A ball around the origin; u runs eastwards, v from the north pole down.
    pub(crate) fn ball(radius_m: f32, segments: u32) -> Shape {
        Shape::net([segments, segments / 2], |u, v| {
            let (longitude, polar) = (u * TAU, v * PI);
            let normal = Vec3::new(
                polar.sin() * longitude.sin(),
                polar.cos(),
                polar.sin() * longitude.cos(),
            );
            (normal * radius_m, normal)
        })
    }

    /// A profile (radius, height) turned around the Y axis. The outside lies to the right of the way
    /// along it, so that upwards is an outer wall; corners sharper than 40 degrees stay sharp.
    pub(crate) fn turned(profile: &[[f32; 2]], segments: u32) -> Shape {
        let points: Vec<Vec2> = profile.iter().map(|at| Vec2::from_array(*at)).collect();
        let lengths: f32 = points.windows(2).map(|w| w[0].distance(w[1])).sum();
        let outside = |from: Vec2, to: Vec2| {
            let along = (to - from).normalize_or_zero();
            Vec2::new(along.y, -along.x)
        };
        let sides: Vec<Vec2> = points.windows(2).map(|w| outside(w[0], w[1])).collect();
        let smooth = |here: usize, beside: Option<usize>| match beside.and_then(|b| sides.get(b)) {
            Some(side) if side.dot(sides[here]) > 0.766 => (*side + sides[here]).normalize(),
            _ => sides[here],
        };
        let mut shape = Shape::default();
        let mut passed = 0.0;
        for index in 0..sides.len() {
            let ends = [points[index], points[index + 1]];
            let normals = [
                smooth(index, index.checked_sub(1)),
                smooth(index, Some(index + 1)),
            ];
            let length = ends[0].distance(ends[1]);
            let v = [passed / lengths, (passed + length) / lengths];
            passed += length;
            shape = shape.and(Shape::net([segments, 1], |u, end| {
                let end = end as usize;
                let (sine, cosine) = (u * TAU).sin_cos();
                let around = |at: Vec2| Vec3::new(at.x * sine, at.y, at.x * cosine);
                (around(ends[end]), around(normals[end]))
            }));
            let rows = shape.coordinates.len() - 2 * (segments as usize + 1);
            for coordinates in &mut shape.coordinates[rows..] {
                coordinates.y = 1.0 - v[coordinates.y as usize];
            }
        }
        shape
    }

    /// A round tube through points; `radius_m` of how far along it is, 0 to 1. Its ends are open.
    pub(crate) fn tube(path: &[Vec3], sides: u32, radius_m: impl Fn(f32) -> f32) -> Shape {
        let last = path.len() - 1;
        let along = |index: usize| {
            (path[(index + 1).min(last)] - path[index.saturating_sub(1)]).normalize_or(Vec3::Y)
        };
        // Carried from point to point, so that the tube does not twist.
        let mut right = along(0).any_orthonormal_vector();
        let frames: Vec<Mat3> = (0..=last)
            .map(|index| {
                let forward = along(index);
                right = (right - forward * right.dot(forward)).normalize_or(right);
                Mat3::from_cols(right, forward, right.cross(forward))
            })
            .collect();
        Shape::net([sides, last as u32], |u, v| {
            let index = (v * last as f32).round() as usize;
            let (sine, cosine) = (u * TAU).sin_cos();
            let normal = frames[index] * Vec3::new(cosine, 0.0, sine);
            (path[index] + normal * radius_m(v), normal)
        })
    }

    /// A straight rod with flat ends.
    pub(crate) fn rod(from: Vec3, to: Vec3, radius_m: f32, sides: u32) -> Shape {
        let length = from.distance(to);
        let profile = [
            [0.0, 0.0],
            [radius_m, 0.0],
            [radius_m, length],
            [0.0, length],
        ];
        let turn = Quat::from_rotation_arc(Vec3::Y, (to - from).normalize_or(Vec3::Y));
        Shape::turned(&profile, sides).moved(Mat4::from_rotation_translation(turn, from))
    }

    /// A part of a ring around the Z axis, between two angles from +X.
    pub(crate) fn arc(
        radius_m: f32,
        thickness_m: f32,
        [from_rad, to_rad]: [f32; 2],
        segments: u32,
    ) -> Shape {
        let path: Vec<Vec3> = (0..=segments)
            .map(|index| {
                let angle = from_rad + (to_rad - from_rad) * index as f32 / segments as f32;
                Vec3::new(angle.cos(), angle.sin(), 0.0) * radius_m
            })
            .collect();
        Shape::tube(&path, 12, |_| thickness_m * 0.5)
    }

    /// A block around the origin with soft edges; each face shows the whole picture, u along its longer
    /// side.
    pub(crate) fn block(half: Vec3, edge_m: f32) -> Shape {
        let mut shape = Shape::default();
        for face in 0..6 {
            let (axis, side) = (face / 2, if face % 2 == 0 { 1.0 } else { -1.0 });
            let (mut first, mut second) = ((axis + 1) % 3, (axis + 2) % 3);
            if half[second] > half[first] {
                (first, second) = (second, first);
            }
            let lines = |extent: f32| [-extent, edge_m - extent, extent - edge_m, extent];
            let mut added = Shape::net([3, 3], |u, v| {
                let mut on_box = Vec3::ZERO;
                on_box[axis] = side * half[axis];
                on_box[first] = lines(half[first])[(u * 3.0).round() as usize];
                on_box[second] = -lines(half[second])[(v * 3.0).round() as usize];
                let inner = on_box.clamp(edge_m - half, half - edge_m);
                let normal = (on_box - inner).normalize_or(Vec3::Y);
                (inner + normal * edge_m, normal)
            });
            let mut along = Vec3::ZERO;
            along[first] = 1.0;
            added.coordinates = added
                .positions
                .iter()
                .map(|at| {
                    Vec2::new(
                        at[first] / half[first] * 0.5 + 0.5,
                        0.5 - at[second] / half[second] * 0.5,
                    )
                })
                .collect();
            added.tangents = added
                .normals
                .iter()
                .map(|normal| (along - *normal * normal.dot(along)).normalize_or(along))
                .collect();
            shape = shape.and(added);
        }
        shape
    }

    /// A convex body of flat faces, given by their normals and its corners, with edges that are rounded
    /// off by `rounding` of a face's size.
    pub(crate) fn gem(corners: &[Vec3], normals: &[Vec3], rounding: f32) -> Shape {
        let mut shape = Shape::default();
        // Corner, face, vertex.
        let mut placed: Vec<(usize, usize, u32)> = Vec::new();
        for (face, normal) in normals.iter().enumerate() {
            let height = corners
                .iter()
                .map(|at| at.dot(*normal))
                .fold(f32::MIN, f32::max);
            let middle = *normal * height;
            let (right, up) = normal.any_orthonormal_pair();
            let mut around: Vec<usize> = (0..corners.len())
                .filter(|corner| corners[*corner].dot(*normal) > height * 0.999)
                .collect();
            let angle = |corner: &usize| {
                let at = corners[*corner] - middle;
                at.dot(up).atan2(at.dot(right))
            };
            around.sort_by(|a, b| angle(a).total_cmp(&angle(b)));
            let first = shape.positions.len() as u32;
            for corner in &around {
                placed.push((*corner, face, shape.positions.len() as u32));
                let at = corners[*corner].lerp(middle, rounding);
                shape.vertex(at, *normal, Vec2::ZERO);
            }
            for index in 1..around.len() as u32 - 1 {
                shape.triangle([first, first + index, first + index + 1]);
            }
        }
        let find = |corner: usize, face: usize| {
            let mut found = placed.iter().filter(|at| (at.0, at.1) == (corner, face));
            found.next().map(|at| at.2)
        };
        for left in 0..normals.len() {
            for right in left + 1..normals.len() {
                let shared: Vec<[u32; 2]> = (0..corners.len())
                    .filter_map(|corner| Some([find(corner, left)?, find(corner, right)?]))
                    .collect();
                if let [[a, b], [c, d]] = shared[..] {
                    shape.triangle([a, b, c]);
                    shape.triangle([c, b, d]);
                }
            }
        }
        for corner in 0..corners.len() {
            let mut here = placed.iter().filter(|at| at.0 == corner).map(|at| at.2);
            if let (Some(a), Some(b), Some(c)) = (here.next(), here.next(), here.next()) {
                shape.triangle([a, b, c]);
            }
        }
        shape
    }

    /// Both together.
    pub(crate) fn and(mut self, other: Shape) -> Shape {
        let first = self.positions.len() as u32;
        let has_tangents = self.tangents.len() == self.positions.len();
        self.positions.extend(other.positions);
        self.normals.extend(other.normals);
        self.coordinates.extend(other.coordinates);
        self.tangents.extend(other.tangents);
        if !has_tangents || self.tangents.len() < self.positions.len() {
            self.tangents.clear();
        }
        self.indices
            .extend(other.indices.iter().map(|index| first + index));
        self
    }

    /// Placed by a rigid transform with an even scale.
    pub(crate) fn moved(mut self, by: Mat4) -> Shape {
        for position in &mut self.positions {
            *position = by.transform_point3(*position);
        }
        for direction in self.normals.iter_mut().chain(&mut self.tangents) {
            *direction = by.transform_vector3(*direction).normalize_or(Vec3::Y);
        }
        self
    }

    /// Moved by so much.
    pub(crate) fn at(self, x: f32, y: f32, z: f32) -> Shape {
        self.moved(Mat4::from_translation(Vec3::new(x, y, z)))
    }
}
