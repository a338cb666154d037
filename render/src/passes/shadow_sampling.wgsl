// How much of the main light reaches a place: percentage-closer filtering (Reeves, Salesin, Cook 1987) in the finest
// cascade of the shadow map that holds the place.

// Texture coordinates and depth in the shadow map; w: the cascade, or -1 where none holds the place.
fn shadow_place(world: vec3<f32>) -> vec4<f32> {
    for (var i = 0; i < CASCADES; i += 1) {
        let place = (frame.cascade_from_world[i] * vec4<f32>(world, 1.0)).xyz;
        let across = (place.x - frame.cascades[i].z) * f32(CASCADES);
        let inner = vec2<f32>(across, place.y);
        if frame.cascades[i].w > 0.5 && all(inner > vec2<f32>(0.02)) && all(inner < vec2<f32>(0.98)) {
            return vec4<f32>(place.xy, clamp(place.z, 0.0, 1.0), f32(i));
        }
    }
    return vec4<f32>(0.0, 0.0, 0.0, -1.0);
}

// cos and sin of the golden angle: each sample is turned by it against the last.
const GOLDEN_TURN: mat2x2<f32> = mat2x2<f32>(-0.737369, 0.675490, -0.675490, -0.737369);

// Part of a disc of `radius_m` around a place that the light reaches. `direction`: where the spiral starts, length 1.
fn light_in_disc(place: vec4<f32>, radius_m: f32, direction: vec2<f32>, samples: i32) -> f32 {
    let cascade = frame.cascades[i32(place.w)];
    let texels = max(radius_m / cascade.x, 1.0);
    let reach = texels / vec2<f32>(textureDimensions(shadow_map));
    var turned = direction;
    var sum = 0.0;
    for (var i = 0; i < samples; i += 1) {
        let offset = turned * (sqrt((f32(i) + 0.5) / f32(samples)) * reach);
        sum += textureSampleCompareLevel(shadow_map, shadow_compare, place.xy + offset, place.z);
        turned = GOLDEN_TURN * turned;
    }
    return sum / f32(samples);
}

// On content. A step along the normal keeps a surface out of its own shadow (Holbert 2011).
fn light_on_content(world: vec3<f32>, normal: vec3<f32>) -> f32 {
    let facing = dot(normal, frame.direction_to_light.xyz);
    if facing <= 0.0 {
        return 0.0;
    }
    var place = shadow_place(world);
    if place.w < 0.0 {
        return 1.0;
    }
    let texel = frame.cascades[i32(place.w)].x;
    let slope = sqrt(clamp(1.0 - facing * facing, 0.0, 1.0));
    let moved = world + normal * (texel * (1.0 + 2.0 * slope));
    let in_cascade = (frame.cascade_from_world[i32(place.w)] * vec4<f32>(moved, 1.0)).xyz;
    place = vec4<f32>(in_cascade.xy, clamp(in_cascade.z, 0.0, 1.0), place.w);
    return light_in_disc(place, 2.0 * texel, vec2<f32>(1.0, 0.0), 9);
}
