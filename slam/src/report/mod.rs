//! What a replay was like: a record for every frame and the figures made of them.
//!
//! In: a [`FrameRecord`] for every frame, in the order of the frames. Out: a [`Summary`]. It measures no times itself.

mod run;

pub use run::{FrameRecord, MapSize, Millis, Summary};
