//! The encrypted-file vault, for machines without a keychain. Chosen explicitly, never silently
//! (T25).
//!
//! One JSON file: Argon2id (RFC 9106) makes a key from the passphrase, XChaCha20-Poly1305 seals
//! each item with the identity's name as associated data.

use std::{collections::BTreeMap, fs, io, path::PathBuf};

use argon2::{Algorithm, Argon2, Params, Version};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use chacha20poly1305::{
    Key, KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use daypass_core::{name::Name, secret::Secret};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::item;
use crate::{
    config_file::replace_file,
    ports::{Vault, VaultError, VaultItem},
};
use daypass_shared_files::import::ForeignKey;

const VERSION: u32 = 1;
const SALT_LEN: usize = 16;
const NONCE_LEN: usize = 24;
/// RFC 9106, second recommended option: 64 MiB, 3 passes, 4 lanes.
const MEMORY_KIB: u32 = 64 * 1024;
const PASSES: u32 = 3;
const LANES: u32 = 4;
/// The name under which a sealed empty item proves the passphrase, even with no identity stored.
/// No identity can have it: names do not begin with a dash.
const PROOF: &str = "-proof";

/// The encrypted-file vault, opened.
pub struct FileVault {
    path: PathBuf,
    cipher: XChaCha20Poly1305,
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
        let vault = Self::derive(path, passphrase, BASE64.encode(random::<SALT_LEN>()?))?;
        let proof = vault.seal(PROOF, b"")?;
        vault.store(BTreeMap::from([(PROOF.to_owned(), proof)]))?;
        Ok(vault)
    }

    fn derive(path: PathBuf, passphrase: &Secret, salt: String) -> Result<Self, VaultError> {
        let raw_salt = BASE64.decode(&salt).map_err(|_| damaged())?;
        let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|_| damaged())?;
        let mut key = Zeroizing::new([0_u8; 32]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(passphrase.expose().as_bytes(), &raw_salt, &mut *key)
            .map_err(|_| damaged())?;
        Ok(Self {
            path,
            cipher: XChaCha20Poly1305::new(Key::from_slice(&*key)),
            salt,
        })
    }

    fn seal(&self, name: &str, bytes: &[u8]) -> Result<String, VaultError> {
        let nonce = random::<NONCE_LEN>()?;
        let payload = Payload {
            msg: bytes,
            aad: name.as_bytes(),
        };
        let sealed = self
            .cipher
            .encrypt(XNonce::from_slice(&nonce), payload)
            .map_err(|_| damaged())?;
        Ok(BASE64.encode([nonce.as_slice(), &sealed].concat()))
    }

    fn unseal(&self, name: &str, text: &str) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let bytes = BASE64.decode(text).map_err(|_| damaged())?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE_LEN).ok_or_else(damaged)?;
        let payload = Payload {
            msg: sealed,
            aad: name.as_bytes(),
        };
        self.cipher
            .decrypt(XNonce::from_slice(nonce), payload)
            .map(Zeroizing::new)
            .map_err(|_| damaged())
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
        replace_file(&self.path, text.as_bytes()).map_err(|error| unwritten(&error))
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

fn random<const N: usize>() -> Result<[u8; N], VaultError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)
        .map_err(|_| VaultError::Failed("the system gives no random numbers".to_owned()))?;
    Ok(bytes)
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
}
