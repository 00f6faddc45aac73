//! End to end: the real programs on a private desktop with a real keychain, D-Bus, window and SDK
//! clients; only AWS is the sandbox. Tests carry the ids of HARDENING.md that they prove.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod bad_input;
mod cli;
mod clients;
mod clipboard;
mod desktop;
mod doctor;
mod feature_table;
mod hand_over;
mod keychain;
mod network;
mod notifications;
mod popup;
mod restart;
mod secrets;
mod set_up;
mod soak;
mod tray;
mod world;
