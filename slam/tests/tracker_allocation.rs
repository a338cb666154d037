//! Between keyframes the tracking path allocates nothing once warm.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test fails by panicking and prints what it measured"
)]

#[path = "tracker/walk.rs"]
mod walk;

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use slam::tracker::CameraConfig;
use slam::{Tracker, TrackerConfig};
use walk::{Walk, stands, work};

/// The system's allocator, counting what is asked of it.
struct Counting;

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

#[expect(
    unsafe_code,
    reason = "a global allocator is an unsafe trait; all calls go to the system's unchanged"
)]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// One test in this binary: another's allocations would be counted too.
#[test]
fn a_warm_tracker_does_not_allocate_between_keyframes() {
    let walk = Walk::shared();
    // What is kept of each frame must not ask for memory either.
    let mut tracker = Tracker::new(TrackerConfig {
        camera: CameraConfig::Known(walk.camera()),
        keep_trajectory: true,
        ..TrackerConfig::default()
    })
    .unwrap();
    let (mut steady, mut dirty) = (0, Vec::new());
    for k in 0..walk.frames.len() {
        let frame = walk.frame(k);
        let keyframes = tracker.map().keyframes().len();
        let before = ALLOCATIONS.load(Ordering::Relaxed);
        let answer = tracker.track(&frame).unwrap();
        let count = ALLOCATIONS.load(Ordering::Relaxed) - before;
        let made_keyframe = tracker.map().keyframes().len() != keyframes;
        work(&mut tracker);
        // Buffers grow to the scene's size within some seconds.
        if k >= 120 && stands(&answer) && !made_keyframe {
            steady += 1;
            if count > 0 {
                dirty.push((k, count));
            }
        }
    }
    assert!(
        ALLOCATIONS.load(Ordering::Relaxed) > 0,
        "the allocator counts"
    );
    assert!(steady > 40, "only {steady} frames were steady");
    assert!(dirty.is_empty(), "allocations of frames: {dirty:?}");
}
