//! Where long-lived keys are kept: the OS keychain, or an encrypted file where a person chose it.

mod file;
#[cfg(target_os = "linux")]
mod foreign;
mod item;
mod keychain;
#[cfg(target_os = "linux")]
mod service;
mod thread;
#[cfg(target_os = "linux")]
mod unlock;

pub use file::FileVault;
pub use keychain::Keychain;
pub use thread::{Patience, VaultThread};

/// An item as the vault would give it back.
#[cfg(test)]
pub(crate) fn round_trip(item: &crate::ports::VaultItem) -> crate::ports::VaultItem {
    item::decode(&item::encode(item).unwrap()).unwrap()
}
