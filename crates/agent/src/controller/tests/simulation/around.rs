//! What else is around the agent: a keychain and a screen.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use daypass_core::{menu::Tray, name::Name, problem::Problem, secret::Secret, settings::Settings};
use daypass_shared_files::import::ForeignKey;

use super::events::Mood;
use crate::{
    ports::{Desktop, Notification, Topic, Vault, VaultError, VaultItem},
    seal::SealingKey,
};

#[derive(Default)]
struct Items {
    items: HashMap<Name, VaultItem>,
    error: Option<VaultError>,
}

/// A keychain.
#[derive(Clone, Default)]
pub(super) struct Keychain(Arc<Mutex<Items>>);

impl Keychain {
    fn items(&self) -> MutexGuard<'_, Items> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn put(&self, identity: Name, item: VaultItem) {
        self.items().items.insert(identity, item);
    }

    pub(super) fn is(&self, mood: Mood) {
        self.items().error = match mood {
            Mood::Answers | Mood::Hangs => None,
            Mood::Locked => Some(VaultError::Locked),
            Mood::Missing => Some(VaultError::Missing),
        };
    }

    fn opened(&self) -> Result<MutexGuard<'_, Items>, VaultError> {
        let items = self.items();
        match items.error.clone() {
            Some(error) => Err(error),
            None => Ok(items),
        }
    }
}

impl Vault for Keychain {
    fn read(&self, identity: &Name) -> Result<Option<VaultItem>, VaultError> {
        Ok(self.opened()?.items.get(identity).cloned())
    }

    fn write(&self, identity: &Name, item: &VaultItem) -> Result<(), VaultError> {
        self.opened()?.items.insert(identity.clone(), item.clone());
        Ok(())
    }

    fn delete(&self, identity: &Name) -> Result<(), VaultError> {
        self.opened()?.items.remove(identity);
        Ok(())
    }

    fn foreign_keys(&self) -> Result<Vec<ForeignKey>, VaultError> {
        Ok(Vec::new())
    }

    fn probe(&self) -> Result<(), VaultError> {
        self.opened().map(|_| ())
    }

    fn data_key(&self) -> Result<SealingKey, VaultError> {
        unreachable!("sessions are kept in memory only")
    }
}

/// What a screen has shown.
#[derive(Default)]
pub(super) struct Seen {
    /// How often the popup came to the front.
    pub(super) raised: usize,
    /// How often something was said of each topic.
    pub(super) said: HashMap<Topic, usize>,
    pub(super) copied: Vec<String>,
}

/// A screen.
#[derive(Clone, Default)]
pub(super) struct Screen(Arc<Mutex<Seen>>);

impl Screen {
    pub(super) fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Desktop for Screen {
    fn show_tray(&mut self, _: Tray) {}

    fn notify(&mut self, notification: Notification) {
        *self.seen().said.entry(notification.about).or_default() += 1;
    }

    fn withdraw(&mut self, _: &Topic) {}

    fn open_popup(&mut self) -> bool {
        self.seen().raised += 1;
        true
    }

    fn clear_clipboard(&mut self) {}

    fn open_browser(&mut self, _: &str) -> Result<(), Problem> {
        unreachable!("links are copied, so that no port is opened")
    }

    fn start(&mut self, _: &[String]) -> Result<(), Problem> {
        unreachable!("links are copied, and nobody asks for a terminal")
    }

    fn apply(&mut self, _: &Settings) {}

    fn copy(&mut self, secret: Secret, _: u16) -> Result<(), Problem> {
        self.seen().copied.push(secret.expose().to_owned());
        Ok(())
    }
}
