//! The limit of open files, in a process of its own: it holds for all of it.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test fails where it unwraps")]

use chat_relay::open_files;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

#[test]
fn the_soft_limit_is_raised_to_the_hard_one() {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    let low = Rlimit {
        current: Some(100),
        maximum,
    };
    setrlimit(Resource::Nofile, low).unwrap();
    assert_eq!(getrlimit(Resource::Nofile).current, Some(100));
    assert_eq!(open_files::raise(), getrlimit(Resource::Nofile).current);
    assert!(
        getrlimit(Resource::Nofile)
            .current
            .is_none_or(|files| files > 100)
    );
    // A second time there is nothing to do.
    assert_eq!(open_files::raise(), getrlimit(Resource::Nofile).current);
}
