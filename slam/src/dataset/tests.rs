//! Every layout on a small one of its kind, and what is said of broken ones.
