// The soft shadow of a pin on its surface: black with alpha, on a quad around tip and shadow.

// Room around the shadow's middle line, in metres of the pin.
const MARGIN: f32 = 0.065;
const SAMPLES: i32 = 32;

struct Varyings {
    @builtin(position) clip: vec4<f32>,
    // On the surface, in metres of the pin from its tip.
    @location(0) on_surface: vec2<f32>,
    @location(1) place: vec3<f32>,
    @location(2) @interpolate(flat) light_in_pin: vec3<f32>,
    // Strength, softening, presence.
    @location(3) @interpolate(flat) shadow: vec3<f32>,
    @location(4) @interpolate(flat) tile: vec4<f32>,
    // Along the view's axis.
    @location(5) distance: f32,
}

@vertex
fn vs_pin_shadow(@builtin(vertex_index) index: u32, pin: PinInstance) -> Varyings {
    let scale = pin_scale(pin);
    let light = vec3<f32>(
        dot(pin.light.xyz, vec3<f32>(pin.row_x.x, pin.row_y.x, pin.row_z.x)),
        dot(pin.light.xyz, vec3<f32>(pin.row_x.y, pin.row_y.y, pin.row_z.y)),
        dot(pin.light.xyz, vec3<f32>(pin.row_x.z, pin.row_y.z, pin.row_z.z)),
    ) / scale;
    let reach = -light.xz / light.y * PIN_TOP;
    let length_of_reach = length(reach);
    var along = vec2<f32>(1.0, 0.0);
    if length_of_reach > 1e-4 {
        along = reach / length_of_reach;
    }
    let corner = strip_corner(index);
    let on_surface = reach * 0.5
        + along * corner.x * (0.5 * length_of_reach + MARGIN)
        + vec2<f32>(-along.y, along.x) * corner.y * MARGIN;
    // A millimetre above the surface: depth of the real surface may come to stand there.
    let world = transform(pin.row_x, pin.row_y, pin.row_z, vec3<f32>(on_surface.x, 0.001, on_surface.y));
    var out: Varyings;
    out.clip = view.clip_from_world * vec4<f32>(world, 1.0);
    out.on_surface = on_surface;
    out.place = tile_from_world(pin, world);
    out.light_in_pin = light;
    out.shadow = vec3<f32>(pin.light.w, pin.tile.w, 1.0 - smoothstep(0.35, 1.0, pin.tile.w));
    out.tile = pin.tile;
    out.distance = out.clip.w;
    return out;
}

@fragment
fn fs_pin_shadow(in: Varyings) -> @location(0) vec4<f32> {
    // How far towards the light the caster is: from there the edge softens.
    let light = in.light_in_pin;
    let slant = dot(light.xz, light.xz);
    let nearest = clamp(-dot(in.on_surface, light.xz) / max(slant, 1e-4), 0.0, PIN_TOP / light.y);
    let to_caster = mix(SPHERE_HEIGHT, nearest, smoothstep(0.005, 0.05, slant));
    let blur = 0.003 + 0.085 * to_caster + 0.03 * in.shadow.y;
    let kept_off = 1.0 - light_reaching(in.tile, in.place, blur / BOUND_RADIUS, SAMPLES);

    // Where stem and surface meet, and the little light that the sphere keeps from around.
    let from_tip = dot(in.on_surface, in.on_surface);
    let contact = 0.55 * exp(-from_tip / (0.0075 * 0.0075)) + 0.16 * exp(-from_tip / (0.026 * 0.026));

    var alpha = 1.0 - (1.0 - kept_off * in.shadow.x) * (1.0 - contact);
    alpha *= in.shadow.z;
    alpha *= frame.light_intensity.w * real_visibility(in.clip.xy, in.distance);
    if frame.world.z > 0.5 {
        // Others will blend encoded values: the same darkness takes less alpha there.
        alpha = 1.0 - pow(1.0 - alpha, 1.0 / 2.2);
    }
    return vec4<f32>(0.0, 0.0, 0.0, alpha);
}
