//! The pure part of Daypass: no IO, no clock, no runtime.
//!
//! Time is an argument, decisions are values, and what a person sees (menu, state) is compared
//! with `assert_eq!` in tests. Everything that acts on these decisions is in `daypass-agent`.

pub mod account;
pub mod arn;
pub mod browser;
pub mod config;
pub mod console;
pub mod duration;
pub mod environment;
pub mod field;
pub mod finding;
pub mod frame;
pub mod import;
pub mod journal;
pub mod language;
pub mod menu;
pub mod name;
pub mod pace;
pub mod partition;
pub mod paths;
pub mod policy;
pub mod problem;
pub mod protocol;
pub mod role;
pub mod schedule;
pub mod secret;
pub mod session;
pub mod settings;
pub mod shell;
pub mod shortcut;
pub mod usage;
pub mod view;
pub mod wake;
pub mod when;

/// A point in time, always UTC, always given by the caller.
pub type Instant = chrono::DateTime<chrono::Utc>;
