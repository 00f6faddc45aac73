//! What a person says of how Daypass is to work and to look: settings, endpoints, accounts, and the
//! marks of roles. Checked as a whole first, then written into `config.toml`, then in force.

use daypass_core::{
    account::Account,
    browser::Browser,
    journal::{By, Event},
    name::Name,
    problem::Problem,
    protocol::{Changes, Response},
    session::SessionKey,
    settings::Settings,
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
        let keys = changes.keys().cloned().collect();
        self.answer_written(changed, keys, reply);
    }

    pub(super) fn change_endpoints(&mut self, changes: &Changes, reply: Reply) {
        let changed = self.file.config().endpoints.changed(changes);
        let changed = changed.and_then(|endpoints| self.file.put_endpoints(changes, &endpoints));
        let keys = changes.keys().map(|name| format!("endpoints.{name}"));
        self.answer_written(changed, keys.collect(), reply);
    }

    pub(super) fn set_account(&mut self, account: &Account, reply: Reply) {
        let set = account
            .check()
            .and_then(|()| self.file.put_account(account));
        if set.is_ok() {
            self.note_settings(vec![format!("account {}", account.id.as_str())], reply.by());
        }
        self.answer_done(set, reply);
    }

    pub(super) fn favourite(&mut self, role: &Name, on: bool, reply: Reply) {
        let known = self.known_role(role);
        let set = known.and_then(|_| self.file.set_favourite(role, on));
        self.answer_marked(set, role, reply);
    }

    pub(super) fn open_role_in(&mut self, role: &Name, browser: Option<&Browser>, reply: Reply) {
        let set = self
            .known_role(role)
            .and_then(|_| browser.map_or(Ok(()), Browser::check))
            .and_then(|()| self.file.set_browser(role, browser));
        self.answer_marked(set, role, reply);
    }

    /// A person who pins a role wants its session, even one that was ended.
    pub(super) fn pin(&mut self, role: &Name, on: bool, reply: Reply) {
        let known = self.known_role(role);
        let set = known.and_then(|_| self.file.set_pinned(role, on));
        if set.is_ok() && on {
            self.forget_ended(&SessionKey::of(role.clone()));
        }
        self.answer_marked(set, role, reply);
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

    fn answer_written(&mut self, written: Result<(), Problem>, keys: Vec<String>, reply: Reply) {
        if let Err(problem) = written {
            refuse(reply, problem);
            return;
        }
        let unheeded = self.unheeded(&keys);
        self.note_settings(keys, reply.by());
        self.reconcile();
        let waiting = self.waiting_for_restart();
        let later = (!waiting.is_empty()).then(|| {
            format!(
                "Start Daypass again for {}: it is read only then.",
                waiting.join(", ")
            )
        });
        let _ = reply.send(Response::Written {
            path: self.file.path().display().to_string(),
            warnings: later.into_iter().chain(unheeded).collect(),
        });
    }

    /// A word on what was set in vain for as long as this agent has no screen.
    fn unheeded(&self, keys: &[String]) -> Option<String> {
        if self.ports.desktop.has_screen() {
            return None;
        }
        let keys = keys.iter().map(String::as_str);
        let unheeded: Vec<&str> = keys.filter(|key| Settings::is_for_screens(key)).collect();
        (!unheeded.is_empty()).then(|| {
            format!(
                "The agent that runs has no screen: only daypass-tray heeds {}.",
                unheeded.join(", ")
            )
        })
    }

    /// Takes up what was said of a role.
    fn answer_marked(&mut self, marked: Result<(), Problem>, role: &Name, reply: Reply) {
        let known = self.file.config().role(role).filter(|_| marked.is_ok());
        if let Some(arn) = known.map(|role| role.arn.as_str().to_owned()) {
            self.record(Event::RoleChanged {
                role: role.clone(),
                arn,
                by: reply.by(),
            });
        }
        self.answer_done(marked, reply);
    }

    fn note_settings(&mut self, keys: Vec<String>, by: By) {
        self.record(Event::SettingsChanged { keys, by });
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
