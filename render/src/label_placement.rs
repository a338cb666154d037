//! Keeps cards off each other on the screen. Pure; where a card would like to be comes from
//! `label_layout.rs`.
//!
//! Greedy, nearest first (Christensen, Marks and Shieber 1995 compare such methods): each card takes the
//! slot nearest to its own place that is free. What was chosen is kept while it does, so that cards do not
//! jump to and fro, and cards glide to a new slot.

use std::collections::HashMap;

use glam::Vec2;

use crate::LabelId;

/// CSS pixels between cards, between a card and the view's edge.
const GAP_PX: f32 = 4.0;
const EDGE_PX: f32 = 6.0;
/// And between a moved card and what should stay in sight.
const CLEAR_PX: f32 = 4.0;
/// A better slot than the one held must have so many CSS pixels more room.
const BETTER_PX: f32 = 8.0;
/// Another card comes first only when it is nearer by this factor.
const NEARER: f32 = 0.85;
/// Time in which a card covers about two thirds of the way to its new slot.
const GLIDE_SECS: f32 = 0.09;
/// A card that was not seen for so many frames is forgotten.
const FORGET_FRAMES: u64 = 120;

/// Slots lie on a grid, in quarters of a card's width to the side and of its height and gap up. Beyond
/// the fine part there is only every second column and every fourth row.
const SIDE_QUARTERS: i32 = 8;
const UP_QUARTERS: i32 = 60;
const FINE_SIDE: i32 = 2;
const FINE_UP: i32 = 4;

/// A card and where it would like to be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wish {
    pub(crate) id: LabelId,
    /// From the eye.
    pub(crate) depth_m: f32,
    /// In the view, y down.
    pub(crate) anchor_px: Vec2,
    /// The card's middle where nothing is in its way.
    pub(crate) middle_px: Vec2,
    /// Half the size of the upright box around the card.
    pub(crate) half_px: Vec2,
}

/// The view that cards are placed in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PlacementView {
    pub(crate) index: usize,
    pub(crate) size_px: Vec2,
    pub(crate) pixel_ratio: f32,
    /// A clock; cards glide only while it runs.
    pub(crate) time_secs: f32,
}

/// What is remembered of a card in a view.
struct Held {
    slot: usize,
    /// The distance by which it is ranked.
    depth_m: f32,
    shift_px: Vec2,
    frame: u64,
    time_secs: f32,
}

pub(crate) struct LabelPlacement {
    /// Quarters to the side and up, the least way first.
    slots: Vec<[i32; 2]>,
    held: HashMap<(usize, LabelId), Held>,
    order: Vec<(f32, usize)>,
    taken: Vec<Area>,
    frame: u64,
}

#[derive(Clone, Copy)]
struct Area {
    middle: Vec2,
    half: Vec2,
}

impl Area {
    fn is_off(&self, other: &Area, gap: f32) -> bool {
        let between = (self.middle - other.middle).abs() - self.half - other.half;
        between.max_element() >= gap
    }

    fn is_off_place(&self, place: Vec2, gap: f32) -> bool {
        ((place - self.middle).abs() - self.half).max_element() >= gap
    }
}

impl LabelPlacement {
    pub(crate) fn new() -> Self {
        let sides = -SIDE_QUARTERS..=SIDE_QUARTERS;
        let is_slot = |[side, up]: &[i32; 2]| {
            let fine = side.abs() <= FINE_SIDE && up.abs() <= FINE_UP;
            fine || (side % 2 == 0 && up % 4 == 0)
        };
        let mut slots: Vec<[i32; 2]> = sides
            .flat_map(|side| (-UP_QUARTERS..=UP_QUARTERS).map(move |up| [side, up]))
            .filter(is_slot)
            .collect();
        // Cards are about four times as wide as high; up is better than down.
        slots.sort_by_key(|[side, up]| {
            let up_cost = if *up < 0 { up * up * 5 / 2 } else { up * up };
            (up_cost + side * side * 16, side.abs(), -side, -up)
        });
        LabelPlacement {
            slots,
            held: HashMap::new(),
            order: Vec::new(),
            taken: Vec::new(),
            frame: 0,
        }
    }

    pub(crate) fn begin_frame(&mut self) {
        self.frame += 1;
        if self.frame.is_multiple_of(FORGET_FRAMES) {
            let oldest = self.frame - FORGET_FRAMES;
            self.held.retain(|_, held| held.frame >= oldest);
        }
    }

    /// A card of this name that comes later is a new one.
    pub(crate) fn forget(&mut self, id: LabelId) {
        self.held.retain(|(_, held), _| *held != id);
    }

    /// For each wish by how much its card moves away from its own place, in pixels. `clear_px`: places
    /// that moved cards leave in sight where they can.
    pub(crate) fn place(
        &mut self,
        view: &PlacementView,
        wishes: &[Wish],
        clear_px: &[Vec2],
        shifts_px: &mut Vec<Vec2>,
    ) {
        self.order.clear();
        self.taken.clear();
        shifts_px.clear();
        shifts_px.resize(wishes.len(), Vec2::ZERO);
        for (index, wish) in wishes.iter().enumerate() {
            let known = self
                .held
                .get(&(view.index, wish.id))
                .map(|held| held.depth_m);
            let keeps = known
                .filter(|known| wish.depth_m > known * NEARER && *known > wish.depth_m * NEARER);
            self.order.push((keeps.unwrap_or(wish.depth_m), index));
        }
        self.order.sort_unstable_by(|a, b| {
            a.0.total_cmp(&b.0)
                .then(wishes[a.1].id.cmp(&wishes[b.1].id))
        });
        for at in 0..self.order.len() {
            let (depth_m, index) = self.order[at];
            let wish = &wishes[index];
            let key = (view.index, wish.id);
            let held = self
                .held
                .get(&key)
                .filter(|held| held.frame + 1 >= self.frame);
            let (slot, middle) = self.choose(view, wish, clear_px, held.map(|held| held.slot));
            self.taken.push(Area {
                middle,
                half: wish.half_px,
            });
            let wanted = middle - wish.middle_px;
            let shift_px = held.map_or(wanted, |held| {
                let step = view.time_secs - held.time_secs;
                if step > 0.0 && step < 0.5 {
                    wanted + (held.shift_px - wanted) * (-step / GLIDE_SECS).exp()
                } else {
                    wanted
                }
            });
            shifts_px[index] = shift_px;
            let frame = self.frame;
            self.held.insert(
                key,
                Held {
                    slot,
                    depth_m,
                    shift_px,
                    frame,
                    time_secs: view.time_secs,
                },
            );
        }
    }

    /// The slot for a card and its middle there. Where no slot is free, its own place.
    fn choose(
        &self,
        view: &PlacementView,
        wish: &Wish,
        clear_px: &[Vec2],
        held: Option<usize>,
    ) -> (usize, Vec2) {
        let ratio = view.pixel_ratio;
        let edge = Vec2::splat(EDGE_PX * ratio);
        let inside =
            wish.anchor_px.cmpge(Vec2::ZERO).all() && wish.anchor_px.cmple(view.size_px).all();
        if !inside {
            return (0, wish.middle_px);
        }
        let least = (wish.half_px + edge).min(view.size_px * 0.5);
        let most = (view.size_px - wish.half_px - edge).max(view.size_px * 0.5);
        let cell = wish.half_px * 2.0 + GAP_PX * ratio;
        let step = Vec2::new(cell.x, -cell.y) * 0.25;
        let middle_of = |slot: usize| {
            let [side, up] = self.slots[slot];
            let moved = wish.middle_px + step * Vec2::new(side as f32, up as f32);
            moved.clamp(least, most)
        };
        let area_at = |middle: Vec2| Area {
            middle,
            half: wish.half_px,
        };
        let is_free = |middle: Vec2, gap: f32| {
            let area = area_at(middle);
            area.is_off_place(wish.anchor_px, 0.0)
                && self.taken.iter().all(|other| area.is_off(other, gap))
        };
        // A card that is not in anybody's way may cover what it likes.
        let is_clear = |slot: usize, middle: Vec2| {
            let area = area_at(middle);
            let off = |place: &Vec2| area.is_off_place(*place, CLEAR_PX * ratio);
            slot == 0 || clear_px.iter().all(off)
        };
        // The slot held comes first unless there is a much better one.
        let better = held.unwrap_or(0);
        for slot in 0..better {
            let middle = middle_of(slot);
            if is_free(middle, (GAP_PX + BETTER_PX) * ratio) && is_clear(slot, middle) {
                return (slot, middle);
            }
        }
        if let Some(slot) = held {
            let middle = middle_of(slot);
            if is_free(middle, GAP_PX * 0.25 * ratio) {
                return (slot, middle);
            }
        }
        let mut covering = None;
        for slot in 0..self.slots.len() {
            let middle = middle_of(slot);
            if is_free(middle, GAP_PX * ratio) {
                if is_clear(slot, middle) {
                    return (slot, middle);
                }
                covering = covering.or(Some((slot, middle)));
            }
        }
        covering.unwrap_or((0, middle_of(0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VIEW: PlacementView = PlacementView {
        index: 0,
        size_px: Vec2::new(390.0, 844.0),
        pixel_ratio: 1.0,
        time_secs: 0.0,
    };

    fn wish(id: u64, anchor_px: Vec2) -> Wish {
        let half_px = Vec2::new(40.0 + (id * 7 % 25) as f32, 12.0);
        Wish {
            id: LabelId(id),
            depth_m: 1.0 + (id * 37 % 101) as f32 * 0.01,
            anchor_px,
            middle_px: anchor_px - Vec2::Y * (7.0 + half_px.y),
            half_px,
        }
    }

    fn random(index: u64, step: f64) -> f32 {
        ((index + 1) as f64 * step).fract() as f32
    }

    fn crowd(seed: u64) -> Vec<Wish> {
        (0..30)
            .map(|index| {
                let at = index + seed * 30;
                let place = Vec2::new(random(at, 0.618_034), random(at, 0.754_878));
                wish(index, place * VIEW.size_px)
            })
            .collect()
    }

    fn areas(wishes: &[Wish], shifts: &[Vec2]) -> Vec<Area> {
        let pairs = wishes.iter().zip(shifts);
        pairs
            .map(|(wish, shift)| Area {
                middle: wish.middle_px + *shift,
                half: wish.half_px,
            })
            .collect()
    }

    #[test]
    fn thirty_cards_do_not_overlap_on_a_phone_and_stay_in_view() {
        for seed in 0..20 {
            let wishes = crowd(seed);
            let mut placement = LabelPlacement::new();
            let mut shifts = Vec::new();
            placement.begin_frame();
            placement.place(&VIEW, &wishes, &[], &mut shifts);
            let areas = areas(&wishes, &shifts);
            for (index, area) in areas.iter().enumerate() {
                for other in &areas[..index] {
                    assert!(area.is_off(other, 1.0), "seed {seed}");
                }
                assert!((area.middle - area.half).min_element() >= 0.0);
                assert!((VIEW.size_px - area.middle - area.half).min_element() >= 0.0);
            }
        }
    }

    #[test]
    fn cards_follow_their_anchors_without_jitter() {
        let mut placement = LabelPlacement::new();
        let mut shifts = Vec::new();
        let mut first: Option<Vec<Vec2>> = None;
        for frame in 0..50_u64 {
            let sway = Vec2::new(random(frame, 0.569_84), random(frame, 0.856_7)) - 0.5;
            let mut wishes = crowd(3);
            for wish in &mut wishes {
                wish.anchor_px += sway;
                wish.middle_px += sway;
                wish.depth_m *= 1.0 + 0.02 * sway.x;
            }
            placement.begin_frame();
            placement.place(&VIEW, &wishes, &[], &mut shifts);
            let first = first.get_or_insert_with(|| shifts.clone());
            for (before, now) in first.iter().zip(&shifts) {
                // At the view's edge a card stays while its anchor sways.
                assert!(
                    before.distance(*now) <= 1.5,
                    "frame {frame}: {before} {now}"
                );
            }
        }
    }

    #[test]
    fn a_card_alone_is_where_it_wants_to_be_and_comes_back_there() {
        let mut placement = LabelPlacement::new();
        let mut shifts = Vec::new();
        let pair = [
            wish(1, Vec2::new(200.0, 400.0)),
            wish(2, Vec2::new(205.0, 402.0)),
        ];
        placement.begin_frame();
        placement.place(&VIEW, &pair, &[], &mut shifts);
        assert_eq!(
            shifts.iter().filter(|shift| **shift == Vec2::ZERO).count(),
            1
        );
        for time in 1..40 {
            let view = PlacementView {
                time_secs: time as f32 * 0.05,
                ..VIEW
            };
            placement.begin_frame();
            placement.place(&view, &pair[1..], &[], &mut shifts);
        }
        assert!(shifts[0].length() < 0.1);
    }

    #[test]
    fn moved_cards_leave_in_sight_what_they_can() {
        let pair = [
            wish(1, Vec2::new(200.0, 400.0)),
            wish(2, Vec2::new(205.0, 402.0)),
        ];
        let mut shifts = Vec::new();
        let mut moved = |clear_px: &[Vec2]| {
            let mut placement = LabelPlacement::new();
            placement.begin_frame();
            placement.place(&VIEW, &pair, clear_px, &mut shifts);
            let index = usize::from(shifts[0] == Vec2::ZERO);
            (shifts[index], pair[index].middle_px + shifts[index])
        };
        let (shift, middle) = moved(&[]);
        assert!(shift.y < -20.0);
        let (other, elsewhere) = moved(&[middle]);
        assert!(other != shift);
        assert!(
            (elsewhere - middle)
                .abs()
                .cmpge(Vec2::new(40.0, 12.0))
                .any()
        );
    }

    #[test]
    fn a_forgotten_card_begins_anew() {
        let mut placement = LabelPlacement::new();
        let mut shifts = Vec::new();
        let far = wish(2, Vec2::new(205.0, 402.0));
        let near = Wish {
            depth_m: 0.5,
            ..wish(1, Vec2::new(200.0, 400.0))
        };
        placement.begin_frame();
        placement.place(&VIEW, &[far], &[], &mut shifts);
        assert_eq!(shifts[0], Vec2::ZERO);
        placement.forget(LabelId(2));
        let view = PlacementView {
            time_secs: 1.0 / 60.0,
            ..VIEW
        };
        placement.begin_frame();
        placement.place(&view, &[far, near], &[], &mut shifts);
        // At its new place at once, as a card that was not there before.
        assert!(shifts[0].length() > 20.0, "{shifts:?}");
    }

    #[test]
    fn a_new_slot_is_reached_in_a_glide() {
        let mut placement = LabelPlacement::new();
        let mut shifts = Vec::new();
        let far = wish(2, Vec2::new(205.0, 402.0));
        let near = Wish {
            depth_m: 0.5,
            ..wish(1, Vec2::new(200.0, 400.0))
        };
        placement.begin_frame();
        placement.place(&VIEW, &[far], &[], &mut shifts);
        let mut last = 0.0;
        for frame in 1..20 {
            let view = PlacementView {
                time_secs: frame as f32 / 60.0,
                ..VIEW
            };
            placement.begin_frame();
            placement.place(&view, &[far, near], &[], &mut shifts);
            let way = shifts[0].length();
            assert!(way >= last && way - last < 0.25 * 59.0, "{last} to {way}");
            last = way;
        }
        assert!(last > 20.0);
    }
}
