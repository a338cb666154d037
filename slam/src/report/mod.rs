//! What a replay was like: a record for every frame, the figures made of them, and a page that shows both.
//!
//! In: a [`FrameRecord`] for every frame, in the order of the frames. Out: a [`Summary`], and by [`Report::page`] one
//! HTML page that needs nothing else. It measures no times itself and writes no files.

mod page;
mod picture;
mod run;
#[cfg(test)]
mod tests;
mod views;

pub use page::Report;
pub use picture::Picture;
pub use run::{FrameRecord, MapSize, Millis, Summary};
