//! `daypass-agent`: the agent without a screen, for SSH, WSL and servers.

use std::process::ExitCode;

use daypass_core::{
    menu::{Choice, Tray},
    paths::Paths,
    problem::{Code, Problem},
    secret::Secret,
    settings::Settings,
};
use tokio::signal::unix::{SignalKind, signal};

use crate::{
    controller::Input,
    hardening, log,
    ports::{Desktop, Notification, Topic, Vault, VaultError},
    start::{self, Refused},
    vault::{FileVault, Keychain},
};

const HELP: &str = "\
daypass-agent: Daypass without a screen. Runs in the foreground and logs to standard error.

Usage: daypass-agent [--vault keychain|file]

  --vault keychain   keep keys in this machine's Secret Service (the default)
  --vault file       keep keys in a file encrypted with a passphrase, which is asked for on the
                     terminal, or read as one line from standard input when there is none

Codes are asked for on the terminal of the command that needs one: `daypass mfa NAME`.
DAYPASS_LOG=info shows what it does.
";

/// The headless agent's `main`.
pub fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            complain(&problem);
            ExitCode::from(problem.code.exit_code())
        }
    }
}

fn run() -> Result<(), Problem> {
    hardening::harden()?;
    log::start();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let file = match arguments.as_slice() {
        [] | ["--vault", "keychain"] | ["--vault=keychain"] => false,
        ["--vault", "file"] | ["--vault=file"] => true,
        ["--help" | "-h"] => return help(),
        ["--version" | "-V"] => return version(),
        _ => {
            return Err(Problem::usage(
                "Unknown arguments; see `daypass-agent --help`.",
            ));
        }
    };
    let paths = Paths::from_env(|name| std::env::var_os(name))?;
    let vault: Box<dyn Vault> = if file {
        Box::new(open_file_vault(&paths)?)
    } else {
        Box::new(Keychain)
    };
    let runtime = start::runtime()?;
    let result = runtime.block_on(live(&paths, vault));
    // A keychain call that never returns must not keep the process.
    runtime.shutdown_background();
    result
}

async fn live(paths: &Paths, vault: Box<dyn Vault>) -> Result<(), Problem> {
    let agent =
        start::agent(paths, vault, |_| Box::new(NoScreen)).map_err(|refused| match refused {
            Refused::AlreadyRunning => Problem::yours(
                Code::Failed,
                "Daypass is already running for this user.",
                "Use it, or quit it first.",
            ),
            Refused::Problem(problem) => problem,
        })?;
    let broken = |_| Problem::ours("The system's signals cannot be listened to.");
    let mut terminate = signal(SignalKind::terminate()).map_err(broken)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(broken)?;
    tell(&format!("ready on {}", paths.socket().display()));
    let mut life = agent.life;
    tokio::select! {
        () = &mut life => return Ok(()),
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    let _ = agent.handle.inputs.send(Input::Chosen(Choice::Quit));
    life.await;
    Ok(())
}

fn open_file_vault(paths: &Paths) -> Result<FileVault, Problem> {
    let path = paths.vault_file();
    let passphrase = read_passphrase(path.exists()).map_err(|error| {
        Problem::yours(
            Code::Keychain,
            format!("No passphrase was given for the encrypted file: {error}."),
            "Start daypass-agent on a terminal, or give the passphrase as a line on its standard input.",
        )
    })?;
    if passphrase.expose().is_empty() {
        return Err(Problem::usage("The passphrase must not be empty."));
    }
    FileVault::open(path, &passphrase).map_err(|error| match error {
        VaultError::Failed(why) => Problem::yours(
            Code::Keychain,
            format!("The encrypted file cannot be opened: {why}."),
            "",
        ),
        VaultError::Locked | VaultError::Missing => error.into(),
    })
}

fn read_passphrase(exists: bool) -> std::io::Result<Secret> {
    use std::io::IsTerminal;

    if !std::io::stdin().is_terminal() {
        let mut line = String::new();
        std::io::stdin().read_line(&mut line)?;
        return Ok(Secret::new(line.trim_end_matches(['\r', '\n']).to_owned()));
    }
    let prompt = if exists {
        "Passphrase: "
    } else {
        "New passphrase: "
    };
    let passphrase = Secret::new(rpassword::prompt_password(prompt)?);
    if exists {
        return Ok(passphrase);
    }
    let again = Secret::new(rpassword::prompt_password("Once more: ")?);
    if passphrase.expose() != again.expose() {
        return Err(std::io::Error::other("the two passphrases differ"));
    }
    Ok(passphrase)
}

#[expect(
    clippy::print_stdout,
    clippy::unnecessary_wraps,
    reason = "help is what was asked for"
)]
fn help() -> Result<(), Problem> {
    print!("{HELP}");
    Ok(())
}

#[expect(clippy::print_stdout, reason = "it was asked for")]
fn version() -> Result<(), Problem> {
    println!("daypass-agent {}", env!("CARGO_PKG_VERSION"));
    Ok(())
}

#[expect(
    clippy::print_stderr,
    reason = "the last words of a foreground program"
)]
fn complain(problem: &Problem) {
    eprintln!("daypass-agent: {problem}");
}

#[expect(
    clippy::print_stderr,
    reason = "a person who started it waits for a sign that it runs"
)]
fn tell(line: &str) {
    eprintln!("daypass-agent: {line}");
}

/// The desktop of a machine without one.
struct NoScreen;

impl Desktop for NoScreen {
    fn show_tray(&mut self, _: Tray) {}

    fn notify(&mut self, notification: Notification) {
        tracing::warn!("{}: {}", notification.title, notification.body);
    }

    fn withdraw(&mut self, _: &Topic) {}

    fn has_screen(&self) -> bool {
        false
    }

    fn open_popup(&mut self) -> bool {
        false
    }

    fn open_browser(&mut self, _: &str) -> Result<(), Problem> {
        Err(Problem::usage(
            "This agent has no screen to open a browser on. Print the link with `daypass console ROLE --print`.",
        ))
    }

    fn start(&mut self, _: &[String]) -> Result<(), Problem> {
        Err(Problem::usage(
            "This agent has no screen to open a program on. Print the link with `daypass console ROLE --print`.",
        ))
    }

    fn apply(&mut self, _: &Settings) {}

    fn copy(&mut self, _: Secret, _: u16) -> Result<(), Problem> {
        Err(Problem::usage(
            "This agent has no screen and so no clipboard. Use `daypass env`, or `daypass console ROLE --print`.",
        ))
    }

    fn clear_clipboard(&mut self) {}
}
