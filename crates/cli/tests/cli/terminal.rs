//! A program on a terminal of its own.

use std::{
    fs::{File, OpenOptions},
    io::{Read, Write},
    process::{Child, Command, Stdio},
};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

/// Runs a program, says that it has ended, and stays until its terminal is gone. Linux drops what
/// was said and not yet read when the first program of a terminal ends.
const LEADER: &str =
    r#""$@"; code=$?; trap "" HUP; printf '\0'; while read -r line; do :; done; exit $code"#;

/// A program, its terminal, and what it has said so far.
pub(crate) struct Session {
    terminal: Option<File>,
    child: Child,
    said: String,
}

impl Session {
    /// Starts a command as the first program of a new terminal.
    pub(crate) fn of(command: &Command) -> Self {
        let terminal =
            openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&terminal).unwrap();
        unlockpt(&terminal).unwrap();
        let name = ptsname(&terminal, Vec::new()).unwrap();
        let end = OpenOptions::new()
            .read(true)
            .write(true)
            .open(name.to_str().unwrap())
            .unwrap();
        let end = || Stdio::from(end.try_clone().unwrap());
        // setsid(1) makes the terminal the controlling one, for which std has no call.
        let mut leader = Command::new("setsid");
        leader
            .args(["--ctty", "--wait", "/bin/sh", "-c", LEADER, "sh"])
            .arg(command.get_program())
            .args(command.get_args())
            .env_clear()
            .stdin(end())
            .stdout(end())
            .stderr(end());
        for (name, value) in command.get_envs() {
            leader.env(name, value.unwrap());
        }
        if let Some(folder) = command.get_current_dir() {
            leader.current_dir(folder);
        }
        Self {
            terminal: Some(terminal.into()),
            child: leader.spawn().unwrap(),
            said: String::new(),
        }
    }

    /// Reads until this is said, since the last time that something was waited for.
    pub(crate) fn wait_for(&mut self, text: &str) {
        loop {
            if let Some(at) = self.said.find(text) {
                self.said.drain(..at + text.len());
                return;
            }
            let said = self.read();
            assert!(
                said || self.said.contains(text),
                "{text:?} was not said, but {:?}",
                self.said
            );
        }
    }

    /// Types, as a person does.
    pub(crate) fn type_in(&mut self, text: &str) {
        let mut terminal = self.terminal.as_ref().unwrap();
        terminal.write_all(text.as_bytes()).unwrap();
    }

    /// All that is said until the end.
    pub(crate) fn rest(&mut self) -> String {
        while self.read() {}
        std::mem::take(&mut self.said)
    }

    pub(crate) fn exit_code(&mut self) -> Option<i32> {
        while self.read() {}
        self.child.wait().unwrap().code()
    }

    /// False once the program has ended and all that it said is read.
    fn read(&mut self) -> bool {
        let Some(mut terminal) = self.terminal.as_ref() else {
            return false;
        };
        let mut part = [0; 1024];
        let length = terminal.read(&mut part).unwrap_or(0);
        let said = String::from_utf8_lossy(&part[..length]);
        let (said, ended) = said
            .split_once('\0')
            .map_or((&*said, length == 0), |(said, _)| (said, true));
        self.said.push_str(said);
        if ended {
            self.terminal = None;
        }
        !ended
    }
}
