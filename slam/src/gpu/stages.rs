//! All passes of a frame, and the order they run in.

use super::buffers::{Buffers, settings};
use super::flow::{self, Legs, pilots_of};
use super::layout::Layout;
use super::pyramid::{self, Pyramids};
use super::records::Work;
use super::selection::Round;
use super::stage::{Bound, Stage};
use super::stopwatch::Stopwatch;
use super::{admission, agreement, compaction, corners, luma, selection};

/// The pipelines, made once.
#[derive(Debug)]
pub(super) struct Stages {
    pub(super) luma: Stage,
    pyramid: Stage,
    flow: Stage,
    agreement: Stage,
    compaction: Stage,
    corners: Stage,
    selection: Stage,
    admission: Stage,
    rounds: [wgpu::Buffer; 2],
}

impl Stages {
    pub(super) fn new(device: &wgpu::Device, queue: &wgpu::Queue) -> Self {
        let rounds = [0, 1].map(|points| {
            let round = Round {
                points,
                is_last: points,
                unused: [0; 2],
            };
            settings(device, queue, "round", &round)
        });
        Self {
            luma: luma::stage(device),
            pyramid: pyramid::stage(device),
            flow: flow::stage(device),
            agreement: agreement::stage(device),
            compaction: compaction::stage(device),
            corners: corners::stage(device),
            selection: selection::stage(device),
            admission: admission::stage(device),
            rounds,
        }
    }

    pub(super) fn bind(
        &self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        layout: &Layout,
        buffers: &Buffers,
    ) -> Passes {
        let rounds = [0, 1].map(|round| {
            let settings = &self.rounds[round];
            (
                corners::bind(&self.corners, device, buffers, settings),
                selection::bind(&self.selection, device, buffers, settings),
            )
        });
        Passes {
            pyramids: Pyramids::new(&self.pyramid, device, queue, layout, buffers),
            points: Legs::of_points(&self.flow, device, queue, buffers),
            points_agree: agreement::bind(&self.agreement, device, buffers, false),
            compaction: compaction::bind(&self.compaction, device, buffers),
            rounds,
            corners: Legs::of_corners(&self.flow, device, queue, buffers),
            corners_agree: agreement::bind(&self.agreement, device, buffers, true),
            admission: admission::bind(&self.admission, device, buffers),
        }
    }
}

/// The passes, bound to the buffers of a size.
#[derive(Debug)]
pub(super) struct Passes {
    pyramids: Pyramids,
    points: Legs,
    points_agree: Bound,
    compaction: Bound,
    /// Corners and their selection.
    rounds: [(Bound, Bound); 2],
    corners: Legs,
    corners_agree: Bound,
    admission: Bound,
}

impl Passes {
    /// The coarser levels of a picture.
    pub(super) fn make_pyramid(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        stopwatch: Option<&mut Stopwatch>,
        picture: usize,
    ) {
        let mut pass = begin(encoder, stopwatch, "pyramid");
        self.pyramids.run(&mut pass, picture);
    }

    /// All that follows the pyramids: `points` are followed there and back and thinned, and new ones are started.
    pub(super) fn track(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        mut stopwatch: Option<&mut Stopwatch>,
        work: &wgpu::Buffer,
        points: u32,
        has_earlier: bool,
    ) {
        if points > 0 {
            let mut pass = begin(encoder, stopwatch.as_deref_mut(), "flow");
            let pilots = pilots_of(points);
            self.points.pilots.dispatch(&mut pass, [pilots, 1]);
            self.points_agree.dispatch(&mut pass, [1, 1]);
            if pilots < points {
                self.points.others.dispatch(&mut pass, [points, 1]);
            }
            self.points.back.dispatch(&mut pass, [points, 1]);
        }
        {
            let mut pass = begin(encoder, stopwatch.as_deref_mut(), "compaction");
            self.compaction.dispatch(&mut pass, [1, 1]);
        }
        {
            let mut pass = begin(encoder, stopwatch.as_deref_mut(), "corners");
            let workgroups = [
                std::mem::offset_of!(Work, first_round),
                std::mem::offset_of!(Work, second_round),
            ];
            for ((offer, pick), workgroups) in self.rounds.iter().zip(workgroups) {
                offer.dispatch_indirect(&mut pass, work, workgroups);
                pick.dispatch(&mut pass, [1, 1]);
            }
        }
        let mut pass = begin(encoder, stopwatch, "proof");
        if has_earlier {
            let pilots = std::mem::offset_of!(Work, pilots);
            let all = std::mem::offset_of!(Work, others);
            self.corners
                .pilots
                .dispatch_indirect(&mut pass, work, pilots);
            self.corners_agree.dispatch(&mut pass, [1, 1]);
            self.corners.others.dispatch_indirect(&mut pass, work, all);
            self.corners.back.dispatch_indirect(&mut pass, work, all);
        }
        self.admission.dispatch(&mut pass, [1, 1]);
    }
}

fn begin<'a>(
    encoder: &'a mut wgpu::CommandEncoder,
    stopwatch: Option<&'a mut Stopwatch>,
    label: &'static str,
) -> wgpu::ComputePass<'a> {
    encoder.begin_compute_pass(&wgpu::ComputePassDescriptor {
        label: Some(label),
        timestamp_writes: stopwatch.and_then(|stopwatch| stopwatch.next(label)),
    })
}
