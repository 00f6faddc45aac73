//! The sandbox as its clients see it: over the socket, with requests that these tests sign themselves.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets the unexpected should stop there"
)]

mod clients;
mod control;
mod errors;
mod faults;
mod federation;
mod hostile;
mod iam;
mod journal;
mod program;
mod secrets;
mod session_limits;
mod sessions;
mod signing;
mod support;
mod tls;
