//! Work spread over the machine's cores without changing its result.
//!
//! In: a slice cut into equal parts, and what to do with each, by its number. Every part is done by exactly one
//! thread and depends on nothing that another one writes, so that the count of threads cannot be seen.

use std::sync::Mutex;

/// Calls `work` with the number and the elements of every part of `part_length`, the last maybe shorter.
pub(crate) fn for_each_part<T: Send>(
    slice: &mut [T],
    part_length: usize,
    work: impl Fn(usize, &mut [T]) + Sync,
) {
    let threads = if cfg!(target_arch = "wasm32") {
        1
    } else {
        std::thread::available_parallelism()
            .map_or(1, usize::from)
            .min(16)
    };
    let mut parts = slice.chunks_mut(part_length.max(1)).enumerate();
    if threads == 1 {
        for (number, part) in parts {
            work(number, part);
        }
        return;
    }
    let queue = Mutex::new(&mut parts);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    // A panic in another worker ends the scope with that panic anyway.
                    let next = match queue.lock() {
                        Ok(mut parts) => parts.next(),
                        Err(_) => None,
                    };
                    let Some((number, part)) = next else { break };
                    work(number, part);
                }
            });
        }
    });
}
