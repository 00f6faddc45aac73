//! The desktop: a tray process that holds the agent and never a webview, and a popup process with
//! a window and never a secret. Both are thin; decisions are in `daypass-core`.

mod clipboard;
mod consent;
mod desktop;
mod detached;
mod focus;
mod notifications;
mod place;
mod popup;
mod position;
mod session;
#[cfg(target_os = "linux")]
mod shortcut;
mod tray;
#[cfg(target_os = "linux")]
mod tray_host;
mod window_place;
#[cfg(target_os = "linux")]
mod x11;

use std::process::ExitCode;

use daypass_core::problem::{Code, Problem};

const HELP: &str = "\
daypass-tray: Daypass in the tray.

Usage: daypass-tray                 start, or show the window of the one that runs
       daypass-tray --background    start, unless one runs
       daypass-tray popup           the window, as the tray starts it

DAYPASS_LOG=info shows what it does.
";

/// The program's `main`.
pub fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .as_slice()
    {
        [] => tray::run(tray::Start::ByPerson),
        ["--background"] => tray::run(tray::Start::ByProgram),
        ["popup"] => popup::run(),
        ["--help" | "-h"] => help(),
        _ => Err(Problem::usage(
            "Unknown arguments; see `daypass-tray --help`.",
        )),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            complain(&problem);
            ExitCode::from(problem.code.exit_code())
        }
    }
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

#[expect(
    clippy::print_stderr,
    reason = "the last words of a program that could not start"
)]
fn complain(problem: &Problem) {
    eprintln!("daypass-tray: {problem}");
}

/// Says so before GTK does, which would abort.
fn needs_screen() -> Result<(), Problem> {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if cfg!(target_os = "linux") && !set("DISPLAY") && !set("WAYLAND_DISPLAY") {
        return Err(Problem::yours(
            Code::Failed,
            "There is no desktop here.",
            "Start `daypass-agent` instead.",
        ));
    }
    Ok(())
}
