// Tracked feature points on the picture: discs of 3 CSS pixels with a thin dark rim.

// sRGB #2f7df6, #1f9d6b, #e2a100, #10151c in linear light.
const SKY: vec3<f32> = vec3<f32>(0.028426, 0.205079, 0.921582);
const LEAF: vec3<f32> = vec3<f32>(0.013702, 0.337164, 0.147027);
const AMBER: vec3<f32> = vec3<f32>(0.759769, 0.356400, 0.0);
const INK: vec3<f32> = vec3<f32>(0.005182, 0.007499, 0.011612);

const DISC_RADIUS: f32 = 1.5;
const RIM: f32 = 0.8;
// Mirror of `OLD_POINT_FRAMES` in scene.rs.
const OLD_FRAMES: f32 = 60.0;

struct Varyings {
    @builtin(position) clip: vec4<f32>,
    // Pixels from the disc's middle.
    @location(0) from_middle: vec2<f32>,
    @location(1) @interpolate(flat) color: vec3<f32>,
}

// A corner of the disc around a place in the picture, edges at integers.
fn disc_corner(index: u32, in_picture: vec2<f32>, age: f32, certain: f32) -> Varyings {
    let ratio = view.viewport.w;
    let from_middle = strip_corner(index) * ((DISC_RADIUS + RIM) * ratio + 1.0);
    let middle = in_picture * view.picture_fit.x + view.picture_fit.yz;
    let tracked = mix(SKY, LEAF, clamp(age, 0.0, 1.0));
    var out: Varyings;
    out.clip = clip_from_view_px(middle + from_middle);
    out.from_middle = from_middle;
    out.color = mix(AMBER, tracked, clamp(certain, 0.0, 1.0));
    return out;
}

@vertex
fn vs_image_point(
    @builtin(vertex_index) index: u32,
    @location(0) position: vec2<f32>,
    @location(1) age_certain: vec2<f32>,
) -> Varyings {
    return disc_corner(index, position + 0.5, age_certain.x, age_certain.y);
}

// A point as a tracker's compute pass left it on the device.
@vertex
fn vs_device_point(
    @builtin(vertex_index) index: u32,
    @location(0) position: vec2<f32>,
    @location(1) age_frames: u32,
) -> Varyings {
    let in_picture = (position + 0.5) * view.picture_size.zw;
    return disc_corner(index, in_picture, f32(age_frames) / OLD_FRAMES, 1.0);
}

@fragment
fn fs_image_point(in: Varyings) -> @location(0) vec4<f32> {
    let ratio = view.viewport.w;
    let distance = length(in.from_middle);
    let disc = clamp(DISC_RADIUS * ratio - distance + 0.5, 0.0, 1.0);
    let rim = 0.6 * clamp((DISC_RADIUS + RIM) * ratio - distance + 0.5, 0.0, 1.0);
    let alpha = disc + (1.0 - disc) * rim;
    return vec4<f32>(in.color * disc + INK * (1.0 - disc) * rim, alpha);
}
