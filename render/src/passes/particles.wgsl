// What all particles share: their effects, chance, billboards, fading.

struct Effect {
    // From the unit space of the motion (-1..1, 0..1, -1..1) to the world.
    row_x: vec4<f32>,
    row_y: vec4<f32>,
    row_z: vec4<f32>,
    color_opacity: vec4<f32>,
    // Seconds of motion, size of a usual particle in metres; z, w unused.
    motion: vec4<f32>,
    // First particle among those of its kind, their number, seed, their number in the frame before.
    particles: vec4<u32>,
    // First particle in the frame before, the bits of its seconds of motion; z, w unused.
    before: vec4<u32>,
}

// The mirror is in particle_effects.rs.
struct ParticleUniforms {
    hues: array<vec4<f32>, 8>,
    // First effect and number of effects of each kind; z, w unused.
    kinds: array<vec4<u32>, 3>,
    effects: array<Effect, 128>,
}

const CONFETTI: u32 = 0u;
const SPARKLE: u32 = 1u;
const RING: u32 = 2u;
const TAU: f32 = 6.2831853;
// Turns by it spread any number of particles evenly around.
const GOLDEN_ANGLE: f32 = 2.3999632;

@group(2) @binding(0) var<uniform> given: ParticleUniforms;

// The effect that the `index`-th particle of a kind belongs to: the last one that begins at or before it.
fn effect_of(kind: u32, index: u32) -> u32 {
    var low = given.kinds[kind].x;
    var high = low + given.kinds[kind].y;
    for (var halved = 0; halved < 8 && high - low > 1u; halved += 1) {
        let middle = (low + high) / 2u;
        if given.effects[middle].particles.x <= index {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

// PCG hash: Jarzynski and Olano 2020, "Hash Functions for GPU Rendering".
fn hash(value: u32) -> u32 {
    let state = value * 747796405u + 2891336453u;
    let word = ((state >> ((state >> 28u) + 4u)) ^ state) * 277803737u;
    return (word >> 22u) ^ word;
}

// What tells a particle from all others.
fn identity(seed: u32, index: u32) -> u32 {
    return hash(seed + hash(index));
}

// 0 <= chance < 1; another one for each `channel`.
fn chance(particle: u32, channel: u32) -> f32 {
    return f32(hash(particle + channel * 2654435769u) >> 8u) * (1.0 / 16777216.0);
}
