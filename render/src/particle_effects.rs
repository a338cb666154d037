//! The particle effects of a frame as the shaders take them: which ones are seen, how many particles
//! each may have, and where the simulated ones were in the frame before. Nothing of the device.

use bytemuck::{Pod, Zeroable};
use glam::{Mat4, Vec3, Vec4};

use crate::{MOST_PARTICLES, ParticleEffect, ParticleKind, palette};

/// As many effects fit the uniforms of WebGL2; the rest of a frame's are left out.
pub(crate) const MOST_EFFECTS: usize = 128;

/// In the order of `ParticleUniforms::kinds`.
pub(crate) const KINDS: [ParticleKind; 3] = [
    ParticleKind::Celebration,
    ParticleKind::Sparkle,
    ParticleKind::Ring,
];

/// When calm, the motion stands still here: confetti in the air, dust half way out.
const CALM_MOTION_SECS: [f32; 3] = [1.1, 2.0, 0.22];
const FADE_SECS: f32 = 0.24;

/// One effect: the mirror of `Effect` in `particles.wgsl`.
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct EffectUniforms {
    /// From the unit space of the motion (-1..1, 0..1, -1..1) to the world.
    rows: [Vec4; 3],
    color_opacity: Vec4,
    pub(crate) motion_secs: f32,
    /// Size of a usual particle in metres.
    grain_m: f32,
    unused: [u32; 2],
    /// Its first particle among those of its kind.
    pub(crate) first: u32,
    pub(crate) count: u32,
    pub(crate) seed: u32,
    /// Of the frame before; for what is simulated.
    pub(crate) count_before: u32,
    pub(crate) first_before: u32,
    pub(crate) secs_before: f32,
    unused_before: [u32; 2],
}

/// All effects, the kinds one after the other: the mirror of `ParticleUniforms` in `particles.wgsl`.
#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct ParticleUniforms {
    hues: [Vec4; 8],
    /// First effect and number of effects of each kind; z, w unused.
    kinds: [[u32; 4]; 3],
    pub(crate) effects: [EffectUniforms; MOST_EFFECTS],
}

/// The effects of a frame, and what of the frame before is needed for it.
pub(crate) struct ParticleEffects {
    pub(crate) uniforms: Box<ParticleUniforms>,
    effect_count: usize,
    /// Of each kind.
    pub(crate) particles: [u32; 3],
    /// Particles that were asked for and are left out.
    pub(crate) skipped: u32,
    before: Vec<EffectUniforms>,
}

impl ParticleEffects {
    pub(crate) fn new() -> Self {
        let mut uniforms = Box::new(ParticleUniforms::zeroed());
        uniforms.hues = palette::MEMBERS.map(|hue| Vec3::from_array(hue).extend(1.0));
        ParticleEffects {
            uniforms,
            effect_count: 0,
            particles: [0; 3],
            skipped: 0,
            before: Vec::with_capacity(MOST_EFFECTS),
        }
    }

    /// Takes the effects of a frame.
    pub(crate) fn set(&mut self, effects: &[ParticleEffect]) {
        self.before.clear();
        let confetti = self.of_kind(0);
        self.before
            .extend_from_slice(&self.uniforms.effects[confetti]);
        let seen = || effects.iter().filter(|effect| is_seen(effect));
        let asked: u64 = seen().map(|effect| u64::from(effect.count)).sum();
        let share = |count: u32| fair_share(count, asked);
        self.effect_count = 0;
        let mut cursor = 0;
        for (index, kind) in KINDS.into_iter().enumerate() {
            let first_effect = self.effect_count;
            let mut particles = 0;
            for effect in seen().filter(|effect| effect.kind == kind) {
                let count = share(effect.count);
                if count == 0 || self.effect_count == MOST_EFFECTS {
                    continue;
                }
                let mut made = EffectUniforms::new(effect, particles, count);
                if kind == ParticleKind::Celebration {
                    made.follow(&self.before, &mut cursor);
                }
                self.uniforms.effects[self.effect_count] = made;
                self.effect_count += 1;
                particles += count;
            }
            self.uniforms.kinds[index] = [
                first_effect as u32,
                (self.effect_count - first_effect) as u32,
                0,
                0,
            ];
            self.particles[index] = particles;
        }
        let drawn: u32 = self.particles.iter().sum();
        self.skipped = (asked - u64::from(drawn)).min(u64::from(u32::MAX)) as u32;
    }

    /// The part of the uniforms that is in use.
    pub(crate) fn bytes(&self) -> &[u8] {
        let unused = (MOST_EFFECTS - self.effect_count) * size_of::<EffectUniforms>();
        let all = bytemuck::bytes_of(&*self.uniforms);
        &all[..all.len() - unused]
    }

    /// The effects that are simulated.
    pub(crate) fn celebrations(&self) -> &[EffectUniforms] {
        &self.uniforms.effects[self.of_kind(0)]
    }

    fn of_kind(&self, index: usize) -> std::ops::Range<usize> {
        let [first, count, ..] = self.uniforms.kinds[index].map(|value| value as usize);
        first..first + count
    }
}

impl EffectUniforms {
    fn new(effect: &ParticleEffect, first: u32, count: u32) -> Self {
        let rows = (effect.world_from_effect * Mat4::from_scale(effect.size_m)).transpose();
        let [red, green, blue] = effect.color;
        let kind = effect.kind as usize;
        let (motion_secs, fade) = if effect.calm {
            (CALM_MOTION_SECS[kind], calm_fade(effect))
        } else if effect.kind == ParticleKind::Sparkle {
            (effect.age_secs, (effect.age_secs / FADE_SECS).min(1.0))
        } else {
            (effect.age_secs, 1.0)
        };
        let Vec3 { x, y, z } = effect.size_m;
        let grain_m = match effect.kind {
            ParticleKind::Celebration => (0.028 * y).clamp(0.006, 0.04),
            ParticleKind::Sparkle => (0.022 * (x + y + z)).clamp(0.004, 0.03),
            ParticleKind::Ring => x.max(z),
        };
        EffectUniforms {
            rows: [rows.x_axis, rows.y_axis, rows.z_axis],
            color_opacity: Vec4::new(red, green, blue, effect.opacity.min(1.0) * fade),
            motion_secs,
            grain_m,
            first,
            count,
            seed: effect.seed,
            ..EffectUniforms::zeroed()
        }
    }

    /// Whether its pieces lie in the buffer as they are to be: same time, same places.
    pub(crate) fn stands(&self) -> bool {
        self.secs_before == self.motion_secs
            && self.first_before == self.first
            && self.count_before == self.count
    }

    /// Finds itself in the frame before: by its seed, from where the last one was found on.
    fn follow(&mut self, before: &[EffectUniforms], cursor: &mut usize) {
        let order = (*cursor..before.len()).chain(0..(*cursor).min(before.len()));
        let same = |index: &usize| {
            before[*index].seed == self.seed && before[*index].motion_secs <= self.motion_secs
        };
        if let Some(index) = order.into_iter().find(same) {
            self.count_before = before[index].count;
            self.first_before = before[index].first;
            self.secs_before = before[index].motion_secs;
            *cursor = index + 1;
        }
    }
}

/// Whether anything of the effect is to be drawn. What is no number counts as unseen.
fn is_seen(effect: &ParticleEffect) -> bool {
    let ends_secs = effect.kind.duration_secs().unwrap_or(f32::MAX);
    let size = effect.size_m;
    (0.0..ends_secs).contains(&effect.age_secs)
        && effect.opacity > 0.0
        && effect.world_from_effect.is_finite()
        && size.is_finite()
        && size.min_element() > 0.0
}

/// Of `asked` particles over all effects, how many one may have that asked for `count`.
fn fair_share(count: u32, asked: u64) -> u32 {
    let most = u64::from(MOST_PARTICLES);
    if asked <= most {
        count
    } else {
        // Rounded down: the shares together stay below the most there may be.
        (u64::from(count) * most / asked) as u32
    }
}

fn calm_fade(effect: &ParticleEffect) -> f32 {
    let begun = effect.age_secs / FADE_SECS;
    let left = effect
        .kind
        .duration_secs()
        .map_or(1.0, |ends_secs| (ends_secs - effect.age_secs) / FADE_SECS);
    begun.min(left).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn burst(seed: u32, count: u32, age_secs: f32) -> ParticleEffect {
        ParticleEffect {
            count,
            seed,
            ..ParticleEffect::new(
                ParticleKind::Celebration,
                Mat4::IDENTITY,
                Vec3::ONE,
                age_secs,
            )
        }
    }

    fn of(kind: ParticleKind, count: u32, age_secs: f32) -> ParticleEffect {
        ParticleEffect {
            kind,
            ..burst(1, count, age_secs)
        }
    }

    #[test]
    fn many_effects_are_thinned_alike_and_counted() {
        let mut effects = ParticleEffects::new();
        let asked = [
            of(ParticleKind::Ring, 2000, 0.1),
            burst(2, 6000, 0.1),
            of(ParticleKind::Sparkle, 4000, 0.1),
        ];
        effects.set(&asked);
        let total: u32 = effects.particles.iter().sum();
        assert!(
            (MOST_PARTICLES - 3..=MOST_PARTICLES).contains(&total),
            "{total}"
        );
        assert_eq!(effects.skipped, 12_000 - total);
        let [confetti, sparkles, dust] = effects.particles;
        assert!(confetti.abs_diff(3 * dust) <= 3 && sparkles.abs_diff(2 * dust) <= 2);
        effects.set(&[burst(1, u32::MAX, 0.5), burst(2, u32::MAX, 0.5)]);
        assert_eq!(effects.particles, [MOST_PARTICLES, 0, 0]);
        effects.set(&asked[..1]);
        assert_eq!((effects.particles, effects.skipped), ([0, 0, 2000], 0));
    }

    #[test]
    fn effects_beyond_the_uniforms_are_counted() {
        let mut effects = ParticleEffects::new();
        let many: Vec<_> = (0..200).map(|seed| burst(seed, 10, 1.0)).collect();
        effects.set(&many);
        assert_eq!(effects.particles[0], 10 * MOST_EFFECTS as u32);
        assert_eq!(effects.skipped, 10 * (200 - MOST_EFFECTS as u32));
        assert!(size_of::<ParticleUniforms>() <= 16 * 1024);
        assert_eq!(effects.bytes().len(), size_of::<ParticleUniforms>());
    }

    #[test]
    fn what_is_not_there_yet_or_over_or_no_number_is_left_out() {
        let mut effects = ParticleEffects::new();
        let unseen = [
            burst(1, 10, -0.01),
            burst(1, 10, 4.0),
            burst(1, 10, f32::NAN),
            burst(1, 0, 1.0),
            ParticleEffect {
                opacity: 0.0,
                ..burst(1, 10, 1.0)
            },
            ParticleEffect {
                opacity: f32::NAN,
                ..burst(1, 10, 1.0)
            },
            ParticleEffect {
                size_m: Vec3::new(1.0, 0.0, 1.0),
                ..burst(1, 10, 1.0)
            },
            ParticleEffect {
                world_from_effect: Mat4::NAN,
                ..burst(1, 10, 1.0)
            },
            of(ParticleKind::Sparkle, 10, f32::INFINITY),
            of(ParticleKind::Ring, 10, 0.6),
        ];
        effects.set(&unseen);
        assert_eq!((effects.particles, effects.skipped), ([0; 3], 0));
        effects.set(&[burst(1, 10, 0.0), of(ParticleKind::Sparkle, 5, 1e5)]);
        assert_eq!(effects.particles, [10, 5, 0]);
    }

    #[test]
    fn bursts_are_found_again_in_the_next_frame() {
        let mut effects = ParticleEffects::new();
        effects.set(&[burst(7, 10, 1.0), burst(8, 20, 0.5), burst(8, 30, 0.25)]);
        // The first is over; of two with one seed each stays itself; one begins.
        effects.set(&[burst(8, 20, 0.6), burst(8, 30, 0.35), burst(9, 5, 0.0)]);
        let found: Vec<_> = effects
            .celebrations()
            .iter()
            .map(|effect| {
                (
                    effect.first,
                    effect.first_before,
                    effect.count_before,
                    effect.secs_before,
                )
            })
            .collect();
        assert_eq!(
            found,
            [(0, 10, 20, 0.5), (20, 30, 30, 0.25), (50, 0, 0, 0.0)]
        );
        // Younger than before: it began anew.
        effects.set(&[burst(9, 5, 0.5)]);
        effects.set(&[burst(9, 5, 0.1)]);
        assert_eq!(effects.celebrations()[0].count_before, 0);
    }

    #[test]
    fn calm_effects_stand_still_and_fade() {
        let calm = |age_secs: f32| {
            let mut effects = ParticleEffects::new();
            effects.set(&[ParticleEffect {
                calm: true,
                ..burst(1, 10, age_secs)
            }]);
            let effect = effects.celebrations()[0];
            (effect.motion_secs, effect.color_opacity.w)
        };
        assert_eq!(calm(0.12).0, calm(3.9).0);
        assert!((calm(0.12).1 - 0.5).abs() < 1e-3 && (calm(3.88).1 - 0.5).abs() < 1e-3);
        assert_eq!(calm(2.0).1, 1.0);
    }
}
