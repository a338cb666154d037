//! What can be wrong with a folder: always with the file, and with the line where there is one.

use std::path::{Path, PathBuf};

/// Why a sequence could not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DatasetError {
    /// The file could not be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A line does not say what its file must.
    #[error("{}:{line}: {problem}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// Number of the line, from 1.
        line: usize,
        /// What is wrong with it, for a person.
        problem: String,
    },
    /// A picture could not be decoded or encoded.
    #[error("{}: {source}", path.display())]
    Picture {
        /// The file.
        path: PathBuf,
        /// What the codec says.
        source: image::ImageError,
    },
    /// Nothing in the folder says what it is.
    #[error(
        "{}: no sequence is recognised here; known are a folder with list.txt, TUM RGB-D (rgb.txt, or pictures named by \
         their seconds), EuRoC (mav0/cam0/data.csv), 7-Scenes (frame-000000.color.png) and, where the program was built \
         with OpenCV, video files",
        path.display()
    )]
    NotRecognised {
        /// The folder or file.
        path: PathBuf,
    },
    /// The sequence was recognised but has no frame that could be read.
    #[error("{}: {problem}", path.display())]
    Empty {
        /// The file or folder that should list them.
        path: PathBuf,
        /// What is wrong with it, for a person.
        problem: String,
    },
    /// What was asked for cannot be done with this kind of sequence.
    #[error("{}: {problem}", path.display())]
    Unsupported {
        /// The file or folder.
        path: PathBuf,
        /// What cannot be done, for a person.
        problem: String,
    },
    /// The index is not less than the number of frames.
    #[error("there is no frame {index}; the sequence has {count}")]
    NoSuchFrame {
        /// The index asked for.
        index: usize,
        /// Number of frames of the sequence.
        count: usize,
    },
    /// A picture has a size that the crate does not take.
    #[error("{}: {source}", path.display())]
    Size {
        /// The file.
        path: PathBuf,
        /// Which size, and what is allowed.
        source: crate::Error,
    },
}

impl DatasetError {
    pub(super) fn file(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { path, source }
    }

    pub(super) fn picture(path: &Path) -> impl FnOnce(image::ImageError) -> Self {
        let path = path.to_owned();
        move |source| Self::Picture { path, source }
    }
}
