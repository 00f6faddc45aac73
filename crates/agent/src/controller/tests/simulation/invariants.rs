//! What must hold whatever happens (HARDENING F): what AWS was asked, and why it may have been.

use std::collections::{HashMap, HashSet};

use chrono::TimeDelta;
use daypass_core::{Instant, name::Name, session::SessionKey};

use super::{aws::What, setup::user_name};

/// Differences that [`crate::clock::AwsClock`] leaves alone, and the resolution of `Date`.
pub(super) const CLOCKS_DIFFER: TimeDelta = TimeDelta::seconds(6);
/// Nothing is handed out that could end on its way to AWS (P1).
const ON_ITS_WAY: TimeDelta = TimeDelta::seconds(60);
/// Renewal begins so long before an hour's end, at the earliest: HARDENING D's 30 minutes and a
/// spread of two.
const EARLIEST_LEAD: TimeDelta = TimeDelta::minutes(32);
/// So many calls for one session within a minute are retries at HARDENING D's pace, which with full
/// jitter begins with some at once.
const RETRIES: usize = 12;

/// A session that the agent got.
pub(super) struct Arrived {
    epoch: u64,
    pub(super) until: Instant,
    since: Instant,
}

/// The books.
#[derive(Default)]
pub(super) struct Ledger {
    broken: Vec<String>,
    /// Counts the changes of each role and user.
    epochs: HashMap<Name, u64>,
    in_flight: Vec<(usize, What, u64)>,
    numbered: usize,
    calls: HashMap<SessionKey, Vec<Instant>>,
    reasons: HashMap<SessionKey, Vec<Instant>>,
    arrived: HashMap<SessionKey, Arrived>,
    /// How many calls for a new session have a reason of their own.
    wanted_anew: HashMap<SessionKey, u32>,
    /// Sessions that were ended while AWS was asked: its answer may be dropped.
    ended: HashSet<SessionKey>,
}

impl Ledger {
    pub(super) fn broken(&mut self, invariant: &str, how: impl AsRef<str>) {
        self.broken.push(format!("{invariant}: {}", how.as_ref()));
    }

    pub(super) fn all_hold(&self) -> Result<(), String> {
        match self.broken.first() {
            Some(broken) => Err(broken.clone()),
            None => Ok(()),
        }
    }

    pub(super) fn epoch(&self, name: &Name) -> u64 {
        self.epochs.get(name).copied().unwrap_or_default()
    }

    /// A role or user is not what it was: what was got for it counts no more.
    pub(super) fn changed(&mut self, name: &Name) {
        *self.epochs.entry(name.clone()).or_default() += 1;
        self.arrived.retain(|key, _| key.role != *name);
    }

    /// A session may be asked for once more than its failures allow.
    pub(super) fn may_ask(&mut self, key: &SessionKey, now: Instant) {
        self.reasons.entry(key.clone()).or_default().push(now);
    }

    /// A person wants a session that is new.
    pub(super) fn wanted_anew(&mut self, key: &SessionKey, now: Instant) {
        self.wanted_anew_by(key, 1, now);
    }

    /// The same with so many calls.
    pub(super) fn wanted_anew_by(&mut self, key: &SessionKey, calls: u32, now: Instant) {
        self.may_ask(key, now);
        let wanted = self.wanted_anew.entry(key.clone()).or_default();
        *wanted = calls.max(*wanted);
    }

    /// A person has ended a session. Whoever asks from now on gets a new one, and one that was on
    /// its way may still be taken.
    pub(super) fn ended(&mut self, key: &SessionKey, now: Instant) {
        self.arrived.remove(key);
        let what = What::Role(key.clone());
        if self.in_flight.iter().any(|(_, call, _)| *call == what) {
            self.ended.insert(key.clone());
        }
        self.wanted_anew_by(key, 2, now);
    }

    pub(super) fn is_asking(&self) -> bool {
        !self.in_flight.is_empty()
    }

    /// The session that is there to be served.
    pub(super) fn valid(&self, key: &SessionKey, now: Instant) -> Option<&Arrived> {
        self.arrived
            .get(key)
            .filter(|session| session.epoch == self.epoch(&key.role))
            .filter(|session| session.until - now > ON_ITS_WAY + CLOCKS_DIFFER)
    }

    /// P1: whether a session that ends then may be handed out.
    pub(super) fn served(&mut self, until: Instant, now: Instant) {
        if until - now <= ON_ITS_WAY - CLOCKS_DIFFER {
            let left = (until - now).num_seconds();
            self.broken("P1", format!("a session with {left} s left was served"));
        }
    }

    /// P3, R7: one call for a session at a time, none without need, and retries at their pace.
    pub(super) fn call_begins(&mut self, what: &What, now: Instant, seen: Instant) -> usize {
        let epoch = match what {
            What::Role(key) => self.epoch(&key.role),
            What::Mfa(user) => self.epoch(&user_name(*user)),
            What::Other => 0,
        };
        let same = |(_, other, at): &(usize, What, u64)| other == what && *at == epoch;
        if *what != What::Other && self.in_flight.iter().any(same) {
            self.broken("R7", format!("two calls for {what:?} at a time"));
        }
        if let What::Role(key) = what {
            self.check_need(key, now, seen);
            self.check_pace(key, now);
            if let Some(wanted) = self.wanted_anew.get_mut(key) {
                *wanted = wanted.saturating_sub(1);
            }
        }
        self.numbered += 1;
        self.in_flight.push((self.numbered, what.clone(), epoch));
        self.numbered
    }

    fn check_need(&mut self, key: &SessionKey, now: Instant, seen: Instant) {
        let Some(session) = self.valid(key, now) else {
            return;
        };
        let (left, length) = (session.until - seen, session.until - session.since);
        let lead = if length >= TimeDelta::hours(1) {
            EARLIEST_LEAD
        } else {
            length / 2
        };
        if left > lead + CLOCKS_DIFFER
            && self.wanted_anew.get(key).is_none_or(|wanted| *wanted == 0)
        {
            let minutes = left.num_minutes();
            self.broken("P3", format!("{key:?} was renewed with {minutes} min left"));
        }
    }

    fn check_pace(&mut self, key: &SessionKey, now: Instant) {
        let lately = |times: Option<&Vec<Instant>>| {
            let times = times.into_iter().flatten();
            times
                .filter(|at| now - **at < TimeDelta::seconds(60))
                .count()
        };
        self.calls.entry(key.clone()).or_default().push(now);
        let (calls, reasons) = (lately(self.calls.get(key)), lately(self.reasons.get(key)));
        if calls > RETRIES + reasons {
            self.broken("P3", format!("{calls} calls for {key:?} within a minute"));
        }
    }

    pub(super) fn call_ends(&mut self, number: usize) {
        self.in_flight.retain(|(known, ..)| *known != number);
    }

    pub(super) fn session_arrives(
        &mut self,
        key: SessionKey,
        epoch: u64,
        until: Instant,
        since: Instant,
    ) {
        if epoch != self.epoch(&key.role) || self.ended.remove(&key) {
            return;
        }
        let arrived = Arrived {
            epoch,
            until,
            since,
        };
        self.arrived.insert(key, arrived);
    }
}
