//! From WebXR's frame to the plain [`Frame`].

use chat_relay_protocol::Tracking;
use wasm_bindgen::JsCast;

use super::xr::{XrFrame, XrPose, XrReferenceSpace, XrView, XrWebGlLayer, rigid};
use crate::{
    axes::gpu_matrix_from_xr,
    error::Error,
    frame::{Frame, FrameView, viewport_from_top_left},
    web::js_error::reason,
};

/// Reads the viewer's pose and the views, and gives WebXR's objects of the same views in the same order; hits are read
/// by [`super::hits`].
///
/// # Errors
/// [`Error::Xr`] when the platform refuses to tell.
pub(super) fn read(
    time_millis: f64,
    xr_frame: &XrFrame,
    space: &XrReferenceSpace,
    layer: &XrWebGlLayer,
) -> Result<(Frame, Vec<XrView>), Error> {
    let target_size_px = [layer.framebuffer_width(), layer.framebuffer_height()];
    let pose = xr_frame.viewer_pose(space).map_err(|thrown| Error::Xr {
        call: "getViewerPose",
        reason: reason(&thrown),
    })?;
    let Some(pose) = pose else {
        let frame = Frame {
            time_millis,
            target_size_px,
            ..Frame::default()
        };
        return Ok((frame, Vec::new()));
    };
    let (views, xr_views) = views(&pose, layer, target_size_px);
    let frame = Frame {
        time_millis,
        tracking: if pose.emulated_position() {
            Tracking::Limited
        } else {
            Tracking::Good
        },
        device_from_viewer: Some(rigid(&pose.transform())),
        views,
        target_size_px,
        hit: None,
    };
    Ok((frame, xr_views))
}

fn views(
    pose: &XrPose,
    layer: &XrWebGlLayer,
    target_size_px: [u32; 2],
) -> (Vec<FrameView>, Vec<XrView>) {
    pose.views()
        .iter()
        .filter_map(|view| {
            let view: XrView = view.unchecked_into();
            let viewport = layer.viewport(&view)?;
            let bottom_left = [
                viewport.x(),
                viewport.y(),
                viewport.width(),
                viewport.height(),
            ];
            let read = FrameView {
                viewport_px: viewport_from_top_left(bottom_left, target_size_px)?,
                projection_from_view: gpu_matrix_from_xr(&view.projection_matrix().to_vec())?,
                view_from_device: gpu_matrix_from_xr(
                    &view.transform().inverse().matrix().to_vec(),
                )?,
            };
            Some((read, view))
        })
        .unzip()
}
