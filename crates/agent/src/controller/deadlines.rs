//! What time brings: renewal in the background, and telling people of the end of an MFA session.

use std::time::Duration;

use chrono::TimeDelta;
use daypass_core::{Instant, schedule, session::SessionKey};

use super::{
    Controller,
    slots::{Waiter, Work},
};

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
        let now = self.look_at_clock();
        if self.file.refresh() {
            self.reconcile();
        }
        self.check_clock(now);
        self.remind(now);
        if !self.is_locked() {
            self.go_on(now);
        }
    }

    /// Gets what no person is needed for.
    fn go_on(&mut self, now: Instant) {
        let rests = self.rests_until.is_some_and(|until| now < until);
        let due = match rests {
            true => Vec::new(),
            false => [self.renewals(now), self.pinned_without_session(now)].concat(),
        };
        for key in due {
            if let Ok(role) = self.known_session(&key) {
                self.want(&key, role, Waiter::Renewal);
            }
        }
        for key in self.queue() {
            if self.pace.next_at(now) > now {
                break;
            }
            self.advance(&key);
        }
    }

    /// Pinned roles without a session, where neither a person nor the keychain is needed.
    fn pinned_without_session(&self, now: Instant) -> Vec<SessionKey> {
        let config = self.file.config();
        let pinned = config.roles.iter();
        pinned
            .filter(|role| self.is_pinned(&role.name))
            .filter(|role| {
                let slot = self.roles.get(&SessionKey::of(role.name.clone()));
                slot.is_none_or(|slot| slot.servable(now).is_none() && slot.may_try(now))
            })
            .filter(|role| {
                let known = config.start(role).is_some_and(|identity| {
                    let slot = self.identities.get(&identity.name);
                    identity.ambient || slot.is_some_and(|slot| slot.facts.is_some())
                });
                known && !self.needs_code(role, now)
            })
            .map(|role| SessionKey::of(role.name.clone()))
            .collect()
    }

    /// Roles that wait for their turn: those first that have nothing to serve, then by their end.
    fn queue(&self) -> Vec<SessionKey> {
        let queued = self
            .roles
            .iter()
            .filter(|(_, slot)| slot.work == Work::Queued);
        let mut queue: Vec<(Option<Instant>, &SessionKey)> = queued
            .map(|(key, slot)| {
                let end = slot.session.as_ref().map(|s| s.credentials.expires_at);
                (end, key)
            })
            .collect();
        queue.sort_by_key(|(end, key)| (*end, key.role.as_str()));
        queue.into_iter().map(|(_, key)| key.clone()).collect()
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
        let ends = self.roles.values().filter_map(|slot| slot.session.as_ref());
        let ends = ends.map(move |session| session.credentials.expires_at - lead);
        let retries = self.roles.values().filter_map(|slot| slot.next_try);
        let reminders = self.identities.values().filter_map(|slot| slot.remind_at);
        let queued = self.roles.values().any(|slot| slot.work == Work::Queued);
        let turn = queued.then(|| self.pace.next_at(self.now()));
        mfa.chain(roles)
            .chain(ends)
            .chain(retries)
            .chain(reminders)
            .chain(self.rests_until)
            .chain(turn)
    }

    /// The sessions that are to be renewed now: in use, due, and without a person.
    fn renewals(&self, now: Instant) -> Vec<SessionKey> {
        self.roles
            .iter()
            .filter(|(_, slot)| slot.may_try(now))
            .filter(|(key, slot)| match (&slot.session, slot.last_asked) {
                (Some(session), asked) => {
                    let asked = asked.is_some_and(|at| schedule::in_use(session, at, now));
                    session.servable(now)
                        && now >= schedule::renew_at(session)
                        && (asked || self.is_pinned(&key.role))
                }
                (None, _) => false,
            })
            .filter(|(_, slot)| !self.needs_code(&slot.role, now))
            .map(|(key, _)| key.clone())
            .collect()
    }
}
