//! Short bursts and calm glows of particles: highlights, landings, celebrations.

use glam::{Mat4, Vec3};

/// No more particles than these are drawn in a frame; effects that ask for more are thinned alike.
pub const MOST_PARTICLES: u32 = 4096;

/// What particles look like and how they move.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ParticleKind {
    /// Confetti in the hues of the members ([`crate::palette::MEMBERS`]): flies up from the origin,
    /// tumbles down through the air and settles on the ground, the plane y = 0 of the effect.
    Celebration,
    /// Soft points of light that rise around a thing, again and again until the caller ends it.
    Sparkle,
    /// A ring of dust and a thin wave that run outwards over the ground, where something lands.
    Ring,
}

impl ParticleKind {
    /// How long it lasts; `None`: as long as the caller likes.
    pub const fn duration_secs(self) -> Option<f32> {
        match self {
            ParticleKind::Celebration => Some(4.0),
            ParticleKind::Sparkle => None,
            ParticleKind::Ring => Some(0.6),
        }
    }

    /// A number of particles that suits it.
    pub const fn usual_count(self) -> u32 {
        match self {
            ParticleKind::Celebration => 300,
            ParticleKind::Sparkle => 48,
            ParticleKind::Ring => 40,
        }
    }
}

/// One burst or glow. All that is seen of it follows from these values: the same ones give the same
/// picture.
///
/// Where the device has compute, the pieces of a [`ParticleKind::Celebration`] are simulated from frame
/// to frame, which the renderer recognises by their seed, and bounce off the ground (see
/// [`crate::Renderer::simulates_particles`]).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ParticleEffect {
    /// Which kind.
    pub kind: ParticleKind,
    /// Origin: on the ground, in the middle. +Y: up, against which pieces fall. Rigid.
    pub world_from_effect: Mat4,
    /// Half width, height and half depth of the space it fills, in metres: how far and how high confetti
    /// flies, the bounds of what sparkles, the radius of a ring and the height of its dust.
    pub size_m: Vec3,
    /// Linear. Confetti has its own colours.
    pub color: [f32; 3],
    /// 0 unseen, 1 full.
    pub opacity: f32,
    /// How many particles there are.
    pub count: u32,
    /// Another number, another burst. Effects that are seen at the same time should not share one.
    pub seed: u32,
    /// Since it began. Before 0 and after [`ParticleKind::duration_secs`] nothing is drawn.
    pub age_secs: f32,
    /// Whether it only fades in and out, without motion (`prefers-reduced-motion`).
    pub calm: bool,
}

impl ParticleEffect {
    /// An effect of this kind as it usually is, in the palette's signal colour.
    pub fn new(kind: ParticleKind, world_from_effect: Mat4, size_m: Vec3, age_secs: f32) -> Self {
        ParticleEffect {
            kind,
            world_from_effect,
            size_m,
            color: crate::palette::SIGNAL,
            opacity: 1.0,
            count: kind.usual_count(),
            seed: 0,
            age_secs,
            calm: false,
        }
    }
}
