//! Against the numbers of `evo`, and what cannot be aligned.
