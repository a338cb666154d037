// The last pass: the renderer's own picture to the target.

@group(0) @binding(0) var drawn: texture_2d<f32>;
@group(0) @binding(1) var drawn_sampler: sampler;

struct Varyings {
    @builtin(position) clip: vec4<f32>,
    @location(0) coordinates: vec2<f32>,
    // 1 where the target's light is added to the real world's.
    @location(1) @interpolate(flat) additive: f32,
}

// Vertices 0..3: the target's first row is its top. 3..6: its bottom. 6..12: the same for additive targets.
@vertex
fn vs_composite(@builtin(vertex_index) index: u32) -> Varyings {
    let corner = index % 3u;
    let unit = vec2<f32>(f32(corner & 1u) * 2.0, f32(corner >> 1u) * 2.0);
    var out: Varyings;
    out.clip = vec4<f32>(unit.x * 2.0 - 1.0, 1.0 - unit.y * 2.0, 0.0, 1.0);
    out.coordinates = vec2<f32>(unit.x, select(1.0 - unit.y, unit.y, index % 6u < 3u));
    out.additive = f32(index / 6u);
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

// Encoded values times alpha: what browsers and XR compositors expect. Light beyond alpha is added to what is behind.
fn encoded_premultiplied(in: Varyings) -> vec4<f32> {
    let color = textureSampleLevel(drawn, drawn_sampler, in.coordinates, 0.0);
    if in.additive > 0.5 {
        return vec4<f32>(encoded_from_linear(color.rgb), color.a);
    }
    let covering = min(color.rgb / max(color.a, 1e-4), vec3<f32>(1.0));
    let added = max(color.rgb - color.a, vec3<f32>(0.0));
    return vec4<f32>(encoded_from_linear(covering) * color.a + encoded_from_linear(added), color.a);
}

@fragment
fn fs_composite_plain(in: Varyings) -> @location(0) vec4<f32> {
    return encoded_premultiplied(in);
}

// The target encodes what it is given.
@fragment
fn fs_composite_srgb(in: Varyings) -> @location(0) vec4<f32> {
    let color = encoded_premultiplied(in);
    return vec4<f32>(linear_from_encoded(color.rgb), color.a);
}
