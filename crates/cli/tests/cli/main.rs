//! The real program against an agent of the test's own: what it asks, what it says, and what the
//! commands that it starts see.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets the unexpected should stop there"
)]

mod asking;
mod completions;
mod container;
mod doctor;
mod env;
mod exec;
mod import;
mod log;
mod output;
mod preferences;
mod profiles;
mod project;
mod terminal;
mod world;
