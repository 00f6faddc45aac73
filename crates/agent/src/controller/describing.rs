//! A role as it is configured, for who changes it, and what AWS must allow for it.

use daypass_core::{
    name::Name,
    policy::{self, Documents},
    problem::Problem,
    protocol::Response,
    role::Role,
};

use super::{Controller, IdentitySlot, Reply};

impl Controller {
    pub(super) fn describe_role(&self, name: &Name, principal: Option<&str>, reply: Reply) {
        let described = self.known_role(name).and_then(|role| {
            let policies = self.policies(&role, principal)?;
            Ok(Response::Role {
                policies: policies.map(Box::new),
                role: Box::new(role),
            })
        });
        // Nobody waiting is fine.
        let _ = reply.send(described.unwrap_or_else(Response::Failed));
    }

    /// Nothing where it is not known yet who assumes the role.
    fn policies(&self, role: &Role, principal: Option<&str>) -> Result<Option<Documents>, Problem> {
        let slot = role
            .identity
            .as_ref()
            .and_then(|name| self.identities.get(name));
        let Some(principal) = principal.or_else(|| self.principal(role, slot)) else {
            return Ok(None);
        };
        let mfa = slot.is_some_and(IdentitySlot::has_mfa);
        policy::documents(role, principal, mfa).map(Some)
    }

    /// The ARN of the role or user whose session assumes it.
    fn principal<'a>(&'a self, role: &Role, slot: Option<&'a IdentitySlot>) -> Option<&'a str> {
        if let Some(source) = &role.source {
            return Some(self.file.config().role(source)?.arn.as_str());
        }
        slot?.facts.as_ref().map(|facts| facts.user_arn.as_str())
    }
}
