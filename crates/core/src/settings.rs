//! `[settings]` of `config.toml`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    browser::Browser,
    console::check_issuer,
    duration::{Duration, IdleTime},
    name::Name,
    problem::{Problem, one_line},
    protocol::Changes,
    shell::Shell,
    shortcut::Shortcut,
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
    /// The language of window, tray and notifications, as `en` or `de`; the system's when absent.
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

/// A setting that is changed by its key.
struct Key {
    name: &'static str,
    takes: &'static str,
}

/// All but `pinned`, which has a request of its own.
const KEYS: [Key; 16] = [
    key("mfa_duration", "a time from 15m to 36h, such as 12h"),
    key("warn_minutes", "a whole number of minutes, at most 2160"),
    key("issuer", "an https address"),
    key("proxy", "an address such as http://proxy.example.com:8080"),
    key("ca_bundle", "the path of a PEM file"),
    key("shell", "bash, zsh, fish, powershell or cmd"),
    key(
        "clipboard_seconds",
        "a whole number of seconds, at most 65535",
    ),
    key("lock_on_screen_lock", "true or false"),
    key("lock_on_sleep", "true or false"),
    key("lock_after", "a time of a minute or more, such as 30m"),
    key(
        "browser",
        "a program with a profile or a container, such as firefox",
    ),
    key("start_at_login", "true or false"),
    key("hide_on_focus_loss", "true or false"),
    key("shortcut", "keys such as Ctrl+Alt+D"),
    key("language", "a language such as en or de"),
    key("terminal", "the name or the path of a program"),
];

/// What only an agent with a screen heeds.
const ON_SCREENS: [&str; 5] = [
    "start_at_login",
    "hide_on_focus_loss",
    "shortcut",
    "browser",
    "terminal",
];

/// What is read when Daypass starts, and not again.
const AT_START: [&str; 2] = ["proxy", "ca_bundle"];

/// The longest session of an MFA device is 36 hours.
const MAX_WARN_MINUTES: u16 = 36 * 60;
/// The longest path or name of a terminal program.
const MAX_PROGRAM: usize = 4_096;
const fn key(name: &'static str, takes: &'static str) -> Key {
    Key { name, takes }
}

impl Settings {
    /// The keys of the settings that can be changed by their key.
    pub fn keys() -> impl Iterator<Item = &'static str> {
        KEYS.iter().map(|key| key.name)
    }

    /// Whether only an agent with a screen heeds a setting.
    pub fn is_for_screens(key: &str) -> bool {
        ON_SCREENS.contains(&key)
    }

    /// The keys whose values differ, and are taken up only by the next start.
    pub fn waiting_for_restart(&self, at_start: &Self) -> Vec<&'static str> {
        let [proxy, ca_bundle] = AT_START;
        let mut waiting = Vec::new();
        if self.proxy != at_start.proxy {
            waiting.push(proxy);
        }
        if self.ca_bundle != at_start.ca_bundle {
            waiting.push(ca_bundle);
        }
        waiting
    }

    /// The settings after some of them were changed; one without a value has its default.
    ///
    /// # Errors
    /// When there is no such setting, or it does not take that value.
    pub fn changed(&self, changes: &Changes) -> Result<Self, Problem> {
        let mut settings = self.clone();
        for (name, value) in changes {
            let key = find(name)?;
            settings = settings
                .with(key.name, value.as_ref())
                .filter(|settings| settings.check_key(key.name))
                .ok_or_else(|| refused(key, value.as_ref()))?;
        }
        settings.check()?;
        Ok(settings)
    }

    /// The value of a setting, as JSON; nothing where it is not set or there is none.
    pub fn value(&self, key: &str) -> Option<Value> {
        let mut values = serde_json::to_value(self).ok()?;
        let value = values.get_mut(key)?.take();
        (!value.is_null()).then_some(value)
    }

    /// The settings as they may be shown: without the proxy's password.
    pub fn without_secrets(&self) -> Self {
        Self {
            proxy: self.proxy.as_deref().map(without_password),
            ..self.clone()
        }
    }

    fn with(&self, key: &str, value: Option<&Value>) -> Option<Self> {
        let mut values = serde_json::to_value(self).ok()?;
        let fields = values.as_object_mut()?;
        fields.remove(key);
        if let Some(value) = value {
            fields.insert(key.to_owned(), value.clone());
        }
        serde_json::from_value(values).ok()
    }

    /// Checks what the types alone cannot.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn check(&self) -> Result<(), Problem> {
        self.issuer.as_deref().map_or(Ok(()), check_issuer)?;
        self.browser.as_ref().map_or(Ok(()), Browser::check)?;
        match KEYS.iter().find(|key| !self.check_key(key.name)) {
            Some(key) => Err(refused(key, self.value(key.name).as_ref())),
            None => Ok(()),
        }
    }

    fn check_key(&self, key: &str) -> bool {
        match key {
            "proxy" => self.proxy.as_deref().is_none_or(is_proxy),
            "warn_minutes" => self.warn_minutes <= MAX_WARN_MINUTES,
            "shortcut" => self.shortcut.as_deref().is_none_or(is_shortcut),
            "language" => self.language.as_deref().is_none_or(is_language),
            "terminal" => self.terminal.as_deref().is_none_or(is_program),
            _ => true,
        }
    }
}

fn find(name: &str) -> Result<&'static Key, Problem> {
    if name == "pinned" {
        return Err(Problem::usage(
            "Roles are pinned one by one: `daypass role pin NAME`.",
        ));
    }
    KEYS.iter().find(|key| key.name == name).ok_or_else(|| {
        Problem::usage(format!(
            "There is no setting {}. `daypass settings` shows them all.",
            one_line(name)
        ))
    })
}

fn refused(key: &Key, value: Option<&Value>) -> Problem {
    let value = match value {
        Some(Value::String(text)) if key.name == "proxy" => without_password(text),
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
        None => return Problem::usage(format!("The setting {} is {}.", key.name, key.takes)),
    };
    let value: String = value.chars().take(MAX_SHOWN).collect();
    Problem::usage(format!(
        "The setting {} is {}, not {}.",
        key.name,
        key.takes,
        one_line(&value)
    ))
}

/// How much of a refused value is shown.
const MAX_SHOWN: usize = 200;

/// What is shown in place of a password.
const HIDDEN: &str = "(hidden)";

/// Whether a proxy's address holds a password.
pub fn has_password(address: &str) -> bool {
    without_password(address) != address
}

/// A proxy's address without its password.
pub fn without_password(address: &str) -> String {
    let Some((login, host)) = address.rsplit_once('@') else {
        return address.to_owned();
    };
    let (scheme, login) = login
        .split_once("://")
        .map_or((String::new(), login), |(scheme, login)| {
            (format!("{scheme}://"), login)
        });
    let user = login.split(':').next().unwrap_or_default();
    match login.contains(':') {
        true => format!("{scheme}{user}:{HIDDEN}@{host}"),
        false => format!("{scheme}{user}@{host}"),
    }
}

/// Whether the adapters get to judge it: what is shown in place of a password is none.
fn is_proxy(address: &str) -> bool {
    !address.is_empty() && !address.contains(HIDDEN)
}

fn is_shortcut(text: &str) -> bool {
    text.parse::<Shortcut>().is_ok()
}

/// A language tag: `de`, `pt-BR` (BCP 47).
fn is_language(text: &str) -> bool {
    let mut parts = text.split('-');
    let first = parts.next().unwrap_or_default();
    (2..=3).contains(&first.len())
        && first.bytes().all(|byte| byte.is_ascii_lowercase())
        && parts.all(|part| {
            (2..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
        && text.len() <= 35
}

fn is_program(text: &str) -> bool {
    (1..=MAX_PROGRAM).contains(&text.len())
        && !text.starts_with('-')
        && !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn change(key: &str, value: Value) -> Result<Settings, Problem> {
        let value = (!value.is_null()).then_some(value);
        Settings::default().changed(&Changes::from([(key.to_owned(), value)]))
    }

    #[test]
    fn every_setting_takes_what_it_should() {
        for (key, value) in [
            ("mfa_duration", json!("8h")),
            ("warn_minutes", json!(0)),
            ("issuer", json!("https://example.com")),
            ("proxy", json!("http://127.0.0.1:3128")),
            ("ca_bundle", json!("/etc/ca.pem")),
            ("shell", json!("fish")),
            ("clipboard_seconds", json!(30)),
            ("lock_on_screen_lock", json!(true)),
            ("lock_on_sleep", json!(true)),
            ("lock_after", json!("1h30m")),
            (
                "browser",
                json!({"program": "firefox", "container": "Shop"}),
            ),
            ("start_at_login", json!(true)),
            ("hide_on_focus_loss", json!(false)),
            ("shortcut", json!("Ctrl+Alt+D")),
            ("shortcut", json!("F9")),
            ("shortcut", json!("super + space")),
            ("language", json!("pt-BR")),
            ("terminal", json!("/usr/bin/xterm")),
        ] {
            let changed = change(key, value.clone()).unwrap();
            assert_eq!(changed.value(key), Some(value), "{key}");
            assert_ne!(changed, Settings::default(), "{key}");
            let back = changed.changed(&Changes::from([(key.to_owned(), None)]));
            assert_eq!(back, Ok(Settings::default()), "{key}");
        }
        assert_eq!(Settings::keys().count(), KEYS.len());
        let all = serde_json::to_value(Settings::default()).unwrap();
        assert_eq!(all.as_object().unwrap().len(), KEYS.len() + 1, "and pinned");
    }

    #[test]
    fn what_a_setting_does_not_take_names_it() {
        for (key, value) in [
            ("mfa_duration", json!("37h")),
            ("mfa_duration", json!(12)),
            ("warn_minutes", json!(-1)),
            ("warn_minutes", json!(2_161)),
            ("warn_minutes", json!("ten")),
            ("issuer", json!("http://example.com")),
            ("shell", json!("tcsh")),
            ("clipboard_seconds", json!(65_536)),
            ("lock_on_sleep", json!("yes")),
            ("lock_after", json!("1s")),
            ("browser", json!("firefox")),
            ("browser", json!({"program": "--remote"})),
            ("shortcut", json!("D")),
            ("shortcut", json!("Ctrl+Shift")),
            ("shortcut", json!("Ctrl+a b")),
            ("shortcut", json!("Hyper+D")),
            ("shortcut", json!("Ctrl+Enter")),
            ("shortcut", json!("Ctrl+F13")),
            ("language", json!("../../etc")),
            ("language", json!("German")),
            ("terminal", json!("--help")),
            ("terminal", json!("a\nb")),
        ] {
            let why = change(key, value).unwrap_err();
            let of = key.split('_').next().unwrap();
            assert!(why.what.contains(of), "{key}: {why}");
            assert!(!why.what.contains('\n'), "{why}");
        }
        let why = change("warn_minute", json!(1)).unwrap_err();
        assert!(why.what.contains("no setting warn_minute"), "{why}");
        assert!(change("pinned", json!(["prod"])).is_err());
    }

    #[test]
    fn a_proxys_password_is_not_shown_and_what_is_shown_is_not_taken() {
        for (address, shown) in [
            (
                "http://ada:CANARY@proxy.example.com:8080",
                "http://ada:(hidden)@proxy.example.com:8080",
            ),
            ("ada:CA@NARY@proxy", "ada:(hidden)@proxy"),
            ("http://ada@proxy", "http://ada@proxy"),
            ("http://proxy:3128", "http://proxy:3128"),
        ] {
            let settings = change("proxy", json!(address)).unwrap();
            let safe = settings.without_secrets();
            assert_eq!(safe.proxy.as_deref(), Some(shown));
        }
        let why = change("proxy", json!("http://ada:(hidden)@proxy")).unwrap_err();
        assert!(why.what.contains("proxy"), "{why}");
    }

    #[test]
    fn proxy_and_certificates_wait_for_a_start() {
        let changed = change("proxy", json!("http://127.0.0.1:1")).unwrap();
        let waiting = changed.waiting_for_restart(&Settings::default());
        assert_eq!(waiting, ["proxy"]);
        let other = change("warn_minutes", json!(5)).unwrap();
        assert!(other.waiting_for_restart(&Settings::default()).is_empty());
    }
}
