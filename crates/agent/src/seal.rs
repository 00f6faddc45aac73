//! Sealing what lies on disk: XChaCha20-Poly1305 with its nonce in front. The nonce is random, and
//! long enough that no two meet.

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use chacha20poly1305::{
    Key, KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use zeroize::Zeroizing;

/// The length of a key in bytes.
pub const KEY_LEN: usize = 32;
const NONCE_LEN: usize = 24;

/// A key to seal with. Wiped when dropped.
#[derive(Clone)]
pub struct SealingKey(Zeroizing<[u8; KEY_LEN]>);

/// The system gives no random numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoRandom;

impl SealingKey {
    /// Takes over a key.
    pub const fn new(key: Zeroizing<[u8; KEY_LEN]>) -> Self {
        Self(key)
    }

    /// Makes a new one.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn generate() -> Result<Self, NoRandom> {
        random().map(Zeroizing::new).map(Self)
    }

    /// Reads what [`Self::to_text`] wrote.
    pub fn from_text(text: &[u8]) -> Option<Self> {
        let bytes = BASE64.decode(text).map(Zeroizing::new).ok()?;
        let mut key = Zeroizing::new([0; KEY_LEN]);
        if bytes.len() != KEY_LEN {
            return None;
        }
        key.copy_from_slice(&bytes);
        Some(Self(key))
    }

    /// The key as text, because KWallet keeps nothing else.
    pub fn to_text(&self) -> Zeroizing<String> {
        Zeroizing::new(BASE64.encode(*self.0))
    }

    /// Seals bytes, bound to a context that is not secret and has to be the same when they are
    /// opened.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn seal(&self, bytes: &[u8], context: &[u8]) -> Result<Vec<u8>, NoRandom> {
        let nonce = random::<NONCE_LEN>()?;
        let payload = Payload {
            msg: bytes,
            aad: context,
        };
        let sealed = self
            .cipher()
            .encrypt(XNonce::from_slice(&nonce), payload)
            // Only for messages of more than 256 GiB.
            .map_err(|_| NoRandom)?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// Opens what was sealed with this key in this context, and nothing else.
    pub fn open(&self, sealed: &[u8], context: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE_LEN)?;
        let payload = Payload {
            msg: sealed,
            aad: context,
        };
        self.cipher()
            .decrypt(XNonce::from_slice(nonce), payload)
            .map(Zeroizing::new)
            .ok()
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(Key::from_slice(&*self.0))
    }
}

/// Random bytes from the system.
///
/// # Errors
/// When it gives none.
pub fn random<const N: usize>() -> Result<[u8; N], NoRandom> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| NoRandom)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_with_the_same_key_and_context_alone() {
        let key = SealingKey::generate().unwrap();
        let sealed = key.seal(b"session", b"here").unwrap();
        assert_eq!(*key.open(&sealed, b"here").unwrap(), b"session");
        assert!(key.open(&sealed, b"there").is_none());
        let other = SealingKey::generate().unwrap();
        assert!(other.open(&sealed, b"here").is_none());
        assert_ne!(sealed, key.seal(b"session", b"here").unwrap());
    }

    #[test]
    fn a_key_comes_back_from_its_text() {
        let key = SealingKey::generate().unwrap();
        let read = SealingKey::from_text(key.to_text().as_bytes()).unwrap();
        assert_eq!(*read.to_text(), *key.to_text());
        for bad in ["", "AAAA", "not base64", &key.to_text()[1..]] {
            assert!(SealingKey::from_text(bad.as_bytes()).is_none(), "{bad:?}");
        }
    }
}
