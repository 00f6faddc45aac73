//! What exists when the sandbox starts: accounts with their users, keys, devices and roles.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;

use crate::credentials::KeyStatus;
use crate::totp::base32;
use crate::trust::TrustPolicy;

/// The accounts that a sandbox starts with. The README describes the JSON.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seed {
    /// Changes every generated id, secret and token.
    #[serde(default)]
    pub(crate) id_seed: u64,
    /// How long, on the sandbox's clock, a new access key is not yet known everywhere.
    #[serde(default)]
    pub(crate) key_propagation_seconds: u32,
    pub(crate) accounts: Vec<SeedAccount>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SeedAccount {
    pub(crate) id: String,
    #[serde(default = "aws")]
    pub(crate) partition: String,
    #[serde(default)]
    pub(crate) root_access_keys: Vec<SeedKey>,
    #[serde(default)]
    pub(crate) users: Vec<SeedUser>,
    #[serde(default)]
    pub(crate) roles: Vec<SeedRole>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SeedUser {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) access_keys: Vec<SeedKey>,
    #[serde(default)]
    pub(crate) mfa_devices: Vec<SeedDevice>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SeedKey {
    pub(crate) id: String,
    pub(crate) secret: String,
    #[serde(default)]
    pub(crate) status: KeyStatus,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SeedDevice {
    pub(crate) serial: String,
    /// Base32, as a virtual device's QR code has it.
    pub(crate) seed: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SeedRole {
    pub(crate) name: String,
    #[serde(default = "one_hour")]
    pub(crate) max_session_duration: i64,
    /// A trust policy as IAM has it.
    pub(crate) trust: Value,
    /// Whether sessions of the role may change other people's access keys.
    #[serde(default)]
    pub(crate) may_manage_iam: bool,
}

/// Why a seed cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// Not the JSON that the README describes.
    #[error("the seed is not what was expected: {0}")]
    Json(#[from] serde_json::Error),
    /// The JSON says something that AWS would not have.
    #[error("{0}")]
    Content(String),
}

fn aws() -> String {
    "aws".to_owned()
}

fn one_hour() -> i64 {
    3600
}

impl Seed {
    /// The accounts that the README lists.
    pub fn builtin() -> Result<Self, SeedError> {
        Self::parse(include_str!("../seed.json"))
    }

    /// Reads a seed and checks it.
    pub fn parse(json: &str) -> Result<Self, SeedError> {
        let seed: Self = serde_json::from_str(json)?;
        seed.check()?;
        Ok(seed)
    }

    fn check(&self) -> Result<(), SeedError> {
        let mut names = BTreeSet::new();
        for account in &self.accounts {
            account.check(&mut names)?;
        }
        Ok(())
    }
}

impl SeedAccount {
    fn check(&self, names: &mut BTreeSet<String>) -> Result<(), SeedError> {
        let id = &self.id;
        ensure(
            id.len() == 12 && id.bytes().all(|b| b.is_ascii_digit()),
            || format!("account id '{id}' is not twelve digits"),
        )?;
        let partitions = ["aws", "aws-cn", "aws-us-gov", "aws-eusc"];
        ensure(partitions.contains(&self.partition.as_str()), || {
            format!("unknown partition '{}'", self.partition)
        })?;
        unique(names, &format!("account {id}"))?;
        for user in &self.users {
            unique(names, &format!("user {} of {id}", user.name))?;
            ensure(user.access_keys.len() <= 2, || {
                format!("user {} has more than two access keys", user.name)
            })?;
            for device in &user.mfa_devices {
                device.check(names)?;
            }
        }
        let users = self.users.iter().flat_map(|user| &user.access_keys);
        for key in self.root_access_keys.iter().chain(users) {
            key.check(names)?;
        }
        for role in &self.roles {
            unique(names, &format!("role {} of {id}", role.name))?;
            role.check()?;
        }
        Ok(())
    }
}

impl SeedKey {
    fn check(&self, names: &mut BTreeSet<String>) -> Result<(), SeedError> {
        let id = &self.id;
        let letters = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit();
        ensure(
            id.len() == 20 && id.starts_with("AKIA") && id.bytes().all(letters),
            || format!("access key id '{id}' is not AKIA and 16 capitals or digits"),
        )?;
        ensure(self.secret.len() == 40, || {
            format!("the secret of {id} does not have 40 characters")
        })?;
        unique(names, &format!("access key {id}"))
    }
}

impl SeedDevice {
    fn check(&self, names: &mut BTreeSet<String>) -> Result<(), SeedError> {
        let serial = &self.serial;
        let key = base32(&self.seed).filter(|key| key.len() >= 16);
        ensure(key.is_some(), || {
            format!("the seed of {serial} is not base32 of at least 16 bytes")
        })?;
        unique(names, &format!("device {serial}"))
    }
}

impl SeedRole {
    fn check(&self) -> Result<(), SeedError> {
        let name = &self.name;
        ensure(ROLE_DURATIONS.contains(&self.max_session_duration), || {
            format!("max_session_duration of {name} is not 3600 to 43200 seconds")
        })?;
        match TrustPolicy::parse(&self.trust) {
            Ok(_) => Ok(()),
            Err(reason) => Err(SeedError::Content(format!("trust of {name}: {reason}"))),
        }
    }
}

/// What IAM accepts as a role's MaxSessionDuration.
pub(crate) const ROLE_DURATIONS: std::ops::RangeInclusive<i64> = 3600..=43_200;

fn ensure(holds: bool, reason: impl FnOnce() -> String) -> Result<(), SeedError> {
    if holds {
        return Ok(());
    }
    Err(SeedError::Content(reason()))
}

fn unique(names: &mut BTreeSet<String>, name: &str) -> Result<(), SeedError> {
    ensure(names.insert(name.to_owned()), || {
        format!("{name} is there twice")
    })
}
