//! The log: lines for people or objects of JSON, on stderr, from a level on.
//!
//! Nothing of what people say or are is written: no bodies of messages, no tokens and secrets, no names. Three things
//! keep it so:
//!
//! * An event with a field of a name in [`NEVER`] is not written at all, whatever its level. Who has such a value at
//!   hand and logs it under its plain name finds that nothing comes out.
//! * Values go into fields, never into the text: `tracing::debug!(room = %id, code, "an op was refused")`. Of an error
//!   from a decoder, its kind and place are logged, not its display, which may quote what it could not read. Types that
//!   hold bodies or tokens are not logged with `?`.
//! * Other crates get no further than warnings: their traces show frames as they come.
//!
//! Ids of rooms and devices are random and may be logged, addresses from `debug` on.

use std::io::IsTerminal as _;

use tracing::{Level, Metadata, Subscriber, level_filters::LevelFilter};
use tracing_subscriber::{
    Layer, Registry,
    filter::{Targets, filter_fn},
    fmt::{self, MakeWriter},
    layer::SubscriberExt as _,
};

use crate::config::{LogFormat, LogLevel};

/// Names of fields that are never written.
pub const NEVER: &[&str] = &[
    "authorization",
    "body",
    "cookie",
    "frame",
    "hello",
    "key",
    "name",
    "op",
    "payload",
    "secret",
    "text",
    "token",
];

/// Writes the log of this process to stderr. Does nothing when a log was started already.
pub fn start(format: LogFormat, level: LogLevel) {
    let colors = std::io::stderr().is_terminal();
    let log = subscriber(format, level, colors, std::io::stderr);
    // Somebody who embeds the relay and set up a log first keeps it.
    let _ = tracing::subscriber::set_global_default(log);
}

fn subscriber<W>(
    format: LogFormat,
    level: LogLevel,
    colors: bool,
    writer: W,
) -> Box<dyn Subscriber + Send + Sync>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let level = match level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    };
    let targets = Targets::new()
        .with_target("chat_relay", level)
        .with_default(level.min(LevelFilter::from_level(Level::WARN)));
    let lines = fmt::layer().with_ansi(colors).with_writer(writer);
    match format {
        LogFormat::Text => Box::new(
            Registry::default().with(
                lines
                    .with_filter(filter_fn(is_discreet))
                    .with_filter(targets),
            ),
        ),
        LogFormat::Json => Box::new(
            Registry::default().with(
                lines
                    .json()
                    .flatten_event(true)
                    .with_filter(filter_fn(is_discreet))
                    .with_filter(targets),
            ),
        ),
    }
}

/// Whether an event says nothing that stays between people.
fn is_discreet(metadata: &Metadata<'_>) -> bool {
    metadata
        .fields()
        .iter()
        .all(|field| !NEVER.contains(&field.name()))
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::{Arc, Mutex},
    };

    use super::*;

    /// A log that a test can read.
    #[derive(Debug, Clone, Default)]
    struct Paper(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn written(format: LogFormat, level: LogLevel, log: impl FnOnce()) -> Vec<String> {
        let paper = Paper::default();
        let to = paper.clone();
        tracing::subscriber::with_default(
            subscriber(format, level, false, move || to.clone()),
            log,
        );
        let text = String::from_utf8(paper.0.lock().unwrap().clone()).unwrap();
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_line_is_text_or_an_object() {
        let log = || tracing::warn!(room = "r1", events = 3, "a room is slow");
        let lines = written(LogFormat::Text, LogLevel::Warn, log);
        assert_eq!(lines.len(), 1);
        assert!(
            lines[0].contains("WARN") && lines[0].contains("a room is slow"),
            "{lines:?}"
        );
        let lines = written(LogFormat::Json, LogLevel::Warn, log);
        assert_eq!(lines.len(), 1);
        let line: serde_json::Value = serde_json::from_str(&lines[0]).unwrap();
        assert_eq!(line["level"], "WARN");
        assert_eq!(line["message"], "a room is slow");
        assert_eq!((&line["room"], &line["events"]), (&"r1".into(), &3.into()));
        assert!(line["timestamp"].as_str().unwrap().ends_with('Z'));
    }

    #[test]
    fn levels_hold_and_other_crates_get_no_further_than_warnings() {
        let log = || {
            tracing::error!("1");
            tracing::info!("2");
            tracing::debug!("3");
            tracing::info!(target: "hyper", "4");
            tracing::warn!(target: "hyper", "5");
        };
        for (level, expected) in [
            (LogLevel::Error, 1),
            (LogLevel::Warn, 2),
            (LogLevel::Info, 3),
            (LogLevel::Debug, 4),
            (LogLevel::Trace, 4),
        ] {
            assert_eq!(
                written(LogFormat::Text, level, log).len(),
                expected,
                "{level:?}"
            );
        }
    }

    #[test]
    fn what_stays_between_people_is_not_written() {
        for format in [LogFormat::Text, LogFormat::Json] {
            let lines = written(format, LogLevel::Trace, || {
                tracing::error!(token = "abc", "refused");
                tracing::warn!(room = "r1", text = "hello", "a message");
                tracing::warn!(room = "r1", "a message");
            });
            assert_eq!(lines.len(), 1, "{lines:?}");
        }
    }
}
