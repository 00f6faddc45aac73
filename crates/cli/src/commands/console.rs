use daypass_core::{
    name::Name,
    problem::Problem,
    protocol::{Console, Request, Response},
};

use super::print;
use crate::agent::{Agent, unexpected};

pub(super) fn run(
    role: Name,
    destination: Option<String>,
    region: Option<String>,
    link: bool,
    agent: &Agent,
) -> Result<(), Problem> {
    let console = Console {
        role,
        destination,
        region,
    };
    if !link {
        agent.ask_with_code(|| Request::OpenConsole(console.clone()))?;
        return Ok(());
    }
    match agent.ask_with_code(|| Request::ConsoleUrl(console.clone()))? {
        Response::ConsoleUrl { url } => print(&format!("{}\n", url.expose())),
        _ => Err(unexpected()),
    }
}
