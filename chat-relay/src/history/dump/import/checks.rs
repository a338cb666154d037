//! Why a line is not taken, and checks that need nothing but the line.

use chat_relay_protocol::{Body, bounds::MAX_COUNTER};
use serde::Deserialize as _;
use serde_json::Value;

use crate::history::{SecretHash, dump::LineFault, sqlite::connection::to_sql};

pub(super) type Checked<T> = Result<T, Refusal>;

/// Why a line is not taken.
pub(super) enum Refusal {
    Fault(LineFault),
    Database(rusqlite::Error),
}

impl From<LineFault> for Refusal {
    fn from(fault: LineFault) -> Self {
        Self::Fault(fault)
    }
}

impl From<rusqlite::Error> for Refusal {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error)
    }
}

/// A body as it is kept: what the protocol can read, with its tag first.
pub(super) fn checked_body(body: Value) -> Checked<String> {
    let fault = |reason: String| Refusal::Fault(LineFault::Body { reason });
    Body::deserialize(&body).map_err(|error| fault(error.to_string()))?;
    let Value::Object(mut fields) = body else {
        return Err(fault("it is no map".into()));
    };
    let kind = fields.remove("kind").unwrap_or(Value::Null);
    let rest = Value::Object(fields).to_string();
    let comma = if rest == "{}" { "" } else { "," };
    Ok(format!(r#"{{"kind":{kind}{comma}{}"#, &rest[1..]))
}

pub(super) fn secret(hex: &str) -> Result<SecretHash, LineFault> {
    let mut hash = [0; 32];
    if hex.len() != 64 || !hex.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return Err(LineFault::Secret);
    }
    for (byte, pair) in hash.iter_mut().zip(hex.as_bytes().chunks(2)) {
        let pair = std::str::from_utf8(pair).map_err(|_| LineFault::Secret)?;
        *byte = u8::from_str_radix(pair, 16).map_err(|_| LineFault::Secret)?;
    }
    Ok(hash)
}

/// What every side of the wire can count to.
pub(super) fn exact(field: &'static str, number: u64) -> Result<i64, LineFault> {
    if number > MAX_COUNTER {
        return Err(LineFault::Large { field });
    }
    Ok(to_sql(number))
}

pub(super) fn taken(what: &'static str, id: &str) -> Refusal {
    let id = id.to_owned();
    Refusal::Fault(LineFault::Taken { what, id })
}

pub(super) fn missing(what: &'static str, id: &str) -> Refusal {
    let id = id.to_owned();
    Refusal::Fault(LineFault::Missing { what, id })
}
