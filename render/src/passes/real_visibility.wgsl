// How much of a mark the real world leaves visible. Needs view.wgsl and frame.wgsl.

// Seen behind a real surface by less than this, a mark is still whole: sensors and planes are not exact.
const TOLERANCE_M: f32 = 0.015;
const TOLERANCE_PART: f32 = 0.01;
// Over this depth a mark fades.
const FADE_M: f32 = 0.02;
const FADE_PART: f32 = 0.02;

// `pixel`: of the own picture. `distance`: the mark's, along the view's axis.
fn real_visibility(pixel: vec2<f32>, distance: f32) -> f32 {
    if frame.world.x < 0.5 {
        return 1.0;
    }
    let size = vec2<i32>(textureDimensions(real_depth));
    let half = pixel * 0.5 - 0.5;
    let corner = vec2<i32>(floor(half));
    let part = half - floor(half);
    let fade = FADE_M + FADE_PART * distance;
    let limit = distance - TOLERANCE_M - TOLERANCE_PART * distance;
    var visible = vec4<f32>(0.0);
    for (var i = 0; i < 4; i += 1) {
        let texel = clamp(corner + vec2<i32>(i & 1, i >> 1), vec2<i32>(0), size - 1);
        let real = distance_from_depth(textureLoad(real_depth, texel, 0).r);
        visible[i] = smoothstep(-fade, 0.0, real - limit);
    }
    let rows = mix(visible.xz, visible.yw, part.x);
    return mix(rows.x, rows.y, part.y);
}

// The same for a place in the world.
fn real_visibility_of(pixel: vec2<f32>, world: vec3<f32>) -> f32 {
    return real_visibility(pixel, dot(eye_in_world() - world, view.world_from_view[2].xyz));
}
