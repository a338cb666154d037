// A glTF material: group 2. The mirror of `MaterialUniforms` is in gpu/materials.rs.

struct TextureUse {
    // Rows of a 2 x 3 matrix on the coordinates; the second's w: which set of coordinates, 0 or 1.
    row_u: vec4<f32>,
    row_v: vec4<f32>,
}

struct MaterialUniforms {
    base_color: vec4<f32>,
    // w: scale of the normal map.
    emissive: vec4<f32>,
    // Metallic, roughness, strength of the occlusion map, the alpha below which nothing is drawn.
    factors: vec4<f32>,
    // 1 unlit, 1 where the alpha is used, 1 with a normal map, 1 where both sides are drawn.
    flags: vec4<f32>,
    // Base colour, metallic-roughness, normal, occlusion, emissive.
    uses: array<TextureUse, 5>,
}

@group(2) @binding(0) var<uniform> material: MaterialUniforms;
@group(2) @binding(1) var base_color_map: texture_2d<f32>;
@group(2) @binding(2) var base_color_sampler: sampler;
@group(2) @binding(3) var metallic_roughness_map: texture_2d<f32>;
@group(2) @binding(4) var metallic_roughness_sampler: sampler;
@group(2) @binding(5) var normal_map: texture_2d<f32>;
@group(2) @binding(6) var normal_sampler: sampler;
@group(2) @binding(7) var occlusion_map: texture_2d<f32>;
@group(2) @binding(8) var occlusion_sampler: sampler;
@group(2) @binding(9) var emissive_map: texture_2d<f32>;
@group(2) @binding(10) var emissive_sampler: sampler;

// Where a map is read. `both`: the two sets of coordinates.
fn map_place(use_index: i32, both: vec4<f32>) -> vec2<f32> {
    let row_u = material.uses[use_index].row_u;
    let row_v = material.uses[use_index].row_v;
    let own = vec3<f32>(select(both.xy, both.zw, row_v.w > 0.5), 1.0);
    return vec2<f32>(dot(row_u.xyz, own), dot(row_v.xyz, own));
}
