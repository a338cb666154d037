//! How long the passes of a frame take: on the CPU, recording them, by a clock that the caller gives;
//! on the GPU, running them, where the device has timestamps (feature `timings`, by `wgpu-profiler`).
//!
//! [`Recorder`] stands between the passes and the command encoder: whoever begins a pass through it is
//! timed.

use std::cell::Cell;

use crate::pass_order::{PASSES, Pass};

/// How long a pass took in a frame that is done.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PassTime {
    /// As [`crate::pass_order`] prints it.
    pub name: &'static str,
    /// Whether it ran at all: a pass without anything to draw is left out of the frame.
    pub ran: bool,
    /// Milliseconds that recording it took; 0 without a clock, and for a pass that was left out.
    pub cpu_millis: f64,
    /// Milliseconds that the device took, in frames that it has told of; `None` where it tells nothing,
    /// and for a pass that was left out.
    pub gpu_millis: Option<f64>,
}

/// A clock in milliseconds, from any beginning.
pub type Clock = fn() -> f64;

/// Times of one pass over several frames.
#[derive(Clone, Copy, Default)]
struct Sum {
    frames: u32,
    cpu_millis: f64,
    #[cfg(feature = "timings")]
    gpu_frames: u32,
    #[cfg(feature = "timings")]
    gpu_millis: f64,
}

#[derive(Default)]
pub(crate) struct Timings {
    clock: Option<Clock>,
    /// Whether the device is asked.
    #[cfg(feature = "timings")]
    asks_device: bool,
    ran: [Cell<bool>; PASSES.len()],
    cpu_millis: [Cell<f64>; PASSES.len()],
    /// Since they were last taken.
    sums: [Cell<Sum>; PASSES.len()],
    #[cfg(feature = "timings")]
    gpu_millis: [Option<f64>; PASSES.len()],
    #[cfg(feature = "timings")]
    profiler: Option<wgpu_profiler::GpuProfiler>,
}

impl Timings {
    pub(crate) fn new(device: &wgpu::Device, clock: Option<Clock>) -> Self {
        #[cfg(not(feature = "timings"))]
        let _ = device;
        Timings {
            clock,
            #[cfg(feature = "timings")]
            asks_device: true,
            ran: Default::default(),
            cpu_millis: Default::default(),
            sums: Default::default(),
            #[cfg(feature = "timings")]
            gpu_millis: Default::default(),
            #[cfg(feature = "timings")]
            profiler: profiler(device),
        }
    }

    /// What is timed from now on; what was timed before is forgotten.
    pub(crate) fn set(&mut self, clock: Option<Clock>, asks_device: bool) {
        self.clock = clock;
        self.cpu_millis = Default::default();
        self.sums = Default::default();
        #[cfg(feature = "timings")]
        {
            self.asks_device = asks_device;
            self.gpu_millis = Default::default();
        }
        #[cfg(not(feature = "timings"))]
        let _ = asks_device;
    }

    /// The means of all passes over the frames since they were last taken, and in how many of those each
    /// ran, in their order.
    pub(crate) fn take_means(&mut self) -> impl Iterator<Item = (u32, PassTime)> {
        PASSES.iter().zip(&self.sums).map(|(entry, sum)| {
            let sum = sum.take();
            let mean = PassTime {
                name: entry.name,
                ran: sum.frames > 0,
                cpu_millis: sum.cpu_millis / f64::from(sum.frames.max(1)),
                #[cfg(feature = "timings")]
                gpu_millis: (sum.gpu_frames > 0)
                    .then(|| sum.gpu_millis / f64::from(sum.gpu_frames)),
                #[cfg(not(feature = "timings"))]
                gpu_millis: None,
            };
            (sum.frames, mean)
        })
    }

    /// All passes in their order.
    pub(crate) fn times(&self) -> impl Iterator<Item = PassTime> {
        PASSES.iter().enumerate().map(|(index, entry)| PassTime {
            name: entry.name,
            ran: self.ran[index].get(),
            cpu_millis: self.cpu_millis[index].get(),
            #[cfg(feature = "timings")]
            gpu_millis: self.gpu_millis[index],
            #[cfg(not(feature = "timings"))]
            gpu_millis: None,
        })
    }

    /// Puts the readings of the frame's timestamps into its commands, as the last of them.
    pub(crate) fn resolve(&mut self, encoder: &mut wgpu::CommandEncoder) {
        #[cfg(feature = "timings")]
        if let (true, Some(profiler)) = (self.asks_device, &mut self.profiler) {
            profiler.resolve_queries(encoder);
        }
        #[cfg(not(feature = "timings"))]
        let _ = encoder;
    }

    /// After the frame was submitted: takes what the device has told since.
    pub(crate) fn end_frame(&mut self, queue: &wgpu::Queue) {
        #[cfg(feature = "timings")]
        if let (true, Some(profiler)) = (self.asks_device, &mut self.profiler) {
            // An error says that a scope was left open: then there are no times, and nothing else is wrong.
            let _ended = profiler.end_frame();
            while let Some(results) = profiler.process_finished_frame(queue.get_timestamp_period())
            {
                self.gpu_millis = Default::default();
                for result in results {
                    let index = PASSES.iter().position(|entry| entry.name == result.label);
                    if let (Some(index), Some(time)) = (index, result.time) {
                        let millis = (time.end - time.start) * 1000.0;
                        *self.gpu_millis[index].get_or_insert(0.0) += millis;
                    }
                }
                for (millis, sum) in self.gpu_millis.iter().zip(&mut self.sums) {
                    if let Some(millis) = millis {
                        sum.get_mut().gpu_frames += 1;
                        sum.get_mut().gpu_millis += millis;
                    }
                }
            }
        }
        #[cfg(not(feature = "timings"))]
        let _ = queue;
    }
}

#[cfg(feature = "timings")]
fn profiler(device: &wgpu::Device) -> Option<wgpu_profiler::GpuProfiler> {
    if !device.features().contains(wgpu::Features::TIMESTAMP_QUERY) {
        return None;
    }
    let settings = wgpu_profiler::GpuProfilerSettings {
        enable_debug_groups: false,
        ..Default::default()
    };
    wgpu_profiler::GpuProfiler::new(device, settings).ok()
}

/// The command encoder of a frame, and the pass whose commands are being recorded.
pub(crate) struct Recorder<'a> {
    pub(crate) encoder: wgpu::CommandEncoder,
    timings: &'a Timings,
    current: usize,
    started_millis: f64,
    /// Whether the current pass began one of the device.
    runs: bool,
    /// Most passes begin one pass of the device, the grounding two.
    #[cfg(feature = "timings")]
    queries: [Option<wgpu_profiler::GpuProfilerQuery>; 2],
}

impl<'a> Recorder<'a> {
    pub(crate) fn new(encoder: wgpu::CommandEncoder, timings: &'a Timings) -> Self {
        Recorder {
            encoder,
            timings,
            current: 0,
            started_millis: 0.0,
            runs: false,
            #[cfg(feature = "timings")]
            queries: [None, None],
        }
    }

    /// What follows belongs to `pass`, until [`Recorder::end`].
    pub(crate) fn begin(&mut self, pass: Pass) {
        self.current = PASSES
            .iter()
            .position(|entry| entry.pass == pass)
            .unwrap_or_default();
        self.runs = false;
        self.started_millis = self.timings.clock.map_or(0.0, |clock| clock());
    }

    pub(crate) fn end(&mut self) {
        #[cfg(feature = "timings")]
        for query in &mut self.queries {
            if let (Some(query), Some(profiler)) = (query.take(), &self.timings.profiler) {
                profiler.end_query(&mut self.encoder, query);
            }
        }
        self.timings.ran[self.current].set(self.runs);
        let Some(clock) = self.timings.clock else {
            return;
        };
        let millis = if self.runs {
            clock() - self.started_millis
        } else {
            0.0
        };
        self.timings.cpu_millis[self.current].set(millis);
        if self.runs {
            let kept = &self.timings.sums[self.current];
            let mut sum = kept.get();
            sum.frames += 1;
            sum.cpu_millis += millis;
            kept.set(sum);
        }
    }

    /// Begins a render pass of the device, timed.
    pub(crate) fn render_pass<'p>(
        &'p mut self,
        descriptor: &wgpu::RenderPassDescriptor,
    ) -> wgpu::RenderPass<'p> {
        self.runs = true;
        #[cfg(feature = "timings")]
        if let Some(writes) = new_query(
            &mut self.queries,
            self.timings,
            &mut self.encoder,
            PASSES[self.current].name,
        )
        .and_then(wgpu_profiler::GpuProfilerQuery::render_pass_timestamp_writes)
        {
            return self.encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
                timestamp_writes: Some(writes),
                ..descriptor.clone()
            });
        }
        self.encoder.begin_render_pass(descriptor)
    }

    /// Begins a compute pass of the device, timed.
    #[cfg(feature = "particles")]
    pub(crate) fn compute_pass(&mut self, label: &str) -> wgpu::ComputePass<'_> {
        self.runs = true;
        #[cfg(feature = "timings")]
        let timestamp_writes = new_query(
            &mut self.queries,
            self.timings,
            &mut self.encoder,
            PASSES[self.current].name,
        )
        .and_then(wgpu_profiler::GpuProfilerQuery::compute_pass_timestamp_writes);
        #[cfg(not(feature = "timings"))]
        let timestamp_writes = None;
        self.encoder
            .begin_compute_pass(&wgpu::ComputePassDescriptor {
                label: Some(label),
                timestamp_writes,
            })
    }
}

#[cfg(feature = "timings")]
fn new_query<'q>(
    queries: &'q mut [Option<wgpu_profiler::GpuProfilerQuery>; 2],
    timings: &Timings,
    encoder: &mut wgpu::CommandEncoder,
    label: &'static str,
) -> Option<&'q wgpu_profiler::GpuProfilerQuery> {
    let profiler = timings.profiler.as_ref().filter(|_| timings.asks_device)?;
    let free = queries.iter_mut().find(|query| query.is_none())?;
    Some(free.insert(profiler.begin_pass_query(label, encoder)))
}
