//! How Leapp encrypts its workspace: CryptoJS's AES with a passphrase, which is OpenSSL's oldest
//! form, and the passphrase is a hash of the machine's id (leapp: `file-service.ts`; npm:
//! `node-machine-id`).

use std::{fmt::Write, path::Path};

use aes::cipher::{BlockModeDecrypt, KeyIvInit, block_padding::Pkcs7};
use base64::{Engine, engine::general_purpose::STANDARD};
use md5::{Digest, Md5};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::file;

/// What `node-machine-id` makes of this machine's ids. It asks a program on other systems, which
/// we don't.
pub(super) fn machine_ids() -> Vec<String> {
    ["/var/lib/dbus/machine-id", "/etc/machine-id"]
        .into_iter()
        .filter_map(|path| file::read(Path::new(path)).ok()?)
        .map(|id| passphrase(&id))
        .collect()
}

pub(super) fn passphrase(machine_id: &str) -> String {
    let id: String = machine_id.split_whitespace().collect();
    let mut hex = String::new();
    for byte in Sha256::digest(id.to_lowercase().as_bytes()) {
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

/// Opens a workspace with the first passphrase that fits.
pub(super) fn open(text: &str, passphrases: &[String]) -> Option<Zeroizing<String>> {
    let bytes = STANDARD.decode(text.trim()).ok()?;
    let (salt, sealed) = bytes.strip_prefix(b"Salted__")?.split_at_checked(8)?;
    passphrases.iter().find_map(|passphrase| {
        let (key, iv) = key_and_iv(passphrase, salt);
        let cipher = cbc::Decryptor::<aes::Aes256>::new_from_slices(&key, &iv).ok()?;
        let plain = cipher.decrypt_padded_vec::<Pkcs7>(sealed).ok()?;
        // A wrong passphrase now and then ends in a good padding.
        String::from_utf8(plain)
            .ok()
            .map(Zeroizing::new)
            .filter(|plain| plain.starts_with('{'))
    })
}

/// OpenSSL's `EVP_BytesToKey` with MD5 and one round.
fn key_and_iv(passphrase: &str, salt: &[u8]) -> ([u8; 32], [u8; 16]) {
    let mut block = Md5::digest([passphrase.as_bytes(), salt].concat());
    let mut made = [0; 48];
    for part in made.chunks_exact_mut(16) {
        part.copy_from_slice(&block);
        let next = [block.as_slice(), passphrase.as_bytes(), salt].concat();
        block = Md5::digest(next);
    }
    let (mut key, mut iv) = ([0; 32], [0; 16]);
    key.copy_from_slice(made.first_chunk::<32>().unwrap_or(&[0; 32]));
    iv.copy_from_slice(made.last_chunk::<16>().unwrap_or(&[0; 16]));
    (key, iv)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Written by crypto-js 4.2.0, which Leapp uses.
    const SEALED: &str = include_str!("../../../tests/data/leapp-workspace.enc");
    const MACHINE_ID: &str = "00112233445566778899AABBCCDDEEFF\n";

    #[test]
    fn what_crypto_js_sealed_is_opened() {
        let passphrases = ["another".to_owned(), passphrase(MACHINE_ID)];
        let plain = open(SEALED, &passphrases).unwrap();
        let plain: serde_json::Value = serde_json::from_str(&plain).unwrap();
        let written = include_str!("../../../tests/data/leapp-workspace.json");
        let written: serde_json::Value = serde_json::from_str(written).unwrap();
        assert_eq!(plain, written);
        assert!(open(SEALED, &passphrases[..1]).is_none());
        assert!(open("U2FsdGVkX18=", &passphrases).is_none());
        assert!(open("not base64", &passphrases).is_none());
    }
}
