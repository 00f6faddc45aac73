//! Fills a world from a seed.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta};

use crate::credentials::{AccessKey, Account, KeyStatus, Principal};
use crate::policy::{Kind, Policy, aws_managed};
use crate::secrets::{self, Secret, SecretValue};
use crate::seed::{
    Seed, SeedAccount, SeedError, SeedKey, SeedPolicy, SeedRole, SeedSecret, SeedUser,
};
use crate::totp::base32;
use crate::world::{MfaDevice, Role, User, World};

pub(crate) fn populate(world: &mut World, seed: &Seed) -> Result<(), SeedError> {
    for account in &seed.accounts {
        add_account(world, account)?;
    }
    Ok(())
}

fn add_account(world: &mut World, seed: &SeedAccount) -> Result<(), SeedError> {
    let account = Account {
        partition: seed.partition.clone(),
        id: seed.id.clone(),
    };
    let managed = aws_managed(&seed.partition).map_err(SeedError::Content)?;
    world.managed_policies.extend(managed);
    for (name, document) in &seed.policies {
        let arn = account.arn("iam", &format!("policy/{name}"));
        let policy = identity_policy(document, name)?;
        world.managed_policies.insert(arn, policy);
    }
    for key in &seed.root_access_keys {
        add_key(world, key, Principal::Root(account.clone()));
    }
    for user in &seed.users {
        add_user(world, user, &account)?;
    }
    for role in &seed.roles {
        add_role(world, role, &account)?;
    }
    for secret in &seed.secrets {
        for region in &secret.regions {
            add_secret(world, secret, &account, region)?;
        }
    }
    Ok(())
}

fn add_user(world: &mut World, seed: &SeedUser, account: &Account) -> Result<(), SeedError> {
    let user = User {
        account: account.clone(),
        name: seed.name.clone(),
        id: world.ids.unique("AIDA"),
        created_at: world.now(),
        policies: policies(world, &seed.policies, &seed.name)?,
    };
    for key in &seed.access_keys {
        add_key(world, key, user.principal());
    }
    for device in &seed.mfa_devices {
        world.devices.push(MfaDevice {
            serial: device.serial.clone(),
            account: account.clone(),
            user: seed.name.clone(),
            key: base32(&device.seed).unwrap_or_default(),
            enabled_at: world.now(),
        });
    }
    world.users.push(user);
    Ok(())
}

fn add_key(world: &mut World, seed: &SeedKey, owner: Principal) {
    let now = world.now();
    let mut key = AccessKey {
        secret: seed.secret.clone(),
        status: KeyStatus::Active,
        deleted: false,
        owner,
        created_at: now - TimeDelta::days(i64::from(seed.age_days)),
        works_from: DateTime::UNIX_EPOCH,
        works_until: None,
        last_used: None,
    };
    key.switch(seed.status, now, TimeDelta::zero());
    world.access_keys.insert(seed.id.clone(), key);
}

fn add_role(world: &mut World, seed: &SeedRole, account: &Account) -> Result<(), SeedError> {
    let name = &seed.name;
    let trust = Policy::parse(Kind::Trust, &seed.trust)
        .map_err(|reason| SeedError::Content(format!("trust of {name}: {reason}")))?;
    let role = Role {
        account: account.clone(),
        name: name.clone(),
        id: world.ids.unique("AROA"),
        max_session_duration: seed.max_session_duration,
        trust,
        policies: policies(world, &seed.policies, name)?,
    };
    let arn = account.arn("iam", &format!("role/{name}"));
    world.roles.insert(arn, role);
    Ok(())
}

fn add_secret(
    world: &mut World,
    seed: &SeedSecret,
    account: &Account,
    region: &str,
) -> Result<(), SeedError> {
    let wrong = |reason| SeedError::Content(format!("secret {}: {reason}", seed.name));
    let policy = seed
        .policy
        .as_ref()
        .map(|policy| Policy::parse(Kind::Resource, policy))
        .transpose()
        .map_err(wrong)?;
    let now = world.now();
    let suffix = world.ids.letters(6);
    let mut secret = Secret {
        arn: format!("{}-{suffix}", secrets::arn(account, region, &seed.name)),
        account: account.clone(),
        region: region.to_owned(),
        name: seed.name.clone(),
        description: seed.description.clone(),
        policy,
        versions: Vec::new(),
        created_at: now,
        changed_at: now,
        accessed_on: None,
        deletion: None,
    };
    if let Some(value) = &seed.value {
        let value = SecretValue::Text(value.clone());
        let id = world.ids.request();
        secret
            .add_version(id, value, BTreeSet::new(), now)
            .map_err(|error| wrong(error.message))?;
    }
    world.secrets.push(secret);
    Ok(())
}

fn policies(world: &World, seeds: &[SeedPolicy], of: &str) -> Result<Vec<Policy>, SeedError> {
    let read = |seed: &SeedPolicy| match seed {
        SeedPolicy::Inline(document) => identity_policy(document, of),
        SeedPolicy::Arn(arn) => world
            .managed_policies
            .get(arn)
            .cloned()
            .ok_or_else(|| SeedError::Content(format!("{of} has an unknown policy '{arn}'"))),
    };
    seeds.iter().map(read).collect()
}

fn identity_policy(document: &serde_json::Value, of: &str) -> Result<Policy, SeedError> {
    Policy::parse(Kind::Identity, document)
        .map_err(|reason| SeedError::Content(format!("policy of {of}: {reason}")))
}
