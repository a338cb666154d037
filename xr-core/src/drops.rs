//! When a pin was first seen, so that it drops to its place once.

use std::collections::HashMap;

use chat_relay_protocol::AnnotationId;

/// How long a pin falls, in milliseconds.
const DROP_MILLIS: f64 = 420.0;

/// How far a pin is from having landed, so long after the start of its fall: 1 at the start, 0 from the end of it.
pub fn remaining_after(millis: f64) -> f32 {
    #[allow(clippy::cast_possible_truncation, reason = "0 to 1")]
    let remaining = (1.0 - millis / DROP_MILLIS).clamp(0.0, 1.0) as f32;
    remaining
}

/// Remembers the pins that were seen.
#[derive(Debug, Default)]
pub struct Drops {
    first_seen_millis: HashMap<AnnotationId, f64>,
    /// Pins that were there from the start do not drop.
    started: bool,
}

impl Drops {
    /// How far pin `id` is from having landed: 1 at the start of its fall, 0 from the end of it.
    pub fn remaining(&mut self, id: &AnnotationId, now_millis: f64) -> f32 {
        let first = match self.first_seen_millis.get(id) {
            Some(first) => *first,
            None => {
                let first = if self.started {
                    now_millis
                } else {
                    f64::NEG_INFINITY
                };
                self.first_seen_millis.insert(id.clone(), first);
                first
            }
        };
        remaining_after(now_millis - first)
    }

    /// A frame is done: pins that come from now on drop.
    pub fn frame_done(&mut self) {
        self.started = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_pins_drop_once_and_old_ones_stand() {
        let (old, new) = (
            AnnotationId::new("old").unwrap(),
            AnnotationId::new("new").unwrap(),
        );
        let mut drops = Drops::default();
        assert_eq!(drops.remaining(&old, 1000.0), 0.0);
        drops.frame_done();
        assert_eq!(drops.remaining(&new, 2000.0), 1.0);
        let half = drops.remaining(&new, 2210.0);
        assert!((half - 0.5).abs() < 1e-6);
        assert_eq!(drops.remaining(&new, 9000.0), 0.0);
        assert_eq!(drops.remaining(&old, 9000.0), 0.0);
    }
}
