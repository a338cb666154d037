//! An allocator that tells whose code allocates: the innermost function on the stack that belongs to
//! the renderer or to wgpu, not to the standard library.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;

struct Watching;

thread_local! {
    static WATCHES: Cell<bool> = const { Cell::new(false) };
    /// The stack of each allocation: places in the program, innermost first.
    static SEEN: RefCell<Vec<Vec<usize>>> = const { RefCell::new(Vec::new()) };
}

/// Deep enough to come from an allocation to the renderer.
const DEEPEST: usize = 40;

/// Runs a task. Returns a text for each allocation that the renderer itself makes in it.
pub(crate) fn own_allocations(task: impl FnOnce()) -> Vec<String> {
    WATCHES.set(true);
    task();
    WATCHES.set(false);
    let seen = SEEN.take();
    assert!(!seen.is_empty(), "wgpu allocates in every frame");
    let mut names = Names::default();
    seen.iter().filter_map(|stack| names.own(stack)).collect()
}

/// The functions at places of the program, looked up once each.
#[derive(Default)]
struct Names(HashMap<usize, Vec<String>>);

impl Names {
    fn at(&mut self, place: usize) -> &[String] {
        self.0.entry(place).or_insert_with(|| {
            let mut names = Vec::new();
            // A place before the return address belongs to the call.
            backtrace::resolve((place - 1) as *mut _, |symbol| {
                names.extend(symbol.name().map(|name| format!("{name:#}")));
            });
            names
        })
    }

    /// Who called, from the renderer on, if the allocation is its own.
    fn own(&mut self, stack: &[usize]) -> Option<String> {
        let others = ["wgpu", "naga", "parking_lot", "wgpu_profiler"];
        for place in stack {
            for name in self.at(*place) {
                let start = name.trim_start_matches(['<', '&']);
                if others.iter().any(|krate| start.starts_with(krate)) {
                    return None;
                }
                if start.starts_with("render::") {
                    return Some(name.clone());
                }
            }
        }
        None
    }
}

fn see() {
    if WATCHES.get() {
        // What the looking itself allocates is not looked at.
        WATCHES.set(false);
        let mut stack = Vec::with_capacity(DEEPEST);
        backtrace::trace(|frame| {
            stack.push(frame.ip() as usize);
            stack.len() < DEEPEST
        });
        SEEN.with_borrow_mut(|seen| seen.push(stack));
        WATCHES.set(true);
    }
}

#[allow(
    unsafe_code,
    reason = "an allocator can be replaced by no other means; it only watches"
)]
// SAFETY: every call is handed on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Watching {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        see();
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        see();
        // SAFETY: the caller's promises are passed on.
        unsafe { System.realloc(place, layout, size) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static WATCHING: Watching = Watching;
