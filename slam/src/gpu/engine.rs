//! The engine: a job's pictures and points to the device, its passes, and the answer back.

use super::buffers::Buffers;
use super::error::GpuError;
use super::layout::{Layout, PICTURES};
use super::luma;
use super::points_on_device::PointsOnDevice;
use super::read_back::{Arrival, ReadBack, STAMPS_AT, Signal, TRACKS_AT};
use super::records::{FrameSettings, Start, StartsHead, Track, Work};
use super::stages::{Passes, Stages};
use super::stopwatch::Stopwatch;
use crate::corners::CornerConfig;
use crate::front_end::engine::{Answer, Engine, Followed, Job, Progress, Refused, StageTime};
use crate::front_end::{FrontEndConfig, PROOF};
use crate::lucas_kanade::{GRADIENT_SCALE, LucasKanadeConfig};
use crate::pyramid::{Level, Pyramid};

/// What a device must allow: less than every WebGPU device does.
#[must_use]
pub fn required_limits() -> wgpu::Limits {
    wgpu::Limits {
        max_storage_buffers_per_shader_stage: 6,
        ..wgpu::Limits::downlevel_defaults()
    }
}

/// Does the front end's work on a device.
#[derive(Debug)]
pub struct GpuEngine {
    device: wgpu::Device,
    queue: wgpu::Queue,
    config: FrontEndConfig,
    stages: Stages,
    stopwatch: Option<Stopwatch>,
    times: Vec<StageTime>,
    sized: Option<ForSize>,
    starts: Vec<u8>,
    /// The number of the frame begun last, and its answer on its way.
    pending: Option<(u64, ReadBack)>,
    signal: Signal,
    points: PointsOnDevice,
    answer: Answer,
    has_failed: bool,
}

/// What belongs to a size of picture.
#[derive(Debug)]
struct ForSize {
    layout: Layout,
    buffers: Buffers,
    passes: Passes,
    /// The numbers of the frames whose pictures are on the device.
    pictures: [Option<u64>; PICTURES],
    grid: [u32; 2],
}

impl GpuEngine {
    /// An engine that has seen nothing. It makes all its pipelines.
    ///
    /// What a lost device refuses goes to the handler that its opener set (`wgpu::Device::on_uncaptured_error`); wgpu's
    /// own ends the program.
    ///
    /// # Errors
    /// [`GpuError`] where the device or the settings do not allow it.
    pub fn new(
        device: wgpu::Device,
        queue: wgpu::Queue,
        config: &FrontEndConfig,
    ) -> Result<Self, GpuError> {
        let limits = device.limits();
        let needed = required_limits();
        for (name, required, actual) in [
            (
                "storage buffers a stage",
                needed.max_storage_buffers_per_shader_stage,
                limits.max_storage_buffers_per_shader_stage,
            ),
            (
                "invocations a workgroup",
                needed.max_compute_invocations_per_workgroup,
                limits.max_compute_invocations_per_workgroup,
            ),
        ] {
            if actual < required {
                return Err(GpuError::Limit {
                    name,
                    required,
                    actual,
                });
            }
        }
        let points = config.max_points;
        if points > limits.max_compute_workgroups_per_dimension.min(65535) as usize {
            return Err(GpuError::Points { points });
        }
        Ok(Self {
            stages: Stages::new(&device, &queue),
            stopwatch: Stopwatch::new(&device, &queue),
            times: Vec::new(),
            sized: None,
            starts: Vec::new(),
            pending: None,
            signal: Signal::default(),
            points: PointsOnDevice::default(),
            answer: Answer::default(),
            has_failed: false,
            config: config.clone(),
            device,
            queue,
        })
    }

    /// What tells that an answer is there.
    #[must_use]
    pub fn signal(&self) -> Signal {
        self.signal.clone()
    }

    /// Where the points of the frame begun last are, for drawing them on the same device.
    #[must_use]
    pub fn points_on_device(&self) -> PointsOnDevice {
        self.points.clone()
    }

    /// Takes a picture that is on the device in colour, instead of the luma that its job brings: `texture` has the
    /// pyramid's size, and its numbers are as a display shows them (not linear).
    ///
    /// # Errors
    /// [`Refused`] as [`Engine::prepare`], and for a texture of another size.
    pub fn prepare_from_texture(
        &mut self,
        number: u64,
        pyramid: &Pyramid,
        texture: &wgpu::Texture,
    ) -> Result<(), Refused> {
        if Some((texture.width() as usize, texture.height() as usize)) != pyramid.size() {
            return Err(Refused);
        }
        self.fit(pyramid)?;
        let Some(picture) = self.place_for(number, None) else {
            return Err(Refused);
        };
        let Some(sized) = &self.sized else {
            return Err(Refused);
        };
        let mut encoder = self.device.create_command_encoder(&Default::default());
        {
            let mut pass = encoder.begin_compute_pass(&Default::default());
            luma::run(
                &self.stages.luma,
                &self.device,
                &self.queue,
                &mut pass,
                (&sized.layout, &sized.buffers, picture),
                &texture.create_view(&Default::default()),
            );
        }
        sized.passes.make_pyramid(&mut encoder, None, picture);
        self.queue.submit([encoder.finish()]);
        Ok(())
    }

    #[cfg(test)]
    pub(super) fn buffers(&self) -> &Buffers {
        &self.sized.as_ref().unwrap().buffers
    }

    /// Makes the buffers for the size of a pyramid's pictures, unless they are there.
    fn fit(&mut self, pyramid: &Pyramid) -> Result<(), Refused> {
        if self.has_failed {
            return Err(Refused);
        }
        let layout = Layout::of(pyramid).ok_or(Refused)?;
        if self.sized.as_ref().is_some_and(|s| s.layout == layout) {
            return Ok(());
        }
        let grid = layout
            .size_px()
            .map(|side| side.div_ceil(self.config.grid_cell_px as u32).max(1));
        let cells = grid[0] * grid[1];
        let buffers =
            Buffers::new(&self.device, &layout, self.config.max_points, cells).ok_or(Refused)?;
        self.points.set(&buffers);
        let passes = self
            .stages
            .bind(&self.device, &self.queue, &layout, &buffers);
        self.sized = Some(ForSize {
            layout,
            buffers,
            passes,
            pictures: [None; PICTURES],
            grid,
        });
        Ok(())
    }

    /// A place for a frame's picture, other than that of the frame `beside`. The oldest picture goes.
    fn place_for(&mut self, number: u64, beside: Option<u64>) -> Option<usize> {
        let pictures = &mut self.sized.as_mut()?.pictures;
        let places = 0..PICTURES;
        let place = places
            .filter(|place| pictures[*place].is_none() || pictures[*place] != beside)
            .min_by_key(|place| pictures[*place].map_or(0, |frame| frame + 1))?;
        pictures[place] = Some(number);
        Some(place)
    }

    /// Where a frame's picture is, which is brought there if it is not.
    fn upload(
        &mut self,
        encoder: &mut wgpu::CommandEncoder,
        (number, pyramid): (u64, &Pyramid),
        beside: Option<u64>,
    ) -> Result<usize, Refused> {
        let sized = self.sized.as_ref().ok_or(Refused)?;
        if let Some(place) = sized.pictures.iter().position(|p| *p == Some(number)) {
            return Ok(place);
        }
        let place = self.place_for(number, beside).ok_or(Refused)?;
        let sized = self.sized.as_ref().ok_or(Refused)?;
        let finest = pyramid.levels().first().map_or(&[][..], Level::bytes);
        let start = place as u64 * u64::from(sized.layout.words) * 4;
        self.queue
            .write_buffer(&sized.buffers.pyramids, start, finest);
        sized
            .passes
            .make_pyramid(encoder, self.stopwatch.as_mut(), place);
        Ok(place)
    }

    fn settings(&self, sized: &ForSize, job: &Job<'_>, places: [usize; 2]) -> FrameSettings {
        let config = &self.config;
        let flow = LucasKanadeConfig::default();
        let corners = CornerConfig::default();
        let [earlier_words, later_words] = places.map(|place| place as u32 * sized.layout.words);
        let area = (config.window_px * config.window_px) as f64;
        FrameSettings {
            levels: sized.layout.levels,
            earlier_words,
            later_words,
            level_count: sized.layout.level_count as u32,
            has_earlier: u32::from(job.earlier.is_some()),
            max_points: job.max_points.min(config.max_points) as u32,
            min_missing: job.min_missing.max(1) as u32,
            window_px: config.window_px as u32,
            max_iterations: flow.max_iterations as u32,
            epsilon_px: flow.epsilon_px as f32,
            enough_gradient: (flow.min_squared_gradient * GRADIENT_SCALE * GRADIENT_SCALE * area)
                as f32,
            max_back_error_px: config.max_back_error_px,
            proof_error_px: config.max_back_error_px * PROOF,
            columns: sized.grid[0],
            rows: sized.grid[1],
            cell_px: config.grid_cell_px as u32,
            margin_px: config.corner_margin_px() as u32,
            min_distance_px: config.min_distance_px,
            min_score: config.min_corner_score,
            fast_threshold: u32::from(config.fast_threshold),
            rest_images: u32::from(corners.rest_images),
            number: job.later.0 as u32,
            unused: [0; 3],
        }
    }

    /// Writes the job's points for the device.
    fn write_starts(&mut self, job: &Job<'_>) {
        let head = StartsHead {
            count: job.points.len() as u32,
            unused: 0,
        };
        self.starts.clear();
        self.starts.extend_from_slice(bytemuck::bytes_of(&head));
        for (place, point) in job.points.iter().enumerate() {
            let hint = job.hints.and_then(|hints| hints.get(place));
            let guess = hint.map_or(point.position_px, |hint| hint.guess_px);
            let start = Start {
                point: point.position_px.map(within_reach),
                guess: guess.map(within_reach),
                age: point.age_frames,
                is_checked_later: u32::from(hint.is_some_and(|hint| hint.is_checked_later)),
            };
            self.starts.extend_from_slice(bytemuck::bytes_of(&start));
        }
        if let Some(sized) = &self.sized {
            self.queue
                .write_buffer(&sized.buffers.starts, 0, &self.starts);
        }
    }
}

/// What is not a number, or too far off for a shader's arithmetic, is outside of any picture.
fn within_reach(coordinate: f32) -> f32 {
    const FAR_PX: f32 = 1e6;
    if coordinate.is_nan() {
        -FAR_PX
    } else {
        coordinate.clamp(-FAR_PX, FAR_PX)
    }
}

impl Engine for GpuEngine {
    fn prepare(&mut self, number: u64, pyramid: &Pyramid) -> Result<(), Refused> {
        // A frame in flight reads the buffers of its own size.
        let fits = self
            .sized
            .as_ref()
            .is_some_and(|sized| Some(sized.layout) == Layout::of(pyramid));
        if !fits && self.pending.is_some() {
            return Err(Refused);
        }
        self.fit(pyramid)?;
        let mut encoder = self.device.create_command_encoder(&Default::default());
        // The times are those of the frame on its way.
        let stopwatch = self.stopwatch.take();
        let done = self.upload(&mut encoder, (number, pyramid), None);
        self.stopwatch = stopwatch;
        done?;
        self.queue.submit([encoder.finish()]);
        Ok(())
    }

    fn begin(&mut self, job: &Job<'_>) -> Result<(), Refused> {
        if self.pending.is_some() || job.points.len() > self.config.max_points {
            return Err(Refused);
        }
        self.fit(job.later.1)?;
        let mut encoder = self
            .device
            .create_command_encoder(&wgpu::CommandEncoderDescriptor {
                label: Some("frame"),
            });
        if let Some(stopwatch) = &mut self.stopwatch {
            stopwatch.start();
        }
        let later_number = job.later.0;
        let earlier = match job.earlier {
            Some(earlier) => Some(self.upload(&mut encoder, earlier, Some(later_number))?),
            None => None,
        };
        let beside = job.earlier.map(|(number, _)| number);
        let later = self.upload(&mut encoder, job.later, beside)?;
        self.write_starts(job);

        let sized = self.sized.as_ref().ok_or(Refused)?;
        let settings = self.settings(sized, job, [earlier.unwrap_or(later), later]);
        self.queue
            .write_buffer(&sized.buffers.frame, 0, bytemuck::bytes_of(&settings));
        let points = job.points.len() as u32;
        sized.passes.track(
            &mut encoder,
            self.stopwatch.as_mut(),
            &sized.buffers.work,
            points,
            job.earlier.is_some(),
        );
        let Buffers {
            work,
            tracks,
            read_back,
            ..
        } = &sized.buffers;
        encoder.copy_buffer_to_buffer(work, 0, read_back, 0, size_of::<Work>() as u64);
        if let Some(stopwatch) = &self.stopwatch {
            stopwatch.stop(&mut encoder, read_back, STAMPS_AT);
        }
        let most = u64::from(settings.max_points.max(points)) * size_of::<Track>() as u64;
        encoder.copy_buffer_to_buffer(tracks, 0, read_back, TRACKS_AT, most);
        self.queue.submit([encoder.finish()]);
        self.pending = Some((later_number, ReadBack::ask(read_back, &self.signal)));
        Ok(())
    }

    fn progress(&mut self) -> Progress<'_> {
        let Some((_, pending)) = &self.pending else {
            return Progress::Failed;
        };
        match pending.arrival(&self.device) {
            Arrival::OnItsWay => return Progress::Pending,
            Arrival::Lost => {
                self.has_failed = true;
                self.pending = None;
                return Progress::Failed;
            }
            Arrival::Here => {}
        }
        let answer = &mut self.answer;
        let (stopwatch, times) = (&self.stopwatch, &mut self.times);
        let read = self.pending.take().and_then(|(number, pending)| {
            pending.read(|work, stamps, tracks| {
                read_answer(work, tracks, answer);
                if let Some(stopwatch) = stopwatch {
                    stopwatch.read(stamps, times);
                }
                // A submission that was refused leaves what the frame before it answered.
                work.number == number as u32
            })
        });
        if read != Some(true) {
            self.has_failed = true;
            return Progress::Failed;
        }
        Progress::Done(&self.answer)
    }

    fn stage_times(&self) -> &[StageTime] {
        &self.times
    }

    fn cancel(&mut self) {
        if let Some((_, pending)) = self.pending.take() {
            pending.cancel();
        }
        if let Some(sized) = &mut self.sized {
            sized.pictures = [None; PICTURES];
        }
    }
}

/// Splits the device's points into those that go on and those that begin.
fn read_answer(work: &Work, mut tracks: &mut dyn Iterator<Item = Track>, answer: &mut Answer) {
    answer.wanted = work.wanted as usize;
    answer.followed.clear();
    let kept = (&mut tracks).take(work.kept as usize);
    answer.followed.extend(kept.map(|track| Followed {
        source: track.source as usize,
        position_px: track.position,
    }));
    answer.started.clear();
    let started = tracks.take(work.started as usize);
    answer.started.extend(started.map(|track| track.position));
}
