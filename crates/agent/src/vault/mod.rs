//! Where long-lived keys are kept: the OS keychain, or an encrypted file where a person chose it.

mod file;
mod item;
mod keychain;
mod thread;

pub use file::FileVault;
pub use keychain::Keychain;
pub use thread::{Patience, VaultThread};
