//! Answers over HTTP; `routes` says which is whose. [`rest`] makes and joins rooms; [`page`] serves the built
//! page; [`origin`] says whose pages may ask, [`cross_origin`] answers them; [`security`] adds headers;
//! [`bind`] listens, [`listener`] takes connections, [`client_address`] says whose they are behind a proxy;
//! [`write_deadline`] ends those that do not read.

pub(crate) mod bind;
pub(crate) mod client_address;
pub(crate) mod cross_origin;
#[cfg(feature = "embedded-page")]
mod embedded_page;
pub(crate) mod listener;
pub(crate) mod media_type;
pub(crate) mod origin;
pub(crate) mod page;
mod page_file;
pub(crate) mod peer;
pub(crate) mod refusal;
pub(crate) mod request;
pub(crate) mod rest;
pub(crate) mod security;
pub(crate) mod write_deadline;
