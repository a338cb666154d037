//! The room client against a simulated relay: nothing is lost, nothing comes twice, everybody ends with the same
//! scene, and what is placed by one device is where it belongs for the other.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "the helpers of tests stop the test too"
)]

mod alignment;
mod client;
mod simulated_relay;
