//! Codes: asking for one, sending it exactly once, and what follows from the answer.

use chrono::TimeDelta;
use daypass_core::{
    Instant,
    arn::MfaSerial,
    journal::{By, Event},
    name::Name,
    problem::{Code, Problem},
    protocol::{Asking, Response, Show, Wish},
    role::Role,
    schedule::Told,
    secret::{Secret, TokenCode},
    session::{Session, SessionKey},
};

use super::{
    CodeOutcome, Controller, Outcome, Reply,
    ending::ended,
    refuse,
    sessions::{mfa_session, no_key, session, wish},
    slots::{
        IdentitySlot, KeyRotation, MfaState, Prompt, RoleSlot, Spent, Waiter, Work, partition_of,
    },
};
use crate::{
    clock::Trust,
    ports::{AwsCause, AwsError, Mfa, Source, VaultError},
    vault::Patience,
};

/// Why a code led to no session.
pub enum CodeFailure {
    /// The key could not be read; the code was not sent.
    Vault(VaultError),
    /// There is no key or no device; the code was not sent.
    Unusable(Problem),
    /// AWS gave nothing.
    Aws(AwsError),
}

/// How long programs can't bring back a code field that a person has closed, or that helped nobody,
/// nor a keychain's prompt.
pub(super) const LEFT_ALONE: TimeDelta = TimeDelta::minutes(10);

/// More codes than people type while AWS would take one of them again.
const CODES_KEPT: usize = 16;

/// Devices show a new code every 30 seconds (RFC 6238).
const STEP_SECONDS: i64 = 30;

impl Controller {
    /// A person wants to type a code now.
    pub(super) fn ask_for_code(&mut self, identity: &Name, reply: Reply) {
        if let Err(problem) = self.file.config().identity_or_nearest(identity) {
            refuse(reply, problem);
            return;
        }
        self.ask(identity, Wish::MfaSession, true);
        let _ = reply.send(Response::Done);
    }

    /// Puts a code on the list of wanted ones and, if `raise`, the field for it on screen. One
    /// prompt per identity and wish, however many wait for it. Whoever can ask on a terminal is
    /// told at once; without a screen, so is everybody who does not wait for somebody else.
    pub(super) fn ask(&mut self, identity: &Name, wish: Wish, raise: bool) {
        let asked = |prompt: &Prompt| prompt.identity == *identity && prompt.wish == wish;
        if !self.prompts.iter().any(asked) {
            self.prompts.push_back(Prompt {
                identity: identity.clone(),
                wish: wish.clone(),
                rejected: None,
            });
            self.note_code_wanted(identity, &wish);
        }
        if raise {
            self.screen = self.show(Show::Code);
        }
        self.tell_of_code(identity, &wish);
        if !self.screen && self.waiting_for(identity, &wish).is_empty() {
            self.close_prompt(identity, &wish);
        }
    }

    /// Answers those who can ask a person themselves.
    fn tell_of_code(&mut self, identity: &Name, wish: &Wish) {
        let popup = self.screen;
        let devices = self
            .identities
            .get(identity)
            .map(IdentitySlot::devices_in_order)
            .unwrap_or_default();
        let told = |asking| match asking {
            Asking::Terminal => true,
            Asking::Popup => !popup,
            Asking::Waiting => false,
        };
        let needed = || Response::CodeNeeded {
            identity: identity.clone(),
            devices: devices.clone(),
            popup,
            wish: wish.clone(),
        };
        for key in self.waiting_for(identity, wish) {
            for waiter in self.take_waiters(&key, |waiter| told(waiter.asking())) {
                self.turn_away(waiter, &needed);
            }
            self.rest_if_alone(&key);
        }
        if let (Wish::MfaSession, Some(slot)) = (wish, self.identities.get_mut(identity))
            && let KeyRotation::WaitingForCode(askers) = &mut slot.rotation
        {
            for asker in askers.extract_if(.., |asker| told(asker.asking)) {
                let _ = asker.reply.send(needed());
            }
            if askers.is_empty() {
                slot.rotation = KeyRotation::Idle;
            }
        }
    }

    /// Takes the waiters of that kind out of a role's list and out of those of the roles that are
    /// chained from it.
    pub(super) fn take_waiters(
        &mut self,
        key: &SessionKey,
        wanted: impl Fn(&Waiter) -> bool + Copy,
    ) -> Vec<Waiter> {
        let Some(slot) = self.roles.get_mut(key) else {
            return Vec::new();
        };
        let mut taken: Vec<Waiter> = slot.waiters.extract_if(.., |w| wanted(w)).collect();
        let chained: Vec<SessionKey> = slot.waiters.iter().filter_map(Waiter::chained).collect();
        for key in chained {
            taken.extend(self.take_waiters(&key, wanted));
        }
        taken
    }

    /// Lets a role's work rest that nobody waits for any longer; true when it does.
    pub(super) fn rest_if_alone(&mut self, key: &SessionKey) -> bool {
        let Some(slot) = self.roles.get(key) else {
            return true;
        };
        let chained: Vec<SessionKey> = slot.waiters.iter().filter_map(Waiter::chained).collect();
        let resting: Vec<SessionKey> = chained
            .into_iter()
            .filter(|chained| self.rest_if_alone(chained))
            .collect();
        let Some(slot) = self.roles.get_mut(key) else {
            return true;
        };
        slot.waiters
            .retain(|waiter| waiter.chained().is_none_or(|key| !resting.contains(&key)));
        if slot.waiters.is_empty() {
            slot.work = Work::Idle;
        }
        slot.waiters.is_empty()
    }

    /// Gives up the code on screen.
    pub(super) fn dismiss_prompt(&mut self, by: By) {
        let Some(prompt) = self.prompts.pop_front() else {
            return;
        };
        self.note_dismissed(&prompt.identity, &prompt.wish, by);
        self.be_quiet(&prompt.identity, LEFT_ALONE);
        let dismissed = not_entered(&prompt.identity);
        self.turn_away_waiting(&prompt.identity, &prompt.wish, &|| {
            Response::Failed(dismissed.clone())
        });
    }

    /// Takes a code: for what it is said to be for, else for the prompt on screen, else for an MFA
    /// session.
    pub(super) fn submit_code(
        &mut self,
        identity: &Name,
        wish: Option<Wish>,
        serial: Option<&str>,
        code: &Secret,
        reply: Reply,
    ) {
        let wish = wish.unwrap_or_else(|| {
            let prompt = self
                .prompts
                .iter()
                .find(|prompt| prompt.identity == *identity);
            prompt.map_or(Wish::MfaSession, |prompt| prompt.wish.clone())
        });
        match self.check_code(identity, &wish, serial, code) {
            Ok(checked) => self.send_code(identity.clone(), wish, checked, reply),
            Err(problem) => {
                self.reject(identity, &wish, &problem);
                refuse(reply, problem);
            }
        }
    }

    /// Whether a code may be sent, and for a long session the role as it is now.
    fn check_code(
        &self,
        identity: &Name,
        wish: &Wish,
        serial: Option<&str>,
        code: &Secret,
    ) -> Result<CheckedCode, Problem> {
        let known = self.file.config().identity_or_nearest(identity)?;
        if known.ambient {
            return Err(Problem::usage(format!(
                "The identity {identity} uses credentials of this machine and has no MFA device here."
            )));
        }
        let role = match wish {
            Wish::MfaSession => None,
            Wish::Role(key) => Some(self.known_session(key)?),
        };
        let code = TokenCode::parse(code.expose())?;
        let Some(slot) = self.identities.get(identity) else {
            return Ok(CheckedCode {
                code,
                serial: serial.map(MfaSerial::parse).transpose()?,
                role,
            });
        };
        if slot.in_flight.is_some() {
            return Err(Problem::usage("A code is already on its way to AWS."));
        }
        let serial = device(slot, identity, serial)?;
        // Of a device that is not known yet it may be any one's code.
        let is_spent = |spent: &&Spent| {
            serial.as_ref().is_none_or(|serial| *serial == spent.serial)
                && spent.is(&code, self.now())
        };
        match slot.spent.iter().find(is_spent) {
            Some(spent) => Err(already_used(spent, self.now())),
            None => Ok(CheckedCode { code, serial, role }),
        }
    }

    fn prompt(&mut self, identity: &Name, wish: &Wish) -> Option<&mut Prompt> {
        self.prompts
            .iter_mut()
            .find(|prompt| prompt.identity == *identity && prompt.wish == *wish)
    }

    fn reject(&mut self, identity: &Name, wish: &Wish, problem: &Problem) {
        if let Some(prompt) = self.prompt(identity, wish) {
            prompt.rejected = Some(problem.clone());
        }
    }

    fn send_code(&mut self, identity: Name, wish: Wish, checked: CheckedCode, reply: Reply) {
        let CheckedCode { code, serial, role } = checked;
        let slot = self.identities.entry(identity.clone()).or_default();
        slot.in_flight = Some(wish.clone());
        if let Some(prompt) = self.prompt(&identity, &wish) {
            prompt.rejected = None;
        }
        let request = role.as_ref().map(|role| self.assume_role_request(role));
        let duration = self.file.config().settings.mfa_duration;
        let (sts, vault, clock) = (
            self.ports.sts.clone(),
            self.ports.vault.clone(),
            self.ports.clock.clone(),
        );
        self.spawn(async move {
            let mut used = serial.clone();
            let work = async {
                let item = vault
                    .read(identity.clone(), Patience::Prompt)
                    .await
                    .map_err(CodeFailure::Vault)?
                    .ok_or_else(|| CodeFailure::Unusable(no_key(&identity)))?;
                let serial = serial
                    .or_else(|| item.mfa_serials.first().cloned())
                    .filter(|serial| item.mfa_serials.contains(serial))
                    .ok_or_else(|| CodeFailure::Unusable(no_device(&identity)))?;
                used = Some(serial.clone());
                let mfa = Mfa {
                    serial,
                    code: code.clone(),
                };
                if clock.trust() != Trust::Heard {
                    // AWS refuses what is dated wrongly. Where it does not answer, it is tried.
                    let _ = sts.ask_time(partition_of(&item.user_arn)).await;
                }
                match request {
                    Some(request) => sts
                        .assume_role(Source::Key(item.key, Some(mfa)), request)
                        .await
                        .map(|assumed| session(assumed, clock.now())),
                    None => sts
                        .get_session_token(item.key, mfa, duration, partition_of(&item.user_arn))
                        .await
                        .map(|credentials| mfa_session(credentials, clock.now())),
                }
                .map_err(CodeFailure::Aws)
            };
            let result = work.await;
            Outcome::Code(Box::new(CodeOutcome {
                identity,
                wish,
                role,
                code,
                serial: used,
                result,
                reply,
            }))
        });
    }

    pub(super) fn code_answered(&mut self, outcome: CodeOutcome) {
        let CodeOutcome {
            identity,
            wish,
            role,
            code,
            serial,
            result,
            reply,
        } = outcome;
        self.note_code(&identity, &wish, serial.as_ref(), &result, reply.by());
        let code = (serial, code);
        // An identity that was removed meanwhile, or is a namesake with another key, has none.
        let slot = self.identities.get_mut(&identity);
        if slot.and_then(|slot| slot.in_flight.take()).as_ref() != Some(&wish) {
            refuse(reply, changed(&identity));
            return;
        }
        if let (Wish::Role(key), Some(role)) = (&wish, &role)
            && !self
                .known_session(key)
                .is_ok_and(|known| known.has_sessions_of(role))
        {
            // A session of the role as it was, or of one that is gone.
            self.spend(&identity, code);
            let problem = changed(&role.name);
            self.reject(&identity, &wish, &problem);
            refuse(reply, problem);
            return;
        }
        if self.is_locked() && result.is_ok() {
            self.spend(&identity, code);
            refuse(reply, Problem::locked());
            return;
        }
        if let Wish::Role(key) = &wish
            && result.is_ok()
            && self.roles.get(key).is_some_and(|slot| slot.ended)
        {
            self.spend(&identity, code);
            refuse(reply, ended(&key.role));
            return;
        }
        match result {
            Ok(session) => {
                // It gave the key.
                self.vault_answered(None);
                self.spend(&identity, code);
                self.close_prompt(&identity, &wish);
                let _ = reply.send(Response::MfaSession {
                    expires_at: session.credentials.expires_at,
                });
                self.code_accepted(&identity, &wish, role, session);
            }
            Err(CodeFailure::Vault(error)) => {
                self.vault_failed(&error);
                let problem = Problem::from(error);
                self.reject(&identity, &wish, &problem);
                refuse(reply, problem);
            }
            Err(CodeFailure::Unusable(problem)) => {
                self.give_up(&identity, &wish, &problem, AwsCause::Refused);
                refuse(reply, problem);
            }
            Err(CodeFailure::Aws(error)) => {
                let problem = self.code_failed(&identity, &wish, role.as_ref(), code, error);
                refuse(reply, problem);
            }
        }
    }

    fn code_failed(
        &mut self,
        identity: &Name,
        wish: &Wish,
        role: Option<&Role>,
        code: UsedCode,
        error: AwsError,
    ) -> Problem {
        let problem = error.problem;
        match error.cause {
            AwsCause::AnswerLost => {
                self.spend(identity, code);
                let lost = Problem::passing(
                    Code::Failed,
                    format!("{} Nobody knows whether AWS took the code.", problem.what),
                    "Use the next code your device shows.",
                );
                self.reject(identity, wish, &lost);
                lost
            }
            AwsCause::WrongCode | AwsCause::Passing | AwsCause::Throttled | AwsCause::WrongTime => {
                self.reject(identity, wish, &problem);
                problem
            }
            AwsCause::TooLong
                if let (Wish::Role(key), Some(role)) = (wish, role)
                    && self.step_down(key, role, true) =>
            {
                self.spend(identity, code);
                let shorter = Problem::yours(
                    Code::WrongCode,
                    "The role allows no session that long; Daypass asks for an hour now.",
                    "Type the next code your device shows.",
                );
                self.reject(identity, wish, &shorter);
                shorter
            }
            // AWS may look at the code before it refuses the rest.
            AwsCause::Refused | AwsCause::Denied | AwsCause::TooLong | AwsCause::SessionEnded => {
                self.spend(identity, code);
                self.give_up(identity, wish, &problem, error.cause);
                problem
            }
        }
    }

    /// Closes a prompt that no code can satisfy.
    fn give_up(&mut self, identity: &Name, wish: &Wish, problem: &Problem, cause: AwsCause) {
        self.close_prompt(identity, wish);
        let waiting = self.waiting_for(identity, wish);
        if waiting.is_empty() {
            self.notice(Some(identity), problem);
        }
        let error = AwsError::new(cause, problem.clone());
        for key in waiting {
            self.fail_role(&key, &error);
        }
        // Programs that ask again at once would only lead to the same refusal.
        self.be_quiet(identity, LEFT_ALONE);
        self.turn_away_rotation(identity, wish, &|| Response::Failed(problem.clone()));
    }

    fn code_accepted(
        &mut self,
        identity: &Name,
        wish: &Wish,
        role: Option<Role>,
        session: Session,
    ) {
        self.forget_notices(Some(identity));
        self.be_heard(identity);
        if let (Wish::Role(key), Some(role)) = (wish, role) {
            self.roles
                .entry(key.clone())
                .or_insert_with(|| RoleSlot::new(role));
            self.role_has_session(key, session);
            return;
        }
        tracing::info!(identity = identity.as_str(), until = %session.credentials.expires_at, "MFA session");
        self.record(Event::MfaSessionStarted {
            identity: identity.clone(),
            until: session.credentials.expires_at,
        });
        if let Some(slot) = self.identities.get_mut(identity) {
            slot.mfa = Some(MfaState {
                session,
                told: Told::Nothing,
            });
        }
        self.forgive(identity);
        self.go_on_with_mfa(identity);
        self.ask_for_key_age(identity);
        self.start_published(identity);
    }

    /// Lets those go on who wait for an MFA session, which is there.
    pub(super) fn go_on_with_mfa(&mut self, identity: &Name) {
        for key in self.waiting_for(identity, &Wish::MfaSession) {
            if let Some(slot) = self.roles.get_mut(&key) {
                slot.work = Work::Idle;
            }
            self.advance(&key);
        }
        self.start_waiting_rotation(identity);
    }

    /// What AWS refused before a fresh code may be asked for again.
    fn forgive(&mut self, identity: &Name) {
        for slot in self.roles.values_mut() {
            if slot.role.identity.as_ref() == Some(identity) {
                slot.failures = 0;
                slot.next_try = None;
            }
        }
    }

    fn spend(&mut self, identity: &Name, (serial, code): UsedCode) {
        let step = self.now().timestamp().div_euclid(STEP_SECONDS);
        let next_at =
            Instant::from_timestamp((step + 1) * STEP_SECONDS, 0).unwrap_or_else(|| self.now());
        if let (Some(slot), Some(serial)) = (self.identities.get_mut(identity), serial) {
            slot.device = Some(serial.clone());
            slot.spent.push_back(Spent {
                serial,
                code: Some(code),
                next_at,
            });
            if slot.spent.len() > CODES_KEPT {
                slot.spent.pop_front();
            }
        }
    }

    pub(super) fn close_prompt(&mut self, identity: &Name, wish: &Wish) {
        self.prompts
            .retain(|prompt| prompt.identity != *identity || prompt.wish != *wish);
    }

    /// The sessions that wait for a code of this kind.
    pub(super) fn waiting_for(&self, identity: &Name, wanted: &Wish) -> Vec<SessionKey> {
        self.roles
            .iter()
            .filter(|(_, slot)| slot.work == Work::WaitingForCode)
            .filter(|(key, slot)| {
                slot.role.identity.as_ref() == Some(identity) && wish(key, &slot.role) == *wanted
            })
            .map(|(key, _)| key.clone())
            .collect()
    }

    fn turn_away_waiting(&mut self, identity: &Name, wish: &Wish, response: &dyn Fn() -> Response) {
        for key in self.waiting_for(identity, wish) {
            let Some(slot) = self.roles.get_mut(&key) else {
                continue;
            };
            slot.work = Work::Idle;
            for waiter in std::mem::take(&mut slot.waiters) {
                self.turn_away(waiter, response);
            }
        }
        self.turn_away_rotation(identity, wish, response);
    }

    fn turn_away_rotation(
        &mut self,
        identity: &Name,
        wish: &Wish,
        response: &dyn Fn() -> Response,
    ) {
        if *wish != Wish::MfaSession {
            return;
        }
        let Some(slot) = self.identities.get_mut(identity) else {
            return;
        };
        let KeyRotation::WaitingForCode(askers) = &mut slot.rotation else {
            return;
        };
        for asker in std::mem::take(askers) {
            let _ = asker.reply.send(response());
        }
        slot.rotation = KeyRotation::Idle;
    }

    /// Whether a person has lately closed this identity's code field: programs that ask again and
    /// again must not bring it back.
    pub(super) fn left_alone(&self, identity: &Name) -> bool {
        let slot = self.identities.get(identity);
        slot.and_then(|slot| slot.quiet_until)
            .is_some_and(|until| self.now() < until)
    }

    /// What the code on screen will be used for, in words.
    pub(super) fn purpose(&self, identity: &Name, wish: &Wish) -> String {
        let config = self.file.config();
        match wish {
            Wish::MfaSession => {
                let waiting = self.waiting_for(identity, wish);
                let mut roles = config.roles.iter();
                let waiting = roles.find(|role| waiting.iter().any(|key| key.role == role.name));
                let day = config.settings.mfa_duration;
                match waiting {
                    Some(role) => format!("{}, and {day} without another code", role.name),
                    None => format!("{day} without another code"),
                }
            }
            Wish::Role(key) => match config.role(&key.role) {
                Some(role) => format!("{}, one session of {}", key.role, role.wanted_duration()),
                None => key.role.to_string(),
            },
        }
    }
}

/// A code that may be sent.
struct CheckedCode {
    code: TokenCode,
    /// The device that shows it; the identity's first when nothing is known of the identity yet.
    serial: Option<MfaSerial>,
    role: Option<Role>,
}

/// A code, and the device that showed it if that is known.
type UsedCode = (Option<MfaSerial>, TokenCode);

/// The device that a person means, by its serial or by what they call it.
fn device(
    slot: &IdentitySlot,
    identity: &Name,
    wanted: Option<&str>,
) -> Result<Option<MfaSerial>, Problem> {
    let devices = slot.devices_in_order();
    let Some(wanted) = wanted else {
        return Ok(devices.into_iter().next());
    };
    let names: Vec<String> = devices
        .iter()
        .map(|serial| serial.as_str().to_owned())
        .collect();
    let found = devices
        .into_iter()
        .find(|serial| serial.as_str() == wanted || serial.short() == wanted);
    match found {
        Some(serial) => Ok(Some(serial)),
        None if slot.facts.is_none() => MfaSerial::parse(wanted).map(Some),
        None => Err(Problem::usage(format!(
            "The identity {identity} has no MFA device {wanted}. It has {}.",
            names.join(", ")
        ))),
    }
}

fn already_used(spent: &Spent, now: Instant) -> Problem {
    let seconds = (spent.next_at - now).num_seconds().max(0);
    let todo = if seconds == 0 {
        "Type the code your device shows now.".to_owned()
    } else {
        format!("The next one comes in {seconds} s.")
    };
    Problem::yours(Code::CodeNeeded, "That code was already used.", todo)
}

fn changed(name: &Name) -> Problem {
    Problem::yours(
        Code::Failed,
        format!("{name} was changed or removed meanwhile."),
        "Try again with the next code.",
    )
}

/// What those are told who wait for a code that a person doesn't want to type now.
pub(super) fn not_entered(identity: &Name) -> Problem {
    Problem::yours(
        Code::CodeNeeded,
        format!("The code for {identity} was not entered."),
        "Open Daypass and enter it when your MFA device is at hand.",
    )
}

fn no_device(identity: &Name) -> Problem {
    Problem::yours(
        Code::Usage,
        format!("The identity {identity} has no MFA device."),
        "Name one under its MFA devices in the window, or with `daypass identity devices`.",
    )
}
