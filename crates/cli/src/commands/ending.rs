//! A new session before its time, or none.

use daypass_core::{
    problem::Problem,
    protocol::{Request, Response},
};

use crate::{
    agent::{Agent, unexpected},
    args, asking, project,
};

pub(super) fn renew(args: args::Renew, agent: &Agent) -> Result<(), Problem> {
    let role = project::choose(args.role, agent)?.role;
    let renewed = asking::ask(agent, |asking| Request::RenewSession {
        role: role.clone(),
        asking,
    })?;
    match renewed {
        Response::Done => Ok(()),
        _ => Err(unexpected()),
    }
}

pub(super) fn end(args: args::End, agent: &Agent) -> Result<(), Problem> {
    let role = project::choose(args.role, agent)?.role;
    agent.ask(Request::EndSession { role })?;
    Ok(())
}
