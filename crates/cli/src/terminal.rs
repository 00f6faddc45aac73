//! Asking a person. Always on the terminal itself: standard input and output may be a program's.

use std::{
    fs::{File, OpenOptions},
    io::{self, IsTerminal, Read, Write},
    os::fd::{AsFd, BorrowedFd},
};

use daypass_core::{
    problem::{Problem, one_line},
    secret::Secret,
};
use rustix::{
    event::{PollFd, PollFlags, poll},
    io::Errno,
    process::getpgrp,
    termios::{QueueSelector, tcflush, tcgetpgrp},
};
use zeroize::Zeroizing;

/// Longer than any code, key or list of devices.
const MAX_INPUT: u64 = 64 * 1024;
/// Longer than a terminal takes in one line.
const MAX_LINE: usize = 8 * 1024;

/// The terminal that this process belongs to.
pub(crate) struct Terminal(File);

/// What came first.
pub(crate) enum Heard {
    /// A line, without its end; nothing when the person closed the input.
    Line(Secret),
    /// Something to read elsewhere.
    Elsewhere,
}

impl Terminal {
    /// Opens it.
    pub(crate) fn open() -> Result<Self, Problem> {
        Self::of_process().map_err(no_terminal)
    }

    /// Opens it if a person could answer there: not for a job in the background.
    pub(crate) fn in_front() -> Option<Self> {
        let terminal = Self::of_process().ok()?;
        (tcgetpgrp(&terminal.0).ok()? == getpgrp()).then_some(terminal)
    }

    fn of_process() -> io::Result<Self> {
        let file = OpenOptions::new().read(true).write(true).open("/dev/tty")?;
        Ok(Self(file))
    }

    /// Writes a line that may name anything.
    pub(crate) fn tell(&mut self, text: &str) -> Result<(), Problem> {
        writeln!(self.0, "{}", one_line(text)).map_err(no_terminal)
    }

    /// Writes a question and leaves the cursor behind it.
    pub(crate) fn ask(&mut self, question: &str) -> Result<(), Problem> {
        write!(self.0, "{}", one_line(question)).map_err(no_terminal)
    }

    /// Takes a question back, with what was typed of its answer, and says why.
    pub(crate) fn take_back(&mut self, why: &str) -> Result<(), Problem> {
        tcflush(&self.0, QueueSelector::IFlush).map_err(|error| no_terminal(error.into()))?;
        // Back to the start of the line, and erase it (ECMA-48 EL).
        writeln!(self.0, "\r\u{1b}[K{why}").map_err(no_terminal)
    }

    /// Waits for a line.
    pub(crate) fn line(&mut self) -> Result<Secret, Problem> {
        match self.line_or(None)? {
            Heard::Line(line) => Ok(line),
            Heard::Elsewhere => Err(no_terminal(io::ErrorKind::Other.into())),
        }
    }

    /// Waits for a line, or until there is something to read elsewhere.
    pub(crate) fn line_or(&mut self, elsewhere: Option<BorrowedFd<'_>>) -> Result<Heard, Problem> {
        let mut line = Zeroizing::new(Vec::with_capacity(MAX_LINE));
        loop {
            if is_elsewhere_first(&self.0, elsewhere).map_err(no_terminal)? {
                return Ok(Heard::Elsewhere);
            }
            let mut part = Zeroizing::new([0; 1024]);
            let length = self.0.read(&mut *part).map_err(no_terminal)?;
            let part = part.get(..length).unwrap_or_default();
            let room = MAX_LINE - line.len();
            line.extend_from_slice(part.get(..length.min(room)).unwrap_or_default());
            if part.is_empty() || part.contains(&b'\n') {
                let text = String::from_utf8_lossy(&line);
                return Ok(Heard::Line(Secret::new(text.trim().to_owned())));
            }
        }
    }
}

/// Waits for either, and says whether it was the other.
fn is_elsewhere_first(terminal: &File, elsewhere: Option<BorrowedFd<'_>>) -> io::Result<bool> {
    let Some(elsewhere) = elsewhere else {
        return Ok(false);
    };
    loop {
        let mut both = [
            PollFd::from_borrowed_fd(elsewhere, PollFlags::IN),
            PollFd::from_borrowed_fd(terminal.as_fd(), PollFlags::IN),
        ];
        match poll(&mut both, None) {
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
            Ok(_) => return Ok(both.first().is_some_and(|fd| !fd.revents().is_empty())),
        }
    }
}

/// Asks for a line that may be seen.
pub(crate) fn ask_line(question: &str) -> Result<String, Problem> {
    let mut terminal = Terminal::open()?;
    terminal.ask(question)?;
    Ok(terminal.line()?.expose().to_owned())
}

/// Asks for a line that must not be seen.
pub(crate) fn ask_secret(question: &str) -> Result<Secret, Problem> {
    rpassword::prompt_password(question)
        .map(Secret::new)
        .map_err(no_terminal)
}

/// Asks whether to go on; anything but a yes is a no.
pub(crate) fn confirm(question: &str) -> Result<bool, Problem> {
    let answer = ask_line(&format!("{question} [y/N] "))?;
    Ok(matches!(answer.to_ascii_lowercase().as_str(), "y" | "yes"))
}

/// Whether standard input is a person's.
pub(crate) fn stdin_is_terminal() -> bool {
    io::stdin().is_terminal()
}

/// Whether standard output is a person's.
pub(crate) fn stdout_is_terminal() -> bool {
    io::stdout().is_terminal()
}

/// Whether standard error is a person's.
pub(crate) fn stderr_is_terminal() -> bool {
    io::stderr().is_terminal()
}

/// All of standard input.
pub(crate) fn read_stdin() -> Result<Zeroizing<String>, Problem> {
    let mut text = Zeroizing::new(String::with_capacity(4096));
    io::stdin()
        .take(MAX_INPUT)
        .read_to_string(&mut text)
        .map_err(|error| Problem::usage(format!("Standard input cannot be read: {error}.")))?;
    Ok(text)
}

fn no_terminal(_: io::Error) -> Problem {
    Problem::usage(
        "There is no terminal to ask on. Give the answers on standard input; see --help.",
    )
}
