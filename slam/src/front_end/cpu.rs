//! The front end's work on the CPU: a [`Job`] in, its [`Answer`] out, at once.

use super::engine::{Answer, Followed, Job};
use super::laps::Laps;
use super::round_trip::{RoundTrip, Route};
use super::{FrontEndConfig, PROOF};
use crate::Error;
use crate::corners::{Corner, CornerConfig, CornerDetector, Occupancy};
use crate::lucas_kanade::{LucasKanade, LucasKanadeConfig};

/// Does jobs on the CPU. Nothing is allocated once a size of picture has been seen twice.
#[derive(Debug)]
pub(super) struct CpuWork {
    pub(super) laps: Laps,
    lucas_kanade: LucasKanade,
    corners: CornerDetector,
    /// The size of the picture that it looked at last.
    size_px: Option<(usize, usize)>,
    crowd: Occupancy,
    /// Points that came closer to each other than this are thinned.
    crowded_px: f32,
    max_back_error_px: f32,
    from: Vec<[f32; 2]>,
    there: RoundTrip,
    found: Vec<Corner>,
    answer: Answer,
}

impl CpuWork {
    /// # Errors
    /// [`Error::Config`] where a setting is out of its range.
    pub(super) fn new(config: &FrontEndConfig) -> Result<Self, Error> {
        let lucas_kanade = LucasKanade::new(LucasKanadeConfig {
            window_px: config.window_px,
            ..LucasKanadeConfig::default()
        })?
        .with_plain_kernel(config.is_plain);
        let corners = CornerDetector::new(CornerConfig {
            cell_px: config.grid_cell_px,
            min_distance_px: config.min_distance_px,
            margin_px: config.corner_margin_px(),
            fast_threshold: config.fast_threshold,
            min_score: config.min_corner_score,
            ..CornerConfig::default()
        })?;
        let room = config.max_points;
        let mut crowd = Occupancy::new(config.grid_cell_px, config.min_distance_px);
        crowd.reserve(room);
        Ok(Self {
            laps: Laps::default(),
            lucas_kanade,
            corners,
            size_px: None,
            crowd,
            crowded_px: config.min_distance_px * 0.5,
            max_back_error_px: config.max_back_error_px,
            from: Vec::with_capacity(room),
            there: RoundTrip::with_capacity(room),
            found: Vec::with_capacity(room),
            answer: Answer {
                followed: Vec::with_capacity(room),
                started: Vec::with_capacity(room),
                wanted: 0,
            },
        })
    }

    /// Does a job; both of its pyramids are filled.
    pub(super) fn run(&mut self, job: &Job<'_>) -> &Answer {
        self.answer.followed.clear();
        self.laps.go_on();
        self.follow(job);
        self.laps.end("flow");
        self.thin(job);
        self.laps.end("compaction");
        self.replenish(job);
        &self.answer
    }

    /// Moves the points to where the later image has them; drops those that do not come back to where they were.
    fn follow(&mut self, job: &Job<'_>) {
        let Some((_, earlier)) = job.earlier else {
            return;
        };
        let later = job.later.1;
        if self.size_px != later.size() {
            // The frame before was done elsewhere. Cells can rest once the detector knows them.
            self.corners.detect(later, [], 0, &mut self.found);
            self.size_px = later.size();
        }
        self.from.clear();
        self.from.extend(job.points.iter().map(|p| p.position_px));
        let route = Route {
            tracker: &self.lucas_kanade,
            start: earlier,
            other: later,
        };
        let went = self.there.go_and_return(route, &self.from, job.hints);
        debug_assert!(went.is_ok(), "pictures of one size, and a hint a point");
        if went.is_err() {
            return;
        }
        for ((source, point), end) in job.points.iter().enumerate().zip(self.there.ends()) {
            if end.error_px <= self.max_back_error_px {
                self.answer.followed.push(Followed {
                    source,
                    position_px: end.position_px,
                });
            } else {
                self.corners.rest(point.position_px);
            }
        }
    }

    /// Of points that came close to each other, keeps the oldest.
    fn thin(&mut self, job: &Job<'_>) {
        let (width, height) = job.later.1.size().unwrap_or_default();
        self.crowd.clear(width, height);
        let crowd = &mut self.crowd;
        let crowded_px = self.crowded_px;
        self.answer.followed.retain(|point| {
            let free = crowd.is_free_within(point.position_px, crowded_px);
            if free {
                crowd.insert(point.position_px);
            }
            free
        });
    }

    /// Starts new points in the later image: corners that can be found in the earlier one, if there is one, and from
    /// there again. It spares the tracks that would not live.
    fn replenish(&mut self, job: &Job<'_>) {
        let Answer {
            followed,
            started,
            wanted,
        } = &mut self.answer;
        started.clear();
        *wanted = 0;
        let missing = job.max_points.saturating_sub(followed.len());
        if missing < job.min_missing {
            return;
        }
        *wanted = missing;
        self.found.clear();
        let later = job.later.1;
        let taken = followed.iter().map(|point| point.position_px);
        self.corners.detect(later, taken, missing, &mut self.found);
        self.size_px = later.size();
        self.laps.end("corners");
        let found = self.found.iter().map(|corner| corner.position_px);
        let Some((_, earlier)) = job.earlier else {
            started.extend(found);
            return;
        };
        self.from.clear();
        self.from.extend(found);
        let route = Route {
            tracker: &self.lucas_kanade,
            start: later,
            other: earlier,
        };
        let went = self.there.go_and_return(route, &self.from, None);
        debug_assert!(went.is_ok(), "pictures of one size");
        if went.is_err() {
            return;
        }
        let limit = self.max_back_error_px * PROOF;
        let proven = self.from.iter().zip(self.there.ends());
        started.extend(
            proven
                .filter(|(_, end)| end.error_px <= limit)
                .map(|(position_px, _)| *position_px),
        );
        self.laps.end("proof");
    }
}
