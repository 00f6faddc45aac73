//! The user who asks AWS.

use daypass_agent::ports::Mfa;
use daypass_core::{
    arn::MfaSerial,
    secret::{AccessKey, Secret, TokenCode},
};

pub(crate) const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

pub(crate) fn key() -> AccessKey {
    AccessKey::parse("AKIAIOSFODNN7EXAMPLE", Secret::new(SECRET.to_owned())).unwrap()
}

pub(crate) fn mfa() -> Mfa {
    Mfa {
        serial: MfaSerial::parse("arn:aws:iam::111122223333:mfa/ada").unwrap(),
        code: TokenCode::parse("123456").unwrap(),
    }
}
