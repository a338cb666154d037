//! Scaling. Enlarging: the cubic of Keys 1981 ("Cubic convolution interpolation for digital image
//! processing", a = -1/2, also known as Catmull-Rom) on tones, without its overshoot at edges; the
//! plain video is enlarged by straight lines, as a browser does. Reducing: the mean over the area
//! that a target pixel covers, in linear light.

use glam::{IVec2, Vec2, Vec3};

use super::{picture::Picture, uniforms::StreamUniforms};

/// What [`scaled`] reads.
pub(super) struct Source<'a> {
    pub(super) picture: &'a Picture,
    /// The picture holds linear light, not tones.
    pub(super) is_linear: bool,
    /// Enlarged by straight lines.
    pub(super) plain: bool,
}

impl Source<'_> {
    fn linear_at(&self, pixel: IVec2) -> Vec3 {
        let value = self.picture.at(pixel);
        if self.is_linear { value } else { value * value }
    }
}

/// The twin of `scaled`: linear light at a place whose pixel centres are integers.
pub(super) fn scaled(uniforms: &StreamUniforms, source: &Source, place: Vec2) -> Vec3 {
    if uniforms.scale < 1.0 {
        reduced(uniforms.scale, source, place)
    } else {
        enlarged(source, place)
    }
}

fn enlarged(source: &Source, place: Vec2) -> Vec3 {
    let base = place.floor();
    let part = place - base;
    let weights = |part: f32| {
        if source.plain {
            return [0.0, 1.0 - part, part, 0.0];
        }
        let square = part * part;
        let cube = square * part;
        [
            -0.5 * part + square - 0.5 * cube,
            1.0 - 2.5 * square + 1.5 * cube,
            0.5 * part + 2.0 * square - 1.5 * cube,
            -0.5 * square + 0.5 * cube,
        ]
    };
    let [columns, rows] = [weights(part.x), weights(part.y)];
    let mut sum = Vec3::ZERO;
    let mut lowest = Vec3::ONE;
    let mut highest = Vec3::ZERO;
    for (y, row) in (-1..).zip(rows) {
        for (x, column) in (-1..).zip(columns) {
            let near = source
                .linear_at(base.as_ivec2() + IVec2::new(x, y))
                .map(f32::sqrt);
            sum += near * (column * row);
            lowest = lowest.min(near);
            highest = highest.max(near);
        }
    }
    let tone = sum.max(lowest).min(highest);
    tone * tone
}

fn reduced(scale: f32, source: &Source, place: Vec2) -> Vec3 {
    let half = 0.5 / scale;
    let first = (place - half + 0.5).floor();
    let count = ((place + half + 0.5).floor() - first + 1.0)
        .min(Vec2::splat(9.0))
        .as_ivec2();
    let step = (2.0 * half / 8.0).max(1.0);
    let mut sum = Vec3::ZERO;
    let mut total = 0.0;
    for y in 0..count.y {
        for x in 0..count.x {
            let near = first + (Vec2::new(x as f32, y as f32) * step).floor();
            let covered = ((near + 0.5).min(place + half) - (near - 0.5).max(place - half))
                .clamp(Vec2::ZERO, Vec2::ONE);
            let weight = covered.x * covered.y;
            sum += source.linear_at(near.as_ivec2()) * weight;
            total += weight;
        }
    }
    sum / total
}
