// What all views of a frame share: light, shadows, reflections, the real surfaces. Group 1 of the passes that draw
// marks;
// the mirror of `FrameUniforms` is in
// frame_uniforms.rs.

const PI: f32 = 3.14159265;
const CASCADES: i32 = 2;

struct FrameUniforms {
    // Irradiance / pi as a polynomial in the direction, see `irradiance`; the first's w: strength of reflections.
    sh: array<vec4<f32>, 9>,
    // Towards the main light, length 1; w: the clock in seconds.
    direction_to_light: vec4<f32>,
    // Irradiance / pi on what faces the main light; w: strength of shadows on real surfaces.
    light_intensity: vec4<f32>,
    // Factor on reflections; w: how far the newer cube has faded in.
    reflections: vec4<f32>,
    // World to texture coordinates (xy) and depth (z) of the shadow map, a cascade each.
    cascade_from_world: array<mat4x4<f32>, 2>,
    // A cascade each: metres a texel, metres of its whole depth, left edge in the map, 1 where it is in use.
    cascades: array<vec4<f32>, 2>,
    // Strength of the occlusion from around, 1 to roll highlights off, highest level of the reflections, tangent of the
    // light's angular radius.
    settings: vec4<f32>,
    // x: 1 where real surfaces hide marks; y: 1 where light is only added to the real world; z: 1 where others blend
    // encoded values; w: 1 where `grounding` was drawn.
    world: vec4<f32>,
}

@group(1) @binding(0) var<uniform> frame: FrameUniforms;
@group(1) @binding(1) var shadow_map: texture_depth_2d;
@group(1) @binding(2) var shadow_compare: sampler_comparison;
@group(1) @binding(3) var reflections_before: texture_cube<f32>;
@group(1) @binding(4) var reflections_after: texture_cube<f32>;
@group(1) @binding(5) var reflections_sampler: sampler;
// Half the size of the target: depth of the real surfaces, and what `grounding.wgsl` made of it.
@group(1) @binding(6) var real_depth: texture_2d<f32>;
@group(1) @binding(7) var grounding: texture_2d<f32>;
// Scale and bias of reflectance, by the square root of the cosine to the eye and by roughness.
@group(1) @binding(8) var split_sum_table: texture_2d<f32>;

// Diffuse light from around on a surface, over pi. Ramamoorthi and Hanrahan 2001; constants are in the coefficients.
fn irradiance(n: vec3<f32>) -> vec3<f32> {
    let linear = frame.sh[0].rgb + frame.sh[1].rgb * n.y + frame.sh[2].rgb * n.z + frame.sh[3].rgb * n.x;
    let square = frame.sh[4].rgb * (n.x * n.y) + frame.sh[5].rgb * (n.y * n.z) + frame.sh[6].rgb * (3.0 * n.z * n.z - 1.0)
        + frame.sh[7].rgb * (n.x * n.z) + frame.sh[8].rgb * (n.x * n.x - n.y * n.y);
    return max(linear + square, vec3<f32>(0.0));
}

// Light that a rough mirror sends back from a direction.
fn reflected_light(direction: vec3<f32>, roughness: f32) -> vec3<f32> {
    let level = roughness * frame.settings.z;
    var light = textureSampleLevel(reflections_after, reflections_sampler, direction, level).rgb;
    if frame.reflections.w < 1.0 {
        let before = textureSampleLevel(reflections_before, reflections_sampler, direction, level).rgb;
        light = mix(before, light, frame.reflections.w);
    }
    return light * frame.reflections.rgb;
}

// Keeps colours below 0.8 and rolls highlights off to 1: the target is 8 bits deep.
fn roll_off(color: vec3<f32>) -> vec3<f32> {
    let over = max(color - 0.8, vec3<f32>(0.0));
    let rolled = min(color, vec3<f32>(0.8)) + 0.2 * (1.0 - exp(-over / 0.2));
    return select(color, rolled, frame.settings.y > 0.5);
}
