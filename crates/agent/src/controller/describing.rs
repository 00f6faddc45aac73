//! A role as it is configured, for who changes it, and what AWS must allow for it.

use daypass_core::{
    name::Name,
    policy::{self, Documents},
    problem::{Code, Problem},
    protocol::Response,
    role::Role,
};

use super::{Controller, IdentitySlot, Reply};

impl Controller {
    pub(super) fn describe_role(&self, name: &Name, principal: Option<&str>, reply: Reply) {
        let described = self.known_role(name).map(|role| Response::Role {
            policies: self.policies(&role, principal).map(Box::new),
            role: Box::new(role),
        });
        // Nobody waiting is fine.
        let _ = reply.send(described.unwrap_or_else(Response::Failed));
    }

    fn policies(&self, role: &Role, principal: Option<&str>) -> Result<Documents, Problem> {
        let slot = role
            .identity
            .as_ref()
            .and_then(|name| self.identities.get(name));
        let mfa = slot.is_some_and(IdentitySlot::has_mfa);
        let principal = principal.or_else(|| self.principal(role, slot));
        let principal = principal.ok_or_else(|| nobody_known(role))?;
        policy::documents(role, principal, mfa)
    }

    /// The ARN of the role or user whose session assumes it.
    fn principal<'a>(&'a self, role: &Role, slot: Option<&'a IdentitySlot>) -> Option<&'a str> {
        if let Some(source) = &role.source {
            return Some(self.file.config().role(source)?.arn.as_str());
        }
        slot?.facts.as_ref().map(|facts| facts.user_arn.as_str())
    }
}

/// AWS has not been asked yet, or the credentials are this machine's: nobody asks whose those are.
fn nobody_known(role: &Role) -> Problem {
    Problem::yours(
        Code::Failed,
        format!("Daypass does not know who assumes {}.", role.name),
        "Name the user or role with `daypass role policy ROLE --principal ARN`.",
    )
}
