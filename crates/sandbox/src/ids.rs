//! Ids, secrets and tokens that look like AWS's and are the same in every run with the same seed.

use crate::hmac_sha::{hex, hmac_sha256};

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const ALPHANUMERIC: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// How AWS's session tokens begin: base64 of a version and "origin".
const TOKEN_PREFIX: &str = "IQoJb3JpZ2luX2Vj";

/// A counter that names things.
#[derive(Debug)]
pub(crate) struct Ids {
    seed: u64,
    counter: u64,
}

impl Ids {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, counter: 0 }
    }

    /// An id such as `ASIA...`: four letters that say what it is, then 16 of base32.
    pub(crate) fn unique(&mut self, prefix: &str) -> String {
        format!("{prefix}{}", self.text(BASE32, 16))
    }

    /// A secret access key.
    pub(crate) fn secret(&mut self) -> String {
        self.text(BASE64, 40)
    }

    /// A session token: AWS fixes no size, and uses several hundred characters.
    pub(crate) fn session_token(&mut self) -> String {
        format!("{TOKEN_PREFIX}{}", self.text(BASE64, 400))
    }

    /// Letters and digits, as at the end of a secret's ARN.
    pub(crate) fn letters(&mut self, length: usize) -> String {
        self.text(ALPHANUMERIC, length)
    }

    /// A token that is safe in a URL and in a cookie.
    pub(crate) fn opaque(&mut self) -> String {
        self.counter += 1;
        hex(&self.block(0)) + &hex(&self.block(1))
    }

    /// A request id: a UUID's shape.
    pub(crate) fn request(&mut self) -> String {
        self.counter += 1;
        let digits = hex(&self.block(0));
        let mut digits = digits.chars();
        [8, 4, 4, 4, 12]
            .map(|length| digits.by_ref().take(length).collect::<String>())
            .join("-")
    }

    fn text(&mut self, alphabet: &[u8], length: usize) -> String {
        self.counter += 1;
        (0_u32..)
            .flat_map(|index| self.block(index))
            .filter_map(|byte| alphabet.get(usize::from(byte) % alphabet.len()))
            .map(|letter| char::from(*letter))
            .take(length)
            .collect()
    }

    fn block(&self, index: u32) -> [u8; 32] {
        hmac_sha256(
            &self.seed.to_be_bytes(),
            format!("{}/{index}", self.counter).as_bytes(),
        )
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_ids() {
        let (mut one, mut two, mut other) = (Ids::new(1), Ids::new(1), Ids::new(2));
        let first = one.unique("ASIA");
        assert_eq!(first, two.unique("ASIA"));
        assert_ne!(first, other.unique("ASIA"));
    }

    #[test]
    fn ids_look_like_those_of_aws_and_never_repeat() {
        let mut ids = Ids::new(7);
        let keys: BTreeSet<String> = (0..500).map(|_| ids.unique("ASIA")).collect();
        assert_eq!(keys.len(), 500);
        assert!(keys.iter().all(|key| key.len() == 20));
        assert_eq!(ids.secret().len(), 40);
        assert_ne!(ids.session_token(), ids.session_token());
        let tokens: BTreeSet<String> = (0..50).map(|_| ids.opaque()).collect();
        assert_eq!(tokens.len(), 50);
        assert_eq!(ids.request().len(), 36);
    }
}
