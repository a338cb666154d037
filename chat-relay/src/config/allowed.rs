//! What a value may be, said in words for people and tested on a value of TOML; and a value read from the text of an
//! environment variable or a flag.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
};

use ipnet::IpNet;
use toml::{Table, Value};

/// What a value may be.
#[derive(Debug, Clone, Copy)]
pub(super) enum Allowed {
    /// A whole number, both ends included.
    Whole(u64, u64),
    /// A number, both ends included.
    Number(f64, f64),
    /// `true` or `false`.
    Switch,
    /// One of these words.
    Word(&'static [&'static str]),
    /// The address of a network interface.
    Address,
    /// An address with its port.
    Socket,
    /// Any text, which these words describe.
    Text(&'static str),
    /// A list of texts, which these words describe.
    Texts(&'static str),
    /// A list of networks.
    Networks,
    /// Networks, each with a whole number.
    NetworkNumbers(u64, u64),
    /// A list of `{ id, file }`.
    KeyFiles,
}

impl Allowed {
    /// Whether `value` is so.
    pub(super) fn admits(self, value: &Value) -> bool {
        let whole = |value: &Value, min, max| {
            let number = value.as_integer().and_then(|n| u64::try_from(n).ok());
            number.is_some_and(|n| (min..=max).contains(&n))
        };
        let list = |test: fn(&str) -> bool| {
            let items = value.as_array();
            items.is_some_and(|items| items.iter().all(|item| item.as_str().is_some_and(test)))
        };
        match self {
            Allowed::Whole(min, max) => whole(value, min, max),
            Allowed::Number(min, max) => number(value).is_some_and(|n| (min..=max).contains(&n)),
            Allowed::Switch => value.is_bool(),
            Allowed::Word(words) => value.as_str().is_some_and(|word| words.contains(&word)),
            Allowed::Address => parses::<IpAddr>(value),
            Allowed::Socket => parses::<SocketAddr>(value),
            Allowed::Text(_) => value.as_str().is_some_and(|text| !text.is_empty()),
            Allowed::Texts(_) => list(|item| !item.is_empty()),
            Allowed::Networks => list(|item| network(item).is_some()),
            Allowed::NetworkNumbers(min, max) => value.as_table().is_some_and(|table| {
                table
                    .iter()
                    .all(|(key, value)| network(key).is_some() && whole(value, min, max))
            }),
            Allowed::KeyFiles => value
                .as_array()
                .is_some_and(|items| items.iter().all(is_key_file)),
        }
    }

    /// The value that `text` spells; text that spells none comes back as text, for [`Allowed::admits`] to refuse.
    pub(super) fn read(self, text: &str) -> Value {
        let text = text.trim();
        let as_text = || Value::String(text.to_owned());
        let items = || {
            text.split(',')
                .map(str::trim)
                .filter(|item| !item.is_empty())
        };
        match self {
            Allowed::Whole(..) => text.parse().map_or_else(|_| as_text(), Value::Integer),
            Allowed::Number(..) => text.parse().map_or_else(|_| as_text(), Value::Float),
            Allowed::Switch => text.parse().map_or_else(|_| as_text(), Value::Boolean),
            Allowed::Word(_) | Allowed::Address | Allowed::Socket | Allowed::Text(_) => as_text(),
            Allowed::Texts(_) | Allowed::Networks => {
                Value::Array(items().map(|item| Value::String(item.into())).collect())
            }
            Allowed::NetworkNumbers(..) => items()
                .map(|item| {
                    let (network, number) = item.split_once('=')?;
                    let number = number.trim().parse().ok()?;
                    Some((network.trim().to_owned(), Value::Integer(number)))
                })
                .collect::<Option<Table>>()
                .map_or_else(as_text, Value::Table),
            Allowed::KeyFiles => items()
                .map(|item| {
                    let (id, file) = item.split_once('=')?;
                    let text = |text: &str| Value::String(text.trim().to_owned());
                    let pair = [("id".to_owned(), text(id)), ("file".to_owned(), text(file))];
                    Some(Value::Table(pair.into_iter().collect()))
                })
                .collect::<Option<Vec<_>>>()
                .map_or_else(as_text, Value::Array),
        }
    }
}

impl fmt::Display for Allowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Allowed::Whole(min, max) => write!(f, "a whole number from {min} to {max}"),
            Allowed::Number(min, max) => write!(f, "a number from {min} to {max}"),
            Allowed::Switch => f.write_str("true or false"),
            Allowed::Word(words) => f.write_str(&words.join(", ")),
            Allowed::Address => f.write_str("an IP address"),
            Allowed::Socket => f.write_str("an IP address with a port"),
            Allowed::Text(what) => f.write_str(what),
            Allowed::Texts(what) => write!(f, "a list of {what}"),
            Allowed::Networks => f.write_str("a list of networks, as \"10.0.0.0/8\""),
            Allowed::NetworkNumbers(min, max) => write!(
                f,
                "networks, as \"10.0.0.0/8\", each = a whole number from {min} to {max}"
            ),
            Allowed::KeyFiles => f.write_str("a list of { id = \"...\", file = \"...\" }"),
        }
    }
}

/// A number of TOML, whole or not.
pub(super) fn number(value: &Value) -> Option<f64> {
    // Whole numbers that are allowed are far below 2^53.
    #[allow(clippy::cast_precision_loss, reason = "see above")]
    let whole = value.as_integer().map(|n| n as f64);
    value.as_float().or(whole)
}

/// A network, or a single address as one.
pub(super) fn network(text: &str) -> Option<IpNet> {
    let network = text.parse::<IpNet>().ok();
    let single = || text.parse::<IpAddr>().ok().map(IpNet::from);
    network.or_else(single).map(|network| network.trunc())
}

fn parses<T: std::str::FromStr>(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.parse::<T>().is_ok())
}

fn is_key_file(value: &Value) -> bool {
    value.as_table().is_some_and(|table| {
        let has = |key| {
            table
                .get(key)
                .and_then(Value::as_str)
                .is_some_and(|text| !text.is_empty())
        };
        table.len() == 2 && has("id") && has("file")
    })
}
