// How much light reaches a place in a pin's tile of the shadow map.

@group(2) @binding(0) var pin_shadow_map: texture_depth_2d;
@group(2) @binding(1) var pin_shadow_compare: sampler_comparison;

// Percentage-closer filtering (Reeves, Salesin, Cook 1987) over a disc of `blur` tile units, its
// samples on a golden-angle spiral. 1: all light, 0: none.
fn light_reaching(tile: vec4<f32>, place: vec3<f32>, blur: f32, samples: i32) -> f32 {
    if tile.z <= 0.0 {
        return 1.0;
    }
    let texel = 1.0 / f32(textureDimensions(pin_shadow_map).x);
    let low = tile.xy + 1.5 * texel;
    let high = tile.xy + tile.z - 1.5 * texel;
    let center = map_from_tile(tile, place.xy);
    let reference = clamp(place.z, 0.0, 1.0);
    let radius = max(blur * 0.5 * tile.z, texel);
    // cos and sin of the golden angle.
    let turn = mat2x2<f32>(-0.737369, 0.675490, -0.675490, -0.737369);
    var direction = vec2<f32>(1.0, 0.0);
    var sum = 0.0;
    for (var i = 0; i < samples; i += 1) {
        let distance = sqrt((f32(i) + 0.5) / f32(samples)) * radius;
        let coordinates = clamp(center + direction * distance, low, high);
        sum += textureSampleCompareLevel(pin_shadow_map, pin_shadow_compare, coordinates, reference);
        direction = turn * direction;
    }
    return sum / f32(samples);
}
