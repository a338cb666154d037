//! The program `slam` from outside: what it writes, what it prints, and what it says of bad input.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod bad_input;
mod recorded;
mod replay;
mod run;
mod sequence;
