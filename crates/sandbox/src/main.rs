//! `daypass-sandbox`: the AWS stand-in as a program.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use chrono::{DateTime, Utc};
use clap::Parser;
use daypass_sandbox::{Options, Sandbox, Seed};

/// A local stand-in for AWS: STS, IAM, Secrets Manager, the sign-in endpoint and a console page.
#[derive(Parser)]
#[command(name = "daypass-sandbox")]
struct Arguments {
    /// Where to listen; loopback only, port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// The accounts to start with, instead of the built-in ones
    #[arg(long, value_name = "FILE")]
    seed: Option<PathBuf>,
    /// Write each call as a line of JSON
    #[arg(long, value_name = "FILE")]
    journal: Option<PathBuf>,
    /// The sandbox's time at the start, such as 2026-01-01T09:00:00Z
    #[arg(long, value_name = "RFC3339", value_parser = rfc3339)]
    start: Option<DateTime<Utc>>,
    /// Serve HTTPS, and write the certificate to trust, of a CA made for this run, to FILE
    #[arg(long, value_name = "FILE")]
    tls_ca: Option<PathBuf>,
}

fn rfc3339(text: &str) -> Result<DateTime<Utc>, String> {
    DateTime::parse_from_rfc3339(text)
        .map(|time| time.to_utc())
        .map_err(|error| error.to_string())
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Standard error may be closed; the exit code says it too.
            let _ = writeln!(std::io::stderr(), "daypass-sandbox: {error}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let seed = match &arguments.seed {
        Some(path) => {
            let json = std::fs::read_to_string(path)
                .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
            Seed::parse(&json)?
        }
        None => Seed::builtin()?,
    };
    let options = Options {
        listen: arguments.listen,
        journal: arguments.journal,
        start: arguments.start,
        stopped: false,
        tls_ca: arguments.tls_ca,
    };
    let sandbox = Sandbox::start(&seed, &options)?;
    let ready = serde_json::json!({ "listening": sandbox.url() });
    let mut stdout = std::io::stdout();
    writeln!(stdout, "{ready}")?;
    stdout.flush()?;
    sandbox.wait();
    Ok(())
}
