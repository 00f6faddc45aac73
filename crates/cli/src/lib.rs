//! `daypass`, the command line. One line on standard error when something fails, and an exit code
//! that a script can branch on (DESIGN.md, "The CLI").
#![cfg(unix)]

mod agent;
mod args;
mod asking;
mod colour;
mod commands;
mod complete;
mod config_file;
mod container;
mod project;
mod terminal;
mod words;

use std::process::ExitCode;

use clap::{Parser, error::ErrorKind};
use daypass_core::{
    name::Name,
    paths::Paths,
    problem::{Code, Problem},
};

use self::{agent::Agent, args::Args, commands::Failure};

/// The command's `main`.
pub fn main() -> ExitCode {
    if let Some(role) = role_for_an_sdk() {
        return end(agent().and_then(|agent| commands::credentials(role, &agent)));
    }
    if complete::answer() {
        return ExitCode::SUCCESS;
    }
    let args = match Args::try_parse() {
        Ok(args) => args,
        // Help and version are what was asked for.
        Err(error) if !error.use_stderr() => {
            let _ = error.print();
            return ExitCode::SUCCESS;
        }
        Err(error) if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let _ = error.print();
            return ExitCode::from(Code::Usage.exit_code());
        }
        Err(error) => return end(Err(misused(&error.render().to_string()).into())),
    };
    end(agent().and_then(|agent| commands::run(args.command, &agent)))
}

/// The role of `daypass credentials ROLE`, which SDKs run before every request: too often for a
/// command line with two dozen commands to be made first.
fn role_for_an_sdk() -> Option<Name> {
    let mut words = std::env::args_os().skip(1);
    if words.next()? != "credentials" {
        return None;
    }
    let role = Name::parse(words.next()?.to_str()?).ok()?;
    words.next().is_none().then_some(role)
}

fn agent() -> Result<Agent, Failure> {
    Ok(Agent::new(Paths::from_env(|name| std::env::var_os(name))?))
}

fn end(done: Result<(), Failure>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => fail(&failure),
    }
}

/// What clap says over several lines, as one: up to its usage, without its label.
fn misused(said: &str) -> Problem {
    let told: Vec<&str> = said
        .lines()
        .map(str::trim)
        .take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more"))
        .filter(|line| !line.is_empty() && !line.starts_with("tip: to pass"))
        .collect();
    let told = told.join(" ");
    let what = told.strip_prefix("error: ").unwrap_or(&told);
    if what.starts_with("unexpected argument") && std::env::args_os().nth(1) == Some("exec".into())
    {
        return Problem::yours(
            Code::Usage,
            format!("{}.", what.trim_end_matches('.')),
            "Write -- before the command: daypass exec ROLE -- COMMAND.",
        );
    }
    Problem::yours(
        Code::Usage,
        format!("{}.", what.trim_end_matches('.')),
        "See --help.",
    )
}

/// The one line on standard error. SDKs log it, so a [`Problem`] never holds a secret (T17).
#[expect(clippy::print_stderr, reason = "this is where errors go")]
fn fail(failure: &Failure) -> ExitCode {
    eprintln!("daypass: {}", failure.problem);
    ExitCode::from(failure.exit_code)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(arguments: &[&str]) -> String {
        let error = Args::try_parse_from(arguments)
            .err()
            .map(|error| error.render().to_string());
        misused(&error.unwrap_or_default()).to_string()
    }

    #[test]
    fn misuse_is_one_line_that_names_what_is_missing() {
        let missing = said(&["daypass", "role", "add", "x"]);
        assert!(missing.contains("--arn <ARN>"), "{missing}");
        assert!(missing.contains("--identity <IDENTITY>"), "{missing}");
        assert!(!missing.contains('\n'));
        let wrong = said(&[
            "daypass",
            "role",
            "add",
            "x",
            "--identity",
            "w",
            "--arn",
            "Admin",
        ]);
        assert!(
            wrong.contains("arn:aws:iam::111122223333:role/Admin. See --help."),
            "{wrong}"
        );
        assert!(said(&["daypass", "sttus"]).contains("status"));
    }
}
