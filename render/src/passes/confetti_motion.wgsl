// How a piece of confetti flies, in the unit space of its effect: ground y = 0, some 1 high, some 1 wide. Needs
// particles.wgsl. The twin on the CPU is confetti_twin.rs.

// Linear drag of the air, per second.
const DRAG: f32 = 2.4;
const START_HEIGHT: f32 = 0.03;
// A piece that was hit by the ground lies flat after so long.
const FLATTENING_SECS: f32 = 0.25;

struct Birth {
    velocity: vec3<f32>,
    // Speed of its steady fall.
    fall: f32,
    // After the effect begins.
    delay_secs: f32,
    // Radians; a second.
    angle: f32,
    spin: f32,
    yaw: f32,
}

// A piece at a time: the layout of the simulated ones' buffer.
struct Piece {
    // On its way through still air, until it is hit by the ground. w: 0 in the air, up to 1 lying flat.
    position_flat: vec4<f32>,
    // w: how far it has tumbled, radians.
    velocity_angle: vec4<f32>,
}

fn birth_of(particle: u32) -> Birth {
    let heading = TAU * chance(particle, 0u);
    let lean = sqrt(chance(particle, 1u));
    let rise = mix(2.1, 3.5, chance(particle, 2u));
    var birth: Birth;
    birth.velocity = vec3<f32>(cos(heading) * lean * 1.9, rise - 0.7 * lean, sin(heading) * lean * 1.9);
    birth.fall = mix(0.34, 0.6, chance(particle, 3u));
    birth.delay_secs = 0.16 * chance(particle, 4u);
    birth.angle = TAU * chance(particle, 5u);
    birth.spin = mix(5.0, 13.0, chance(particle, 6u)) * select(-1.0, 1.0, chance(particle, 7u) < 0.5);
    birth.yaw = TAU * chance(particle, 8u);
    return birth;
}

fn born(birth: Birth) -> Piece {
    return Piece(
        vec4<f32>(0.0, START_HEIGHT, 0.0, 0.0),
        vec4<f32>(birth.velocity, birth.angle),
    );
}

// Free fall with linear drag: exact for any length of time.
fn fallen(piece: Piece, birth: Birth, secs: f32) -> Piece {
    let steady = vec3<f32>(0.0, -birth.fall, 0.0);
    let kept = exp(-DRAG * secs);
    let over = piece.velocity_angle.xyz - steady;
    let position = piece.position_flat.xyz + steady * secs + over * ((1.0 - kept) / DRAG);
    return Piece(
        vec4<f32>(position, piece.position_flat.w),
        vec4<f32>(steady + over * kept, piece.velocity_angle.w + birth.spin * secs),
    );
}

// Where moving air and its own flutter have taken a piece that would be at `position` in still air. The air is an
// Arnold-Beltrami-Childress flow: free of sources, neighbours go the same way.
fn drift(birth: Birth, position: vec3<f32>, secs: f32) -> vec3<f32> {
    let p = position * 3.1 + vec3<f32>(0.0, 0.9 * secs, 0.0);
    let air = vec3<f32>(sin(p.z) + cos(p.y), 0.4 * (sin(p.x) + cos(p.z)), sin(p.y) + cos(p.x));
    let flutter = sin(birth.spin * 0.55 * secs + birth.angle);
    let aside = vec3<f32>(-sin(birth.yaw), 0.0, cos(birth.yaw)) * flutter;
    return (0.055 * air + 0.045 * aside) * smoothstep(0.1, 1.3, secs);
}

// The piece `secs` after its birth, without what came before: it meets the ground softly and stays.
fn piece_at(birth: Birth, secs: f32) -> Piece {
    // The drag has long eaten the start when a piece lands.
    let landing = (START_HEIGHT + (birth.velocity.y + birth.fall) / DRAG) / birth.fall;
    let flight = min(secs, landing);
    let piece = fallen(born(birth), birth, flight);
    let place = piece.position_flat.xyz + drift(birth, piece.position_flat.xyz, flight);
    let flat = smoothstep(0.0, FLATTENING_SECS, secs - landing);
    return Piece(vec4<f32>(place.x, max(place.y, 0.0), place.z, flat), piece.velocity_angle);
}
