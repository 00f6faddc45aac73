//! GetFederationToken.

use super::session_policy::SessionPolicy;
use super::{
    DEFAULT_USER_DURATION, MAX_ROOT_DURATION, MAX_USER_DURATION, MIN_DURATION, credentials,
    duration,
};
use crate::constraint::{FEDERATED_NAME, Violations};
use crate::credentials::{Caller, Lifetime, Principal, SessionContext};
use crate::error::AwsError;
use crate::journal::Entry;
use crate::params::Params;
use crate::permissions;
use crate::policy::{Context, WantedSession};
use crate::query_api::Answer;
use crate::world::World;
use crate::xml::Xml;

pub(super) fn run(
    world: &mut World,
    caller: &Caller,
    params: &Params,
    entry: &mut Entry,
) -> Answer {
    let seconds = duration(params)?;
    let mut violations = Violations::default();
    let name = violations.required("name", params.get("Name"), FEDERATED_NAME);
    violations.number("durationSeconds", seconds, MIN_DURATION, MAX_USER_DURATION);
    let policy = SessionPolicy::read(params, &mut violations);
    violations.into_result()?;
    if caller.is_temporary() {
        return Err(AwsError::access_denied(
            "Cannot call GetFederationToken with session credentials",
        ));
    }
    let packed_size = policy.check()?;
    let session = policy.session(
        world,
        caller.principal.account(),
        &SessionContext::default(),
    )?;
    let federated = Principal::FederatedUser {
        account: caller.principal.account().clone(),
        name: name.to_owned(),
        issuer: match &caller.principal {
            Principal::User { name, .. } => Some(name.clone()),
            Principal::Root(_)
            | Principal::RoleSession { .. }
            | Principal::FederatedUser { .. } => None,
        },
    };
    check_may_call(world, caller, &federated, &policy)?;

    let mut seconds = seconds.unwrap_or(DEFAULT_USER_DURATION);
    if matches!(caller.principal, Principal::Root(_)) {
        seconds = seconds.min(MAX_ROOT_DURATION);
    }
    entry.describe_session(&session);
    let session = Caller {
        session,
        ..Caller::new(federated.clone(), Lifetime::Temporary)
    };
    let issued = world.issue(session, seconds);
    let user = Xml::default()
        .element("FederatedUserId", federated.user_id())
        .element("Arn", federated.arn());
    let answer = Xml::default()
        .nest("Credentials", credentials(&issued))
        .nest("FederatedUser", user)
        .optional(
            "PackedPolicySize",
            packed_size.map(|percent| percent.to_string()),
        );
    Ok(Some(answer))
}

/// AWS_RULES 3.3: a code cannot be passed.
fn check_may_call(
    world: &World,
    caller: &Caller,
    federated: &Principal,
    policy: &SessionPolicy<'_>,
) -> Result<(), AwsError> {
    let context = Context {
        wanted: WantedSession {
            tags: policy.tags(),
            ..WantedSession::default()
        },
        ..Context::of(caller, world.now())
    };
    let resource = federated.arn();
    let mut actions = vec!["sts:GetFederationToken"];
    if policy.has_tags() {
        actions.push("sts:TagSession");
    }
    for action in actions {
        permissions::check(world, &context, action, &resource, None).map_err(|denial| {
            AwsError::not_authorized(caller.principal.arn(), action, &resource).because(denial)
        })?;
    }
    Ok(())
}
