// The depth of models, seen by the light or by a view.

struct DepthVaryings {
    @builtin(position) clip: vec4<f32>,
    @location(0) coordinates: vec4<f32>,
    @location(1) alpha: f32,
}

fn depth_clip(world: vec3<f32>) -> vec4<f32> {
    var clip = view.clip_from_world * vec4<f32>(world, 1.0);
    if view.viewport.x == 0.0 {
        // The light's view: what stands between it and the box throws its shadow from the box's top.
        clip.z = max(clip.z, 0.0);
    }
    return clip;
}

fn depth_varyings(vertex: MeshVertex, world: vec3<f32>) -> DepthVaryings {
    var out: DepthVaryings;
    out.clip = depth_clip(world);
    out.coordinates = vec4<f32>(vertex.coordinates_0, vertex.coordinates_1);
    out.alpha = vertex.color.a;
    return out;
}

fn instance_in_world(index: u32, position: vec3<f32>) -> vec3<f32> {
    return transform(instance_texel(index, 0u), instance_texel(index, 1u), instance_texel(index, 2u), position);
}

@vertex
fn vs_depth(@builtin(instance_index) instance: u32, @location(0) position: vec3<f32>) -> @builtin(position) vec4<f32> {
    return depth_clip(instance_in_world(instance, position));
}

@vertex
fn vs_depth_masked(@builtin(instance_index) instance: u32, vertex: MeshVertex) -> DepthVaryings {
    return depth_varyings(vertex, instance_in_world(instance, vertex.position));
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
