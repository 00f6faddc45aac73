//! The commands, a file for each noun.

mod console;
mod credentials;
mod identity;
mod mfa;
mod role;
mod status;

use std::io::Write;

use daypass_core::problem::{Code, Problem};

use crate::{agent::Agent, args::Command};

/// Runs what was typed.
pub(crate) fn run(command: Command, agent: &Agent) -> Result<(), Problem> {
    match command {
        Command::Status { json } => status::run(agent, json),
        Command::Identity(command) => identity::run(command, agent),
        Command::Mfa { name } => mfa::run(&name, agent),
        Command::Role(command) => role::run(command, agent),
        Command::Credentials { role, force } => credentials::run(&role, force, agent),
        Command::Console {
            role,
            destination,
            region,
            print,
        } => console::run(role, destination, region, print, agent),
        Command::Quit => agent.quit(),
    }
}

/// Writes to standard output; a reader that went away is a failure, not a crash.
fn print(text: &str) -> Result<(), Problem> {
    let mut stdout = std::io::stdout().lock();
    stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
        .map_err(|error| {
            Problem::yours(
                Code::Failed,
                format!("The output could not be written: {error}."),
                "",
            )
        })
}

fn print_json(value: &impl serde::Serialize) -> Result<(), Problem> {
    let json = serde_json::to_string_pretty(value)
        .map_err(|_| Problem::ours("The answer could not be written as JSON."))?;
    print(&(json + "\n"))
}
