//! A program on a terminal of its own.

use std::{
    fs::{File, OpenOptions},
    io::{Read, Write},
    process::{Child, Command, Stdio},
};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

/// A program, its terminal, and what it has said so far.
pub(crate) struct Session {
    terminal: File,
    child: Child,
    said: String,
}

impl Session {
    /// Starts a command as the first program of a new terminal.
    pub(crate) fn of(command: &Command) -> Self {
        let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
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
            .args(["--ctty", "--wait"])
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
            terminal: terminal.into(),
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
            assert!(self.read(), "{text:?} was not said, but {:?}", self.said);
        }
    }

    /// Types, as a person does.
    pub(crate) fn type_in(&mut self, text: &str) {
        self.terminal.write_all(text.as_bytes()).unwrap();
    }

    /// All that is said until the end.
    pub(crate) fn rest(&mut self) -> String {
        while self.read() {}
        std::mem::take(&mut self.said)
    }

    pub(crate) fn exit_code(&mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }

    /// False once nobody is left who could say something: Linux then answers EIO.
    fn read(&mut self) -> bool {
        let mut part = [0; 1024];
        match self.terminal.read(&mut part) {
            Ok(length) if length > 0 => {
                self.said
                    .push_str(&String::from_utf8_lossy(&part[..length]));
                true
            }
            _ => false,
        }
    }
}
