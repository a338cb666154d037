// One frame of every piece of confetti, with bounces off the ground. Needs particles.wgsl and confetti_motion.wgsl; the
// twin on the CPU is confetti_twin.rs.

@group(3) @binding(0) var<storage, read> pieces_before: array<Piece>;
@group(3) @binding(1) var<storage, read_write> pieces: array<Piece>;

// Longer times are taken in steps: a bounce is found at the end of one.
const LONGEST_STEP_SECS: f32 = 0.02;
const MOST_STEPS: i32 = 256;
// What a bounce leaves of the speed across and along the ground.
const BOUNCE: f32 = 0.55;
const SLIDE: f32 = 0.6;

// `secs`: since its birth, at the end of the step.
fn stepped(piece: Piece, birth: Birth, secs: f32, step_secs: f32) -> Piece {
    var next = fallen(piece, birth, step_secs);
    let flat = piece.position_flat.w;
    var place = next.position_flat.xyz;
    if flat == 0.0 {
        place += drift(birth, place, secs);
    } else {
        // It lies down; a piece that lies turns no more.
        next.position_flat.w = min(flat + step_secs / FLATTENING_SECS, 1.0);
        next.velocity_angle.w = piece.velocity_angle.w + birth.spin * step_secs * (1.0 - flat);
    }
    if place.y <= 0.0 {
        let velocity = next.velocity_angle.xyz;
        next.position_flat = vec4<f32>(place.x, 0.0, place.z, max(next.position_flat.w, 0.001));
        next.velocity_angle = vec4<f32>(
            velocity.x * SLIDE,
            max(-velocity.y, 0.0) * BOUNCE,
            velocity.z * SLIDE,
            next.velocity_angle.w,
        );
    }
    return next;
}

@compute @workgroup_size(64)
fn simulate_confetti(@builtin(global_invocation_id) id: vec3<u32>) {
    let effect_index = effect_of(CONFETTI, id.x);
    let effect = given.effects[effect_index];
    let number = id.x - effect.particles.x;
    if number >= effect.particles.y {
        return;
    }
    let birth = birth_of(identity(effect.particles.z, number));
    var piece = born(birth);
    var since = 0.0;
    if number < effect.particles.w {
        piece = pieces_before[effect.before.x + number];
        since = max(bitcast<f32>(effect.before.y) - birth.delay_secs, 0.0);
    }
    let until = max(effect.motion.x - birth.delay_secs, 0.0);
    let steps = clamp(i32(ceil((until - since) / LONGEST_STEP_SECS)), 1, MOST_STEPS);
    let step_secs = max(until - since, 0.0) / f32(steps);
    for (var done = 1; done <= steps; done += 1) {
        piece = stepped(piece, birth, since + f32(done) * step_secs, step_secs);
    }
    pieces[id.x] = piece;
}
