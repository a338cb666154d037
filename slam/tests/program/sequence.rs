//! A short generated sequence that the tests share: rendering it is most of what they cost.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use tempfile::TempDir;

use crate::run::succeed;

pub(crate) const FRAMES: usize = 90;

/// Three seconds around a living room, as `slam simulate` writes them.
pub(crate) struct Sequence {
    folder: TempDir,
}

impl Sequence {
    pub(crate) fn shared() -> &'static Self {
        static SEQUENCE: OnceLock<Sequence> = OnceLock::new();
        SEQUENCE.get_or_init(|| {
            let folder = tempfile::tempdir().unwrap();
            let out = folder.path().to_str().unwrap();
            let frames = FRAMES.to_string();
            let asked =
                "simulate --quick --noise --width 320 --height 240 --motion orbit --seed 101";
            let mut arguments: Vec<&str> = asked.split(' ').collect();
            arguments.extend(["--frames", &frames, "--out", out]);
            succeed(&arguments);
            Self { folder }
        })
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The first frames of it in a folder of their own, to be spoilt; `TIME NAME` of each stays as it was.
    pub(crate) fn copy(&self, count: usize) -> TempDir {
        let copy = tempfile::tempdir().unwrap();
        std::fs::create_dir(copy.path().join("frames")).unwrap();
        let list = std::fs::read_to_string(self.file("list.txt")).unwrap();
        let kept: Vec<&str> = list.lines().take(count).collect();
        for line in &kept {
            let name = line.split_once(' ').unwrap().1;
            std::fs::copy(self.file(name), copy.path().join(name)).unwrap();
        }
        std::fs::write(copy.path().join("list.txt"), kept.join("\n")).unwrap();
        std::fs::copy(self.file("camera.txt"), copy.path().join("camera.txt")).unwrap();
        copy
    }
}
