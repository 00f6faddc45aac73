//! What a caller may do: identity-based, session and resource-based policies together.

use std::fmt::{self, Display};

use crate::credentials::{Caller, Principal};
use crate::policy::{self, Context, Policy, Verdict};
use crate::world::World;

/// Why a call is denied, in the words that AWS adds to its message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Denial<'a> {
    /// A statement says so.
    Explicit(PolicyType),
    /// No statement allows it.
    Implicit(PolicyType, &'a str),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PolicyType {
    Identity,
    Resource,
    Session,
}

impl Display for PolicyType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Identity => "identity-based",
            Self::Resource => "resource-based",
            Self::Session => "session",
        })
    }
}

impl Display for Denial<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Explicit(PolicyType::Identity) => {
                f.write_str("with an explicit deny in an identity-based policy")
            }
            Self::Explicit(kind) => write!(f, "with an explicit deny in a {kind} policy"),
            Self::Implicit(kind, action) => {
                write!(f, "because no {kind} policy allows the {action} action")
            }
        }
    }
}

/// Whether a caller may do `action` on `resource`, which is an ARN; `attached` is the resource's own policy.
pub(crate) fn check<'a>(
    world: &World,
    context: &Context<'_>,
    action: &'a str,
    resource: &str,
    attached: Option<&Policy>,
) -> Result<(), Denial<'a>> {
    let by_identity = identity_verdict(world, context, action, resource);
    let by_session = session_verdict(context, action, resource);
    let by_resource = attached.map_or(Verdict::Silent, |policy| {
        policy.verdict(action, resource, context)
    });
    for (verdict, kind) in [
        (by_identity, PolicyType::Identity),
        (by_resource, PolicyType::Resource),
        (by_session, PolicyType::Session),
    ] {
        if verdict == Verdict::Deny {
            return Err(Denial::Explicit(kind));
        }
    }
    if by_identity == Verdict::Silent && by_resource == Verdict::Silent {
        return Err(Denial::Implicit(PolicyType::Identity, action));
    }
    if by_session == Verdict::Silent {
        return Err(Denial::Implicit(PolicyType::Session, action));
    }
    Ok(())
}

/// Whether there is a resource on which the caller may do one of these actions.
pub(crate) fn may_ever(world: &World, context: &Context<'_>, actions: &[&str]) -> bool {
    actions.iter().any(|action| {
        let by_identity = identity_policies(world, &context.caller.principal)
            .is_none_or(|policies| policy::may_ever_allow(policies, action, context));
        by_identity
            && match session_policies(context.caller) {
                SessionPolicies::Any => true,
                SessionPolicies::These(policies) => {
                    policy::may_ever_allow(policies, action, context)
                }
            }
    })
}

fn identity_verdict(world: &World, context: &Context<'_>, action: &str, resource: &str) -> Verdict {
    match identity_policies(world, &context.caller.principal) {
        None => Verdict::Allow,
        Some(policies) => policy::verdict(policies, action, resource, context),
    }
}

fn session_verdict(context: &Context<'_>, action: &str, resource: &str) -> Verdict {
    match session_policies(context.caller) {
        SessionPolicies::Any => Verdict::Allow,
        SessionPolicies::These(policies) => policy::verdict(policies, action, resource, context),
    }
}

/// The policies that are attached to whom the caller acts for; `None` for root, who may do everything.
fn identity_policies<'w>(world: &'w World, principal: &Principal) -> Option<&'w [Policy]> {
    let of_user = |name: &str| {
        let user = world.user(principal.account(), name);
        Some(user.map_or(&[][..], |user| &user.policies))
    };
    match principal {
        Principal::Root(_) | Principal::FederatedUser { issuer: None, .. } => None,
        Principal::User { name, .. } => of_user(name),
        Principal::FederatedUser {
            issuer: Some(name), ..
        } => of_user(name),
        Principal::RoleSession { .. } => {
            let role = principal.role_arn().and_then(|arn| world.roles.get(&arn));
            Some(role.map_or(&[][..], |role| &role.policies))
        }
    }
}

/// What narrows a session.
enum SessionPolicies<'a> {
    Any,
    These(&'a [Policy]),
}

/// AWS_RULES 3.3: GetFederationToken without a policy gives no permissions.
fn session_policies(caller: &Caller) -> SessionPolicies<'_> {
    match (&caller.session.policies, &caller.principal) {
        (Some(policies), _) => SessionPolicies::These(policies),
        (None, Principal::FederatedUser { .. }) => SessionPolicies::These(&[]),
        (None, _) => SessionPolicies::Any,
    }
}
