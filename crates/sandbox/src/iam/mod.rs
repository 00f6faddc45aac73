//! Identity and Access Management, API version 2010-05-08: what a user does with their own keys.

mod access_keys;
mod users;

use crate::credentials::{Caller, Principal};
use crate::error::AwsError;
use crate::params::Params;
use crate::query_api::Run;
use crate::world::World;

pub(crate) const OPERATIONS: [(&str, Run); 7] = [
    ("CreateAccessKey", access_keys::create),
    ("DeleteAccessKey", access_keys::delete),
    ("GetAccessKeyLastUsed", access_keys::last_used),
    ("ListAccessKeys", access_keys::list),
    ("UpdateAccessKey", access_keys::update),
    ("GetUser", users::get_user),
    ("ListMFADevices", users::list_mfa_devices),
];

/// AWS_RULES 3.3: GetSessionToken's credentials without a code, and GetFederationToken's, may not call IAM at all.
fn check_may_call_iam(caller: &Caller) -> Result<(), AwsError> {
    let usable = match caller.principal {
        Principal::User { .. } | Principal::Root(_) => {
            !caller.is_temporary() || caller.mfa_at.is_some()
        }
        Principal::RoleSession { .. } => true,
        Principal::FederatedUser { .. } => false,
    };
    if usable {
        return Ok(());
    }
    Err(AwsError::invalid_client_token_id())
}

/// The user that a call is about: the one named, or the caller.
fn target(
    world: &World,
    caller: &Caller,
    params: &Params,
    action: &str,
) -> Result<Principal, AwsError> {
    check_may_call_iam(caller)?;
    let name = match (params.get("UserName"), &caller.principal) {
        (Some(name), _) => name,
        (None, Principal::User { name, .. }) => name,
        (None, _) => {
            return Err(AwsError::validation(
                "Must specify userName when calling with non-User credentials",
            ));
        }
    };
    let account = caller.principal.account();
    if !may_manage(world, caller, name) {
        return Err(AwsError::access_denied(format!(
            "User: {} is not authorized to perform: iam:{action} on resource: user {name} \
             because no identity-based policy allows the iam:{action} action",
            caller.principal.arn(),
        )));
    }
    world
        .user(account, name)
        .map(|user| user.principal())
        .ok_or_else(|| AwsError::no_such_user(name))
}

/// Everybody manages their own keys; root and roles that the seed allows it manage all of the account's.
fn may_manage(world: &World, caller: &Caller, user: &str) -> bool {
    match &caller.principal {
        Principal::Root(_) => true,
        Principal::User { name, .. } => name == user,
        Principal::RoleSession { .. } => caller
            .principal
            .role_arn()
            .and_then(|arn| world.roles.get(&arn))
            .is_some_and(|role| role.may_manage_iam),
        Principal::FederatedUser { .. } => false,
    }
}
