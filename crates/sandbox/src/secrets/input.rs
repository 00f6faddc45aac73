//! The parameters of calls, and their limits.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::SecretValue;
use crate::constraint::{SECRET_ID, SECRET_NAME, VERSION_ID, VERSION_STAGE, Violations};
use crate::error::AwsError;

const MAX_STAGES: usize = 20;
const MAX_VALUE: usize = 65_536;
const TOKEN_LENGTHS: std::ops::RangeInclusive<usize> = 32..=64;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreateSecret {
    name: Option<String>,
    client_request_token: Option<String>,
    pub(super) description: Option<String>,
    secret_string: Option<String>,
    secret_binary: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PutSecretValue {
    secret_id: Option<String>,
    client_request_token: Option<String>,
    secret_string: Option<String>,
    secret_binary: Option<String>,
    #[serde(default)]
    version_stages: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetSecretValue {
    secret_id: Option<String>,
    pub(super) version_id: Option<String>,
    pub(super) version_stage: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DescribeSecret {
    secret_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListSecretVersionIds {
    secret_id: Option<String>,
    pub(super) max_results: Option<i64>,
    pub(super) next_token: Option<String>,
    #[serde(default)]
    pub(super) include_deprecated: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeleteSecret {
    secret_id: Option<String>,
    pub(super) recovery_window_in_days: Option<i64>,
    #[serde(default)]
    pub(super) force_delete_without_recovery: bool,
}

impl CreateSecret {
    /// The name, if a secret can have it.
    pub(super) fn checked_name(&self) -> Result<&str, AwsError> {
        let mut violations = Violations::default();
        let name = violations.required("name", self.name.as_deref(), SECRET_NAME);
        violations.into_result()?;
        let is_letter = |c: char| c.is_ascii_alphanumeric() || "-/_+=.@!".contains(c);
        if !name.chars().all(is_letter) {
            return Err(AwsError::invalid_secret_name());
        }
        Ok(name)
    }

    /// The first version's id and value; none for a secret that is to be filled later.
    pub(super) fn version(&self) -> Result<Option<(&str, SecretValue)>, AwsError> {
        let id = token(self.client_request_token.as_deref())?;
        let value = value(self.secret_string.as_deref(), self.secret_binary.as_deref())?;
        Ok(value.map(|value| (id, value)))
    }
}

impl PutSecretValue {
    pub(super) fn checked_id(&self) -> Result<&str, AwsError> {
        let mut violations = Violations::default();
        let id = violations.required("secretId", self.secret_id.as_deref(), SECRET_ID);
        for (number, stage) in (1..).zip(&self.version_stages) {
            let field = format!("versionStages.{number}.member");
            violations.text(&field, Some(stage), VERSION_STAGE);
        }
        let stages: Vec<&str> = self.version_stages.iter().map(String::as_str).collect();
        violations.at_most("versionStages", &stages, MAX_STAGES);
        violations.into_result()?;
        Ok(id)
    }

    /// The new version's id and value.
    pub(super) fn version(&self) -> Result<(&str, SecretValue), AwsError> {
        let id = token(self.client_request_token.as_deref())?;
        let value = value(self.secret_string.as_deref(), self.secret_binary.as_deref())?;
        Ok((id, value.ok_or_else(AwsError::no_secret_value)?))
    }

    pub(super) fn stages(&self) -> BTreeSet<String> {
        self.version_stages.iter().cloned().collect()
    }
}

impl GetSecretValue {
    pub(super) fn checked_id(&self) -> Result<&str, AwsError> {
        let mut violations = Violations::default();
        let id = violations.required("secretId", self.secret_id.as_deref(), SECRET_ID);
        violations.text("versionId", self.version_id.as_deref(), VERSION_ID);
        violations.text("versionStage", self.version_stage.as_deref(), VERSION_STAGE);
        violations.into_result()?;
        Ok(id)
    }
}

impl DescribeSecret {
    pub(super) fn checked_id(&self) -> Result<&str, AwsError> {
        secret_id(self.secret_id.as_deref())
    }
}

impl ListSecretVersionIds {
    pub(super) fn checked_id(&self) -> Result<&str, AwsError> {
        let mut violations = Violations::default();
        let id = violations.required("secretId", self.secret_id.as_deref(), SECRET_ID);
        violations.number("maxResults", self.max_results, 1, 100);
        violations.into_result()?;
        Ok(id)
    }
}

impl DeleteSecret {
    pub(super) fn checked_id(&self) -> Result<&str, AwsError> {
        secret_id(self.secret_id.as_deref())
    }
}

fn secret_id(id: Option<&str>) -> Result<&str, AwsError> {
    let mut violations = Violations::default();
    let id = violations.required("secretId", id, SECRET_ID);
    violations.into_result()?;
    Ok(id)
}

/// SDKs make one; the API itself insists on it.
fn token(token: Option<&str>) -> Result<&str, AwsError> {
    let token = token.ok_or_else(AwsError::no_client_request_token)?;
    if !TOKEN_LENGTHS.contains(&token.len()) {
        return Err(AwsError::client_request_token_length());
    }
    Ok(token)
}

fn value(text: Option<&str>, binary: Option<&str>) -> Result<Option<SecretValue>, AwsError> {
    let (field, length, value) = match (text, binary) {
        (None, None) => return Ok(None),
        (Some(_), Some(_)) => return Err(AwsError::two_secret_values()),
        (Some(text), None) => (
            "secretString",
            text.len(),
            SecretValue::Text(text.to_owned()),
        ),
        (None, Some(base64)) => {
            let bytes = STANDARD
                .decode(base64)
                .map_err(|_| AwsError::not_base64())?;
            let value = SecretValue::Binary(base64.to_owned());
            ("secretBinary", bytes.len(), value)
        }
    };
    if length == 0 {
        return Err(AwsError::no_secret_value());
    }
    let mut violations = Violations::default();
    violations.secret(field, length, MAX_VALUE);
    violations.into_result()?;
    Ok(Some(value))
}
