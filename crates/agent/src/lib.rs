//! The brain: one loop that owns all state, its ports to the world, and their real
//! implementations. Knows no window.

pub mod autostart;
pub mod aws;
pub mod browsers;
#[cfg(target_os = "linux")]
pub mod bus;
mod caller;
pub mod clock;
pub mod config_file;
pub mod controller;
#[cfg(target_os = "linux")]
pub mod desktop_facts;
mod examine;
pub mod hardening;
pub mod headless;
pub mod journal;
pub mod log;
pub mod ports;
pub mod programs;
pub mod redirect;
pub mod runtime;
#[cfg(unix)]
pub mod runtime_dir;
pub mod seal;
#[cfg(unix)]
pub mod server;
pub mod session_file;
#[cfg(target_os = "linux")]
pub mod signals;
pub mod start;
mod terminal;
pub mod vault;
