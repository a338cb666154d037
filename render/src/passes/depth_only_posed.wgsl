@vertex
fn vs_depth_posed(
    @builtin(vertex_index) index: u32,
    vertex: MeshVertex,
    instance: MeshInstance,
    @location(12) joints: vec4<u32>,
    @location(13) weights: vec4<f32>,
) -> DepthVaryings {
    let at_rest = Posed(vertex.position, vertex.normal.xyz, vertex.tangent.xyz);
    let posed = skinned(joints, weights, instance.pose, morphed(index, instance.pose, at_rest));
    return depth_varyings(vertex, transform(instance.row_x, instance.row_y, instance.row_z, posed.position));
}
