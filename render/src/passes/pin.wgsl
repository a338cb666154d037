// The shape of a pin and its own tile of the shadow map, shared by the shadow map, the forward pass
// and the shadow catcher. The mirror is `PinInstance` in pins.rs; lengths are in metres of the pin,
// before the scale of its pose.

const SPHERE_HEIGHT: f32 = 0.115;
const SPHERE_RADIUS: f32 = 0.022;
const STEM_RADIUS: f32 = 0.0021;
const PIN_TOP: f32 = 0.137;
// A sphere around the whole pin: what its tile of the shadow map shows.
const BOUND_HEIGHT: f32 = 0.0685;
const BOUND_RADIUS: f32 = 0.08;

struct PinInstance {
    @location(2) row_x: vec4<f32>,
    @location(3) row_y: vec4<f32>,
    @location(4) row_z: vec4<f32>,
    // rgb linear; w: lift along +Y while it drops.
    @location(5) color_lift: vec4<f32>,
    // xyz: towards the light that throws the shadow, in the world; w: strength of the shadow.
    @location(6) light: vec4<f32>,
    // Texture coordinates of the tile's corner, its size (0: no tile), softening while it drops.
    @location(7) tile: vec4<f32>,
}

fn pin_scale(pin: PinInstance) -> f32 {
    return length(vec3<f32>(pin.row_x.y, pin.row_y.y, pin.row_z.y));
}

// A place in the pin's tile: xy in -1..1, z in 0..1 growing away from the light.
fn tile_from_world(pin: PinInstance, point: vec3<f32>) -> vec3<f32> {
    let center = transform(pin.row_x, pin.row_y, pin.row_z, vec3<f32>(0.0, BOUND_HEIGHT, 0.0));
    let light = pin.light.xyz;
    let helper = select(vec3<f32>(0.0, 1.0, 0.0), vec3<f32>(1.0, 0.0, 0.0), abs(light.y) > 0.8);
    let right = normalize(cross(helper, light));
    let up = cross(light, right);
    let offset = (point - center) / (BOUND_RADIUS * pin_scale(pin));
    return vec3<f32>(dot(offset, right), dot(offset, up), 0.5 - 0.5 * dot(offset, light));
}

fn map_from_tile(tile: vec4<f32>, place: vec2<f32>) -> vec2<f32> {
    return tile.xy + tile.z * (place * vec2<f32>(0.5, -0.5) + 0.5);
}
