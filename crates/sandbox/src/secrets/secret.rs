//! A secret, its versions and their staging labels.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use crate::credentials::Account;
use crate::error::AwsError;
use crate::policy::Policy;

pub(super) const CURRENT: &str = "AWSCURRENT";
const PREVIOUS: &str = "AWSPREVIOUS";

/// How many versions are kept, and how many there may be of a day.
const MAX_VERSIONS: usize = 100;

/// A secret in one region.
#[derive(Debug)]
pub(crate) struct Secret {
    pub(crate) arn: String,
    pub(crate) account: Account,
    pub(crate) region: String,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) policy: Option<Policy>,
    /// Oldest first.
    pub(crate) versions: Vec<Version>,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) changed_at: DateTime<Utc>,
    /// The day of the last GetSecretValue.
    pub(crate) accessed_on: Option<DateTime<Utc>>,
    pub(crate) deletion: Option<Deletion>,
}

/// A deletion that is not yet final.
#[derive(Debug)]
pub(crate) struct Deletion {
    pub(crate) ordered_at: DateTime<Utc>,
    pub(crate) final_at: DateTime<Utc>,
}

/// A value with its labels.
#[derive(Debug)]
pub(crate) struct Version {
    pub(crate) id: String,
    pub(crate) value: SecretValue,
    pub(crate) stages: BTreeSet<String>,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) accessed_on: Option<DateTime<Utc>>,
}

/// What is kept secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SecretValue {
    Text(String),
    /// In base64, as it is sent.
    Binary(String),
}

impl SecretValue {
    /// Adds the field that carries it.
    pub(super) fn write_to(&self, answer: &mut Map<String, Value>) {
        let (field, value) = match self {
            Self::Text(text) => ("SecretString", text),
            Self::Binary(base64) => ("SecretBinary", base64),
        };
        answer.insert(field.to_owned(), json!(value));
    }
}

impl Secret {
    /// Whether a `SecretId` means this one: its name, its ARN, or its ARN without the six letters at the end.
    pub(super) fn is_called(&self, id: &str) -> bool {
        let partial = self.arn.rsplit_once('-').map(|(partial, _)| partial);
        id == self.name || id == self.arn || Some(id) == partial
    }

    /// Whether a deletion has become final.
    pub(super) fn is_gone(&self, now: DateTime<Utc>) -> bool {
        self.deletion
            .as_ref()
            .is_some_and(|deletion| deletion.final_at <= now)
    }

    /// Itself, unless it is marked for deletion.
    pub(super) fn in_use(&mut self) -> Result<&mut Self, AwsError> {
        if self.deletion.is_some() {
            return Err(AwsError::secret_marked_for_deletion());
        }
        Ok(self)
    }

    pub(super) fn version(&self, id: &str) -> Option<&Version> {
        self.versions.iter().find(|version| version.id == id)
    }

    pub(super) fn version_at(&self, stage: &str) -> Option<&Version> {
        self.versions
            .iter()
            .find(|version| version.stages.contains(stage))
    }

    /// Adds a version and moves its labels to it; a label is at one version only.
    pub(crate) fn add_version(
        &mut self,
        id: String,
        value: SecretValue,
        mut stages: BTreeSet<String>,
        now: DateTime<Utc>,
    ) -> Result<(), AwsError> {
        self.forget_old_versions(now)?;
        if stages.is_empty() || self.versions.is_empty() {
            stages.insert(CURRENT.to_owned());
        }
        if stages.contains(CURRENT) {
            self.retire_current();
        }
        for version in &mut self.versions {
            version.stages.retain(|stage| !stages.contains(stage));
        }
        self.versions.push(Version {
            id,
            value,
            stages,
            created_at: now,
            accessed_on: None,
        });
        self.changed_at = now;
        Ok(())
    }

    /// Hands AWSPREVIOUS to the version that is about to lose AWSCURRENT.
    fn retire_current(&mut self) {
        let Some(current) = self.version_at(CURRENT).map(|version| version.id.clone()) else {
            return;
        };
        for version in &mut self.versions {
            version.stages.remove(PREVIOUS);
            if version.id == current {
                version.stages.insert(PREVIOUS.to_owned());
            }
        }
    }

    /// Makes room: versions without a label go once there are too many and they are older than a day.
    fn forget_old_versions(&mut self, now: DateTime<Utc>) -> Result<(), AwsError> {
        let day_ago = now - TimeDelta::days(1);
        let can_go = |version: &Version| version.stages.is_empty() && version.created_at <= day_ago;
        while self.versions.len() >= MAX_VERSIONS {
            let oldest = self
                .versions
                .iter()
                .position(can_go)
                .ok_or_else(|| AwsError::too_many_versions(&self.name))?;
            self.versions.remove(oldest);
        }
        Ok(())
    }

    /// What every answer begins with.
    pub(super) fn answer(&self) -> Map<String, Value> {
        let mut answer = Map::new();
        answer.insert("ARN".to_owned(), json!(self.arn));
        answer.insert("Name".to_owned(), json!(self.name));
        answer
    }
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        reason = "a test that cannot be set up should stop"
    )]

    use super::*;

    fn secret() -> Secret {
        Secret {
            arn: "arn:aws:secretsmanager:eu-west-1:1:secret:a/b-XyZ123".to_owned(),
            account: Account {
                partition: "aws".to_owned(),
                id: "1".to_owned(),
            },
            region: "eu-west-1".to_owned(),
            name: "a/b".to_owned(),
            description: None,
            policy: None,
            versions: Vec::new(),
            created_at: DateTime::UNIX_EPOCH,
            changed_at: DateTime::UNIX_EPOCH,
            accessed_on: None,
            deletion: None,
        }
    }

    fn add(secret: &mut Secret, id: &str, stages: &[&str], day: i64) -> Result<(), AwsError> {
        let stages = stages.iter().map(|stage| (*stage).to_owned()).collect();
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(day);
        secret.add_version(id.to_owned(), SecretValue::Text(id.to_owned()), stages, now)
    }

    fn labels(secret: &Secret) -> Vec<String> {
        let label = |version: &Version| {
            let stages: Vec<&str> = version.stages.iter().map(String::as_str).collect();
            format!("{} {}", version.id, stages.join(","))
        };
        secret.versions.iter().map(label).collect()
    }

    #[test]
    fn labels_move_on() {
        let mut secret = secret();
        add(&mut secret, "1", &["MINE"], 0).unwrap();
        assert_eq!(labels(&secret), ["1 AWSCURRENT,MINE"]);
        add(&mut secret, "2", &[], 0).unwrap();
        assert_eq!(labels(&secret), ["1 AWSPREVIOUS,MINE", "2 AWSCURRENT"]);
        add(&mut secret, "3", &["MINE"], 0).unwrap();
        assert_eq!(labels(&secret), ["1 AWSPREVIOUS", "2 AWSCURRENT", "3 MINE"]);
        add(&mut secret, "4", &[], 0).unwrap();
        assert_eq!(
            labels(&secret),
            ["1 ", "2 AWSPREVIOUS", "3 MINE", "4 AWSCURRENT"]
        );
    }

    #[test]
    fn a_hundred_versions_are_kept_and_no_more_made_in_a_day() {
        let mut secret = secret();
        for id in 0..100 {
            add(&mut secret, &id.to_string(), &[], 0).unwrap();
        }
        let refused = add(&mut secret, "100", &[], 0).unwrap_err();
        assert_eq!(refused.code, "LimitExceededException");
        add(&mut secret, "100", &[], 1).unwrap();
        assert_eq!(secret.versions.len(), 100);
        assert!(secret.version("0").is_none());
        assert!(secret.version("1").is_some());
    }

    #[test]
    fn it_has_a_name_and_two_arns() {
        let secret = secret();
        for id in ["a/b", &secret.arn, secret.arn.trim_end_matches("-XyZ123")] {
            assert!(secret.is_called(id), "{id}");
        }
        for id in [
            "a",
            "a/b-XyZ123",
            "",
            "arn:aws:secretsmanager:eu-west-1:1:secret:a",
        ] {
            assert!(!secret.is_called(id), "{id}");
        }
    }
}
