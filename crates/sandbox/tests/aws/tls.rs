//! HARDENING.md G.3, item 11: HTTPS, for those who were given the CA.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use daypass_sandbox::{Options, Sandbox, Seed, StartError};
use serde_json::Value;

use crate::program::{PROGRAM, Running};
use crate::support::{python, user};

#[test]
fn boto3_trusts_it_with_the_ca_and_not_without() {
    let ca = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("ca-{}.pem", std::process::id()));
    let mut child = Command::new(PROGRAM)
        .args(["--listen", "127.0.0.1:0", "--tls-ca"])
        .arg(&ca)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let stdout = child.stdout.take().unwrap();
    let _running = Running(child);
    let mut line = String::new();
    BufReader::new(stdout).read_line(&mut line).unwrap();
    let ready: Value = serde_json::from_str(&line).unwrap();
    let url = ready["listening"].as_str().unwrap();
    assert!(url.starts_with("https://127.0.0.1:"), "{url}");

    let pem = std::fs::read_to_string(&ca).unwrap();
    assert!(pem.starts_with("-----BEGIN CERTIFICATE-----"));
    assert!(!pem.contains("KEY"));

    let bob = user("bob");
    let output = Command::new(python())
        .args(["-c", include_str!("tls.py"), url])
        .arg(&ca)
        .args([&bob.id, &bob.secret])
        .env_clear()
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .output()
        .unwrap();
    std::fs::remove_file(&ca).unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}");
}

#[test]
fn a_ca_that_cannot_be_written_is_no_start() {
    let options = Options {
        tls_ca: Some("/nowhere/ca.pem".into()),
        ..Options::default()
    };
    let error = Sandbox::start(&Seed::builtin().unwrap(), &options).unwrap_err();
    assert!(matches!(error, StartError::Tls(_)), "{error}");
}
