//! GetSessionToken.

use super::{
    DEFAULT_USER_DURATION, MAX_ROOT_DURATION, MAX_USER_DURATION, MIN_DURATION, credentials,
    duration,
};
use crate::constraint::{SERIAL_NUMBER, TOKEN_CODE, Violations};
use crate::credentials::{Caller, Lifetime, Principal};
use crate::error::AwsError;
use crate::journal::Entry;
use crate::mfa;
use crate::params::Params;
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
    violations.number("durationSeconds", seconds, MIN_DURATION, MAX_USER_DURATION);
    violations.text("serialNumber", params.get("SerialNumber"), SERIAL_NUMBER);
    violations.text("tokenCode", params.get("TokenCode"), TOKEN_CODE);
    violations.into_result()?;
    if caller.is_temporary() {
        return Err(AwsError::access_denied(
            "Cannot call GetSessionToken with session credentials",
        ));
    }

    let with_mfa = mfa::check(world, caller, params, entry)?;
    let mut seconds = seconds.unwrap_or(DEFAULT_USER_DURATION);
    // A longer request of root silently becomes one hour.
    if matches!(caller.principal, Principal::Root(_)) {
        seconds = seconds.min(MAX_ROOT_DURATION);
    }
    let session = Caller {
        mfa_at: with_mfa.then(|| world.now()),
        ..Caller::new(caller.principal.clone(), Lifetime::Temporary)
    };
    let issued = world.issue(session, seconds);
    Ok(Some(
        Xml::default().nest("Credentials", credentials(&issued)),
    ))
}
