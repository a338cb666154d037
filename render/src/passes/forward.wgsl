// Pins and heads: opaque, lit.

// How a smooth, non-metallic surface looks where it is; `reaching`: the part of the main light that its own kind leaves.
fn lacquered(base: vec3<f32>, roughness: f32, world: vec3<f32>, normal: vec3<f32>, reaching: f32) -> vec3<f32> {
    let to_eye = normalize(eye_in_world() - world);
    let surface = Surface(base, 0.0, roughness, normal, to_eye, 1.0);
    return roll_off(direct(surface, reaching * light_on_content(world, normal)) + from_around(surface));
}

struct PinVaryings {
    @builtin(position) clip: vec4<f32>,
    @location(0) world: vec3<f32>,
    @location(1) normal: vec3<f32>,
    @location(2) place: vec3<f32>,
    // rgb; w: 0 sphere, 1 stem.
    @location(3) @interpolate(flat) color_part: vec4<f32>,
    @location(4) @interpolate(flat) tile: vec4<f32>,
    // 0 at the tip, 1 at the sphere.
    @location(5) height: f32,
}

@vertex
fn vs_pin(
    @location(0) position_part: vec4<f32>,
    @location(1) normal: vec3<f32>,
    pin: PinInstance,
) -> PinVaryings {
    let scale = pin_scale(pin);
    let lift = vec3<f32>(0.0, pin.color_lift.w, 0.0);
    let center = transform(pin.row_x, pin.row_y, pin.row_z, vec3<f32>(0.0, SPHERE_HEIGHT, 0.0) + lift);
    let depth = (view.clip_from_world * vec4<f32>(center, 1.0)).w;
    // Far away a pin stays a dot of a few pixels on a line of about one.
    let css_px = metres_per_css_px(max(depth, 0.0)) / scale;
    var landed = vec3<f32>(0.0, SPHERE_HEIGHT, 0.0) + position_part.xyz * SPHERE_RADIUS;
    var local = vec3<f32>(0.0, SPHERE_HEIGHT, 0.0) + position_part.xyz * max(SPHERE_RADIUS, 4.5 * css_px);
    if position_part.w > 0.5 {
        let height = position_part.y * SPHERE_HEIGHT;
        landed = vec3<f32>(normal.x * STEM_RADIUS, height, normal.z * STEM_RADIUS);
        let radius = max(STEM_RADIUS, 0.6 * css_px);
        local = vec3<f32>(normal.x * radius, height, normal.z * radius);
    }
    let world = transform(pin.row_x, pin.row_y, pin.row_z, local + lift);
    let world_normal = vec3<f32>(
        dot(pin.row_x.xyz, normal),
        dot(pin.row_y.xyz, normal),
        dot(pin.row_z.xyz, normal),
    ) / scale;
    var out: PinVaryings;
    out.clip = view.clip_from_world * vec4<f32>(world, 1.0);
    out.world = world;
    out.normal = world_normal;
    // In its own shadow as it will be when landed; a step off the surface avoids self-shadowing.
    let landed_in_world = transform(pin.row_x, pin.row_y, pin.row_z, landed);
    out.place = tile_from_world(pin, landed_in_world + world_normal * (0.0025 * scale));
    out.color_part = vec4<f32>(pin.color_lift.rgb, position_part.w);
    out.tile = pin.tile;
    out.height = local.y / SPHERE_HEIGHT;
    return out;
}

@fragment
fn fs_pin(in: PinVaryings) -> @location(0) vec4<f32> {
    let normal = normalize(in.normal);
    let reaching = light_reaching(in.tile, in.place - vec3<f32>(0.0, 0.0, 0.02), 0.05, 8);
    var base = in.color_part.rgb;
    var roughness = 0.32;
    if in.color_part.w > 0.5 {
        // Brushed steel, a little darker under the sphere.
        base = mix(vec3<f32>(0.30, 0.31, 0.33), in.color_part.rgb, 0.12) * (1.0 - 0.45 * smoothstep(0.6, 0.85, in.height));
        roughness = 0.45;
    }
    let visible = real_visibility_of(in.clip.xy, in.world);
    return vec4<f32>(lacquered(base, roughness, in.world, normal, reaching), 1.0) * visible;
}

struct HeadInstance {
    @location(2) row_x: vec4<f32>,
    @location(3) row_y: vec4<f32>,
    @location(4) row_z: vec4<f32>,
    @location(5) color: vec4<f32>,
}

struct HeadVaryings {
    @builtin(position) clip: vec4<f32>,
    @location(0) world: vec3<f32>,
    @location(1) normal: vec3<f32>,
    @location(2) local: vec3<f32>,
    @location(3) @interpolate(flat) color: vec3<f32>,
}

@vertex
fn vs_head(
    @location(0) position: vec4<f32>,
    @location(1) normal: vec3<f32>,
    head: HeadInstance,
) -> HeadVaryings {
    let world = transform(head.row_x, head.row_y, head.row_z, position.xyz);
    var out: HeadVaryings;
    out.clip = view.clip_from_world * vec4<f32>(world, 1.0);
    out.world = world;
    out.normal = vec3<f32>(dot(head.row_x.xyz, normal), dot(head.row_y.xyz, normal), dot(head.row_z.xyz, normal));
    out.local = position.xyz;
    out.color = head.color.rgb;
    return out;
}

@fragment
fn fs_head(in: HeadVaryings) -> @location(0) vec4<f32> {
    let normal = normalize(in.normal);
    // A dark visor across the front shows where the member looks.
    let corner = abs(in.local.xy) - vec2<f32>(0.036, 0.008);
    let to_visor = length(max(corner, vec2<f32>(0.0))) - 0.024;
    let width = max(fwidth(to_visor), 1e-5);
    let visor = clamp(0.5 - to_visor / width, 0.0, 1.0) * step(in.local.z, 0.0);
    let base = mix(in.color, vec3<f32>(0.012, 0.016, 0.024), visor);
    let roughness = mix(0.5, 0.16, visor);
    let visible = real_visibility_of(in.clip.xy, in.world);
    return vec4<f32>(lacquered(base, roughness, in.world, normal, 1.0), 1.0) * visible;
}
