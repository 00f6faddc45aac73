//! GetSecretValue, DescribeSecret and ListSecretVersionIds.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::input::{DescribeSecret, GetSecretValue, ListSecretVersionIds};
use super::secret::{CURRENT, Secret, Version};
use super::{allowed, epoch};
use crate::error::AwsError;
use crate::json_api::{Answer, Call};
use crate::world::World;

const MAX_RESULTS: usize = 100;

pub(super) fn get_value(world: &mut World, call: &Call<'_>) -> Answer {
    let input: GetSecretValue = call.input()?;
    let id = input.checked_id()?;
    let today = day_of(world.now());
    let secret = allowed(world, call, "GetSecretValue", id)?.in_use()?;
    let version = wanted_version(secret, &input)?.id.clone();
    secret.accessed_on = Some(today);
    let mut answer = secret.answer();
    for found in secret
        .versions
        .iter_mut()
        .filter(|found| found.id == version)
    {
        found.accessed_on = Some(today);
        answer.insert("VersionId".to_owned(), json!(found.id));
        answer.insert("VersionStages".to_owned(), json!(found.stages));
        answer.insert("CreatedDate".to_owned(), epoch(found.created_at));
        found.value.write_to(&mut answer);
    }
    Ok(Value::Object(answer))
}

fn wanted_version<'s>(secret: &'s Secret, input: &GetSecretValue) -> Result<&'s Version, AwsError> {
    let Some(id) = &input.version_id else {
        let stage = input.version_stage.as_deref().unwrap_or(CURRENT);
        return secret
            .version_at(stage)
            .ok_or_else(|| AwsError::no_secret_value_for("staging label", stage));
    };
    let version = secret
        .version(id)
        .ok_or_else(|| AwsError::no_secret_value_for("VersionId", id))?;
    let stage = &input.version_stage;
    if stage
        .as_ref()
        .is_some_and(|stage| !version.stages.contains(stage))
    {
        return Err(AwsError::stage_of_another_version());
    }
    Ok(version)
}

pub(super) fn describe(world: &mut World, call: &Call<'_>) -> Answer {
    let input: DescribeSecret = call.input()?;
    let id = input.checked_id()?;
    let secret = allowed(world, call, "DescribeSecret", id)?;
    let stages: BTreeMap<&str, _> = labelled(secret)
        .map(|version| (version.id.as_str(), &version.stages))
        .collect();
    let mut answer = secret.answer();
    let deleted_at = secret.deletion.as_ref().map(|deletion| deletion.ordered_at);
    let fields = [
        (
            "Description",
            secret.description.as_ref().map(|text| json!(text)),
        ),
        ("CreatedDate", Some(epoch(secret.created_at))),
        ("LastChangedDate", Some(epoch(secret.changed_at))),
        ("LastAccessedDate", secret.accessed_on.map(epoch)),
        ("DeletedDate", deleted_at.map(epoch)),
        ("VersionIdsToStages", Some(json!(stages))),
    ];
    for (name, value) in fields {
        if let Some(value) = value {
            answer.insert(name.to_owned(), value);
        }
    }
    Ok(Value::Object(answer))
}

pub(super) fn list_versions(world: &mut World, call: &Call<'_>) -> Answer {
    let input: ListSecretVersionIds = call.input()?;
    let id = input.checked_id()?;
    let secret = allowed(world, call, "ListSecretVersionIds", id)?;
    let versions: Vec<&Version> = if input.include_deprecated {
        secret.versions.iter().collect()
    } else {
        labelled(secret).collect()
    };
    let first = match input.next_token.as_deref() {
        None => 0,
        Some(token) => position_of(token, versions.len())?,
    };
    let size = input
        .max_results
        .and_then(|most| usize::try_from(most).ok());
    let end = first + size.unwrap_or(MAX_RESULTS);
    let page = versions.iter().skip(first).take(end - first);
    let mut answer = secret.answer();
    answer.insert(
        "Versions".to_owned(),
        page.map(|version| listed(version)).collect(),
    );
    if end < versions.len() {
        answer.insert(
            "NextToken".to_owned(),
            json!(format!("{TOKEN_PREFIX}{end}")),
        );
    }
    Ok(Value::Object(answer))
}

const TOKEN_PREFIX: &str = "after-";

fn position_of(token: &str, count: usize) -> Result<usize, AwsError> {
    token
        .strip_prefix(TOKEN_PREFIX)
        .and_then(|number| number.parse().ok())
        .filter(|first| *first < count)
        .ok_or_else(AwsError::invalid_next_token)
}

fn listed(version: &Version) -> Value {
    let mut entry = json!({
        "VersionId": version.id,
        "CreatedDate": epoch(version.created_at),
    });
    if let Some(fields) = entry.as_object_mut() {
        if !version.stages.is_empty() {
            fields.insert("VersionStages".to_owned(), json!(version.stages));
        }
        if let Some(day) = version.accessed_on {
            fields.insert("LastAccessedDate".to_owned(), epoch(day));
        }
    }
    entry
}

/// Versions that are not deprecated.
fn labelled(secret: &Secret) -> impl Iterator<Item = &Version> {
    secret
        .versions
        .iter()
        .filter(|version| !version.stages.is_empty())
}

/// Secrets Manager remembers the day of an access and not the time.
fn day_of(time: DateTime<Utc>) -> DateTime<Utc> {
    time - TimeDelta::seconds(time.timestamp().rem_euclid(86_400))
}
