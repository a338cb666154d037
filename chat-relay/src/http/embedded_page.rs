//! The page as part of the program: what `build.rs` found in `web/dist`, each file with its compressed forms.

use std::fmt;

use ring::digest;

use super::page_file::{Coding, Content, Found};
use crate::secrets;

/// A file of the page.
struct File {
    name: &'static str,
    plain: &'static [u8],
    brotli: Option<&'static [u8]>,
    gzip: Option<&'static [u8]>,
}

// `static FILES: &[File]`, by name.
include!(concat!(env!("OUT_DIR"), "/page.rs"));

/// The page's files and their entity tags.
pub(super) struct Files {
    files: &'static [File],
    /// In the order of the files: a part of the SHA-256, in hexadecimal.
    tags: Vec<String>,
}

impl fmt::Debug for Files {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} files", self.files.len())
    }
}

impl Files {
    /// Those of this program.
    pub(super) fn of_program() -> Self {
        let tag = |file: &File| {
            let hash = digest::digest(&digest::SHA256, file.plain);
            secrets::hex(&hash.as_ref()[..12])
        };
        Self {
            files: FILES,
            tags: FILES.iter().map(tag).collect(),
        }
    }

    /// The file called `name`, in the best form that the browser takes.
    pub(super) fn find(&self, name: &str, accepts: impl Fn(&str) -> bool) -> Option<Found> {
        let at = self
            .files
            .binary_search_by_key(&name, |file| file.name)
            .ok()?;
        let file = &self.files[at];
        let coded = |coding: Coding| match coding {
            Coding::Brotli => file.brotli,
            Coding::Gzip => file.gzip,
        };
        let best = Coding::ALL
            .into_iter()
            .filter(|coding| accepts(coding.name()))
            .find_map(|coding| Some((coding, coded(coding)?)));
        let (content, coding) = match best {
            Some((coding, bytes)) => (bytes, Some((coding, file.plain.len() as u64))),
            None => (file.plain, None),
        };
        let suffix = coding.map_or("", |(coding, _)| coding.name());
        Some(Found {
            content: Content::Bytes(content),
            bytes: content.len() as u64,
            tag: format!("\"{}{suffix}\"", self.tags[at]),
            coding,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_found_in_the_form_that_is_taken() {
        let files = Files::of_program();
        assert!(files.find("index.html", |_| false).is_some());
        assert!(files.find("index.html.br", |_| true).is_none());
        assert!(files.find("no such file", |_| true).is_none());
        let mut coded = 0;
        for file in files.files {
            let plain = files.find(file.name, |_| false).unwrap();
            assert!(
                matches!(plain.content, Content::Bytes(bytes) if bytes == file.plain),
                "{}",
                file.name
            );
            let best = files.find(file.name, |_| true).unwrap();
            coded += usize::from(
                best.coding
                    .is_some_and(|(coding, _)| coding == Coding::Brotli),
            );
            assert_eq!(
                best.coding.is_some(),
                best.tag != plain.tag,
                "{}",
                file.name
            );
        }
        assert!(coded > 0);
    }
}
