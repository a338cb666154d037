// Evens out the sixteen turns of `grounding.wgsl`: a mean over 4 x 4 pixels of the same kind and about the same distance.

@group(2) @binding(0) var content_depth: texture_2d<f32>;
@group(2) @binding(1) var ground_depth: texture_2d<f32>;
@group(2) @binding(2) var noisy: texture_2d<f32>;

@vertex
fn vs_grounding_blur(@builtin(vertex_index) index: u32) -> @builtin(position) vec4<f32> {
    return vec4<f32>(f32(index & 1u) * 4.0 - 1.0, f32(index >> 1u) * 4.0 - 1.0, 0.0, 1.0);
}

fn distance_at(pixel: vec2<i32>) -> f32 {
    let depth = min(textureLoad(content_depth, pixel, 0).r, textureLoad(ground_depth, pixel, 0).r);
    return distance_from_depth(depth);
}

@fragment
fn fs_grounding_blur(@builtin(position) position: vec4<f32>) -> @location(0) vec4<f32> {
    let pixel = vec2<i32>(position.xy);
    let size = vec2<i32>(textureDimensions(noisy));
    let own = textureLoad(noisy, pixel, 0);
    let distance = distance_at(pixel);
    var sum = vec2<f32>(0.0);
    var weight = 0.0;
    for (var i = 0; i < 16; i += 1) {
        let other = clamp(pixel + vec2<i32>((i & 3) - 2, (i >> 2) - 2), vec2<i32>(0), size - 1);
        let value = textureLoad(noisy, other, 0);
        let alike = step(abs(value.z - own.z), 0.5) * step(abs(distance_at(other) - distance), 0.05 * distance);
        sum += value.xy * alike;
        weight += alike;
    }
    let mean = select(own.xy, sum / weight, weight > 0.5);
    return vec4<f32>(mean, own.z, 1.0);
}
