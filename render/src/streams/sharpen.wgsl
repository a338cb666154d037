// Sharpening that gives most where contrast is low and nothing where it would clip.

const LUMA = vec3<f32>(0.2126, 0.7152, 0.0722);

@fragment
fn fs_sharpen(in: Varyings) -> @location(0) vec4<f32> {
    let pixel = vec2<i32>(in.unit * stream.picture_size);
    let is_linear = stream.sharpen_reads_video;
    let color = previous_tone(pixel, is_linear);
    let middle = dot(color, LUMA);
    let left = dot(previous_tone(pixel + vec2<i32>(-1, 0), is_linear), LUMA);
    let right = dot(previous_tone(pixel + vec2<i32>(1, 0), is_linear), LUMA);
    let above = dot(previous_tone(pixel + vec2<i32>(0, -1), is_linear), LUMA);
    let below = dot(previous_tone(pixel + vec2<i32>(0, 1), is_linear), LUMA);
    let lowest = min(middle, min(min(left, right), min(above, below)));
    let highest = max(middle, max(max(left, right), max(above, below)));
    // How far the neighbourhood is from black and from white, against its own height.
    let room = clamp(min(lowest, 1.0 - highest) / max(highest, 0.0001), 0.0, 1.0);
    // What deblocking would take for one surface is not made to stand out again.
    let stands_out = clamp((highest - lowest) / max(stream.deblocking_threshold, 0.0001), 0.0, 1.0);
    let kept = select(1.0, stands_out, stream.deblocking_threshold > 0.0);
    let sharpness = stream.blue.a;
    let weight = -0.2 * sharpness * kept * sqrt(room);
    let sharp = (middle + weight * (left + right + above + below)) / (1.0 + 4.0 * weight);
    return vec4<f32>(clamp(color + (sharp - middle), vec3<f32>(0.0), vec3<f32>(1.0)), 1.0);
}
