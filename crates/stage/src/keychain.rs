//! The keychain of the stage, and what may happen to one.

use std::{io::Write, path::PathBuf, process::Stdio};

use rustix::process::{Pid, Signal, kill_process};

use crate::{Desktop, Error, Process, Result, desktop::succeed, screen::PYTHON, wait};

/// The keychain's name on the bus.
const NAME: &str = "org.freedesktop.secrets";
/// How often the keychain is started against one that the bus starts.
const TRIES: usize = 20;
/// Password of the private keychain.
const PASSWORD: &str = "stage";
const SILENT: &str = include_str!("silent_keychain.py");

impl Desktop {
    /// Starts gnome-keyring, unlocked, in the place of the present one.
    ///
    /// # Errors
    /// When it isn't there.
    pub fn start_keychain(&mut self) -> Result<()> {
        for _ in 0..TRIES {
            let mut keychain = self.unlocked_keychain()?;
            // Whoever asks meanwhile makes the bus start a locked one, and that may stay.
            let settled = wait::until("the keychain", || {
                if keychain.ended().is_some() {
                    return Some(false);
                }
                let owner = self.owner_of(NAME).ok();
                owner.map(|owner| Pid::from_raw(keychain.id().cast_signed()) == Some(owner))
            });
            if settled? {
                self.keep(keychain);
                return Ok(());
            }
            // It may have ended already.
            let _ = self.kill_keychain();
        }
        Err(Error::new("the bus always starts a keychain of its own"))
    }

    /// Kills the keychain's program and starts it again, unlocked, as after a crash and a login.
    ///
    /// # Errors
    /// When it does not come back.
    pub fn restart_keychain(&mut self) -> Result<()> {
        self.kill_keychain()?;
        self.start_keychain()
    }

    fn unlocked_keychain(&self) -> Result<Process> {
        let mut command = self.home.lasting("gnome-keyring-daemon");
        command
            .args([
                "--unlock",
                "--replace",
                "--components=secrets",
                "--foreground",
            ])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut process = Process::start(&mut command)?;
        if let Some(mut stdin) = process.take_stdin() {
            stdin.write_all(PASSWORD.as_bytes())?;
        }
        Ok(process)
    }

    /// Puts a keychain in the place of the present one that takes calls and answers none; yields
    /// the file in which it names them.
    ///
    /// # Errors
    /// When Python's bindings to GLib aren't there.
    pub fn silence_keychain(&mut self) -> Result<PathBuf> {
        let path = self.home.log("silent-keychain");
        let mut command = self.home.lasting(PYTHON);
        command
            .args(["-c", SILENT])
            .env_remove("LD_PRELOAD")
            .stdout(std::fs::File::create(&path)?);
        self.keep(Process::start(&mut command)?);
        wait::until("the silent keychain", || {
            let said = std::fs::read_to_string(&path).ok()?;
            said.contains("waiting").then_some(())
        })?;
        // The bus gives the name to the next in the queue, before anybody can ask for it.
        self.kill_keychain()?;
        Ok(path)
    }

    /// Locks the keychain, as a person or a screen lock does.
    ///
    /// # Errors
    /// When the keychain doesn't answer.
    pub fn lock_keychain(&self) -> Result<()> {
        let mut command = self.home.command("gdbus");
        command.args([
            "call",
            "--session",
            "--dest",
            NAME,
            "--object-path",
            "/org/freedesktop/secrets",
            "--method",
            "org.freedesktop.Secret.Service.Lock",
            "['/org/freedesktop/secrets/collection/login']",
        ]);
        succeed(&mut command)
    }

    /// Kills the keychain, whichever program it is, and waits until it is off the bus. The bus
    /// starts gnome-keyring, locked, for whoever asks next.
    ///
    /// # Errors
    /// When there is none.
    pub fn kill_keychain(&self) -> Result<()> {
        let killed = self.owner_of(NAME)?;
        // It may have ended already.
        let _ = kill_process(killed, Signal::KILL);
        wait::until("the keychain's end", || {
            (self.owner_of(NAME).ok() != Some(killed)).then_some(())
        })
    }
}
