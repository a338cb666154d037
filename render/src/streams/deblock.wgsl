// Deblocking: each pixel becomes the mean of the pixels around it that are nearly like it.

@fragment
fn fs_deblock(in: Varyings) -> @location(0) vec4<f32> {
    let pixel = vec2<i32>(in.unit * stream.picture_size);
    let middle = previous_tone(pixel, 1.0);
    var sum = vec3<f32>(0.0);
    var total = 0.0;
    for (var y = -2; y <= 2; y += 1) {
        for (var x = -2; x <= 2; x += 1) {
            let near = previous_tone(pixel + vec2<i32>(x, y), 1.0);
            let off = abs(near - middle);
            let ratio = max(max(off.r, off.g), off.b) / stream.deblocking_threshold;
            let kept = max(1.0 - ratio * ratio, 0.0);
            sum += near * (kept * kept);
            total += kept * kept;
        }
    }
    return vec4<f32>(sum / total, 1.0);
}
