// The last pass: scale, adjust the colours, show the plain video left of the split.

// sRGB #f7f6f2, paper.
const LINE = vec3<f32>(0.9301, 0.9216, 0.8880);

// Linear light.
fn presented(drawn: vec2<f32>) -> vec4<f32> {
    let unit = select(drawn, vec2<f32>(drawn.x, 1.0 - drawn.y), stream.from_bottom > 0.5);
    let in_target = floor(unit * stream.target_size) + 0.5;
    let in_picture = (in_target - stream.offset) / stream.scale;
    // A little more than the picture: places on its very edge count as inside on every device.
    if any(in_picture < vec2<f32>(-0.001)) || any(in_picture > stream.picture_size + 0.001) {
        return vec4<f32>(0.0);
    }
    let from_split = in_target.x - stream.split;
    if abs(from_split) < 1.0 {
        return vec4<f32>(LINE, 1.0);
    }
    if from_split < 0.0 {
        return vec4<f32>(scaled(in_picture - 0.5, true), 1.0);
    }
    return vec4<f32>(adjusted(scaled(in_picture - 0.5, false)), 1.0);
}

fn encoded_from_linear(linear: vec3<f32>) -> vec3<f32> {
    let curve = 1.055 * pow(max(linear, vec3<f32>(0.0031308)), vec3<f32>(1.0 / 2.4)) - 0.055;
    return select(curve, linear * 12.92, linear <= vec3<f32>(0.0031308));
}

// The target encodes what it is given.
@fragment
fn fs_present_srgb(in: Varyings) -> @location(0) vec4<f32> {
    return presented(in.unit);
}

@fragment
fn fs_present_plain(in: Varyings) -> @location(0) vec4<f32> {
    let color = presented(in.unit);
    return vec4<f32>(encoded_from_linear(color.rgb), color.a);
}
