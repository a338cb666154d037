//! What is wrong although each value is allowed: values that do not fit each other ([`together`]), and what only this
//! machine shows ([`of_this_machine`]), which `--check-config` looks at as well. And the effective configuration as
//! text.

use std::{fmt::Write as _, fs, path::Path};

use super::{
    Config, Problem,
    keys::{self, Key},
};
use crate::http::{origin::Origins, page::Page};

/// The shortest key that a token is verified with.
const TOKEN_KEY_BYTES: u64 = 32;

/// The configuration as the file that says it all.
pub fn effective(config: &Config) -> String {
    let mut text = String::new();
    let mut table = "";
    for key in keys::in_order() {
        let name = match key.name.split_once('.') {
            Some((of, name)) => {
                if of != table {
                    let _ = write!(text, "\n[{of}]\n");
                    table = of;
                }
                name
            }
            None => key.name,
        };
        // Writing to a string does not fail.
        let _ = match (key.read)(config) {
            Some(value) => writeln!(text, "{name} = {value} # {}", key.meaning),
            None => writeln!(text, "# {name} is not set: {}", key.meaning),
        };
    }
    text
}

/// Values that do not fit each other.
pub(super) fn together(config: &Config) -> Vec<Problem> {
    let mut problems = Vec::new();
    let number = |key: &Key| (key.read)(config).and_then(|value| value.as_integer());
    for (low, high) in [
        ("limits.heartbeat_min_secs", "limits.heartbeat_default_secs"),
        ("limits.heartbeat_default_secs", "limits.heartbeat_max_secs"),
        (
            "limits.presence_interval_min_millis",
            "limits.presence_interval_millis",
        ),
        (
            "limits.connection_messages_per_sec",
            "limits.connection_messages_burst",
        ),
        ("limits.room_messages_per_sec", "limits.room_messages_burst"),
        ("limits.annotation_bytes", "limits.scene_bytes"),
        ("limits.message_bytes", "limits.send_queue_bytes"),
    ] {
        let value = |name| keys::find(name).and_then(number);
        if let (Some(a), Some(b)) = (value(low), value(high))
            && a > b
        {
            problems.push(problem(
                low,
                format!("{a} is above {high}, which is {b}: it has to be at most that"),
            ));
        }
    }
    if let Some(tls) = &config.tls {
        for (file, missing, needing) in [
            (&tls.certificate, "tls_cert", "tls_key"),
            (&tls.key, "tls_key", "tls_cert"),
        ] {
            if file.as_os_str().is_empty() {
                problems.push(problem(missing, format!("is missing: {needing} needs it")));
            }
        }
    }
    if config.lan && config.bind.is_loopback() {
        problems.push(problem(
            "bind",
            format!(
                "others cannot reach {}, which lan asks for: leave it out, or give an address of this network",
                config.bind
            ),
        ));
    }
    let mut ids: Vec<_> = config.token_keys.iter().map(|key| &key.id).collect();
    ids.sort();
    for pair in ids.windows(2).filter(|pair| pair[0] == pair[1]) {
        problems.push(problem(
            "token_keys",
            format!(
                "two keys are called {:?}: give each an id of its own",
                pair[0]
            ),
        ));
    }
    problems
}

/// What a start on this machine would stumble over: files, folders and origins. Nothing is made or changed.
pub fn of_this_machine(config: &Config) -> Vec<Problem> {
    let mut problems = Vec::new();
    for origin in &config.allow_origins {
        if let Err(error) = Origins::new(std::slice::from_ref(origin)) {
            problems.push(problem("allow_origins", error.to_string()));
        }
    }
    if let Some(Err(error)) = config.web.as_deref().map(Page::open) {
        problems.push(problem("web", error.to_string()));
    }
    if let Some(tls) = &config.tls {
        for (key, file) in [("tls_cert", &tls.certificate), ("tls_key", &tls.key)] {
            if let Err(error) = fs::read(file) {
                problems.push(unreadable(key, file, &error));
            }
        }
    }
    for key in &config.token_keys {
        match fs::metadata(&key.file) {
            Ok(found) if found.len() >= TOKEN_KEY_BYTES => {}
            Ok(found) => problems.push(problem(
                "token_keys",
                format!(
                    "{} holds {} bytes: a key has to have at least {TOKEN_KEY_BYTES}",
                    key.file.display(),
                    found.len()
                ),
            )),
            Err(error) => problems.push(unreadable("token_keys", &key.file, &error)),
        }
    }
    if config.data.exists() && !config.data.is_dir() {
        problems.push(problem(
            "data",
            format!(
                "{} is no folder: name one, or a place for one",
                config.data.display()
            ),
        ));
    }
    problems
}

fn unreadable(key: &str, file: &Path, error: &std::io::Error) -> Problem {
    problem(
        key,
        format!(
            "{} cannot be read ({error}): name a file that this user can read",
            file.display()
        ),
    )
}

fn problem(key: &str, message: String) -> Problem {
    Problem {
        origin: String::new(),
        key: key.into(),
        message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::TokenKeyFile;

    #[test]
    fn what_a_start_would_stumble_over_is_found() {
        assert_eq!(of_this_machine(&Config::default()), []);
        let folder = tempfile::tempdir().unwrap();
        let short = folder.path().join("short.key");
        fs::write(&short, "short").unwrap();
        let config = Config {
            allow_origins: vec!["https://a.example".into(), "school".into()],
            web: Some(folder.path().join("dist")),
            token_keys: vec![
                TokenKeyFile {
                    id: "a".into(),
                    file: short.clone(),
                },
                TokenKeyFile {
                    id: "b".into(),
                    file: folder.path().join("none"),
                },
            ],
            data: short,
            ..Config::default()
        };
        let found = of_this_machine(&config);
        let keys: Vec<_> = found.iter().map(|problem| problem.key.as_str()).collect();
        assert_eq!(
            keys,
            ["allow_origins", "web", "token_keys", "token_keys", "data"]
        );
    }

    #[test]
    fn the_defaults_are_within_their_ranges() {
        let config = Config::default();
        assert_eq!(together(&config), []);
        for key in keys::KEYS {
            if let Some(value) = (key.read)(&config) {
                assert!(key.allowed.admits(&value), "{}: {value}", key.name);
            }
        }
    }

    /// The table of the page as the keys have it.
    fn table() -> String {
        let mut text = String::from("| key | default | allowed | meaning |\n|---|---|---|---|\n");
        for key in keys::in_order() {
            let default = (key.read)(&Config::default())
                .map_or_else(|| "not set".into(), |value| format!("`{value}`"));
            let _ = writeln!(
                text,
                "| `{}` | {default} | {} | {} |",
                key.name, key.allowed, key.meaning
            );
        }
        text
    }

    #[test]
    fn the_page_has_every_key() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/configuration.md");
        let page = fs::read_to_string(path).unwrap();
        let (head, rest) = page.split_once("| key |").unwrap();
        let after = rest.split_once("\n\n").unwrap().1;
        let current = format!("{head}{}\n{after}", table());
        if std::env::var_os("UPDATE_DOCS").is_some() {
            fs::write(path, &current).unwrap();
        }
        assert!(
            page == current,
            "docs/configuration.md is behind the keys: run this test with UPDATE_DOCS=1"
        );
    }
}
