//! `daypass`: see the crate `daypass-cli`.

fn main() -> std::process::ExitCode {
    daypass_cli::main()
}
