//! The driver over tokio: one task for each device, which owns its [`Client`] and does what that asks for.
//!
//! In: [`Options`], a [`Connector`] that opens byte streams (TCP, or a simulated network), and what a program does
//! through a [`Handle`]. Out: a socket that comes back by itself, and what happened, as [`News`]. Time is tokio's
//! alone, so that a paused or simulated clock rules everything here. There is no TLS: a program that needs it connects
//! through a [`Connector`] of its own.
//!
//! [`Client`]: crate::Client
//! [`News`]: crate::News
//! [`Options`]: crate::Options
//!
//! ```no_run
//! use chat_relay_client::native::{Device, rest};
//!
//! # async fn chat() -> Result<(), Box<dyn std::error::Error>> {
//! let relay = "127.0.0.1:8787";
//! let joined = rest::create_room(&rest::tcp(), relay, "Ada").await?;
//! let ada = Device::new(rest::tcp(), relay, &joined).spawn();
//! ada.update(|client, now| client.chat("hello", now)).await.ok_or("gone")??;
//! ada.until(|client| client.pending_count() == 0).await;
//! # Ok(())
//! # }
//! ```

mod connector;
mod device;
mod driver;
mod handle;
pub mod rest;
mod socket;
mod storage;

pub use connector::{BoxedStream, Connecting, Connector, Stream, Tcp};
pub use device::Device;
pub use handle::Handle;
pub use storage::{Saving, Storage};
