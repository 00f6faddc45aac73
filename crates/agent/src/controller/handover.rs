//! Sessions that a person takes elsewhere: onto the clipboard, into AWS's shared credentials file.

use daypass_core::{
    environment,
    journal::Event,
    name::Name,
    problem::Problem,
    protocol::{Response, WireCredentials},
    role::Role,
    secret::Secret,
    session::{Session, SessionKey},
    shell::Shell,
};
use daypass_shared_files::{
    Locations, credentials,
    profiles::{self, Profile, process},
};

use super::{Controller, Outcome, Reply, refuse, slots::Waiter};

impl Controller {
    pub(super) fn hand_over_session(&mut self, key: &SessionKey, waiter: Waiter) {
        match self.known_session(key) {
            Ok(role) => self.want(key, role, waiter),
            Err(problem) => match waiter.into_reply() {
                Some(reply) => refuse(reply, problem),
                // Nobody else would hear of a renewal that leads nowhere.
                None => self.notice(Some(&key.role), &problem),
            },
        }
    }

    pub(super) fn copy_environment(
        &mut self,
        key: &SessionKey,
        session: &Session,
        shell: Shell,
        reply: Reply,
    ) {
        let Some((region, credentials)) = self.handed_over(key, session) else {
            return;
        };
        let variables = environment::of_session(&key.role, region.as_deref(), &credentials);
        let commands = environment::commands(shell, &variables);
        let seconds = self.file.config().settings.clipboard_seconds;
        let secret = Secret::new(commands.as_str().to_owned());
        let copied = self.ports.desktop.copy(secret, seconds);
        match copied {
            Ok(()) => {
                let (of, by) = (self.subject(key), reply.by());
                self.record(Event::Copied { of, shell, by });
                let _ = reply.send(Response::Done);
            }
            Err(problem) => {
                self.notice(Some(&key.role), &problem);
                refuse(reply, problem);
            }
        }
    }

    /// No session is in a profile's lines: whoever uses it asks for one.
    pub(super) fn copy_profile(&mut self, role: &Name, reply: Reply) {
        let seconds = self.file.config().settings.clipboard_seconds;
        let copied = self
            .known_role(role)
            .and_then(|role| profile_of(&role))
            .and_then(|lines| self.ports.desktop.copy(Secret::new(lines), seconds));
        match copied {
            Ok(()) => {
                let of = self.subject(&SessionKey::of(role.clone()));
                let by = reply.by();
                self.record(Event::ProfileCopied { of, by });
                let _ = reply.send(Response::Done);
            }
            Err(problem) => refuse(reply, problem),
        }
    }

    pub(super) fn write_profile(
        &mut self,
        key: &SessionKey,
        session: &Session,
        profile: String,
        reply: Reply,
    ) {
        let Some((region, credentials)) = self.handed_over(key, session) else {
            return;
        };
        let written = Event::ProfileWritten {
            of: self.subject(key),
            profile: profile.clone(),
            by: reply.by(),
        };
        self.spawn(async move {
            let write = move || {
                let locations = Locations::from_env(|name| std::env::var_os(name))?;
                let warnings =
                    credentials::write(&locations, &profile, &credentials, region.as_deref())?;
                Ok(Response::Written {
                    path: locations.credentials.display().to_string(),
                    warnings,
                })
            };
            let result = tokio::task::spawn_blocking(write)
                .await
                .unwrap_or_else(|_| Err(Problem::ours("The profile could not be written.")));
            Outcome::ProfileWritten {
                written,
                result,
                reply,
            }
        });
    }

    fn handed_over(
        &self,
        key: &SessionKey,
        session: &Session,
    ) -> Option<(Option<String>, WireCredentials)> {
        let role = &self.roles.get(key)?.role;
        let region = role
            .region
            .as_ref()
            .map(|region| region.as_str().to_owned());
        let credentials = WireCredentials::new(&session.credentials, role.arn.account());
        Some((region, credentials))
    }
}

/// The lines that `daypass profiles` writes for a role.
fn profile_of(role: &Role) -> Result<String, Problem> {
    let region = role.region.as_ref();
    profiles::lines(&Profile {
        name: role.name.to_string(),
        command: process::of_role(&command_line()?, &role.name),
        region: region.map(|region| region.as_str().to_owned()),
    })
}

/// The `daypass` that was installed with this program, or whichever is on the PATH of AWS's tools.
fn command_line() -> Result<String, Problem> {
    let beside = std::env::current_exe()
        .ok()
        .map(|own| own.with_file_name(format!("daypass{}", std::env::consts::EXE_SUFFIX)))
        .filter(|program| program.is_file());
    match beside {
        Some(program) => {
            let path = std::env::var_os("PATH").unwrap_or_default();
            process::lasting_path(program, &path)
        }
        None => Ok("daypass".to_owned()),
    }
}
