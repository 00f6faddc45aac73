//! `daypass-tray`: the tray, and with the argument `popup` its window.
#![cfg_attr(all(windows, not(debug_assertions)), windows_subsystem = "windows")]

fn main() -> std::process::ExitCode {
    daypass_desktop::main()
}
