//! Any known sequence behind one door, and its frames one after the other.

use std::path::{Path, PathBuf};

use super::sequence::read_gray;
use super::{CameraModel, DatasetError, FrameEntry, Sequence, euroc, seven_scenes, tum_rgbd};
use crate::evaluation::TimedPose;
use crate::{GrayImage, ImuSample};

/// How a sequence is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// A folder with `list.txt`; generated sequences are such.
    List,
    /// TUM RGB-D.
    TumRgbd,
    /// EuRoC and those written alike.
    Euroc,
    /// 7-Scenes.
    SevenScenes,
    /// A video file, through OpenCV.
    Video,
}

impl std::fmt::Display for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::List => "folder with list.txt",
            Self::TumRgbd => "TUM RGB-D",
            Self::Euroc => "EuRoC",
            Self::SevenScenes => "7-Scenes",
            Self::Video => "video file",
        })
    }
}

/// A sequence of any known layout.
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    path: PathBuf,
    format: Format,
    sequence: Sequence,
}

/// Which frames are played, and in which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Playback {
    /// Plays every such frame, from the first on: 1 plays all, 2 every other.
    pub every: usize,
    /// Leaves out every such frame: 3 leaves out the third, the sixth ...; none for 0.
    pub drop_every: usize,
    /// Plays at most so many frames.
    pub limit: Option<usize>,
    /// Plays from the end to the start, on a clock that runs the same way: the time of a frame is as long after the
    /// first one played as it was before it.
    pub reverse: bool,
}

impl Default for Playback {
    fn default() -> Self {
        Self {
            every: 1,
            drop_every: 0,
            limit: None,
            reverse: false,
        }
    }
}

/// A frame that was played.
#[derive(Debug, Clone, PartialEq)]
pub struct DatasetFrame {
    /// Its place in the sequence, from 0.
    pub index: usize,
    /// When it is played: increases from frame to frame.
    pub capture_time_nanos: i64,
    /// When it was captured, on the sequence's own clock; other than the time above when played backwards.
    pub sequence_time_nanos: i64,
    /// Its luma.
    pub image: GrayImage,
}

impl Dataset {
    /// Opens a folder or a file, whatever it is. Pictures are not decoded yet.
    ///
    /// # Errors
    /// [`DatasetError::NotRecognised`], [`DatasetError::Empty`] where there is no frame, and what the readers find:
    /// [`DatasetError::File`] and [`DatasetError::Line`].
    pub fn open(path: &Path) -> Result<Self, DatasetError> {
        std::fs::metadata(path).map_err(DatasetError::file(path))?;
        let (format, sequence) = if path.is_file() {
            open_file(path)?
        } else if path.join("list.txt").is_file() {
            (Format::List, Sequence::open(path)?)
        } else if euroc::recognises(path) {
            (Format::Euroc, euroc::open(path)?)
        } else if seven_scenes::recognises(path) {
            (Format::SevenScenes, seven_scenes::open(path)?)
        } else if tum_rgbd::recognises(path) {
            (Format::TumRgbd, tum_rgbd::open(path)?)
        } else {
            return Err(DatasetError::NotRecognised {
                path: path.to_owned(),
            });
        };
        if sequence.frames.is_empty() {
            let problem = match sequence.missing_frames {
                0 => "the sequence has no frames".to_owned(),
                count => format!("none of the {count} pictures it lists is there"),
            };
            return Err(DatasetError::Empty {
                path: path.to_owned(),
                problem,
            });
        }
        Ok(Self {
            path: path.to_owned(),
            format,
            sequence,
        })
    }

    /// What was opened.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How it is laid out.
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }

    /// The camera, where the sequence tells it.
    #[must_use]
    pub fn camera(&self) -> Option<CameraModel> {
        self.sequence.camera
    }

    /// The true poses of the camera, where the sequence tells them; not necessarily one for every frame.
    #[must_use]
    pub fn truth(&self) -> &[TimedPose] {
        &self.sequence.truth
    }

    /// The readings of the motion sensors in the camera's axes, in order of time, where the sequence has them.
    #[must_use]
    pub fn imu(&self) -> &[ImuSample] {
        &self.sequence.imu
    }

    /// Pictures that are listed but not there; they are not played.
    #[must_use]
    pub fn missing_frames(&self) -> usize {
        self.sequence.missing_frames
    }

    /// Number of frames; of a video, as many as its container says.
    #[must_use]
    pub fn frame_count(&self) -> usize {
        self.sequence.frames.len()
    }

    /// Plays frames. They are decoded when they are asked for, one at a time.
    ///
    /// # Errors
    /// [`DatasetError::Unsupported`] for a video backwards, and what opening a video finds.
    pub fn play(&self, playback: &Playback) -> Result<Frames<'_>, DatasetError> {
        let count = self.sequence.frames.len();
        let mut order: Vec<usize> = (0..count).collect();
        if playback.reverse {
            if self.format == Format::Video {
                return Err(DatasetError::Unsupported {
                    path: self.path.clone(),
                    problem: "a video cannot be played backwards".to_owned(),
                });
            }
            order.reverse();
        }
        let order = order
            .into_iter()
            .step_by(playback.every.max(1))
            .enumerate()
            .filter(|(place, _)| {
                playback.drop_every == 0 || !(place + 1).is_multiple_of(playback.drop_every)
            })
            .map(|(_, index)| index)
            .take(playback.limit.unwrap_or(usize::MAX))
            .collect();
        Ok(Frames {
            entries: &self.sequence.frames,
            order,
            next: 0,
            clock: self.clock(playback),
            #[cfg(feature = "opencv")]
            video: match self.format {
                Format::Video => Some(super::video::Reader::open(&self.path)?),
                _ => None,
            },
        })
    }

    /// The readings of the motion sensors on the clock of the playback. Played backwards the turns change their sign,
    /// the forces do not.
    #[must_use]
    pub fn play_imu(&self, playback: &Playback) -> Vec<ImuSample> {
        let clock = self.clock(playback);
        let mut samples: Vec<ImuSample> = self
            .sequence
            .imu
            .iter()
            .map(|sample| ImuSample {
                capture_time_nanos: clock.play(sample.capture_time_nanos),
                angular_velocity_rad_s: match clock {
                    Clock::Forward => sample.angular_velocity_rad_s,
                    Clock::Backward { .. } => -sample.angular_velocity_rad_s,
                },
                ..*sample
            })
            .collect();
        samples.sort_by_key(|sample| sample.capture_time_nanos);
        samples
    }

    fn clock(&self, playback: &Playback) -> Clock {
        let frames = &self.sequence.frames;
        match (playback.reverse, frames.first(), frames.last()) {
            (true, Some(first), Some(last)) => Clock::Backward {
                first_nanos: first.capture_time_nanos,
                last_nanos: last.capture_time_nanos,
            },
            _ => Clock::Forward,
        }
    }
}

#[cfg(feature = "opencv")]
fn open_file(path: &Path) -> Result<(Format, Sequence), DatasetError> {
    Ok((Format::Video, super::video::open(path)?))
}

#[cfg(not(feature = "opencv"))]
fn open_file(path: &Path) -> Result<(Format, Sequence), DatasetError> {
    Err(DatasetError::Unsupported {
        path: path.to_owned(),
        problem: "a sequence is a folder; video files are read where the program was built with the feature `opencv`"
            .to_owned(),
    })
}

/// From the sequence's time to the playback's.
#[derive(Debug, Clone, Copy)]
enum Clock {
    Forward,
    Backward { first_nanos: i64, last_nanos: i64 },
}

impl Clock {
    fn play(self, time_nanos: i64) -> i64 {
        match self {
            Self::Forward => time_nanos,
            Self::Backward {
                first_nanos,
                last_nanos,
            } => first_nanos.saturating_add(last_nanos.saturating_sub(time_nanos)),
        }
    }
}

/// The frames of a playback, decoded one by one.
#[derive(Debug)]
pub struct Frames<'a> {
    entries: &'a [FrameEntry],
    order: Vec<usize>,
    next: usize,
    clock: Clock,
    #[cfg(feature = "opencv")]
    video: Option<super::video::Reader>,
}

impl Frames<'_> {
    /// Frames that are left; of a video, as many as its container says.
    #[must_use]
    pub fn left(&self) -> usize {
        self.order.len() - self.next
    }

    /// When the next frame is played, where there is one.
    #[must_use]
    pub fn next_time_nanos(&self) -> Option<i64> {
        let index = *self.order.get(self.next)?;
        Some(self.clock.play(self.entries[index].capture_time_nanos))
    }

    /// When the frame after the next one is played, where there is one.
    #[must_use]
    pub fn second_time_nanos(&self) -> Option<i64> {
        let index = *self.order.get(self.next + 1)?;
        Some(self.clock.play(self.entries[index].capture_time_nanos))
    }

    /// Leaves the next frame out without decoding it.
    pub fn skip_frame(&mut self) {
        self.next = (self.next + 1).min(self.order.len());
    }
}

impl Iterator for Frames<'_> {
    type Item = Result<DatasetFrame, DatasetError>;

    fn next(&mut self) -> Option<Self::Item> {
        let index = *self.order.get(self.next)?;
        self.next += 1;
        let entry = &self.entries[index];
        #[cfg(feature = "opencv")]
        if let Some(video) = &mut self.video {
            return match video.read(index) {
                Ok(Some((time_nanos, image))) => Some(Ok(DatasetFrame {
                    index,
                    capture_time_nanos: time_nanos,
                    sequence_time_nanos: time_nanos,
                    image,
                })),
                // The container promised more than there is.
                Ok(None) => {
                    self.next = self.order.len();
                    None
                }
                Err(error) => Some(Err(error)),
            };
        }
        Some(read_gray(&entry.path).map(|image| DatasetFrame {
            index,
            capture_time_nanos: self.clock.play(entry.capture_time_nanos),
            sequence_time_nanos: entry.capture_time_nanos,
            image,
        }))
    }
}
