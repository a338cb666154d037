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

    /// Parses all words as finite numbers, exactly `N` of them.
    pub(super) fn numbers<const N: usize>(&self, what: &str) -> Result<[f64; N], DatasetError> {
        let mut numbers = [0.0; N];
        let count = self.text.split_whitespace().count();
        if count != N {
            return Err(self.wrong(format!("{what} takes {N} numbers, found {count}")));
        }
        for (number, word) in numbers.iter_mut().zip(self.text.split_whitespace()) {
            let value: f64 = self.parse(word, what)?;
            *number = value;
            if !value.is_finite() {
                return Err(self.wrong(format!("{what} has {word}, which is not finite")));
            }
        }
        Ok(numbers)
    }
}
