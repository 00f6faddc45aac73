//! Sessions for applications elsewhere, as versions of a secret in Secrets Manager; once, or again
//! at each renewal.

use daypass_core::{
    Instant, environment,
    journal::Event,
    name::Name,
    problem::{Code, Problem},
    protocol::{Publish, Response},
    secret::{Secret, SessionCredentials, wire},
    session::{Session, SessionKey},
};

use serde::Serialize;

use super::{
    Asker, Controller, Outcome, Reply, refuse,
    slots::{Publishing, Waiter},
};
use crate::ports::PutSecret;

impl Controller {
    pub(super) fn publish(&mut self, publish: Publish, asker: Asker) {
        if let Err(problem) = self.check_publish(&publish) {
            refuse(asker.reply, problem);
            return;
        }
        self.start_publishing(publish, Some(asker));
    }

    fn check_publish(&self, publish: &Publish) -> Result<(), Problem> {
        publish.check()?;
        self.known_role(&publish.role)?;
        if let Some(writer) = &publish.writer {
            self.known_role(writer)?;
        }
        self.region(publish)?;
        let other =
            |kept: &&Publish| kept.secret_id == publish.secret_id && kept.role != publish.role;
        match self.file.config().published.iter().find(other) {
            Some(kept) if publish.keep => Err(Problem::usage(format!(
                "The secret {} already gets the sessions of {}. Stop that first with `daypass publish {} --secret-id {} --stop`.",
                kept.secret_id, kept.role, kept.role, kept.secret_id
            ))),
            _ => Ok(()),
        }
    }

    fn start_publishing(&mut self, publish: Publish, asker: Option<Asker>) {
        let key = SessionKey::of(publish.role.clone());
        let waiter = Waiter::Publish(Box::new(Publishing {
            publish,
            session: None,
            asker,
        }));
        self.hand_over_session(&key, waiter);
    }

    /// A session is there: that of the role to publish, and then that of the role that may write.
    pub(super) fn publish_session(
        &mut self,
        key: &SessionKey,
        session: Session,
        publishing: Publishing,
    ) {
        let writer = publishing.publish.writer.clone();
        match (publishing.session, writer) {
            (None, Some(writer)) if writer != key.role => {
                if publishing.asker.is_none() && self.writer_needs_code(&writer) {
                    let problem = Problem::yours(
                        Code::CodeNeeded,
                        format!(
                            "The secret {} was not renewed: {writer}, which writes it, needs a code.",
                            publishing.publish.secret_id
                        ),
                        format!(
                            "Run `daypass credentials {writer} >/dev/null`, or open it in Daypass."
                        ),
                    );
                    self.notice(Some(&publishing.publish.role), &problem);
                    return;
                }
                let waiter = Waiter::Publish(Box::new(Publishing {
                    session: Some(session.credentials),
                    ..publishing
                }));
                self.hand_over_session(&SessionKey::of(writer), waiter);
            }
            (None, _) => self.put(
                publishing.publish,
                session.credentials.clone(),
                session.credentials,
                publishing.asker,
            ),
            (Some(published), _) => self.put(
                publishing.publish,
                published,
                session.credentials,
                publishing.asker,
            ),
        }
    }

    fn writer_needs_code(&self, writer: &Name) -> bool {
        let now = self.now();
        let slot = self.roles.get(&SessionKey::of(writer.clone()));
        let warm = slot.is_some_and(|slot| slot.servable(now).is_some());
        let role = self.file.config().role(writer);
        !warm && role.is_some_and(|role| self.needs_code(role, now))
    }

    fn put(
        &mut self,
        publish: Publish,
        published: SessionCredentials,
        writer: SessionCredentials,
        asker: Option<Asker>,
    ) {
        let reply = asker.map(|asker| asker.reply);
        let unwanted = reply.is_none() && !self.kept(&publish.role).contains(&publish);
        if unwanted || published.expires_at <= self.now() {
            // It was stopped, or took so long that there is nothing left to publish.
            if let Some(reply) = reply {
                refuse(
                    reply,
                    Problem::usage("The session ended before it could be published."),
                );
            }
            return;
        }
        let prepared = self
            .region(&publish)
            .and_then(|region| Ok((region, value(&published)?)));
        let (region, value) = match prepared {
            Ok(prepared) => prepared,
            Err(problem) => return self.session_published(publish, Err(problem), reply),
        };
        let expires_at = published.expires_at;
        let put = PutSecret {
            secret_id: publish.secret_id.clone(),
            region,
            value,
            create: publish.create,
        };
        let call = self.ports.secrets.put_secret_value(writer, put);
        self.spawn(async move {
            let result = call
                .await
                .map(|version| (version, expires_at))
                .map_err(|error| error.problem);
            Outcome::Published {
                publish: Box::new(publish),
                result,
                reply,
            }
        });
    }

    pub(super) fn session_published(
        &mut self,
        publish: Publish,
        result: Result<(String, Instant), Problem>,
        reply: Option<Reply>,
    ) {
        let written = result.and_then(|written| {
            let keep = publish.keep && reply.is_some();
            if keep {
                self.file.put_publish(&publish)?;
            }
            Ok(written)
        });
        self.note_published(&publish, written.as_ref().err(), reply.as_ref());
        match written {
            Ok((version_id, expires_at)) => {
                tracing::info!(role = publish.role.as_str(), "session published");
                let now = self.now();
                self.forget_notices(Some(&publish.role));
                self.published
                    .insert((publish.role, publish.secret_id), now);
                if let Some(reply) = reply {
                    let _ = reply.send(Response::Published {
                        version_id,
                        expires_at,
                    });
                }
            }
            // Whoever waits is told; a renewal has nobody else to tell.
            Err(problem) => match reply {
                Some(reply) => refuse(reply, problem),
                None => self.notice(Some(&publish.role), &problem),
            },
        }
    }

    pub(super) fn stop_publishing(&mut self, role: &Name, secret_id: &str, reply: Reply) {
        let known = |publish: &Publish| publish.role == *role && publish.secret_id == secret_id;
        let stopped = if self.file.config().published.iter().any(known) {
            self.file.remove_publish(role, Some(secret_id))
        } else {
            Err(Problem::usage(format!(
                "The role {role} is not published to {secret_id}. `daypass status` shows what is."
            )))
        };
        if stopped.is_ok() {
            self.record(Event::PublishingStopped {
                role: role.clone(),
                secret_id: secret_id.to_owned(),
                by: reply.by(),
            });
        }
        let _ = reply.send(stopped.map_or_else(Response::Failed, |()| Response::Done));
    }

    /// A role has a new session: the secrets that follow it get it too.
    pub(super) fn publish_again(&mut self, key: &SessionKey) {
        if key.read_only {
            return;
        }
        for publish in self.kept(&key.role) {
            self.start_publishing(publish, None);
        }
    }

    /// After a code, what is published at each renewal need not wait for a program to ask.
    pub(super) fn start_published(&mut self, identity: &Name) {
        let config = self.file.config();
        let roles: Vec<_> = config
            .roles
            .iter()
            .filter(|role| {
                config
                    .start(role)
                    .is_some_and(|start| start.name == *identity)
            })
            .filter(|role| self.is_pinned(&role.name))
            .cloned()
            .collect();
        let now = self.now();
        for role in roles {
            let key = SessionKey::of(role.name.clone());
            let fresh = |session: &Session| session.fresh(now);
            let slot = self.roles.get(&key);
            if !slot.is_some_and(|slot| slot.session.as_ref().is_some_and(fresh))
                && !self.needs_code(&role, now)
            {
                self.want(&key, role, Waiter::Renewal);
            }
        }
    }

    /// Whether a role is renewed although no program asks for it.
    pub(super) fn is_pinned(&self, role: &Name) -> bool {
        self.is_published(role) || self.file.config().settings.pinned.contains(role)
    }

    /// Whether a secret gets a role's session at each renewal.
    pub(super) fn is_published(&self, role: &Name) -> bool {
        !self.kept(role).is_empty()
    }

    fn kept(&self, role: &Name) -> Vec<Publish> {
        let published = self.file.config().published.iter();
        published
            .filter(|publish| publish.role == *role)
            .cloned()
            .collect()
    }

    /// The region of the secret: as given, as in its ARN, or the role's.
    pub(super) fn region(&self, publish: &Publish) -> Result<String, Problem> {
        if let Some(region) = &publish.region {
            return Ok(region.as_str().to_owned());
        }
        let mut arn = publish.secret_id.split(':');
        if arn.next() == Some("arn")
            && let Some(region) = arn.nth(2)
        {
            return Ok(region.to_owned());
        }
        let role = self.known_role(&publish.role)?;
        role.region
            .map(|region| region.as_str().to_owned())
            .ok_or_else(|| {
                Problem::usage(format!(
                    "In which region is the secret {}? Name the region, or give the role one.",
                    publish.secret_id
                ))
            })
    }
}

/// The same keys as `daypass export --format json`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Published<'a> {
    access_key_id: &'a str,
    #[serde(with = "wire")]
    secret_access_key: &'a Secret,
    #[serde(with = "wire")]
    session_token: &'a Secret,
    expiration: String,
}

fn value(session: &SessionCredentials) -> Result<Secret, Problem> {
    let published = Published {
        access_key_id: &session.access_key_id,
        secret_access_key: &session.secret_access_key,
        session_token: &session.session_token,
        expiration: environment::expiration(session.expires_at),
    };
    serde_json::to_string(&published)
        .map(Secret::new)
        .map_err(|_| Problem::ours("The session could not be written as JSON."))
}
