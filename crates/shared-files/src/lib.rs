//! The files that AWS calls the shared config and credentials files: where they are, what is in
//! them as botocore reads it, how to change them without touching a byte that is not ours, and how
//! to take over what a person has set up in them.
//!
//! No runtime and no clock. Nothing that is read here is ever run (T9).
#![cfg(unix)]

pub mod credentials;
pub mod file;
pub mod import;
pub mod ini;
mod locations;
pub mod plain_keys;
pub mod profiles;
mod traps;

pub use locations::Locations;
