use daypass_core::{problem::Problem, protocol::Request};

use super::{print, session};
use crate::{agent::Agent, args, asking, project};

pub(super) fn run(args: args::Console, agent: &Agent) -> Result<(), Problem> {
    let chosen = project::choose(args.role, agent)?;
    let console = args.options.of(chosen.role, chosen.region);
    if args.print {
        let url = session::link(agent, &console)?;
        print(url.expose())?;
        return print("\n");
    }
    asking::ask(agent, |_| match args.copy {
        true => Request::CopyLink(console.clone()),
        false => Request::OpenConsole(console.clone()),
    })?;
    Ok(())
}
