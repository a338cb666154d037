//! What was tried for figures that are missed, to stand beside them in the table.

/// The beginning of a figure's name, and a sentence.
const TRIED: [(&str, &str); 0] = [];

/// What was tried for a figure, where it is written down.
pub(super) fn tried(what: &str) -> Option<&'static str> {
    let known = TRIED.iter().find(|(name, _)| what.starts_with(name));
    known.map(|(_, sentence)| *sentence)
}
