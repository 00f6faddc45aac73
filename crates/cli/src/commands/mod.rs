//! The commands, a file for each.

mod account;
mod allow;
mod completions;
mod console;
mod credentials;
mod doctor;
mod ending;
mod env;
mod exec;
mod export;
mod identity;
mod import;
mod lock;
mod log;
mod man;
mod mfa;
mod profiles;
mod publish;
mod role;
mod session;
mod settings;
mod status;

use std::io::Write;

use daypass_core::{
    name::Name,
    problem::{Code, Problem},
    session::SessionKey,
};
use daypass_shared_files::Locations;
use zeroize::Zeroizing;

use crate::{agent::Agent, args::Command, container, terminal};

/// What ends a command early.
pub(crate) struct Failure {
    /// What is said about it.
    pub(crate) problem: Problem,
    /// The process's exit code.
    pub(crate) exit_code: u8,
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self {
            exit_code: problem.code.exit_code(),
            problem,
        }
    }
}

/// Runs what was typed.
pub(crate) fn run(command: Command, agent: &Agent) -> Result<(), Failure> {
    match command {
        Command::Exec(exec) => return exec::run(exec, agent),
        Command::ContainerEndpoint(endpoint) => {
            let session = SessionKey {
                role: endpoint.role,
                read_only: endpoint.read_only,
            };
            container::serve(session, endpoint.role_arn, endpoint.command, agent.clone())
        }
        Command::Status { json } => status::run(agent, json),
        Command::Identity(command) => identity::run(command, agent),
        Command::Mfa { name, device } => mfa::run(&name, device.as_deref(), agent),
        Command::Role(command) => role::run(command, agent),
        Command::Renew(args) => ending::renew(args, agent),
        Command::End(args) => ending::end(args, agent),
        Command::Account(command) => account::run(command, agent),
        Command::Settings(args) => settings::run(args, agent),
        Command::Credentials(args) => credentials::run(args, agent),
        Command::Env(args) => env::run(args, agent),
        Command::Console(args) => console::run(args, agent),
        Command::Export(args) => export::run(args, agent),
        Command::Publish(args) => publish::run(args, agent),
        Command::Profiles(args) => profiles::run(&args, agent),
        Command::Import(args) => import::run(&args, agent),
        Command::Allow => allow::run(agent),
        Command::Completions { shell } => completions::run(shell),
        Command::Doctor { json } => doctor::run(agent, json),
        Command::Lock => lock::lock(agent),
        Command::Unlock => lock::unlock(agent),
        Command::Log(args) => log::run(args, agent),
        Command::Quit => agent.quit(),
        Command::Man { to } => man::run(&to),
    }
    .map_err(Failure::from)
}

/// `daypass credentials ROLE` and nothing more.
pub(crate) fn credentials(role: Name, agent: &Agent) -> Result<(), Failure> {
    Ok(credentials::of_role(SessionKey::of(role), false, agent)?)
}

/// Writes to standard output; a reader that went away is a failure, not a crash.
pub(crate) fn print(text: &str) -> Result<(), Problem> {
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

/// Where AWS's shared files are, as the caller's environment has it.
fn shared_files() -> Result<Locations, Problem> {
    Locations::from_env(|name| std::env::var_os(name))
}

fn print_json(value: &impl serde::Serialize) -> Result<(), Problem> {
    let json = serde_json::to_string_pretty(value).map_err(|_| not_json())?;
    print(&(json + "\n"))
}

/// JSON with a secret in it, in a buffer so large that it does not grow and leave a copy behind.
pub(crate) fn secret_json(value: &impl serde::Serialize) -> Result<Zeroizing<String>, Problem> {
    let mut json = Zeroizing::new(Vec::with_capacity(16 * 1024));
    serde_json::to_writer(&mut *json, value).map_err(|_| not_json())?;
    let text = std::mem::take(&mut *json);
    String::from_utf8(text)
        .map(Zeroizing::new)
        .map_err(|_| not_json())
}

fn not_json() -> Problem {
    Problem::ours("The answer could not be written as JSON.")
}

/// A line for the person beside the program that reads standard output. Never a secret.
#[expect(clippy::print_stderr, reason = "standard output is a program's")]
fn note(text: &str) {
    eprintln!("daypass: {text}");
}

/// Secrets on a screen are seen, scrolled back to and recorded (T17).
fn refuse_terminal(force: bool) -> Result<(), Problem> {
    if force || !terminal::stdout_is_terminal() {
        return Ok(());
    }
    Err(Problem::yours(
        Code::Usage,
        "Credentials are not printed onto a terminal, where they stay to be seen.",
        "Let a program read them, or add --force.",
    ))
}
