//! `cargo xtask`: set-up, build, tests, demonstration and measurements, on a fresh machine.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::indexing_slicing,
    reason = "a command for people at a terminal; indexing a serde_json Value yields Null"
)]

mod bench;
mod build;
mod demo;
mod pictures;
mod setup;
mod test;

use std::process::ExitCode;

use daypass_stage::Result;

const HELP: &str = "\
cargo xtask build              build everything, the popup first
cargo xtask test               set up, then run every check and test
cargo xtask demo               play with Daypass against a pretended AWS, on this desktop
cargo xtask demo --headless    have the whole job done on a private desktop, with pictures
cargo xtask pictures           take the pictures of the popup in docs/pictures/popup anew
cargo xtask bench              measure `daypass credentials` beside `true` and other programs
cargo xtask bench --day        live through a day of work on moved clocks, and count what went wrong
cargo xtask bench --popup      how soon the popup is there and finds a role, and what it takes up
cargo xtask bench --soak       three days of work in some minutes: does the agent grow?

--yes, or CI=true, installs what is missing without asking.
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let known = ["--yes", "--headless", "--day", "--popup", "--soak"];
    let mut flags = arguments.iter().skip(1);
    if let Some(flag) = flags.find(|flag| !known.contains(&flag.as_str())) {
        eprint!("xtask: there is no {flag}\n\n{HELP}");
        return ExitCode::from(2);
    }
    let has = |flag: &str| arguments.iter().any(|argument| argument == flag);
    let setup = || setup::run(has("--yes") || std::env::var_os("CI").is_some());
    let result = match arguments.first().map(String::as_str) {
        Some("build") => setup().and_then(|()| build::debug()),
        Some("test") => setup().and_then(|()| test::run()),
        Some("demo") => setup().and_then(|()| demo::run(has("--headless"))),
        Some("pictures") => setup().and_then(|()| pictures::run()),
        Some("bench") if has("--day") => setup().and_then(|()| bench::day()),
        Some("bench") if has("--popup") => setup().and_then(|()| bench::popup()),
        Some("bench") if has("--soak") => setup().and_then(|()| bench::soak()),
        Some("bench") => setup().and_then(|()| bench::run()),
        _ => {
            print!("{HELP}");
            Ok(())
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Runs a command in the workspace, its output on the terminal.
fn step(program: &str, arguments: &[&str]) -> Result<()> {
    step_in("", program, arguments)
}

/// Runs a command in a folder of the workspace.
fn step_in(folder: &str, program: &str, arguments: &[&str]) -> Result<()> {
    println!("$ {program} {}", arguments.join(" "));
    let mut command = std::process::Command::new(program);
    // Cargo's own variables for this program would make it rebuild crates that look at them.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    let status = command
        .args(arguments)
        .current_dir(daypass_stage::workspace().join(folder))
        .status()
        .map_err(|error| {
            daypass_stage::Error::new(format!("{program} cannot be started: {error}"))
        })?;
    if status.success() {
        return Ok(());
    }
    Err(daypass_stage::Error::new(format!(
        "`{program} {}` failed",
        arguments.join(" ")
    )))
}
