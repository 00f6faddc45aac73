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

    /// Nothing where nobody here is known who could assume the role: not yet, or because the role
    /// is in another partition, which its own form must be able to mend.
    fn policies(&self, role: &Role, principal: Option<&str>) -> Result<Option<Documents>, Problem> {
        let slot = role
            .identity
            .as_ref()
            .and_then(|name| self.identities.get(name));
        let mfa = slot.is_some_and(IdentitySlot::has_mfa);
        if let Some(principal) = principal {
            return policy::documents(role, principal, mfa).map(Some);
        }
        let principal = self.principal(role, slot);
        Ok(principal.and_then(|principal| policy::documents(role, principal, mfa).ok()))
    }

    /// The ARN of the role or user whose session assumes it.
    fn principal<'a>(&'a self, role: &Role, slot: Option<&'a IdentitySlot>) -> Option<&'a str> {
        if let Some(source) = &role.source {
            return Some(self.file.config().role(source)?.arn.as_str());
        }
        slot?.facts.as_ref().map(|facts| facts.user_arn.as_str())
    }
}
