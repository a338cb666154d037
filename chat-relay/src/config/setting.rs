//! A field of the configuration against a value of TOML: shown as one, and taken from one that
//! [`Allowed`](super::allowed::Allowed) has admitted. The key's name tells the unit.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use ipnet::IpNet;
use toml::{Table, Value};

use super::{
    LogFormat, LogLevel, TokenKeyFile,
    allowed::{network, number},
};

/// A field of the configuration.
pub(super) trait Setting {
    /// The field as a value; `None` when it is not set.
    fn shown(&self, unit: Unit) -> Option<Value>;
    /// Sets the field; `None` when `value` is none of its.
    fn set(&mut self, value: &Value, unit: Unit) -> Option<()>;
}

/// What one of a key's numbers stands for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Unit {
    One,
    Millis,
    Secs,
    Mib,
}

impl Unit {
    /// The unit that a key's name ends with.
    pub(super) fn of(key: &str) -> Self {
        match key.rsplit_once('_').map(|(_, unit)| unit) {
            Some("secs") => Unit::Secs,
            Some("millis") => Unit::Millis,
            Some("mib") => Unit::Mib,
            _ => Unit::One,
        }
    }

    fn factor(self) -> u64 {
        match self {
            Unit::One | Unit::Millis => 1,
            Unit::Secs => 1000,
            Unit::Mib => 1024 * 1024,
        }
    }
}

impl Setting for Duration {
    fn shown(&self, unit: Unit) -> Option<Value> {
        let millis = u64::try_from(self.as_millis()).ok()?;
        (millis / unit.factor()).shown(Unit::One)
    }

    fn set(&mut self, value: &Value, unit: Unit) -> Option<()> {
        let mut number = 0_u64;
        number.set(value, Unit::One)?;
        *self = Duration::from_millis(number.checked_mul(unit.factor())?);
        Some(())
    }
}

impl Setting for Option<u64> {
    fn shown(&self, unit: Unit) -> Option<Value> {
        (*self)?.checked_div(unit.factor())?.shown(Unit::One)
    }

    fn set(&mut self, value: &Value, unit: Unit) -> Option<()> {
        let mut number = 0_u64;
        number.set(value, Unit::One)?;
        *self = Some(number.checked_mul(unit.factor())?);
        Some(())
    }
}

macro_rules! whole_number {
    ($($type:ty)*) => {$(
        impl Setting for $type {
            fn shown(&self, _: Unit) -> Option<Value> {
                i64::try_from(*self).ok().map(Value::Integer)
            }

            fn set(&mut self, value: &Value, _: Unit) -> Option<()> {
                *self = value.as_integer()?.try_into().ok()?;
                Some(())
            }
        }
    )*};
}
whole_number!(u16 u32 u64 usize);

macro_rules! text {
    ($($type:ty)*) => {$(
        impl Setting for $type {
            fn shown(&self, _: Unit) -> Option<Value> {
                Some(Value::String(self.to_string()))
            }

            fn set(&mut self, value: &Value, _: Unit) -> Option<()> {
                *self = value.as_str()?.parse().ok()?;
                Some(())
            }
        }
    )*};
}
text!(IpAddr SocketAddr String);

macro_rules! word {
    ($type:ty: $($word:literal $variant:ident),*) => {
        impl Setting for $type {
            fn shown(&self, _: Unit) -> Option<Value> {
                let word = match self { $(<$type>::$variant => $word),* };
                Some(Value::String(word.into()))
            }

            fn set(&mut self, value: &Value, _: Unit) -> Option<()> {
                *self = match value.as_str()? { $($word => <$type>::$variant,)* _ => return None };
                Some(())
            }
        }
    };
}
word!(LogFormat: "text" Text, "json" Json);
word!(LogLevel: "error" Error, "warn" Warn, "info" Info, "debug" Debug, "trace" Trace);

macro_rules! may_be_unset {
    ($($type:ty: $empty:expr;)*) => {$(
        impl Setting for Option<$type> {
            fn shown(&self, unit: Unit) -> Option<Value> {
                self.as_ref()?.shown(unit)
            }

            fn set(&mut self, value: &Value, unit: Unit) -> Option<()> {
                let mut inner: $type = $empty;
                inner.set(value, unit)?;
                *self = Some(inner);
                Some(())
            }
        }
    )*};
}
may_be_unset! {
    PathBuf: PathBuf::new();
    String: String::new();
    SocketAddr: SocketAddr::from(([0; 4], 0));
}

impl Setting for PathBuf {
    fn shown(&self, _: Unit) -> Option<Value> {
        Some(Value::String(self.display().to_string()))
    }

    fn set(&mut self, value: &Value, _: Unit) -> Option<()> {
        *self = value.as_str()?.into();
        Some(())
    }
}

impl Setting for bool {
    fn shown(&self, _: Unit) -> Option<Value> {
        Some(Value::Boolean(*self))
    }

    fn set(&mut self, value: &Value, _: Unit) -> Option<()> {
        *self = value.as_bool()?;
        Some(())
    }
}

impl Setting for f64 {
    fn shown(&self, _: Unit) -> Option<Value> {
        Some(Value::Float(*self))
    }

    fn set(&mut self, value: &Value, _: Unit) -> Option<()> {
        *self = number(value)?;
        Some(())
    }
}

impl Setting for Vec<String> {
    fn shown(&self, _: Unit) -> Option<Value> {
        Some(Value::Array(
            self.iter().cloned().map(Value::String).collect(),
        ))
    }

    fn set(&mut self, value: &Value, _: Unit) -> Option<()> {
        let items = value.as_array()?.iter();
        *self = items
            .map(|item| item.as_str().map(str::to_owned))
            .collect::<Option<_>>()?;
        Some(())
    }
}

impl Setting for Vec<IpNet> {
    fn shown(&self, _: Unit) -> Option<Value> {
        let items = self.iter().map(|item| Value::String(item.to_string()));
        Some(Value::Array(items.collect()))
    }

    fn set(&mut self, value: &Value, _: Unit) -> Option<()> {
        let items = value.as_array()?.iter();
        *self = items
            .map(|item| network(item.as_str()?))
            .collect::<Option<_>>()?;
        Some(())
    }
}

impl Setting for Vec<(IpNet, usize)> {
    fn shown(&self, unit: Unit) -> Option<Value> {
        let items = self
            .iter()
            .map(|(network, number)| Some((network.to_string(), number.shown(unit)?)));
        Some(Value::Table(items.collect::<Option<Table>>()?))
    }

    fn set(&mut self, value: &Value, unit: Unit) -> Option<()> {
        let items = value.as_table()?.iter().map(|(key, value)| {
            let mut number = 0_usize;
            number.set(value, unit)?;
            Some((network(key)?, number))
        });
        *self = items.collect::<Option<_>>()?;
        Some(())
    }
}

impl Setting for Vec<TokenKeyFile> {
    fn shown(&self, unit: Unit) -> Option<Value> {
        let items = self.iter().map(|key| {
            let pair = [
                ("id".to_owned(), key.id.shown(unit)?),
                ("file".to_owned(), key.file.shown(unit)?),
            ];
            Some(Value::Table(pair.into_iter().collect()))
        });
        Some(Value::Array(items.collect::<Option<_>>()?))
    }

    fn set(&mut self, value: &Value, _: Unit) -> Option<()> {
        let items = value.as_array()?.iter().map(|item| {
            Some(TokenKeyFile {
                id: item.get("id")?.as_str()?.to_owned(),
                file: item.get("file")?.as_str()?.into(),
            })
        });
        *self = items.collect::<Option<_>>()?;
        Some(())
    }
}
