//! AssumeRole.

use super::session_policy::SessionPolicy;
use super::{MIN_DURATION, credentials, duration};
use crate::constraint::{
    ARN, EXTERNAL_ID, ROLE_SESSION_NAME, SERIAL_NUMBER, SOURCE_IDENTITY, TOKEN_CODE, Violations,
};
use crate::credentials::{Caller, Lifetime, Principal, SessionContext};
use crate::error::AwsError;
use crate::journal::Entry;
use crate::mfa;
use crate::params::Params;
use crate::permissions;
use crate::policy::{Context, Verdict, WantedSession};
use crate::query_api::Answer;
use crate::world::{Role, World};
use crate::xml::Xml;

/// The most that any role can allow.
const MAX_DURATION: i64 = 43_200;
/// AWS_RULES 3.2: the most with temporary credentials, and the default.
const ONE_HOUR: i64 = 3600;

pub(super) fn run(
    world: &mut World,
    caller: &Caller,
    params: &Params,
    entry: &mut Entry,
) -> Answer {
    let seconds = duration(params)?;
    let mut violations = Violations::default();
    let role_arn = violations.required("roleArn", params.get("RoleArn"), ARN);
    let session_name = violations.required(
        "roleSessionName",
        params.get("RoleSessionName"),
        ROLE_SESSION_NAME,
    );
    violations.number("durationSeconds", seconds, MIN_DURATION, MAX_DURATION);
    violations.text("externalId", params.get("ExternalId"), EXTERNAL_ID);
    violations.text("serialNumber", params.get("SerialNumber"), SERIAL_NUMBER);
    violations.text("tokenCode", params.get("TokenCode"), TOKEN_CODE);
    violations.text(
        "sourceIdentity",
        params.get("SourceIdentity"),
        SOURCE_IDENTITY,
    );
    let policy = SessionPolicy::read(params, &mut violations);
    violations.into_result()?;
    check_role_arn(role_arn)?;
    if matches!(caller.principal, Principal::Root(_)) {
        return Err(AwsError::access_denied(
            "Roles may not be assumed by root accounts.",
        ));
    }
    let packed_size = policy.packed_size()?;
    policy.check_tags()?;
    policy.policies(world)?;

    let with_code = mfa::check(world, caller, params, entry)?;
    // What a chained session was given once, it keeps.
    let inherited = caller.session.source_identity.as_deref();
    let source_identity = inherited.or_else(|| params.get("SourceIdentity"));
    let context = Context {
        wanted: WantedSession {
            external_id: params.get("ExternalId"),
            session_name: Some(session_name),
            source_identity,
            tags: policy.tags(),
            transitive_keys: policy.transitive_keys().to_vec(),
        },
        ..context(world, caller, with_code)
    };
    let denied = |action: &str| AwsError::not_authorized(caller.principal.arn(), action, role_arn);
    // A role that does not exist looks like one that trusts somebody else.
    let role = world
        .roles
        .get(role_arn)
        .ok_or_else(|| denied("sts:AssumeRole"))?;
    for action in actions(caller, &policy, source_identity) {
        if !may(world, &context, role, role_arn, action) {
            return Err(denied(action));
        }
    }
    let wanted = params.get("SourceIdentity");
    if inherited.is_some() && wanted.is_some() && wanted != inherited {
        return Err(denied("sts:SetSourceIdentity"));
    }
    check_duration(caller, role, seconds)?;

    let session = Caller {
        session: SessionContext {
            source_identity: source_identity.map(str::to_owned),
            ..policy.session(world, &caller.session)?
        },
        ..Caller::new(session_of(role, session_name, caller), Lifetime::Temporary)
    };
    entry.describe_session(&session.session);
    let assumed = session.principal.clone();
    let source_identity = session.session.source_identity.clone();
    let issued = world.issue(session, seconds.unwrap_or(ONE_HOUR));
    let user = Xml::default()
        .element("AssumedRoleId", assumed.user_id())
        .element("Arn", assumed.arn());
    let answer = Xml::default()
        .nest("Credentials", credentials(&issued))
        .nest("AssumedRoleUser", user)
        .optional(
            "PackedPolicySize",
            packed_size.map(|percent| percent.to_string()),
        )
        .optional("SourceIdentity", source_identity);
    Ok(Some(answer))
}

fn check_role_arn(arn: &str) -> Result<(), AwsError> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", partition, "iam", "", account, role]
            if partition.starts_with("aws")
                && account.len() == 12
                && account.bytes().all(|digit| digit.is_ascii_digit())
                && role.starts_with("role/") =>
        {
            Ok(())
        }
        _ => Err(AwsError::validation(format!("{arn} is invalid"))),
    }
}

/// Whether trust policy and caller's policies allow an action.
///
/// In the role's own account a trust policy that names the caller needs no identity-based policy beside it.
fn may(world: &World, context: &Context<'_>, role: &Role, role_arn: &str, action: &str) -> bool {
    let principal = &context.caller.principal;
    // AWS_RULES 3.3: GetFederationToken's credentials may call nothing but GetCallerIdentity.
    if matches!(principal, Principal::FederatedUser { .. }) {
        return false;
    }
    if role.trust.verdict(action, role_arn, context) != Verdict::Allow {
        return false;
    }
    let is_enough = role.account == *principal.account() && role.trust.names(principal);
    let trust = is_enough.then_some(&role.trust);
    permissions::check(world, context, action, role_arn, trust).is_ok()
}

/// What the trust policy has to allow.
fn actions(
    caller: &Caller,
    policy: &SessionPolicy<'_>,
    source_identity: Option<&str>,
) -> Vec<&'static str> {
    let mut actions = vec!["sts:AssumeRole"];
    if policy.has_tags() || !caller.session.transitive_keys.is_empty() {
        actions.push("sts:TagSession");
    }
    if source_identity.is_some() {
        actions.push("sts:SetSourceIdentity");
    }
    actions
}

/// A code counts in the call that it came with.
fn context<'a>(world: &World, caller: &'a Caller, with_code: bool) -> Context<'a> {
    let context = Context::of(caller, world.now());
    if with_code {
        return context.with_code();
    }
    context
}

fn check_duration(caller: &Caller, role: &Role, seconds: Option<i64>) -> Result<(), AwsError> {
    let Some(seconds) = seconds else {
        return Ok(());
    };
    if matches!(caller.principal, Principal::RoleSession { .. }) && seconds > ONE_HOUR {
        return Err(AwsError::validation(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
        ));
    }
    let most = if caller.is_temporary() {
        ONE_HOUR
    } else {
        role.max_session_duration
    };
    if seconds > most {
        return Err(AwsError::validation(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ));
    }
    Ok(())
}

fn session_of(role: &Role, session_name: &str, caller: &Caller) -> Principal {
    Principal::RoleSession {
        account: role.account.clone(),
        role_name: role.name.clone(),
        role_id: role.id.clone(),
        session_name: session_name.to_owned(),
        chained: caller.is_temporary(),
    }
}
