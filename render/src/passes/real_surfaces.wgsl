// The depth of flat real surfaces.

@vertex
fn vs_real_surface(@location(0) world: vec4<f32>) -> @builtin(position) vec4<f32> {
    return view.clip_from_world * world;
}
