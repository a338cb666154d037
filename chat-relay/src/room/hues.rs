//! Which of the eight hues marks a member.

/// How many hues there are.
pub(super) const HUES: u8 = 8;

/// The hue for a newcomer: the one it had, if nobody has it now; else the smallest that is free; else, with
/// more members than hues, the smallest of those that are used least.
pub(super) fn choose(had: Option<u8>, taken: impl Iterator<Item = u8>) -> u8 {
    let mut counts = [0_usize; HUES as usize];
    for hue in taken {
        counts[usize::from(hue % HUES)] += 1;
    }
    if let Some(hue) = had.filter(|hue| *hue < HUES && counts[usize::from(*hue)] == 0) {
        return hue;
    }
    (0..HUES)
        .min_by_key(|hue| counts[usize::from(*hue)])
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_free_hue_is_chosen() {
        assert_eq!(choose(None, [].into_iter()), 0);
        assert_eq!(choose(None, [0, 1, 3].into_iter()), 2);
        assert_eq!(choose(None, (0..8).chain([0])), 1);
    }

    #[test]
    fn a_returning_device_keeps_its_hue_while_it_is_free() {
        assert_eq!(choose(Some(5), [0, 1].into_iter()), 5);
        assert_eq!(choose(Some(1), [0, 1].into_iter()), 2);
        assert_eq!(choose(Some(200), [0].into_iter()), 1);
    }
}
