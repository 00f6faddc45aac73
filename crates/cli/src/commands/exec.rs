//! A command with a role's session. It takes this process's place, so that signals, job control
//! and the exit code are its own.

use std::{ffi::OsString, io, os::unix::process::CommandExt, process::Command};

use daypass_core::{
    environment::{self, CONTRADICTORY},
    problem::{Code, Problem},
    session::SessionKey,
    view::RoleView,
};
use daypass_shared_files::{file, ini::Document};
use zeroize::Zeroizing;

use super::{Failure, note, session, shared_files};
use crate::{agent::Agent, args, container, project};

/// What shells say of a command that isn't there, and of one that can't be run (POSIX, "Exit
/// Status for Commands").
const NOT_FOUND: u8 = 127;
const NOT_RUN: u8 = 126;

type Variables = Vec<(&'static str, Zeroizing<String>)>;

pub(super) fn run(args: args::Exec, agent: &Agent) -> Result<(), Failure> {
    if !args.nested {
        refuse_nesting()?;
    }
    let chosen = project::choose(args.role, agent)?;
    let session = SessionKey {
        role: chosen.role,
        read_only: args.read_only,
    };
    let role = session::role(agent, &session.role)?;
    let region = session::region(args.region.or(chosen.region), &role);
    // With an endpoint too: a code is asked for here and now, and not by the first SDK that waits.
    let credentials = session::credentials(agent, &session)?;
    let variables = if args.server {
        drop(credentials);
        of_endpoint(&session, &role, region.as_deref(), args.token_in_env)?
    } else {
        environment::of_session(&session.role, region.as_deref(), &credentials)
    };
    Err(become_command(&args.command, variables))
}

fn refuse_nesting() -> Result<(), Problem> {
    let Some(role) = std::env::var_os(environment::ROLE).filter(|role| !role.is_empty()) else {
        return Ok(());
    };
    Err(Problem::yours(
        Code::Usage,
        format!("This is already a session of {}.", role.to_string_lossy()),
        "Leave it first, or add --nested.",
    ))
}

/// Starts the endpoint and names it; no session is in the variables.
fn of_endpoint(
    session: &SessionKey,
    role: &RoleView,
    region: Option<&str>,
    token_in_env: bool,
) -> Result<Variables, Problem> {
    let endpoint = container::start(session, &role.arn)?;
    if let Some(trap) = default_profile_trap() {
        note(&trap);
    }
    let file = endpoint.token_file.to_str().ok_or_else(|| {
        Problem::usage("The path of the runtime folder is not UTF-8, so SDKs can't be told of it.")
    })?;
    let mut variables = vec![
        (
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            Zeroizing::new(endpoint.address()),
        ),
        (
            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
            Zeroizing::new(file.to_owned()),
        ),
    ];
    if token_in_env {
        let token = std::fs::read_to_string(file).map_err(|error| {
            Problem::yours(
                Code::Failed,
                format!("{file} cannot be read: {error}."),
                "Try again.",
            )
        })?;
        variables.push(("AWS_CONTAINER_AUTHORIZATION_TOKEN", Zeroizing::new(token)));
    }
    variables.extend(environment::of_role(&session.role, region));
    Ok(variables)
}

/// Settings of `[default]` that SDKs look at before they would ask an endpoint (AWS_RULES 3.8).
const BEFORE_ENDPOINT: [&str; 7] = [
    "aws_access_key_id",
    "role_arn",
    "web_identity_token_file",
    "sso_session",
    "sso_account_id",
    "login_session",
    "credential_process",
];

/// What in AWS's files would win over the endpoint. A file that can't be read wins over nothing.
fn default_profile_trap() -> Option<String> {
    let locations = shared_files().ok()?;
    [locations.credentials, locations.config]
        .iter()
        .find_map(|path| {
            let document = Document::parse(&file::read(path).ok()??).ok()?;
            let section = document.section("default")?;
            let key = BEFORE_ENDPOINT
                .iter()
                .find(|key| document.get(section, key).is_some())?;
            Some(format!(
                "[default] in {} has {key}, which wins over the endpoint. Take it out, or run without --server.",
                path.display()
            ))
        })
}

/// Ends this program by becoming another one; comes back only if that fails.
fn become_command(words: &[OsString], variables: Variables) -> Failure {
    let Some((program, arguments)) = words.split_first() else {
        return Problem::usage("The command is missing.").into();
    };
    let mut command = Command::new(program);
    command.args(arguments);
    for name in CONTRADICTORY {
        command.env_remove(name);
    }
    for (name, value) in &variables {
        command.env(name, value.as_str());
    }
    drop(variables);
    not_started(program, &command.exec())
}

fn not_started(program: &OsString, error: &io::Error) -> Failure {
    let program = program.to_string_lossy();
    let (what, exit_code) = match error.kind() {
        io::ErrorKind::NotFound => (format!("There is no command {program}."), NOT_FOUND),
        _ => (format!("{program} cannot be run: {error}."), NOT_RUN),
    };
    Failure {
        problem: Problem::yours(Code::Failed, what, ""),
        exit_code,
    }
}
