//! What an AR session shows: pins around the device, the spots that were touched, the reticle.

use glam::{Mat4, Vec2, Vec3};
use render::{ImagePoint, Renderer, Spot, palette, picture_fit};

use super::anchors::Anchors;
use crate::{
    axes::{gpu_matrix, point_for_gpu},
    frame::{FrameView, Hit},
    picture_camera::PictureView,
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

/// Where points of the device's world are seen, for the renderer, which takes points in pixels of a picture: a session
/// has none, so a small one stands for it that nothing draws. Headsets have two views and get no points.
#[allow(clippy::cast_precision_loss, reason = "sizes of framebuffers")]
pub(super) fn image_points(
    points: &[f32],
    views: &[FrameView],
    renderer: &mut Renderer,
) -> Vec<ImagePoint> {
    /// View pixels a pixel of the picture that stands for the camera's.
    const COARSE: u32 = 8;
    let ([view], false) = (views, points.is_empty()) else {
        return Vec::new();
    };
    let [_, _, width, height] = view.viewport_px;
    let stand_in = [width.div_ceil(COARSE), height.div_ceil(COARSE)];
    renderer.picture_texture(stand_in[0], stand_in[1]);
    let fit = picture_fit(stand_in, [width, height]);
    let seen_by = PictureView {
        projection_from_view: view.projection_from_view,
        view_from_world: view.view_from_device,
        view_size_px: Vec2::new(width as f32, height as f32),
    };
    let (points, _) = points.as_chunks::<3>();
    points
        .iter()
        .filter_map(|point| {
            let place = seen_by.place(Vec3::from_array(*point))?;
            Some(ImagePoint {
                position_px: fit.picture_from_view(place.to_array()),
                age: 1.0,
                certain: 1.0,
            })
        })
        .collect()
}
