// A ring of dust that is pushed outwards over the ground where something lands, and a thin wave before it.

struct DustVaryings {
    @builtin(position) clip: vec4<f32>,
    // In radii from the middle.
    @location(0) place: vec2<f32>,
    @location(1) @interpolate(flat) color_opacity: vec4<f32>,
    @location(2) world: vec3<f32>,
    // Half width of the wave in radii; 0 for dust.
    @location(3) @interpolate(flat) wave: f32,
}

const RING_SECS: f32 = 0.6;

@vertex
fn vs_dust(@builtin(vertex_index) vertex: u32, @builtin(instance_index) index: u32) -> DustVaryings {
    let effect = given.effects[effect_of(RING, index)];
    let number = index - effect.particles.x;
    let particle = identity(effect.particles.z, number);
    let age = clamp(effect.motion.x / RING_SECS, 0.0, 1.0);
    let corner = strip_corner(vertex);
    let opacity = effect.color_opacity.a;
    var out: DustVaryings;
    out.place = corner;
    if number == 0u {
        let out_to = 1.0 - (1.0 - age) * (1.0 - age) * (1.0 - age);
        let radius = mix(0.15, 1.1, out_to);
        let unit = vec3<f32>(corner.x * radius, 0.0, corner.y * radius);
        out.world = in_world(effect, unit) + axis_y(effect) * 0.002;
        out.wave = mix(0.09, 0.012, out_to);
        let fade = (1.0 - age) * (1.0 - age);
        out.color_opacity = vec4<f32>(effect.color_opacity.rgb, 0.85 * opacity * fade);
    } else {
        let heading = f32(number) * GOLDEN_ANGLE + (chance(particle, 0u) - 0.5) * 0.5;
        let pushed = 1.0 - exp(-5.0 * age * mix(0.7, 1.2, chance(particle, 1u)));
        let reach = mix(0.12, mix(0.62, 0.92, chance(particle, 2u)), pushed);
        let swollen = mix(0.10, mix(0.24, 0.42, chance(particle, 3u)), sqrt(age)) * effect.motion.y;
        let height = age * (0.3 + 0.7 * chance(particle, 4u)) * 0.7;
        let unit = vec3<f32>(cos(heading) * reach, height, sin(heading) * reach);
        let center = in_world(effect, unit) + axis_y(effect) * (swollen * 0.3);
        out.world = billboard(center, corner, swollen);
        out.wave = 0.0;
        let light = irradiance(axis_y(effect)) + frame.light_intensity.rgb * 0.5;
        let dust = mix(vec3<f32>(0.50, 0.47, 0.43), effect.color_opacity.rgb, 0.1);
        let fade = smoothstep(0.0, 0.12, age) * (1.0 - age) * (1.0 - age);
        out.color_opacity = vec4<f32>(roll_off(dust * light), 0.21 * opacity * fade);
    }
    out.clip = view.clip_from_world * vec4<f32>(out.world, 1.0);
    return out;
}

@fragment
fn fs_dust(in: DustVaryings) -> @location(0) vec4<f32> {
    let from_middle = length(in.place);
    let per_px = max(fwidth(from_middle), 1e-5);
    var cover = 0.0;
    if in.wave > 0.0 {
        let half_width = max(in.wave, 0.7 * per_px * view.viewport.w);
        cover = smoothstep(half_width + per_px, max(half_width - per_px, 0.0), abs(from_middle - 0.94 + half_width));
    } else {
        let edge = max(1.0 - from_middle * from_middle, 0.0);
        cover = edge * edge;
    }
    let distance = dot(eye_in_world() - in.world, view.world_from_view[2].xyz);
    let opacity = in.color_opacity.a * cover * real_visibility(in.clip.xy, distance) * near_fade(distance);
    return vec4<f32>(in.color_opacity.rgb, 1.0) * opacity;
}
