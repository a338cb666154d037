// The vertices of models and where their instances put them, skinned and morphed where they are. The mirrors are
// `model::Vertex`, `model::SkinVertex` and `MeshInstance` in gpu/mesh_instances.rs.

struct MeshVertex {
    @location(0) position: vec3<f32>,
    @location(1) normal: vec4<f32>,
    // w: handedness; all 0 where the file has none.
    @location(2) tangent: vec4<f32>,
    @location(3) coordinates_0: vec2<f32>,
    @location(4) coordinates_1: vec2<f32>,
    @location(5) color: vec4<f32>,
}

struct MeshInstance {
    row_x: vec4<f32>,
    row_y: vec4<f32>,
    row_z: vec4<f32>,
    // rgb: multiplied on the base colour; w: 1 where the instance is mirrored.
    tint: vec4<f32>,
    // rgb: colour of the rim of light; w: its strength.
    highlight: vec4<f32>,
    // First texel of the joints (from 1; 0: none), first texel of the weights, number of morph targets; w unused.
    pose: vec4<u32>,
}

// Six texels an instance, its members in their order.
@group(0) @binding(1) var mesh_instances: texture_2d<f32>;

fn instance_texel(index: u32, member: u32) -> vec4<f32> {
    return textureLoad(mesh_instances, texel_place(6u * index + member), 0);
}

fn mesh_instance(index: u32) -> MeshInstance {
    return MeshInstance(
        instance_texel(index, 0u),
        instance_texel(index, 1u),
        instance_texel(index, 2u),
        instance_texel(index, 3u),
        instance_texel(index, 4u),
        vec4<u32>(instance_texel(index, 5u)),
    );
}

// A vertex in the world.
struct Placed {
    world: vec3<f32>,
    // Not of length 1.
    normal: vec3<f32>,
    tangent: vec3<f32>,
}

fn placed(instance: MeshInstance, position: vec3<f32>, normal: vec3<f32>, tangent: vec3<f32>) -> Placed {
    let x = instance.row_x.xyz;
    let y = instance.row_y.xyz;
    let z = instance.row_z.xyz;
    // Normals go by the cofactors, which keep right under any scale; mirroring turns them over.
    let side = 1.0 - 2.0 * instance.tint.w;
    let cofactors = vec3<f32>(dot(cross(y, z), normal), dot(cross(z, x), normal), dot(cross(x, y), normal));
    return Placed(
        transform(instance.row_x, instance.row_y, instance.row_z, position),
        cofactors * side,
        vec3<f32>(dot(x, tangent), dot(y, tangent), dot(z, tangent)),
    );
}
