//! Starts programs that outlive Daypass, as if the person had started them.

use std::{
    io,
    process::{Command, Stdio},
    thread,
};

use daypass_agent::hardening::Inherited;

/// What tells a program who started it, and is about this one.
const OURS: [&str; 5] = [
    "DESKTOP_AUTOSTART_ID",
    "DESKTOP_STARTUP_ID",
    "GIO_LAUNCHED_DESKTOP_FILE",
    "GIO_LAUNCHED_DESKTOP_FILE_PID",
    "XDG_ACTIVATION_TOKEN",
];

/// Starts a program in the person's home, with the limits of their session.
pub(crate) fn start(inherited: &Inherited, command: &[String]) -> io::Result<()> {
    let [program, arguments @ ..] = command else {
        return Err(io::ErrorKind::InvalidInput.into());
    };
    let mut command = Command::new(program);
    command.args(arguments);
    command.stdin(Stdio::null());
    command.stdout(Stdio::null()).stderr(Stdio::null());
    for name in OURS {
        command.env_remove(name);
    }
    if let Some(home) = std::env::home_dir().filter(|home| home.is_dir()) {
        command.current_dir(home);
    }
    leave(&mut command);
    let mut child = inherited.with(|| command.spawn())?;
    // Somebody has to hear of its end, or it stays in the list of processes.
    thread::spawn(move || child.wait());
    Ok(())
}

/// What ends a terminal that Daypass was started in does not end the program.
#[cfg(unix)]
fn leave(command: &mut Command) {
    use std::os::unix::process::CommandExt;

    command.process_group(0);
}

#[cfg(not(unix))]
fn leave(_: &mut Command) {}
