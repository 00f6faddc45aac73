//! What the system tells, and the clock that is checked with AWS. None of it is needed: the loop
//! looks at the wall clock at least every half minute.

use chrono::TimeDelta;
use daypass_core::{Instant, partition::Partition, schedule};

use super::{Controller, Outcome, Signal, slots::partition_of};
use crate::clock::Trust;

/// How soon AWS is asked for the time again that did not answer.
const ASK_AGAIN: TimeDelta = TimeDelta::seconds(30);

impl Controller {
    pub(super) fn signalled(&mut self, signal: Signal) {
        tracing::info!(?signal, "the system says");
        self.lock_on(signal);
        match signal {
            Signal::WokeUp | Signal::NetworkUp => self.after_wake(),
            Signal::KeychainChanged => self.keychain_changed(),
            Signal::FallsAsleep | Signal::ScreenLocked | Signal::ScreenUnlocked => {}
        }
    }

    /// What failed for want of a network is tried again soon, and nothing at once: the network
    /// takes some seconds to come back. Whom AWS has told to wait does (R4).
    fn after_wake(&mut self) {
        let now = self.now();
        let soon = |seed: &str| now + schedule::after_wake((seed, now.timestamp_subsec_nanos()));
        self.rests_until = Some(soon(""));
        for (key, slot) in &mut self.roles {
            if slot.next_try.is_some() {
                let soon = Some(soon(key.role.as_str()));
                slot.next_try = soon.max(slot.aws_rests_until);
            }
        }
        self.ask_time_at = None;
    }

    /// Asks AWS for the time where this computer's clock was set (R2).
    pub(super) fn check_clock(&mut self, now: Instant) {
        let due = self.ask_time_at.is_none_or(|at| now >= at);
        if self.ports.clock.trust() != Trust::WasSet || !due {
            return;
        }
        self.ask_time_at = Some(now + ASK_AGAIN);
        self.ask_time();
    }

    /// Asks AWS for the time.
    pub(super) fn ask_time(&self) {
        let asked = self.ports.sts.ask_time(self.partition());
        self.spawn(async move { Outcome::TimeAsked(asked.await.is_ok()) });
    }

    /// Where the roles are; without one, where a user is.
    pub(super) fn partition(&self) -> Partition {
        if let Some(role) = self.file.config().roles.first() {
            return role.arn.partition();
        }
        let facts = self
            .identities
            .values()
            .find_map(|slot| slot.facts.as_ref());
        facts.map_or(Partition::Aws, |facts| partition_of(&facts.user_arn))
    }
}
