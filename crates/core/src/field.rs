//! Short texts that go into STS requests, checked before they are sent (AWS_RULES 3.1).

use serde::{Deserialize, Serialize};

use crate::problem::Problem;

macro_rules! checked_text {
    ($(#[$doc:meta])* $name:ident, $length:expr, $allowed:expr, $form:literal) => {
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
                if !$length.contains(&text.len()) || !text.bytes().all($allowed) {
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
    "A region looks like eu-west-1."
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
        assert!(Region::parse("eu-west-1").is_ok());
        assert!(Region::parse("eu-west-1.evil.test").is_err());
        assert!(AccessKeyId::parse("AKIAIOSFODNN7EXAMPLE").is_ok());
        assert!(AccessKeyId::parse("akia").is_err());
    }
}
