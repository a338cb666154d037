// One view of a frame: group 0 of every pass that draws into a view. The mirror is `ViewUniforms` in view_uniforms.rs.

struct ViewUniforms {
    // Clip z in 0..1.
    clip_from_world: mat4x4<f32>,
    world_from_view: mat4x4<f32>,
    // What turns a place on the screen and a depth into a point before the eye, see `point_in_view`: 1 / P00, 1 / P11,
    // P02 / P00, P12 / P11.
    unproject: vec4<f32>,
    // P22, P23 (depth = (P22 z + P23) / -z for z before the eye < 0); the view's left and top in pixels of the target.
    depth_terms: vec4<f32>,
    // Width, height, pixels that a metre takes at clip w 1, pixels per CSS pixel.
    viewport: vec4<f32>,
    // Cover fit: view pixels per picture pixel, left, top; w unused.
    picture_fit: vec4<f32>,
    // Width, height of the picture; how many of its pixels a pixel of the points on the device is.
    picture_size: vec4<f32>,
}

@group(0) @binding(0) var<uniform> view: ViewUniforms;

fn eye_in_world() -> vec3<f32> {
    return view.world_from_view[3].xyz;
}

// Metres before the eye that belong to a depth in 0..1; the far plane's, or huge, where nothing was drawn. Both terms
// are negative.
fn distance_from_depth(depth: f32) -> f32 {
    return view.depth_terms.y / min(depth + view.depth_terms.x, -1e-7);
}

fn depth_from_distance(distance: f32) -> f32 {
    return view.depth_terms.y / max(distance, 1e-4) - view.depth_terms.x;
}

// `unit`: 0..1 over the view, y down. `distance`: metres along the view's axis.
fn point_in_view(unit: vec2<f32>, distance: f32) -> vec3<f32> {
    let ndc = vec2<f32>(unit.x * 2.0 - 1.0, 1.0 - unit.y * 2.0);
    return vec3<f32>((ndc * view.unproject.xy + view.unproject.zw) * distance, -distance);
}

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
