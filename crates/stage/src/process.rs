//! Processes that end with the stage.

use std::{
    io::Read,
    process::{Child, Command, ExitStatus, Stdio},
    thread,
};

use rustix::process::{Pid, Signal, kill_process_group};

use crate::{Error, Result};

/// A process with a group of its own; the group ends when this is dropped.
pub struct Process {
    child: Child,
}

impl Process {
    /// Starts it.
    ///
    /// # Errors
    /// When the program isn't there; says which.
    pub fn start(command: &mut Command) -> Result<Self> {
        use std::os::unix::process::CommandExt;

        let child = command.process_group(0).spawn();
        let child = child.map_err(|error| {
            Error::new(format!(
                "{} cannot be started: {error}",
                command.get_program().display()
            ))
        })?;
        Ok(Self { child })
    }

    /// Starts it and hands out its standard output.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn start_piped(command: &mut Command) -> Result<(Self, std::process::ChildStdout)> {
        let mut process = Self::start(command.stdout(Stdio::piped()))?;
        let stdout = process.child.stdout.take();
        let stdout = stdout.ok_or_else(|| Error::new("a process has no standard output"))?;
        Ok((process, stdout))
    }

    /// Its standard input, where that was piped.
    pub fn take_stdin(&mut self) -> Option<std::process::ChildStdin> {
        self.child.stdin.take()
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// How it ended, if it did.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// When it doesn't end.
    pub fn wait(&mut self) -> Result<ExitStatus> {
        crate::wait::until("a process to end", || self.ended())
    }

    /// Waits for its end, which is a person's to choose.
    ///
    /// # Errors
    /// Those of the system.
    pub fn wait_as_long_as_it_takes(&mut self) -> Result<()> {
        self.child.wait()?;
        Ok(())
    }

    /// Ends it without a word to it.
    pub fn kill(&self) {
        self.signal(Signal::KILL);
    }

    /// Stops it until it is resumed.
    pub fn pause(&self) {
        self.signal(Signal::STOP);
    }

    /// Lets it go on.
    pub fn resume(&self) {
        self.signal(Signal::CONT);
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        if let Some(group) = Pid::from_raw(self.child.id().cast_signed()) {
            // It may have ended already.
            let _ = kill_process_group(group, signal);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.signal(Signal::TERM);
        // One that a test has stopped would not notice.
        self.signal(Signal::CONT);
        let ended = crate::wait::until("a process to end", || self.ended());
        if ended.is_err() {
            self.signal(Signal::KILL);
            let _ = self.child.wait();
        }
        // Whatever it started and left behind.
        self.signal(Signal::KILL);
    }
}

/// Runs a program to its end, with `input` on its standard input.
///
/// # Errors
/// When it can't be started.
pub fn run(command: &mut Command, input: &str) -> Result<std::process::Output> {
    use std::io::Write;

    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| {
            Error::new(format!(
                "{} cannot be started: {error}",
                command.get_program().display()
            ))
        })?;
    if let Some(mut stdin) = child.stdin.take() {
        // A program that refuses its arguments reads nothing.
        let _ = stdin.write_all(input.as_bytes());
    }
    Ok(child.wait_with_output()?)
}

/// Copies a process's output into a file in the background.
pub(crate) fn drain(mut from: impl Read + Send + 'static, mut to: std::fs::File) {
    thread::spawn(move || std::io::copy(&mut from, &mut to));
}
