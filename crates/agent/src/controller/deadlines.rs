//! What time brings: renewal in the background, and telling people of the end of an MFA session.

use std::time::Duration;

use chrono::TimeDelta;
use daypass_core::{
    Instant,
    menu::Choice,
    name::Name,
    schedule::{self, Told},
    session::SessionKey,
};

use super::{
    Controller,
    slots::{Waiter, Work},
};
use crate::ports::{Notification, Topic};

/// The longest time between two looks at the wall clock: a sleep, or somebody who sets the clock,
/// moves deadlines without waking anybody (R1, R2).
const LONGEST_WAIT: TimeDelta = TimeDelta::seconds(30);
const SHORTEST_WAIT: TimeDelta = TimeDelta::seconds(1);

impl Controller {
    /// How long nothing will be due.
    pub(super) fn wait(&self) -> Duration {
        let now = self.now();
        let next = self
            .instants()
            .map(|at| at - now)
            .filter(|left| *left > TimeDelta::zero())
            .min();
        let wait = next
            .unwrap_or(LONGEST_WAIT)
            .clamp(SHORTEST_WAIT, LONGEST_WAIT);
        wait.to_std().unwrap_or(Duration::from_secs(1))
    }

    /// Does what is due. Runs after every input, so that a decision never waits for a timer.
    pub(super) fn deadlines(&mut self) {
        let now = self.now();
        if self.file.refresh() {
            self.reconcile();
        }
        for (identity, told) in self.told_now(now) {
            self.tell(&identity, told);
        }
        for key in self.renewals(now) {
            if let Ok(role) = self.known_session(&key) {
                self.want(&key, role, Waiter::Renewal);
            }
        }
    }

    fn lead(&self) -> TimeDelta {
        TimeDelta::minutes(i64::from(self.file.config().settings.warn_minutes))
    }

    fn instants(&self) -> impl Iterator<Item = Instant> {
        let lead = self.lead();
        let mfa = self
            .identities
            .values()
            .filter_map(|slot| slot.mfa.as_ref())
            .map(|mfa| mfa.session.credentials.expires_at)
            .flat_map(move |end| [end - lead, end]);
        let roles = self.roles.values().filter_map(|slot| slot.session.as_ref());
        let roles =
            roles.flat_map(|session| [schedule::renew_at(session), session.credentials.expires_at]);
        let retries = self.roles.values().filter_map(|slot| slot.next_try);
        mfa.chain(roles).chain(retries)
    }

    /// What people have to be told now, and were not yet.
    fn told_now(&mut self, now: Instant) -> Vec<(Name, Told)> {
        let lead = self.lead();
        let mut news = Vec::new();
        for (name, slot) in &mut self.identities {
            let Some(mfa) = &mut slot.mfa else {
                continue;
            };
            let told = schedule::told_by(now, mfa.session.credentials.expires_at, lead);
            if told > mfa.told {
                mfa.told = told;
                news.push((name.clone(), told));
            }
        }
        news
    }

    fn tell(&mut self, identity: &Name, told: Told) {
        let (title, body) = match told {
            Told::Nothing => return,
            Told::Ending => (
                format!("{identity}: the session ends soon"),
                format!(
                    "It ends in {} minutes. Enter a code now and nothing is interrupted.",
                    self.minutes_left(identity)
                ),
            ),
            Told::Ended => (
                format!("{identity}: the session has ended"),
                "Enter a code to go on.".to_owned(),
            ),
        };
        self.ports.desktop.notify(Notification {
            about: Topic::MfaSession(identity.clone()),
            title,
            body,
            actions: vec![("Enter code".to_owned(), Choice::EnterCode(identity.clone()))],
        });
    }

    fn minutes_left(&self, identity: &Name) -> i64 {
        let now = self.now();
        let mfa = self
            .identities
            .get(identity)
            .and_then(|slot| slot.mfa.as_ref());
        // Rounded up, so that ten minutes less a moment are ten.
        mfa.map_or(0, |mfa| (mfa.session.left(now).num_seconds() + 59) / 60)
    }

    /// The sessions that are to be renewed now: in use, due, and without a person.
    fn renewals(&self, now: Instant) -> Vec<SessionKey> {
        self.roles
            .iter()
            .filter(|(_, slot)| slot.work == Work::Idle)
            .filter(|(key, slot)| match (&slot.session, slot.last_asked) {
                (Some(session), asked) => {
                    let asked = asked.is_some_and(|at| schedule::in_use(session, at, now));
                    session.servable(now)
                        && now >= schedule::renew_at(session)
                        && (asked || self.is_pinned(&key.role))
                }
                (None, _) => false,
            })
            .filter(|(_, slot)| match slot.next_try {
                Some(at) => now >= at,
                None => slot.failures == 0,
            })
            .filter(|(_, slot)| !self.needs_code(&slot.role, now))
            .map(|(key, _)| key.clone())
            .collect()
    }
}
