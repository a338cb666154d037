//! A small picture of a scene in which everything moves in every frame.

#[path = "../draw/shapes.rs"]
mod shapes;

use render::glam::camera::rh::{proj::opengl::perspective, view::look_at_mat4};
use render::glam::{Mat4, Vec2, Vec3};
use render::{
    Backdrop, FrameViews, FreeLabel, Grid, Head, ImagePoint, LabelId, Light, ModelId,
    ModelInstance, ParticleEffect, ParticleKind, Pin, RealWorld, Renderer, RendererConfig, Scene,
    Spot, Stroke, Surface, TargetOrigin, View, WorldPoint, WorldPoints, palette,
};

use crate::offscreen::Offscreen;

const SIZE_PX: [u32; 2] = [64, 64];

pub(crate) struct BusyScene {
    renderer: Renderer,
    target: wgpu::TextureView,
    model: ModelId,
    points: Vec<WorldPoint>,
    image_points: Vec<ImagePoint>,
}

impl BusyScene {
    pub(crate) fn new(offscreen: &Offscreen) -> Self {
        let mut renderer = offscreen.renderer(RendererConfig::default());
        let material = shapes::paint([0.5, 0.4, 0.3]);
        let model = renderer
            .add_model(&shapes::one_box(Vec3::splat(0.1), material), &[])
            .expect("a box fits");
        renderer
            .set_label(LabelId(1), 40, 20, &[200; 40 * 20 * 4])
            .expect("the bytes fit");
        offscreen.write_picture(&mut renderer, [32, 32], &[90; 32 * 32 * 4]);
        let place = |index: u32, step: f32| (index as f32 * step).fract();
        let target = offscreen.target(wgpu::TextureFormat::Rgba8Unorm, SIZE_PX);
        BusyScene {
            renderer,
            target: target.create_view(&Default::default()),
            model,
            points: (0..500)
                .map(|index| {
                    let at = Vec3::new(
                        place(index, 0.618),
                        place(index, 0.414),
                        place(index, 0.732),
                    );
                    WorldPoint::new(at - 0.5, place(index, 0.3), 0.1)
                })
                .collect(),
            image_points: (0..50)
                .map(|index| ImagePoint {
                    position_px: [place(index, 0.618) * 32.0, place(index, 0.414) * 32.0],
                    age: 0.5,
                    certain: 1.0,
                })
                .collect(),
        }
    }

    /// Draws the `frame`-th frame.
    pub(crate) fn draw(&mut self, frame: u32) {
        let time = frame as f32 / 60.0;
        let moved =
            |x: f32, z: f32| Mat4::from_translation(Vec3::new(x + 0.1 * time.sin(), 0.1, z));
        let models = [-0.3, 0.0, 0.3].map(|x| ModelInstance::new(self.model, moved(x, 0.0)));
        let pins = [-0.2, 0.2].map(|x| Pin {
            world_from_pin: moved(x, 0.2),
            color: palette::SKY,
            label: Some(LabelId(1)),
            drop: 0.0,
        });
        let heads = [Head {
            world_from_head: moved(0.0, -0.5),
            color: palette::LEAF,
            label: None,
        }];
        let grids = [Grid {
            world_from_grid: Mat4::IDENTITY,
            half_size_m: Vec2::ONE,
            spacing_m: 0.1,
            color: palette::LINE,
            opacity: 0.5,
        }];
        let spots = [Spot {
            world_from_spot: moved(0.0, 0.4),
            color: palette::SIGNAL,
            radius_m: 0.05,
            dot: 1.0,
            opacity: 1.0,
            breathing: 1.0,
        }];
        let line = [0.0, 0.1, 0.2, 0.3].map(|x| Vec3::new(x, 0.1 + 0.05 * (time + x).sin(), 0.1));
        let strokes = [Stroke {
            points_in_world: &line,
            width_m: 0.01,
            color: palette::ROSE,
            opacity: 0.6,
        }];
        let labels = [FreeLabel {
            id: LabelId(1),
            anchor_in_world: Vec3::new(0.1 * time.cos(), 0.3, 0.0),
            clearance_m: 0.02,
        }];
        let particles = [ParticleEffect::new(
            ParticleKind::Celebration,
            moved(0.0, 0.0),
            Vec3::splat(0.3),
            time % 3.0,
        )];
        let corners = [[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]].map(Vec2::from_array);
        let surfaces = [Surface {
            world_from_surface: Mat4::IDENTITY,
            polygon: &corners,
        }];
        let scene = Scene {
            pins: &pins,
            grids: &grids,
            image_points: &self.image_points,
            heads: &heads,
            spots: &spots,
            models: &models,
            strokes: &strokes,
            world_points: Some(WorldPoints {
                points: &self.points,
                revision: u64::from(frame),
                color_by: render::ColorBy::Age,
                opacity: 1.0,
            }),
            labels: &labels,
            particles: &particles,
            real_world: RealWorld {
                surfaces: &surfaces,
                ..RealWorld::default()
            },
            ..Scene::default()
        };
        let eye = Vec3::new(0.5 * time.sin(), 0.8, 1.2);
        let view = View {
            viewport_px: [0, 0, SIZE_PX[0], SIZE_PX[1]],
            projection_from_view: perspective(1.0, 1.0, 0.05, 20.0),
            view_from_world: look_at_mat4(eye, Vec3::ZERO, Vec3::Y),
        };
        let frame = FrameViews {
            views: &[view],
            target_size_px: SIZE_PX,
            pixel_ratio: 1.0,
            time_secs: time,
        };
        let (light, origin) = (Light::default(), TargetOrigin::TopLeft);
        self.renderer.draw(
            &frame,
            &light,
            &scene,
            Backdrop::Picture,
            &self.target,
            origin,
        );
    }
}
