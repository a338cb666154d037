// The last pass: the renderer's own picture to the target, pixel by pixel.

@group(0) @binding(0) var drawn: texture_2d<f32>;

struct Varyings {
    @builtin(position) clip: vec4<f32>,
    @location(0) coordinates: vec2<f32>,
}

// Vertices 0..3: the target's first row is its top. 3..6: its bottom.
@vertex
fn vs_composite(@builtin(vertex_index) index: u32) -> Varyings {
    let corner = index % 3u;
    let unit = vec2<f32>(f32(corner & 1u) * 2.0, f32(corner >> 1u) * 2.0);
    var out: Varyings;
    out.clip = vec4<f32>(unit.x * 2.0 - 1.0, 1.0 - unit.y * 2.0, 0.0, 1.0);
    out.coordinates = vec2<f32>(unit.x, select(1.0 - unit.y, unit.y, index < 3u));
    return out;
}

fn encoded_from_linear(linear: vec3<f32>) -> vec3<f32> {
    let curve = 1.055 * pow(max(linear, vec3<f32>(0.0031308)), vec3<f32>(1.0 / 2.4)) - 0.055;
    return select(curve, linear * 12.92, linear <= vec3<f32>(0.0031308));
}

fn linear_from_encoded(encoded: vec3<f32>) -> vec3<f32> {
    let curve = pow((max(encoded, vec3<f32>(0.04045)) + 0.055) / 1.055, vec3<f32>(2.4));
    return select(curve, encoded / 12.92, encoded <= vec3<f32>(0.04045));
}

// Encoded values times alpha: what browsers and XR compositors expect.
fn encoded_premultiplied(coordinates: vec2<f32>) -> vec4<f32> {
    let size = textureDimensions(drawn);
    let pixel = min(vec2<u32>(coordinates * vec2<f32>(size)), size - 1u);
    let color = textureLoad(drawn, vec2<i32>(pixel), 0);
    if color.a <= 0.0 {
        return vec4<f32>(0.0);
    }
    let straight = min(color.rgb / color.a, vec3<f32>(1.0));
    return vec4<f32>(encoded_from_linear(straight) * color.a, color.a);
}

@fragment
fn fs_composite_plain(in: Varyings) -> @location(0) vec4<f32> {
    return encoded_premultiplied(in.coordinates);
}

// The target encodes what it is given.
@fragment
fn fs_composite_srgb(in: Varyings) -> @location(0) vec4<f32> {
    let color = encoded_premultiplied(in.coordinates);
    return vec4<f32>(linear_from_encoded(color.rgb), color.a);
}
