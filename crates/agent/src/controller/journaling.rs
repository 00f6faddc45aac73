//! What the controller notes in the journal, in the words that the journal has for it.

use daypass_core::{
    Instant,
    arn::MfaSerial,
    config::Identity,
    journal::{self, By, Event, Filter, Imported, LinkTo, Query, Subject},
    name::Name,
    problem::Problem,
    protocol::{Publish, Response, Wish},
    role::Role,
    session::{Session, SessionKey},
    usage::Usage,
};

use super::{
    Asker, Controller, Deliver, Input, Outcome, Reply,
    codes::CodeFailure,
    refuse,
    slots::{KeyRotation, Waiter},
};

impl Controller {
    /// Notes what has happened now.
    pub(super) fn record(&mut self, event: Event) {
        let now = self.now();
        self.usage.hear(&event, now);
        self.ports.journal.record(now, event);
    }

    /// Goes on from how roles were used before, as the journal tells.
    #[must_use]
    pub fn remember_usage(self) -> Self {
        let inputs = self.inputs.clone();
        self.ports.journal.usage(move |usage| {
            // The loop may have ended meanwhile.
            let _ = inputs.send(Input::Outcome(Outcome::UsageRead(usage)));
        });
        self
    }

    pub(super) fn usage_read(&mut self, before: Usage) {
        self.usage.merge(before);
        self.forget_unused();
    }

    /// Forgets how roles were used that are no longer there.
    pub(super) fn forget_unused(&mut self) {
        let config = self.file.config();
        self.usage.retain(|role| config.role(role).is_some());
    }

    pub(super) fn read_journal(&self, query: Query, reply: Reply) {
        self.ports.journal.read(query, move |page| match page {
            Ok(page) => {
                let _ = reply.send(Response::Journal(page));
            }
            Err(problem) => refuse(reply, problem),
        });
    }

    pub(super) fn export_journal(&self, filter: Filter, reply: Reply) {
        let day = self.now().format("%Y-%m-%d").to_string();
        self.ports
            .journal
            .export(filter, day, move |written| match written {
                Ok(path) => {
                    let _ = reply.send(Response::Written {
                        path: path.display().to_string(),
                        warnings: Vec::new(),
                    });
                }
                Err(problem) => refuse(reply, problem),
            });
    }

    pub(super) fn subject(&self, key: &SessionKey) -> Subject {
        let config = self.file.config();
        let start = config.role(&key.role).and_then(|role| config.start(role));
        Subject::of(key, start.map(|identity| identity.name.clone()))
    }

    pub(super) fn note_session(&mut self, key: &SessionKey, until: Instant) {
        let arn = self.roles.get(key).map(|slot| slot.role.arn.as_str());
        let event = Event::SessionStarted {
            of: self.subject(key),
            arn: arn.unwrap_or_default().to_owned(),
            until,
        };
        self.record(event);
    }

    /// Notes for whom there was no session; Daypass itself where nobody waited.
    pub(super) fn note_no_session(&mut self, key: &SessionKey, waiters: &[Waiter], why: &Problem) {
        let mut who: Vec<By> = waiters.iter().filter_map(waits).collect();
        if who.is_empty() {
            who.push(By::Daypass);
        }
        for by in who {
            let event = Event::SessionFailed {
                of: self.subject(key),
                why: journal::reason(why),
                by,
            };
            self.record(event);
        }
    }

    pub(super) fn note_credentials(&mut self, key: &SessionKey, session: &Session, asker: &Asker) {
        if asker.reply.is_closed() {
            return;
        }
        let event = Event::CredentialsGiven {
            of: self.subject(key),
            until: session.credentials.expires_at,
            by: asker.reply.by(),
        };
        self.record(event);
    }

    /// Notes that a code is wanted, and who of those that wait came last.
    pub(super) fn note_code_wanted(&mut self, identity: &Name, wish: &Wish) {
        let waiting = self.waiting_for(identity, wish);
        let waiter = waiting.iter().find_map(|key| self.last_waiter(key));
        let slot = self.identities.get(identity);
        let rotation = slot.and_then(|slot| match &slot.rotation {
            KeyRotation::WaitingForCode(askers) => askers.last().map(|asker| asker.reply.by()),
            _ => None,
        });
        self.record(Event::CodeAsked {
            identity: identity.clone(),
            role: role_of(wish),
            by: waiter.or(rotation),
        });
    }

    fn last_waiter(&self, key: &SessionKey) -> Option<By> {
        let waiters = &self.roles.get(key)?.waiters;
        waiters.iter().rev().find_map(|waiter| match waiter {
            Waiter::Role(chained) => self.last_waiter(chained),
            waiter => waits(waiter),
        })
    }

    pub(super) fn note_code(
        &mut self,
        identity: &Name,
        wish: &Wish,
        device: Option<&MfaSerial>,
        result: &Result<Session, CodeFailure>,
        by: By,
    ) {
        let (identity, role) = (identity.clone(), role_of(wish));
        let device = device.map(|device| device.as_str().to_owned());
        let why = match result {
            Ok(_) => {
                return self.record(Event::CodeAccepted {
                    identity,
                    role,
                    device,
                    by,
                });
            }
            Err(CodeFailure::Vault(error)) => journal::reason(&error.clone().into()),
            Err(CodeFailure::Unusable(problem)) => journal::reason(problem),
            Err(CodeFailure::Aws(error)) => journal::reason(&error.problem),
        };
        self.record(Event::CodeFailed {
            identity,
            role,
            device,
            why,
            by,
        });
    }

    pub(super) fn note_dismissed(&mut self, identity: &Name, wish: &Wish, by: By) {
        self.record(Event::CodeDismissed {
            identity: identity.clone(),
            role: role_of(wish),
            by,
        });
    }

    pub(super) fn note_link(&mut self, key: &SessionKey, deliver: &Deliver) {
        let (to, by) = match deliver {
            Deliver::Browser(reply) => (LinkTo::Browser, reply.by()),
            Deliver::Clipboard(reply) => (LinkTo::Clipboard, reply.by()),
            Deliver::Link(asker) => (LinkTo::Caller, asker.reply.by()),
        };
        let of = self.subject(key);
        self.record(Event::LinkMade { of, to, by });
    }

    pub(super) fn profile_written(
        &mut self,
        written: Event,
        result: Result<Response, Problem>,
        reply: Reply,
    ) {
        if result.is_ok() {
            self.record(written);
        }
        let _ = reply.send(result.unwrap_or_else(Response::Failed));
    }

    /// Notes how a publishing went; one at a renewal is Daypass's own.
    pub(super) fn note_published(
        &mut self,
        publish: &Publish,
        failure: Option<&Problem>,
        reply: Option<&Reply>,
    ) {
        let of = self.subject(&SessionKey::of(publish.role.clone()));
        let secret_id = publish.secret_id.clone();
        let by = reply.map_or(By::Daypass, Reply::by);
        self.record(match failure {
            None => Event::Published { of, secret_id, by },
            Some(problem) => Event::PublishFailed {
                of,
                secret_id,
                why: journal::reason(problem),
                by,
            },
        });
    }

    pub(super) fn note_key_replaced(
        &mut self,
        identity: &Name,
        access_key_id: &str,
        result: &Result<(), Problem>,
        askers: &[Asker],
    ) {
        let identity = identity.clone();
        let by = askers.first().map_or(By::Daypass, |asker| asker.reply.by());
        self.record(match result {
            Ok(()) => Event::KeyReplaced {
                identity,
                access_key_id: access_key_id.to_owned(),
                by,
            },
            Err(problem) => Event::KeyNotReplaced {
                identity,
                why: journal::reason(problem),
                by,
            },
        });
    }

    pub(super) fn note_role(&mut self, before: Option<&Role>, role: &Role, by: By) {
        if before == Some(role) {
            return;
        }
        let (arn, role) = (role.arn.as_str().to_owned(), role.name.clone());
        self.record(match before {
            None => Event::RoleAdded { role, arn, by },
            Some(_) => Event::RoleChanged { role, arn, by },
        });
    }

    pub(super) fn note_import(
        &mut self,
        identities: &[Identity],
        roles: &[Role],
        failed: usize,
        by: By,
    ) {
        let identities: Vec<Name> = identities.iter().map(|one| one.name.clone()).collect();
        let roles: Vec<Name> = roles.iter().map(|one| one.name.clone()).collect();
        self.record(Event::Imported(Imported::new(
            &identities,
            &roles,
            failed,
            by,
        )));
    }
}

/// Who waits here; nobody for a renewal or a role that is chained.
fn waits(waiter: &Waiter) -> Option<By> {
    match waiter {
        Waiter::Program(asker)
        | Waiter::Renew(asker)
        | Waiter::Console(_, Deliver::Link(asker)) => Some(asker.reply.by()),
        Waiter::Console(_, Deliver::Browser(reply) | Deliver::Clipboard(reply))
        | Waiter::Copy(_, reply)
        | Waiter::WriteProfile(_, reply) => Some(reply.by()),
        Waiter::Publish(publishing) => publishing.asker.as_ref().map(|asker| asker.reply.by()),
        Waiter::Role(_) | Waiter::Renewal => None,
    }
}

fn role_of(wish: &Wish) -> Option<Name> {
    match wish {
        Wish::MfaSession => None,
        Wish::Role(key) => Some(key.role.clone()),
    }
}
