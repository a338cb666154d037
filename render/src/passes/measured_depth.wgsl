// The depth of the real world as a device measured it.

struct MeasuredUniforms {
    // Rows that take a place in the view (0..1, y down, 1) to the measurement.
    row_u: vec4<f32>,
    row_v: vec4<f32>,
}

@group(2) @binding(0) var<uniform> measured: MeasuredUniforms;
@group(2) @binding(1) var metres: texture_2d<f32>;

struct Varyings {
    @builtin(position) clip: vec4<f32>,
    @location(0) in_view: vec2<f32>,
}

@vertex
fn vs_measured_depth(@builtin(vertex_index) index: u32) -> Varyings {
    let unit = vec2<f32>(f32(index & 1u) * 2.0, f32(index >> 1u) * 2.0);
    var out: Varyings;
    out.clip = vec4<f32>(unit.x * 2.0 - 1.0, 1.0 - unit.y * 2.0, 0.0, 1.0);
    out.in_view = unit;
    return out;
}

// Between the four nearest measurements where they belong to one surface, else the nearest of them.
@fragment
fn fs_measured_depth(in: Varyings) -> @builtin(frag_depth) f32 {
    let at = vec3<f32>(in.in_view, 1.0);
    let size = vec2<i32>(textureDimensions(metres));
    let place = vec2<f32>(dot(measured.row_u.xyz, at), dot(measured.row_v.xyz, at)) * vec2<f32>(size) - 0.5;
    let corner = vec2<i32>(floor(place));
    let part = place - floor(place);
    var distances = vec4<f32>(0.0);
    var weights = vec4<f32>(0.0);
    var nearest = 0.0;
    var nearest_weight = -1.0;
    for (var i = 0; i < 4; i += 1) {
        let step_of = vec2<i32>(i & 1, i >> 1);
        let distance = textureLoad(metres, clamp(corner + step_of, vec2<i32>(0), size - 1), 0).r;
        let near = abs(vec2<f32>(1 - step_of) - part);
        distances[i] = distance;
        weights[i] = select(0.0, near.x * near.y + 1e-4, distance > 0.0);
        if weights[i] > nearest_weight && distance > 0.0 {
            nearest = distance;
            nearest_weight = weights[i];
        }
    }
    if nearest <= 0.0 {
        return 1.0;
    }
    let alike = weights * step(abs(distances - nearest), vec4<f32>(0.08 * nearest));
    let distance = dot(alike, distances) / dot(alike, vec4<f32>(1.0));
    return clamp(depth_from_distance(distance), 0.0, 1.0);
}
