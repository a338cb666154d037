//! Lines of numbers, with the place of what is wrong with them.

use std::path::{Path, PathBuf};

use super::DatasetError;

/// A line that is neither empty nor a comment.
#[derive(Debug)]
pub(super) struct Line<'a> {
    path: &'a Path,
    number: usize,
    pub(super) text: &'a str,
}

/// The lines of a file's content that say something.
pub(super) fn lines<'a>(path: &'a Path, content: &'a str) -> impl Iterator<Item = Line<'a>> {
    content
        .lines()
        .enumerate()
        .map(|(index, text)| (index + 1, text.trim()))
        .filter(|(_, text)| !text.is_empty() && !text.starts_with('#'))
        .map(move |(number, text)| Line { path, number, text })
}

impl Line<'_> {
    /// An error about this line.
    pub(super) fn wrong(&self, problem: impl Into<String>) -> DatasetError {
        DatasetError::Line {
            path: PathBuf::from(self.path),
            line: self.number,
            problem: problem.into(),
        }
    }

    /// The words of this line, apart by white space or commas.
    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        self.text
            .split(|c: char| c.is_whitespace() || c == ',')
            .filter(|word| !word.is_empty())
    }

    /// Parses one word of this line; `what` names it in the error.
    pub(super) fn parse<T: std::str::FromStr>(
        &self,
        word: &str,
        what: &str,
    ) -> Result<T, DatasetError> {
        word.parse().map_err(|_| {
            self.wrong(format!(
                "{what} is {word:?}, which is not a number of its kind"
            ))
        })
    }

    /// Parses all words as finite numbers, exactly `N` of them; words are apart by white space or commas.
    pub(super) fn numbers<const N: usize>(&self, what: &str) -> Result<[f64; N], DatasetError> {
        let words: Vec<&str> = self.words().collect();
        if words.len() != N {
            return Err(self.wrong(format!("{what} takes {N} numbers, found {}", words.len())));
        }
        let mut numbers = [0.0; N];
        for (number, word) in numbers.iter_mut().zip(words) {
            let value: f64 = self.parse(word, what)?;
            *number = value;
            if !value.is_finite() {
                return Err(self.wrong(format!("{what} has {word}, which is not finite")));
            }
        }
        Ok(numbers)
    }
}

/// Seconds as whole nanoseconds; `None` where they do not fit.
pub(super) fn nanos(secs: f64) -> Option<i64> {
    // 2^63 ns are 292 years; beyond that the cast would saturate.
    (secs.is_finite() && secs.abs() < 9.2e9).then(|| (secs * 1e9).round() as i64)
}
