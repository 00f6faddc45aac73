//! A home of its own for everything that runs on the stage.

use std::{
    ffi::{OsStr, OsString},
    fs,
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::{Path, PathBuf},
    process::Command,
};

use crate::{Result, programs};

/// A private home folder and the environment that leads to it.
pub struct Home {
    folder: tempfile::TempDir,
    variables: Vec<(String, OsString)>,
}

impl Home {
    /// Makes an empty home.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn new() -> Result<Self> {
        // A short path: socket paths are limited to 108 bytes.
        let folder = tempfile::Builder::new().prefix("dp").tempdir()?;
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700))?;
        let mut home = Self {
            folder,
            variables: Vec::new(),
        };
        for (name, below) in [
            ("HOME", ""),
            ("XDG_CONFIG_HOME", "config"),
            ("XDG_STATE_HOME", "state"),
            ("XDG_DATA_HOME", "data"),
            ("XDG_CACHE_HOME", "cache"),
            ("XDG_RUNTIME_DIR", "run"),
            ("TMPDIR", "tmp"),
        ] {
            let path = home.path().join(below);
            fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(&path)?;
            home.set(name, path);
        }
        Ok(home)
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Sets a variable for everything that is started from now on.
    pub fn set(&mut self, name: &str, value: impl Into<OsString>) {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.to_owned(), value.into()));
    }

    /// A variable that everything is started with.
    pub(crate) fn variable(&self, name: &str) -> Option<&OsStr> {
        let set = self.variables.iter().find(|(known, _)| known == name);
        set.map(|(_, value)| value.as_os_str())
    }

    /// Takes a variable from everything that is started from now on.
    pub fn unset(&mut self, name: &str) {
        self.variables.retain(|(known, _)| known != name);
    }

    /// A program of this home: with its environment and nothing of the person's own but the path.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env_clear();
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
        // What is looked for on screen is in English.
        command.env("LANG", "C.UTF-8");
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.current_dir(self.path());
        command
    }

    /// A program that runs for as long as the stage stands: it ends with the thread that started
    /// it, even if that is killed and drops nothing.
    pub fn lasting(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = self.command("setpriv");
        command.args(["--pdeathsig", "TERM"]).arg(program);
        command
    }

    /// One of our own programs, in this home.
    ///
    /// # Errors
    /// When it isn't built.
    pub fn program(&self, name: &str) -> Result<Command> {
        Ok(self.command(programs()?.join(name)))
    }

    /// Writes Daypass's config file.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn write_config(&self, text: &str) -> Result<()> {
        let path = self.config_file();
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        Ok(fs::write(path, text)?)
    }

    /// Makes a shell script the default browser of this home, as a desktop's settings do.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn set_browser(&self, script: &str) -> Result<PathBuf> {
        let program = self.path().join("browser");
        fs::write(&program, script)?;
        fs::set_permissions(&program, fs::Permissions::from_mode(0o700))?;
        let applications = self.path().join("data/applications");
        fs::create_dir_all(&applications)?;
        fs::write(
            applications.join("stage-browser.desktop"),
            format!(
                "[Desktop Entry]\nType=Application\nName=Browser\nExec={} %u\n",
                program.display()
            ),
        )?;
        fs::write(
            self.path().join("config/mimeapps.list"),
            "[Default Applications]\nx-scheme-handler/http=stage-browser.desktop\nx-scheme-handler/https=stage-browser.desktop\n",
        )?;
        Ok(program)
    }

    /// Writes a file below this home.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn write(&self, path: &str, text: &str) -> Result<PathBuf> {
        let path = self.path().join(path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&path, text)?;
        Ok(path)
    }

    /// Writes a shell script below this home.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn script(&self, path: &str, text: &str) -> Result<PathBuf> {
        let path = self.write(path, &format!("#!/bin/sh\n{text}"))?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700))?;
        Ok(path)
    }

    /// Daypass's config file.
    pub fn config_file(&self) -> PathBuf {
        self.path().join("config/daypass/config.toml")
    }

    /// The agent's socket.
    pub fn socket(&self) -> PathBuf {
        self.path().join("run/daypass/agent.sock")
    }

    /// Where a process's log goes.
    pub fn log(&self, name: &str) -> PathBuf {
        self.path().join(format!("{name}.log"))
    }
}
