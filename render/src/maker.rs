//! Making pipelines one at a time: after each, whoever waits may draw, answer or show how far it is.

use std::{
    cell::{Cell, RefCell},
    pin::Pin,
};

/// How far making a renderer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Pipelines made so far.
    pub made: u32,
    /// Pipelines in all.
    pub of: u32,
    /// What the last one draws.
    pub name: &'static str,
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
}

impl Maker {
    pub(crate) fn new(device: &wgpu::Device, of: u32, pause: Option<Pause>) -> Self {
        Maker {
            device: device.clone(),
            made: Cell::new(0),
            of,
            pause: RefCell::new(pause),
        }
    }

    /// To be called after each pipeline.
    pub(crate) async fn made(&self, name: &'static str) {
        self.made.set(self.made.get() + 1);
        let progress = Progress {
            made: self.made.get(),
            of: self.of,
            name,
        };
        let pause = self
            .pause
            .borrow_mut()
            .as_mut()
            .map(|pause| pause(progress));
        if let Some(pause) = pause {
            pause.await;
        }
    }

    /// How many were made.
    pub(crate) fn count(&self) -> u32 {
        self.made.get()
    }
}
