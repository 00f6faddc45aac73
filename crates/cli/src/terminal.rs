//! Asking a person. Always on the terminal itself: standard input and output may be a program's.

use std::{
    fs::{File, OpenOptions},
    io::{self, BufRead, BufReader, IsTerminal, Read, Write},
};

use daypass_core::{
    name::Name,
    problem::{Code, Problem},
    protocol::Wish,
    secret::{Secret, TokenCode},
};
use zeroize::Zeroizing;

/// Longer than any code, key or list of devices.
const MAX_INPUT: u64 = 64 * 1024;

/// Asks for a six-digit code, again until there is one.
pub(crate) fn ask_code(identity: &Name, device: &str, wish: &Wish) -> Result<Secret, Problem> {
    loop {
        let mut terminal = open().map_err(|_| nobody(identity, wish))?;
        let question = format!("Code for {identity} from your MFA device {device}: ");
        let answer = ask(&mut terminal, &question).map_err(|_| nobody(identity, wish))?;
        match TokenCode::parse(answer.expose()) {
            Ok(_) => return Ok(answer),
            Err(_) if answer.expose().is_empty() => return Err(nobody(identity, wish)),
            Err(problem) => tell(&problem)?,
        }
    }
}

/// Asks for a line that may be seen.
pub(crate) fn ask_line(question: &str) -> Result<String, Problem> {
    let mut terminal = open().map_err(no_terminal)?;
    let answer = ask(&mut terminal, question).map_err(no_terminal)?;
    Ok(answer.expose().to_owned())
}

/// Asks for a line that must not be seen.
pub(crate) fn ask_secret(question: &str) -> Result<Secret, Problem> {
    rpassword::prompt_password(question)
        .map(Secret::new)
        .map_err(no_terminal)
}

/// Says something to the person at the terminal.
pub(crate) fn tell(problem: &Problem) -> Result<(), Problem> {
    let mut terminal = open().map_err(no_terminal)?;
    writeln!(terminal, "{problem}").map_err(no_terminal)
}

/// Whether standard input is a person's.
pub(crate) fn stdin_is_terminal() -> bool {
    io::stdin().is_terminal()
}

/// Whether standard output is a person's.
pub(crate) fn stdout_is_terminal() -> bool {
    io::stdout().is_terminal()
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

fn open() -> io::Result<File> {
    OpenOptions::new().read(true).write(true).open("/dev/tty")
}

fn ask(terminal: &mut File, question: &str) -> io::Result<Secret> {
    terminal.write_all(question.as_bytes())?;
    let mut line = String::new();
    BufReader::new(terminal.take(MAX_INPUT)).read_line(&mut line)?;
    Ok(Secret::new(line.trim().to_owned()))
}

fn nobody(identity: &Name, wish: &Wish) -> Problem {
    let command = match wish {
        Wish::MfaSession => format!("daypass mfa {identity}"),
        // A long session is the role's own: the code has to go to it.
        Wish::Role(role) => format!("daypass credentials {role} >/dev/null"),
    };
    Problem::yours(
        Code::CodeNeeded,
        format!("A code of {identity} is needed and nobody typed one."),
        format!("Run `{command}` in a terminal, then try again."),
    )
}

fn no_terminal(_: io::Error) -> Problem {
    Problem::usage(
        "There is no terminal to ask on. Give the answers on standard input; see --help.",
    )
}
