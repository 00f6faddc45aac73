//! The real program against an agent of the test's own: what it asks, what it says, and what the
//! commands that it starts see.
#![cfg(target_os = "linux")]

mod asking;
mod completions;
mod container;
mod env;
mod exec;
mod output;
mod project;
mod terminal;
mod world;
