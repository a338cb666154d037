//! What can go wrong, each with a code that stays the same for programs.

/// An error of the JavaScript API. What is expected (tracking lost, no surface under a tap, a relay that cannot
/// be reached) is an event or a state instead.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Text that is not the JSON asked for.
    #[error("{what} is not the JSON expected: {reason}")]
    BadJson {
        /// Which argument.
        what: &'static str,
        /// What the decoder stumbled over.
        reason: String,
    },
    /// An argument out of bounds.
    #[error("{what}: {reason}")]
    BadArgument {
        /// Which argument.
        what: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The room is not open.
    #[error("the room is not open")]
    Closed,
    /// No annotation has this id.
    #[error("there is no annotation {id:?} in this room")]
    NoSuchAnnotation {
        /// The id asked for.
        id: String,
    },
    /// No message has this number, or it was taken away.
    #[error("there is no message {seq} in this room")]
    NoSuchMessage {
        /// The number asked for.
        seq: u64,
    },
    /// This browser gives no graphics adapter of the kind asked for.
    #[error("no graphics adapter: {reason}")]
    NoAdapter {
        /// What the browser said.
        reason: String,
    },
    /// The canvas gives no WebGL2 context.
    #[error("this browser gives the canvas no WebGL2 context")]
    NoWebGl2,
    /// The adapter gives no device, or the device is gone.
    #[error("no graphics device: {reason}")]
    Device {
        /// What the browser said.
        reason: String,
    },
    /// The canvas gives no picture to draw into.
    #[error("the canvas cannot be drawn to: {reason}")]
    Surface {
        /// What the browser said.
        reason: String,
    },
    /// The renderer could not be made.
    #[error("the renderer could not be made: {reason}")]
    Graphics {
        /// What the renderer said.
        reason: String,
    },
    /// A model that cannot be shown.
    #[error("the model cannot be shown: {reason}")]
    Model {
        /// What is wrong with it.
        reason: String,
    },
    /// A picture larger than the device takes.
    #[error(
        "a picture of {width} x {height} is too large or empty; the limit is {limit} pixels a side"
    )]
    PictureSize {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// The longest side in pixels.
        limit: u32,
    },
    /// A call of the WebXR API failed.
    #[error("{call} failed: {reason}")]
    Xr {
        /// Which call.
        call: &'static str,
        /// What the browser said.
        reason: String,
    },
    /// A frame that is not newer than the last; the tracker stays as it was.
    #[error("the frame comes too late: {reason}")]
    FrameOutOfOrder {
        /// What the tracker said.
        reason: String,
    },
    /// The tracker refused a frame or a setting.
    #[error("the tracker refused: {reason}")]
    TrackerRefused {
        /// What it said.
        reason: String,
    },
}

impl Error {
    /// Stable, for programs: what `code` of the JavaScript error holds.
    pub fn code(&self) -> &'static str {
        match self {
            Error::BadJson { .. } => "bad-json",
            Error::BadArgument { .. } => "bad-argument",
            Error::Closed => "closed",
            Error::NoSuchAnnotation { .. } => "no-such-annotation",
            Error::NoSuchMessage { .. } => "no-such-message",
            Error::NoAdapter { .. } => "no-adapter",
            Error::NoWebGl2 => "no-webgl2",
            Error::Device { .. } => "device",
            Error::Surface { .. } => "surface",
            Error::Graphics { .. } => "graphics",
            Error::Model { .. } => "model",
            Error::PictureSize { .. } => "picture-size",
            Error::Xr { .. } => "xr-failed",
            Error::FrameOutOfOrder { .. } => "frame-out-of-order",
            Error::TrackerRefused { .. } => "tracker-refused",
        }
    }
}

impl From<chat_relay_client::Error> for Error {
    fn from(error: chat_relay_client::Error) -> Error {
        use chat_relay_client::Error as Cause;
        match error {
            Cause::Closed => Error::Closed,
            Cause::NoSuchMessage { seq } => Error::NoSuchMessage { seq },
            Cause::Options { reason } => Error::BadJson {
                what: "options",
                reason,
            },
            other => Error::BadArgument {
                what: "op",
                reason: other.to_string(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_short_and_kebab() {
        let errors = [
            Error::BadJson {
                what: "options",
                reason: String::new(),
            },
            Error::Closed,
            Error::NoWebGl2,
            Error::PictureSize {
                width: 0,
                height: 1,
                limit: 2,
            },
            Error::Xr {
                call: "requestReferenceSpace",
                reason: String::new(),
            },
        ];
        for error in errors {
            assert!(
                error
                    .code()
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c == '-' || c == '2')
            );
            assert!(!error.to_string().is_empty());
        }
    }
}
