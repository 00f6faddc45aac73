//! Role sessions: who wants one, what the next step towards it is, and who is served by it.

use chrono::TimeDelta;
use daypass_core::{
    Instant,
    config::Identity,
    field::SessionName,
    name::Name,
    problem::{Code, Problem},
    protocol::{Asking, Response, WireCredentials, Wish},
    role::{Role, SessionKind},
    schedule::{self, Told},
    session::{Origin, Session, SessionKey, Start, Way},
};

use super::{
    Asker, Controller, Outcome, RoleFailure, Signed,
    codes::not_entered,
    refuse,
    slots::{IdentitySlot, RoleSlot, Waiter, Work},
};
use crate::{
    ports::{AssumeRole, Assumed, AwsCause, AwsError, Source, Topic},
    vault::Patience,
};

impl Controller {
    pub(super) fn credentials(&mut self, key: &SessionKey, asker: Asker) {
        match self.known_session(key) {
            Ok(role) => self.want(key, role, Waiter::Program(asker)),
            Err(problem) => refuse(asker.reply, problem),
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

    /// The role as a session of it would be asked for.
    pub(super) fn known_session(&self, key: &SessionKey) -> Result<Role, Problem> {
        let role = self.known_role(&key.role)?;
        if key.read_only {
            return role.read_only();
        }
        Ok(role)
    }

    /// Serves a waiter from the session that is there, or lets it wait for the next one. Any
    /// number of waiters cause one call and one prompt (R7).
    pub(super) fn want(&mut self, key: &SessionKey, role: Role, waiter: Waiter) {
        let now = self.now();
        let slot = self
            .roles
            .entry(key.clone())
            .or_insert_with(|| RoleSlot::new(role));
        if !matches!(waiter, Waiter::Renewal) {
            slot.last_asked = Some(now);
            slot.ended = false;
        } else if slot.ended {
            return;
        }
        if let Some(session) = slot.at_hand(&waiter, now).cloned() {
            self.serve(key, session, waiter);
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
        self.advance(key);
    }

    /// Takes the next step towards a role's session, if none is under way.
    pub(super) fn advance(&mut self, key: &SessionKey) {
        let now = self.now();
        let Some(slot) = self.roles.get(key) else {
            return;
        };
        match slot.work {
            Work::ReadingKey | Work::Getting => return,
            Work::WaitingForCode => {
                // A person who clicks again looks for the field; a program must not take the focus.
                let raise = self.newest_is_click(key);
                self.serve_what_is_left(key, false);
                self.ask_for_role(key, raise);
                return;
            }
            Work::WaitingForSource => {
                self.serve_what_is_left(key, false);
                if let Some(source) = self.source_of(key) {
                    self.advance(&source);
                }
                return;
            }
            Work::Idle | Work::Queued => {}
        }
        let role = slot.role.clone();
        if let Some(source) = self.source_of(key) {
            self.advance_chained(key, role, &source);
            return;
        }
        let Some(identity) = self.file.config().start(&role).cloned() else {
            return;
        };
        let known = self.identities.entry(identity.name.clone()).or_default();
        if !identity.ambient && known.facts.is_none() {
            if self.spares_keychain(key) {
                return;
            }
            self.set_work(key, Work::ReadingKey);
            self.read_facts(&identity.name, Patience::Prompt);
            return;
        }
        let way = self.way(&role, now);
        if way == Way::Key {
            // The keychain may keep a prompt open for minutes.
            self.serve_what_is_left(key, true);
        }
        if matches!(way, Way::Key | Way::Federation) && self.spares_keychain(key) {
            return;
        }
        if !way.needs_code() {
            if self.has_turn(key, now) {
                self.set_work(key, Work::Getting);
                self.assume(key, role, way, &identity);
            }
            return;
        }
        self.serve_what_is_left(key, false);
        let raise = self.may_raise(key, &identity.name);
        if self.has_waiters(key) {
            self.set_work(key, Work::WaitingForCode);
            self.ask_for_role(key, raise);
        }
    }

    /// A chained role needs a session of its source, which may need a code.
    fn advance_chained(&mut self, key: &SessionKey, role: Role, source: &SessionKey) {
        let now = self.now();
        let session = self
            .roles
            .get(source)
            .and_then(|slot| slot.session.as_ref())
            .filter(|session| session.fresh(now));
        if let Some(session) = session {
            let from = Source::Session(session.credentials.clone());
            if self.has_turn(key, now) {
                self.set_work(key, Work::Getting);
                self.assume_from(key, role, from);
            }
            return;
        }
        self.serve_what_is_left(key, true);
        if !self.has_waiters(key) {
            return;
        }
        match self.known_session(source) {
            Ok(source_role) => {
                self.set_work(key, Work::WaitingForSource);
                self.want(source, source_role, Waiter::Role(key.clone()));
            }
            Err(problem) => self.fail_role(key, &AwsError::new(AwsCause::Refused, problem)),
        }
    }

    /// Whether AWS may be asked now. A role without a turn is looked at again when there is one;
    /// a person does not wait for theirs (R4).
    fn has_turn(&mut self, key: &SessionKey, now: Instant) -> bool {
        if self.any_click(key) {
            self.pace.count(now);
            return true;
        }
        if self.pace.take(now) {
            return true;
        }
        self.serve_what_is_left(key, true);
        self.set_work(key, Work::Queued);
        false
    }

    fn ask_for_role(&mut self, key: &SessionKey, raise: bool) {
        let Some(slot) = self.roles.get(key) else {
            return;
        };
        let wish = wish(key, &slot.role);
        if let Some(identity) = slot.role.identity.clone() {
            self.ask(&identity, wish, raise);
        }
    }

    fn has_waiters(&self, key: &SessionKey) -> bool {
        self.roles
            .get(key)
            .is_some_and(|slot| !slot.waiters.is_empty())
    }

    /// The session that a chained role's is made from.
    pub(super) fn source_of(&self, key: &SessionKey) -> Option<SessionKey> {
        let source = self.roles.get(key)?.role.source.clone()?;
        Some(SessionKey::of(source))
    }

    fn waits_for(&self, chained: &SessionKey, source: &SessionKey) -> bool {
        let slot = self.roles.get(chained);
        slot.is_some_and(|slot| slot.work == Work::WaitingForSource)
            && self.source_of(chained).as_ref() == Some(source)
    }

    /// Whether the last to come is a person, here or at a role that is chained from this one.
    fn newest_is_click(&self, key: &SessionKey) -> bool {
        let newest = self.roles.get(key).and_then(|slot| slot.waiters.last());
        match newest {
            Some(Waiter::Role(chained)) => self.newest_is_click(chained),
            Some(waiter) => waiter.is_click(),
            None => false,
        }
    }

    /// Programs are not made to wait for a person while a session works, even one that ends soon
    /// (P2), and the background never asks for a code; it may go on where none is needed.
    pub(super) fn serve_what_is_left(&mut self, key: &SessionKey, renew: bool) {
        let now = self.now();
        let Some(slot) = self.roles.get_mut(key) else {
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
            self.serve(key, session.clone(), program);
        }
    }

    /// Whether the code field may come to the front for this role. While a person doesn't want to
    /// be asked, programs without a terminal are turned away.
    fn may_raise(&mut self, key: &SessionKey, identity: &Name) -> bool {
        if !self.left_alone(identity) || self.newest_is_click(key) {
            return true;
        }
        if self.any_click(key) {
            return true;
        }
        for waiter in self.take_waiters(key, |waiter| waiter.asking() == Asking::Popup) {
            self.turn_away(waiter, &|| Response::Failed(not_entered(identity)));
        }
        self.rest_if_alone(key);
        false
    }

    /// Whether a person waits, here or at a role that is chained from this one.
    pub(super) fn any_click(&self, key: &SessionKey) -> bool {
        let Some(slot) = self.roles.get(key) else {
            return false;
        };
        slot.waiters.iter().any(|waiter| match waiter {
            Waiter::Role(chained) => self.any_click(chained),
            waiter => waiter.is_click(),
        })
    }

    fn set_work(&mut self, key: &SessionKey, work: Work) {
        if let Some(slot) = self.roles.get_mut(key) {
            slot.work = work;
        }
    }

    fn assume(&self, key: &SessionKey, role: Role, way: Way, identity: &Identity) {
        let now = self.now();
        let mfa_session = self
            .identities
            .get(&identity.name)
            .and_then(|identity| identity.usable_mfa(now))
            .map(|session| session.credentials.clone());
        match (way, mfa_session) {
            (Way::Ambient, _) => {
                self.assume_from(key, role, Source::Ambient(identity.profile.clone()));
            }
            (Way::MfaSession, Some(session)) => {
                self.assume_from(key, role, Source::Session(session));
            }
            _ => self.assume_with_key(key, role, identity.name.clone()),
        }
    }

    fn assume_with_key(&self, key: &SessionKey, role: Role, identity: Name) {
        let (sts, vault, clock) = (
            self.ports.sts.clone(),
            self.ports.vault.clone(),
            self.ports.clock.clone(),
        );
        let request = self.assume_role_request(&role);
        let key = key.clone();
        self.spawn(async move {
            let result = match vault.read(identity, Patience::Prompt).await {
                Ok(Some(item)) => sts
                    .assume_role(Source::Key(item.key, None), request)
                    .await
                    .map(|assumed| session(assumed, clock.now()))
                    .map_err(RoleFailure::Aws),
                Ok(None) => Err(RoleFailure::NoKey),
                Err(error) => Err(RoleFailure::Vault(error)),
            };
            Outcome::Role {
                key,
                role: Box::new(role),
                signed: Signed::Key,
                result,
            }
        });
    }

    fn assume_from(&self, key: &SessionKey, role: Role, source: Source) {
        let request = self.assume_role_request(&role);
        let signed = match &source {
            Source::Key(..) => Signed::Key,
            Source::Session(session) => Signed::Session(session.access_key_id.clone()),
            Source::Ambient(_) => Signed::Ambient,
        };
        let call = self.ports.sts.assume_role(source, request);
        let (key, clock) = (key.clone(), self.ports.clock.clone());
        self.spawn(async move {
            let result = call
                .await
                .map(|assumed| session(assumed, clock.now()))
                .map_err(RoleFailure::Aws);
            Outcome::Role {
                key,
                role: Box::new(role),
                signed,
                result,
            }
        });
    }

    /// The request for a role's session, as configured.
    pub(super) fn assume_role_request(&self, role: &Role) -> AssumeRole {
        let user = self
            .file
            .config()
            .start(role)
            .and_then(|identity| self.identities.get(&identity.name))
            .and_then(|identity| identity.facts.as_ref())
            .and_then(super::Facts::session_name);
        let session_name = role
            .session_name
            .clone()
            .or(user)
            .unwrap_or_else(fallback_name);
        AssumeRole {
            role: role.clone(),
            session_name,
        }
    }

    pub(super) fn role_answered(
        &mut self,
        key: &SessionKey,
        role: &Role,
        signed: &Signed,
        result: Result<Session, RoleFailure>,
    ) {
        if *signed == Signed::Key && !matches!(result, Err(RoleFailure::Vault(_))) {
            self.vault_answered(None);
        }
        let Some(slot) = self.roles.get_mut(key) else {
            return;
        };
        if !slot.role.has_sessions_of(role) {
            // The role was changed while AWS was asked: this is a session of another role.
            return;
        }
        slot.work = Work::Idle;
        if slot.ended {
            // A person has ended it while AWS was asked.
            return;
        }
        match result {
            Ok(session) => self.role_has_session(key, session),
            Err(RoleFailure::Vault(error)) => {
                self.vault_failed(&error);
                // Not passing: each try would raise the keychain's prompt again.
                self.fail_role(key, &AwsError::new(AwsCause::Refused, error.into()));
            }
            Err(RoleFailure::NoKey) => {
                let identity = role.identity.as_ref().unwrap_or(&role.name);
                self.fail_role(key, &AwsError::new(AwsCause::Refused, no_key(identity)));
            }
            Err(RoleFailure::Aws(error)) if self.source_ended(role, signed, error.cause) => {
                self.advance(key);
            }
            Err(RoleFailure::Aws(error))
                if error.cause == AwsCause::TooLong && self.step_down(key, role, false) =>
            {
                self.advance(key);
            }
            Err(RoleFailure::Aws(error)) => {
                let error = self.offering_fresh_code(role, error);
                self.fail_role(key, &error);
            }
        }
    }

    /// Forgets the session that AWS no longer takes as a source, and no newer one; true when it was
    /// one, so that the way to the role is another one now.
    fn source_ended(&mut self, role: &Role, signed: &Signed, cause: AwsCause) -> bool {
        let (AwsCause::SessionEnded, Signed::Session(ended)) = (cause, signed) else {
            return false;
        };
        let is_newer = |session: &Session| session.credentials.access_key_id != *ended;
        if let Some(source) = &role.source {
            if let Some(slot) = self.roles.get_mut(&SessionKey::of(source.clone())) {
                slot.session = slot.session.take().filter(is_newer);
            }
            return true;
        }
        let identity = role.identity.as_ref();
        if let Some(slot) = identity.and_then(|identity| self.identities.get_mut(identity)) {
            slot.mfa = slot.mfa.take().filter(|mfa| is_newer(&mfa.session));
        }
        true
    }

    /// A role has a new session: everyone who waited is served.
    pub(super) fn role_has_session(&mut self, key: &SessionKey, session: Session) {
        if !session.servable(self.now()) {
            self.session_came_late(key);
            return;
        }
        self.forget_notices(Some(&key.role));
        self.withdraw(&Topic::RoleSession(key.clone()));
        let Some(slot) = self.roles.get_mut(key) else {
            return;
        };
        tracing::info!(role = key.role.as_str(), until = %session.credentials.expires_at, "role session");
        slot.work = Work::Idle;
        slot.ended = false;
        slot.came_late = false;
        slot.failures = 0;
        slot.next_try = None;
        slot.told = Told::Nothing;
        slot.session = Some(session.clone());
        let waiters = std::mem::take(&mut slot.waiters);
        if let Some(problem) = slot.stepped_down.take() {
            self.notice(Some(&key.role), &problem);
        }
        self.note_session(key, session.credentials.expires_at);
        for waiter in waiters {
            self.serve(key, session.clone(), waiter);
        }
        self.publish_again(key);
    }

    /// A session that has ended when it comes: the computer slept meanwhile. Whoever waits is told
    /// only when that happens twice, as it does where a clock is wrong by hours.
    fn session_came_late(&mut self, key: &SessionKey) {
        let Some(slot) = self.roles.get_mut(key) else {
            return;
        };
        slot.came_late = !slot.came_late && !slot.waiters.is_empty();
        if !slot.came_late {
            self.fail_role(key, &AwsError::new(AwsCause::Passing, came_too_late()));
            return;
        }
        slot.work = Work::Idle;
        self.advance(key);
    }

    /// There is no new session for a role. Programs get what is left of the old one; everyone else
    /// is told.
    pub(super) fn fail_role(&mut self, key: &SessionKey, error: &AwsError) {
        let (now, problem) = (self.now(), &error.problem);
        let Some(slot) = self.roles.get_mut(key) else {
            return;
        };
        slot.work = Work::Idle;
        slot.failures = slot.failures.saturating_add(1);
        slot.next_try = error.setback().map(|setback| {
            let wanted = error.retry_after.map(TimeDelta::from_std);
            let wanted = wanted.and_then(Result::ok);
            let seed = (&key.role, key.read_only, now.timestamp_subsec_nanos());
            now + schedule::retry_after(slot.failures, setback, wanted, seed)
        });
        let asks_for_rest = error.retry_after.is_some() || error.cause == AwsCause::Throttled;
        slot.aws_rests_until = slot.next_try.filter(|_| asks_for_rest);
        let slot_gives_up = slot.next_try.is_none();
        let left = slot.servable(now).cloned();
        let waiters = std::mem::take(&mut slot.waiters);
        self.note_no_session(key, &waiters, problem);
        let somebody_waits = waiters
            .iter()
            .any(|waiter| !matches!(waiter, Waiter::Renewal));
        for waiter in waiters {
            match (waiter, &left) {
                (waiter @ Waiter::Program(_), Some(session)) => {
                    self.serve(key, session.clone(), waiter);
                }
                (Waiter::Role(chained), _) if self.waits_for(&chained, key) => {
                    self.fail_role(&chained, error);
                }
                (Waiter::Role(_), _) => {}
                (waiter, _) => self.turn_away(waiter, &|| Response::Failed(problem.clone())),
            }
        }
        if somebody_waits || slot_gives_up {
            self.notice(Some(&key.role), problem);
        }
    }

    fn serve(&mut self, key: &SessionKey, session: Session, waiter: Waiter) {
        let Some(slot) = self.roles.get(key) else {
            return;
        };
        match waiter {
            Waiter::Program(asker) => {
                let account = slot.role.arn.account();
                let credentials = WireCredentials::new(&session.credentials, account);
                self.note_credentials(key, &session, &asker);
                let _ = asker.reply.send(Response::Credentials(credentials));
            }
            Waiter::Console(plan, deliver) => self.sign_in(key, &session, plan, deliver),
            Waiter::Copy(shell, reply) => self.copy_environment(key, &session, shell, reply),
            Waiter::WriteProfile(profile, reply) => {
                self.write_profile(key, &session, profile, reply);
            }
            Waiter::Renew(asker) => {
                let _ = asker.reply.send(Response::Done);
            }
            Waiter::Publish(publishing) => self.publish_session(key, session, *publishing),
            Waiter::Role(chained) if self.waits_for(&chained, key) => {
                self.set_work(&chained, Work::Idle);
                self.advance(&chained);
            }
            // It was changed meanwhile, and has its own way now.
            Waiter::Role(_) => {}
            Waiter::Renewal => {}
        }
    }

    /// Tells a waiter, and whoever waits behind it, that there is no session.
    pub(super) fn turn_away(&mut self, waiter: Waiter, response: &dyn Fn() -> Response) {
        if let Waiter::Role(chained) = waiter {
            let Some(slot) = self.roles.get_mut(&chained) else {
                return;
            };
            if slot.work != Work::WaitingForSource {
                return;
            }
            slot.work = Work::Idle;
            for waiter in std::mem::take(&mut slot.waiters) {
                self.turn_away(waiter, response);
            }
            return;
        }
        if let Some(reply) = waiter.into_reply() {
            let _ = reply.send(response());
        }
    }

    /// The way to a role as things stand.
    pub(super) fn way(&self, role: &Role, now: Instant) -> Way {
        let identity = self.file.config().start(role);
        let slot = identity.and_then(|identity| self.identities.get(&identity.name));
        Way::choose(
            role,
            Start {
                ambient: identity.is_some_and(|identity| identity.ambient),
                has_mfa: slot.is_some_and(IdentitySlot::has_mfa),
                mfa_usable: slot.is_some_and(|slot| slot.usable_mfa(now).is_some()),
            },
        )
    }

    /// Whether a new session of this role would need a code now, at whatever link of its chain.
    pub(super) fn needs_code(&self, role: &Role, now: Instant) -> bool {
        let way = self.way(role, now);
        let (Way::SourceRole, Some(source)) = (way, &role.source) else {
            return way.needs_code();
        };
        let slot = self.roles.get(&SessionKey::of(source.clone()));
        if slot.is_some_and(|slot| slot.session.as_ref().is_some_and(|s| s.fresh(now))) {
            return false;
        }
        let source = self.file.config().role(source);
        // The config's check bounds the chain.
        source.is_some_and(|source| self.needs_code(source, now))
    }
}

/// What a code for this role would be used for.
pub(super) fn wish(key: &SessionKey, role: &Role) -> Wish {
    match role.session {
        SessionKind::Daily => Wish::MfaSession,
        SessionKind::Long => Wish::Role(key.clone()),
    }
}

/// A session as STS gave it. It is dated by our clock from after the answer, which may have set it
/// right: by a clock that is ahead a session would have a negative length.
pub(super) fn session(assumed: Assumed, started_at: Instant) -> Session {
    Session {
        credentials: assumed.credentials,
        started_at,
        origin: assumed.origin,
    }
}

/// An MFA session as STS gave it.
pub(super) fn mfa_session(
    credentials: daypass_core::secret::SessionCredentials,
    started_at: Instant,
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

/// The computer slept while the answer was on its way.
fn came_too_late() -> Problem {
    Problem::passing(
        Code::Failed,
        "AWS's answer came so late that the session has ended.",
        "Try again.",
    )
}

fn fallback_name() -> SessionName {
    SessionName::parse("daypass").unwrap_or_else(|_| unreachable!("the literal is a valid name"))
}
