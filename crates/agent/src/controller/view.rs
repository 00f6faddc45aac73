//! The state as people see it.

use chrono::TimeDelta;
use daypass_core::{
    Instant,
    arn::MfaSerial,
    config::{Endpoints, Identity},
    name::Name,
    protocol::Wish,
    role::Role,
    session::{Session, SessionKey},
    view::{
        CallerView, DeviceView, EndpointView, IdentityView, PromptView, PublishedView, RoleView,
        SessionState, SessionView, StateView,
    },
};

use super::{
    Controller, IdentitySlot, Prompt,
    slots::{KeyRotation, RoleSlot, Waiter, Work},
};

/// A role session with less left than this is shown as ending, unless it renews itself.
const ENDING: TimeDelta = TimeDelta::minutes(10);

/// AWS takes requests that are dated wrongly by less than five minutes (AWS_RULES 3.6).
const CLOCK_OFF: TimeDelta = TimeDelta::minutes(4);

/// Rounded to half minutes, so that the state does not change with every answer of AWS.
fn clock_behind(behind: TimeDelta) -> Option<i64> {
    (behind.abs() >= CLOCK_OFF).then(|| behind.num_seconds() / 30 * 30)
}

fn endpoint_views(endpoints: &Endpoints) -> Vec<EndpointView> {
    let overridden = endpoints.overridden().into_iter();
    let view = |(name, url): (&str, &str)| EndpointView {
        name: name.to_owned(),
        url: url.to_owned(),
    };
    overridden.map(view).collect()
}

impl Controller {
    /// The state as people see it.
    pub(super) fn view(&self) -> StateView {
        let now = self.now();
        let config = self.file.config();
        StateView {
            now,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            vault: self.vault.clone(),
            locked: self.is_locked(),
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
            accounts: config.accounts.clone(),
            settings: config.settings.without_secrets(),
            config_file: self.file.path().display().to_string(),
            restart_for: self.waiting_for_restart(),
            endpoints: endpoint_views(&self.endpoints),
            configured_endpoints: endpoint_views(&config.endpoints),
            tray_missing: self.tray_missing.clone(),
            clock_behind: clock_behind(self.ports.clock.behind()),
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
            user_arn: facts.map(|facts| facts.user_arn.clone()),
            key_created_at: facts.and_then(|facts| facts.key_created_at),
            rotating: slot.is_some_and(|slot| !matches!(slot.rotation, KeyRotation::Idle)),
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
        let key = SessionKey::of(role.name.clone());
        let reading = SessionKey {
            read_only: true,
            ..key.clone()
        };
        let slot = self.roles.get(&key);
        let session = slot.and_then(|slot| slot.session.as_ref());
        let needs_code = self.needs_code(role, now);
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
            // A renewal is nobody's concern as long as the last session works.
            (_, Some(session)) if session.servable(now) => lively(session, now, ending),
            (Some(Work::ReadingKey | Work::Getting | Work::WaitingForSource), _) => {
                SessionState::Getting
            }
            (Some(Work::WaitingForCode), _) => SessionState::WaitingForCode,
            _ if failed => SessionState::Failed,
            // The next one comes by itself when it is wanted.
            _ if !needs_code => SessionState::None,
            (_, Some(_)) => SessionState::Ended,
            (_, None) => SessionState::None,
        };
        RoleView {
            name: role.name.clone(),
            identity: self
                .file
                .config()
                .start(role)
                .map_or_else(|| role.name.clone(), |identity| identity.name.clone()),
            source: role.source.clone(),
            federated: role.arn.is_federated_user(),
            arn: role.arn.as_str().to_owned(),
            account: role.arn.account().to_owned(),
            role_name: role.arn.short_name().to_owned(),
            session_kind: role.session,
            region: role
                .region
                .as_ref()
                .map(|region| region.as_str().to_owned()),
            session: session_view(state, session),
            needs_code: needs_code
                && !session.is_some_and(|session| session.fresh_for_console(now)),
            can_read_only: !role.is_narrowed(),
            published: self.published_view(&role.name),
            opening: [slot, self.roles.get(&reading)]
                .into_iter()
                .flatten()
                .any(is_opening),
            destination: role.destination.clone(),
            favourite: role.favourite,
            pinned: self.file.config().settings.pinned.contains(&role.name),
            browser: role.browser.clone(),
            uses: self.usage.score(&role.name),
            last_used: self.usage.last_used(&role.name),
        }
    }

    fn published_view(&self, role: &Name) -> Vec<PublishedView> {
        let published = self.file.config().published.iter();
        published
            .filter(|publish| publish.role == *role)
            .map(|publish| PublishedView {
                secret_id: publish.secret_id.clone(),
                at: self
                    .published
                    .get(&(role.clone(), publish.secret_id.clone()))
                    .copied(),
            })
            .collect()
    }

    /// The program that waits for this code, the first where there are several.
    fn asked_by(&self, prompt: &Prompt) -> Option<CallerView> {
        let waiting = self.waiting_for(&prompt.identity, &prompt.wish);
        waiting.iter().find_map(|key| self.caller_of(key))
    }

    fn caller_of(&self, key: &SessionKey) -> Option<CallerView> {
        let waiters = &self.roles.get(key)?.waiters;
        waiters.iter().find_map(|waiter| match waiter {
            Waiter::Program(asker) => asker.caller.as_ref().map(|caller| CallerView {
                name: caller.name.clone(),
                path: caller.path.clone(),
                role: key.role.clone(),
            }),
            Waiter::Role(chained) => self.caller_of(chained),
            _ => None,
        })
    }

    fn prompt_view(&self, prompt: &Prompt, now: Instant) -> PromptView {
        let slot = self.identities.get(&prompt.identity);
        let devices = slot.map(IdentitySlot::devices_in_order).unwrap_or_default();
        let wait_until = |serial: &MfaSerial| {
            let spent = slot?.spent.iter().rfind(|spent| spent.serial == *serial)?;
            (spent.next_at > now).then_some(spent.next_at)
        };
        PromptView {
            identity: prompt.identity.clone(),
            devices: devices
                .iter()
                .map(|serial| DeviceView {
                    serial: serial.as_str().to_owned(),
                    name: serial.short().to_owned(),
                    wait_until: wait_until(serial),
                })
                .collect(),
            asked_by: self.asked_by(prompt),
            session: match &prompt.wish {
                Wish::MfaSession => None,
                Wish::Role(key) => Some(key.clone()),
            },
            purpose: self.purpose(&prompt.identity, &prompt.wish),
            rejected: prompt.rejected.clone(),
            checking: slot.is_some_and(|slot| slot.in_flight.as_ref() == Some(&prompt.wish)),
        }
    }
}

fn is_opening(slot: &RoleSlot) -> bool {
    let waits = |waiter: &Waiter| matches!(waiter, Waiter::Console(..));
    slot.signing_in > 0 || slot.waiters.iter().any(waits)
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
