// Feature points of the map: discs of 3 CSS pixels with a thin dark rim, hidden by what is nearer.

struct PointLook {
    // Opacity; 0 by age, 1 by depth, 2 by uncertainty; nearest and farthest metres of the ramp.
    settings: vec4<f32>,
}

@group(2) @binding(0) var<uniform> look: PointLook;

// sRGB #2f7df6, #1f9d6b, #e2a100, #10151c in linear light.
const SKY: vec3<f32> = vec3<f32>(0.028426, 0.205079, 0.921582);
const LEAF: vec3<f32> = vec3<f32>(0.013702, 0.337164, 0.147027);
const AMBER: vec3<f32> = vec3<f32>(0.759769, 0.356400, 0.0);
const INK: vec3<f32> = vec3<f32>(0.005182, 0.007499, 0.011612);

// CSS pixels.
const DISC_RADIUS: f32 = 1.5;
const RIM: f32 = 0.6;

struct Varyings {
    @builtin(position) clip: vec4<f32>,
    // Pixels from the disc's middle.
    @location(0) from_middle: vec2<f32>,
    @location(1) @interpolate(flat) color: vec3<f32>,
    // Radius of disc and rim in pixels.
    @location(2) @interpolate(flat) radii: vec2<f32>,
    @location(3) @interpolate(flat) distance: f32,
}

// Even steps for the eye: mixed in OKLab (Ottosson 2020). sky, leaf, amber as lightness, green-red, blue-yellow.
const SKY_LAB: vec3<f32> = vec3<f32>(0.6092, -0.0365, -0.1933);
const LEAF_LAB: vec3<f32> = vec3<f32>(0.6182, -0.1226, 0.0430);
const AMBER_LAB: vec3<f32> = vec3<f32>(0.7519, 0.0282, 0.1534);

fn linear_from_oklab(lab: vec3<f32>) -> vec3<f32> {
    let l = lab.x + 0.3963377774 * lab.y + 0.2158037573 * lab.z;
    let m = lab.x - 0.1055613458 * lab.y - 0.0638541728 * lab.z;
    let s = lab.x - 0.0894841775 * lab.y - 1.2914855480 * lab.z;
    let cubes = vec3<f32>(l * l * l, m * m * m, s * s * s);
    return clamp(vec3<f32>(
        dot(cubes, vec3<f32>(4.0767416621, -3.3077115913, 0.2309699292)),
        dot(cubes, vec3<f32>(-1.2684380046, 2.6097574011, -0.3413193965)),
        dot(cubes, vec3<f32>(-0.0041960863, -0.7034186147, 1.7076147010)),
    ), vec3<f32>(0.0), vec3<f32>(1.0));
}

fn color_of(shares: vec4<f32>, distance: f32) -> vec3<f32> {
    if look.settings.y < 0.5 {
        return mix(mix(SKY, LEAF, shares.x), AMBER, shares.y);
    }
    if look.settings.y > 1.5 {
        return linear_from_oklab(mix(LEAF_LAB, AMBER_LAB, shares.y));
    }
    let far = clamp((distance - look.settings.z) / max(look.settings.w - look.settings.z, 1e-4), 0.0, 1.0);
    if far < 0.5 {
        return linear_from_oklab(mix(SKY_LAB, LEAF_LAB, far * 2.0));
    }
    return linear_from_oklab(mix(LEAF_LAB, AMBER_LAB, far * 2.0 - 1.0));
}

@vertex
fn vs_world_point(
    @builtin(vertex_index) index: u32,
    @location(0) position: vec3<f32>,
    @location(1) shares: vec4<f32>,
) -> Varyings {
    let clip = view.clip_from_world * vec4<f32>(position, 1.0);
    // Own size at arm's length, three quarters of it far away, a little more close by.
    let size = clamp(inverseSqrt(max(clip.w, 1e-3)), 0.75, 1.2);
    let radii = vec2<f32>(DISC_RADIUS, DISC_RADIUS + RIM) * size * view.viewport.w;
    let from_middle = strip_corner(index) * (radii.y + 1.0);
    var out: Varyings;
    out.clip = clip + vec4<f32>(from_middle * 2.0 / view.viewport.xy * clip.w, 0.0, 0.0);
    out.from_middle = from_middle;
    out.color = color_of(shares, clip.w);
    out.radii = radii;
    out.distance = clip.w;
    return out;
}

@fragment
fn fs_world_point(in: Varyings) -> @location(0) vec4<f32> {
    let distance = length(in.from_middle);
    let disc = clamp(in.radii.x - distance + 0.5, 0.0, 1.0);
    let rim = 0.42 * clamp(in.radii.y - distance + 0.5, 0.0, 1.0);
    let alpha = disc + (1.0 - disc) * rim;
    if alpha <= 0.0 {
        discard;
    }
    let opacity = look.settings.x * real_visibility(in.clip.xy, in.distance);
    return vec4<f32>(in.color * disc + INK * (1.0 - disc) * rim, alpha) * opacity;
}
