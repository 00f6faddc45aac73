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
use daypass_core::{
    paths::Paths,
    problem::{Code, Problem},
};

use self::{agent::Agent, args::Args};

/// The command's `main`.
pub fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        // Help and version are what was asked for.
        Err(error) if !error.use_stderr() => {
            let _ = error.print();
            return ExitCode::SUCCESS;
        }
        Err(error) => return fail(&misused(&error.render().to_string())),
    };
    let done = Paths::from_env(|name| std::env::var_os(name))
        .map(Agent::new)
        .and_then(|agent| commands::run(args.command, &agent));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => fail(&problem),
    }
}

/// What clap says over several lines, as one: up to its usage, without its label.
fn misused(said: &str) -> Problem {
    let told: Vec<&str> = said
        .lines()
        .map(str::trim)
        .take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more"))
        .filter(|line| !line.is_empty())
        .collect();
    let told = told.join(" ");
    let what = told.strip_prefix("error: ").unwrap_or(&told);
    Problem::yours(
        Code::Usage,
        format!("{}.", what.trim_end_matches('.')),
        "See --help.",
    )
}

/// The one line on standard error. SDKs log it, so a [`Problem`] never holds a secret (T17).
#[expect(clippy::print_stderr, reason = "this is where errors go")]
fn fail(problem: &Problem) -> ExitCode {
    eprintln!("daypass: {problem}");
    ExitCode::from(problem.code.exit_code())
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
        assert!(
            missing.contains("--arn <ARN> --identity <IDENTITY>"),
            "{missing}"
        );
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
