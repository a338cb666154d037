// Reads what `grounding.wgsl` found from a pixel of full size: of the four nearest pixels of half size those of one kind.

// `content`: 1 on content, 0 on real surfaces. xy as in grounding.wgsl; z: how much of the kind there was.
fn grounding_at(pixel: vec2<f32>, content: f32) -> vec3<f32> {
    let size = vec2<i32>(textureDimensions(grounding));
    let half = pixel * 0.5 - 0.5;
    let corner = vec2<i32>(floor(half));
    let part = half - floor(half);
    var sum = vec2<f32>(0.0);
    var weight = 0.0;
    for (var i = 0; i < 4; i += 1) {
        let step_of = vec2<i32>(i & 1, i >> 1);
        let value = textureLoad(grounding, clamp(corner + step_of, vec2<i32>(0), size - 1), 0);
        let near = abs(vec2<f32>(1 - step_of) - part);
        let alike = (near.x * near.y + 1e-3) * step(abs(value.z - content), 0.5);
        sum += value.xy * alike;
        weight += alike;
    }
    if weight <= 0.0 {
        return vec3<f32>(1.0, 1.0, 0.0);
    }
    return vec3<f32>(sum / weight, weight);
}
