//! Names that people give themselves.

use chat_relay_protocol::MAX_NAME_CHARS;

/// A name as it is kept: without control characters, with single spaces, at most [`MAX_NAME_CHARS`] long.
/// `None` when nothing is left.
pub(crate) fn normalized_name(name: &str) -> Option<String> {
    let words: Vec<String> = name
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    let name: String = words.join(" ").chars().take(MAX_NAME_CHARS).collect();
    let name = name.trim_end();
    (!name.is_empty()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cleaned_and_cut() {
        assert_eq!(
            normalized_name("  Ada\n\u{7}  Lovelace "),
            Some("Ada Lovelace".into())
        );
        assert_eq!(normalized_name(" \t"), None);
        assert_eq!(normalized_name(&"ä".repeat(100)), Some("ä".repeat(40)));
    }
}
