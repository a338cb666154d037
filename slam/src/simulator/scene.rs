//! The room as data, and the workbench it is built with: surfaces with paints, lamps, and named planes.
//!
//! In: calls that place boxes, cylinders, balls and pictures in frames of their own. Out: a flat list of
//! [`Surface`]s. World: metres, Z up, the floor at `z = 0`, the room's middle at the origin.

use nalgebra::{Isometry3, Matrix3, Rotation3, Translation3, UnitQuaternion, Vector3};

use super::materials::Picture;
use super::noise::{hash, hash_unit};
use super::shape::{Axes, Shape};
use super::texture::Rgb;

/// How a picture lies on a surface.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Layout {
    /// At its own size, beginning anywhere.
    Tiled,
    /// At its own size, its `u` along the longer side, beginning anywhere: wood.
    AlongGrain,
    /// At its own size, from the corner that is given, metres.
    From(f32, f32),
    /// Stretched over the whole surface.
    Fitted,
    /// One cell of a sheet `[column, row, columns, rows]`, stretched over the surface.
    Cell([usize; 4]),
}

/// What a surface looks like.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Paint {
    pub(crate) picture: Picture,
    pub(crate) layout: Layout,
    pub(crate) tint: Rgb,
    /// Light given off, in units of the picture's colour.
    pub(crate) glow: f32,
}

impl Paint {
    pub(crate) fn new(picture: Picture, layout: Layout) -> Self {
        Self {
            picture,
            layout,
            tint: Rgb::repeat(1.0),
            glow: 0.0,
        }
    }

    /// Plain painted material of a colour, with a little grain.
    pub(crate) fn plain(color: Rgb) -> Self {
        Self::new(Picture::Plaster, Layout::Tiled).tinted(color)
    }

    /// Sofa cloth of a colour.
    pub(crate) fn cloth(color: Rgb) -> Self {
        Self::new(Picture::Weave, Layout::Tiled).tinted(color * 1.35)
    }

    pub(crate) fn wood(picture: Picture) -> Self {
        Self::new(picture, Layout::AlongGrain)
    }

    pub(crate) fn fitted(picture: Picture) -> Self {
        Self::new(picture, Layout::Fitted)
    }

    pub(crate) fn tinted(mut self, tint: Rgb) -> Self {
        self.tint = tint;
        self
    }

    pub(crate) fn glowing(mut self, glow: f32) -> Self {
        self.glow = glow;
        self
    }
}

/// A shape and its finished paint.
#[derive(Debug, Clone)]
pub(crate) struct Surface {
    pub(crate) shape: Shape,
    pub(crate) picture: Picture,
    pub(crate) tint: Rgb,
    pub(crate) glow: f32,
    /// Picture metres from surface metres: `scale * uv + offset`, after exchanging `u` and `v` if `turned`.
    pub(crate) scale: [f32; 2],
    pub(crate) offset: [f32; 2],
    pub(crate) turned: bool,
}

/// A rectangle that gives light to one side.
#[derive(Debug, Clone)]
pub(crate) struct AreaLight {
    pub(crate) corner: Vector3<f64>,
    pub(crate) edges: [Vector3<f64>; 2],
    pub(crate) normal: Vector3<f64>,
    pub(crate) radiance: Rgb,
    /// Shadow rays towards it are laid on a square of this many a side.
    pub(crate) rays_per_side: usize,
}

/// Light from far away through the window.
#[derive(Debug, Clone)]
pub(crate) struct Sun {
    /// Unit vector.
    pub(crate) toward: Vector3<f64>,
    /// What a white surface that faces it sends back.
    pub(crate) radiance: Rgb,
    /// Half of the angle it is seen under, radians: how soft its shadows are.
    pub(crate) half_angle_rad: f64,
}

/// A flat part of the room that other programs may stand things on or test against.
#[derive(Debug, Clone, PartialEq)]
pub struct RoomPlane {
    /// What it is: `floor`, `wall-north`, `table-top` and so on.
    pub name: &'static str,
    /// Maps the plane's frame (origin in its middle, Z along its normal into the room, metres) into the world.
    pub world_from_plane: Isometry3<f64>,
    /// Half of its size along its X and Y, metres.
    pub half_size_m: [f64; 2],
}

/// Everything that stands still.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scene {
    pub(crate) surfaces: Vec<Surface>,
    pub(crate) lights: Vec<AreaLight>,
    pub(crate) sun: Option<Sun>,
    pub(crate) planes: Vec<RoomPlane>,
}

impl Scene {
    /// A workbench whose origin and heading (radians about Z) are given in the world.
    pub(crate) fn bench(&mut self, origin: [f64; 3], heading_rad: f64) -> Bench<'_> {
        let (sin, cos) = libm::sincos(heading_rad);
        Bench {
            scene: self,
            origin: Vector3::from(origin),
            axes: Axes {
                x: Vector3::new(cos, sin, 0.0),
                y: Vector3::new(-sin, cos, 0.0),
                z: Vector3::z(),
            },
        }
    }

    /// The least distance from a place to any surface, metres.
    pub(crate) fn clearance_m(&self, point: &Vector3<f64>) -> f64 {
        self.surfaces
            .iter()
            .map(|surface| surface.shape.distance_at_least_m(point))
            .fold(f64::INFINITY, f64::min)
    }

    /// Takes pictures and patterns from everything flat within 6 cm of a wall.
    pub(crate) fn blank_walls(&mut self) {
        let walls: Vec<RoomPlane> = self
            .planes
            .iter()
            .filter(|plane| plane.name.starts_with("wall-"))
            .cloned()
            .collect();
        for surface in &mut self.surfaces {
            let Shape::Rect { .. } = surface.shape else {
                continue;
            };
            let corners = [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]];
            let on_a_wall = walls.iter().any(|wall| {
                corners.iter().all(|&corner| {
                    let point = surface.shape.point_at(corner);
                    let in_wall = wall.world_from_plane.inverse_transform_point(&point.into());
                    in_wall.z.abs() < 0.06
                })
            });
            if on_a_wall && surface.glow == 0.0 {
                surface.picture = Picture::Blank;
                surface.tint = Rgb::new(0.82, 0.8, 0.75);
            }
        }
    }

    fn add(&mut self, shape: Shape, paint: &Paint) {
        let extent = shape.extent_m().map(|side| side as f32);
        let size = paint.picture.size_m();
        let number = self.surfaces.len() as i32;
        let anywhere = [
            size[0] * hash_unit(number, 0, 1_001),
            size[1] * hash_unit(number, 1, 1_001),
        ];
        let (scale, offset) = match paint.layout {
            Layout::Tiled | Layout::AlongGrain => ([1.0, 1.0], anywhere),
            Layout::From(u, v) => ([1.0, 1.0], [u, v]),
            Layout::Fitted => ([size[0] / extent[0], size[1] / extent[1]], [0.0, 0.0]),
            Layout::Cell([column, row, columns, rows]) => {
                let cell = [size[0] / columns as f32, size[1] / rows as f32];
                (
                    [cell[0] / extent[0], cell[1] / extent[1]],
                    [column as f32 * cell[0], row as f32 * cell[1]],
                )
            }
        };
        self.surfaces.push(Surface {
            shape,
            picture: paint.picture,
            tint: paint.tint,
            glow: paint.glow,
            scale,
            offset,
            turned: matches!(paint.layout, Layout::AlongGrain) && extent[1] > extent[0],
        });
    }
}

/// Places things in a frame of its own.
pub(crate) struct Bench<'a> {
    scene: &'a mut Scene,
    origin: Vector3<f64>,
    axes: Axes,
}

impl Bench<'_> {
    /// A bench at a place of this one, turned further about Z.
    pub(crate) fn bench(&mut self, at: [f64; 3], heading_rad: f64) -> Bench<'_> {
        let origin = self.point(at);
        let (sin, cos) = libm::sincos(heading_rad);
        let axes = Axes {
            x: self.axes.x * cos + self.axes.y * sin,
            y: self.axes.y * cos - self.axes.x * sin,
            z: self.axes.z,
        };
        Bench {
            scene: self.scene,
            origin,
            axes,
        }
    }

    /// A bench at a place of this one, leaning: turned about its X, then about its Y, radians.
    pub(crate) fn leaning(&mut self, at: [f64; 3], about_x: f64, about_y: f64) -> Bench<'_> {
        let origin = self.point(at);
        let (sx, cx) = libm::sincos(about_x);
        let (sy, cy) = libm::sincos(about_y);
        let turn_x = Matrix3::new(1.0, 0.0, 0.0, 0.0, cx, -sx, 0.0, sx, cx);
        let turn_y = Matrix3::new(cy, 0.0, sy, 0.0, 1.0, 0.0, -sy, 0.0, cy);
        let local = Axes::from_matrix(&(turn_y * turn_x));
        let axes = Axes {
            x: self.axes.into_world(&local.x),
            y: self.axes.into_world(&local.y),
            z: self.axes.into_world(&local.z),
        };
        Bench {
            scene: self.scene,
            origin,
            axes,
        }
    }

    /// A box between two corners.
    pub(crate) fn cuboid(&mut self, low: [f64; 3], high: [f64; 3], paint: &Paint) {
        self.cuboid_with_front(low, high, paint, paint);
    }

    /// A box whose face towards `-y` has a paint of its own.
    pub(crate) fn cuboid_with_front(
        &mut self,
        low: [f64; 3],
        high: [f64; 3],
        paint: &Paint,
        front: &Paint,
    ) {
        let [x0, y0, z0] = low;
        let [x1, y1, z1] = high;
        let (w, d, h) = (x1 - x0, y1 - y0, z1 - z0);
        let Axes { x, y, z } = self.axes;
        self.rect([x0, y0, z1], x, -z, [w, h], front);
        self.rect([x1, y1, z1], -x, -z, [w, h], paint);
        self.rect([x0, y1, z1], -y, -z, [d, h], paint);
        self.rect([x1, y0, z1], y, -z, [d, h], paint);
        self.rect([x0, y1, z1], x, -y, [w, d], paint);
        self.rect([x0, y0, z0], x, y, [w, d], paint);
    }

    /// A picture that faces `-y`, from its top left corner.
    pub(crate) fn picture(&mut self, top_left: [f64; 3], size: [f64; 2], paint: &Paint) {
        let Axes { x, z, .. } = self.axes;
        self.rect(top_left, x, -z, size, paint);
    }

    /// A sheet that lies face up, from its corner at low `x` and high `y`.
    pub(crate) fn sheet(&mut self, corner: [f64; 3], size: [f64; 2], paint: &Paint) {
        let Axes { x, y, .. } = self.axes;
        self.rect(corner, x, -y, size, paint);
    }

    /// A sheet that lies face down, from its corner at low `x` and low `y`.
    pub(crate) fn underside(&mut self, corner: [f64; 3], size: [f64; 2], paint: &Paint) {
        let Axes { x, y, .. } = self.axes;
        self.rect(corner, x, y, size, paint);
    }

    /// An upright cylinder with a lid, or a cone frustum where the radii differ.
    pub(crate) fn cylinder(&mut self, base: [f64; 3], radii: [f64; 2], height: f64, paint: &Paint) {
        self.tube(base, radii, height, paint);
        self.disc([base[0], base[1], base[2] + height], radii[1], paint);
    }

    /// The side of an upright cylinder or cone frustum alone.
    pub(crate) fn tube(&mut self, base: [f64; 3], radii: [f64; 2], height: f64, paint: &Paint) {
        let shape = Shape::Frustum {
            base: self.point(base),
            axes: self.axes,
            bottom_radius: radii[0],
            top_radius: radii[1],
            height,
        };
        self.scene.add(shape, paint);
    }

    /// A flat disc, face up.
    pub(crate) fn disc(&mut self, center: [f64; 3], radius: f64, paint: &Paint) {
        let Axes { x, y, .. } = self.axes;
        let corner = [center[0] - radius, center[1] + radius, center[2]];
        self.flat(corner, x, -y, [2.0 * radius; 2], true, paint);
    }

    /// An upright disc that faces `-y`.
    pub(crate) fn round_picture(&mut self, center: [f64; 3], radius: f64, paint: &Paint) {
        let Axes { x, z, .. } = self.axes;
        let corner = [center[0] - radius, center[1], center[2] + radius];
        self.flat(corner, x, -z, [2.0 * radius; 2], true, paint);
    }

    /// An oval leaf in the plane of `x` and `z`, from its foot upwards.
    pub(crate) fn blade(&mut self, foot: [f64; 3], size: [f64; 2], paint: &Paint) {
        let Axes { x, z, .. } = self.axes;
        let corner = [foot[0] - size[0] / 2.0, foot[1], foot[2] + size[1]];
        self.flat(corner, x, -z, size, true, paint);
    }

    /// An ellipsoid.
    pub(crate) fn ball(&mut self, center: [f64; 3], radii: [f64; 3], paint: &Paint) {
        let shape = Shape::Ellipsoid {
            center: self.point(center),
            axes: self.axes,
            radii,
        };
        self.scene.add(shape, paint);
    }

    /// A rectangle of light that shines towards `-y` or downwards; not visible itself.
    pub(crate) fn light(&mut self, corner: [f64; 3], size: [f64; 2], down: bool, radiance: Rgb) {
        let Axes { x, y, z } = self.axes;
        let (other, normal) = if down { (y, -z) } else { (z, -y) };
        let corner = self.point(corner);
        self.scene.lights.push(AreaLight {
            corner,
            edges: [x * size[0], other * size[1]],
            normal,
            radiance,
            rays_per_side: if size[0] * size[1] > 0.2 { 5 } else { 3 },
        });
    }

    /// Names a level surface for other programs.
    pub(crate) fn level_plane(
        &mut self,
        name: &'static str,
        middle: [f64; 3],
        half_size_m: [f64; 2],
    ) {
        let Axes { x, y, z } = self.axes;
        self.name_plane(name, middle, [x, y, z], half_size_m);
    }

    /// Names an upright surface that faces `-y`.
    pub(crate) fn upright_plane(
        &mut self,
        name: &'static str,
        middle: [f64; 3],
        half_size_m: [f64; 2],
    ) {
        let Axes { x, y, z } = self.axes;
        self.name_plane(name, middle, [x, z, -y], half_size_m);
    }

    fn name_plane(
        &mut self,
        name: &'static str,
        middle: [f64; 3],
        axes: [Vector3<f64>; 3],
        half_size_m: [f64; 2],
    ) {
        let rotation = Rotation3::from_matrix_unchecked(Matrix3::from_columns(&axes));
        let middle = self.point(middle);
        self.scene.planes.push(RoomPlane {
            name,
            world_from_plane: Isometry3::from_parts(
                Translation3::from(middle),
                UnitQuaternion::from_rotation_matrix(&rotation),
            ),
            half_size_m,
        });
    }

    fn rect(
        &mut self,
        top_left: [f64; 3],
        right: Vector3<f64>,
        down: Vector3<f64>,
        size: [f64; 2],
        paint: &Paint,
    ) {
        self.flat(top_left, right, down, size, false, paint);
    }

    fn flat(
        &mut self,
        top_left: [f64; 3],
        right: Vector3<f64>,
        down: Vector3<f64>,
        size: [f64; 2],
        round: bool,
        paint: &Paint,
    ) {
        let shape = Shape::Rect {
            top_left: self.point(top_left),
            right,
            down,
            normal: down.cross(&right),
            size,
            round,
        };
        self.scene.add(shape, paint);
    }

    fn point(&self, local: [f64; 3]) -> Vector3<f64> {
        self.origin + self.axes.into_world(&Vector3::from(local))
    }
}

/// A choice that depends on a number alone: `0..count`.
pub(crate) fn pick(number: usize, seed: u32, count: usize) -> usize {
    hash(number as i32, 9, seed) as usize % count
}
