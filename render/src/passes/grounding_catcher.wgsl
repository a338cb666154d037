// Darkens real surfaces by what content keeps off them: over the whole view, before content is drawn.

@vertex
fn vs_grounding_catcher(@builtin(vertex_index) index: u32) -> @builtin(position) vec4<f32> {
    return vec4<f32>(strip_corner(index), 0.0, 1.0);
}

@fragment
fn fs_grounding_catcher(@builtin(position) position: vec4<f32>) -> @location(0) vec4<f32> {
    var alpha = 1.0 - grounding_at(position.xy, 0.0).y;
    if frame.world.z > 0.5 {
        // Others will blend encoded values: the same darkness takes less alpha there.
        alpha = 1.0 - pow(1.0 - alpha, 1.0 / 2.2);
    }
    return vec4<f32>(0.0, 0.0, 0.0, alpha);
}
