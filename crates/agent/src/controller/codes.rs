//! Codes: asking for one, sending it exactly once, and what follows from the answer.

use daypass_core::{
    Instant,
    config::SessionKind,
    name::Name,
    problem::{Code, Problem},
    protocol::{Response, Show},
    schedule::Told,
    secret::{Secret, TokenCode},
    session::Session,
};

use super::{
    CodeOutcome, Controller, Outcome, Reply, refuse,
    sessions::{mfa_session, no_key, session, turn_away, wish},
    slots::{IdentitySlot, MfaState, Prompt, Spent, Wish, Work, partition_of},
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
                checking: false,
            });
        }
        if self.show(Show::Code) {
            return;
        }
        self.prompts
            .retain(|prompt| prompt.identity != *identity || prompt.wish != wish);
        let slot = self.identities.get(identity);
        let device = slot
            .and_then(IdentitySlot::device)
            .map(ToOwned::to_owned)
            .unwrap_or_default();
        self.turn_away_waiting(identity, &wish, || Response::CodeNeeded {
            identity: identity.clone(),
            device: device.clone(),
        });
    }

    /// Gives up the code on screen.
    pub(super) fn dismiss_prompt(&mut self) {
        let Some(prompt) = self.prompts.pop_front() else {
            return;
        };
        let dismissed = Problem::yours(
            Code::CodeNeeded,
            format!("The code for {} was not entered.", prompt.identity),
            "Try again when your MFA device is at hand.",
        );
        self.turn_away_waiting(&prompt.identity, &prompt.wish, || {
            Response::Failed(dismissed.clone())
        });
    }

    /// Takes a code, for the prompt on screen or for an MFA session without one.
    pub(super) fn submit_code(&mut self, identity: Name, code: &Secret, reply: Reply) {
        if let Err(problem) = self.submit(&identity, code) {
            refuse(reply, problem);
            return;
        }
        let Ok(code) = TokenCode::parse(code.expose()) else {
            return;
        };
        let prompt = self
            .prompts
            .iter_mut()
            .find(|prompt| prompt.identity == identity);
        let wish = prompt.map_or(Wish::MfaSession, |prompt| {
            prompt.checking = true;
            prompt.rejected = None;
            prompt.wish.clone()
        });
        self.send_code(identity, wish, code, reply);
    }

    /// Whether a code may be sent.
    fn submit(&mut self, identity: &Name, code: &Secret) -> Result<(), Problem> {
        let known = self.file.config().identity_or_nearest(identity)?;
        if known.ambient {
            return Err(Problem::usage(format!(
                "The identity {identity} uses credentials of this machine and has no MFA device here."
            )));
        }
        let code = TokenCode::parse(code.expose())?;
        let now = self.now();
        if self
            .prompts
            .iter()
            .any(|prompt| prompt.identity == *identity && prompt.checking)
        {
            return Err(Problem::usage("A code is already on its way to AWS."));
        }
        let spent = self
            .identities
            .get(identity)
            .and_then(|slot| slot.spent.as_ref());
        match spent {
            Some(spent) if spent.code.expose() == code.expose() => {
                let problem = already_used(spent, now);
                self.reject(identity, &problem);
                Err(problem)
            }
            _ => Ok(()),
        }
    }

    fn reject(&mut self, identity: &Name, problem: &Problem) {
        if let Some(prompt) = self
            .prompts
            .iter_mut()
            .find(|prompt| prompt.identity == *identity)
        {
            prompt.checking = false;
            prompt.rejected = Some(problem.clone());
        }
    }

    fn send_code(&self, identity: Name, wish: Wish, code: TokenCode, reply: Reply) {
        let role = match &wish {
            Wish::MfaSession => None,
            Wish::Role(name) => self
                .roles
                .get(name)
                .map(|slot| self.assume_role_request(&slot.role)),
        };
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
                match role {
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
            code,
            result,
            reply,
        } = outcome;
        match result {
            Ok(session) => {
                self.spend(&identity, code);
                self.close_prompt(&identity, &wish);
                let _ = reply.send(Response::MfaSession {
                    expires_at: session.credentials.expires_at,
                });
                self.code_accepted(&identity, wish, session);
            }
            Err(CodeFailure::Vault(error)) => {
                self.vault_answered(Some(&error));
                let problem = Problem::from(error);
                self.reject(&identity, &problem);
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
                self.reject(identity, &lost);
                lost
            }
            StsCause::WrongCode | StsCause::Passing => {
                self.reject(identity, &problem);
                problem
            }
            StsCause::Refused => {
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

    fn code_accepted(&mut self, identity: &Name, wish: Wish, session: Session) {
        self.forget_notices(Some(identity));
        match wish {
            Wish::Role(name) => self.role_has_session(&name, session),
            Wish::MfaSession => {
                tracing::info!(identity = identity.as_str(), until = %session.credentials.expires_at, "MFA session");
                let slot = self.identities.entry(identity.clone()).or_default();
                slot.mfa = Some(MfaState {
                    session,
                    told: Told::Nothing,
                });
                for role in self.waiting_for(identity, &Wish::MfaSession) {
                    if let Some(slot) = self.roles.get_mut(&role) {
                        slot.work = Work::Idle;
                    }
                    self.advance(&role);
                }
            }
        }
    }

    fn spend(&mut self, identity: &Name, code: TokenCode) {
        let step = self.now().timestamp().div_euclid(STEP_SECONDS);
        let next_at =
            Instant::from_timestamp((step + 1) * STEP_SECONDS, 0).unwrap_or_else(|| self.now());
        let slot = self.identities.entry(identity.clone()).or_default();
        slot.spent = Some(Spent { code, next_at });
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

fn no_device(identity: &Name) -> Problem {
    Problem::yours(
        Code::Usage,
        format!("The identity {identity} has no MFA device."),
        "Remove it and add it again with the serial of its device.",
    )
}
