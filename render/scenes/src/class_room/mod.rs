//! A class-room to measure with: sixty things of twenty models, 200,000 triangles, on a floor that takes their
//! shadows, with 5,000 feature points, thirty labels and particles; a third of the things turns, and the camera walks
//! around. Also a map of any number of feature points alone.
//!
//! [`things`] are the models as files, so that other renderers can draw the same; [`description`] says the same of
//! where they stand, of camera and light.

mod things;

use std::f32::consts::TAU;

use render::glam::camera::rh::{proj::opengl::perspective, view::look_at_mat4};
use render::glam::{Mat4, Vec2, Vec3};
use render::{
    Backdrop, ColorBy, DrawReport, Error, FrameViews, FreeLabel, LabelId, Light, ModelId,
    ModelInstance, ParticleEffect, ParticleKind, RealWorld, Renderer, Scene, Surface, TargetOrigin,
    View, WorldPoint, WorldPoints, palette,
};
use serde_json::{Value, json};

use crate::card::plain_card;
pub use things::{Thing, things};

/// Things on the floor.
const PLACES: usize = 60;
const COLUMNS: usize = 10;
const SPACING_M: f32 = 0.55;
/// Half the floor, metres.
const FLOOR_HALF_M: [f32; 2] = [3.2, 2.2];
/// Feature points in the room.
const POINTS: usize = 5_000;
/// Things with a label.
const LABELS: usize = 30;
/// One in so many things turns, once around in [`TURN_SECS`].
const TURNING: usize = 3;
const TURN_SECS: f32 = 6.0;
/// Where the camera walks: around this place, so far and so high, once around in so many seconds.
const CENTER: Vec3 = Vec3::new(0.0, 0.1, 0.0);
const DISTANCE_M: f32 = 3.4;
const HEIGHT_M: f32 = 2.1;
const WALK_SECS: f32 = 40.0;
const FOV_RAD: f32 = 0.9;
const NEAR_FAR_M: [f32; 2] = [0.05, 50.0];
const BACKGROUND: [f32; 3] = [0.62, 0.61, 0.58];

/// What of the room is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// All of it.
    Whole,
    /// The models and their shadows alone, without ambient occlusion.
    ModelsAndShadows,
    /// The same without shadows.
    Models,
    /// The feature points alone.
    Points,
}

/// The room, in a renderer that holds its models.
pub struct ClassRoom {
    instances: Vec<ModelInstance<'static>>,
    points: Vec<WorldPoint>,
    labels: Vec<FreeLabel>,
    light: Light,
}

impl ClassRoom {
    /// Furnishes the room. `models`: those of [`things`] in their order, as `renderer` named them.
    ///
    /// # Errors
    /// [`Error::LabelSize`] where the device has no room for a label.
    pub fn new(renderer: &mut Renderer, models: &[ModelId]) -> Result<Self, Error> {
        let instances: Vec<_> = models
            .iter()
            .cycle()
            .take(PLACES)
            .enumerate()
            .map(|(place, model)| ModelInstance::new(*model, world_from_thing(place, 0.0)))
            .collect();
        let mut labels = Vec::with_capacity(LABELS);
        for index in 0..LABELS {
            let id = LabelId(index as u64 + 1);
            let (width, height, rgba) = plain_card(&format!("Thing {index}"), 0xff6a3d);
            renderer.set_label(id, width, height, &rgba)?;
            labels.push(FreeLabel {
                id,
                anchor_in_world: position(index * 2) + Vec3::Y * 0.42,
                clearance_m: 0.0,
            });
        }
        Ok(ClassRoom {
            instances,
            points: (0..POINTS).map(point).collect(),
            labels,
            light: light(),
        })
    }

    /// Another number of feature points.
    pub fn set_point_count(&mut self, count: usize) {
        self.points = (0..count).map(point).collect();
    }

    /// Draws the room at a time into a target of this size. `moves`: whether things turn and the camera walks; else all
    /// stands as at time 0.
    pub fn draw(
        &mut self,
        renderer: &mut Renderer,
        content: Content,
        (time_secs, moves): (f32, bool),
        size_px: [u32; 2],
        (target, origin): (&wgpu::TextureView, TargetOrigin),
    ) -> DrawReport {
        let moved_secs = if moves { time_secs } else { 0.0 };
        for (place, instance) in self.instances.iter_mut().enumerate() {
            if place % TURNING == 0 {
                instance.world_from_model = world_from_thing(place, moved_secs);
            }
            instance.casts_shadow = content != Content::Models;
        }
        let [x, z] = FLOOR_HALF_M;
        let floor = [[-x, -z], [x, -z], [x, z], [-x, z]].map(Vec2::from_array);
        let surfaces = [Surface {
            world_from_surface: Mat4::IDENTITY,
            polygon: &floor,
        }];
        let particles = particles(time_secs);
        let mut scene = Scene::default();
        let has_shadows = matches!(content, Content::Whole | Content::ModelsAndShadows);
        scene.effects.shadows = if has_shadows { 1.0 } else { 0.0 };
        scene.effects.ambient_occlusion = if content == Content::Whole { 1.0 } else { 0.0 };
        if content != Content::Points {
            scene.models = &self.instances;
            scene.real_world = RealWorld {
                surfaces: if has_shadows { &surfaces } else { &[] },
                ..RealWorld::default()
            };
        }
        if content == Content::Whole {
            scene.labels = &self.labels;
            scene.particles = &particles;
        }
        if matches!(content, Content::Whole | Content::Points) {
            scene.world_points = Some(WorldPoints {
                points: &self.points,
                revision: self.points.len() as u64,
                color_by: ColorBy::Age,
                opacity: 1.0,
            });
        }
        let frame = FrameViews {
            views: &[view(moved_secs, size_px)],
            target_size_px: size_px,
            pixel_ratio: 1.0,
            time_secs,
        };
        let backdrop = Backdrop::Color(BACKGROUND);
        renderer.draw(&frame, &self.light, &scene, backdrop, target, origin)
    }
}

/// Where all stands, for renderers that get the models as files: metres, radians, seconds, linear colours, matrices
/// column by column. Things turn around +Y, the camera walks from +Z to +X.
pub fn description() -> Value {
    let light = light();
    let places: Vec<_> = (0..PLACES)
        .map(|place| {
            json!({
                "model": place % 20,
                "matrix": world_from_thing(place, 0.0).to_cols_array(),
                "turns": place % TURNING == 0,
            })
        })
        .collect();
    json!({
        "places": places,
        "turnSecs": TURN_SECS,
        "camera": {
            "center": CENTER.to_array(), "distanceM": DISTANCE_M, "heightM": HEIGHT_M, "walkSecs": WALK_SECS,
            "fovRad": FOV_RAD, "near": NEAR_FAR_M[0], "far": NEAR_FAR_M[1],
        },
        "light": {
            "directionToLight": light.direction_to_light_in_world.normalize().to_array(),
            "intensityOverPi": light.intensity.to_array(),
            "sh": light.around.0.map(|value| value.to_array()).concat(),
        },
        "background": BACKGROUND,
        "floorHalfM": FLOOR_HALF_M,
        "points": (0..POINTS).map(|index| point_position(index).to_array()).collect::<Vec<_>>(),
        "labels": (0..LABELS).map(|index| (position(index * 2) + Vec3::Y * 0.42).to_array()).collect::<Vec<_>>(),
        "particles": particles(0.0).iter().map(|effect| effect.count).sum::<u32>(),
    })
}

/// 0 to 1, another one for each index and step.
fn part(index: usize, step: f64) -> f32 {
    ((index + 1) as f64 * step).fract() as f32
}

fn position(place: usize) -> Vec3 {
    let (column, row) = (place % COLUMNS, place / COLUMNS);
    let middle = Vec2::new(COLUMNS as f32 - 1.0, (PLACES / COLUMNS) as f32 - 1.0) * 0.5;
    let jitter = Vec2::new(part(place, 0.618_034), part(place, 0.754_878)) * 0.2 - 0.1;
    let at = (Vec2::new(column as f32, row as f32) - middle + jitter) * SPACING_M;
    Vec3::new(at.x, 0.0, at.y)
}

fn world_from_thing(place: usize, time_secs: f32) -> Mat4 {
    let turned = part(place, 0.569_84) + time_secs / TURN_SECS;
    Mat4::from_translation(position(place)) * Mat4::from_rotation_y(turned.fract() * TAU)
}

fn view(time_secs: f32, [width, height]: [u32; 2]) -> View {
    let (sine, cosine) = (time_secs / WALK_SECS * TAU).sin_cos();
    let eye = CENTER + Vec3::new(sine * DISTANCE_M, HEIGHT_M, cosine * DISTANCE_M);
    let aspect = width as f32 / height as f32;
    let [near, far] = NEAR_FAR_M;
    View {
        viewport_px: [0, 0, width, height],
        projection_from_view: perspective(FOV_RAD, aspect, near, far),
        view_from_world: look_at_mat4(eye, CENTER, Vec3::Y),
    }
}

fn light() -> Light {
    crate::real_room::light()
}

/// On the floor and on two walls, in clusters.
fn point_position(index: usize) -> Vec3 {
    let [x, z] = FLOOR_HALF_M;
    let (u, v) = (part(index, 0.618_034) * 2.0 - 1.0, part(index, 0.754_878));
    match index % 4 {
        0 | 1 => Vec3::new(u * x, 0.01, (v * 2.0 - 1.0) * z),
        2 => Vec3::new(u * x, v * 1.6, -z),
        _ => Vec3::new(-x, v * 1.6, u * z),
    }
}

fn point(index: usize) -> WorldPoint {
    WorldPoint::new(
        point_position(index),
        part(index, 0.271),
        part(index, 0.891) * 0.3,
    )
}

fn particles(time_secs: f32) -> [ParticleEffect; 2] {
    let at = |x: f32, z: f32| Mat4::from_translation(Vec3::new(x, 0.0, z));
    [
        ParticleEffect {
            seed: 1,
            ..ParticleEffect::new(
                ParticleKind::Celebration,
                at(0.2, 0.0),
                Vec3::new(0.8, 0.9, 0.8),
                time_secs.rem_euclid(4.0),
            )
        },
        ParticleEffect {
            seed: 2,
            color: palette::AMBER,
            ..ParticleEffect::new(
                ParticleKind::Sparkle,
                at(-1.0, 0.5),
                Vec3::new(0.2, 0.4, 0.2),
                time_secs,
            )
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_room_has_as_much_as_it_says() {
        let things = things();
        assert_eq!(things.len(), 20);
        let triangles: u32 = (0..PLACES).map(|place| things[place % 20].triangles).sum();
        assert!((198_000..=202_000).contains(&triangles), "{triangles}");
        for thing in &things {
            assert!(
                (3_000..=3_600).contains(&thing.triangles),
                "{} {}",
                thing.name,
                thing.triangles
            );
        }
        let described = description();
        assert_eq!(described["places"].as_array().map(Vec::len), Some(PLACES));
        assert_eq!(described["points"].as_array().map(Vec::len), Some(POINTS));
        assert_eq!(described["light"]["sh"].as_array().map(Vec::len), Some(27));
    }
}
