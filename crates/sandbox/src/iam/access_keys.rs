//! The life of an access key.

use super::{check, check_may_call_iam, target};
use crate::constraint::{ACCESS_KEY_ID, USER_NAME, Violations};
use crate::credentials::{AccessKey, Caller, KeyStatus, Principal};
use crate::error::AwsError;
use crate::journal::Entry;
use crate::params::Params;
use crate::query_api::Answer;
use crate::sts::iso;
use crate::world::World;
use crate::xml::Xml;

/// IAM's quota: AccessKeysPerUser.
const KEYS_PER_USER: usize = 2;

pub(super) fn create(world: &mut World, caller: &Caller, params: &Params, _: &mut Entry) -> Answer {
    let mut violations = Violations::default();
    violations.text("userName", params.get("UserName"), USER_NAME);
    violations.into_result()?;
    let user = target(world, caller, params, "CreateAccessKey")?;
    if keys_of(world, &user).count() >= KEYS_PER_USER {
        return Err(AwsError::too_many_access_keys(KEYS_PER_USER));
    }

    let now = world.now();
    let id = world.ids.unique("AKIA");
    let key = AccessKey {
        secret: world.ids.secret(),
        status: KeyStatus::Active,
        deleted: false,
        owner: user,
        created_at: now,
        works_from: now + world.key_propagation,
        works_until: None,
        last_used: None,
    };
    let answer = Xml::default()
        .element("UserName", name_of(&key.owner))
        .element("AccessKeyId", &id)
        .element("Status", key.status.as_str())
        .element("SecretAccessKey", &key.secret)
        .element("CreateDate", iso(key.created_at));
    world.access_keys.insert(id, key);
    Ok(Some(Xml::default().nest("AccessKey", answer)))
}

pub(super) fn list(world: &mut World, caller: &Caller, params: &Params, _: &mut Entry) -> Answer {
    let mut violations = Violations::default();
    violations.text("userName", params.get("UserName"), USER_NAME);
    violations.into_result()?;
    let user = target(world, caller, params, "ListAccessKeys")?;
    let keys = keys_of(world, &user).fold(Xml::default(), |list, (id, key)| {
        let key = Xml::default()
            .element("UserName", name_of(&key.owner))
            .element("AccessKeyId", id)
            .element("Status", key.status.as_str())
            .element("CreateDate", iso(key.created_at));
        list.nest("member", key)
    });
    let answer = Xml::default()
        .nest("AccessKeyMetadata", keys)
        .element("IsTruncated", "false");
    Ok(Some(answer))
}

pub(super) fn update(world: &mut World, caller: &Caller, params: &Params, _: &mut Entry) -> Answer {
    let mut violations = Violations::default();
    let id = key_id(params, &mut violations);
    let status = params.get("Status");
    if let Some(status) = status {
        violations.one_of("status", status, &["Active", "Inactive"]);
    }
    violations.into_result()?;
    let status = status.and_then(KeyStatus::parse).ok_or_else(|| {
        AwsError::validation(
            "1 validation error detected: \
             Value null at 'status' failed to satisfy constraint: Member must not be null",
        )
    })?;
    let user = target(world, caller, params, "UpdateAccessKey")?;
    let (now, delay) = (world.now(), world.key_propagation);
    owned_key(world, id, &user)?.switch(status, now, delay);
    Ok(None)
}

pub(super) fn delete(world: &mut World, caller: &Caller, params: &Params, _: &mut Entry) -> Answer {
    let mut violations = Violations::default();
    let id = key_id(params, &mut violations);
    violations.into_result()?;
    let user = target(world, caller, params, "DeleteAccessKey")?;
    let (now, delay) = (world.now(), world.key_propagation);
    let key = owned_key(world, id, &user)?;
    key.switch(KeyStatus::Inactive, now, delay);
    key.deleted = true;
    Ok(None)
}

pub(super) fn last_used(
    world: &mut World,
    caller: &Caller,
    params: &Params,
    _: &mut Entry,
) -> Answer {
    let mut violations = Violations::default();
    let id = violations.required("accessKeyId", params.get("AccessKeyId"), ACCESS_KEY_ID);
    violations.into_result()?;
    check_may_call_iam(caller)?;
    let key = world
        .access_keys
        .get(id)
        .filter(|key| !key.deleted && key.owner.account() == caller.principal.account())
        .ok_or_else(|| AwsError::no_such_access_key(id))?;
    let user = name_of(&key.owner);
    let shown = format!("access key {id}");
    check(world, caller, "GetAccessKeyLastUsed", user, &shown)?;
    let used = match &key.last_used {
        Some(used) => Xml::default()
            .element("LastUsedDate", iso(used.at))
            .element("ServiceName", used.service)
            .element("Region", &used.region),
        None => Xml::default()
            .element("ServiceName", "N/A")
            .element("Region", "N/A"),
    };
    let answer = Xml::default()
        .element("UserName", user)
        .nest("AccessKeyLastUsed", used);
    Ok(Some(answer))
}

fn key_id<'p>(params: &'p Params, violations: &mut Violations) -> &'p str {
    violations.text("userName", params.get("UserName"), USER_NAME);
    violations.required("accessKeyId", params.get("AccessKeyId"), ACCESS_KEY_ID)
}

fn owned_key<'w>(
    world: &'w mut World,
    id: &str,
    user: &Principal,
) -> Result<&'w mut AccessKey, AwsError> {
    world
        .access_keys
        .get_mut(id)
        .filter(|key| !key.deleted && key.owner.arn() == user.arn())
        .ok_or_else(|| AwsError::no_such_access_key(id))
}

fn keys_of<'w>(
    world: &'w World,
    user: &Principal,
) -> impl Iterator<Item = (&'w String, &'w AccessKey)> {
    let owner = user.arn();
    world
        .access_keys
        .iter()
        .filter(move |(_, key)| !key.deleted && key.owner.arn() == owner)
}

/// A user's name, as IAM gives it with a key.
fn name_of(owner: &Principal) -> &str {
    match owner {
        Principal::User { name, .. } => name,
        Principal::Root(_) | Principal::RoleSession { .. } | Principal::FederatedUser { .. } => "",
    }
}
