use daypass_core::{
    name::Name,
    problem::Problem,
    protocol::{Request, Response, Wish},
    secret::Secret,
};

use super::print;
use crate::{
    agent::{Agent, unexpected},
    terminal,
};

pub(super) fn run(name: &Name, agent: &Agent) -> Result<(), Problem> {
    let response = if terminal::stdin_is_terminal() {
        agent.enter_code(name, &device(name, agent)?, &Wish::MfaSession)?
    } else {
        let code = terminal::read_stdin()?;
        agent.ask(Request::SubmitCode {
            identity: name.clone(),
            wish: Some(Wish::MfaSession),
            code: Secret::new(code.trim().to_owned()),
        })?
    };
    let Response::MfaSession { expires_at } = response else {
        return Err(unexpected());
    };
    print(&format!(
        "{name}: session until {}\n",
        expires_at.format("%Y-%m-%d %H:%M UTC")
    ))
}

fn device(name: &Name, agent: &Agent) -> Result<String, Problem> {
    let state = agent.state()?;
    let identity = state
        .identities
        .iter()
        .find(|identity| identity.name == *name);
    let serial = identity.and_then(|identity| identity.mfa_serials.first());
    Ok(serial.cloned().unwrap_or_default())
}
