// Models: glTF materials under the frame's light.

struct Varyings {
    @builtin(position) clip: vec4<f32>,
    @location(0) world: vec3<f32>,
    @location(1) normal: vec3<f32>,
    // w: handedness; 0 where there is no tangent.
    @location(2) tangent: vec4<f32>,
    @location(3) coordinates: vec4<f32>,
    @location(4) color: vec4<f32>,
    // rgb: rim of light; w: 1 where mirrored.
    @location(5) @interpolate(flat) rim_mirrored: vec4<f32>,
}

fn varyings(at: Placed, vertex: MeshVertex, instance: MeshInstance) -> Varyings {
    var out: Varyings;
    out.clip = view.clip_from_world * vec4<f32>(at.world, 1.0);
    out.world = at.world;
    out.normal = at.normal;
    out.tangent = vec4<f32>(at.tangent, vertex.tangent.w * (1.0 - 2.0 * instance.tint.w));
    out.coordinates = vec4<f32>(vertex.coordinates_0, vertex.coordinates_1);
    out.color = vec4<f32>(vertex.color.rgb * instance.tint.rgb, vertex.color.a);
    out.rim_mirrored = vec4<f32>(instance.highlight.rgb * instance.highlight.w, instance.tint.w);
    return out;
}

@vertex
fn vs_model(@builtin(instance_index) index: u32, vertex: MeshVertex) -> Varyings {
    let instance = mesh_instance(index);
    return varyings(placed(instance, vertex.position, vertex.normal.xyz, vertex.tangent.xyz), vertex, instance);
}

// The normal that a normal map bends. Without tangents in the file their frame comes from how the coordinates run over
// the screen (Schueler 2013, Followup: Normal Mapping Without Precomputed Tangents).
fn bent_normal(in: Varyings, normal: vec3<f32>, along_x: vec3<f32>, along_y: vec3<f32>, place: vec2<f32>, place_x: vec2<f32>, place_y: vec2<f32>) -> vec3<f32> {
    let texel = textureSampleGrad(normal_map, normal_sampler, place, place_x, place_y).xyz * 2.0 - 1.0;
    let mapped = vec3<f32>(texel.xy * material.emissive.w, texel.z);
    if in.tangent.w != 0.0 {
        let tangent = normalize(in.tangent.xyz);
        let bitangent = normalize(cross(normalize(in.normal), tangent) * in.tangent.w);
        return normalize(tangent * mapped.x + bitangent * mapped.y + normal * mapped.z);
    }
    let across_y = cross(along_y, normal);
    let across_x = cross(normal, along_x);
    let tangent = across_y * place_x.x + across_x * place_y.x;
    let bitangent = across_y * place_x.y + across_x * place_y.y;
    let length2 = max(dot(tangent, tangent), dot(bitangent, bitangent));
    // Whether rows run up or down the screen is the backend's.
    let side = sign(dot(cross(along_x, along_y), normal));
    let scale = select(0.0, side * inverseSqrt(length2), length2 > 0.0);
    // Pictures run down, green runs up.
    return normalize(tangent * (mapped.x * scale) - bitangent * (mapped.y * scale) + normal * mapped.z);
}

@fragment
fn fs_model(in: Varyings, @builtin(front_facing) front: bool) -> @location(0) vec4<f32> {
    // Derivatives first, while all four pixels of a quad are here.
    let along_x = dpdx(in.world);
    let along_y = dpdy(in.world);
    let flat_normal = normalize(in.normal);
    let turn = max(abs(dpdx(flat_normal)), abs(dpdy(flat_normal)));
    let base = textureSample(base_color_map, base_color_sampler, map_place(0, in.coordinates)) * material.base_color * in.color;
    let metallic_roughness = textureSample(metallic_roughness_map, metallic_roughness_sampler, map_place(1, in.coordinates));
    let normal_place = map_place(2, in.coordinates);
    let normal_place_x = dpdx(normal_place);
    let normal_place_y = dpdy(normal_place);
    let occlusion = textureSample(occlusion_map, occlusion_sampler, map_place(3, in.coordinates)).r;
    let emitted = textureSample(emissive_map, emissive_sampler, map_place(4, in.coordinates)).rgb * material.emissive.rgb;

    let outside = front != (in.rim_mirrored.w > 0.5);
    let both_sides = material.flags.w > 0.5;
    if base.a < material.factors.w || !(outside || both_sides) {
        discard;
    }
    let visible = real_visibility_of(in.clip.xy, in.world);
    if visible <= 0.0 {
        discard;
    }
    let alpha = select(1.0, base.a, material.flags.y > 0.5);
    if material.flags.x > 0.5 {
        return vec4<f32>(base.rgb * alpha, alpha) * visible;
    }
    let side = select(-1.0, 1.0, outside);
    var normal = flat_normal * side;
    if material.flags.z > 0.5 {
        normal = bent_normal(in, flat_normal, along_x, along_y, normal_place, normal_place_x, normal_place_y) * side;
    }
    let metallic = clamp(material.factors.x * metallic_roughness.b, 0.0, 1.0);
    // What turns within a pixel mirrors like something rougher (Tokuyoshi and Kaplanyan 2019).
    let roughness = max(material.factors.y * metallic_roughness.g, 0.045) + max(max(turn.x, turn.y), turn.z);
    var open = 1.0 + (occlusion - 1.0) * material.factors.z;
    if frame.world.w > 0.5 && material.flags.y < 0.5 {
        open *= grounding_at(in.clip.xy, 1.0).x;
    }
    let to_eye = normalize(eye_in_world() - in.world);
    let surface = Surface(base.rgb, metallic, min(roughness, 1.0), normal, to_eye, open);
    let rim = pow(1.0 - clamp(dot(flat_normal * side, to_eye), 0.0, 1.0), 2.5);
    let lit = direct(surface, light_on_content(in.world, flat_normal * side)) + from_around(surface) + emitted
        + in.rim_mirrored.rgb * (0.12 + 0.88 * rim);
    return vec4<f32>(roll_off(lit) * alpha, alpha) * visible;
}
