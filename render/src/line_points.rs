//! Lines as one row of points: the mirror of `Piece` in `lines.wgsl`. A piece goes from each point that
//! is linked to the one after it. Pure; the lines pass sends and draws what comes out.

use bytemuck::{Pod, Zeroable};
use glam::Vec3;

use crate::{
    Arrow, Keyframe, Measurement, Pointer, Scene, Stroke, Trajectory, palette::byte_from_linear,
};

/// Bits of a style's first byte, as in `lines.wgsl`.
const LINKED: u8 = 1;
const DISC: u8 = 2;
const RING: u8 = 4;

/// CSS pixels that a line is wide at least.
const STROKE_PX: f32 = 2.0;
const ARROW_PX: f32 = 2.5;
const MEASUREMENT_PX: f32 = 2.25;
const RAY_PX: f32 = 2.0;
const KEYFRAME_PX: f32 = 1.5;
/// And that dots at ends are wide.
const DOT_PX: f32 = 9.0;

const MEASUREMENT_WIDTH_M: f32 = 0.003;
const MEASUREMENT_DOT_M: f32 = 0.012;
const RAY_WIDTH_M: f32 = 0.003;
const RAY_DOT_M: f32 = 0.02;
/// A ray that hits nothing ends here.
const FREE_RAY_M: f32 = 1.6;
/// An arrow's head in widths of its shaft: across, and along at most.
const HEAD_WIDTHS: f32 = 3.2;
const HEAD_LENGTHS: f32 = 4.6;
/// What is left of a trajectory's opacity where it is old.
const OLD_PART: f32 = 0.25;
/// Points of a stroke nearer than this part of its width are one.
const SAME_PART_OF_WIDTH: f32 = 0.05;

/// A point of a line.
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct LinePoint {
    /// w: radius in metres.
    position: [f32; 4],
    /// sRGB; alpha is straight.
    color: [u8; 4],
    style: [u8; 4],
}

/// Lies before the first and after the last point, and between lines where nothing else does.
const NOTHING: LinePoint = LinePoint {
    position: [0.0; 4],
    color: [0; 4],
    style: [0; 4],
};

/// How a line looks that is the same all along.
#[derive(Clone, Copy)]
struct Look {
    radius_m: f32,
    least_px: f32,
    color: [u8; 4],
}

impl Look {
    fn new(width_m: f32, least_px: f32, color: [f32; 3], opacity: f32) -> Self {
        let [red, green, blue] = color.map(byte_from_linear);
        Look {
            radius_m: (width_m * 0.5).max(0.0),
            least_px,
            color: [red, green, blue, byte_of(opacity)],
        }
    }

    fn with_opacity(self, opacity: f32) -> Self {
        let [red, green, blue, _] = self.color;
        Look {
            color: [red, green, blue, byte_of(opacity)],
            ..self
        }
    }

    fn at(&self, place: Vec3, flags: u8) -> LinePoint {
        let sixteenths = (self.least_px * 0.5 * 16.0 + 0.5).clamp(1.0, 255.0) as u8;
        LinePoint {
            position: place.extend(self.radius_m).to_array(),
            color: self.color,
            style: [flags, sixteenths, 0, 0],
        }
    }

    fn is_seen(&self) -> bool {
        self.color[3] > 0 && self.radius_m.is_finite()
    }
}

fn byte_of(share: f32) -> u8 {
    (share.clamp(0.0, 1.0) * 255.0 + 0.5) as u8
}

/// All lines of a scene, those that change least first, so that little is sent when one grows.
pub(crate) fn push_lines(scene: &Scene, push: &mut impl FnMut(LinePoint)) {
    push(NOTHING);
    scene
        .keyframes
        .iter()
        .for_each(|frame| keyframe(frame, push));
    scene.arrows.iter().for_each(|one| arrow(one, push));
    scene
        .measurements
        .iter()
        .for_each(|one| measurement(one, push));
    scene.strokes.iter().for_each(|one| stroke(one, push));
    scene
        .trajectories
        .iter()
        .for_each(|one| trajectory(one, push));
    scene.pointers.iter().for_each(|one| pointer(one, push));
    push(NOTHING);
}

/// Points joined one after the other; a single one is a dot.
fn chain(points: impl Iterator<Item = LinePoint>, push: &mut impl FnMut(LinePoint)) {
    let mut last: Option<(LinePoint, bool)> = None;
    for point in points {
        if let Some((before, _)) = last {
            push(linked(before));
        }
        last = Some((point, last.is_some()));
    }
    match last {
        Some((point, true)) => push(point),
        Some((point, false)) => {
            push(linked(point));
            push(point);
        }
        None => {}
    }
}

fn linked(point: LinePoint) -> LinePoint {
    let [flags, least, ..] = point.style;
    LinePoint {
        style: [flags | LINKED, least, 0, 0],
        ..point
    }
}

fn stroke(stroke: &Stroke, push: &mut impl FnMut(LinePoint)) {
    let look = Look::new(stroke.width_m, STROKE_PX, stroke.color, stroke.opacity);
    if !look.is_seen() {
        return;
    }
    let same_m = look.radius_m * 2.0 * SAME_PART_OF_WIDTH;
    let mut kept: Option<Vec3> = None;
    let places = stroke.points_in_world.iter().copied().filter(|place| {
        let far = kept.is_none_or(|kept| place.distance_squared(kept) > same_m * same_m);
        let keep = far && place.is_finite();
        if keep {
            kept = Some(*place);
        }
        keep
    });
    chain(places.map(|place| look.at(place, 0)), push);
}

fn arrow(arrow: &Arrow, push: &mut impl FnMut(LinePoint)) {
    let (from, to) = (arrow.from_in_world, arrow.to_in_world);
    let shaft = Look::new(arrow.width_m, ARROW_PX, arrow.color, arrow.opacity);
    let length_m = from.distance(to);
    if !shaft.is_seen() || !length_m.is_finite() || length_m <= 0.0 {
        return;
    }
    let head_m = (arrow.width_m * HEAD_LENGTHS).min(length_m * 0.7);
    let base = to + (from - to) * (head_m / length_m);
    chain([shaft.at(from, 0), shaft.at(base, DISC)].into_iter(), push);
    let wide = Look {
        radius_m: shaft.radius_m * HEAD_WIDTHS,
        least_px: ARROW_PX * HEAD_WIDTHS,
        ..shaft
    };
    let tip = Look {
        radius_m: shaft.radius_m * 0.3,
        least_px: ARROW_PX * 0.4,
        ..shaft
    };
    // The tip is round: its own radius short of the place it points at.
    let end = to + (from - to) * (tip.radius_m / length_m);
    chain([wide.at(base, DISC), tip.at(end, 0)].into_iter(), push);
}

fn measurement(measurement: &Measurement, push: &mut impl FnMut(LinePoint)) {
    let ends = [measurement.from_in_world, measurement.to_in_world];
    if !ends.iter().all(|end| end.is_finite()) {
        return;
    }
    let line = Look::new(MEASUREMENT_WIDTH_M, MEASUREMENT_PX, measurement.color, 1.0);
    let dot = Look::new(MEASUREMENT_DOT_M, DOT_PX, measurement.color, 1.0);
    chain(ends.iter().map(|end| line.at(*end, 0)), push);
    for end in ends {
        chain([dot.at(end, RING)].into_iter(), push);
    }
}

fn pointer(pointer: &Pointer, push: &mut impl FnMut(LinePoint)) {
    let origin = pointer.origin_in_world;
    let Some(direction) = pointer.direction_in_world.try_normalize() else {
        return;
    };
    let length_m = pointer.hit_m.unwrap_or(FREE_RAY_M).max(0.0);
    let end = origin + direction * length_m;
    if !origin.is_finite() || !end.is_finite() {
        return;
    }
    let ray = Look::new(RAY_WIDTH_M, RAY_PX, pointer.color, 0.9);
    let faint = ray.with_opacity(if pointer.hit_m.is_some() { 0.22 } else { 0.0 });
    chain([ray.at(origin, 0), faint.at(end, 0)].into_iter(), push);
    if pointer.hit_m.is_some() {
        let dot = Look::new(RAY_DOT_M, DOT_PX, pointer.color, 1.0);
        chain([dot.at(end, RING)].into_iter(), push);
    }
}

fn trajectory(trajectory: &Trajectory, push: &mut impl FnMut(LinePoint)) {
    let look = Look::new(
        0.0,
        trajectory.width_px,
        trajectory.color,
        trajectory.opacity,
    );
    if !look.is_seen() {
        return;
    }
    let count = trajectory.positions_in_world.len();
    let fading = trajectory.fading_positions as usize;
    let places = trajectory.positions_in_world.iter().enumerate();
    let points = places
        .filter(|(_, place)| place.is_finite())
        .map(|(index, place)| {
            let age = count - 1 - index;
            let left = if age >= fading {
                if fading == 0 { 1.0 } else { OLD_PART }
            } else {
                1.0 + (OLD_PART - 1.0) * (age as f32 / fading as f32)
            };
            look.with_opacity(trajectory.opacity * left).at(*place, 0)
        });
    chain(points, push);
}

fn keyframe(keyframe: &Keyframe, push: &mut impl FnMut(LinePoint)) {
    let look = Look::new(0.0, KEYFRAME_PX, keyframe.color, keyframe.opacity);
    let camera = keyframe.world_from_camera;
    let has_shape = keyframe.aspect > 0.0 && keyframe.width_m.is_finite();
    if !look.is_seen() || !camera.is_finite() || !has_shape {
        return;
    }
    let x = keyframe.width_m * 0.5;
    let y = x / keyframe.aspect;
    // As a camera of 65 degrees sees.
    let z = -x * 1.57;
    let at = |x: f32, y: f32, z: f32| look.at(camera.transform_point3(Vec3::new(x, y, z)), 0);
    let [a, b, c, d] = [at(-x, -y, z), at(x, -y, z), at(x, y, z), at(-x, y, z)];
    let eye = at(0.0, 0.0, 0.0);
    chain([a, b, c, d, a].into_iter(), push);
    chain([a, eye, b].into_iter(), push);
    chain([c, eye, d].into_iter(), push);
    // Which side is up.
    let up = [
        at(-x * 0.4, y * 1.15, z),
        at(0.0, y * 1.6, z),
        at(x * 0.4, y * 1.15, z),
    ];
    chain([up[0], up[1], up[2], up[0]].into_iter(), push);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points_of(scene: &Scene) -> Vec<LinePoint> {
        let mut points = Vec::new();
        push_lines(scene, &mut |point| points.push(point));
        points
    }

    fn pieces(points: &[LinePoint]) -> usize {
        points
            .iter()
            .filter(|point| point.style[0] & LINKED != 0)
            .count()
    }

    const STROKE: Stroke = Stroke {
        points_in_world: &[],
        width_m: 0.01,
        color: [1.0, 0.0, 0.0],
        opacity: 0.5,
    };

    #[test]
    fn a_stroke_has_a_piece_between_neighbours_and_leaves_out_what_is_no_place() {
        let places = [
            Vec3::ZERO,
            Vec3::X * 1e-5,
            Vec3::X,
            Vec3::NAN,
            Vec3::new(1.0, 1.0, 0.0),
        ];
        let strokes = [Stroke {
            points_in_world: &places,
            ..STROKE
        }];
        let points = points_of(&Scene {
            strokes: &strokes,
            ..Scene::default()
        });
        assert_eq!(pieces(&points), 2);
        assert_eq!(points.len(), 5);
        assert_eq!(points[1].color, [255, 0, 0, 128]);
        assert!((points[1].position[3] - 0.005).abs() < 1e-7);
    }

    #[test]
    fn lines_do_not_run_into_each_other_and_end_unlinked() {
        let places = [Vec3::ZERO, Vec3::X];
        let strokes = [Stroke {
            points_in_world: &places,
            ..STROKE
        }; 3];
        let measurements = [Measurement {
            from_in_world: Vec3::ZERO,
            to_in_world: Vec3::Y,
            color: [1.0; 3],
            label: None,
        }];
        let points = points_of(&Scene {
            strokes: &strokes,
            measurements: &measurements,
            ..Scene::default()
        });
        // A line and two dots, three strokes.
        assert_eq!(pieces(&points), 6);
        assert_eq!(points[0], NOTHING);
        assert_eq!(points.last(), Some(&NOTHING));
        for pair in points.windows(2) {
            let is_linked = |point: &LinePoint| point.style[0] & LINKED != 0;
            assert!(!(is_linked(&pair[0]) && is_linked(&pair[1])));
        }
    }

    #[test]
    fn a_single_point_is_a_dot_and_none_is_nothing() {
        let strokes = [
            Stroke {
                points_in_world: &[Vec3::ONE],
                ..STROKE
            },
            STROKE,
        ];
        let points = points_of(&Scene {
            strokes: &strokes,
            ..Scene::default()
        });
        assert_eq!(pieces(&points), 1);
        assert_eq!(points[1].position, points[2].position);
    }

    #[test]
    fn a_trajectory_fades_with_age_and_old_points_stay_as_they_are() {
        let places: Vec<Vec3> = (0..10).map(|index| Vec3::X * index as f32).collect();
        let faded = |count: usize| {
            let trajectories = [Trajectory {
                positions_in_world: &places[..count],
                width_px: 2.0,
                color: [1.0; 3],
                opacity: 1.0,
                fading_positions: 4,
            }];
            points_of(&Scene {
                trajectories: &trajectories,
                ..Scene::default()
            })
        };
        let alphas: Vec<u8> = faded(10)[1..11]
            .iter()
            .map(|point| point.color[3])
            .collect();
        assert_eq!(alphas, [64, 64, 64, 64, 64, 64, 112, 159, 207, 255]);
        assert_eq!(faded(9)[..5], faded(10)[..5]);
    }

    #[test]
    fn an_arrow_ends_where_it_points_and_bad_ones_are_left_out() {
        let arrow = Arrow {
            from_in_world: Vec3::ZERO,
            to_in_world: Vec3::X,
            width_m: 0.01,
            color: [1.0; 3],
            opacity: 1.0,
            label: None,
        };
        let to_nowhere = Arrow {
            to_in_world: Vec3::NAN,
            ..arrow
        };
        let of_no_length = Arrow {
            to_in_world: Vec3::ZERO,
            ..arrow
        };
        let arrows = [arrow, to_nowhere, of_no_length];
        let points = points_of(&Scene {
            arrows: &arrows,
            ..Scene::default()
        });
        assert_eq!(pieces(&points), 2);
        let tip = points[points.len() - 2].position;
        assert!((tip[0] + tip[3] - 1.0).abs() < 1e-6);
    }
}
