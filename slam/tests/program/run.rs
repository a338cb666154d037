//! Runs of the program and what is asked of each.

use std::ffi::OsStr;
use std::process::Command;

/// What a run printed.
pub(crate) struct Printed {
    pub(crate) out: String,
    pub(crate) err: String,
}

fn run<S: AsRef<OsStr>>(arguments: &[S]) -> (Option<i32>, Printed) {
    let output = Command::new(env!("CARGO_BIN_EXE_slam"))
        .args(arguments)
        // With it a backtrace would be printed by anybody who prints one.
        .env("RUST_BACKTRACE", "1")
        .output()
        .expect("the program starts");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    let printed = Printed {
        out: text(output.stdout),
        err: text(output.stderr),
    };
    (output.status.code(), printed)
}

/// Runs it and asserts that it succeeds.
pub(crate) fn succeed<S: AsRef<OsStr>>(arguments: &[S]) -> Printed {
    let (status, printed) = run(arguments);
    assert_eq!(status, Some(0), "{}", printed.err);
    printed
}

/// Runs it and asserts that it fails with one line that says what was wrong; the line.
pub(crate) fn fail<S: AsRef<OsStr>>(arguments: &[S]) -> String {
    let (status, printed) = run(arguments);
    let said = printed.err;
    assert_eq!(status, Some(1), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.starts_with("error: "), "{said}");
    assert!(!said.contains("panicked"), "{said}");
    said
}
