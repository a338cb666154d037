// Confetti: thin rectangles of paper that tumble, lit from both sides.

struct ConfettiVaryings {
    @builtin(position) clip: vec4<f32>,
    @location(0) world: vec3<f32>,
    @location(1) normal: vec3<f32>,
    @location(2) @interpolate(flat) color_opacity: vec4<f32>,
}

const LIFE_SECS: f32 = 4.0;
const BORN_SECS: f32 = 0.05;
const FADE_SECS: f32 = 0.5;

// A corner of a piece. `place`: in the unit space; `flat`, `angle`: as in `Piece`.
fn confetti_corner(effect: Effect, particle: u32, birth: Birth, corner: vec2<f32>, place: vec3<f32>, flat: f32, angle: f32) -> ConfettiVaryings {
    let size = effect.motion.y * mix(0.75, 1.25, chance(particle, 9u));
    let half = vec2<f32>(0.5, mix(0.26, 0.42, chance(particle, 10u))) * size;
    // Tumbles about its long side, which nods a little; on the ground it lies on the face that is nearer.
    let nod = 0.6 * sin(angle * 0.37 + birth.yaw) * (1.0 - flat);
    let turned = mix(angle, round(angle / PI) * PI, flat);
    let heading = axis_x(effect) * cos(birth.yaw) + axis_z(effect) * sin(birth.yaw);
    let side = axis_z(effect) * cos(birth.yaw) - axis_x(effect) * sin(birth.yaw);
    let up = axis_y(effect);
    let along = heading * cos(nod) + up * sin(nod);
    let over = up * cos(nod) - heading * sin(nod);
    let across = side * cos(turned) + over * sin(turned);
    let normal = over * cos(turned) - side * sin(turned);

    let lying = up * (0.002 + 0.003 * chance(particle, 11u));
    let center = in_world(effect, place) + lying;
    // No smaller than a pixel: what is, pales instead.
    let distance = dot(eye_in_world() - center, view.world_from_view[2].xyz);
    let least = 0.6 * metres_per_css_px(max(distance, 0.0));
    let shown = max(half, vec2<f32>(least));
    let pale = sqrt((half.x * half.y) / (shown.x * shown.y));
    let world = center + along * (corner.x * shown.x) + across * (corner.y * shown.y);

    let secs = effect.motion.x - birth.delay_secs;
    let end = LIFE_SECS - 0.7 * chance(particle, 12u);
    let there = smoothstep(0.0, BORN_SECS, secs) * (1.0 - smoothstep(end - FADE_SECS, end, effect.motion.x));
    let tone = mix(0.86, 1.08, chance(particle, 14u));
    let hue = given.hues[u32(chance(particle, 13u) * 8.0)].rgb;
    var out: ConfettiVaryings;
    out.clip = view.clip_from_world * vec4<f32>(world, 1.0);
    out.world = world;
    // Paper is bent a little: its light runs over it.
    out.normal = normal + across * (corner.y * 0.3) + along * (corner.x * 0.12);
    out.color_opacity = vec4<f32>(hue * tone, effect.color_opacity.a * there * pale);
    return out;
}

@vertex
fn vs_confetti(@builtin(vertex_index) vertex: u32, @builtin(instance_index) index: u32) -> ConfettiVaryings {
    let effect = given.effects[effect_of(CONFETTI, index)];
    let particle = identity(effect.particles.z, index - effect.particles.x);
    let birth = birth_of(particle);
    let piece = piece_at(birth, max(effect.motion.x - birth.delay_secs, 0.0));
    return confetti_corner(effect, particle, birth, strip_corner(vertex), piece.position_flat.xyz, piece.position_flat.w, piece.velocity_angle.w);
}

@vertex
fn vs_simulated_confetti(
    @builtin(vertex_index) vertex: u32,
    @builtin(instance_index) index: u32,
    @location(0) position_flat: vec4<f32>,
    @location(1) velocity_angle: vec4<f32>,
) -> ConfettiVaryings {
    let effect = given.effects[effect_of(CONFETTI, index)];
    let particle = identity(effect.particles.z, index - effect.particles.x);
    let birth = birth_of(particle);
    var place = position_flat.xyz;
    if position_flat.w == 0.0 {
        place += drift(birth, place, max(effect.motion.x - birth.delay_secs, 0.0));
    }
    return confetti_corner(effect, particle, birth, strip_corner(vertex), place, position_flat.w, velocity_angle.w);
}

@fragment
fn fs_confetti(in: ConfettiVaryings) -> @location(0) vec4<f32> {
    let to_eye = normalize(eye_in_world() - in.world);
    var normal = normalize(in.normal);
    normal = select(-normal, normal, dot(normal, to_eye) > 0.0);
    let to_light = frame.direction_to_light.xyz;
    let facing = dot(normal, to_light);
    // Thin paper: some of the light on its back comes through.
    let matt = max(facing, 0.0) + 0.45 * max(-facing, 0.0);
    let light = irradiance(normal) * 0.85 + irradiance(-normal) * 0.35 + frame.light_intensity.rgb * matt;
    // A silky coat flashes as the piece turns.
    let half = normalize(to_light + to_eye);
    let flash = 0.5 * pow(max(dot(normal, half), 0.0), 24.0) * step(0.0, facing);
    let color = roll_off(in.color_opacity.rgb * light + frame.light_intensity.rgb * flash);
    let distance = dot(eye_in_world() - in.world, view.world_from_view[2].xyz);
    let opacity = in.color_opacity.a * real_visibility(in.clip.xy, distance) * near_fade(distance);
    return vec4<f32>(color, 1.0) * opacity;
}
