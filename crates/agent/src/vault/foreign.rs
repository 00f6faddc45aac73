//! Keys that other programs keep in the Secret Service. Only their own collections and items are
//! read, and only when a person imports.

use std::collections::HashMap;

use daypass_core::secret::Secret;
use daypass_shared_files::import::{
    AWS_VAULT_COLLECTION, ForeignKey, GRANTED_COLLECTION, LEAPP_SERVICE, Program,
};
use secret_service::{
    EncryptionType, Error,
    blocking::{Collection, Item, SecretService},
};
use zeroize::Zeroizing;

use super::service::explain;
use crate::ports::VaultError;

/// The keys of aws-vault, Granted and Leapp.
pub(super) fn keys() -> Result<Vec<ForeignKey>, VaultError> {
    let service = SecretService::connect(EncryptionType::Dh).map_err(|error| explain(&error))?;
    let mut keys = Vec::new();
    for collection in service
        .get_all_collections()
        .map_err(|error| explain(&error))?
    {
        let program = match collection.get_label().unwrap_or_default().as_str() {
            AWS_VAULT_COLLECTION => Program::AwsVault,
            GRANTED_COLLECTION => Program::Granted,
            _ => continue,
        };
        keys.extend(keys_in(&collection, program).map_err(|error| explain(&error))?);
    }
    keys.extend(leapps(&service).map_err(|error| explain(&error))?);
    Ok(keys)
}

fn keys_in(collection: &Collection<'_>, program: Program) -> Result<Vec<ForeignKey>, Error> {
    collection
        .ensure_unlocked()
        .or_else(|_| collection.unlock())?;
    let mut keys = Vec::new();
    for item in collection.get_all_items()? {
        if let Some(content) = content(&item) {
            keys.extend(ForeignKey::from_keyring(
                program,
                &item.get_label()?,
                &content,
            ));
        }
    }
    Ok(keys)
}

fn leapps(service: &SecretService<'_>) -> Result<Vec<ForeignKey>, Error> {
    let found = service.search_items(HashMap::from([("service", LEAPP_SERVICE)]))?;
    let mut items = Vec::new();
    for item in found.unlocked.iter().chain(&found.locked) {
        item.ensure_unlocked().or_else(|_| item.unlock())?;
        let account = item.get_attributes()?.remove("account");
        if let (Some(account), Some(content)) = (account, content(item)) {
            items.push((account, content));
        }
    }
    Ok(ForeignKey::from_leapp(&items))
}

/// What is not text is not ours to understand.
fn content(item: &Item<'_>) -> Option<Secret> {
    let bytes = Zeroizing::new(item.get_secret().ok()?);
    std::str::from_utf8(&bytes)
        .ok()
        .map(|text| Secret::new(text.to_owned()))
}
