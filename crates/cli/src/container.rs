//! The container endpoint of `daypass exec --server` (AWS_RULES 3.10): a process of its own beside
//! the command, which serves credentials on loopback to whoever has its token (T3), and ends with
//! the command.

mod answers;
mod endpoint;
mod hardening;
mod request;
mod token_file;

use std::{
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Command, Stdio},
};

use daypass_core::{
    problem::{Code, Problem},
    session::SessionKey,
};
use serde::{Deserialize, Serialize};

pub(crate) use self::endpoint::serve;

/// The one path that is answered.
const PATH: &str = "/credentials";

/// What the endpoint's process says once, on its standard output, before the command starts.
#[derive(Serialize, Deserialize)]
enum Hello {
    /// It listens.
    Ready(Endpoint),
    /// It could not.
    Failed(Problem),
}

/// Where credentials are served.
#[derive(Serialize, Deserialize)]
pub(crate) struct Endpoint {
    port: u16,
    /// Holds the token; this user's alone.
    pub(crate) token_file: PathBuf,
}

impl Endpoint {
    /// The address for `AWS_CONTAINER_CREDENTIALS_FULL_URI`.
    pub(crate) fn address(&self) -> String {
        format!("http://{}{PATH}", authority(self.port))
    }
}

/// Starts the process that serves a session for as long as this one lives, whatever program it
/// becomes.
pub(crate) fn start(session: &SessionKey, role_arn: &str) -> Result<Endpoint, Problem> {
    let own = std::env::current_exe().map_err(|error| failed(&error.to_string()))?;
    let mut helper = Command::new(own);
    helper
        .arg("__container-endpoint")
        .arg(session.role.as_str())
        .args(["--role-arn", role_arn])
        .args(["--command", &std::process::id().to_string()])
        .args(session.read_only.then_some("--read-only"))
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let helper = helper.spawn().map_err(|error| failed(&error.to_string()))?;
    let mut line = String::new();
    let said = helper.stdout.ok_or_else(|| failed("it has no output"))?;
    BufReader::new(said)
        .read_line(&mut line)
        .map_err(|error| failed(&error.to_string()))?;
    match serde_json::from_str(&line) {
        Ok(Hello::Ready(endpoint)) => Ok(endpoint),
        Ok(Hello::Failed(problem)) => Err(problem),
        Err(_) => Err(failed("it ended before it listened")),
    }
}

fn authority(port: u16) -> String {
    format!("127.0.0.1:{port}")
}

fn failed(why: &str) -> Problem {
    Problem::yours(
        Code::Failed,
        format!("The credentials endpoint could not be started: {why}."),
        "Run the command without --server, or try again.",
    )
}
