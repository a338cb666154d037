// The camera picture behind everything, by the cover fit of picture_fit.rs.

@group(2) @binding(0) var picture: texture_2d<f32>;
@group(2) @binding(1) var picture_sampler: sampler;

struct Varyings {
    @builtin(position) clip: vec4<f32>,
    // Pixels from the view's top left corner.
    @location(0) in_view: vec2<f32>,
}

@vertex
fn vs_picture(@builtin(vertex_index) index: u32) -> Varyings {
    let unit = strip_corner(index) * 0.5 + 0.5;
    var out: Varyings;
    out.in_view = unit * view.viewport.xy;
    out.clip = clip_from_view_px(out.in_view);
    return out;
}

@fragment
fn fs_picture(in: Varyings) -> @location(0) vec4<f32> {
    let scale = view.picture_fit.x;
    let in_picture = (in.in_view - view.picture_fit.yz) / scale;
    if scale >= 1.0 {
        let coordinates = in_picture / view.picture_size.xy;
        return vec4<f32>(textureSampleLevel(picture, picture_sampler, coordinates, 0.0).rgb, 1.0);
    }
    // A view pixel covers several of the picture: four samples spread over it.
    let spread = 0.25 * (1.0 / scale - 1.0);
    var sum = vec3<f32>(0.0);
    for (var i = 0u; i < 4u; i += 1u) {
        let coordinates = (in_picture + strip_corner(i) * spread) / view.picture_size.xy;
        sum += textureSampleLevel(picture, picture_sampler, coordinates, 0.0).rgb;
    }
    return vec4<f32>(sum * 0.25, 1.0);
}
