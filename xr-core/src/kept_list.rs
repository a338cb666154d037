//! Lists that are filled anew in every frame and keep their memory, though what they hold borrows from the frame.

/// The list without its elements, for elements of another lifetime, in the same memory.
///
/// The standard library collects a list's own iterator in place where the elements are alike in size and alignment.
/// It does not promise to: then this is correct still, and the test below fails.
pub fn emptied<T, U>(mut list: Vec<T>) -> Vec<U> {
    list.clear();
    list.into_iter().filter_map(|_| None).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Borrows<'a>(&'a str, [f32; 16]);

    #[test]
    fn frames_share_the_memory_of_one_list() {
        let mut kept: Vec<Borrows<'static>> = Vec::with_capacity(100);
        let (memory, capacity) = (kept.as_ptr().cast::<u8>(), kept.capacity());
        for frame in 0..3 {
            let name = format!("of frame {frame}");
            let mut list = emptied(kept);
            list.extend((0..100).map(|_| Borrows(&name, [0.0; 16])));
            assert!(list.iter().all(|one| one.0 == name && one.1[0] == 0.0));
            assert_eq!(list.as_ptr().cast::<u8>(), memory);
            kept = emptied(list);
            assert_eq!((kept.len(), kept.capacity()), (0, capacity));
        }
    }
}
