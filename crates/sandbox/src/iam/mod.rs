//! Identity and Access Management: what a user does with their own keys.

mod access_keys;
mod users;

use crate::credentials::{Caller, Principal};
use crate::error::AwsError;
use crate::params::Params;
use crate::permissions;
use crate::policy::Context;
use crate::query_api::Api;
use crate::service::Service;
use crate::world::World;

pub(crate) const API: Api = Api {
    service: Service::Iam,
    version: "2010-05-08",
    operations: &[
        ("CreateAccessKey", access_keys::create),
        ("DeleteAccessKey", access_keys::delete),
        ("GetAccessKeyLastUsed", access_keys::last_used),
        ("ListAccessKeys", access_keys::list),
        ("UpdateAccessKey", access_keys::update),
        ("GetUser", users::get_user),
        ("ListMFADevices", users::list_mfa_devices),
    ],
};

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
    check(world, caller, action, name, &format!("user {name}"))?;
    world
        .user(account, name)
        .map(|user| user.principal())
        .ok_or_else(|| AwsError::no_such_user(name))
}

/// Whether the caller's policies allow an action on a user of their account; `shown` is how IAM names its object.
fn check(
    world: &World,
    caller: &Caller,
    action: &str,
    user: &str,
    shown: &str,
) -> Result<(), AwsError> {
    let action = format!("iam:{action}");
    let user = caller
        .principal
        .account()
        .arn("iam", &format!("user/{user}"));
    let context = Context::of(caller, world.now());
    permissions::check(world, &context, &action, &user, None).map_err(|denial| {
        AwsError::not_authorized(caller.principal.arn(), &action, shown).because(denial)
    })
}
