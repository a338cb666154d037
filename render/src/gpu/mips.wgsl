// A level of a texture from the next larger one.

@group(0) @binding(0) var larger: texture_2d<f32>;
@group(0) @binding(1) var larger_sampler: sampler;

struct Varyings {
    @builtin(position) clip: vec4<f32>,
    @location(0) coordinates: vec2<f32>,
}

@vertex
fn vs_mips(@builtin(vertex_index) index: u32) -> Varyings {
    let unit = vec2<f32>(f32(index & 1u) * 2.0, f32(index >> 1u) * 2.0);
    var out: Varyings;
    out.clip = vec4<f32>(unit.x * 2.0 - 1.0, 1.0 - unit.y * 2.0, 0.0, 1.0);
    out.coordinates = unit;
    return out;
}

@fragment
fn fs_mips(in: Varyings) -> @location(0) vec4<f32> {
    return textureSampleLevel(larger, larger_sampler, in.coordinates, 0.0);
}
