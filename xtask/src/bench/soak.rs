//! Three days of work in some minutes: does the agent grow? (R24)

use std::process::Stdio;

use daypass_stage::{
    Desktop, Error, Footprint, Parts, Process, Result,
    aws::Aws,
    load::{Load, ROUNDS_PER_HOUR},
    programs, wait,
};

use crate::step;

/// Hours until everything has been used once.
const WARM_UP: u32 = 12;
const HOURS: u32 = 72;
/// How much memory may grow in eight hours, in KiB.
const GROWTH: f64 = 1024.0;
/// Connections to AWS that the HTTP stack keeps for the next call.
const IDLE: usize = 8;

/// The agent after some hours.
struct Sample {
    hour: u32,
    footprint: Footprint,
}

/// Puts a load on the agent for simulated days, and prints what it takes up.
pub(crate) fn run() -> Result<()> {
    // With Daypass's own checks of arithmetic; what it keeps is the same.
    step(
        "cargo",
        &[
            "build",
            "--workspace",
            "--bin=daypass",
            "--bin=daypass-agent",
            "--bin=daypass-sandbox",
        ],
    )?;
    let mut desktop = Desktop::start(Parts::HEADLESS)?;
    desktop.with_movable_clock()?;
    let home = &desktop.home;
    let aws = Aws::start(home)?;
    home.write_config(&format!("version = 1\n\n{}", aws.endpoints()))?;
    let mut agent = home.lasting(programs()?.join("daypass-agent"));
    let agent = Process::start(agent.stdin(Stdio::null()).stderr(Stdio::null()))?;
    wait::until("the agent", || home.socket().exists().then_some(()))?;
    let mut load = Load::new(&mut desktop, &aws)?;
    let samples = soak(&mut load, agent.id())?;
    judge(&samples)
}

fn soak(load: &mut Load<'_>, agent: u32) -> Result<Vec<Sample>> {
    println!(" hour   PSS KiB  descriptors  threads   served  refused  codes");
    let mut samples: Vec<Sample> = Vec::new();
    for hour in 1..=WARM_UP + HOURS {
        for _ in 0..ROUNDS_PER_HOUR {
            load.round()?;
        }
        load.rest();
        let footprint = at_rest(agent, samples.first())?;
        let (
            tally,
            Footprint {
                memory,
                descriptors,
                threads,
            },
        ) = (load.tally, footprint);
        println!(
            "{hour:>5}  {memory:>8}  {descriptors:>11}  {threads:>7}  {:>7}  {:>7}  {:>5}",
            tally.served, tally.refused, tally.codes
        );
        if hour >= WARM_UP {
            samples.push(Sample { hour, footprint });
        }
    }
    Ok(samples)
}

/// The agent, once it has seen that everybody has left. Where it does not, that shows.
fn at_rest(agent: u32, first: Option<&Sample>) -> Result<Footprint> {
    let Some(first) = first else {
        return Footprint::of(agent);
    };
    let _ = wait::until("the agent at rest", || {
        let now = Footprint::of(agent).ok()?;
        is_flat(&first.footprint, &now).then_some(())
    });
    Footprint::of(agent)
}

fn is_flat(first: &Footprint, now: &Footprint) -> bool {
    now.descriptors <= first.descriptors + IDLE && now.threads <= first.threads
}

fn judge(samples: &[Sample]) -> Result<()> {
    let slope = slope(samples) * 8.0;
    println!("\nmemory: {slope:+.0} KiB in 8 hours; {GROWTH:.0} are allowed");
    if slope > GROWTH {
        return Err(Error::new(format!(
            "the agent grows by {slope:.0} KiB in 8 hours"
        )));
    }
    let (Some(first), Some(last)) = (samples.first(), samples.last()) else {
        return Err(Error::new("nothing was measured"));
    };
    if is_flat(&first.footprint, &last.footprint) {
        return Ok(());
    }
    Err(Error::new(format!(
        "descriptors and threads grow: from {:?} to {:?}",
        first.footprint, last.footprint
    )))
}

/// KiB an hour, by least squares.
fn slope(samples: &[Sample]) -> f64 {
    let points = samples.iter().map(|sample| {
        // No process has so much memory that this loses anything.
        #[expect(clippy::cast_precision_loss, reason = "far below 2^52 KiB")]
        let memory = sample.footprint.memory as f64;
        (f64::from(sample.hour), memory)
    });
    let points: Vec<(f64, f64)> = points.collect();
    let count = f64::from(u32::try_from(points.len()).unwrap_or(u32::MAX));
    let mean = |sum: f64| sum / count;
    let hours = mean(points.iter().map(|(hour, _)| hour).sum());
    let memory = mean(points.iter().map(|(_, memory)| memory).sum());
    let both: f64 = points.iter().map(|(h, m)| (h - hours) * (m - memory)).sum();
    let spread: f64 = points.iter().map(|(h, _)| (h - hours).powi(2)).sum();
    both / spread
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(footprint: impl Fn(u32) -> Footprint) -> Vec<Sample> {
        let sample = |hour| Sample {
            hour,
            footprint: footprint(hour),
        };
        (8..80).map(sample).collect()
    }

    fn usual(hour: u32) -> Footprint {
        Footprint {
            memory: 20_000 + u64::from(hour % 7) * 40,
            descriptors: 20 + (hour % 3) as usize,
            threads: 6,
        }
    }

    #[test]
    fn r24_an_agent_that_stays_as_it_is_is_accepted() {
        assert!(judge(&samples(usual)).is_ok());
    }

    #[test]
    fn r24_growth_is_found() {
        let memory = |hour| Footprint {
            memory: usual(hour).memory + u64::from(hour) * 150,
            ..usual(hour)
        };
        let descriptors = |hour| Footprint {
            descriptors: usual(hour).descriptors + hour as usize,
            ..usual(hour)
        };
        let threads = |hour| Footprint {
            threads: usual(hour).threads + (hour / 40) as usize,
            ..usual(hour)
        };
        let why = |samples: Vec<Sample>| judge(&samples).unwrap_err().to_string();
        assert!(why(samples(memory)).contains("1200 KiB in 8 hours"));
        assert!(why(samples(descriptors)).contains("descriptors"));
        assert!(why(samples(threads)).contains("threads"));
    }
}
