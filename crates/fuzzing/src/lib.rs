//! What must hold for any bytes that reach Daypass from outside. A check panics where a promise is
//! broken, which is what libFuzzer looks for. `fuzz/` feeds the checks and keeps the corpus;
//! `corpus.rs` replays it.
#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a check that cannot go on has found something"
)]

mod ada;
mod answer;
mod config;
mod console;
#[cfg(test)]
mod corpus;
mod frame;
mod import;
mod ini;
mod input;
mod refusal;
mod scratch;
mod sessions;
mod signin;
mod sts;

pub use self::{
    config::config, console::console, frame::frame, import::import, ini::ini, refusal::refusal,
    sessions::sessions, signin::signin, sts::sts,
};

/// What became of an input that broke no promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It was good.
    Taken,
    /// It was refused, in words where a person reads them.
    Refused,
}

impl From<bool> for Verdict {
    fn from(taken: bool) -> Self {
        if taken { Self::Taken } else { Self::Refused }
    }
}
