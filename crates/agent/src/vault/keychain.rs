//! The OS keychain through keyring-core, with one native store per OS.

use std::sync::Arc;

use daypass_core::name::Name;
use keyring_core::{CredentialStore, Entry, Error};
#[cfg(not(target_os = "linux"))]
use zeroize::Zeroizing;

use super::item;
#[cfg(target_os = "linux")]
use super::service::secret;
use daypass_shared_files::import::ForeignKey;

use crate::{
    ports::{Vault, VaultError, VaultItem},
    seal::SealingKey,
};

/// The service under which items stand, next to the identity's name as the user.
pub(super) const SERVICE: &str = "daypass";
/// The user under which the data key stands. No identity can have that name: names do not begin
/// with a dash.
const DATA_KEY: &str = "-data-key";

/// The OS keychain. Connects anew for each call: the Secret Service may be restarted, and its
/// session with it (R10).
#[derive(Debug, Clone, Copy)]
pub struct Keychain;

impl Keychain {
    /// Makes a call, and once more where it was cut off: the service may have been restarted in
    /// the middle of it (R10). Nothing where there is no item. `stores` says whether one is to be.
    fn call<T>(
        user: &str,
        stores: bool,
        call: impl Fn(&Entry) -> Result<T, Error>,
    ) -> Result<Option<T>, VaultError> {
        let once = || {
            unlock(user, stores)?;
            let entry = native_store()?.build(SERVICE, user, None)?;
            call(&entry)
        };
        let result = match once() {
            Err(Error::PlatformFailure(_)) => once(),
            result => result,
        };
        match result {
            Ok(answer) => Ok(Some(answer)),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(explain(&error)),
        }
    }
}

impl Vault for Keychain {
    #[cfg(target_os = "linux")]
    fn probe(&self) -> Result<(), VaultError> {
        super::service::probe()
    }

    #[cfg(not(target_os = "linux"))]
    fn probe(&self) -> Result<(), VaultError> {
        native_store().map(drop).map_err(|error| explain(&error))
    }

    fn read(&self, identity: &Name) -> Result<Option<VaultItem>, VaultError> {
        let bytes = secret(identity.as_str())?;
        bytes.map(|bytes| item::decode(&bytes)).transpose()
    }

    fn write(&self, identity: &Name, item: &VaultItem) -> Result<(), VaultError> {
        let bytes = item::encode(item)?;
        let stored = Self::call(identity.as_str(), true, |entry| entry.set_secret(&bytes))?;
        stored.ok_or_else(not_taken)
    }

    fn delete(&self, identity: &Name) -> Result<(), VaultError> {
        Self::call(identity.as_str(), false, Entry::delete_credential).map(drop)
    }

    fn data_key(&self) -> Result<SealingKey, VaultError> {
        if let Some(text) = secret(DATA_KEY)? {
            return SealingKey::from_text(&text).ok_or_else(foreign_data_key);
        }
        let key = SealingKey::generate()?;
        let text = key.to_text();
        let stored = Self::call(DATA_KEY, true, |entry| entry.set_secret(text.as_bytes()))?;
        stored.map(|()| key).ok_or_else(not_taken)
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

#[cfg(not(target_os = "linux"))]
fn secret(user: &str) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
    Keychain::call(user, false, |entry| entry.get_secret().map(Zeroizing::new))
}

#[cfg(target_os = "linux")]
fn unlock(user: &str, stores: bool) -> Result<(), Error> {
    use secret_service::Error as Why;

    let unlocked = super::unlock::unlock(&super::service::attributes(user), stores);
    unlocked.map_err(|why| match why {
        Why::Locked | Why::Prompt => Error::NoStorageAccess(Box::new(why)),
        why => Error::PlatformFailure(Box::new(why)),
    })
}

#[cfg(not(target_os = "linux"))]
fn unlock(_: &str, _: bool) -> Result<(), Error> {
    Ok(())
}

#[cfg(target_os = "linux")]
fn lost(why: &(dyn std::error::Error + 'static)) -> VaultError {
    why.downcast_ref()
        .map_or(VaultError::Missing, super::service::explain)
}

#[cfg(not(target_os = "linux"))]
fn lost(_: &(dyn std::error::Error + 'static)) -> VaultError {
    VaultError::Missing
}

fn foreign_data_key() -> VaultError {
    VaultError::Failed(format!(
        "its item {SERVICE}/{DATA_KEY} is not one that Daypass wrote"
    ))
}

fn not_taken() -> VaultError {
    VaultError::Failed("it did not take the item".to_owned())
}

pub(super) fn several() -> VaultError {
    VaultError::Failed("it holds several items of that name".to_owned())
}

fn explain(error: &Error) -> VaultError {
    match error {
        Error::NoStorageAccess(_) => VaultError::Locked,
        // The store reports an absent, and a lost, bus or service this way.
        Error::PlatformFailure(why) => lost(&**why),
        Error::TooLong(what, limit) => {
            VaultError::Failed(format!("its limit for {what} is {limit}"))
        }
        Error::Ambiguous(_) => several(),
        // The remaining variants carry raw bytes of the item.
        _ => VaultError::Failed("its answer could not be read".to_owned()),
    }
}
