//! What an AR session shows: pins around the device, the spots that were touched, the reticle.

use glam::{Mat4, Vec3};
use render::{Renderer, Spot, palette};

use super::anchors::Anchors;
use crate::{
    axes::{gpu_matrix, point_for_gpu},
    frame::Hit,
    placement::pins_in_device,
    room::Client,
    web::{
        labels::Labels,
        stage::{Stage, spot},
    },
};

/// Sets the pins and spots of a frame. A pin that the platform holds by an anchor is where the anchor is.
pub(super) fn set(
    stage: &mut Stage,
    client: &Client,
    anchors: &Anchors,
    renderer: &mut Renderer,
    labels: &mut Labels,
    now_millis: f64,
) {
    stage.clear();
    let device = client.device_view();
    for pin in pins_in_device(client.scene(), &device) {
        let pose = anchors
            .device_from_pin(pin.id)
            .unwrap_or(pin.frame_from_pin);
        stage.add_pin(client, &pin, &pose, renderer, labels, now_millis);
    }
    let touched = client
        .first_spot()
        .into_iter()
        .chain(client.spots().into_iter().flatten());
    for point in touched {
        let point = Vec3::from_array(point_for_gpu(point));
        stage
            .spots
            .push(spot(Mat4::from_translation(point), 1.0, 0.9));
    }
    stage.frame_done();
}

/// Adds the reticle on the surface that a tap would meet.
pub(super) fn add_reticle(stage: &mut Stage, hit: &Hit, asks_for_spot: bool) {
    let breathes = asks_for_spot && !stage.is_still();
    stage.spots.push(Spot {
        world_from_spot: gpu_matrix(&hit.device_from_hit),
        color: if asks_for_spot {
            palette::LEAF
        } else {
            palette::PAPER
        },
        radius_m: if asks_for_spot { 0.05 } else { 0.035 },
        dot: 0.0,
        opacity: 0.9,
        breathing: if breathes { 1.0 } else { 0.0 },
    });
}
