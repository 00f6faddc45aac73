//! Speed, as ratios to a program that does nothing, measured in one run on one machine.

mod day;
mod popup;
mod soak;
mod stopwatch;
mod subjects;

use std::path::PathBuf;

use daypass_stage::{Result, workspace};

pub(crate) use self::{day::run as day, popup::run as popup, soak::run as soak};
use self::{
    stopwatch::{Times, print, time},
    subjects::Subjects,
};
use crate::build;

/// Everything is run in turn, so that whatever else the machine does hits all alike.
const ROUNDS: usize = 40;
/// How often the fast ones are run in a round.
const FAST: usize = 10;
/// How many callers a herd has, and how often it is let loose.
const CALLERS: usize = 500;
const HERDS: usize = 15;

/// `daypass credentials` beside what else gets keys, and many of them at once.
pub(crate) fn run() -> Result<()> {
    build::release()?;
    let subjects = Subjects::start()?;
    one_at_a_time(&subjects)?;
    herds(&subjects)
}

fn one_at_a_time(subjects: &Subjects) -> Result<()> {
    let mut nothing = Times::of("/bin/true");
    let mut warm = Times::of("daypass credentials: warm, keychain locked");
    let mut aws = Times::of("aws configure export-credentials: v2, keys in a file");
    let mut awsume = Times::of("awsume: MFA session in its cache");
    let mut script = Times::of("generate_keys.py: boto3, one AssumeRole");
    let log = subjects.log();
    for _ in 0..ROUNDS {
        for _ in 0..FAST {
            nothing.add(time(&log, vec![subjects.nothing()])?);
            warm.add(time(&log, vec![subjects.credentials()])?);
        }
        aws.add(time(&log, vec![subjects.aws()])?);
        awsume.add(time(&log, vec![subjects.awsume()])?);
        script.add(time(&log, vec![subjects.script()])?);
    }
    // Daypass's role session and the script's; Daypass's MFA session and awsume's.
    subjects.expect_calls("AssumeRole", 1 + ROUNDS)?;
    subjects.expect_calls("GetSessionToken", 2)?;
    print(nothing, [warm, aws, awsume, script]);
    Ok(())
}

fn herds(subjects: &Subjects) -> Result<()> {
    let mut nothing = Times::of(format!("{CALLERS} /bin/true at once"));
    let mut warm = Times::of(format!("{CALLERS} daypass credentials at once: warm"));
    let mut cold = Times::of(format!(
        "{CALLERS} daypass credentials at once: one AssumeRole"
    ));
    let log = subjects.log();
    let herd = |command: &dyn Fn() -> std::process::Command| {
        let commands = std::iter::repeat_with(command).take(CALLERS);
        time(&log, commands.collect())
    };
    let before = subjects.calls("AssumeRole")?;
    for round in 1..=HERDS {
        nothing.add(herd(&|| subjects.nothing())?);
        warm.add(herd(&|| subjects.credentials())?);
        subjects.forget_session(round)?;
        cold.add(herd(&|| subjects.credentials())?);
        // Once more: the agent may not be done with those who have left.
        nothing.add(herd(&|| subjects.nothing())?);
        subjects.expect_calls("AssumeRole", before + round)?;
    }
    print(nothing, [warm, cold]);
    Ok(())
}

/// A program as it is given to people.
fn release(program: &str) -> PathBuf {
    workspace().join("target/release").join(program)
}
