//! Tests of the adjustment on scenes with truth.
