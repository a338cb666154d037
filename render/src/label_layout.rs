//! Where a label's card stands and how large it is, as if it were alone (`label_placement.rs` keeps cards
//! off each other). Pure; the labels pass draws what comes out.

use bytemuck::{Pod, Zeroable};
use glam::{Mat4, Vec2, Vec3, Vec4};

use crate::View;

/// Bitmap pixels per CSS pixel: cards are drawn at double size, with type of 14 CSS pixels.
pub const LABEL_BITMAP_SCALE: f32 = 2.0;

/// At this distance a card has its own size.
const OWN_SIZE_AT_M: f32 = 1.0;
/// The smallest a card gets: its type of 14 pixels becomes 12, the least of the type scale.
const LEAST_SCALE: f32 = 12.0 / 14.0;
const LARGEST_SCALE: f32 = 3.0;
const LARGEST_PART_OF_VIEW: f32 = 1.0 / 3.0;
/// CSS pixels between what is labelled and the card.
const GAP_PX: f32 = 7.0;
/// CSS pixels: how wide the line to a card's anchor is, and from which way on a moved card has one.
const LEADER_PX: f32 = 1.5;
const LEADER_FROM_PX: f32 = 9.0;
/// By this part of its distance a card comes nearer that was moved by its height or more.
const MOVED_NEARER: f32 = 0.35;
/// A card nearer than this to the eye is not drawn.
const NEAREST_M: f32 = 0.03;

/// Width and height in target pixels of a card at `depth_m` from the eye.
///
/// `bitmap_px`: the bitmap's size, drawn at [`LABEL_BITMAP_SCALE`]. A card has its own size at one
/// metre, grows when nearer, and shrinks to 6/7 at most when farther, so that it stays readable.
/// It is never wider or higher than a third of the view; that rule wins, so cut long texts.
pub fn label_size_px(
    bitmap_px: [u32; 2],
    depth_m: f32,
    view_size_px: [u32; 2],
    pixel_ratio: f32,
) -> [f32; 2] {
    let near = (OWN_SIZE_AT_M / depth_m.max(1e-3)).clamp(LEAST_SCALE, LARGEST_SCALE);
    let bitmap = Vec2::new(bitmap_px[0].max(1) as f32, bitmap_px[1].max(1) as f32);
    let view = Vec2::new(view_size_px[0] as f32, view_size_px[1] as f32);
    let fitting = (view * LARGEST_PART_OF_VIEW / bitmap).min_element();
    (bitmap * (near * pixel_ratio / LABEL_BITMAP_SCALE).min(fitting)).to_array()
}

/// One card, or the line that leads from it to its anchor, in one view: the mirror of `LabelInstance` in
/// `labels.wgsl`.
#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct LabelInstance {
    /// Clip position of the anchor; its w is the depth in metres.
    pub(crate) anchor: Vec4,
    /// From the anchor to the middle, and half the width as a vector: pixels, y down.
    middle_right: Vec4,
    /// Half the height as a vector up; z: 1 for a line; w: the part of the distance by which it is nearer
    /// than its anchor.
    up: Vec4,
    /// Corner and size of the card in the atlas.
    coordinates: Vec4,
}

/// Where a card would be if there were no others.
#[derive(Clone, Copy)]
pub(crate) struct PlacedLabel {
    pub(crate) anchor: Vec4,
    /// In the view, y down.
    pub(crate) anchor_px: Vec2,
    /// From the anchor to the card's middle, pixels, y down.
    pub(crate) middle: Vec2,
    half_right: Vec2,
    half_up: Vec2,
}

/// Places a card over `anchor_in_world`, upright in the world where that can be told. `clearance_m`
/// is the radius of what is labelled: seen from above, the card keeps off it. `None` behind the
/// viewer.
pub(crate) fn place_label(
    clip_from_world: &Mat4,
    view: &View,
    px_per_metre: f32,
    pixel_ratio: f32,
    anchor_in_world: Vec3,
    clearance_m: f32,
    bitmap_px: [u32; 2],
) -> Option<PlacedLabel> {
    let anchor = *clip_from_world * anchor_in_world.extend(1.0);
    // Written so that what is no number is left out too.
    if !(anchor.w >= NEAREST_M && anchor.is_finite()) {
        return None;
    }
    let [_, _, width, height] = view.viewport_px;
    let [card_width, card_height] =
        label_size_px(bitmap_px, anchor.w, [width, height], pixel_ratio);
    let (up, upright) = up_on_screen(view);
    let right = Vec2::new(-up.y, up.x);
    let from_above_px = clearance_m * px_per_metre / anchor.w * (1.0 - upright);
    let unit = Vec2::new(anchor.x, -anchor.y) / anchor.w * 0.5 + 0.5;
    Some(PlacedLabel {
        anchor,
        anchor_px: unit * Vec2::new(width as f32, height as f32),
        middle: up * (GAP_PX * pixel_ratio + from_above_px + card_height * 0.5),
        half_right: right * (card_width * 0.5),
        half_up: up * (card_height * 0.5),
    })
}

impl PlacedLabel {
    /// Half the size of the upright box around the card.
    pub(crate) fn half_box_px(&self) -> Vec2 {
        self.half_right.abs() + self.half_up.abs()
    }

    /// The card, moved by `shift_px`.
    pub(crate) fn card(&self, shift_px: Vec2, coordinates: Vec4) -> LabelInstance {
        let middle = self.middle + shift_px;
        LabelInstance {
            anchor: self.anchor,
            middle_right: Vec4::new(middle.x, middle.y, self.half_right.x, self.half_right.y),
            up: self.half_up.extend(0.0).extend(self.nearer(shift_px)),
            coordinates,
        }
    }

    /// A card that was moved stands before what it was moved to.
    fn nearer(&self, shift_px: Vec2) -> f32 {
        let cards = shift_px.length() / (self.half_box_px().y * 2.0).max(1.0);
        MOVED_NEARER * cards.min(1.0)
    }

    /// The line from the anchor to a card that was moved away from it.
    pub(crate) fn leader(&self, shift_px: Vec2, pixel_ratio: f32) -> Option<LabelInstance> {
        if shift_px.length() < LEADER_FROM_PX * pixel_ratio {
            return None;
        }
        let middle = self.middle + shift_px;
        let half = self.half_box_px() - 1.0;
        let end = Vec2::ZERO.clamp(middle - half, middle + half);
        let direction = end.try_normalize()?;
        let across = Vec2::new(direction.y, -direction.x) * (LEADER_PX * 0.5 * pixel_ratio);
        let half_way = end * 0.5;
        Some(LabelInstance {
            anchor: self.anchor,
            middle_right: Vec4::new(half_way.x, half_way.y, half_way.x, half_way.y),
            up: across.extend(1.0).extend(0.0),
            coordinates: Vec4::ZERO,
        })
    }
}

/// The world's up in pixels (y down), length 1, and how much of it is seen, 0 to 1. Where the view
/// looks straight up or down it is the view's own up.
fn up_on_screen(view: &View) -> (Vec2, f32) {
    let up = view.view_from_world.transform_vector3(Vec3::Y).truncate();
    let seen = up.length().min(1.0);
    let certain = ((seen - 0.15) / 0.3).clamp(0.0, 1.0);
    let mixed = Vec2::Y
        .lerp(up / seen.max(1e-4), certain)
        .normalize_or(Vec2::Y);
    (Vec2::new(mixed.x, -mixed.y), seen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cards_keep_readable_and_within_a_third_of_the_view() {
        for view in [[390, 844], [844, 390], [1280, 800], [2064, 2208]] {
            for ratio in [1.0, 2.0, 3.0] {
                for depth in [0.05, 0.3, 1.0, 4.0, 30.0] {
                    let short = label_size_px([160, 56], depth, view, ratio);
                    assert!(short[0] <= view[0] as f32 / 3.0 + 1e-3);
                    assert!(short[1] <= view[1] as f32 / 3.0 + 1e-3);
                    let least = 28.0 * LEAST_SCALE * ratio;
                    let third = view[0] as f32 / 3.0 * 56.0 / 160.0;
                    assert!(short[1] >= least.min(third) - 1e-3, "{short:?} at {depth}");
                    let long = label_size_px([4000, 56], depth, view, ratio);
                    assert!(long[0] <= view[0] as f32 / 3.0 + 1e-3);
                }
            }
        }
    }

    #[test]
    fn cards_keep_their_shape_and_shrink_with_distance() {
        let near = label_size_px([200, 60], 0.5, [1280, 800], 1.0);
        let far = label_size_px([200, 60], 2.0, [1280, 800], 1.0);
        assert!((near[0] / near[1] - 200.0 / 60.0).abs() < 1e-4);
        assert!(far[1] < near[1]);
        assert_eq!(
            label_size_px([200, 60], 1.0, [1280, 800], 1.0),
            [100.0, 30.0]
        );
    }

    #[test]
    fn cards_stay_upright_when_the_phone_is_turned() {
        let turned = View {
            viewport_px: [0, 0, 400, 400],
            projection_from_view: Mat4::IDENTITY,
            view_from_world: Mat4::from_rotation_z(std::f32::consts::FRAC_PI_2),
        };
        let (up, seen) = up_on_screen(&turned);
        assert!((up - Vec2::new(-1.0, 0.0)).length() < 1e-4 && seen > 0.99);
        let down = View {
            view_from_world: Mat4::from_rotation_x(std::f32::consts::FRAC_PI_2),
            ..turned
        };
        assert!((up_on_screen(&down).0 - Vec2::new(0.0, -1.0)).length() < 1e-4);
    }
}
