// One view of a frame: first in every shader that draws into a view. The mirror is `ViewUniforms`
// in view_uniforms.rs.

struct ViewUniforms {
    // Clip z in 0..1.
    clip_from_world: mat4x4<f32>,
    // World position of the eye; w unused.
    eye_in_world: vec4<f32>,
    // Length 1, w unused.
    direction_to_light: vec4<f32>,
    // Irradiance / pi; w unused.
    light_intensity: vec4<f32>,
    // w: 1 where the picture behind is blended by another program (AR), else 0.
    ambient: vec4<f32>,
    // Width, height, pixels that a metre takes at clip w 1, pixels per CSS pixel.
    viewport: vec4<f32>,
    // Cover fit: view pixels per picture pixel, left, top, and the clock in seconds.
    picture_fit: vec4<f32>,
    // Width, height of the picture; how many of its pixels a pixel of the points on the device is.
    picture_size: vec4<f32>,
}

@group(0) @binding(0) var<uniform> view: ViewUniforms;

// Metres that a CSS pixel covers at clip w `depth`.
fn metres_per_css_px(depth: f32) -> f32 {
    return depth * view.viewport.w / view.viewport.z;
}

// Corners 0..3 of a triangle strip: (-1,-1), (1,-1), (-1,1), (1,1).
fn strip_corner(index: u32) -> vec2<f32> {
    return vec2<f32>(f32(index & 1u) * 2.0 - 1.0, f32(index >> 1u) * 2.0 - 1.0);
}

// Clip position of a pixel of the view, measured from its top left corner.
fn clip_from_view_px(position: vec2<f32>) -> vec4<f32> {
    let unit = position / view.viewport.xy;
    return vec4<f32>(unit.x * 2.0 - 1.0, 1.0 - unit.y * 2.0, 0.0, 1.0);
}
