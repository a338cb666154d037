//! Refusals.

use super::{needed, wire};
use crate::error::{DecodeError, ErrorCode, Retry, WireError};

impl From<&WireError> for wire::Error {
    fn from(error: &WireError) -> Self {
        wire::Error {
            code: wire::ErrorCode::from(error.code).into(),
            message: error.message.clone(),
            retry: Some(error.retry.into()),
            op_id: error.op_id.as_ref().map(Into::into),
        }
    }
}

impl TryFrom<wire::Error> for WireError {
    type Error = DecodeError;

    fn try_from(error: wire::Error) -> Result<Self, DecodeError> {
        Ok(WireError {
            code: error.code().into(),
            message: error.message,
            retry: needed(error.retry, "error.retry")?,
            op_id: error.op_id.map(TryInto::try_into).transpose()?,
        })
    }
}

impl From<Retry> for wire::Retry {
    fn from(retry: Retry) -> Self {
        let (kind, after_millis) = match retry {
            Retry::Never => (wire::RetryKind::Never, 0),
            Retry::Later { after_millis } => (wire::RetryKind::Later, after_millis),
            Retry::Rejoin => (wire::RetryKind::Rejoin, 0),
            Retry::Renew => (wire::RetryKind::Renew, 0),
        };
        wire::Retry {
            kind: kind.into(),
            after_millis,
        }
    }
}

impl TryFrom<wire::Retry> for Retry {
    type Error = DecodeError;

    fn try_from(retry: wire::Retry) -> Result<Self, DecodeError> {
        Ok(match retry.kind() {
            wire::RetryKind::Never => Retry::Never,
            wire::RetryKind::Later => Retry::Later {
                after_millis: retry.after_millis,
            },
            wire::RetryKind::Rejoin => Retry::Rejoin,
            wire::RetryKind::Renew => Retry::Renew,
        })
    }
}

impl From<ErrorCode> for wire::ErrorCode {
    fn from(code: ErrorCode) -> Self {
        match code {
            ErrorCode::BadMessage => wire::ErrorCode::BadMessage,
            ErrorCode::TooLarge => wire::ErrorCode::TooLarge,
            ErrorCode::HelloExpected => wire::ErrorCode::HelloExpected,
            ErrorCode::Version => wire::ErrorCode::Version,
            ErrorCode::Unauthorized => wire::ErrorCode::Unauthorized,
            ErrorCode::RoomNotFound => wire::ErrorCode::RoomNotFound,
            ErrorCode::RoomFull => wire::ErrorCode::RoomFull,
            ErrorCode::RateLimited => wire::ErrorCode::RateLimited,
            ErrorCode::InvalidOp => wire::ErrorCode::InvalidOp,
            ErrorCode::NotYourDevice => wire::ErrorCode::NotYourDevice,
            ErrorCode::Forbidden => wire::ErrorCode::Forbidden,
            ErrorCode::Muted => wire::ErrorCode::Muted,
            ErrorCode::Gone => wire::ErrorCode::Gone,
            ErrorCode::LimitReached => wire::ErrorCode::LimitReached,
            ErrorCode::TokenExpired => wire::ErrorCode::TokenExpired,
            ErrorCode::Removed => wire::ErrorCode::Removed,
            ErrorCode::RoomClosed => wire::ErrorCode::RoomClosed,
            ErrorCode::RoomExpired => wire::ErrorCode::RoomExpired,
            ErrorCode::TooManyConnections => wire::ErrorCode::TooManyConnections,
            ErrorCode::Origin => wire::ErrorCode::Origin,
            ErrorCode::Storage => wire::ErrorCode::Storage,
            ErrorCode::ShuttingDown => wire::ErrorCode::ShuttingDown,
            ErrorCode::Lagged => wire::ErrorCode::Lagged,
            ErrorCode::Replaced => wire::ErrorCode::Replaced,
            ErrorCode::Other => wire::ErrorCode::Other,
        }
    }
}

impl From<wire::ErrorCode> for ErrorCode {
    fn from(code: wire::ErrorCode) -> Self {
        match code {
            wire::ErrorCode::BadMessage => ErrorCode::BadMessage,
            wire::ErrorCode::TooLarge => ErrorCode::TooLarge,
            wire::ErrorCode::HelloExpected => ErrorCode::HelloExpected,
            wire::ErrorCode::Version => ErrorCode::Version,
            wire::ErrorCode::Unauthorized => ErrorCode::Unauthorized,
            wire::ErrorCode::RoomNotFound => ErrorCode::RoomNotFound,
            wire::ErrorCode::RoomFull => ErrorCode::RoomFull,
            wire::ErrorCode::RateLimited => ErrorCode::RateLimited,
            wire::ErrorCode::InvalidOp => ErrorCode::InvalidOp,
            wire::ErrorCode::NotYourDevice => ErrorCode::NotYourDevice,
            wire::ErrorCode::Forbidden => ErrorCode::Forbidden,
            wire::ErrorCode::Muted => ErrorCode::Muted,
            wire::ErrorCode::Gone => ErrorCode::Gone,
            wire::ErrorCode::LimitReached => ErrorCode::LimitReached,
            wire::ErrorCode::TokenExpired => ErrorCode::TokenExpired,
            wire::ErrorCode::Removed => ErrorCode::Removed,
            wire::ErrorCode::RoomClosed => ErrorCode::RoomClosed,
            wire::ErrorCode::RoomExpired => ErrorCode::RoomExpired,
            wire::ErrorCode::TooManyConnections => ErrorCode::TooManyConnections,
            wire::ErrorCode::Origin => ErrorCode::Origin,
            wire::ErrorCode::Storage => ErrorCode::Storage,
            wire::ErrorCode::ShuttingDown => ErrorCode::ShuttingDown,
            wire::ErrorCode::Lagged => ErrorCode::Lagged,
            wire::ErrorCode::Replaced => ErrorCode::Replaced,
            wire::ErrorCode::Other => ErrorCode::Other,
        }
    }
}
