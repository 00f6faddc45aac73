//! A clock that was ahead and is right again. What was put off by it would wait for a time that is
//! far away now, so all of that moves back with it (R2).

use chrono::TimeDelta;
use daypass_core::{
    Instant,
    name::Name,
    protocol::Wish,
    schedule::{self, Told},
    session::{Session, SessionKey},
};

use super::{
    Controller,
    slots::{IdentitySlot, RoleSlot},
};
use crate::ports::Topic;

impl Controller {
    /// Sees what time it is.
    pub(super) fn look_at_clock(&mut self) -> Instant {
        let now = self.now();
        let back = self.looked_at - now;
        self.looked_at = now;
        if back > TimeDelta::zero() {
            self.move_back(back);
        }
        now
    }

    fn move_back(&mut self, back: TimeDelta) {
        tracing::info!(seconds = back.num_seconds(), "the clock was ahead");
        let own = [
            &mut self.rests_until,
            &mut self.keychain_rests_until,
            &mut self.ask_time_at,
        ];
        let identities = self.identities.values_mut().flat_map(of_identity);
        let roles = self.roles.values_mut().flat_map(of_role);
        for at in own.into_iter().chain(identities).chain(roles).flatten() {
            *at -= back;
        }
        self.take_back_what_was_told();
        // What seemed to have ended works after all.
        let keys: Vec<SessionKey> = self.roles.keys().cloned().collect();
        for key in keys {
            self.serve_what_is_left(&key, true);
        }
        let works = |slot: &IdentitySlot| slot.usable_mfa(self.looked_at).is_some();
        let identities = self.identities.iter().filter(|(_, slot)| works(slot));
        let identities: Vec<Name> = identities.map(|(name, _)| name.clone()).collect();
        for identity in identities {
            if !self.waiting_for(&identity, &Wish::MfaSession).is_empty() {
                self.close_prompt(&identity, &Wish::MfaSession);
                self.go_on_with_mfa(&identity);
            }
        }
    }

    /// An end that has not come yet is told when it comes, and not before.
    fn take_back_what_was_told(&mut self) {
        let (now, lead) = (self.looked_at, self.lead());
        let by_now =
            |session: &Session| schedule::told_by(now, session.credentials.expires_at, lead);
        let desktop = &mut self.ports.desktop;
        for (name, slot) in &mut self.identities {
            if let Some(mfa) = &mut slot.mfa
                && mfa.told > by_now(&mfa.session)
            {
                mfa.told = Told::Nothing;
                desktop.withdraw(&Topic::MfaSession(name.clone()));
            }
        }
        for (key, slot) in &mut self.roles {
            if let Some(session) = &slot.session
                && slot.told > by_now(session)
            {
                slot.told = Told::Nothing;
                desktop.withdraw(&Topic::RoleSession(key.clone()));
            }
        }
    }
}

const fn of_identity(slot: &mut IdentitySlot) -> [&mut Option<Instant>; 2] {
    [&mut slot.quiet_until, &mut slot.remind_at]
}

const fn of_role(slot: &mut RoleSlot) -> [&mut Option<Instant>; 3] {
    [
        &mut slot.next_try,
        &mut slot.aws_rests_until,
        &mut slot.last_asked,
    ]
}
