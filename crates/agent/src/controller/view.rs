//! The state as people see it.

use chrono::TimeDelta;
use daypass_core::{
    Instant,
    config::{Identity, Role},
    name::Name,
    protocol::Wish,
    session::Session,
    view::{
        EndpointView, IdentityView, PromptView, RoleView, SessionState, SessionView, StateView,
    },
};

use super::{
    Controller, IdentitySlot, Prompt,
    slots::{Waiter, Work},
};

/// A role session with less left than this is shown as ending, unless it renews itself.
const ENDING: TimeDelta = TimeDelta::minutes(10);

impl Controller {
    /// The state as people see it.
    pub(super) fn view(&self) -> StateView {
        let now = self.now();
        let config = self.file.config();
        StateView {
            now,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            vault: self.vault.clone(),
            identities: config
                .identities
                .iter()
                .map(|identity| self.identity_view(identity, now))
                .collect(),
            roles: config
                .roles
                .iter()
                .map(|role| self.role_view(role, now))
                .collect(),
            prompt: self
                .prompts
                .front()
                .map(|prompt| self.prompt_view(prompt, now)),
            notices: self.notices.clone(),
            endpoints: self
                .endpoints
                .overridden()
                .into_iter()
                .map(|(name, url)| EndpointView {
                    name: name.to_owned(),
                    url: url.to_owned(),
                })
                .collect(),
            tray_missing: self.tray_missing.clone(),
        }
    }

    fn identity_view(&self, identity: &Identity, now: Instant) -> IdentityView {
        let slot = self.identities.get(&identity.name);
        let facts = slot.and_then(|slot| slot.facts.as_ref());
        let serials = facts.map(|facts| &facts.mfa_serials);
        let has_mfa = slot.is_some_and(IdentitySlot::has_mfa);
        IdentityView {
            name: identity.name.clone(),
            ambient: identity.ambient,
            access_key_id: facts.map(|facts| facts.access_key_id.clone()),
            mfa_serials: serials
                .into_iter()
                .flatten()
                .map(|serial| serial.as_str().to_owned())
                .collect(),
            mfa: has_mfa.then(|| self.mfa_view(&identity.name, now)),
        }
    }

    fn mfa_view(&self, identity: &Name, now: Instant) -> SessionView {
        let mfa = self
            .identities
            .get(identity)
            .and_then(|slot| slot.mfa.as_ref());
        let session = mfa.map(|mfa| &mfa.session);
        let in_flight = self
            .identities
            .get(identity)
            .is_some_and(|slot| slot.in_flight == Some(Wish::MfaSession));
        let prompt = self
            .prompts
            .iter()
            .find(|prompt| prompt.identity == *identity && prompt.wish == Wish::MfaSession);
        let warn = TimeDelta::minutes(i64::from(self.file.config().settings.warn_minutes));
        let state = match (session, prompt) {
            _ if in_flight => SessionState::Getting,
            (Some(session), _) if session.servable(now) => lively(session, now, warn),
            (_, Some(_)) => SessionState::WaitingForCode,
            (Some(_), None) => SessionState::Ended,
            (None, None) => SessionState::None,
        };
        session_view(state, session)
    }

    fn role_view(&self, role: &Role, now: Instant) -> RoleView {
        let slot = self.roles.get(&role.name);
        let session = slot.and_then(|slot| slot.session.as_ref());
        let needs_code = self.way(role, now).needs_code();
        // What renews itself does not end as far as a person is concerned.
        let ending = if needs_code {
            ENDING
        } else {
            TimeDelta::zero()
        };
        let failed = self
            .notices
            .iter()
            .any(|notice| notice.about.as_ref() == Some(&role.name));
        let state = match (slot.map(|slot| slot.work), session) {
            (Some(Work::ReadingKey | Work::Getting), _) => SessionState::Getting,
            (_, Some(session)) if session.servable(now) => lively(session, now, ending),
            (Some(Work::WaitingForCode), _) => SessionState::WaitingForCode,
            _ if failed => SessionState::Failed,
            // The next one comes by itself when it is wanted.
            _ if !needs_code => SessionState::None,
            (_, Some(_)) => SessionState::Ended,
            (_, None) => SessionState::None,
        };
        RoleView {
            name: role.name.clone(),
            identity: role.identity.clone(),
            arn: role.arn.as_str().to_owned(),
            account: role.arn.account().to_owned(),
            role_name: role.arn.role_name().to_owned(),
            session_kind: role.session,
            region: role
                .region
                .as_ref()
                .map(|region| region.as_str().to_owned()),
            session: session_view(state, session),
            needs_code: needs_code
                && !session.is_some_and(|session| session.fresh_for_console(now)),
            opening: slot.is_some_and(|slot| {
                slot.signing_in > 0
                    || slot
                        .waiters
                        .iter()
                        .any(|waiter| matches!(waiter, Waiter::Console(..)))
            }),
        }
    }

    fn prompt_view(&self, prompt: &Prompt, now: Instant) -> PromptView {
        let slot = self.identities.get(&prompt.identity);
        let serial = slot
            .and_then(|slot| slot.facts.as_ref())
            .and_then(|facts| facts.mfa_serials.first());
        let wait_until = slot
            .and_then(|slot| slot.spent.as_ref())
            .map(|spent| spent.next_at)
            .filter(|at| *at > now);
        PromptView {
            identity: prompt.identity.clone(),
            serial: serial
                .map(|serial| serial.as_str().to_owned())
                .unwrap_or_default(),
            device: serial
                .map(|serial| serial.short().to_owned())
                .unwrap_or_default(),
            purpose: self.purpose(&prompt.wish),
            rejected: prompt.rejected.clone(),
            wait_until,
            checking: slot.is_some_and(|slot| slot.in_flight.as_ref() == Some(&prompt.wish)),
        }
    }
}

fn lively(session: &Session, now: Instant, ending: TimeDelta) -> SessionState {
    if session.left(now) <= ending {
        SessionState::Ending
    } else {
        SessionState::Active
    }
}

fn session_view(state: SessionState, session: Option<&Session>) -> SessionView {
    SessionView {
        state,
        started_at: session.map(|session| session.started_at),
        expires_at: session.map(|session| session.credentials.expires_at),
    }
}
