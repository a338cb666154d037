//! What every history has to do, run on each: SQLite, SQLite with a journal so small that it moves all the time, and
//! memory. A back end that joins them is added to [`on_every_history`].

pub(super) mod bench;
mod logs;
mod people;
mod retention;

/// Makes a module per back end with a test per function of the form `async fn name(history: &dyn History)`.
macro_rules! on_every_history {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $name() {
                let bench = crate::history::conformance::bench::Sqlite::open(crate::history::SqliteConfig::default());
                super::$name(&bench.history).await;
                bench.close().await;
            })+
        }
        mod sqlite_that_moves {
            $(#[tokio::test]
            async fn $name() {
                let config = crate::history::SqliteConfig { journal_entries: 3, ..Default::default() };
                let bench = crate::history::conformance::bench::Sqlite::open(config);
                super::$name(&bench.history).await;
                bench.close().await;
            })+
        }
        mod memory {
            $(#[tokio::test(start_paused = true)]
            async fn $name() {
                let history = crate::history::MemoryHistory::new(Default::default(), Box::new(|_| {}));
                super::$name(&history).await;
            })+
        }
    };
}
use on_every_history;
