//! Codes: asking for one, sending it exactly once, and what follows from the answer.

use chrono::TimeDelta;
use daypass_core::{
    Instant,
    config::{Role, SessionKind},
    name::Name,
    problem::{Code, Problem},
    protocol::{Response, Show, Wish},
    schedule::Told,
    secret::{Secret, TokenCode},
    session::Session,
};

use super::{
    CodeOutcome, Controller, Outcome, Reply, refuse,
    sessions::{mfa_session, no_key, session, turn_away, wish},
    slots::{IdentitySlot, MfaState, Prompt, RoleSlot, Spent, Work, partition_of},
};
use crate::{
    ports::{Mfa, Source, StsCause, StsError, VaultError},
    vault::Patience,
};

/// Why a code led to no session.
pub enum CodeFailure {
    /// The key could not be read; the code was not sent.
    Vault(VaultError),
    /// There is no key or no device; the code was not sent.
    Unusable(Problem),
    /// STS gave nothing.
    Sts(StsError),
}

/// How long programs can't bring back a code field that a person has closed.
const LEFT_ALONE: TimeDelta = TimeDelta::minutes(10);

/// Devices show a new code every 30 seconds (RFC 6238).
const STEP_SECONDS: i64 = 30;

impl Controller {
    /// A person wants to type a code now.
    pub(super) fn ask_for_code(&mut self, identity: &Name, reply: Reply) {
        if let Err(problem) = self.file.config().identity_or_nearest(identity) {
            refuse(reply, problem);
            return;
        }
        self.ask(identity, Wish::MfaSession);
        let _ = reply.send(Response::Done);
    }

    /// Puts a code on the list of wanted ones and the field for it on screen. One prompt per
    /// identity and wish, however many wait for it. Without a screen whoever waits is told at
    /// once, and can ask on a terminal.
    pub(super) fn ask(&mut self, identity: &Name, wish: Wish) {
        let asked = |prompt: &Prompt| prompt.identity == *identity && prompt.wish == wish;
        if !self.prompts.iter().any(asked) {
            self.prompts.push_back(Prompt {
                identity: identity.clone(),
                wish: wish.clone(),
                rejected: None,
            });
        }
        if self.show(Show::Code) {
            return;
        }
        self.close_prompt(identity, &wish);
        let slot = self.identities.get(identity);
        let device = slot
            .and_then(IdentitySlot::device)
            .map(ToOwned::to_owned)
            .unwrap_or_default();
        self.turn_away_waiting(identity, &wish, || Response::CodeNeeded {
            identity: identity.clone(),
            device: device.clone(),
            wish: wish.clone(),
        });
    }

    /// Gives up the code on screen.
    pub(super) fn dismiss_prompt(&mut self) {
        let Some(prompt) = self.prompts.pop_front() else {
            return;
        };
        let now = self.now();
        if let Some(slot) = self.identities.get_mut(&prompt.identity) {
            slot.dismissed_at = Some(now);
        }
        let dismissed = not_entered(&prompt.identity);
        self.turn_away_waiting(&prompt.identity, &prompt.wish, || {
            Response::Failed(dismissed.clone())
        });
    }

    /// Takes a code: for what it is said to be for, else for the prompt on screen, else for an MFA
    /// session.
    pub(super) fn submit_code(
        &mut self,
        identity: &Name,
        wish: Option<Wish>,
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
        match self.check_code(identity, &wish, code) {
            Ok((code, role)) => self.send_code(identity.clone(), wish, code, role, reply),
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
        code: &Secret,
    ) -> Result<(TokenCode, Option<Role>), Problem> {
        let known = self.file.config().identity_or_nearest(identity)?;
        if known.ambient {
            return Err(Problem::usage(format!(
                "The identity {identity} uses credentials of this machine and has no MFA device here."
            )));
        }
        let role = match wish {
            Wish::MfaSession => None,
            Wish::Role(name) => Some(self.known_role(name)?),
        };
        let code = TokenCode::parse(code.expose())?;
        let slot = self.identities.get(identity);
        if slot.is_some_and(|slot| slot.in_flight.is_some()) {
            return Err(Problem::usage("A code is already on its way to AWS."));
        }
        match slot.and_then(|slot| slot.spent.as_ref()) {
            Some(spent) if spent.code.expose() == code.expose() => {
                Err(already_used(spent, self.now()))
            }
            _ => Ok((code, role)),
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

    fn send_code(
        &mut self,
        identity: Name,
        wish: Wish,
        code: TokenCode,
        role: Option<Role>,
        reply: Reply,
    ) {
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
            let work = async {
                let item = vault
                    .read(identity.clone(), Patience::Prompt)
                    .await
                    .map_err(CodeFailure::Vault)?
                    .ok_or_else(|| CodeFailure::Unusable(no_key(&identity)))?;
                let serial = item
                    .mfa_serials
                    .first()
                    .cloned()
                    .ok_or_else(|| CodeFailure::Unusable(no_device(&identity)))?;
                let mfa = Mfa {
                    serial,
                    code: code.clone(),
                };
                let started_at = clock.now();
                match request {
                    Some(request) => sts
                        .assume_role(Source::Key(item.key, Some(mfa)), request)
                        .await
                        .map(|assumed| session(assumed, started_at)),
                    None => sts
                        .get_session_token(item.key, mfa, duration, partition_of(&item.user_arn))
                        .await
                        .map(|credentials| mfa_session(credentials, started_at)),
                }
                .map_err(CodeFailure::Sts)
            };
            let result = work.await;
            Outcome::Code(Box::new(CodeOutcome {
                identity,
                wish,
                role,
                code,
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
            result,
            reply,
        } = outcome;
        // An identity that was removed meanwhile, or is a namesake with another key, has none.
        let slot = self.identities.get_mut(&identity);
        if slot.and_then(|slot| slot.in_flight.take()).as_ref() != Some(&wish) {
            refuse(reply, changed(&identity));
            return;
        }
        if let Some(role) = &role
            && self.file.config().role(&role.name) != Some(role)
        {
            // A session of the role as it was, or of one that is gone.
            self.spend(&identity, code);
            let problem = changed(&role.name);
            self.reject(&identity, &wish, &problem);
            refuse(reply, problem);
            return;
        }
        match result {
            Ok(session) => {
                self.spend(&identity, code);
                self.close_prompt(&identity, &wish);
                let _ = reply.send(Response::MfaSession {
                    expires_at: session.credentials.expires_at,
                });
                self.code_accepted(&identity, role, session);
            }
            Err(CodeFailure::Vault(error)) => {
                self.vault_answered(Some(&error));
                let problem = Problem::from(error);
                self.reject(&identity, &wish, &problem);
                refuse(reply, problem);
            }
            Err(CodeFailure::Unusable(problem)) => {
                self.give_up(&identity, &wish, &problem, StsCause::Refused);
                refuse(reply, problem);
            }
            Err(CodeFailure::Sts(error)) => {
                let problem = self.code_failed(&identity, &wish, code, error);
                refuse(reply, problem);
            }
        }
    }

    fn code_failed(
        &mut self,
        identity: &Name,
        wish: &Wish,
        code: TokenCode,
        error: StsError,
    ) -> Problem {
        let problem = error.problem;
        match error.cause {
            StsCause::AnswerLost => {
                self.spend(identity, code);
                let lost = Problem::passing(
                    Code::Failed,
                    format!("{} Nobody knows whether AWS took the code.", problem.what),
                    "Use the next code your device shows.",
                );
                self.reject(identity, wish, &lost);
                lost
            }
            StsCause::WrongCode | StsCause::Passing => {
                self.reject(identity, wish, &problem);
                problem
            }
            // AWS may look at the code before it refuses the rest.
            StsCause::Refused | StsCause::SessionEnded => {
                self.spend(identity, code);
                self.give_up(identity, wish, &problem, error.cause);
                problem
            }
        }
    }

    /// Closes a prompt that no code can satisfy.
    fn give_up(&mut self, identity: &Name, wish: &Wish, problem: &Problem, cause: StsCause) {
        self.close_prompt(identity, wish);
        let waiting = self.waiting_for(identity, wish);
        if waiting.is_empty() {
            self.notice(Some(identity), problem);
        }
        for role in waiting {
            self.fail_role(&role, problem, cause);
        }
    }

    fn code_accepted(&mut self, identity: &Name, role: Option<Role>, session: Session) {
        self.forget_notices(Some(identity));
        if let Some(slot) = self.identities.get_mut(identity) {
            slot.dismissed_at = None;
        }
        if let Some(role) = role {
            let name = role.name.clone();
            self.roles
                .entry(name.clone())
                .or_insert_with(|| RoleSlot::new(role));
            self.role_has_session(&name, session);
            return;
        }
        tracing::info!(identity = identity.as_str(), until = %session.credentials.expires_at, "MFA session");
        if let Some(slot) = self.identities.get_mut(identity) {
            slot.mfa = Some(MfaState {
                session,
                told: Told::Nothing,
            });
        }
        for role in self.waiting_for(identity, &Wish::MfaSession) {
            if let Some(slot) = self.roles.get_mut(&role) {
                slot.work = Work::Idle;
            }
            self.advance(&role);
        }
    }

    fn spend(&mut self, identity: &Name, code: TokenCode) {
        let step = self.now().timestamp().div_euclid(STEP_SECONDS);
        let next_at =
            Instant::from_timestamp((step + 1) * STEP_SECONDS, 0).unwrap_or_else(|| self.now());
        if let Some(slot) = self.identities.get_mut(identity) {
            slot.spent = Some(Spent { code, next_at });
        }
    }

    fn close_prompt(&mut self, identity: &Name, wish: &Wish) {
        self.prompts
            .retain(|prompt| prompt.identity != *identity || prompt.wish != *wish);
    }

    /// The roles that wait for a code of this kind.
    fn waiting_for(&self, identity: &Name, wanted: &Wish) -> Vec<Name> {
        self.roles
            .values()
            .filter(|slot| slot.work == Work::WaitingForCode)
            .filter(|slot| slot.role.identity == *identity && wish(&slot.role) == *wanted)
            .map(|slot| slot.role.name.clone())
            .collect()
    }

    fn turn_away_waiting(&mut self, identity: &Name, wish: &Wish, response: impl Fn() -> Response) {
        for role in self.waiting_for(identity, wish) {
            let Some(slot) = self.roles.get_mut(&role) else {
                continue;
            };
            slot.work = Work::Idle;
            for waiter in std::mem::take(&mut slot.waiters) {
                turn_away(waiter, &response);
            }
        }
    }

    /// Whether a person has lately closed this identity's code field: programs that ask again and
    /// again must not bring it back.
    pub(super) fn left_alone(&self, identity: &Name) -> bool {
        let slot = self.identities.get(identity);
        slot.and_then(|slot| slot.dismissed_at)
            .is_some_and(|at| self.now() - at < LEFT_ALONE)
    }

    /// What the code on screen will be used for, in words.
    pub(super) fn purpose(&self, wish: &Wish) -> String {
        let config = self.file.config();
        match wish {
            Wish::MfaSession => {
                let waiting = config.roles.iter().find(|role| {
                    role.session == SessionKind::Daily
                        && self
                            .roles
                            .get(&role.name)
                            .is_some_and(|slot| slot.work == Work::WaitingForCode)
                });
                let day = format!("{} without another code", config.settings.mfa_duration);
                match waiting {
                    Some(role) => format!("{}, and {day}", role.name),
                    None => day,
                }
            }
            Wish::Role(name) => match config.role(name) {
                Some(role) => format!("{name}, one session of {}", role.wanted_duration()),
                None => name.to_string(),
            },
        }
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
        "Remove it and add it again with the serial of its device.",
    )
}
