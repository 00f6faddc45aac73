//! Settings that are about the person's session: whether Daypass starts with it, and the keys that
//! show the window.

use std::path::Path;

use daypass_agent::{
    autostart::{Autostart, Entry},
    controller::Input,
    programs::Programs,
};
use daypass_core::{
    problem::{Code, Problem},
    settings::Settings,
};
use tokio::sync::mpsc::UnboundedSender;

/// What was done about the settings.
pub(crate) struct Session {
    autostart: Autostart,
    inputs: UnboundedSender<Input>,
    start_at_login: Option<bool>,
    shortcut: Option<String>,
    #[cfg(target_os = "linux")]
    keys: crate::shortcut::Keys,
}

impl Session {
    pub(crate) fn new(program: &Path, inputs: UnboundedSender<Input>) -> Self {
        let config = Programs::of_this_process().config_folder().to_owned();
        Self {
            autostart: Autostart::new(&config, program),
            start_at_login: None,
            shortcut: None,
            #[cfg(target_os = "linux")]
            keys: crate::shortcut::Keys::new(inputs.clone()),
            inputs,
        }
    }

    /// Goes by the settings. What does not work is told as a notice.
    pub(crate) fn apply(&mut self, settings: &Settings) {
        if let Err(problem) = self.start_at_login(settings.start_at_login) {
            let _ = self.inputs.send(Input::NotApplied(problem));
        }
        self.shortcut(settings.shortcut.as_deref());
    }

    fn start_at_login(&mut self, on: bool) -> Result<(), Problem> {
        let before = self.start_at_login.replace(on);
        if before == Some(on) {
            return Ok(());
        }
        match self.autostart.set(on)? {
            // At the start nobody has asked for anything.
            Entry::Theirs if before.is_some() => Err(self.theirs()),
            Entry::Theirs | Entry::AsSet => Ok(()),
        }
    }

    fn theirs(&self) -> Problem {
        Problem::yours(
            Code::Failed,
            format!(
                "Whether Daypass starts at login is decided by {}, which was changed by somebody else and is left alone.",
                self.autostart.path().display()
            ),
            "Change it in the desktop's own settings, or delete that file and change the setting again.",
        )
    }

    #[cfg(target_os = "linux")]
    fn shortcut(&mut self, wanted: Option<&str>) {
        if self.shortcut.as_deref() == wanted {
            return;
        }
        self.shortcut = wanted.map(ToOwned::to_owned);
        self.keys.set(wanted);
    }

    #[cfg(not(target_os = "linux"))]
    fn shortcut(&mut self, _: Option<&str>) {}
}
