//! The room as one device has it: the relay's client with the place of this device's AR session in the room.
//!
//! The client is [`chat_relay_client`]: connection, order, what is pending, what is stored. On top of it stands what
//! only a device with a world has: alignment, pins in the device's frame, heads, and the state for the page as JSON.
//! In and out are the client's; after every input the alignment follows the scene.
//!
//! | file | idea |
//! |---|---|
//! | `client` | the client and the device's frame, kept in step |
//! | `edits` | what a person does in space, as ops |
//! | `aligning` | how an AR session finds its place in the room |
//! | `device_frame` | what is known of that place: spots, alignment, origin anchor |
//! | `presence_change` | what the page says of itself |
//! | `state` | the JSON that the page shows |

mod aligning;
mod client;
mod device_frame;
mod edits;
mod presence_change;
mod state;

pub use chat_relay_client::{BackoffConfig, ConnectionId, Effect, Moment, Options};
pub use client::Client;
pub use device_frame::AlignmentEvent;
pub use edits::MAX_LABEL_CHARS;
pub use presence_change::PresenceChange;
