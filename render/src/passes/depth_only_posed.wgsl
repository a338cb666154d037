@vertex
fn vs_depth_posed(
    @builtin(vertex_index) index: u32,
    @builtin(instance_index) instance_index: u32,
    vertex: MeshVertex,
    @location(6) joints: vec4<u32>,
    @location(7) weights: vec4<f32>,
) -> DepthVaryings {
    let instance = mesh_instance(instance_index);
    let at_rest = Posed(vertex.position, vertex.normal.xyz, vertex.tangent.xyz);
    let posed = skinned(joints, weights, instance.pose, morphed(index, instance.pose, at_rest));
    return depth_varyings(vertex, transform(instance.row_x, instance.row_y, instance.row_z, posed.position));
}
