//! What shells offer on Tab: clap knows the words, this knows the names in `config.toml`. The agent
//! is not asked, so completion works while none runs.

use clap::CommandFactory;
use clap_complete::{
    CompleteEnv,
    engine::{ArgValueCandidates, CompletionCandidate},
    env::Shells,
};
use daypass_core::{
    paths::Paths,
    problem::{Code, Problem},
    settings::Settings,
};
use serde::Deserialize;

use crate::{args::Args, config_file};

/// Set by the registered scripts; says in which shell's form to answer.
const VARIABLE: &str = "DAYPASS_COMPLETE";

/// Answers a shell that asks what may come next; false when none does.
pub(crate) fn answer() -> bool {
    let folder = std::env::current_dir().ok();
    CompleteEnv::with_factory(Args::command)
        .var(VARIABLE)
        .try_complete(std::env::args_os(), folder.as_deref())
        .unwrap_or(true)
}

/// What a shell has to be told once.
pub(crate) fn registration(shell: &str) -> Result<String, Problem> {
    let failed = || Problem::ours(format!("The completions of {shell} could not be made."));
    let shells = Shells::builtins();
    let completer = shells.completer(shell).ok_or_else(failed)?;
    let mut script = Vec::new();
    completer
        .write_registration(VARIABLE, "daypass", "daypass", "daypass", &mut script)
        .map_err(|_| failed())?;
    String::from_utf8(script).map_err(|_| failed())
}

/// Completes the names of roles.
pub(crate) fn roles() -> ArgValueCandidates {
    ArgValueCandidates::new(|| candidates(|names| names.role))
}

/// Completes the names of identities.
pub(crate) fn identities() -> ArgValueCandidates {
    ArgValueCandidates::new(|| candidates(|names| names.identity))
}

/// Completes the keys of settings.
pub(crate) fn settings() -> ArgValueCandidates {
    ArgValueCandidates::new(|| Settings::keys().map(CompletionCandidate::new).collect())
}

#[derive(Default, Deserialize)]
struct Names {
    #[serde(default)]
    identity: Vec<Named>,
    #[serde(default)]
    role: Vec<Named>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

fn candidates(kind: fn(Names) -> Vec<Named>) -> Vec<CompletionCandidate> {
    // No file, or one that can't be read: nothing to offer, and no place to say why.
    let names = config().unwrap_or_default();
    kind(names)
        .into_iter()
        .filter(|named| is_plain(&named.name))
        .map(|named| CompletionCandidate::new(named.name))
        .collect()
}

fn config() -> Result<Names, Problem> {
    let paths = Paths::from_env(|name| std::env::var_os(name))?;
    let text = config_file::text(&paths.config_file)?;
    toml_edit::de::from_str(&text)
        .map_err(|_| Problem::yours(Code::Failed, "The config file has a mistake in it.", ""))
}

/// Shells put a completed word on the line as it is: a name that came with somebody else's file
/// must not be able to become a command there.
fn is_plain(name: &str) -> bool {
    name.chars()
        .all(|c| c.is_alphanumeric() || "-_.@+/:,".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_a_shell_would_run_are_not_offered() {
        assert!(is_plain("prod-admin@111122223333/eu"));
        for bad in [
            "$(id)", "a;b", "`id`", "a b", "a\"b", "a'b", "~root", "a&b", "*",
        ] {
            assert!(!is_plain(bad), "{bad}");
        }
    }

    #[test]
    fn every_shell_is_told_to_ask_daypass() {
        for shell in ["bash", "zsh", "fish", "powershell"] {
            let script = registration(shell).unwrap();
            assert!(script.contains(VARIABLE), "{shell}: {script}");
            assert!(script.contains("daypass"), "{shell}");
        }
        assert!(registration("cmd").is_err());
    }
}
