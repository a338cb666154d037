//! Keyframes and what lies between them. A channel moves one property of one node; which nodes stand
//! where at a moment is kept by [`Pose`](super::Pose).

use glam::Quat;

/// Channels that run together.
#[derive(Clone, Debug)]
pub struct Animation {
    /// From the file; empty without.
    pub name: String,
    /// In the file's order.
    pub channels: Vec<Channel>,
    /// When the last keyframe of all channels is reached.
    pub duration_secs: f32,
}

/// The keyframes of one property of one node.
#[derive(Clone, Debug)]
pub struct Channel {
    /// Place in the model's nodes; always a node of [`Local::Parts`](super::Local::Parts).
    pub node: usize,
    /// What moves.
    pub property: Property,
    /// How it gets from a keyframe to the next.
    pub interpolation: Interpolation,
    /// One a keyframe, at least one, each later than the one before.
    pub times_secs: Vec<f32>,
    /// For each keyframe a vector of 3 (translation, scale), 4 (rotation: x, y, z, w) or one number
    /// a morph target (weights). Cubic splines have three a keyframe: in-tangent, value,
    /// out-tangent.
    pub values: Vec<f32>,
}

/// What a channel moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Property {
    /// Metres, in the parent's frame.
    Translation,
    /// Unit quaternion x, y, z, w.
    Rotation,
    /// Factors along the node's axes.
    Scale,
    /// Weights of the node's morph targets.
    Weights,
}

/// How a channel gets from a keyframe to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interpolation {
    /// It jumps when the next is reached.
    Step,
    /// Evenly; rotations by the shorter way round.
    Linear,
    /// By a Hermite spline with the file's tangents.
    CubicSpline,
}

/// What happens beyond an animation's last keyframe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// It stays there.
    Once,
    /// It starts again.
    Loop,
}

impl Animation {
    /// The moment within the animation that is shown at `time_secs` after its start.
    pub fn time_within(&self, time_secs: f32, repeat: Repeat) -> f32 {
        if !time_secs.is_finite() || self.duration_secs <= 0.0 {
            return 0.0;
        }
        match repeat {
            Repeat::Once => time_secs.clamp(0.0, self.duration_secs),
            Repeat::Loop => time_secs.rem_euclid(self.duration_secs),
        }
    }
}

impl Channel {
    /// Writes the value at a moment: before the first keyframe that one's, after the last that one's,
    /// between as glTF 2.0 says in appendix C. `out` is as wide as a keyframe's value; a rotation is
    /// normalised.
    pub(crate) fn sample(&self, time_secs: f32, out: &mut [f32]) {
        let after = self.times_secs.partition_point(|time| *time <= time_secs);
        let last = self.times_secs.len().saturating_sub(1);
        let is_held = after == 0 || after > last || self.interpolation == Interpolation::Step;
        if is_held {
            copy(
                self.value(after.saturating_sub(1).min(last), out.len()),
                out,
            );
        } else {
            let before = after - 1;
            let span_secs = self.times_secs[after] - self.times_secs[before];
            let along = (time_secs - self.times_secs[before]) / span_secs;
            match self.interpolation {
                Interpolation::CubicSpline => self.spline(before, span_secs, along, out),
                _ => self.between(before, along, out),
            }
        }
        if self.property == Property::Rotation {
            let rotation = rotation_of(out);
            copy(&rotation.to_array(), out);
        }
    }

    /// The value of a keyframe, `width` numbers; the middle one of the three of a cubic spline.
    fn value(&self, keyframe: usize, width: usize) -> &[f32] {
        match self.interpolation {
            Interpolation::CubicSpline => self.third(keyframe, 1, width),
            _ => self.values.get(keyframe * width..).unwrap_or_default(),
        }
    }

    /// In-tangent (0), value (1) or out-tangent (2) of a cubic spline's keyframe.
    fn third(&self, keyframe: usize, which: usize, width: usize) -> &[f32] {
        self.values
            .get((keyframe * 3 + which) * width..)
            .unwrap_or_default()
    }

    fn between(&self, before: usize, along: f32, out: &mut [f32]) {
        let from = self.value(before, out.len());
        let to = self.value(before + 1, out.len());
        if self.property == Property::Rotation {
            let turned = rotation_of(from).slerp(rotation_of(to), along);
            copy(&turned.to_array(), out);
            return;
        }
        for ((out, from), to) in out.iter_mut().zip(from).zip(to) {
            *out = from + (to - from) * along;
        }
    }

    fn spline(&self, before: usize, span_secs: f32, along: f32, out: &mut [f32]) {
        let squared = along * along;
        let cubed = squared * along;
        let from_share = 2.0 * cubed - 3.0 * squared + 1.0;
        let leaving_share = span_secs * (cubed - 2.0 * squared + along);
        let to_share = 3.0 * squared - 2.0 * cubed;
        let arriving_share = span_secs * (cubed - squared);
        let width = out.len();
        let from = self.third(before, 1, width).iter();
        let leaving = self.third(before, 2, width).iter();
        let to = self.third(before + 1, 1, width).iter();
        let arriving = self.third(before + 1, 0, width).iter();
        for ((((out, from), leaving), to), arriving) in
            out.iter_mut().zip(from).zip(leaving).zip(to).zip(arriving)
        {
            *out = from_share * from
                + leaving_share * leaving
                + to_share * to
                + arriving_share * arriving;
        }
    }
}

/// As far as both reach.
fn copy(from: &[f32], to: &mut [f32]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = *from;
    }
}

/// A unit quaternion from x, y, z, w; none at all is no rotation.
pub(crate) fn rotation_of(numbers: &[f32]) -> Quat {
    match *numbers {
        [x, y, z, w, ..] => unit(Quat::from_xyzw(x, y, z, w)),
        _ => Quat::IDENTITY,
    }
}

/// Normalised; no rotation where there is no direction.
pub(crate) fn unit(rotation: Quat) -> Quat {
    let length = rotation.length();
    if length > 1e-12 && length.is_finite() {
        rotation / length
    } else {
        Quat::IDENTITY
    }
}
