//! The last pass: scaling, colours, the split, and sRGB where the target does not encode itself.

use glam::{IVec2, Vec2, Vec3};

use super::{
    color::adjusted,
    picture::{Picture, srgb_from_linear},
    scale::{Source, scaled},
    uniforms::StreamUniforms,
};

pub(super) const WGSL: &str = concat!(
    wgsl!("streams/stream.wgsl"),
    wgsl!("streams/scale.wgsl"),
    wgsl!("streams/color.wgsl"),
    wgsl!("streams/present.wgsl"),
);

/// sRGB `#f7f6f2`, paper; the same as in `present.wgsl`.
const LINE: Vec3 = Vec3::new(0.9301, 0.9216, 0.8880);

/// The twin of `fs_present_plain`: sRGB bytes, 4 a pixel.
pub(super) fn on_cpu(uniforms: &StreamUniforms, video: &Picture, previous: &Picture) -> Vec<u8> {
    let plain = Source {
        picture: video,
        is_linear: true,
        plain: true,
    };
    let processed = Source {
        picture: previous,
        is_linear: uniforms.present_reads_video > 0.5,
        plain: false,
    };
    let [width, height] = uniforms.target_size.map(|size| size as i32);
    (0..height)
        .flat_map(|y| (0..width).map(move |x| IVec2::new(x, y)))
        .flat_map(|pixel| {
            let in_target = pixel.as_vec2() + 0.5;
            match presented(uniforms, &plain, &processed, in_target) {
                Some(color) => {
                    let [red, green, blue] = color.to_array().map(srgb_from_linear);
                    [red, green, blue, 255]
                }
                None => [0; 4],
            }
        })
        .collect()
}

/// Linear light; `None` beside the picture.
fn presented(
    uniforms: &StreamUniforms,
    plain: &Source,
    processed: &Source,
    in_target: Vec2,
) -> Option<Vec3> {
    let in_picture = (in_target - Vec2::from_array(uniforms.offset)) / uniforms.scale;
    let size = Vec2::from_array(uniforms.picture_size);
    if in_picture.cmplt(Vec2::splat(-0.001)).any() || in_picture.cmpgt(size + 0.001).any() {
        return None;
    }
    let from_split = in_target.x - uniforms.split;
    Some(if from_split.abs() < 1.0 {
        LINE
    } else if from_split < 0.0 {
        scaled(uniforms, plain, in_picture - 0.5)
    } else {
        adjusted(uniforms, scaled(uniforms, processed, in_picture - 0.5))
    })
}
