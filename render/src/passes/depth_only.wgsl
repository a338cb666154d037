// The depth of models, seen by the light or by a view.

struct DepthVaryings {
    @builtin(position) clip: vec4<f32>,
    @location(0) coordinates: vec4<f32>,
    @location(1) alpha: f32,
}

fn depth_varyings(vertex: MeshVertex, world: vec3<f32>) -> DepthVaryings {
    var out: DepthVaryings;
    out.clip = view.clip_from_world * vec4<f32>(world, 1.0);
    if view.viewport.x == 0.0 {
        // The light's view: what stands between it and the box throws its shadow from the box's top.
        out.clip.z = max(out.clip.z, 0.0);
    }
    out.coordinates = vec4<f32>(vertex.coordinates_0, vertex.coordinates_1);
    out.alpha = vertex.color.a;
    return out;
}

@vertex
fn vs_depth(vertex: MeshVertex, instance: MeshInstance) -> DepthVaryings {
    return depth_varyings(vertex, transform(instance.row_x, instance.row_y, instance.row_z, vertex.position));
}

// Where the material is mostly seen through there is nothing.
@fragment
fn fs_depth_masked(in: DepthVaryings) {
    let base = textureSample(base_color_map, base_color_sampler, map_place(0, in.coordinates)).a;
    let least = max(material.factors.w, 0.5 * material.flags.y);
    if base * material.base_color.a * in.alpha < least {
        discard;
    }
}
