//! Making pipelines one at a time: after each, whoever waits may draw, answer or show how far it is.

use std::{
    cell::{Cell, RefCell},
    pin::Pin,
};

use crate::timings::Clock;

/// How far making a renderer is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// Pipelines made so far.
    pub made: u32,
    /// Pipelines in all.
    pub of: u32,
    /// What the last one draws.
    pub name: &'static str,
    /// Milliseconds that the caller's thread spent on it, by the configuration's clock; 0 without one. A
    /// device may go on compiling after that.
    pub millis: f64,
}

/// Called after each pipeline; making goes on when its future is done. On the web it should end with a
/// later task, so that the page stays alive.
pub type Pause = Box<dyn FnMut(Progress) -> Pin<Box<dyn Future<Output = ()>>>>;

/// What all pipelines are made by.
pub(crate) struct Maker {
    pub(crate) device: wgpu::Device,
    made: Cell<u32>,
    of: u32,
    pause: RefCell<Option<Pause>>,
    clock: Option<Clock>,
    /// When the last pause ended.
    since_millis: Cell<f64>,
}

impl Maker {
    pub(crate) fn new(
        device: &wgpu::Device,
        of: u32,
        pause: Option<Pause>,
        clock: Option<Clock>,
    ) -> Self {
        Maker {
            device: device.clone(),
            made: Cell::new(0),
            of,
            pause: RefCell::new(pause),
            clock,
            since_millis: Cell::new(clock.map_or(0.0, |clock| clock())),
        }
    }

    /// To be called after each pipeline.
    pub(crate) async fn made(&self, name: &'static str) {
        self.made.set(self.made.get() + 1);
        let progress = Progress {
            made: self.made.get(),
            of: self.of,
            name,
            millis: self
                .clock
                .map_or(0.0, |clock| clock() - self.since_millis.get()),
        };
        let pause = self
            .pause
            .borrow_mut()
            .as_mut()
            .map(|pause| pause(progress));
        if let Some(pause) = pause {
            pause.await;
        }
        if let Some(clock) = self.clock {
            self.since_millis.set(clock());
        }
    }

    /// How many were made.
    pub(crate) fn count(&self) -> u32 {
        self.made.get()
    }
}
