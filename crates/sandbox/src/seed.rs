//! What exists when the sandbox starts: accounts with their users, keys, devices and roles.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

use crate::credentials::KeyStatus;
use crate::totp::base32;

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
    /// The account's own managed policies by name.
    #[serde(default)]
    pub(crate) policies: BTreeMap<String, Value>,
    #[serde(default)]
    pub(crate) root_access_keys: Vec<SeedKey>,
    #[serde(default)]
    pub(crate) users: Vec<SeedUser>,
    #[serde(default)]
    pub(crate) roles: Vec<SeedRole>,
    #[serde(default)]
    pub(crate) secrets: Vec<SeedSecret>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SeedUser {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) access_keys: Vec<SeedKey>,
    #[serde(default)]
    pub(crate) mfa_devices: Vec<SeedDevice>,
    #[serde(default)]
    pub(crate) policies: Vec<SeedPolicy>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SeedKey {
    pub(crate) id: String,
    pub(crate) secret: String,
    #[serde(default)]
    pub(crate) status: KeyStatus,
    /// How long before the start it was made.
    #[serde(default)]
    pub(crate) age_days: u32,
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
    #[serde(default)]
    pub(crate) policies: Vec<SeedPolicy>,
}

/// A secret, the same in each of its regions.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SeedSecret {
    pub(crate) name: String,
    pub(crate) regions: Vec<String>,
    #[serde(default)]
    pub(crate) description: Option<String>,
    /// The first version; none for a secret that was never filled.
    #[serde(default)]
    pub(crate) value: Option<String>,
    /// A resource-based policy.
    #[serde(default)]
    pub(crate) policy: Option<Value>,
}

/// An identity-based policy.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum SeedPolicy {
    /// Managed: AWS's or the account's.
    Arn(String),
    Inline(Value),
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
        for secret in &self.secrets {
            for region in &secret.regions {
                let name = format!("secret {} of {id} in {region}", secret.name);
                unique(names, &name)?;
            }
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
        ensure(self.age_days <= MAX_AGE_DAYS, || {
            format!("{id} is older than {MAX_AGE_DAYS} days")
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
        })
    }
}

/// No access key is older than IAM, by far.
pub(crate) const MAX_AGE_DAYS: u32 = 10_000;

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
