//! `chat-relay serve` and its configuration, as an operator meets it: files, variables, flags, `--check-config`.

#![allow(clippy::unwrap_used, reason = "a test fails where it unwraps")]

use std::{
    fs,
    path::Path,
    process::{Command, Output, Stdio},
};

/// What `serve --check-config` prints in `folder`, with `variables` and `arguments`.
fn check(
    folder: &Path,
    variables: &[(&str, &str)],
    arguments: &[&str],
) -> (Option<i32>, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = Command::new(env!("CARGO_BIN_EXE_chat-relay"))
        .args(["serve", "--check-config"])
        .args(arguments)
        .envs(variables.iter().copied())
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code(), text(stdout), text(stderr))
}

#[test]
fn a_good_configuration_is_printed_and_nothing_is_made() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("relay.toml"),
        "[limits]\nmembers_per_room = 7\n",
    )
    .unwrap();
    let variables = [
        ("CHAT_RELAY_LIMITS__CONNECTIONS", "11"),
        ("CHAT_RELAY_PORT", "1"),
    ];
    let (status, out, err) = check(
        folder.path(),
        &variables,
        &["--config", "relay.toml", "--port", "2"],
    );
    assert_eq!((status, err.as_str()), (Some(0), ""));
    for line in [
        "\nport = 2 ",
        "\nmembers_per_room = 7 ",
        "\nconnections = 11 ",
        "\nhello_timeout_secs = 5 ",
    ] {
        assert!(out.contains(line), "{line:?} in {out}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);

    // What is printed is a file that says the same.
    fs::write(folder.path().join("printed.toml"), &out).unwrap();
    let (status, again, err) = check(folder.path(), &[], &["--config", "printed.toml"]);
    assert_eq!((status, err.as_str(), again), (Some(0), "", out));
}

#[test]
fn everything_wrong_is_said_and_the_status_is_2() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("relay.toml"),
        "[limits]\nmembers_per_rom = 7\n",
    )
    .unwrap();
    let variables = [("CHAT_RELAY_LOG_LEVEL", "loud")];
    let arguments = [
        "--config",
        "relay.toml",
        "--web",
        "nowhere",
        "--allow-origin",
        "school",
    ];
    let (status, out, err) = check(folder.path(), &variables, &arguments);
    assert_eq!(status, Some(2));
    assert!(out.contains("\n[limits]\n"), "{out}");
    let lines: Vec<_> = err.lines().collect();
    assert_eq!(lines.len(), 4, "{err}");
    for (line, part) in lines.iter().zip([
        "did you mean limits.members_per_room?",
        "CHAT_RELAY_LOG_LEVEL: log_level: \"loud\" is not allowed; it has to be error, warn, info, debug, trace",
        "https://school.example",
        "there is no page in nowhere",
    ]) {
        assert!(line.starts_with("chat-relay: ") && line.contains(part), "{line}");
    }
}

#[test]
fn a_start_with_a_wrong_configuration_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_chat-relay"))
        .args(["serve", "--port", "0", "--set", "limits.connections=0"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        said,
        "chat-relay: --set limits.connections: limits.connections: 0 is not allowed; it has to be a whole number \
         from 1 to 10000000\n"
    );
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}
