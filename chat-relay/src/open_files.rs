//! How many files this process may have open. Each socket is one, and many systems start programs with 1024 of them
//! although they may ask for more: so the relay asks. Where even that is too few for the connections of the
//! configuration, fewer connections are taken, because those that wait for a place are served in the end, and those
//! for which there is no file are not.

use crate::config::Limits;

/// What the database, the listeners, the log and files of the page need beside the connections.
pub const RESERVE: u64 = 64;

/// Raises the soft limit of open files to the hard one, and gives what holds then; `None` for no limit, or where there
/// is none to be asked for.
#[cfg(unix)]
pub fn raise() -> Option<u64> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current == maximum {
        return current;
    }
    let raised = Rlimit {
        current: maximum,
        maximum,
    };
    match setrlimit(Resource::Nofile, raised) {
        Ok(()) => maximum,
        // macOS gives no more than its own maximum, a sandbox perhaps nothing: what was there holds.
        Err(error) => {
            tracing::info!(%error, "the limit of open files cannot be raised");
            current
        }
    }
}

/// There is nothing to raise.
#[cfg(not(unix))]
pub fn raise() -> Option<u64> {
    None
}

/// Brings `limits.connections` down to what `open_files` allow, and says so.
pub fn fit(limits: &mut Limits, open_files: Option<u64>) {
    let Some(open_files) = open_files else { return };
    let possible = open_files.saturating_sub(RESERVE).max(1);
    let possible = usize::try_from(possible).unwrap_or(usize::MAX);
    if limits.connections <= possible {
        return;
    }
    let asked = limits.connections;
    limits.connections = possible;
    if asked == Limits::default().connections {
        tracing::info!(
            open_files,
            connections = possible,
            "open files allow fewer connections"
        );
    } else {
        // Somebody wanted exactly these.
        tracing::warn!(
            open_files,
            asked,
            connections = possible,
            "open files allow fewer connections: raise the hard limit (LimitNOFILE=, ulimit -Hn)"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_are_as_many_as_there_are_files() {
        for (open_files, asked, expected) in [
            (None, 100, 100),
            (Some(1024), 100, 100),
            (Some(164), 100, 100),
            (Some(163), 100, 99),
            (Some(10), 100, 1),
        ] {
            let mut limits = Limits {
                connections: asked,
                ..Limits::default()
            };
            fit(&mut limits, open_files);
            assert_eq!(limits.connections, expected, "{open_files:?}");
        }
    }
}
