//! An engine for tests: the CPU's own work, answered later than it is done, or badly.
//!
//! It keeps pictures of its own, as a device does, and checks that what it is told of them is true.

use std::sync::{Arc, Mutex};

use super::FrontEndConfig;
use super::cpu::CpuWork;
use super::engine::{Answer, Engine, Job, Progress, Refused};
use crate::pyramid::Pyramid;

/// How a job ends that does not end well.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Fault {
    /// It is not begun.
    Refused,
    /// It fails on its way.
    Failed,
    /// Its answer was spoilt.
    Spoilt(fn(&mut Answer)),
}

/// What an engine was asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) prepared: usize,
    pub(crate) begun: usize,
    pub(crate) cancelled: usize,
    /// Pictures that came with a job, for they had not come before.
    pub(crate) brought: usize,
}

/// Answers every job after it was asked for the answer so many times in vain.
#[derive(Debug)]
pub(crate) struct LateEngine {
    work: CpuWork,
    delay: u32,
    /// The job that ends badly, counted from 0.
    fault: Option<(usize, Fault)>,
    pictures: Vec<(u64, Pyramid)>,
    pending: Option<Pending>,
    answer: Answer,
    asked: Arc<Mutex<Asked>>,
}

#[derive(Debug)]
struct Pending {
    left: u32,
    answer: Option<Answer>,
}

impl LateEngine {
    pub(crate) fn new(config: &FrontEndConfig, delay: u32) -> Self {
        Self {
            work: CpuWork::new(config).unwrap(),
            delay,
            fault: None,
            pictures: Vec::new(),
            pending: None,
            answer: Answer::default(),
            asked: Arc::default(),
        }
    }

    pub(crate) fn with_fault(mut self, job: usize, fault: Fault) -> Self {
        self.fault = Some((job, fault));
        self
    }

    /// What it will have been asked for.
    pub(crate) fn asked(&self) -> Arc<Mutex<Asked>> {
        Arc::clone(&self.asked)
    }

    /// Its own picture of a frame; whether it had to be brought.
    fn own(&mut self, (number, pyramid): (u64, &Pyramid)) -> (Pyramid, bool) {
        let known = self.pictures.iter().find(|(known, _)| *known == number);
        if let Some((_, own)) = known {
            assert!(shows_the_same(own, pyramid), "two pictures of one number");
            return (own.clone(), false);
        }
        let mut own = pyramid.clone();
        // What a device makes itself: the front end need not have made it yet.
        own.build_coarser();
        if self.pictures.len() == 3 {
            self.pictures.remove(0);
        }
        self.pictures.push((number, own.clone()));
        (own, true)
    }
}

fn shows_the_same(a: &Pyramid, b: &Pyramid) -> bool {
    let (Some(a), Some(b)) = (a.levels().first(), b.levels().first()) else {
        return false;
    };
    (a.width, a.height) == (b.width, b.height) && (0..a.height).all(|y| a.row(y) == b.row(y))
}

impl Engine for LateEngine {
    fn prepare(&mut self, number: u64, pyramid: &Pyramid) -> Result<(), Refused> {
        self.own((number, pyramid));
        self.asked.lock().unwrap().prepared += 1;
        Ok(())
    }

    fn begin(&mut self, job: &Job<'_>) -> Result<(), Refused> {
        assert!(self.pending.is_none(), "the job before has no answer");
        let place = self.asked.lock().unwrap().begun;
        let fault = self.fault.filter(|(job, _)| *job == place);
        let fault = fault.map(|(_, fault)| fault);
        self.asked.lock().unwrap().begun += 1;
        if matches!(fault, Some(Fault::Refused)) {
            return Err(Refused);
        }
        let earlier = job.earlier.map(|earlier| self.own(earlier));
        let (later, is_brought) = self.own(job.later);
        let brought = [earlier.as_ref().is_some_and(|(_, b)| *b), is_brought];
        self.asked.lock().unwrap().brought += brought.into_iter().filter(|b| *b).count();
        let earlier = job.earlier.zip(earlier.as_ref());
        let mut answer = self
            .work
            .run(&Job {
                earlier: earlier.map(|((number, _), (own, _))| (number, own)),
                later: (job.later.0, &later),
                ..*job
            })
            .clone();
        let answer = match fault {
            Some(Fault::Spoilt(spoil)) => {
                spoil(&mut answer);
                Some(answer)
            }
            Some(_) => None,
            None => Some(answer),
        };
        let left = self.delay;
        self.pending = Some(Pending { left, answer });
        Ok(())
    }

    fn progress(&mut self) -> Progress<'_> {
        let Some(pending) = &mut self.pending else {
            panic!("asked for an answer without a job");
        };
        if pending.left > 0 {
            pending.left -= 1;
            return Progress::Pending;
        }
        let Some(answer) = self.pending.take().and_then(|pending| pending.answer) else {
            return Progress::Failed;
        };
        self.answer = answer;
        Progress::Done(&self.answer)
    }

    fn cancel(&mut self) {
        self.pending = None;
        self.pictures.clear();
        self.asked.lock().unwrap().cancelled += 1;
    }
}
