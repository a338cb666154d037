//! World queries on points sampled from the simulated room, with the errors that triangulation makes.

#[cfg(feature = "simulator")]
mod anchors;
mod garbage;
#[cfg(feature = "simulator")]
mod room;
mod surfaces;
