//! Wall time of programs, from the first one's start to the last one's end.

use std::{
    fs::{self, File},
    io,
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::Duration,
};

use daypass_stage::{Error, Result};

/// Between two looks at what is waited for: below what anybody sees.
const PAUSE: Duration = Duration::from_millis(1);
/// After so many looks a run counts as hanging.
const LOOKS: usize = 30_000;

/// How long something took, each time.
pub(super) struct Times {
    what: String,
    micros: Vec<u128>,
}

impl Times {
    pub(super) fn of(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            micros: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, micros: u128) {
        self.micros.push(micros);
    }

    fn median(&mut self) -> u128 {
        self.micros.sort_unstable();
        let middle = self.micros.len() / 2;
        self.micros.get(middle).copied().unwrap_or_default()
    }
}

/// Prints how many times as long as `nothing` the others take.
pub(super) fn print(mut nothing: Times, others: impl IntoIterator<Item = Times>) {
    let unit = nothing.median().max(1);
    println!();
    for mut times in std::iter::once(nothing).chain(others) {
        let median = times.median();
        println!(
            "{:<54} {:>5}.{} x  ({median} us, median of {})",
            times.what,
            median / unit,
            median * 10 / unit % 10,
            times.micros.len(),
        );
    }
}

/// Starts programs at once and yields microseconds. `log` gets what they say on standard error.
#[expect(clippy::disallowed_methods, reason = "a stopwatch, not a deadline")]
pub(super) fn time(log: &Path, mut commands: Vec<Command>) -> Result<u128> {
    let said = File::create(log)?;
    for command in &mut commands {
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(said.try_clone()?);
    }
    let start = std::time::Instant::now();
    let started: io::Result<Vec<Child>> = commands.iter_mut().map(Command::spawn).collect();
    let ended: io::Result<Vec<ExitStatus>> = started?.iter_mut().map(Child::wait).collect();
    let spent = start.elapsed().as_micros();
    if ended?.iter().all(ExitStatus::success) {
        return Ok(spent);
    }
    Err(Error::new(format!(
        "a program that is measured failed: {}",
        fs::read_to_string(log)?
    )))
}

/// Begins something and yields microseconds until it is seen.
#[expect(clippy::disallowed_methods, reason = "a stopwatch, not a deadline")]
pub(super) fn time_until(
    what: &str,
    begin: impl FnOnce() -> Result<()>,
    mut seen: impl FnMut() -> Result<bool>,
) -> Result<u128> {
    let start = std::time::Instant::now();
    begin()?;
    for _ in 0..LOOKS {
        if seen()? {
            return Ok(start.elapsed().as_micros());
        }
        thread::sleep(PAUSE);
    }
    Err(Error::new(format!("{what} was not seen")))
}
