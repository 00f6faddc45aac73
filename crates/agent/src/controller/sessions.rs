//! Role sessions: who wants one, what the next step towards it is, and who is served by it.

use daypass_core::{
    config::Role,
    field::SessionName,
    name::Name,
    problem::{Code, Problem},
    protocol::{Response, WireCredentials, Wish},
    schedule,
    session::{Origin, Session, Way},
};

use super::{
    Controller, Outcome, Reply, RoleFailure,
    codes::not_entered,
    refuse,
    slots::{RoleSlot, Waiter, Work},
};
use crate::{
    ports::{AssumeRole, Assumed, Source, StsCause},
    vault::Patience,
};

impl Controller {
    pub(super) fn credentials(&mut self, role: &Name, reply: Reply) {
        match self.known_role(role) {
            Ok(role) => self.want(role, Waiter::Program(reply)),
            Err(problem) => refuse(reply, problem),
        }
    }

    /// A role by name; what is wrong with the config file explains a role that is not there.
    pub(super) fn known_role(&self, name: &Name) -> Result<Role, Problem> {
        self.file
            .config()
            .role_or_nearest(name)
            .cloned()
            .map_err(|unknown| self.file.problem().cloned().unwrap_or(unknown))
    }

    /// Serves a waiter from the session that is there, or lets it wait for the next one. Any
    /// number of waiters cause one call and one prompt (R7).
    pub(super) fn want(&mut self, role: Role, waiter: Waiter) {
        let now = self.now();
        let name = role.name.clone();
        let slot = self
            .roles
            .entry(name.clone())
            .or_insert_with(|| RoleSlot::new(role));
        if !matches!(waiter, Waiter::Renewal) {
            slot.last_asked = Some(now);
        }
        if let Some(session) = slot.session.clone()
            && waiter.content_with(&session, now)
        {
            self.serve(&name, session, waiter);
            return;
        }
        slot.waiters.retain(|waiter| !waiter.is_gone());
        if let Some(same) = slot.waiters.iter().position(|known| known.repeats(&waiter)) {
            // One console for both clicks.
            if let Some(reply) = slot.waiters.remove(same).into_reply() {
                let _ = reply.send(Response::Done);
            }
        }
        slot.waiters.push(waiter);
        self.advance(&name);
    }

    /// Takes the next step towards a role's session, if none is under way.
    pub(super) fn advance(&mut self, name: &Name) {
        let now = self.now();
        let Some(slot) = self.roles.get(name) else {
            return;
        };
        match slot.work {
            Work::ReadingKey | Work::Getting => return,
            Work::WaitingForCode => {
                let (identity, wish) = (slot.role.identity.clone(), wish(&slot.role));
                // A person who clicks again looks for the field; a program must not take the focus.
                let clicked = matches!(slot.waiters.last(), Some(Waiter::Console(..)));
                self.serve_what_is_left(name, false);
                if clicked {
                    self.ask(&identity, wish);
                }
                return;
            }
            Work::Idle => {}
        }
        let role = slot.role.clone();
        let Some(identity) = self.file.config().identity(&role.identity).cloned() else {
            return;
        };
        let known = self.identities.entry(identity.name.clone()).or_default();
        if !identity.ambient && known.facts.is_none() {
            self.set_work(name, Work::ReadingKey);
            self.read_facts(&identity.name, Patience::Prompt);
            return;
        }
        let mfa_usable = known.usable_mfa(now).is_some();
        let way = Way::choose(role.session, identity.ambient, known.has_mfa(), mfa_usable);
        if way == Way::Key {
            // The keychain may keep a prompt open for minutes.
            self.serve_what_is_left(name, true);
        }
        if !way.needs_code() {
            self.set_work(name, Work::Getting);
            self.assume(role, way, identity.profile);
            return;
        }
        self.serve_what_is_left(name, false);
        self.leave_alone(name, &role.identity);
        if self
            .roles
            .get(name)
            .is_some_and(|slot| !slot.waiters.is_empty())
        {
            self.set_work(name, Work::WaitingForCode);
            self.ask(&role.identity, wish(&role));
        }
    }

    /// Programs are not made to wait for a person while a session works, even one that ends soon
    /// (P2), and the background never asks for a code; it may go on where none is needed.
    fn serve_what_is_left(&mut self, name: &Name, renew: bool) {
        let now = self.now();
        let Some(slot) = self.roles.get_mut(name) else {
            return;
        };
        if !renew {
            slot.waiters
                .retain(|waiter| !matches!(waiter, Waiter::Renewal));
        }
        let Some(session) = slot.servable(now).cloned() else {
            return;
        };
        let (programs, others) = std::mem::take(&mut slot.waiters)
            .into_iter()
            .partition(|waiter| matches!(waiter, Waiter::Program(_)));
        slot.waiters = others;
        for program in programs {
            self.serve(name, session.clone(), program);
        }
    }

    /// Turns programs away while a person doesn't want to be asked.
    fn leave_alone(&mut self, name: &Name, identity: &Name) {
        if !self.left_alone(identity) {
            return;
        }
        let Some(slot) = self.roles.get_mut(name) else {
            return;
        };
        let clicked = slot
            .waiters
            .iter()
            .any(|waiter| matches!(waiter, Waiter::Console(..)));
        if clicked {
            return;
        }
        for waiter in std::mem::take(&mut slot.waiters) {
            turn_away(waiter, || Response::Failed(not_entered(identity)));
        }
    }

    fn set_work(&mut self, name: &Name, work: Work) {
        if let Some(slot) = self.roles.get_mut(name) {
            slot.work = work;
        }
    }

    fn assume(&self, role: Role, way: Way, profile: Option<String>) {
        let request = self.assume_role_request(&role);
        let (sts, vault, clock) = (
            self.ports.sts.clone(),
            self.ports.vault.clone(),
            self.ports.clock.clone(),
        );
        let mfa_session = self
            .identities
            .get(&role.identity)
            .and_then(|identity| identity.usable_mfa(self.now()))
            .map(|session| session.credentials.clone());
        self.spawn(async move {
            let source = match (way, mfa_session) {
                (Way::Ambient, _) => Ok(Source::Ambient(profile)),
                (Way::MfaSession, Some(session)) => Ok(Source::Session(session)),
                _ => match vault.read(role.identity.clone(), Patience::Prompt).await {
                    Ok(Some(item)) => Ok(Source::Key(item.key, None)),
                    Ok(None) => Err(RoleFailure::NoKey),
                    Err(error) => Err(RoleFailure::Vault(error)),
                },
            };
            let started_at = clock.now();
            let result = match source {
                Ok(source) => sts
                    .assume_role(source, request)
                    .await
                    .map(|assumed| session(assumed, started_at))
                    .map_err(RoleFailure::Sts),
                Err(failure) => Err(failure),
            };
            Outcome::Role {
                role: Box::new(role),
                result,
            }
        });
    }

    /// The request for a role's session, as configured.
    pub(super) fn assume_role_request(&self, role: &Role) -> AssumeRole {
        let user = self
            .identities
            .get(&role.identity)
            .and_then(|identity| identity.facts.as_ref())
            .and_then(super::Facts::session_name);
        AssumeRole {
            arn: role.arn.clone(),
            session_name: role
                .session_name
                .clone()
                .or(user)
                .unwrap_or_else(fallback_name),
            duration: role.wanted_duration(),
            external_id: role.external_id.clone(),
            region: role.region.clone(),
        }
    }

    pub(super) fn role_answered(&mut self, role: &Role, result: Result<Session, RoleFailure>) {
        let Some(slot) = self.roles.get_mut(&role.name) else {
            return;
        };
        if slot.role != *role {
            // The role was changed while AWS was asked: this is a session of another role.
            return;
        }
        slot.work = Work::Idle;
        match result {
            Ok(session) => self.role_has_session(&role.name, session),
            Err(RoleFailure::Vault(error)) => {
                self.vault_answered(Some(&error));
                // Not passing: each try would raise the keychain's prompt again.
                self.fail_role(&role.name, &error.into(), StsCause::Refused);
            }
            Err(RoleFailure::NoKey) => {
                self.fail_role(&role.name, &no_key(&role.identity), StsCause::Refused);
            }
            Err(RoleFailure::Sts(error)) if self.mfa_session_ended(role, error.cause) => {
                self.advance(&role.name);
            }
            Err(RoleFailure::Sts(error)) => {
                self.fail_role(&role.name, &error.problem, error.cause);
            }
        }
    }

    /// Forgets an MFA session that AWS no longer takes; true when there was one, so that the way to
    /// the role is another one now.
    fn mfa_session_ended(&mut self, role: &Role, cause: StsCause) -> bool {
        let slot = self.identities.get_mut(&role.identity);
        cause == StsCause::SessionEnded && slot.is_some_and(|slot| slot.mfa.take().is_some())
    }

    /// A role has a new session: everyone who waited is served.
    pub(super) fn role_has_session(&mut self, name: &Name, session: Session) {
        self.forget_notices(Some(name));
        let Some(slot) = self.roles.get_mut(name) else {
            return;
        };
        tracing::info!(role = name.as_str(), until = %session.credentials.expires_at, "role session");
        slot.work = Work::Idle;
        slot.failures = 0;
        slot.next_try = None;
        slot.session = Some(session.clone());
        for waiter in std::mem::take(&mut slot.waiters) {
            self.serve(name, session.clone(), waiter);
        }
    }

    /// There is no new session for a role. Programs get what is left of the old one; everyone else
    /// is told.
    pub(super) fn fail_role(&mut self, name: &Name, problem: &Problem, cause: StsCause) {
        let now = self.now();
        let Some(slot) = self.roles.get_mut(name) else {
            return;
        };
        slot.work = Work::Idle;
        slot.failures = slot.failures.saturating_add(1);
        slot.next_try = match cause {
            StsCause::Passing | StsCause::AnswerLost => {
                Some(now + schedule::retry_after(slot.failures))
            }
            StsCause::WrongCode | StsCause::Refused | StsCause::SessionEnded => None,
        };
        let left = slot.servable(now).cloned();
        let waiters = std::mem::take(&mut slot.waiters);
        let somebody_waits = waiters
            .iter()
            .any(|waiter| !matches!(waiter, Waiter::Renewal));
        for waiter in waiters {
            match (waiter, &left) {
                (Waiter::Program(reply), Some(session)) => {
                    self.serve(name, session.clone(), Waiter::Program(reply));
                }
                (waiter, _) => turn_away(waiter, || Response::Failed(problem.clone())),
            }
        }
        if somebody_waits || cause == StsCause::Refused {
            self.notice(Some(name), problem);
        }
    }

    fn serve(&mut self, name: &Name, session: Session, waiter: Waiter) {
        let Some(slot) = self.roles.get(name) else {
            return;
        };
        match waiter {
            Waiter::Program(reply) => {
                let account = slot.role.arn.account();
                let credentials = WireCredentials::new(&session.credentials, account);
                let _ = reply.send(Response::Credentials(credentials));
            }
            Waiter::Console(plan, deliver) => self.sign_in(name, &session, plan, deliver),
            Waiter::Renewal => {}
        }
    }
}

/// What a code for this role would be used for.
pub(super) fn wish(role: &Role) -> Wish {
    match role.session {
        daypass_core::config::SessionKind::Daily => Wish::MfaSession,
        daypass_core::config::SessionKind::Long => Wish::Role(role.name.clone()),
    }
}

/// Tells a waiter that there is no session.
pub(super) fn turn_away(waiter: Waiter, response: impl FnOnce() -> Response) {
    if let Some(reply) = waiter.into_reply() {
        let _ = reply.send(response());
    }
}

/// A session as STS gave it, dated by our clock from before the request.
pub(super) fn session(assumed: Assumed, started_at: daypass_core::Instant) -> Session {
    Session {
        credentials: assumed.credentials,
        started_at,
        origin: assumed.origin,
    }
}

/// An MFA session as STS gave it.
pub(super) fn mfa_session(
    credentials: daypass_core::secret::SessionCredentials,
    started_at: daypass_core::Instant,
) -> Session {
    session(
        Assumed {
            credentials,
            origin: Origin::LongTermKey,
        },
        started_at,
    )
}

pub(super) fn no_key(identity: &Name) -> Problem {
    Problem::yours(
        Code::Keychain,
        format!("The keychain has no key for the identity {identity}."),
        format!("Remove it with `daypass identity remove {identity}` and add it again."),
    )
}

fn fallback_name() -> SessionName {
    SessionName::parse("daypass").unwrap_or_else(|_| unreachable!("the literal is a valid name"))
}
