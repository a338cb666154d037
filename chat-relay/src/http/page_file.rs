//! A file of the page, as it was found: plain or compressed, in a folder or in the program.

use std::path::PathBuf;

/// What answers a request.
pub(super) struct Found {
    pub(super) content: Content,
    pub(super) bytes: u64,
    /// The entity tag, with its quotes.
    pub(super) tag: String,
    /// For compressed content how, and how much comes out.
    pub(super) coding: Option<(Coding, u64)>,
}

pub(super) enum Content {
    File(PathBuf),
    #[cfg_attr(
        not(feature = "embedded-page"),
        allow(dead_code, reason = "of the program")
    )]
    Bytes(&'static [u8]),
}

/// A coding of the content, and what its files end with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    Brotli,
    Gzip,
}

impl Coding {
    /// All, the best first.
    pub(super) const ALL: [Coding; 2] = [Coding::Brotli, Coding::Gzip];

    pub(super) fn name(self) -> &'static str {
        match self {
            Coding::Brotli => "br",
            Coding::Gzip => "gzip",
        }
    }

    pub(super) fn suffix(self) -> &'static str {
        match self {
            Coding::Brotli => ".br",
            Coding::Gzip => ".gz",
        }
    }
}
