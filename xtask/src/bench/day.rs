//! A day of work in a minute or some: the real tray, keychain and AWS stand-in on clocks that are
//! moved minute by minute, with busy SDK clients, sleeps, losses of the network, throttling and a
//! keychain that is restarted. What must not happen is counted.

mod client;
mod hours;
mod incidents;
mod office;

use std::collections::BTreeMap;

use daypass_stage::{Error, Result};

use self::{hours::Hours, incidents::Incident, office::Office};
use crate::{build, step};

/// A day, in the minutes that the clocks are moved by.
const DAY: i64 = 24 * 60;
/// MFA sessions and the long role's last so long, in minutes.
const SESSION: i64 = 12 * 60;
/// One code for the MFA session, one for the long role's.
const PURPOSES: usize = 2;
/// SDKs ask for the next session up to so many minutes before the last one ends.
const EARLY: i64 = 15;

/// Runs the day and prints what happened; fails where it should not have.
pub(crate) fn run() -> Result<()> {
    build::popup()?;
    step("cargo", &["build", "--workspace", "--bins"])?;
    let mut office = Office::open()?;
    let mut hours = Hours::default();
    let mut minute = 0;
    while minute < DAY {
        let incident = Incident::at(minute);
        if let Some(incident) = incident {
            hours.note(minute, incident.words());
            minute += office.suffer(incident)?;
        }
        let asked = office
            .work(minute)
            .inspect_err(|_| println!("minute {minute}"))?;
        hours.add(minute, asked);
        minute += 1;
        office.pass(1)?;
    }
    hours.print(&office.calls()?);
    verdict(&hours, office.codes())
}

fn verdict(hours: &Hours, codes: &BTreeMap<String, Vec<i64>>) -> Result<()> {
    let total = hours.total();
    println!("codes: {}", total.codes);
    for (purpose, minutes) in codes {
        println!("    for {purpose}, in minutes {minutes:?}");
    }
    println!("prompts on screen at a time: at most {}", total.prompts);
    println!(
        "failed client calls: {} while a session was valid, {} without one",
        total.failed_with_session, total.failed_without_session
    );
    let needed = codes.values().all(|minutes| {
        let mut between = minutes.iter().zip(minutes.iter().skip(1));
        between.all(|(last, next)| next - last >= SESSION - EARLY)
    });
    let served = codes.len() == PURPOSES;
    if total.failed_with_session > 0 || !served || !needed || total.prompts > 1 {
        return Err(Error::new("the day did not go as promised"));
    }
    Ok(())
}
