//! How long each stage took on the device, where the device can tell.

use crate::front_end::engine::StageTime;

/// Stages of a frame, with room for the pyramids of two pictures and of one that waits.
const STAGES: usize = 8;
/// Time stamps of a frame: at either end of each stage.
pub(super) type Stamps = [u64; 2 * STAGES];

/// Takes the time at both ends of each pass of a frame.
#[derive(Debug)]
pub(super) struct Stopwatch {
    queries: wgpu::QuerySet,
    resolved: wgpu::Buffer,
    nanos_a_tick: f64,
    labels: Vec<&'static str>,
}

impl Stopwatch {
    /// None where the device does not tell times.
    pub(super) fn new(device: &wgpu::Device, queue: &wgpu::Queue) -> Option<Self> {
        if !device.features().contains(wgpu::Features::TIMESTAMP_QUERY) {
            return None;
        }
        Some(Self {
            queries: device.create_query_set(&wgpu::QuerySetDescriptor {
                label: Some("stages"),
                ty: wgpu::QueryType::Timestamp,
                count: 2 * STAGES as u32,
            }),
            resolved: device.create_buffer(&wgpu::BufferDescriptor {
                label: Some("stamps"),
                size: size_of::<Stamps>() as u64,
                usage: wgpu::BufferUsages::QUERY_RESOLVE | wgpu::BufferUsages::COPY_SRC,
                mapped_at_creation: false,
            }),
            nanos_a_tick: f64::from(queue.get_timestamp_period()),
            labels: Vec::with_capacity(STAGES),
        })
    }

    /// A new frame.
    pub(super) fn start(&mut self) {
        self.labels.clear();
    }

    /// Where the next pass leaves its times; none when all places are taken.
    pub(super) fn next(
        &mut self,
        label: &'static str,
    ) -> Option<wgpu::ComputePassTimestampWrites<'_>> {
        let first = 2 * self.labels.len() as u32;
        if self.labels.len() == STAGES {
            return None;
        }
        self.labels.push(label);
        Some(wgpu::ComputePassTimestampWrites {
            query_set: &self.queries,
            beginning_of_pass_write_index: Some(first),
            end_of_pass_write_index: Some(first + 1),
        })
    }

    /// Copies the frame's times to where the host reads them.
    pub(super) fn stop(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        read_back: &wgpu::Buffer,
        offset: u64,
    ) {
        let stamps = 2 * self.labels.len() as u32;
        if stamps > 0 {
            encoder.resolve_query_set(&self.queries, 0..stamps, &self.resolved, 0);
            let bytes = u64::from(stamps) * size_of::<u64>() as u64;
            encoder.copy_buffer_to_buffer(&self.resolved, 0, read_back, offset, bytes);
        }
    }

    /// Adds up the times of each stage.
    pub(super) fn read(&self, stamps: &Stamps, times: &mut Vec<StageTime>) {
        times.clear();
        for (stage, ends) in self.labels.iter().zip(stamps.chunks_exact(2)) {
            let ticks = ends[1].saturating_sub(ends[0]);
            let millis = ticks as f64 * self.nanos_a_tick * 1e-6;
            match times.iter_mut().find(|time| time.stage == *stage) {
                Some(time) => time.millis += millis,
                None => times.push(StageTime { stage, millis }),
            }
        }
    }
}
