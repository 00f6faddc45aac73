//! Secrets: no Debug, no Display, no Serialize, wiped when dropped (HARDENING P7).
//!
//! Only the socket protocol carries them, through [`wire`], named field by field.

use secrecy::{ExposeSecret, SecretString};

use crate::{Instant, field::AccessKeyId, problem::Problem};

/// A text that must not be seen: a secret access key, a session token, a sign-in URL.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Takes over a text.
    pub fn new(text: String) -> Self {
        Self(SecretString::from(text))
    }

    /// The text, for the one place that has to send it.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// A long-lived access key of an IAM user, from the keychain and only as long as a call takes.
#[derive(Clone)]
pub struct AccessKey {
    /// `AKIA…`, not a secret.
    pub id: AccessKeyId,
    /// Its secret.
    pub secret: Secret,
}

impl AccessKey {
    /// Checks the half that is no secret.
    ///
    /// # Errors
    /// When it cannot be one, or is that of a temporary key.
    pub fn parse_id(id: &str) -> Result<AccessKeyId, Problem> {
        let id = AccessKeyId::parse(id.trim())?;
        if id.is_temporary() {
            return Err(Problem::usage(
                "That is a temporary key (ASIA…). Daypass needs the long-lived one, which begins with AKIA.",
            ));
        }
        Ok(id)
    }

    /// Checks what a person typed or pasted.
    ///
    /// # Errors
    /// When either half cannot be what it should be, or the key is a temporary one.
    pub fn parse(id: &str, secret: Secret) -> Result<Self, Problem> {
        let id = Self::parse_id(id)?;
        let trimmed = secret.expose().trim();
        if trimmed.len() < 16
            || trimmed.len() > 128
            || !trimmed.bytes().all(|b| b.is_ascii_graphic())
        {
            return Err(Problem::usage(
                "That is not a secret access key. It has 40 letters, digits, + or /.",
            ));
        }
        let secret = Secret::new(trimmed.to_owned());
        Ok(Self { id, secret })
    }
}

/// Temporary credentials from STS.
#[derive(Clone)]
pub struct SessionCredentials {
    /// `ASIA…`, not a secret.
    pub access_key_id: String,
    /// Their secret.
    pub secret_access_key: Secret,
    /// The session token: opaque, of any length.
    pub session_token: Secret,
    /// When AWS stops taking them.
    pub expires_at: Instant,
}

/// The six digits from an MFA device. Text, because leading zeros matter.
#[derive(Clone)]
pub struct TokenCode(Secret);

impl TokenCode {
    /// Takes exactly six ASCII digits; blanks, which people copy along, are dropped.
    ///
    /// # Errors
    /// When anything else is left.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        if digits.len() != 6 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(Problem::usage(
                "A code has exactly six digits, as your MFA device shows them.",
            ));
        }
        Ok(Self(Secret::new(digits)))
    }

    /// The digits, for the one call that sends them.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

/// How the socket protocol carries a [`Secret`]: `#[serde(with = "wire")]` on the field, so that
/// every place that lets one through can be found.
pub mod wire {
    use serde::{Deserialize, Deserializer, Serializer};

    use super::Secret;

    /// Writes the secret into a frame.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(secret: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(secret.expose())
    }

    /// Reads a secret from a frame.
    ///
    /// # Errors
    /// Those of the deserializer.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Secret, D::Error> {
        String::deserialize(deserializer).map(Secret::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_six_ascii_digits() {
        assert_eq!(
            TokenCode::parse(" 012 345\n").map(|c| c.expose().to_owned()),
            Ok("012345".to_owned())
        );
        for bad in ["", "12345", "1234567", "12345a", "１２３４５６", "-12345"] {
            assert!(TokenCode::parse(bad).is_err(), "{bad:?} was taken");
        }
    }

    #[test]
    fn temporary_keys_are_refused_as_identities() {
        let problem = AccessKey::parse("ASIAIOSFODNN7EXAMPLE", Secret::new("x".repeat(40)))
            .err()
            .map(|p| p.what);
        assert!(problem.is_some_and(|what| what.contains("AKIA")));
    }

    /// Compiles only while a type has none of these traits: were one there, it would not be clear
    /// whose `item` is meant.
    macro_rules! has_none_of {
        ($type:ty: $($trait:path),+) => {{
            trait Unclear<Which> {
                fn item() {}
            }
            impl<T: ?Sized> Unclear<()> for T {}
            $({
                struct This;
                impl<T: ?Sized + $trait> Unclear<This> for T {}
            })+
            <$type as Unclear<_>>::item();
        }};
    }

    macro_rules! cannot_be_shown {
        ($($type:ty),+) => {
            $(has_none_of!(
                $type: std::fmt::Debug, std::fmt::Display, std::fmt::LowerHex, ToString,
                serde::Serialize
            );)+
        };
    }

    /// P7: this compiles.
    #[test]
    fn p7_no_type_with_a_secret_can_be_shown() {
        cannot_be_shown!(Secret, AccessKey, SessionCredentials, TokenCode);
        cannot_be_shown!(crate::session::Session);
    }

    /// P7, T18: a secret in a log line or a serialised struct does not compile.
    #[test]
    fn p7_secrets_cannot_be_printed_or_serialised() {
        trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
    }
}
