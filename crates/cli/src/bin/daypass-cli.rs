//! The command line for this crate's own tests. The one that is installed is the root package's.

fn main() -> std::process::ExitCode {
    daypass_cli::main()
}
