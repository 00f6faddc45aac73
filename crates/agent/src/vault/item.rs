//! The JSON text that a vault keeps per identity. Text, because KWallet keeps nothing else.

use daypass_core::{
    Instant,
    arn::MfaSerial,
    problem::Problem,
    secret::{AccessKey, Secret, wire},
};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::ports::{Rotation, VaultError, VaultItem};

#[derive(Serialize, Deserialize)]
struct Stored {
    access_key_id: String,
    #[serde(with = "wire")]
    secret_access_key: Secret,
    #[serde(default)]
    mfa_serials: Vec<MfaSerial>,
    #[serde(default)]
    user_arn: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    created_at: Option<Instant>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rotation: Option<StoredRotation>,
}

/// The other key of an unfinished rotation.
#[derive(Serialize, Deserialize)]
struct StoredRotation {
    /// Whether the other key is the new one; else it is the old one.
    created: bool,
    access_key_id: String,
    #[serde(with = "wire")]
    secret_access_key: Secret,
}

/// Writes an item as JSON.
pub(super) fn encode(item: &VaultItem) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let stored = Stored {
        access_key_id: item.key.id.as_str().to_owned(),
        secret_access_key: item.key.secret.clone(),
        mfa_serials: item.mfa_serials.clone(),
        user_arn: item.user_arn.clone(),
        created_at: item.created_at,
        rotation: item.rotation.as_ref().map(|rotation| {
            let (created, key) = match rotation {
                Rotation::Created(key) => (true, key),
                Rotation::Replaced(key) => (false, key),
            };
            StoredRotation {
                created,
                access_key_id: key.id.as_str().to_owned(),
                secret_access_key: key.secret.clone(),
            }
        }),
    };
    // Larger than any item, so that it does not grow and leave a copy behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(16 * 1024));
    serde_json::to_writer(&mut *bytes, &stored).map_err(|_| foreign())?;
    Ok(bytes)
}

/// Reads an item from JSON. Errors never quote the bytes.
pub(super) fn decode(bytes: &[u8]) -> Result<VaultItem, VaultError> {
    let stored: Stored = serde_json::from_slice(bytes).map_err(|_| foreign())?;
    let key =
        AccessKey::parse(&stored.access_key_id, stored.secret_access_key).map_err(|_| foreign())?;
    let rotation = stored.rotation.map(|stored| {
        let key = AccessKey::parse(&stored.access_key_id, stored.secret_access_key)?;
        Ok(if stored.created {
            Rotation::Created(key)
        } else {
            Rotation::Replaced(key)
        })
    });
    Ok(VaultItem {
        key,
        mfa_serials: stored.mfa_serials,
        user_arn: stored.user_arn,
        created_at: stored.created_at,
        rotation: rotation.transpose().map_err(|_: Problem| foreign())?,
    })
}

fn foreign() -> VaultError {
    VaultError::Failed("its item for this identity is not one that Daypass wrote".to_owned())
}
