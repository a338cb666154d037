//! Patches whose place is known to many pixels only.

use super::solve::Search;
use super::template::{Kernel, inside};
use super::vector::Vector;
use super::{Alignment, AlignmentFailure, PatchAligner, PatchTemplate};
use crate::pyramid::Pyramid;

/// The furthest that a patch is searched, in pixels of the full image.
pub const MAX_RADIUS_PX: f32 = 20.0;
/// How many of the most similar places are looked at closely.
const CANDIDATES: usize = 3;
/// The widest radius in pixels of the level that is searched pixel by pixel.
const WIDEST_PX: f64 = 5.5;

/// A place of a level and how similar it is.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    x: i32,
    y: i32,
    zncc: f64,
}

impl PatchAligner {
    /// Finds the patch anywhere within `radius_px`, at most [`MAX_RADIUS_PX`], of `predicted_px`, both in pixels of
    /// the full image: compares it with every place of a coarse level, then aligns it at the most similar ones and
    /// takes the best.
    ///
    /// # Errors
    /// As [`PatchAligner::align`]; [`AlignmentFailure::Outside`] where no place is inside of the image.
    pub fn search(
        &self,
        current: &Pyramid,
        template: &PatchTemplate,
        predicted_px: [f32; 2],
        radius_px: f32,
    ) -> Result<Alignment, AlignmentFailure> {
        let predicted = predicted_px.map(f64::from);
        let radius = f64::from(radius_px.clamp(0.0, MAX_RADIUS_PX));
        let levels = current.levels().len();
        let usable = |k: &usize| template.at(*k).2 < levels;
        let coarser = (0..template.count())
            .filter(usable)
            .find(|k| radius <= WIDEST_PX * template.pixels_of(*k))
            .or_else(|| (0..template.count()).rfind(usable))
            .ok_or(AlignmentFailure::Outside)?;
        let scale = template.pixels_of(coarser);
        let best = most_similar(
            current,
            template,
            coarser,
            predicted.map(|c| c / scale),
            radius / scale,
        );
        let half = (template.side() as f64 - 1.0) * 0.5;
        let search = Search {
            config: self.config(),
            current,
            template,
            predicted,
            reach_px: radius + scale,
        };
        let mut found: Result<Alignment, _> = Err(AlignmentFailure::Outside);
        for candidate in best.iter().flatten() {
            let start = [candidate.x, candidate.y].map(|c| (f64::from(c) + half) * scale);
            let aligned = search.descend::<Vector>(coarser, start);
            found = match (found, aligned) {
                (Ok(a), Ok(b)) if b.zncc > a.zncc => Ok(b),
                (Ok(a), _) => Ok(a),
                (Err(_), other) => other,
            };
        }
        found
    }
}

/// The most similar places around `center`, in pixels of the level, best first, none next to a better one.
fn most_similar(
    current: &Pyramid,
    template: &PatchTemplate,
    coarser: usize,
    center: [f64; 2],
    radius: f64,
) -> [Option<Candidate>; CANDIDATES] {
    let (patch, moments, level) = template.at(coarser);
    let side = template.side();
    let half = (side as f64 - 1.0) * 0.5;
    let mut best: [Option<Candidate>; CANDIDATES] = [None; CANDIDATES];
    let Some(level) = current.levels().get(level) else {
        return best;
    };
    let around = |c: f64| (c - half - radius).ceil() as i32..=(c - half + radius).floor() as i32;
    for y in around(center[1]) {
        for x in around(center[0]) {
            let place = [x, y].map(|c| f64::from(c) + half);
            let distance = (place[0] - center[0]).hypot(place[1] - center[1]);
            if distance > radius || !inside(level, place, [half; 2]) {
                continue;
            }
            let zncc = moments.zncc(Vector::compare(patch, level, x, y, side).map(f64::from));
            insert(&mut best, Candidate { x, y, zncc });
        }
    }
    best
}

/// Keeps the list in order. A neighbour of a better place is left out, and takes the place of worse neighbours.
fn insert(best: &mut [Option<Candidate>; CANDIDATES], new: Candidate) {
    let near = |c: &Candidate| (c.x - new.x).abs().max((c.y - new.y).abs()) <= 1;
    if best.iter().flatten().any(|c| near(c) && c.zncc >= new.zncc) {
        return;
    }
    let mut kept = [None; CANDIDATES];
    let mut count = 0;
    let mut pending = Some(new);
    for candidate in best.iter().flatten().filter(|c| !near(c)) {
        if let Some(better) = pending.take_if(|p| p.zncc > candidate.zncc)
            && count < CANDIDATES
        {
            kept[count] = Some(better);
            count += 1;
        }
        if count < CANDIDATES {
            kept[count] = Some(*candidate);
            count += 1;
        }
    }
    if let Some(last) = pending
        && count < CANDIDATES
    {
        kept[count] = Some(last);
    }
    *best = kept;
}
