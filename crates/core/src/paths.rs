//! Where things are, from the environment that the caller hands in (XDG Base Directory
//! Specification; `~/Library` and `%APPDATA%` elsewhere).

use std::{ffi::OsString, path::PathBuf};

use crate::problem::{Code, Problem};

/// The folders that Daypass uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    /// `config.toml` and nothing else.
    pub config_file: PathBuf,
    /// What may be lost without harm, and the encrypted-file vault.
    pub state_dir: PathBuf,
    /// Socket and lock: a folder of this user alone.
    pub runtime_dir: PathBuf,
}

impl Paths {
    /// Finds the folders. Empty and relative values count as unset, as the XDG specification asks.
    ///
    /// # Errors
    /// When there is no home folder to fall back to.
    pub fn from_env(variable: impl Fn(&str) -> Option<OsString>) -> Result<Self, Problem> {
        let dir = |name: &str| {
            variable(name)
                .map(PathBuf::from)
                .filter(|path| path.is_absolute())
        };
        let home = dir(if cfg!(windows) { "USERPROFILE" } else { "HOME" });
        let below_home = |parts: &str| home.as_ref().map(|home| home.join(parts));
        let (config, state) = if cfg!(target_os = "macos") {
            let support = "Library/Application Support";
            (below_home(support), below_home(support))
        } else if cfg!(windows) {
            (dir("APPDATA"), dir("LOCALAPPDATA"))
        } else {
            (below_home(".config"), below_home(".local/state"))
        };
        let config = dir("XDG_CONFIG_HOME").or(config).ok_or_else(no_home)?;
        let state = dir("XDG_STATE_HOME")
            .or(state)
            .ok_or_else(no_home)?
            .join("daypass");
        let runtime =
            dir("XDG_RUNTIME_DIR").map_or_else(|| state.join("run"), |dir| dir.join("daypass"));
        Ok(Self {
            config_file: config.join("daypass").join("config.toml"),
            state_dir: state,
            runtime_dir: runtime,
        })
    }

    /// The agent's socket.
    pub fn socket(&self) -> PathBuf {
        self.runtime_dir.join("agent.sock")
    }

    /// The lock that makes an agent the only one of its user.
    pub fn lock(&self) -> PathBuf {
        self.runtime_dir.join("agent.lock")
    }

    /// The encrypted-file vault.
    pub fn vault_file(&self) -> PathBuf {
        self.state_dir.join("vault.json")
    }

    /// Sessions across restarts, sealed.
    pub fn sessions_file(&self) -> PathBuf {
        self.state_dir.join("sessions.sealed")
    }

    /// The journal; older parts of it lie beside it.
    pub fn journal_file(&self) -> PathBuf {
        self.state_dir.join("journal.jsonl")
    }

    /// Where the window was last left.
    pub fn window_file(&self) -> PathBuf {
        self.state_dir.join("window.json")
    }

    /// Where keys lay in plain text that are in the keychain now; holds no secret.
    pub fn removed_keys_file(&self) -> PathBuf {
        self.state_dir.join("removed-keys.json")
    }
}

fn no_home() -> Problem {
    Problem::yours(
        Code::Failed,
        "There is no home folder for Daypass to keep its files in.",
        "Set HOME, or XDG_CONFIG_HOME and XDG_STATE_HOME.",
    )
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    fn paths(set: &[(&str, &str)]) -> Result<Paths, Problem> {
        Paths::from_env(|name| {
            set.iter()
                .find(|(n, _)| *n == name)
                .map(|(_, value)| value.into())
        })
    }

    #[test]
    fn xdg_folders_win_over_home() {
        let paths = paths(&[
            ("HOME", "/home/ada"),
            ("XDG_CONFIG_HOME", "/c"),
            ("XDG_STATE_HOME", ""),
            ("XDG_RUNTIME_DIR", "/run/user/1"),
        ])
        .unwrap();
        assert_eq!(paths.config_file, PathBuf::from("/c/daypass/config.toml"));
        assert_eq!(
            paths.state_dir,
            PathBuf::from("/home/ada/.local/state/daypass")
        );
        assert_eq!(
            paths.socket(),
            PathBuf::from("/run/user/1/daypass/agent.sock")
        );
    }

    #[test]
    fn without_a_runtime_folder_the_socket_is_beneath_the_state() {
        let paths = paths(&[("HOME", "/home/ada"), ("XDG_RUNTIME_DIR", "relative")]).unwrap();
        assert_eq!(
            paths.runtime_dir,
            PathBuf::from("/home/ada/.local/state/daypass/run")
        );
    }

    #[test]
    fn no_home_is_said() {
        assert!(paths(&[]).is_err());
    }
}
