//! A profile for every role in `~/.aws/config`, so that AWS's tools find the sessions by name.

use std::path::Path;

use daypass_core::{
    problem::{Code, Problem},
    view::RoleView,
};
use daypass_shared_files::{
    file::Outcome,
    profiles::{self, Change, Profile, process},
};
use serde::Serialize;

use super::{note, print, print_json, shared_files};
use crate::{
    agent::Agent,
    args,
    colour::{Paint, Tone},
};

/// What `--json` tells.
#[derive(Serialize)]
struct Report<'a> {
    path: &'a Path,
    changed: bool,
    profiles: Vec<&'a str>,
    left_out: &'a [String],
    warnings: &'a [String],
}

pub(super) fn run(args: &args::Profiles, agent: &Agent) -> Result<(), Problem> {
    check_prefix(&args.prefix)?;
    let (wanted, mut warnings) = match args.remove {
        true => (Vec::new(), Vec::new()),
        false => wanted(&agent.state()?.roles, &args.prefix, &own_path()?),
    };
    let mut change = profiles::plan(&shared_files()?, &wanted)?;
    warnings.append(&mut change.warnings);
    warnings.extend(environment_trap());
    if !args.dry_run && profiles::apply(&change)? == (Outcome::Written { was_readable: true }) {
        warnings.push(format!(
            "Other users could read {} until now; it is yours alone from now on.",
            change.path.display()
        ));
    }
    let report = Report {
        path: &change.path,
        changed: change.before != change.after,
        profiles: wanted
            .iter()
            .map(|profile| profile.name.as_str())
            .filter(|name| !change.left_out.iter().any(|out| out == name))
            .collect(),
        left_out: &change.left_out,
        warnings: &warnings,
    };
    if args.json {
        return print_json(&report);
    }
    for warning in &warnings {
        note(warning);
    }
    match args.dry_run {
        true => print(&painted(&change, Paint::for_stdout())),
        false => print(&summary(&report)),
    }
}

/// A prefix that no profile can have would leave all of them out, and so remove those that are there.
fn check_prefix(prefix: &str) -> Result<(), Problem> {
    let profile = Profile {
        name: format!("{prefix}x"),
        command: "true".to_owned(),
        region: None,
    };
    profile.check()
}

fn summary(report: &Report<'_>) -> String {
    let before = if report.changed { "" } else { ", as before" };
    format!(
        "Daypass's profiles in {}: {}{before}\n",
        report.path.display(),
        report.profiles.len()
    )
}

/// The diff, which begins with two lines that name the file.
fn painted(change: &Change, paint: Paint) -> String {
    let mut text = String::new();
    for (number, line) in profiles::diff(change).lines().enumerate() {
        let line = match line.chars().next() {
            Some('+') if number > 1 => paint.tone(Tone::Good, line),
            Some('-') if number > 1 => paint.tone(Tone::Bad, line),
            _ => line.to_owned(),
        };
        text.push_str(&line);
        text.push('\n');
    }
    text
}

/// A profile for each role, and why some have none.
fn wanted(roles: &[RoleView], prefix: &str, program: &str) -> (Vec<Profile>, Vec<String>) {
    let (mut profiles, mut warnings) = (Vec::new(), Vec::new());
    for role in roles {
        let profile = Profile {
            name: format!("{prefix}{}", role.name),
            command: process::of_role(program, &role.name),
            region: role.region.clone(),
        };
        match profile.check() {
            Ok(()) => profiles.push(profile),
            Err(problem) => warnings.push(format!("{} has no profile: {problem}", role.name)),
        }
    }
    (profiles, warnings)
}

/// Where AWS's tools find this program, whatever their PATH is.
fn own_path() -> Result<String, Problem> {
    let running = std::env::current_exe().map_err(|error| {
        Problem::yours(
            Code::Failed,
            format!("Daypass does not find itself: {error}."),
            "",
        )
    })?;
    process::lasting_path(running, &std::env::var_os("PATH").unwrap_or_default())
}

/// Keys in the environment win over a profile that is chosen there (AWS_RULES 3.8).
pub(super) fn environment_trap() -> Option<String> {
    std::env::var_os("AWS_ACCESS_KEY_ID")
        .filter(|id| !id.is_empty())
        .map(|_| {
            "AWS_ACCESS_KEY_ID is set here and wins over AWS_PROFILE. Unset it, or use --profile."
                .to_owned()
        })
}
