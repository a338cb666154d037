//! From the room's scene to the renderer's marks: pins with their cards and their fall, heads, spots, the reticle.

use glam::{Mat4, Vec2, Vec3};
use render::{Grid, Head, Pin, Renderer, Spot, palette};

use super::labels::Labels;
use crate::{
    axes::gpu_matrix,
    drops::Drops,
    hues,
    placement::{PlacedPin, pins_in_room},
    pose::Rigid,
    room::Client,
};

/// The marks of one frame; the lists are kept from frame to frame.
#[derive(Default)]
pub(crate) struct Stage {
    pub(crate) pins: Vec<Pin>,
    pub(crate) grids: Vec<Grid>,
    pub(crate) heads: Vec<Head>,
    pub(crate) spots: Vec<Spot>,
    drops: Drops,
    still: bool,
}

impl Stage {
    /// `still`: the person asked for less motion.
    pub(crate) fn new(still: bool) -> Stage {
        Stage {
            still,
            ..Stage::default()
        }
    }

    /// Sets up the room as the 3D view shows it.
    pub(crate) fn set_room(
        &mut self,
        client: &Client,
        renderer: &mut Renderer,
        labels: &mut Labels,
        now_millis: f64,
    ) {
        self.clear();
        self.grids.push(Grid {
            world_from_grid: Mat4::IDENTITY,
            half_size_m: Vec2::splat(5.0),
            spacing_m: 0.1,
            color: palette::MUTED,
            opacity: 0.6,
        });
        for pin in pins_in_room(client.scene()) {
            let pose = pin.frame_from_pin;
            self.add_pin(client, &pin, &pose, renderer, labels, now_millis);
        }
        for (name, hue, room_from_head) in client.heads() {
            self.heads.push(Head {
                world_from_head: gpu_matrix(&room_from_head),
                color: hues::linear_rgb(hue),
                label: labels.card(renderer, name, hue),
            });
        }
        if let Some(second) = client.scene().second_spot_in_room() {
            let [x, y, z] = crate::axes::point_for_gpu(glam::DVec3::from_array(second));
            for point in [Vec3::ZERO, Vec3::new(x, y, z)] {
                self.spots
                    .push(spot(Mat4::from_translation(point), 0.0, 0.7));
            }
        }
        self.frame_done();
    }

    /// All marks are set: pins that come from now on drop.
    pub(super) fn frame_done(&mut self) {
        self.drops.frame_done();
    }

    /// Whether the person asked for less motion.
    #[cfg(feature = "view-webgl2")]
    pub(super) fn is_still(&self) -> bool {
        self.still
    }

    /// Takes all marks away.
    pub(super) fn clear(&mut self) {
        self.pins.clear();
        self.grids.clear();
        self.heads.clear();
        self.spots.clear();
    }

    /// Adds a pin where `frame_from_pin` has it.
    pub(super) fn add_pin(
        &mut self,
        client: &Client,
        pin: &PlacedPin<'_>,
        frame_from_pin: &Rigid,
        renderer: &mut Renderer,
        labels: &mut Labels,
        now_millis: f64,
    ) {
        let (_, hue) = client.name_and_hue(pin.from);
        let mine = pin.from == client.member();
        let remaining = self.drops.remaining(pin.id, now_millis);
        self.pins.push(Pin {
            world_from_pin: gpu_matrix(frame_from_pin),
            color: if mine {
                palette::SIGNAL
            } else {
                hues::linear_rgb(hue)
            },
            label: labels.card(renderer, pin.label, hue),
            drop: if self.still { 0.0 } else { remaining },
        });
    }
}

/// A spot that was touched, as a ring.
pub(super) fn spot(world_from_spot: Mat4, dot: f32, opacity: f32) -> Spot {
    Spot {
        world_from_spot,
        color: palette::LEAF,
        radius_m: 0.05,
        dot,
        opacity,
        breathing: 0.0,
    }
}
