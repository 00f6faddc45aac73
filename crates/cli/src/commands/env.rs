//! A session as a shell's commands.

use std::path::Path;

use daypass_core::{environment, problem::Problem, session::SessionKey, shell::Shell};
use rustix::process::getppid;

use super::{print, refuse_terminal, session};
use crate::{agent::Agent, args, project};

pub(super) fn run(args: args::Env, agent: &Agent) -> Result<(), Problem> {
    refuse_terminal(args.force)?;
    let chosen = project::choose(args.role, agent)?;
    let session = SessionKey {
        role: chosen.role,
        read_only: args.read_only,
    };
    let role = session::role(agent, &session.role)?;
    let region = session::region(args.region.or(chosen.region), &role);
    let credentials = session::credentials(agent, &session)?;
    let variables = environment::of_session(&session.role, region.as_deref(), &credentials);
    let shell = args.shell.map_or_else(shell_that_asks, Shell::from);
    print(&environment::commands(shell, &variables))
}

/// The shell that runs this command, else the person's own.
fn shell_that_asks() -> Shell {
    let parent = getppid().and_then(|parent| {
        let path = format!("/proc/{}/comm", parent.as_raw_nonzero());
        std::fs::read_to_string(path).ok()
    });
    let own = std::env::var("SHELL").ok();
    [parent, own]
        .into_iter()
        .flatten()
        .find_map(|program| shell_of(&program))
        .unwrap_or(Shell::Bash)
}

fn shell_of(program: &str) -> Option<Shell> {
    let name = Path::new(program.trim()).file_name()?.to_str()?;
    // A login shell's name begins with a dash.
    match name.trim_start_matches('-') {
        "bash" | "sh" | "dash" | "ksh" | "ash" => Some(Shell::Bash),
        "zsh" => Some(Shell::Zsh),
        "fish" => Some(Shell::Fish),
        "pwsh" => Some(Shell::PowerShell),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shells_are_known_by_name_and_by_path() {
        assert_eq!(shell_of("/usr/bin/zsh"), Some(Shell::Zsh));
        assert_eq!(shell_of("-fish\n"), Some(Shell::Fish));
        assert_eq!(shell_of("dash"), Some(Shell::Bash));
        assert_eq!(shell_of("pwsh"), Some(Shell::PowerShell));
        for other in ["make", "", "/", "python3"] {
            assert_eq!(shell_of(other), None, "{other}");
        }
    }
}
