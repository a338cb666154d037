// Depth of every pin as its light sees it, each in its own tile of the map.

@vertex
fn vs_pin_shadow_map(
    @location(0) position_part: vec4<f32>,
    @location(1) normal: vec3<f32>,
    pin: PinInstance,
) -> @builtin(position) vec4<f32> {
    var local = vec3<f32>(0.0, SPHERE_HEIGHT, 0.0) + position_part.xyz * SPHERE_RADIUS;
    if position_part.w > 0.5 {
        local = vec3<f32>(normal.x * STEM_RADIUS, position_part.y * SPHERE_HEIGHT, normal.z * STEM_RADIUS);
    }
    let place = tile_from_world(pin, transform(pin.row_x, pin.row_y, pin.row_z, local));
    let map = map_from_tile(pin.tile, place.xy);
    return vec4<f32>(map.x * 2.0 - 1.0, 1.0 - map.y * 2.0, place.z, 1.0);
}
