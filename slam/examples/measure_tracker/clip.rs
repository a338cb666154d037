//! Frames as raw luma with their times and their camera: decoded or rendered once, read by every run after it.
//!
//! `NAME.luma` holds the frames one after the other, `NAME.json` what they are: `{ width, height, times_nanos,
//! focal_px, center_px, k1 }`. Both are written under another name until they are whole.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use serde::{Deserialize, Serialize};
use slam::ImageView;
use slam::camera::{Camera, Distortion};

/// What is known of the frames.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct About {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) times_nanos: Vec<i64>,
    /// The camera as it is: pixel centres at integers.
    pub(crate) focal_px: [f64; 2],
    pub(crate) center_px: [f64; 2],
    pub(crate) k1: f64,
}

/// Frames in memory.
#[derive(Debug, Clone)]
pub(crate) struct Clip {
    pub(crate) about: About,
    luma: Vec<u8>,
}

impl Clip {
    /// A clip without frames for a camera of at most one radial term.
    pub(crate) fn new(camera: &Camera) -> anyhow::Result<Self> {
        let k1 = match camera.distortion {
            Distortion::None => 0.0,
            Distortion::Radial([k1, 0.0]) => k1,
            other => anyhow::bail!("a clip does not know the lens {other:?}"),
        };
        let [width, height] = camera.size_px;
        Ok(Self {
            about: About {
                width,
                height,
                times_nanos: Vec::new(),
                focal_px: camera.focal_px,
                center_px: camera.center_px,
                k1,
            },
            luma: Vec::new(),
        })
    }

    /// Takes a frame at the end.
    pub(crate) fn push(&mut self, time_nanos: i64, luma: &[u8]) -> anyhow::Result<()> {
        ensure!(
            luma.len() == self.bytes(),
            "a frame of {} bytes in a clip of {}",
            luma.len(),
            self.bytes()
        );
        self.about.times_nanos.push(time_nanos);
        self.luma.extend_from_slice(luma);
        Ok(())
    }

    /// Reads a clip, or makes it and writes it for the next time.
    pub(crate) fn load_or(
        folder: &Path,
        name: &str,
        make: impl FnOnce() -> anyhow::Result<Self>,
    ) -> anyhow::Result<Self> {
        let (about, luma) = (
            folder.join(format!("{name}.json")),
            folder.join(format!("{name}.luma")),
        );
        if about.is_file() && luma.is_file() {
            let about: About = serde_json::from_str(&fs::read_to_string(&about)?)?;
            let luma = fs::read(&luma).with_context(|| format!("{}", luma.display()))?;
            let clip = Self { about, luma };
            ensure!(
                clip.luma.len() == clip.len() * clip.bytes(),
                "{name}.luma in {} is cut off: remove the folder",
                folder.display()
            );
            return Ok(clip);
        }
        let clip = make()?;
        fs::create_dir_all(folder)?;
        write_whole(&luma, &clip.luma)?;
        write_whole(&about, serde_json::to_string(&clip.about)?.as_bytes())?;
        Ok(clip)
    }

    pub(crate) fn len(&self) -> usize {
        self.about.times_nanos.len()
    }

    pub(crate) fn time_nanos(&self, index: usize) -> i64 {
        self.about.times_nanos[index]
    }

    pub(crate) fn luma(&self, index: usize) -> &[u8] {
        &self.luma[index * self.bytes()..(index + 1) * self.bytes()]
    }

    pub(crate) fn image(&self, index: usize) -> anyhow::Result<ImageView<'_>> {
        let About { width, height, .. } = self.about;
        Ok(ImageView::new(self.luma(index), width, height, width)?)
    }

    /// The camera as it is.
    pub(crate) fn camera(&self) -> Camera {
        Camera {
            size_px: [self.about.width, self.about.height],
            focal_px: self.about.focal_px,
            center_px: self.about.center_px,
            distortion: if self.about.k1 == 0.0 {
                Distortion::None
            } else {
                Distortion::Radial([self.about.k1, 0.0])
            },
        }
    }

    fn bytes(&self) -> usize {
        self.about.width * self.about.height
    }
}

fn write_whole(path: &Path, content: &[u8]) -> anyhow::Result<()> {
    // Two programs may make the same clip at once.
    let partial: PathBuf = path.with_extension(format!("partial-{}", std::process::id()));
    fs::write(&partial, content).with_context(|| format!("{}", partial.display()))?;
    fs::rename(&partial, path)?;
    Ok(())
}
