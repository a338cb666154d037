// Skins and morph targets: group 3 of the posed pipelines. Both textures are read by texel, row after row.

// Rows of joint matrices, three texels each, and weights, four a texel, of all posed instances of the frame.
@group(3) @binding(0) var poses: texture_2d<f32>;
// Texel 0: number of vertices, of attributes a target (1 to 3: position, normal, tangent). Then for each target and
// attribute a texel a vertex.
@group(3) @binding(1) var morphs: texture_2d<f32>;

fn pose_texel(index: u32) -> vec4<f32> {
    return textureLoad(poses, texel_place(index), 0);
}

fn morph_texel(index: u32) -> vec4<f32> {
    return textureLoad(morphs, texel_place(index), 0);
}

struct Posed {
    position: vec3<f32>,
    normal: vec3<f32>,
    tangent: vec3<f32>,
}

fn morphed(index: u32, pose: vec4<u32>, at_rest: Posed) -> Posed {
    var out = at_rest;
    let sizes = morph_texel(0u);
    let vertices = u32(sizes.x);
    let attributes = u32(sizes.y);
    for (var target_index = 0u; target_index < pose.z; target_index += 1u) {
        let weight = pose_texel(pose.y + target_index / 4u)[target_index % 4u];
        if weight != 0.0 {
            let first = 1u + target_index * attributes * vertices + index;
            out.position += weight * morph_texel(first).xyz;
            if attributes > 1u {
                out.normal += weight * morph_texel(first + vertices).xyz;
            }
            if attributes > 2u {
                out.tangent += weight * morph_texel(first + 2u * vertices).xyz;
            }
        }
    }
    return out;
}

fn skinned(joints: vec4<u32>, weights: vec4<f32>, pose: vec4<u32>, unposed: Posed) -> Posed {
    if pose.x == 0u {
        return unposed;
    }
    var row_x = vec4<f32>(0.0);
    var row_y = vec4<f32>(0.0);
    var row_z = vec4<f32>(0.0);
    for (var i = 0u; i < 4u; i += 1u) {
        let first = pose.x + 3u * joints[i];
        row_x += weights[i] * pose_texel(first);
        row_y += weights[i] * pose_texel(first + 1u);
        row_z += weights[i] * pose_texel(first + 2u);
    }
    let n = unposed.normal;
    let t = unposed.tangent;
    return Posed(
        transform(row_x, row_y, row_z, unposed.position),
        vec3<f32>(dot(row_x.xyz, n), dot(row_y.xyz, n), dot(row_z.xyz, n)),
        vec3<f32>(dot(row_x.xyz, t), dot(row_y.xyz, t), dot(row_z.xyz, t)),
    );
}
