//! `[settings]` of `config.toml`.

use serde::{Deserialize, Serialize};

use crate::{
    browser::Browser,
    console::check_issuer,
    duration::{Duration, IdleTime},
    name::Name,
    problem::Problem,
    shell::Shell,
};

/// What a person may tune.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// How long an MFA session lasts.
    pub mfa_duration: Duration,
    /// How long before the end of an MFA session a person is told, in minutes.
    pub warn_minutes: u16,
    /// Where AWS sends people whose console session has ended.
    pub issuer: Option<String>,
    /// The proxy for everything that goes to AWS; that of the environment when absent. Read when
    /// the agent starts.
    pub proxy: Option<String>,
    /// A PEM file of certificates to trust besides the system's; `AWS_CA_BUNDLE` when absent. Read
    /// when the agent starts.
    pub ca_bundle: Option<String>,
    /// Roles whose sessions are renewed although nobody asks for them.
    pub pinned: Vec<Name>,
    /// The shell that an environment is copied for.
    pub shell: Shell,
    /// How long a link or a session stays on the clipboard, in seconds.
    pub clipboard_seconds: u16,
    /// Whether Daypass locks itself with the screen.
    pub lock_on_screen_lock: bool,
    /// Whether it does so before the computer sleeps.
    pub lock_on_sleep: bool,
    /// After how long without anybody asking for a session it does so; never when absent.
    pub lock_after: Option<IdleTime>,
    /// Where consoles open; the system's browser when absent.
    pub browser: Option<Browser>,
    /// Whether Daypass starts when the person logs in to the computer.
    pub start_at_login: bool,
    /// Whether the window goes when another one is chosen.
    pub hide_on_focus_loss: bool,
    /// The keys that show the window from anywhere, like `Ctrl+Alt+D`; none when absent.
    pub shortcut: Option<String>,
    /// The window's language, as `en` or `de`; that of the system when absent.
    pub language: Option<String>,
    /// The terminal program; the desktop's own when absent.
    pub terminal: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            mfa_duration: Duration::HALF_DAY,
            warn_minutes: 10,
            issuer: None,
            proxy: None,
            ca_bundle: None,
            pinned: Vec::new(),
            shell: Shell::Bash,
            clipboard_seconds: 60,
            lock_on_screen_lock: false,
            lock_on_sleep: false,
            lock_after: None,
            browser: None,
            start_at_login: false,
            hide_on_focus_loss: true,
            shortcut: None,
            language: None,
            terminal: None,
        }
    }
}

impl Settings {
    /// Checks what the types alone cannot.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn check(&self) -> Result<(), Problem> {
        self.issuer.as_deref().map_or(Ok(()), check_issuer)?;
        self.browser.as_ref().map_or(Ok(()), Browser::check)
    }
}
