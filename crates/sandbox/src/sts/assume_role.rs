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
    let wanted = Wanted::read(params)?;
    if matches!(caller.principal, Principal::Root(_)) {
        return Err(AwsError::access_denied(
            "Roles may not be assumed by root accounts.",
        ));
    }
    let packed_size = wanted.policy.check()?;
    let with_code = mfa::check(world, caller, params, entry)?;
    let role = wanted.trusting_role(world, caller, with_code)?;
    check_duration(caller, role, wanted.seconds)?;
    let session = wanted.session(world, role, caller)?;
    entry.describe_session(&session.session);

    let user = Xml::default()
        .element("AssumedRoleId", session.principal.user_id())
        .element("Arn", session.principal.arn());
    let source_identity = session.session.source_identity.clone();
    let issued = world.issue(session, wanted.seconds.unwrap_or(ONE_HOUR));
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

/// What is asked for, within the limits of each field.
struct Wanted<'a> {
    role_arn: &'a str,
    session_name: &'a str,
    seconds: Option<i64>,
    external_id: Option<&'a str>,
    source_identity: Option<&'a str>,
    policy: SessionPolicy<'a>,
}

impl<'a> Wanted<'a> {
    fn read(params: &'a Params) -> Result<Self, AwsError> {
        let mut violations = Violations::default();
        let v = &mut violations;
        v.text("serialNumber", params.get("SerialNumber"), SERIAL_NUMBER);
        v.text("tokenCode", params.get("TokenCode"), TOKEN_CODE);
        let name = params.get("RoleSessionName");
        let wanted = Self {
            role_arn: v.required("roleArn", params.get("RoleArn"), ARN),
            session_name: v.required("roleSessionName", name, ROLE_SESSION_NAME),
            seconds: duration(params)?,
            external_id: params.get("ExternalId"),
            source_identity: params.get("SourceIdentity"),
            policy: SessionPolicy::read(params, v),
        };
        v.number(
            "durationSeconds",
            wanted.seconds,
            MIN_DURATION,
            MAX_DURATION,
        );
        v.text("externalId", wanted.external_id, EXTERNAL_ID);
        v.text("sourceIdentity", wanted.source_identity, SOURCE_IDENTITY);
        violations.into_result()?;
        check_role_arn(wanted.role_arn)?;
        Ok(wanted)
    }

    /// The role, if it may be assumed like this. One that does not exist looks like one that trusts somebody else.
    fn trusting_role<'w>(
        &self,
        world: &'w World,
        caller: &Caller,
        with_code: bool,
    ) -> Result<&'w Role, AwsError> {
        let denied =
            |action: &str| AwsError::not_authorized(caller.principal.arn(), action, self.role_arn);
        let role = world
            .roles
            .get(self.role_arn)
            .ok_or_else(|| denied("sts:AssumeRole"))?;
        let context = self.context(world, caller, with_code);
        for action in self.actions(caller) {
            if !may(world, &context, role, self.role_arn, action) {
                return Err(denied(action));
            }
        }
        if self.source_identity.is_some() && self.source_identity != self.kept_identity(caller) {
            return Err(denied("sts:SetSourceIdentity"));
        }
        Ok(role)
    }

    /// The source identity of the new session: what a chained one was given once, it keeps.
    fn kept_identity<'s>(&'s self, caller: &'s Caller) -> Option<&'s str> {
        let inherited = caller.session.source_identity.as_deref();
        inherited.or(self.source_identity)
    }

    /// What the trust policy has to allow.
    fn actions(&self, caller: &Caller) -> Vec<&'static str> {
        let mut actions = vec!["sts:AssumeRole"];
        if self.policy.has_tags() || !caller.session.transitive_keys.is_empty() {
            actions.push("sts:TagSession");
        }
        if self.kept_identity(caller).is_some() {
            actions.push("sts:SetSourceIdentity");
        }
        actions
    }

    /// What policies look at; a code counts in the call that it came with.
    fn context<'s>(&'s self, world: &World, caller: &'s Caller, with_code: bool) -> Context<'s> {
        let context = Context {
            wanted: WantedSession {
                external_id: self.external_id,
                session_name: Some(self.session_name),
                source_identity: self.kept_identity(caller),
                tags: self.policy.tags(),
                transitive_keys: self.policy.transitive_keys().to_vec(),
            },
            ..Context::of(caller, world.now())
        };
        if with_code {
            return context.with_code();
        }
        context
    }

    fn session(&self, world: &World, role: &Role, caller: &Caller) -> Result<Caller, AwsError> {
        let principal = Principal::RoleSession {
            account: role.account.clone(),
            role_name: role.name.clone(),
            role_id: role.id.clone(),
            session_name: self.session_name.to_owned(),
            chained: caller.is_temporary(),
        };
        let session = SessionContext {
            source_identity: self.kept_identity(caller).map(str::to_owned),
            ..self.policy.session(world, &role.account, &caller.session)?
        };
        Ok(Caller {
            session,
            ..Caller::new(principal, Lifetime::Temporary)
        })
    }
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
