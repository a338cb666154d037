//! Labels: cards that hang over a place and face the viewer.

use glam::Vec3;

/// Names a label's bitmap; the caller chooses the number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LabelId(pub u64);

/// A card over any place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FreeLabel {
    /// Which card; nothing is drawn while its bitmap is not set.
    pub id: LabelId,
    /// What it hangs over.
    pub anchor_in_world: Vec3,
    /// Radius of what is labelled: seen from above, the card keeps off it.
    pub clearance_m: f32,
}
