//! The Secret Service where the keychain's store has no words for it: what state it is in, and what
//! its errors mean.

use std::collections::HashMap;

use secret_service::{EncryptionType, Error, blocking::SecretService};
use zbus::blocking::{Connection, fdo::DBusProxy};
use zeroize::Zeroizing;

use super::{
    keychain::{SERVICE, several},
    unlock::{NAME, unlock},
};
use crate::ports::VaultError;

/// Whether the service is there and our items in it are unlocked. No prompt comes up, and no
/// program is started: a keychain that is being replaced would be in the way of its successor.
pub(super) fn probe() -> Result<(), VaultError> {
    if !runs().map_err(|error| explain(&error.into()))? {
        return Err(VaultError::Failed("it is not running".to_owned()));
    }
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

/// Whether the service runs. One that the bus does not know how to start is none.
fn runs() -> zbus::Result<bool> {
    let connection = Connection::session()?;
    let bus = DBusProxy::new(&connection)?;
    if bus.name_has_owner(NAME.try_into()?)? {
        return Ok(true);
    }
    let startable = bus.list_activatable_names()?;
    match startable.iter().any(|name| name.as_str() == NAME) {
        true => Ok(false),
        false => Err(zbus::Error::InterfaceNotFound),
    }
}

/// The secret of an identity's item, once a person has unlocked it where that is needed. Without
/// the store: it would show a prompt of its own if the keychain was restarted in between.
pub(super) fn secret(user: &str) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
    let attributes = attributes(user);
    let once = || {
        unlock(&attributes, false)?;
        let service = SecretService::connect(EncryptionType::Dh)?;
        let found = service.search_items(attributes.clone())?;
        match (found.unlocked.as_slice(), found.locked.as_slice()) {
            ([], []) => Ok(Ok(None)),
            ([item], []) => item
                .get_secret()
                .map(|bytes| Ok(Some(Zeroizing::new(bytes)))),
            ([], _) => Err(Error::Locked),
            _ => Ok(Err(several())),
        }
    };
    let result = match once() {
        // Cut off, perhaps by a restart.
        Err(error) if explain(&error) != VaultError::Locked => once(),
        result => result,
    };
    result.map_err(|error| explain(&error))?
}

/// What the store gives its items.
pub(super) fn attributes(user: &str) -> HashMap<&str, &str> {
    HashMap::from([("service", SERVICE), ("username", user)])
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
