//! Speed, as ratios to a program that does nothing, measured in one run on one machine.

use std::process::{Command, Stdio};

use daypass_stage::{
    Desktop, Error, Parts, Process, Result,
    aws::{ADA_KEY_ID, ADA_SERIAL, Aws, secret_of},
    run as run_program, wait, workspace,
};
use serde_json::json;

use crate::{build, step};

/// How often each is run, in turn, so that whatever else the machine does hits both alike.
const ROUNDS: usize = 400;

/// `daypass credentials` with a warm session, beside `/bin/true`.
pub(crate) fn run() -> Result<()> {
    build::popup()?;
    step(
        "cargo",
        &[
            "build",
            "--workspace",
            "--release",
            "--bin=daypass",
            "--bin=daypass-agent",
            "--bin=daypass-sandbox",
        ],
    )?;
    let release = workspace().join("target/release");
    let desktop = Desktop::start(Parts::HEADLESS)?;
    let home = &desktop.home;
    let aws = Aws::start(home)?;
    home.write_config(&format!("version = 1\n\n{}", aws.endpoints()))?;
    let mut agent = home.command(release.join("daypass-agent"));
    let _agent = Process::start(agent.stderr(Stdio::null()))?;
    wait::until("the agent", || home.socket().exists().then_some(()))?;

    let daypass = |arguments: &[&str], stdin: &str| {
        let output = run_program(home.command(release.join("daypass")).args(arguments), stdin)?;
        if output.status.success() {
            return Ok(());
        }
        Err(Error::new(
            String::from_utf8_lossy(&output.stderr).into_owned(),
        ))
    };
    let key = json!({
        "access_key_id": ADA_KEY_ID,
        "secret_access_key": secret_of("ada")?,
        "mfa_serials": [ADA_SERIAL],
    });
    daypass(&["identity", "add", "work"], &key.to_string())?;
    let arn = "arn:aws:iam::111122223333:role/Admin";
    daypass(
        &["role", "add", "prod", "--identity", "work", "--arn", arn],
        "",
    )?;
    daypass(&["mfa", "work"], &aws.code(ADA_SERIAL)?)?;
    daypass(&["credentials", "prod"], "")?;

    // Locked, it would fail or hang if it were asked.
    desktop.lock_keychain()?;
    let mut nothing = Vec::with_capacity(ROUNDS);
    let mut warm = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        nothing.push(time(&mut home.command("/bin/true"))?);
        warm.push(time(
            home.command(release.join("daypass"))
                .args(["credentials", "prod"]),
        )?);
    }
    let (nothing, warm) = (median(&mut nothing), median(&mut warm));
    println!("/bin/true              1.0 x  ({nothing} us, median of {ROUNDS})");
    println!(
        "daypass credentials    {}.{} x  ({warm} us, warm, keychain locked)",
        warm / nothing,
        warm * 10 / nothing % 10
    );
    Ok(())
}

/// Runs a program to its end and yields microseconds of wall time.
#[expect(clippy::disallowed_methods, reason = "a stopwatch, not a deadline")]
fn time(command: &mut Command) -> Result<u128> {
    command.stdin(Stdio::null()).stdout(Stdio::null());
    let start = std::time::Instant::now();
    let status = command.status()?;
    let spent = start.elapsed().as_micros();
    if !status.success() {
        return Err(Error::new("a program that is measured failed"));
    }
    Ok(spent)
}

fn median(times: &mut [u128]) -> u128 {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
