//! What is done with other programs of the desktop: browsers, terminals, its settings.

use daypass_core::{
    journal::Event, name::Name, problem::Problem, protocol::Response, session::SessionKey,
};

use super::{Controller, Reply, refuse};

impl Controller {
    /// Browsers keep their profiles in files, which are read beside the loop.
    pub(super) fn browsers(&self, reply: Reply) {
        let programs = self.ports.programs.clone();
        self.ports.runtime.spawn(Box::pin(async move {
            let found = tokio::task::spawn_blocking(move || programs.browsers()).await;
            let response = match found {
                Ok(browsers) => Response::Browsers(browsers),
                Err(_) => Response::Failed(Problem::ours("The browsers could not be looked up.")),
            };
            // Nobody waiting is fine.
            let _ = reply.send(response);
        }));
    }

    pub(super) fn open_terminal(&mut self, role: &Name, reply: Reply) {
        match self.start_terminal(role) {
            Ok(()) => {
                let of = self.subject(&SessionKey::of(role.clone()));
                let by = reply.by();
                self.record(Event::TerminalOpened { of, by });
                let _ = reply.send(Response::Done);
            }
            Err(problem) => refuse(reply, problem),
        }
    }

    fn start_terminal(&mut self, role: &Name) -> Result<(), Problem> {
        let role = self.known_role(role)?.name;
        if !self.ports.desktop.has_screen() {
            return Err(Problem::usage(
                "This agent has no screen to open a terminal on. Use `daypass exec`.",
            ));
        }
        let wanted = self.file.config().settings.terminal.as_deref();
        let command = self.ports.programs.terminal(wanted, &role)?;
        self.ports.desktop.start(&command)
    }

    /// Tells the desktop of settings that are new to it. A file with a mistake in it says nothing.
    pub(super) fn apply_settings(&mut self) {
        let settings = &self.file.config().settings;
        if !self.file.is_understood() || self.applied.as_ref() == Some(settings) {
            return;
        }
        self.ports.desktop.apply(settings);
        self.applied = Some(settings.clone());
        let before = std::mem::take(&mut self.not_applied);
        self.notices
            .retain(|notice| !before.contains(&notice.problem));
    }
}
