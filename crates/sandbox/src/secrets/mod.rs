//! Secrets Manager, API version 2017-10-17: what it takes to publish into a secret.

mod error;
mod input;
mod read;
mod secret;
mod write;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

pub(crate) use self::secret::{Secret, SecretValue};
use crate::credentials::{Account, Caller};
use crate::error::AwsError;
use crate::json_api::{Call, Run};
use crate::permissions;
use crate::policy::{Context, Policy};
use crate::world::World;

pub(crate) const OPERATIONS: [(&str, Run); 6] = [
    ("CreateSecret", write::create),
    ("DeleteSecret", write::delete),
    ("DescribeSecret", read::describe),
    ("GetSecretValue", read::get_value),
    ("ListSecretVersionIds", read::list_versions),
    ("PutSecretValue", write::put_value),
];

/// The place of a secret in [`World::secrets`].
fn find(world: &World, call: &Call<'_>, id: &str) -> Option<usize> {
    let (account, now) = (call.caller.principal.account(), world.now());
    world.secrets.iter().position(|secret| {
        secret.account == *account
            && secret.region == call.region
            && secret.is_called(id)
            && !secret.is_gone(now)
    })
}

/// The secret that a call is about, if the caller may do this to it; who may not is not told whether it exists.
fn allowed<'w>(
    world: &'w mut World,
    call: &Call<'_>,
    action: &str,
    id: &str,
) -> Result<&'w mut Secret, AwsError> {
    let place = find(world, call, id);
    let secret = place.and_then(|place| world.secrets.get(place));
    let arn = match secret {
        Some(secret) => secret.arn.clone(),
        None if id.starts_with("arn:") => id.to_owned(),
        None => arn(call.caller.principal.account(), call.region, id),
    };
    let policy = secret.and_then(|secret| secret.policy.as_ref());
    check(world, call.caller, action, &arn, id, policy)?;
    place
        .and_then(|place| world.secrets.get_mut(place))
        .ok_or_else(AwsError::no_such_secret)
}

/// Whether the caller may do `action`; `shown` is how the caller named the secret.
fn check(
    world: &World,
    caller: &Caller,
    action: &str,
    arn: &str,
    shown: &str,
    attached: Option<&Policy>,
) -> Result<(), AwsError> {
    let action = format!("secretsmanager:{action}");
    let context = Context::of(caller, world.now());
    permissions::check(world, &context, &action, arn, attached).map_err(|denial| {
        AwsError::not_authorized(caller.principal.arn(), &action, shown).because(denial)
    })
}

/// An ARN without the six letters at its end.
pub(crate) fn arn(account: &Account, region: &str, name: &str) -> String {
    format!(
        "arn:{}:secretsmanager:{region}:{}:secret:{name}",
        account.partition, account.id
    )
}

/// A time as the JSON protocol writes it.
fn epoch(time: DateTime<Utc>) -> Value {
    json!(time.timestamp())
}
