//! The Secret Service where the keychain's store has no words for it: what state it is in, and what
//! its errors mean.

use std::collections::HashMap;

use secret_service::{EncryptionType, Error, blocking::SecretService};

use super::keychain::SERVICE;
use crate::ports::VaultError;

/// Whether the service is there and our items in it are unlocked. No prompt comes up.
pub(super) fn probe() -> Result<(), VaultError> {
    let look = || {
        let service = SecretService::connect(EncryptionType::Plain)?;
        let ours = service.search_items(HashMap::from([("service", SERVICE)]))?;
        Ok(ours.locked.is_empty())
    };
    match look().map_err(|error| explain(&error))? {
        true => Ok(()),
        false => Err(VaultError::Locked),
    }
}

/// What an error means. Its text names D-Bus, not secrets.
pub(super) fn explain(error: &Error) -> VaultError {
    match error {
        Error::Locked | Error::Prompt => VaultError::Locked,
        Error::Unavailable => VaultError::Missing,
        Error::PromptDisconnected => cut_off(),
        // The bus answers in the place of a service that ended while it was asked, or whose
        // successor does not know the session.
        Error::Zbus(_) | Error::ZbusFdo(_) => match error.to_string() {
            text if CUT_OFF.iter().any(|name| text.contains(name)) => cut_off(),
            _ => VaultError::Missing,
        },
        _ => VaultError::Failed("its answer could not be read".to_owned()),
    }
}

const CUT_OFF: [&str; 4] = ["NoReply", "NoSession", "NoSuchObject", "UnknownObject"];

fn cut_off() -> VaultError {
    VaultError::Failed("it was ended or restarted while it was asked".to_owned())
}
