//! CreateSecret, PutSecretValue and DeleteSecret.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::input::{CreateSecret, DeleteSecret, PutSecretValue};
use super::secret::{Deletion, Secret, SecretValue};
use super::{allowed, arn, check, epoch, find};
use crate::error::AwsError;
use crate::json_api::{Answer, Call};
use crate::world::World;

const RECOVERY_DAYS: std::ops::RangeInclusive<i64> = 7..=30;

pub(super) fn create(world: &mut World, call: &Call<'_>) -> Answer {
    let input: CreateSecret = call.input()?;
    let name = input.checked_name()?;
    let version = input.version()?;
    let account = call.caller.principal.account().clone();
    let partial_arn = arn(&account, call.region, name);
    check(world, call.caller, "CreateSecret", &partial_arn, name, None)?;
    if let Some(place) = find(world, call, name) {
        return create_again(world.secrets.get(place), name, version.as_ref());
    }

    let now = world.now();
    let mut secret = Secret {
        arn: format!("{partial_arn}-{}", world.ids.letters(6)),
        account,
        region: call.region.to_owned(),
        name: name.to_owned(),
        description: input.description.clone(),
        policy: None,
        versions: Vec::new(),
        created_at: now,
        changed_at: now,
        accessed_on: None,
        deletion: None,
    };
    let id = version.as_ref().map(|(id, _)| *id);
    if let Some((id, value)) = version.clone() {
        secret.add_version(id.to_owned(), value, BTreeSet::new(), now)?;
    }
    let answer = created(&secret, id);
    world.secrets.push(secret);
    Ok(answer)
}

/// The same call again is answered the same; any other finds the name taken.
fn create_again(
    secret: Option<&Secret>,
    name: &str,
    version: Option<&(&str, SecretValue)>,
) -> Answer {
    let secret = secret.ok_or_else(AwsError::no_such_secret)?;
    if secret.deletion.is_some() {
        return Err(AwsError::secret_name_marked_for_deletion());
    }
    let (id, value) = version.ok_or_else(|| AwsError::secret_exists(name))?;
    let existing = secret
        .version(id)
        .ok_or_else(|| AwsError::secret_exists(name))?;
    if existing.value != *value {
        return Err(AwsError::client_request_token_in_use(id, &secret.arn));
    }
    Ok(created(secret, Some(id)))
}

fn created(secret: &Secret, version: Option<&str>) -> Value {
    let mut answer = secret.answer();
    if let Some(id) = version {
        answer.insert("VersionId".to_owned(), json!(id));
    }
    Value::Object(answer)
}

pub(super) fn put_value(world: &mut World, call: &Call<'_>) -> Answer {
    let input: PutSecretValue = call.input()?;
    let id = input.checked_id()?;
    let (version_id, value) = input.version()?;
    let now = world.now();
    let secret = allowed(world, call, "PutSecretValue", id)?.in_use()?;
    match secret.version(version_id) {
        Some(existing) if existing.value != value => {
            return Err(AwsError::client_request_token_in_use(
                version_id,
                &secret.arn,
            ));
        }
        Some(_) => {}
        None => secret.add_version(version_id.to_owned(), value, input.stages(), now)?,
    }
    let mut answer = secret.answer();
    let stages = secret.version(version_id).map(|version| &version.stages);
    answer.insert("VersionId".to_owned(), json!(version_id));
    answer.insert("VersionStages".to_owned(), json!(stages));
    Ok(Value::Object(answer))
}

pub(super) fn delete(world: &mut World, call: &Call<'_>) -> Answer {
    let input: DeleteSecret = call.input()?;
    let id = input.checked_id()?;
    let days = input.recovery_window_in_days;
    if days.is_some_and(|days| !RECOVERY_DAYS.contains(&days)) {
        return Err(AwsError::recovery_window());
    }
    if days.is_some() && input.force_delete_without_recovery {
        return Err(AwsError::recovery_window_and_force());
    }
    let now = world.now();
    let mut secret = allowed(world, call, "DeleteSecret", id)?;
    if !input.force_delete_without_recovery {
        secret = secret.in_use()?;
    }
    let wait = match days {
        _ if input.force_delete_without_recovery => TimeDelta::zero(),
        days => TimeDelta::days(days.unwrap_or(*RECOVERY_DAYS.end())),
    };
    let final_at = now + wait;
    secret.deletion = Some(Deletion {
        ordered_at: now,
        final_at,
    });
    let mut answer = secret.answer();
    answer.insert("DeletionDate".to_owned(), epoch(final_at));
    Ok(Value::Object(answer))
}
