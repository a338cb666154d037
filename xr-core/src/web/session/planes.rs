//! The planes that the platform has detected, as surfaces for the renderer. Their outlines are kept from frame to frame
//! and read again when the platform has changed them; where they are is read in every frame.

use glam::{Mat4, Vec2};
use js_sys::Set;
use render::Surface;
use wasm_bindgen::{JsCast, JsValue};

use super::{
    xr::{DomPoint, XrFrame, XrReferenceSpace, rigid},
    xr_sensed::XrPlane,
};
use crate::{
    axes::gpu_matrix,
    sensed::{MOST_CORNERS, convex_hull},
};

/// See the module.
#[derive(Default)]
pub(super) struct Planes {
    held: Vec<Held>,
    /// Counts frames, to see which planes are gone.
    frame: u64,
    scratch: Vec<Vec2>,
}

struct Held {
    plane: XrPlane,
    changed_millis: f64,
    outline: Vec<Vec2>,
    device_from_plane: Mat4,
    seen_in_frame: u64,
}

impl Planes {
    /// Reads the planes of a frame; a session that detects none has none.
    pub(super) fn read(
        &mut self,
        frame: &XrFrame,
        space: &XrReferenceSpace,
    ) -> Result<(), JsValue> {
        self.frame += 1;
        let mut result = Ok(());
        if let Some(planes) = frame.detected_planes()? {
            let mut index = 0;
            Set::for_each(&planes, &mut |plane, _, _| {
                if result.is_ok() {
                    result = self.read_plane(index, plane.unchecked_into(), frame, space);
                    index += 1;
                }
            });
        }
        let now = self.frame;
        self.held.retain(|held| held.seen_in_frame == now);
        result
    }

    /// Reads one plane, the `index`-th of its frame; planes that are not located now are let go.
    fn read_plane(
        &mut self,
        index: usize,
        plane: XrPlane,
        frame: &XrFrame,
        space: &XrReferenceSpace,
    ) -> Result<(), JsValue> {
        let Some(pose) = frame.pose(&plane.plane_space(), space)? else {
            return Ok(());
        };
        let changed_millis = plane.last_changed_millis();
        // A set keeps its order: mostly the plane is where it was in the last frame.
        let known = match self.held.get(index) {
            Some(held) if held.plane == plane => Some(index),
            _ => self.held.iter().position(|held| held.plane == plane),
        };
        let index = known.unwrap_or_else(|| {
            self.held.push(Held {
                plane,
                changed_millis: f64::NAN,
                outline: Vec::new(),
                device_from_plane: Mat4::IDENTITY,
                seen_in_frame: 0,
            });
            self.held.len() - 1
        });
        let held = &mut self.held[index];
        held.seen_in_frame = self.frame;
        held.device_from_plane = gpu_matrix(&rigid(&pose.transform()));
        if held.changed_millis != changed_millis {
            held.changed_millis = changed_millis;
            read_outline(&held.plane, &mut held.outline);
            convex_hull(&mut held.outline, &mut self.scratch);
        }
        Ok(())
    }

    /// The planes of the last frame that was read.
    pub(super) fn surfaces(&self) -> impl Iterator<Item = Surface<'_>> {
        self.held.iter().map(|held| Surface {
            world_from_surface: held.device_from_plane,
            polygon: &held.outline,
        })
    }
}

#[allow(
    clippy::cast_possible_truncation,
    reason = "metres in single precision"
)]
fn read_outline(plane: &XrPlane, outline: &mut Vec<Vec2>) {
    outline.clear();
    outline.extend(plane.polygon().iter().take(MOST_CORNERS).map(|corner| {
        let corner: DomPoint = corner.unchecked_into();
        Vec2::new(corner.x() as f32, corner.z() as f32)
    }));
}
