//! A busy program: boto3 in a process of its own that lives all day.

use std::{
    io::{BufRead, BufReader, Write},
    process::{ChildStdin, Command, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread,
    time::Duration,
};

use daypass_stage::{Error, Process, Result};

pub(super) struct Client {
    _process: Process,
    stdin: ChildStdin,
    answers: Receiver<String>,
}

impl Client {
    pub(super) fn start(command: &mut Command) -> Result<Self> {
        let (mut process, stdout) =
            Process::start_piped(command.stdin(Stdio::piped()).stderr(Stdio::inherit()))?;
        let stdin = process
            .take_stdin()
            .ok_or_else(|| Error::new("a client without standard input"))?;
        let (sender, answers) = channel();
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(|line| line.ok()) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Ok(Self {
            _process: process,
            stdin,
            answers,
        })
    }

    pub(super) fn call(&mut self, profile: &str) -> Result<()> {
        writeln!(self.stdin, "{profile}")?;
        Ok(self.stdin.flush()?)
    }

    /// How the call went, if it has ended by now.
    pub(super) fn answer(&self) -> Result<Option<String>> {
        match self.answers.recv_timeout(Duration::from_millis(20)) {
            Ok(answer) => Ok(Some(answer)),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => Err(Error::new("a client has ended")),
        }
    }
}
