//! What a person says of how Daypass is to work and to look: settings, endpoints, accounts, and the
//! marks of roles. Checked as a whole first, then written into `config.toml`, then in force.

use daypass_core::{
    account::Account,
    browser::Browser,
    name::Name,
    problem::Problem,
    protocol::{Changes, Response},
    session::SessionKey,
};

use super::{Controller, Reply, refuse};

impl Controller {
    pub(super) fn change_settings(&mut self, changes: &Changes, reply: Reply) {
        let before = self.file.config().settings.clone();
        let changed = before.changed(changes).and_then(|settings| {
            if !settings.waiting_for_restart(&before).is_empty() {
                self.ports.network.check(&settings)?;
            }
            self.file.put_settings(changes, &settings)
        });
        self.answer_written(changed, reply);
    }

    pub(super) fn change_endpoints(&mut self, changes: &Changes, reply: Reply) {
        let changed = self.file.config().endpoints.changed(changes);
        let changed = changed.and_then(|endpoints| self.file.put_endpoints(changes, &endpoints));
        self.answer_written(changed, reply);
    }

    pub(super) fn set_account(&mut self, account: &Account, reply: Reply) {
        let set = account
            .check()
            .and_then(|()| self.file.put_account(account));
        self.answer_done(set, reply);
    }

    pub(super) fn favourite(&mut self, role: &Name, on: bool, reply: Reply) {
        let known = self.known_role(role);
        let set = known.and_then(|_| self.file.set_favourite(role, on));
        self.answer_done(set, reply);
    }

    pub(super) fn open_role_in(&mut self, role: &Name, browser: Option<&Browser>, reply: Reply) {
        let set = self
            .known_role(role)
            .and_then(|_| browser.map_or(Ok(()), Browser::check))
            .and_then(|()| self.file.set_browser(role, browser));
        self.answer_done(set, reply);
    }

    /// A person who pins a role wants its session, even one that was ended.
    pub(super) fn pin(&mut self, role: &Name, on: bool, reply: Reply) {
        let known = self.known_role(role);
        let set = known.and_then(|_| self.file.set_pinned(role, on));
        if set.is_ok() && on {
            self.forget_ended(&SessionKey::of(role.clone()));
        }
        self.answer_done(set, reply);
    }

    /// The keys whose values in the file are taken up only by the next start.
    pub(super) fn waiting_for_restart(&self) -> Vec<String> {
        let config = self.file.config();
        let settings = config.settings.waiting_for_restart(&self.settings_at_start);
        let endpoints = config.endpoints.differing(&self.endpoints);
        settings
            .into_iter()
            .map(str::to_owned)
            .chain(
                endpoints
                    .into_iter()
                    .map(|name| format!("endpoints.{name}")),
            )
            .collect()
    }

    fn answer_written(&mut self, written: Result<(), Problem>, reply: Reply) {
        if let Err(problem) = written {
            refuse(reply, problem);
            return;
        }
        self.reconcile();
        let waiting = self.waiting_for_restart();
        let warnings = match waiting.is_empty() {
            true => Vec::new(),
            false => vec![format!(
                "Start Daypass again for {}: it is read only then.",
                waiting.join(", ")
            )],
        };
        let _ = reply.send(Response::Written {
            path: self.file.path().display().to_string(),
            warnings,
        });
    }

    /// Takes up what was written into the file.
    pub(super) fn answer_done(&mut self, written: Result<(), Problem>, reply: Reply) {
        match written {
            Ok(()) => {
                self.reconcile();
                let _ = reply.send(Response::Done);
            }
            Err(problem) => refuse(reply, problem),
        }
    }
}
