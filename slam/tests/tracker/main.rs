//! The whole tracker on rendered walks with exact truth. One binary, so that a walk is rendered once for all tests.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test fails by panicking and prints what it measured"
)]

mod accuracy;
mod cameras;
mod corrections;
mod effects;
mod limits;
mod robustness;
#[path = "../support/mod.rs"]
mod support;
mod walk;
