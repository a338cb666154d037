// From the motion of particles to what is drawn. Needs view.wgsl, frame.wgsl, real_visibility.wgsl, pose.wgsl and
// particles.wgsl.

fn in_world(effect: Effect, unit: vec3<f32>) -> vec3<f32> {
    return transform(effect.row_x, effect.row_y, effect.row_z, unit);
}

// The directions of the effect's axes in the world.
fn axis_x(effect: Effect) -> vec3<f32> {
    return normalize(vec3<f32>(effect.row_x.x, effect.row_y.x, effect.row_z.x));
}

fn axis_y(effect: Effect) -> vec3<f32> {
    return normalize(vec3<f32>(effect.row_x.y, effect.row_y.y, effect.row_z.y));
}

fn axis_z(effect: Effect) -> vec3<f32> {
    return normalize(vec3<f32>(effect.row_x.z, effect.row_y.z, effect.row_z.z));
}

fn billboard(center: vec3<f32>, corner: vec2<f32>, radius: f32) -> vec3<f32> {
    return center + (view.world_from_view[0].xyz * corner.x + view.world_from_view[1].xyz * corner.y) * radius;
}

// Particles that come close to the eye fade instead of being cut by the near plane.
fn near_fade(distance: f32) -> f32 {
    return smoothstep(0.06, 0.24, distance);
}
