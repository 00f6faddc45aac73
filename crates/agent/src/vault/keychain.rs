//! The OS keychain through keyring-core, with one native store per OS.

use std::sync::Arc;

use daypass_core::name::Name;
use keyring_core::{CredentialStore, Entry, Error};
use zeroize::Zeroizing;

use super::item;
use daypass_shared_files::import::ForeignKey;

use crate::{
    ports::{Vault, VaultError, VaultItem},
    seal::SealingKey,
};

/// The service under which items stand, next to the identity's name as the user.
const SERVICE: &str = "daypass";
/// The user under which the data key stands. No identity can have that name: names do not begin
/// with a dash.
const DATA_KEY: &str = "-data-key";

/// The OS keychain. Connects anew for each call: the Secret Service may be restarted, and its
/// session with it (R10).
#[derive(Debug, Clone, Copy)]
pub struct Keychain;

impl Keychain {
    fn entry(user: &str) -> Result<Entry, VaultError> {
        native_store()
            .and_then(|store| store.build(SERVICE, user, None))
            .map_err(|error| explain(&error))
    }
}

impl Vault for Keychain {
    fn read(&self, identity: &Name) -> Result<Option<VaultItem>, VaultError> {
        match Self::entry(identity.as_str())?
            .get_secret()
            .map(Zeroizing::new)
        {
            Ok(bytes) => item::decode(&bytes).map(Some),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(explain(&error)),
        }
    }

    fn write(&self, identity: &Name, item: &VaultItem) -> Result<(), VaultError> {
        let bytes = item::encode(item)?;
        Self::entry(identity.as_str())?
            .set_secret(&bytes)
            .map_err(|error| explain(&error))
    }

    fn delete(&self, identity: &Name) -> Result<(), VaultError> {
        match Self::entry(identity.as_str())?.delete_credential() {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(explain(&error)),
        }
    }

    fn data_key(&self) -> Result<SealingKey, VaultError> {
        let entry = Self::entry(DATA_KEY)?;
        match entry.get_secret().map(Zeroizing::new) {
            Ok(text) => SealingKey::from_text(&text).ok_or_else(foreign_data_key),
            Err(Error::NoEntry) => {
                let key = SealingKey::generate()?;
                entry
                    .set_secret(key.to_text().as_bytes())
                    .map_err(|error| explain(&error))?;
                Ok(key)
            }
            Err(error) => Err(explain(&error)),
        }
    }

    #[cfg(target_os = "linux")]
    fn foreign_keys(&self) -> Result<Vec<ForeignKey>, VaultError> {
        super::foreign::keys()
    }

    #[cfg(not(target_os = "linux"))]
    fn foreign_keys(&self) -> Result<Vec<ForeignKey>, VaultError> {
        Ok(Vec::new())
    }
}

#[cfg(target_os = "linux")]
fn native_store() -> Result<Arc<CredentialStore>, Error> {
    Ok(zbus_secret_service_keyring_store::Store::new()?)
}

#[cfg(target_os = "macos")]
fn native_store() -> Result<Arc<CredentialStore>, Error> {
    Ok(apple_native_keyring_store::keychain::Store::new()?)
}

#[cfg(windows)]
fn native_store() -> Result<Arc<CredentialStore>, Error> {
    Ok(windows_native_keyring_store::Store::new()?)
}

fn foreign_data_key() -> VaultError {
    VaultError::Failed(format!(
        "its item {SERVICE}/{DATA_KEY} is not one that Daypass wrote"
    ))
}

fn explain(error: &Error) -> VaultError {
    match error {
        Error::NoStorageAccess(_) => VaultError::Locked,
        // The store reports an absent bus or service this way; its text names D-Bus, not secrets.
        Error::PlatformFailure(_) => VaultError::Missing,
        Error::TooLong(what, limit) => {
            VaultError::Failed(format!("its limit for {what} is {limit}"))
        }
        Error::Ambiguous(_) => VaultError::Failed("it holds several items of that name".to_owned()),
        // The remaining variants carry raw bytes of the item.
        _ => VaultError::Failed("its answer could not be read".to_owned()),
    }
}
