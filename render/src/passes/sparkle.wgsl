// Sparkle: soft points that rise around a thing. Their glow is light that is added to what is behind, alpha 0; before
// something bright that cannot be seen, so a core of colour covers a little.

struct SparkleVaryings {
    @builtin(position) clip: vec4<f32>,
    // In radii from the middle.
    @location(0) place: vec2<f32>,
    @location(1) @interpolate(flat) color_opacity: vec4<f32>,
    @location(2) world: vec3<f32>,
}

// Of the glow, in radii of the point.
const GLOW: f32 = 4.0;

@vertex
fn vs_sparkle(@builtin(vertex_index) vertex: u32, @builtin(instance_index) index: u32) -> SparkleVaryings {
    let effect = given.effects[effect_of(SPARKLE, index)];
    let number = index - effect.particles.x;
    let steady = identity(effect.particles.z, number);
    // Each rise is another one.
    let rises = effect.motion.x / mix(2.4, 4.2, chance(steady, 0u)) + chance(steady, 1u);
    let phase = fract(rises);
    let particle = hash(steady + u32(rises));
    let heading = f32(number) * GOLDEN_ANGLE + TAU * chance(effect.particles.z, 0u) + (chance(particle, 2u) - 0.5) * 1.2;
    let sway = 0.08 * sin(TAU * (phase * 0.7 + chance(particle, 3u)));
    let reach = mix(1.05, 1.4, chance(particle, 4u));
    // Slower as it rises.
    let height = mix(0.0, 0.75, chance(particle, 5u)) + 0.45 * phase * (1.6 - 0.6 * phase);
    let unit = vec3<f32>(cos(heading + sway) * reach, height, sin(heading + sway) * reach);
    let center = in_world(effect, unit);

    let distance = dot(eye_in_world() - center, view.world_from_view[2].xyz);
    let least = 1.5 * metres_per_css_px(max(distance, 0.0));
    let size = 0.42 * effect.motion.y * mix(0.5, 1.6, chance(particle, 6u) * chance(particle, 7u));
    let radius = max(size, least);
    let twinkle = 0.82 + 0.18 * sin(9.0 * phase + TAU * chance(particle, 8u));
    let swell = sin(PI * phase);
    let corner = strip_corner(vertex) * GLOW;
    var out: SparkleVaryings;
    out.world = billboard(center, corner, radius);
    out.clip = view.clip_from_world * vec4<f32>(out.world, 1.0);
    out.place = corner;
    out.color_opacity = vec4<f32>(effect.color_opacity.rgb, effect.color_opacity.a * swell * swell * twinkle * min(size / least, 1.0));
    return out;
}

@fragment
fn fs_sparkle(in: SparkleVaryings) -> @location(0) vec4<f32> {
    let square = dot(in.place, in.place);
    // Exactly zero beyond 1.2 radii.
    let core = smoothstep(0.0, 1.0, max(1.0 - square / 1.44, 0.0));
    let edge = max(1.0 - square / (GLOW * GLOW), 0.0);
    let glow = 0.06 * edge * edge + 0.30 * pow(edge, 8.0);
    let distance = dot(eye_in_world() - in.world, view.world_from_view[2].xyz);
    let opacity = in.color_opacity.a * real_visibility(in.clip.xy, distance) * near_fade(distance);
    let light = in.color_opacity.rgb * mix(glow, 0.95, core) + vec3<f32>(0.16) * core * core;
    return vec4<f32>(light, 0.95 * core) * opacity;
}
