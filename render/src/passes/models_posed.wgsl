// The vertex stage of models with skins or morph targets.

@vertex
fn vs_model_posed(
    @builtin(vertex_index) index: u32,
    @builtin(instance_index) instance_index: u32,
    vertex: MeshVertex,
    @location(6) joints: vec4<u32>,
    @location(7) weights: vec4<f32>,
) -> Varyings {
    let instance = mesh_instance(instance_index);
    let at_rest = Posed(vertex.position, vertex.normal.xyz, vertex.tangent.xyz);
    let posed = skinned(joints, weights, instance.pose, morphed(index, instance.pose, at_rest));
    return varyings(placed(instance, posed.position, posed.normal, posed.tangent), vertex, instance);
}
