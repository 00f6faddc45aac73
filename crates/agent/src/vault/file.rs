//! The encrypted-file vault, for machines without a keychain. Chosen explicitly, never silently
//! (T25).
//!
//! One JSON file: Argon2id (RFC 9106) makes a key from the passphrase, XChaCha20-Poly1305 seals
//! each item with the identity's name as associated data.

use std::{collections::BTreeMap, fs, io, path::PathBuf};

use argon2::{Algorithm, Argon2, Params, Version};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use daypass_core::{name::Name, secret::Secret};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::item;
use crate::{
    ports::{Vault, VaultError, VaultItem},
    seal::{self, SealingKey},
};
use daypass_shared_files::{file, import::ForeignKey};

const VERSION: u32 = 1;
const SALT_LEN: usize = 16;
/// RFC 9106, second recommended option: 64 MiB, 3 passes, 4 lanes.
const MEMORY_KIB: u32 = 64 * 1024;
const PASSES: u32 = 3;
const LANES: u32 = 4;
/// The name under which a sealed empty item proves the passphrase, even with no identity stored.
/// No identity can have it: names do not begin with a dash.
const PROOF: &str = "-proof";
/// The name under which the data key stands, which no identity can have either.
const DATA_KEY: &str = "-data-key";

/// The encrypted-file vault, opened.
pub struct FileVault {
    path: PathBuf,
    key: SealingKey,
    salt: String,
}

#[derive(Serialize, Deserialize)]
struct Sealed {
    version: u32,
    salt: String,
    items: BTreeMap<String, String>,
}

impl FileVault {
    /// Opens the file with its passphrase, or makes a new one.
    ///
    /// # Errors
    /// When the passphrase is wrong, or the file is damaged or of a newer version.
    pub fn open(path: PathBuf, passphrase: &Secret) -> Result<Self, VaultError> {
        if let Some(sealed) = load(&path)? {
            let vault = Self::derive(path, passphrase, sealed.salt)?;
            let proof = sealed.items.get(PROOF).ok_or_else(damaged)?;
            vault
                .unseal(PROOF, proof)
                .map_err(|_| VaultError::Failed("the passphrase is wrong".to_owned()))?;
            return Ok(vault);
        }
        let vault = Self::derive(path, passphrase, BASE64.encode(seal::random::<SALT_LEN>()?))?;
        let proof = vault.seal(PROOF, b"")?;
        vault.store(BTreeMap::from([(PROOF.to_owned(), proof)]))?;
        Ok(vault)
    }

    fn derive(path: PathBuf, passphrase: &Secret, salt: String) -> Result<Self, VaultError> {
        let raw_salt = BASE64.decode(&salt).map_err(|_| damaged())?;
        let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|_| damaged())?;
        let mut key = Zeroizing::new([0_u8; seal::KEY_LEN]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(passphrase.expose().as_bytes(), &raw_salt, &mut *key)
            .map_err(|_| damaged())?;
        Ok(Self {
            path,
            key: SealingKey::new(key),
            salt,
        })
    }

    fn seal(&self, name: &str, bytes: &[u8]) -> Result<String, VaultError> {
        let sealed = self.key.seal(bytes, name.as_bytes())?;
        Ok(BASE64.encode(sealed))
    }

    fn unseal(&self, name: &str, text: &str) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let sealed = BASE64.decode(text).map_err(|_| damaged())?;
        self.key.open(&sealed, name.as_bytes()).ok_or_else(damaged)
    }

    fn items(&self) -> Result<BTreeMap<String, String>, VaultError> {
        let sealed = load(&self.path)?.ok_or_else(damaged)?;
        if sealed.salt != self.salt {
            return Err(VaultError::Failed(
                "its file was replaced while Daypass ran; restart Daypass".to_owned(),
            ));
        }
        Ok(sealed.items)
    }

    fn store(&self, items: BTreeMap<String, String>) -> Result<(), VaultError> {
        let sealed = Sealed {
            version: VERSION,
            salt: self.salt.clone(),
            items,
        };
        let text = serde_json::to_string_pretty(&sealed).map_err(|_| damaged())?;
        file::replace(&self.path, text.as_bytes())
            .map_err(|problem| VaultError::Failed(problem.what.trim_end_matches('.').to_owned()))
    }
}

impl Vault for FileVault {
    fn probe(&self) -> Result<(), VaultError> {
        self.items().map(drop)
    }

    fn read(&self, identity: &Name) -> Result<Option<VaultItem>, VaultError> {
        let name = identity.as_str();
        let Some(text) = self.items()?.remove(name) else {
            return Ok(None);
        };
        let bytes = self.unseal(name, &text)?;
        item::decode(&bytes).map(Some)
    }

    fn write(&self, identity: &Name, item: &VaultItem) -> Result<(), VaultError> {
        let name = identity.as_str();
        let sealed = self.seal(name, &item::encode(item)?)?;
        let mut items = self.items()?;
        items.insert(name.to_owned(), sealed);
        self.store(items)
    }

    fn delete(&self, identity: &Name) -> Result<(), VaultError> {
        let mut items = self.items()?;
        items.remove(identity.as_str());
        self.store(items)
    }

    fn foreign_keys(&self) -> Result<Vec<ForeignKey>, VaultError> {
        Ok(Vec::new())
    }

    fn data_key(&self) -> Result<SealingKey, VaultError> {
        let mut items = self.items()?;
        if let Some(text) = items.get(DATA_KEY) {
            let bytes = self.unseal(DATA_KEY, text)?;
            return SealingKey::from_text(&bytes).ok_or_else(damaged);
        }
        let key = SealingKey::generate()?;
        let sealed = self.seal(DATA_KEY, key.to_text().as_bytes())?;
        items.insert(DATA_KEY.to_owned(), sealed);
        self.store(items)?;
        Ok(key)
    }
}

fn load(path: &std::path::Path) -> Result<Option<Sealed>, VaultError> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unwritten(&error)),
    };
    let sealed: Sealed = serde_json::from_slice(&bytes).map_err(|_| damaged())?;
    if sealed.version != VERSION {
        return Err(VaultError::Failed(
            "its file is from a newer version of Daypass".to_owned(),
        ));
    }
    Ok(Some(sealed))
}

fn damaged() -> VaultError {
    VaultError::Failed(
        "its file is damaged; restore it from a backup, or move it away and add your keys again"
            .to_owned(),
    )
}

fn unwritten(error: &io::Error) -> VaultError {
    VaultError::Failed(format!(
        "its file cannot be read or written ({})",
        error.kind()
    ))
}

#[cfg(test)]
mod tests {
    use daypass_core::secret::AccessKey;

    use super::*;

    fn item() -> VaultItem {
        let secret = Secret::new("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned());
        VaultItem {
            key: AccessKey::parse("AKIAIOSFODNN7EXAMPLE", secret).unwrap(),
            mfa_serials: Vec::new(),
            created_at: None,
            rotation: None,
            user_arn: "arn:aws:iam::111122223333:user/ada".to_owned(),
        }
    }

    #[test]
    fn keys_come_back_with_the_passphrase_and_only_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("vault.json");
        let open =
            |passphrase: &str| FileVault::open(path.clone(), &Secret::new(passphrase.to_owned()));
        let work = Name::parse("work").unwrap();

        open("correct horse")
            .unwrap()
            .write(&work, &item())
            .unwrap();
        let text = fs::read_to_string(&path).unwrap();
        assert!(!text.contains("wJalrXUtnFEMI"), "the secret is in the file");

        let vault = open("correct horse").unwrap();
        let read = vault.read(&work).unwrap().unwrap();
        assert_eq!(read.key.secret.expose(), item().key.secret.expose());
        assert!(open("wrong").is_err());

        // An item moved under another name does not open: the name is sealed with it.
        fs::write(&path, text.replace("\"work\"", "\"home\"")).unwrap();
        assert!(vault.read(&Name::parse("home").unwrap()).is_err());

        fs::write(&path, &text).unwrap();
        vault.delete(&work).unwrap();
        assert!(vault.read(&work).unwrap().is_none());
    }

    #[test]
    fn the_data_key_is_made_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("vault.json");
        let open = || FileVault::open(path.clone(), &Secret::new("correct horse".to_owned()));
        let made = open().unwrap().data_key().unwrap();
        let read = open().unwrap().data_key().unwrap();
        assert_eq!(*made.to_text(), *read.to_text());
        let text = fs::read_to_string(&path).unwrap();
        assert!(!text.contains(&*made.to_text()), "it is in the file");
    }
}
