use daypass_core::{
    problem::Problem,
    protocol::{Publish, Request, Response},
};

use super::print;
use crate::{
    agent::{Agent, unexpected},
    args, asking, project, words,
};

pub(super) fn run(args: args::Publish, agent: &Agent) -> Result<(), Problem> {
    let role = project::choose(args.role, agent)?.role;
    if args.stop {
        let secret_id = args.secret_id;
        agent.ask(Request::StopPublishing { role, secret_id })?;
        return Ok(());
    }
    let publish = Publish {
        role,
        secret_id: args.secret_id,
        region: args.region,
        writer: args.writer,
        create: args.create,
        keep: args.keep,
    };
    publish.check()?;
    match asking::ask(agent, |asking| Request::Publish {
        publish: publish.clone(),
        asking,
    })? {
        Response::Published {
            version_id,
            expires_at,
        } => print(&format!(
            "{}: version {version_id}, a session until {}\n",
            publish.secret_id,
            words::instant(expires_at)
        )),
        _ => Err(unexpected()),
    }
}
