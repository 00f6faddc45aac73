//! What several commands ask the agent about a role.

use daypass_core::{
    config::unknown_role,
    field::Region,
    name::Name,
    problem::Problem,
    protocol::{Console, Request, Response, WireCredentials},
    secret::Secret,
    session::SessionKey,
    view::RoleView,
};

use crate::{
    agent::{Agent, unexpected},
    asking,
};

/// A session for a program.
pub(super) fn credentials(agent: &Agent, session: &SessionKey) -> Result<WireCredentials, Problem> {
    let response = asking::ask(agent, |asking| Request::Credentials {
        session: session.clone(),
        asking,
    })?;
    match response {
        Response::Credentials(credentials) => Ok(credentials),
        _ => Err(unexpected()),
    }
}

/// A sign-in link: a bearer secret for 15 minutes.
pub(super) fn link(agent: &Agent, console: &Console) -> Result<Secret, Problem> {
    let response = asking::ask(agent, |asking| Request::ConsoleUrl {
        console: console.clone(),
        asking,
    })?;
    match response {
        Response::ConsoleUrl { url } => Ok(url),
        _ => Err(unexpected()),
    }
}

/// A role as the agent knows it.
pub(super) fn role(agent: &Agent, name: &Name) -> Result<RoleView, Problem> {
    let roles = agent.state()?.roles;
    if let Some(role) = roles.iter().find(|role| role.name == *name) {
        return Ok(role.clone());
    }
    Err(unknown_role(
        name,
        roles.iter().map(|role| role.name.as_str()),
    ))
}

/// The region that was asked for, else the role's own.
pub(super) fn region(asked: Option<Region>, role: &RoleView) -> Option<String> {
    asked.map(String::from).or_else(|| role.region.clone())
}
