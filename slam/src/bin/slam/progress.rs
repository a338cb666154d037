//! A progress bar on the terminal; silent elsewhere.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

const WIDTH: usize = 30;
const REDRAW: Duration = Duration::from_millis(80);

/// Shows how far a count has come, with a word beside it.
#[derive(Debug)]
pub(crate) struct Progress {
    total: usize,
    started: Instant,
    drawn: Option<Instant>,
    on_terminal: bool,
}

impl Progress {
    pub(crate) fn new(total: usize) -> Self {
        Self {
            total,
            started: Instant::now(),
            drawn: None,
            on_terminal: std::io::stderr().is_terminal(),
        }
    }

    pub(crate) fn show(&mut self, done: usize, word: &str) {
        let is_fresh = self.drawn.is_some_and(|at| at.elapsed() < REDRAW);
        if !self.on_terminal || is_fresh || self.total == 0 {
            return;
        }
        self.drawn = Some(Instant::now());
        let filled = (done * WIDTH / self.total).min(WIDTH);
        let secs = self.started.elapsed().as_secs_f64();
        let left_secs = secs / done.max(1) as f64 * self.total.saturating_sub(done) as f64;
        // A progress line that cannot be shown is no reason to stop.
        let _ = write!(
            std::io::stderr(),
            "\r[{}{}] {done}/{} frames, {left_secs:.0} s left, {word}\x1b[K",
            "=".repeat(filled),
            " ".repeat(WIDTH - filled),
            self.total
        );
    }

    /// Takes the bar away.
    pub(crate) fn clear(&self) {
        if self.on_terminal {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}
