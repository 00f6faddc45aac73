//! `daypass-agent`: see the crate `daypass-agent`.

fn main() -> std::process::ExitCode {
    daypass_agent::headless::main()
}
