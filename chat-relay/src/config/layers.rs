//! File, environment and flags, each over the one before, onto the defaults. All that is wrong is found in one go.
//!
//! A key comes from the file as `[limits] members_per_room = 50`, from the environment as
//! `CHAT_RELAY_LIMITS__MEMBERS_PER_ROOM=50` (lists with commas between, networks as `10.0.0.0/8=500`, an empty variable
//! counts as absent), from the command line by its own flag or as `--set limits.members_per_room=50`.

use std::{ffi::OsString, path::Path};

use toml::{Table, Value};

use super::{
    Config, Problem,
    check::together,
    keys::{self, VARIABLES},
};

/// A key's value and who said it.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    /// Who, for people.
    pub(super) origin: String,
    /// The key's name.
    pub(super) key: String,
    /// The value: of TOML, or text that the key's kind tells how to read.
    pub(super) value: Raw,
}

/// A value before its key is looked up.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Raw {
    Toml(Value),
    Text(String),
}

/// The configuration of `file`, the environment's `variables` and `flags`, in rising precedence, and everything that is
/// wrong, in the order in which it was said. With a problem, the configuration is what the rest comes to.
pub fn load(
    file: Option<&Path>,
    variables: impl Iterator<Item = (OsString, OsString)>,
    flags: Vec<Said>,
) -> (Config, Vec<Problem>) {
    let mut problems = Vec::new();
    let mut said = Vec::new();
    if let Some(path) = file {
        match std::fs::read_to_string(path) {
            Ok(text) => of_file(&text, &path.display().to_string(), &mut said, &mut problems),
            Err(error) => problems.push(Problem {
                origin: path.display().to_string(),
                key: String::new(),
                message: format!(
                    "cannot be read ({error}): name a file that this user can read with --config"
                ),
            }),
        }
    }
    of_environment(variables, &mut said, &mut problems);
    said.extend(flags);
    let bind_is_said = said.iter().any(|said| said.key == "bind");
    let mut config = Config::default();
    for said in said {
        apply(&mut config, said, &mut problems);
    }
    if config.lan && !bind_is_said {
        config.bind = std::net::Ipv4Addr::UNSPECIFIED.into();
    }
    problems.extend(together(&config));
    (config, problems)
}

/// A flag `--set KEY=VALUE`.
pub(super) fn of_assignment(text: &str) -> Result<Said, String> {
    let (key, value) = text
        .split_once('=')
        .ok_or("write KEY=VALUE, as limits.members_per_room=50")?;
    Ok(Said {
        origin: format!("--set {key}"),
        key: key.trim().to_owned(),
        value: Raw::Text(value.to_owned()),
    })
}

fn of_file(text: &str, origin: &str, said: &mut Vec<Said>, problems: &mut Vec<Problem>) {
    match text.parse::<Table>() {
        Ok(table) => flatten("", table, origin, said),
        Err(error) => {
            let line = error.span().map_or(1, |span| {
                text[..span.start.min(text.len())].matches('\n').count() + 1
            });
            problems.push(Problem {
                origin: format!("{origin}:{line}"),
                key: String::new(),
                message: format!("is no TOML: {}", error.message()),
            });
        }
    }
}

/// Names the values of nested tables with dots, down to a known key: those may hold tables of their own.
fn flatten(prefix: &str, table: Table, origin: &str, said: &mut Vec<Said>) {
    for (name, value) in table {
        let key = format!("{prefix}{name}");
        match value {
            Value::Table(table) if keys::find(&key).is_none() && !table.is_empty() => {
                flatten(&format!("{key}."), table, origin, said);
            }
            value => said.push(Said {
                origin: origin.to_owned(),
                key,
                value: Raw::Toml(value),
            }),
        }
    }
}

fn of_environment(
    variables: impl Iterator<Item = (OsString, OsString)>,
    said: &mut Vec<Said>,
    problems: &mut Vec<Problem>,
) {
    let first = said.len();
    for (name, value) in variables {
        let Some(name) = name.to_str() else { continue };
        let Some(key) = name.strip_prefix(VARIABLES) else {
            continue;
        };
        let key = key.to_ascii_lowercase().replace("__", ".");
        match value.into_string() {
            Ok(value) if value.trim().is_empty() => {}
            Ok(value) => said.push(Said {
                origin: name.to_owned(),
                key,
                value: Raw::Text(value),
            }),
            Err(_) => problems.push(Problem {
                origin: name.to_owned(),
                key,
                message: "has to be UTF-8".into(),
            }),
        }
    }
    // The environment has no order of its own.
    said[first..].sort_by(|a, b| a.origin.cmp(&b.origin));
}

fn apply(config: &mut Config, said: Said, problems: &mut Vec<Problem>) {
    let Said { origin, key, value } = said;
    let Some(known) = keys::find(&key) else {
        let nearest = keys::nearest(&key);
        problems.push(Problem {
            origin,
            message: format!("there is no such key; did you mean {nearest}?"),
            key,
        });
        return;
    };
    let value = match value {
        Raw::Toml(value) => value,
        Raw::Text(text) => known.allowed.read(&text),
    };
    let taken = known.allowed.admits(&value) && (known.write)(config, &value).is_some();
    if !taken {
        problems.push(Problem {
            origin,
            message: format!("{value} is not allowed; it has to be {}", known.allowed),
            key,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loaded(file: &str, variables: &[(&str, &str)], set: &[&str]) -> (Config, Vec<String>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("relay.toml");
        std::fs::write(&path, file).unwrap();
        let variables = variables
            .iter()
            .map(|(name, value)| (name.into(), value.into()));
        let flags = set
            .iter()
            .map(|text| of_assignment(text).unwrap())
            .collect();
        let (config, problems) = load(Some(&path), variables, flags);
        let path = path.display().to_string();
        let problems = problems
            .iter()
            .map(|p| p.to_string().replace(&path, "FILE"));
        (config, problems.collect())
    }

    #[test]
    fn each_layer_lies_over_the_one_before() {
        let file = "port = 1\nhttps_port = 1\ndata = \"a\"\n[limits]\nconnections = 7\nhello_timeout_secs = 9";
        let (config, problems) = loaded(
            file,
            &[
                ("CHAT_RELAY_PORT", "2"),
                ("CHAT_RELAY_HTTPS_PORT", "2"),
                ("CHAT_RELAY_LIMITS__CONNECTIONS", "8"),
                ("CHAT_RELAY_DATA", ""),
                ("CHAT_RELAYS", "not ours"),
                ("PATH", "/bin"),
            ],
            &["port=3"],
        );
        assert_eq!(problems, Vec::<String>::new());
        assert_eq!((config.port, config.https_port), (3, 2));
        assert_eq!(config.limits.connections, 8);
        assert_eq!(config.limits.hello_timeout.as_secs(), 9);
        assert_eq!(config.data, Path::new("a"));
    }

    #[test]
    fn lists_and_networks_come_from_every_layer() {
        let file = r#"
            trusted_proxies = ["10.0.0.7", "fd00::/8"]
            token_keys = [{ id = "a", file = "a.key" }]
            [limits.address_allowances]
            "198.51.100.7" = 2000
        "#;
        let (config, problems) = loaded(file, &[], &[]);
        assert_eq!(problems, Vec::<String>::new());
        assert_eq!(config.trusted_proxies[0].to_string(), "10.0.0.7/32");
        assert_eq!(config.limits.address_allowances[0].1, 2000);
        let (other, problems) = loaded(
            "",
            &[
                ("CHAT_RELAY_TRUSTED_PROXIES", "10.0.0.7, fd00::/8"),
                ("CHAT_RELAY_TOKEN_KEYS", "a=a.key"),
                ("CHAT_RELAY_LIMITS__ADDRESS_ALLOWANCES", "198.51.100.7=2000"),
            ],
            &[],
        );
        assert_eq!(problems, Vec::<String>::new());
        assert_eq!(config, other);
    }

    #[test]
    fn everything_wrong_is_found_at_once() {
        let file = "prt = 1\nbind = 3\n[limits]\nmembers_per_rom = 5\nconnections = 0\nheartbeat_min_secs = 60";
        let (_, problems) = loaded(
            file,
            &[
                ("CHAT_RELAY_LIMITS__STORE_QUEUE", "lots"),
                ("CHAT_RELAY_LOG_LEVEL", "loud"),
                ("CHAT_RELAY_MEMBERS_PER_ROOM", "3"),
            ],
            &["limits.retention_days=-1", "tls_key=k.pem"],
        );
        assert_eq!(
            problems,
            [
                "FILE: bind: 3 is not allowed; it has to be an IP address",
                "FILE: limits.connections: 0 is not allowed; it has to be a whole number from 1 to 10000000",
                "FILE: limits.members_per_rom: there is no such key; did you mean limits.members_per_room?",
                "FILE: prt: there is no such key; did you mean port?",
                "CHAT_RELAY_LIMITS__STORE_QUEUE: limits.store_queue: \"lots\" is not allowed; it has to be a whole \
                 number from 1 to 1000000",
                "CHAT_RELAY_LOG_LEVEL: log_level: \"loud\" is not allowed; it has to be error, warn, info, debug, \
                 trace",
                "CHAT_RELAY_MEMBERS_PER_ROOM: members_per_room: there is no such key; did you mean \
                 limits.members_per_room?",
                "--set limits.retention_days: limits.retention_days: -1 is not allowed; it has to be a whole number \
                 from 0 to 36500",
                "limits.heartbeat_min_secs: 60 is above limits.heartbeat_default_secs, which is 30: it has to be at \
                 most that",
                "tls_cert: is missing: tls_key needs it",
            ]
        );
    }

    #[test]
    fn what_is_no_toml_is_said_with_its_line() {
        let (_, problems) = loaded("port = 1\nbind = \n", &[], &[]);
        assert_eq!(problems.len(), 1);
        assert!(
            problems[0].starts_with("FILE:2: is no TOML: "),
            "{problems:?}"
        );
    }

    #[test]
    fn lan_listens_to_all_unless_told_otherwise() {
        assert!(loaded("lan = true", &[], &[]).0.bind.is_unspecified());
        let (config, _) = loaded("lan = true\nbind = \"192.168.1.2\"", &[], &[]);
        assert_eq!(config.bind.to_string(), "192.168.1.2");
        let (_, problems) = loaded("lan = true\nbind = \"127.0.0.1\"", &[], &[]);
        assert!(problems[0].starts_with("bind: "), "{problems:?}");
    }

    #[test]
    fn a_configuration_printed_is_the_same_when_read() {
        let variables = [
            (
                "CHAT_RELAY_LIMITS__ADDRESS_ALLOWANCES",
                "198.51.100.7=2000,fd00::/8=3",
            ),
            ("CHAT_RELAY_TOKEN_KEYS", "a=a.key,b=b.key"),
            ("CHAT_RELAY_LIMITS__MAX_STORE_MIB", "12"),
            ("CHAT_RELAY_TLS_CERT", "c.pem"),
            ("CHAT_RELAY_TLS_KEY", "k \"quoted\".pem"),
            ("CHAT_RELAY_METRICS_BIND", "127.0.0.1:9"),
        ];
        let (config, problems) = loaded("", &variables, &[]);
        assert_eq!(problems, Vec::<String>::new());
        let (again, problems) = loaded(&super::super::effective(&config), &[], &[]);
        assert_eq!(problems, Vec::<String>::new());
        assert_eq!(again, config);
    }
}
