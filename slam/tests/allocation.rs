//! Once warm, the front end allocates nothing: a garbage of a few hundred kilobytes a frame would show on a phone.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test fails by panicking and prints what it measured"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use slam::{Frame, FrontEnd, FrontEndConfig, ImageView};

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

/// Blocks of random brightness that move to the right, some frames in the dark.
fn luma(frame: usize) -> Vec<u8> {
    let pixel = |i: usize| {
        let (x, y) = (i % 640 + 1000 - 3 * frame, i / 640);
        let hash = (x / 9).wrapping_mul(2_654_435_761) ^ (y / 7).wrapping_mul(40_503);
        (hash >> 7) as u8
    };
    if frame % 8 == 5 {
        vec![0; 640 * 480]
    } else {
        (0..640 * 480).map(pixel).collect()
    }
}

// One test in this binary: another's allocations would be counted too.
#[test]
fn a_warm_front_end_does_not_allocate() {
    let frames: Vec<Vec<u8>> = (0..24).map(luma).collect();
    let mut front_end = FrontEnd::new(FrontEndConfig::default()).unwrap();
    let mut most_points = 0;
    let mut warm = 0;
    for (k, luma) in frames.iter().enumerate() {
        if k == 2 {
            warm = ALLOCATIONS.load(Ordering::Relaxed);
        }
        let image = ImageView::new(luma, 640, 480, 640).unwrap();
        let capture_time_nanos = k as i64;
        let frame = Frame::new(image, capture_time_nanos);
        let ticket = front_end.submit(&frame).unwrap();
        most_points = front_end
            .poll(ticket)
            .unwrap()
            .points
            .len()
            .max(most_points);
    }
    assert_eq!(ALLOCATIONS.load(Ordering::Relaxed) - warm, 0);
    assert!(warm > 0, "the allocator counts");
    assert!(
        most_points > 1000,
        "{most_points} points are not the full load"
    );
}
