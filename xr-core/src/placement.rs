//! Where annotations are: from the scene's chain of parents to the room, and on to the frame of this device.
//!
//! In: a [`Scene`] and what is known of the device's place. Out: poses. An annotation whose chain does not reach a
//! known frame has no pose: it is listed, never drawn at a wrong spot.

use chat_relay_protocol::{
    Annotation, AnnotationId, MemberId, Pose, Scene,
    scene::{FIELD_LABEL, FIELD_PARENT, FIELD_PARENT_FROM_OBJECT, KIND_PIN},
};

use crate::pose::Rigid;

/// What the AR session of this device knows of its place.
#[derive(Debug, Clone, Copy, Default)]
pub struct DeviceView<'a> {
    /// The device's place in the room, once aligned.
    pub device_from_room: Option<Rigid>,
    /// The anchor that stands for the session's own origin, if it made one.
    pub origin_anchor: Option<&'a AnnotationId>,
}

/// A pin with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct PlacedPin<'a> {
    /// Which annotation.
    pub id: &'a AnnotationId,
    /// Who made it.
    pub from: &'a MemberId,
    /// Its label, empty when it has none.
    pub label: &'a str,
    /// Its pose in the frame asked for: origin at the tip, +Y along the stem.
    pub frame_from_pin: Rigid,
}

/// `room_from_object` of an annotation; `None` while its chain of parents does not reach the room.
pub fn room_from_object(scene: &Scene, id: &AnnotationId) -> Option<Rigid> {
    let poses = scene.poses_to_room(id)?;
    // Nearest first: room_from_object = outermost * ... * nearest.
    poses
        .into_iter()
        .map(Rigid::from)
        .reduce(|nearer, outer| outer * nearer)
}

/// `device_from_object` of an annotation: through the session's own origin anchor where it hangs on it, else through
/// the room.
pub fn device_from_object(
    scene: &Scene,
    id: &AnnotationId,
    device: &DeviceView<'_>,
) -> Option<Rigid> {
    let annotation = scene.get(id)?;
    let own = device
        .origin_anchor
        .is_some_and(|anchor| annotation.text(FIELD_PARENT) == anchor.as_str());
    if own {
        return Pose::from_value(annotation.field(FIELD_PARENT_FROM_OBJECT)?).map(Rigid::from);
    }
    Some(device.device_from_room? * room_from_object(scene, id)?)
}

/// All pins that have a place in the room.
pub fn pins_in_room(scene: &Scene) -> impl Iterator<Item = PlacedPin<'_>> {
    pins(scene, |id| room_from_object(scene, id))
}

/// All pins that have a place in the device's frame.
pub fn pins_in_device<'a>(
    scene: &'a Scene,
    device: &DeviceView<'a>,
) -> impl Iterator<Item = PlacedPin<'a>> {
    let device = *device;
    pins(scene, move |id| device_from_object(scene, id, &device))
}

fn pins<'a>(
    scene: &'a Scene,
    place: impl Fn(&'a AnnotationId) -> Option<Rigid>,
) -> impl Iterator<Item = PlacedPin<'a>> {
    scene
        .annotations()
        .filter(|(_, annotation)| annotation.kind() == KIND_PIN)
        .filter_map(move |(id, annotation): (_, &'a Annotation)| {
            Some(PlacedPin {
                id,
                from: &annotation.from,
                label: annotation.text(FIELD_LABEL),
                frame_from_pin: place(id)?,
            })
        })
}
