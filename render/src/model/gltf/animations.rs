//! Animations of a file. glTF 2.0, section 3.11.

use super::accessors::{Accessors, Component};
use super::document::{self, Document};
use super::faults::{broken, limited};
use super::kept::Kept;
use super::notes::Notes;
use crate::Error;
use crate::model::animation::{Animation, Channel, Interpolation, Property};
use crate::model::limits::ModelLimits;
use crate::model::node::{Local, Node};

/// Reads all animations that move a node of the scene. A node that is moved and has a matrix gets
/// its parts instead.
pub(super) fn read(
    document: &Document,
    nodes: &mut [Node],
    kept: &Kept,
    accessors: &Accessors<'_>,
    limits: &ModelLimits,
    notes: &mut Notes,
) -> Result<Vec<Animation>, Error> {
    let mut animations = Vec::new();
    let mut numbers = 0;
    for (place, animation) in document.animations.iter().enumerate() {
        let mut channels = Vec::new();
        let mut duration_secs: f32 = 0.0;
        for (which, channel) in animation.channels.iter().enumerate() {
            let at = format!("animation {place}, channel {which}");
            let property = match channel.target.path.as_str() {
                "translation" => Property::Translation,
                "rotation" => Property::Rotation,
                "scale" => Property::Scale,
                "weights" => Property::Weights,
                other => {
                    notes.add(format!("Animations of \"{other}\" are left out."));
                    continue;
                }
            };
            // One without a node, or with one of another scene, moves nothing here.
            let Some(node) = channel.target.node.and_then(|node| kept.place(node)) else {
                continue;
            };
            let reader = Reader {
                animation,
                accessors,
                limits,
                at: &at,
            };
            let width = match property {
                Property::Translation | Property::Scale => 3,
                Property::Rotation => 4,
                Property::Weights => nodes[node].weights.len(),
            };
            if width == 0 {
                notes.add("Animations of morph targets that do not exist are left out.");
                continue;
            }
            make_parts(&mut nodes[node]);
            let channel = reader.channel(channel.sampler, node, property, width, &mut numbers)?;
            duration_secs = duration_secs.max(channel.times_secs.last().copied().unwrap_or(0.0));
            channels.push(channel);
        }
        if !channels.is_empty() {
            animations.push(Animation {
                name: animation.name.clone(),
                channels,
                duration_secs,
            });
        }
    }
    Ok(animations)
}

fn make_parts(node: &mut Node) {
    if let Local::Matrix(matrix) = node.local {
        let (scale, rotation, translation) = matrix.to_scale_rotation_translation();
        if scale.is_finite() && rotation.is_finite() {
            node.local = Local::Parts {
                translation,
                rotation,
                scale,
            };
        } else {
            // A matrix that flattens space has no rotation.
            node.local = Local::IDENTITY;
        }
    }
}

struct Reader<'a> {
    animation: &'a document::Animation,
    accessors: &'a Accessors<'a>,
    limits: &'a ModelLimits,
    at: &'a str,
}

impl Reader<'_> {
    fn channel(
        &self,
        sampler: usize,
        node: usize,
        property: Property,
        width: usize,
        numbers: &mut usize,
    ) -> Result<Channel, Error> {
        let sampler = self
            .animation
            .samplers
            .get(sampler)
            .ok_or_else(|| broken(self.at, format!("sampler {sampler} does not exist")))?;
        let interpolation = match sampler.interpolation.as_deref() {
            None | Some("LINEAR") => Interpolation::Linear,
            Some("STEP") => Interpolation::Step,
            Some("CUBICSPLINE") => Interpolation::CubicSpline,
            Some(other) => {
                return Err(broken(self.at, format!("its interpolation is \"{other}\"")));
            }
        };
        let per_keyframe = match interpolation {
            Interpolation::CubicSpline => width.saturating_mul(3),
            _ => width,
        };
        let times = self
            .accessors
            .open(sampler.input, &[1], &[Component::F32])?;
        let of_keyframe = times.count.saturating_mul(per_keyframe.saturating_add(1));
        *numbers = numbers.saturating_add(of_keyframe);
        limited(
            "numbers in animations",
            *numbers,
            self.limits.animation_values,
        )?;
        let times_secs: Vec<f32> = (0..times.count)
            .map(|keyframe| times.floats(keyframe, [0.0])[0])
            .collect();
        let is_rising = times_secs.windows(2).all(|pair| pair[0] < pair[1]);
        if !is_rising || !times_secs.iter().all(|time| time.is_finite()) {
            return Err(broken(self.at, "its times do not increase"));
        }
        Ok(Channel {
            node,
            property,
            interpolation,
            values: self.values(sampler.output, property, times.count * per_keyframe)?,
            times_secs,
        })
    }

    fn values(&self, place: usize, property: Property, needs: usize) -> Result<Vec<f32>, Error> {
        use Component::{F32, I8, I16, U8, U16};
        let any = [F32, I8, U8, I16, U16];
        let (width, components): (usize, &[Component]) = match property {
            Property::Translation | Property::Scale => (3, &[F32]),
            Property::Rotation => (4, &any),
            Property::Weights => (1, &any),
        };
        let values = self.accessors.open(place, &[width], components)?;
        if values.count < needs / width {
            let (has, needs) = (values.count, needs / width);
            return Err(broken(
                self.at,
                format!("has {has} values where {needs} are needed"),
            ));
        }
        let mut numbers = Vec::with_capacity(needs);
        for element in 0..needs / width {
            let element: [f32; 4] = values.unit_floats(element, [0.0; 4]);
            numbers.extend_from_slice(&element[..width]);
        }
        if !numbers.iter().all(|number| number.is_finite()) {
            return Err(broken(self.at, "its values are not all finite"));
        }
        Ok(numbers)
    }
}
