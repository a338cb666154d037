//! Solvers until the real ones are there.
pub(super) mod two_view;
