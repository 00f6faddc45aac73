//! Short texts that go into STS requests, checked before they are sent (AWS_RULES 3.1).

use serde::{Deserialize, Serialize};

use crate::problem::Problem;

macro_rules! checked_text {
    ($(#[$doc:meta])* $name:ident, $length:expr, $allowed:expr, $form:literal $(, $shape:expr)?) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Checks and takes the text.
            ///
            /// # Errors
            /// Names the field and the form it must have.
            pub fn parse(text: &str) -> Result<Self, Problem> {
                let fits = $length.contains(&text.len()) && text.bytes().all($allowed);
                $(let fits = fits && $shape(text);)?
                if !fits {
                    return Err(Problem::usage($form));
                }
                Ok(Self(text.to_owned()))
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = Problem;
            fn try_from(text: String) -> Result<Self, Problem> {
                Self::parse(&text)
            }
        }

        impl std::str::FromStr for $name {
            type Err = Problem;
            fn from_str(text: &str) -> Result<Self, Problem> {
                Self::parse(text)
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0
            }
        }
    };
}

checked_text!(
    /// The number of an AWS account.
    AccountId,
    (12..=12),
    |byte: u8| byte.is_ascii_digit(),
    "An AWS account's number has twelve digits, like 111122223333."
);

checked_text!(
    /// A role session's name: it shows in the console and in the other account's CloudTrail.
    SessionName,
    (2..=64),
    is_name_byte,
    "A session name has 2 to 64 letters, digits or any of _+=,.@- and no blanks."
);

checked_text!(
    /// The secret word that some trust policies require, against the confused deputy.
    ExternalId,
    (2..=1224),
    |byte| is_name_byte(byte) || matches!(byte, b':' | b'/'),
    "An external id has 2 to 1224 letters, digits or any of _+=,.@:/- and no blanks."
);

checked_text!(
    /// Who stands behind a session, through every role that is chained from it.
    SourceIdentity,
    (2..=64),
    is_name_byte,
    "A source identity has 2 to 64 letters, digits or any of _+=,.@- and no blanks."
);

checked_text!(
    /// The ARN of a managed policy that narrows a session.
    PolicyArn,
    (20..=2048),
    |byte| is_name_byte(byte) || matches!(byte, b':' | b'/'),
    "A policy's ARN looks like arn:aws:iam::aws:policy/ReadOnlyAccess."
);

checked_text!(
    /// A region such as `eu-west-1`: only what may stand in a host name.
    Region,
    (4..=32),
    |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-',
    "A region looks like eu-west-1.",
    is_region
);

checked_text!(
    /// The id of an access key. Not a secret: CloudTrail shows it.
    AccessKeyId,
    (16..=128),
    |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit(),
    "An access key id looks like AKIAIOSFODNN7EXAMPLE."
);

impl AccessKeyId {
    /// Whether the key is one of temporary credentials; those cannot be stored as an identity,
    /// and STS refuses them for GetSessionToken (AWS_RULES 3.3).
    pub fn is_temporary(&self) -> bool {
        self.0.starts_with("ASIA")
    }
}

/// Whether a text has the form that the patterns in AWS's own `partitions.json` share: two words
/// or more, and a number; or that of the SDKs' own `aws-global` and its like.
fn is_region(text: &str) -> bool {
    let parts: Vec<_> = text.split('-').collect();
    let [words @ .., last] = parts.as_slice() else {
        return false;
    };
    let is_word = |word: &&str| word.starts_with(|first: char| first.is_ascii_lowercase());
    let is_number = !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit());
    let ends = (is_number && words.len() >= 2) || (*last == "global" && !words.is_empty());
    ends && words.iter().all(is_word)
}

const fn is_name_byte(byte: u8) -> bool {
    matches!(byte, b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'_' | b'+' | b'=' | b',' | b'.' | b'@' | b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_those_of_the_sts_model() {
        assert!(SessionName::parse("ada@example.com").is_ok());
        assert!(SessionName::parse("a").is_err());
        assert!(SessionName::parse(&"a".repeat(65)).is_err());
        assert!(SessionName::parse("ada lovelace").is_err());
        assert!(SessionName::parse("adä").is_err());
        assert!(ExternalId::parse("deploy:2026/x").is_ok());
        assert!(ExternalId::parse("x").is_err());
        for region in [
            "eu-west-1",
            "us-gov-west-1",
            "us-isob-east-1",
            "eusc-de-east-1",
            "aws-global",
        ] {
            assert!(Region::parse(region).is_ok(), "{region}");
        }
        for region in [
            "eu-west-1.evil.test",
            "eu-west",
            "eu-1",
            "eu-west-",
            "eu-west-1a",
            "eu--1",
            "1-west-1",
            "global",
        ] {
            assert!(Region::parse(region).is_err(), "{region}");
        }
        assert!(AccessKeyId::parse("AKIAIOSFODNN7EXAMPLE").is_ok());
        assert!(AccessKeyId::parse("akia").is_err());
    }
}
