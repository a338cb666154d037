//! Tests of the adjustment: derivatives, scenes with truth, a solver without elimination beside it, garbage.

mod dense;
mod garbage;
mod jacobians;
mod scenes;
mod statistics;
