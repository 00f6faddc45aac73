//! `daypass`, the command line. One line on standard error when something fails, and an exit code
//! that a script can branch on (DESIGN.md, "The CLI").
#![cfg(unix)]

mod agent;
mod args;
mod commands;
mod terminal;
mod words;

use std::process::ExitCode;

use clap::Parser;
use daypass_core::{paths::Paths, problem::Problem};

use self::{agent::Agent, args::Args};

/// The command's `main`.
pub fn main() -> ExitCode {
    let args = Args::parse();
    let done = Paths::from_env(|name| std::env::var_os(name))
        .map(Agent::new)
        .and_then(|agent| commands::run(args.command, &agent));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            complain(&problem);
            ExitCode::from(problem.code.exit_code())
        }
    }
}

/// The one line on standard error. SDKs log it, so a [`Problem`] never holds a secret (T17).
#[expect(clippy::print_stderr, reason = "this is where errors go")]
fn complain(problem: &Problem) {
    eprintln!("daypass: {problem}");
}
