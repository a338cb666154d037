//! Poses: interpolation against values worked out by hand or in double precision, blending, and
//! transforms against a naive evaluation from the leaves up.

use glam::{DMat4, DQuat, DVec3, Mat4, Quat, Vec3};
use render::glam;
use render::model::{
    Animation, Bounds, Channel, Interpolation, Local, Model, Node, Pose, Property, Repeat,
};

use crate::near;

fn node(parent: Option<usize>, local: Local, weights: &[f32]) -> Node {
    Node {
        name: String::new(),
        parent,
        local,
        mesh: None,
        skin: None,
        weights: weights.to_vec(),
    }
}

fn model(nodes: Vec<Node>, animations: Vec<Vec<Channel>>) -> Model {
    let animations = animations.into_iter().map(|channels| Animation {
        name: String::new(),
        duration_secs: channels
            .iter()
            .map(|channel| channel.times_secs[channel.times_secs.len() - 1])
            .fold(0.0, f32::max),
        channels,
    });
    Model {
        primitives: Vec::new(),
        meshes: Vec::new(),
        materials: Vec::new(),
        images: Vec::new(),
        nodes,
        skins: Vec::new(),
        animations: animations.collect(),
        bounds: Bounds::EMPTY,
        notes: Vec::new(),
    }
}

fn channel(
    property: Property,
    interpolation: Interpolation,
    times_secs: &[f32],
    values: &[f32],
) -> Channel {
    Channel {
        node: 0,
        property,
        interpolation,
        times_secs: times_secs.to_vec(),
        values: values.to_vec(),
    }
}

/// A single node at rest at (9, 9, 9), moved by one channel.
fn moved_by(channel: Channel) -> Model {
    let local = Local::Parts {
        translation: Vec3::splat(9.0),
        rotation: Quat::IDENTITY,
        scale: Vec3::ONE,
    };
    model(vec![node(None, local, &[])], vec![vec![channel]])
}

fn place_at(model: &Model, time_secs: f32, repeat: Repeat) -> Vec3 {
    let mut pose = Pose::at_rest(model);
    pose.sample(model, 0, time_secs, repeat);
    pose.update(model);
    pose.model_from_node(0).w_axis.truncate()
}

const STEPS: [f32; 9] = [0.0, 0.0, 0.0, 2.0, 4.0, 8.0, 4.0, 0.0, 0.0];
const TIMES: [f32; 3] = [1.0, 2.0, 4.0];

#[test]
fn steps_and_lines_follow_the_keyframes() {
    let line = moved_by(channel(
        Property::Translation,
        Interpolation::Linear,
        &TIMES,
        &STEPS,
    ));
    let step = moved_by(channel(
        Property::Translation,
        Interpolation::Step,
        &TIMES,
        &STEPS,
    ));
    for (time, on_line, on_step) in [
        (-1.0, [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]),
        (0.5, [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]),
        (1.0, [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]),
        (1.25, [0.5, 1.0, 2.0], [0.0, 0.0, 0.0]),
        (2.0, [2.0, 4.0, 8.0], [2.0, 4.0, 8.0]),
        (3.5, [3.5, 1.0, 2.0], [2.0, 4.0, 8.0]),
        (4.0, [4.0, 0.0, 0.0], [4.0, 0.0, 0.0]),
        (70.0, [4.0, 0.0, 0.0], [4.0, 0.0, 0.0]),
        (f32::NAN, [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]),
    ] {
        near(
            &place_at(&line, time, Repeat::Once).to_array(),
            &on_line,
            1e-6,
        );
        near(
            &place_at(&step, time, Repeat::Once).to_array(),
            &on_step,
            1e-6,
        );
    }
}

#[test]
fn loops_start_again_and_run_backwards_too() {
    let line = moved_by(channel(
        Property::Translation,
        Interpolation::Linear,
        &TIMES,
        &STEPS,
    ));
    for (time, within) in [(4.0, 0.0), (5.25, 1.25), (-0.5, 3.5), (1002.0, 2.0)] {
        let looped = place_at(&line, time, Repeat::Loop);
        let once = place_at(&line, within, Repeat::Once);
        near(&looped.to_array(), &once.to_array(), 1e-4);
    }
    let still = moved_by(channel(
        Property::Translation,
        Interpolation::Linear,
        &[0.0],
        &[1.0, 2.0, 3.0],
    ));
    near(
        &place_at(&still, 7.0, Repeat::Loop).to_array(),
        &[1.0, 2.0, 3.0],
        0.0,
    );
}

#[test]
fn a_spline_is_a_parabola_where_its_tangents_say_so() {
    // f(t) = (t^2, t^3, 5 - t) has exact Hermite splines; derivatives (2t, 3t^2, -1).
    let value = |t: f32| [t * t, t * t * t, 5.0 - t];
    let slope = |t: f32| [2.0 * t, 3.0 * t * t, -1.0];
    let times = [0.0_f32, 0.5, 2.0, 3.0];
    let values: Vec<f32> = times
        .iter()
        .flat_map(|t| [slope(*t), value(*t), slope(*t)].concat())
        .collect();
    let spline = moved_by(channel(
        Property::Translation,
        Interpolation::CubicSpline,
        &times,
        &values,
    ));
    for step in 0..=60 {
        let time = step as f32 * 0.05;
        near(
            &place_at(&spline, time, Repeat::Once).to_array(),
            &value(time),
            2e-5,
        );
    }
}

#[test]
fn the_tangents_of_a_spline_belong_to_their_own_sides() {
    // In-tangent of the first and out-tangent of the last keyframe must not matter.
    let values = [
        99.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, // in, value, out at 0
        -2.0, 0.0, 0.0, 4.0, 0.0, 0.0, 77.0, 0.0, 0.0, // in, value, out at 2
    ];
    let spline = moved_by(channel(
        Property::Translation,
        Interpolation::CubicSpline,
        &[0.0, 2.0],
        &values,
    ));
    // At the middle: p = 0/2 + 4/2 + dt (b - a) / 8 = 2 + 2 (1 + 2) / 8.
    near(
        &place_at(&spline, 1.0, Repeat::Once).to_array(),
        &[2.75, 0.0, 0.0],
        1e-6,
    );
}

fn rotation_at(model: &Model, time_secs: f32) -> Mat4 {
    let mut pose = Pose::at_rest(model);
    pose.sample(model, 0, time_secs, Repeat::Once);
    pose.update(model);
    pose.model_from_node(0)
}

#[test]
fn rotations_take_the_shorter_way_at_an_even_pace() {
    let quarter = Quat::from_rotation_y(std::f32::consts::FRAC_PI_2);
    // The same turn, written with the other sign and twice the length.
    let values = [[0.0, 0.0, 0.0, 1.0], (quarter * -2.0).to_array()].concat();
    let turning = moved_by(channel(
        Property::Rotation,
        Interpolation::Linear,
        &[0.0, 1.0],
        &values,
    ));
    for step in 0..=10 {
        let time = step as f32 / 10.0;
        let expected = Mat4::from_rotation_y(time * std::f32::consts::FRAC_PI_2);
        let x = rotation_at(&turning, time).x_axis;
        near(&x.to_array(), &expected.x_axis.to_array(), 1e-5);
    }
}

#[test]
fn splines_of_rotations_are_normalised() {
    let half = std::f32::consts::FRAC_1_SQRT_2;
    let none = [0.0; 4];
    let values = [
        none,
        [0.0, 0.0, 0.0, 1.0],
        none,
        none,
        [0.0, half, 0.0, half],
        none,
    ]
    .concat();
    let turning = moved_by(channel(
        Property::Rotation,
        Interpolation::CubicSpline,
        &[0.0, 1.0],
        &values,
    ));
    // Half way the sum is ((0, half, 0, 1 + half) / 2): an eighth of a turn after normalising.
    let expected = Mat4::from_rotation_y(std::f32::consts::FRAC_PI_4);
    near(
        &rotation_at(&turning, 0.5).x_axis.to_array(),
        &expected.x_axis.to_array(),
        1e-6,
    );
}

#[test]
fn weights_are_sampled_blended_and_set() {
    let weights = channel(
        Property::Weights,
        Interpolation::Linear,
        &[0.0, 1.0, 2.0],
        &[0.0, 1.0, 0.5, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0],
    );
    let nodes = vec![
        node(None, Local::IDENTITY, &[0.25, 0.25, 0.25]),
        node(None, Local::IDENTITY, &[0.75]),
    ];
    let model = model(nodes, vec![vec![weights]]);
    let mut pose = Pose::at_rest(&model);
    assert_eq!(pose.weights(0), [0.25; 3]);
    pose.sample(&model, 0, 0.5, Repeat::Once);
    near(pose.weights(0), &[0.0, 0.5, 0.25], 1e-6);
    assert_eq!(pose.weights(1), [0.75]);
    pose.blend(&model, 0, 1.5, 0.5);
    near(pose.weights(0), &[0.25, 0.5, 0.375], 1e-6);
    pose.set_weights(0, &[9.0]);
    near(pose.weights(0), &[9.0, 0.5, 0.375], 1e-6);
    pose.rest(&model);
    assert_eq!(pose.weights(0), [0.25; 3]);
    assert!(pose.weights(7).is_empty());
}

#[test]
fn blending_lies_between_two_poses() {
    let quarter = Quat::from_rotation_z(std::f32::consts::FRAC_PI_2);
    let one = |property, values: &[f32]| channel(property, Interpolation::Linear, &[0.0], values);
    let model = model(
        vec![node(None, Local::IDENTITY, &[])],
        vec![vec![
            one(Property::Translation, &[4.0, 0.0, 0.0]),
            one(Property::Rotation, &(-quarter).to_array()),
            one(Property::Scale, &[3.0, 1.0, 1.0]),
        ]],
    );
    let mut pose = Pose::at_rest(&model);
    pose.blend(&model, 0, 0.0, 0.25);
    pose.update(&model);
    let expected = Mat4::from_scale_rotation_translation(
        Vec3::new(1.5, 1.0, 1.0),
        Quat::from_rotation_z(std::f32::consts::FRAC_PI_8),
        Vec3::X,
    );
    near(
        &pose.model_from_node(0).to_cols_array(),
        &expected.to_cols_array(),
        1e-5,
    );
    for (weight, expected) in [
        (0.0, 1.0),
        (f32::NAN, 1.0),
        (-1.0, 1.0),
        (1.0, 4.0),
        (8.0, 4.0),
    ] {
        let mut pose = pose.clone();
        pose.blend(&model, 0, 0.0, weight);
        pose.update(&model);
        assert_eq!(pose.model_from_node(0).w_axis.x, expected, "{weight}");
    }
}

#[test]
fn the_revision_tells_of_changes_only() {
    let line = moved_by(channel(
        Property::Translation,
        Interpolation::Linear,
        &TIMES,
        &STEPS,
    ));
    let mut pose = Pose::at_rest(&line);
    let first = pose.revision();
    pose.rest(&line);
    pose.update(&line);
    assert_eq!(pose.revision(), first, "nothing moved");
    pose.sample(&line, 0, 1.5, Repeat::Once);
    pose.update(&line);
    let second = pose.revision();
    assert_ne!(second, first);
    pose.sample(&line, 0, 1.5, Repeat::Once);
    pose.update(&line);
    pose.sample(&line, 99, 1.5, Repeat::Once);
    pose.blend(&line, 99, 1.5, 1.0);
    pose.update(&line);
    assert_eq!(pose.revision(), second, "nothing moved");
    let morphed = model(vec![node(None, Local::IDENTITY, &[0.5])], Vec::new());
    let mut pose = Pose::at_rest(&morphed);
    let first = pose.revision();
    pose.set_weights(0, &[0.5]);
    assert_eq!(pose.revision(), first);
    pose.set_weights(0, &[0.75]);
    assert_ne!(pose.revision(), first);
}

#[test]
fn a_pose_of_another_model_does_no_harm() {
    let line = moved_by(channel(
        Property::Translation,
        Interpolation::Linear,
        &TIMES,
        &STEPS,
    ));
    let weighted = Channel {
        node: 5,
        ..channel(Property::Weights, Interpolation::Linear, &[0.0], &[1.0])
    };
    let empty = model(Vec::new(), vec![vec![weighted]]);
    let mut pose = Pose::at_rest(&empty);
    pose.sample(&line, 0, 1.5, Repeat::Once);
    pose.blend(&line, 0, 1.5, 0.5);
    pose.rest(&line);
    pose.update(&line);
    assert_eq!(pose.model_from_node(0), Mat4::IDENTITY);
    let mut pose = Pose::at_rest(&line);
    pose.sample(&empty, 0, 0.0, Repeat::Loop);
    pose.update(&empty);
    pose.set_weights(usize::MAX - 1, &[1.0]);
}

/// A seeded source of numbers: xorshift64 (Marsaglia 2003).
struct Random(u64);

impl Random {
    fn bits(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.bits() >> 11) as usize % bound
    }

    /// -1 to 1.
    fn signed(&mut self) -> f32 {
        (self.bits() >> 40) as f32 / (1 << 23) as f32 - 1.0
    }

    fn numbers(&mut self, count: usize) -> Vec<f32> {
        (0..count).map(|_| self.signed()).collect()
    }
}

fn random_model(random: &mut Random) -> Model {
    let count = 1 + random.below(20);
    let mut nodes = Vec::new();
    let mut channels = Vec::new();
    for place in 0..count {
        let parent = (place > 0 && random.below(5) > 0).then(|| random.below(place.max(1)));
        let rotation = Quat::from_slice(&random.numbers(4)).normalize();
        let translation = Vec3::from_slice(&random.numbers(3));
        let scale = Vec3::ONE + Vec3::from_slice(&random.numbers(3)) * 0.5;
        let parts = Local::Parts {
            translation,
            rotation,
            scale,
        };
        if random.below(4) == 0 {
            nodes.push(node(parent, Local::Matrix(parts.matrix()), &[]));
            continue;
        }
        nodes.push(node(parent, parts, &[]));
        for (property, width) in [
            (Property::Translation, 3),
            (Property::Rotation, 4),
            (Property::Scale, 3),
        ] {
            if random.below(2) == 0 {
                continue;
            }
            let keyframes = 1 + random.below(4);
            let mut times_secs = vec![random.signed().abs()];
            while times_secs.len() < keyframes {
                let last = times_secs[times_secs.len() - 1];
                times_secs.push(last + 0.1 + random.signed().abs());
            }
            channels.push(Channel {
                node: place,
                property,
                interpolation: Interpolation::Linear,
                values: random.numbers(keyframes * width),
                times_secs,
            });
        }
    }
    model(nodes, vec![channels])
}

/// What a channel gives at a moment, in double precision and without any search.
fn naive_value(channel: &Channel, time: f64, width: usize) -> Vec<f64> {
    let value = |keyframe: usize| -> Vec<f64> {
        let values = &channel.values[keyframe * width..(keyframe + 1) * width];
        values.iter().map(|number| f64::from(*number)).collect()
    };
    let times: Vec<f64> = channel
        .times_secs
        .iter()
        .map(|time| f64::from(*time))
        .collect();
    let last = times.len() - 1;
    if time <= times[0] {
        return value(0);
    }
    if time >= times[last] {
        return value(last);
    }
    let before = times
        .iter()
        .rposition(|keyframe| *keyframe <= time)
        .unwrap_or(0);
    let along = (time - times[before]) / (times[before + 1] - times[before]);
    let (from, to) = (value(before), value(before + 1));
    if channel.property != Property::Rotation {
        return from
            .iter()
            .zip(&to)
            .map(|(from, to)| from * (1.0 - along) + to * along)
            .collect();
    }
    // Shoemake 1985, on the shorter side.
    let from = DQuat::from_slice(&from).normalize();
    let mut to = DQuat::from_slice(&to).normalize();
    if from.dot(to) < 0.0 {
        to = -to;
    }
    let angle = from.dot(to).min(1.0).acos();
    let blended = from * ((1.0 - along) * angle).sin() + to * (along * angle).sin();
    blended.normalize().to_array().to_vec()
}

fn naive_place(model: &Model, node: usize, time: f64) -> DMat4 {
    let mut local = match model.nodes[node].local {
        Local::Matrix(matrix) => matrix.as_dmat4(),
        Local::Parts {
            translation,
            rotation,
            scale,
        } => {
            let (mut translation, mut rotation, mut scale) = (
                translation.as_dvec3(),
                rotation.as_dquat(),
                scale.as_dvec3(),
            );
            let channels = &model.animations[0].channels;
            for channel in channels.iter().filter(|channel| channel.node == node) {
                match channel.property {
                    Property::Rotation => {
                        rotation = DQuat::from_slice(&naive_value(channel, time, 4)).normalize();
                    }
                    Property::Scale => scale = DVec3::from_slice(&naive_value(channel, time, 3)),
                    _ => translation = DVec3::from_slice(&naive_value(channel, time, 3)),
                }
            }
            DMat4::from_translation(translation)
                * DMat4::from_quat(rotation)
                * DMat4::from_scale(scale)
        }
    };
    if let Some(parent) = model.nodes[node].parent {
        local = naive_place(model, parent, time) * local;
    }
    local
}

#[test]
fn a_pose_agrees_with_a_naive_evaluation() {
    let mut random = Random(0x5eed);
    for _ in 0..200 {
        let model = random_model(&mut random);
        let mut pose = Pose::at_rest(&model);
        for _ in 0..5 {
            let time = random.signed().abs() * model.animations[0].duration_secs;
            pose.sample(&model, 0, time, Repeat::Once);
            pose.update(&model);
            for node in 0..model.nodes.len() {
                let expected = naive_place(&model, node, f64::from(time)).as_mat4();
                let actual = pose.model_from_node(node);
                let size = expected
                    .to_cols_array()
                    .into_iter()
                    .fold(1.0, |most: f32, number| most.max(number.abs()));
                near(
                    &actual.to_cols_array(),
                    &expected.to_cols_array(),
                    2e-4 * size,
                );
            }
        }
    }
}
