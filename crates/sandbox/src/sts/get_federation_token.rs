//! GetFederationToken.

use super::session_policy::SessionPolicy;
use super::{
    DEFAULT_USER_DURATION, MAX_ROOT_DURATION, MAX_USER_DURATION, MIN_DURATION, credentials,
    duration,
};
use crate::constraint::{FEDERATED_NAME, Violations};
use crate::credentials::{Caller, Lifetime, Principal};
use crate::error::AwsError;
use crate::journal::Entry;
use crate::params::Params;
use crate::query_api::Answer;
use crate::world::World;
use crate::xml::Xml;

pub(super) fn run(world: &mut World, caller: &Caller, params: &Params, _: &mut Entry) -> Answer {
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
    let packed_size = policy.packed_size()?;

    let mut seconds = seconds.unwrap_or(DEFAULT_USER_DURATION);
    if matches!(caller.principal, Principal::Root(_)) {
        seconds = seconds.min(MAX_ROOT_DURATION);
    }
    let federated = Principal::FederatedUser {
        account: caller.principal.account().clone(),
        name: name.to_owned(),
    };
    let issued = world.issue(Caller::new(federated.clone(), Lifetime::Temporary), seconds);
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
