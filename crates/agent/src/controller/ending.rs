//! Role sessions that a person renews before their time, or ends.

use daypass_core::{
    journal::Event,
    name::Name,
    problem::{Code, Problem},
    protocol::{Response, Wish},
    session::SessionKey,
};

use super::{
    Asker, Controller, Reply, refuse,
    slots::{RoleSlot, Waiter, Work},
};
use crate::ports::Topic;

impl Controller {
    /// Gets a new session although the old one still works. It may take a code, which a person has
    /// thereby asked for.
    pub(super) fn renew_session(&mut self, key: &SessionKey, asker: Asker) {
        self.hand_over_session(key, Waiter::Renew(asker));
    }

    /// Drops a role's sessions, the one held to reading too. The MFA session stays, and so does
    /// what was made from a session or runs with it.
    pub(super) fn end_session(&mut self, role: &Name, reply: Reply) {
        if let Err(problem) = self.known_role(role) {
            refuse(reply, problem);
            return;
        }
        for read_only in [false, true] {
            let role = role.clone();
            let key = SessionKey { role, read_only };
            self.end(&key, &reply);
            self.withdraw(&Topic::RoleSession(key));
        }
        self.forget_notices(Some(role));
        let _ = reply.send(Response::Done);
    }

    fn end(&mut self, key: &SessionKey, reply: &Reply) {
        let Ok(role) = self.known_session(key) else {
            return;
        };
        self.forget_pending(key);
        let slot = self
            .roles
            .entry(key.clone())
            .or_insert_with(|| RoleSlot::new(role));
        let had_session = slot.session.is_some();
        let waiters = std::mem::take(&mut slot.waiters);
        *slot = RoleSlot {
            // What AWS still answers belongs to whoever asks from now on.
            work: match slot.work {
                Work::Getting => Work::Getting,
                _ => Work::Idle,
            },
            signing_in: slot.signing_in,
            ended: true,
            ..RoleSlot::new(slot.role.clone())
        };
        for waiter in waiters {
            self.turn_away(waiter, &|| Response::Failed(ended(&key.role)));
        }
        self.prompts
            .retain(|prompt| prompt.wish != Wish::Role(key.clone()));
        if had_session {
            let (of, by) = (self.subject(key), reply.by());
            self.record(Event::SessionEnded { of, by });
        }
    }

    /// Lets the background get a session again.
    pub(super) fn forget_ended(&mut self, key: &SessionKey) {
        match self.roles.get_mut(key) {
            Some(slot) if slot.ended && slot.work == Work::Idle => {
                self.roles.remove(key);
            }
            Some(slot) => slot.ended = false,
            None => {}
        }
    }
}

pub(super) fn ended(role: &Name) -> Problem {
    Problem::yours(
        Code::Failed,
        format!("The session of {role} was ended."),
        "Ask for it again if it is still wanted.",
    )
}
