//! Roles as a company has them: some words in many mixtures.

use std::fmt::Write;

const TEAMS: [&str; 10] = [
    "payments", "search", "billing", "data", "web", "mobile", "ops", "security", "identity",
    "growth",
];
const STAGES: [&str; 4] = ["dev", "test", "staging", "prod"];
const JOBS: [&str; 5] = ["Admin", "Deploy", "ReadOnly", "Support", "Analytics"];
/// How many roles an account has.
const PER_ACCOUNT: usize = 4;

/// What every role's name has in it.
pub(super) const MARK: &str = "-role-";

/// That many roles, as the config file says them.
pub(super) fn config(count: usize) -> String {
    let mut lines = String::new();
    for number in 0..count {
        let (team, stage, job) = (
            of(&TEAMS, number),
            of(&STAGES, number / TEAMS.len()),
            of(&JOBS, number),
        );
        let account = 100_000_000_000 + number / PER_ACCOUNT;
        // Writing to a String cannot fail.
        let _ = write!(
            lines,
            "\n[[role]]\nname = \"{team}-{stage}{MARK}{number}\"\nidentity = \"work\"\narn = \"arn:aws:iam::{account}:role/{job}\"\n"
        );
    }
    lines
}

fn of<'a>(words: &[&'a str], number: usize) -> &'a str {
    words
        .iter()
        .cycle()
        .nth(number % words.len())
        .unwrap_or(&"")
}
