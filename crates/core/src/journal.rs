//! What happened, for the person who asks later: who got which session, which codes were asked
//! for, which links were made. Names, ARNs, times and programs; never a secret.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::{
    Instant,
    name::Name,
    problem::{Problem, one_line},
    session::SessionKey,
    shell::Shell,
};

/// How long repetitions of what has no end of its own are counted before they are told.
const COUNTED: TimeDelta = TimeDelta::hours(1);
/// The longest reason that is kept, in characters: AWS and files can say a lot.
const LONGEST_REASON: usize = 500;
/// How many of an import's names are kept.
const MOST_NAMES: usize = 20;

/// One line of the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Each is higher than those before it.
    pub number: u64,
    /// When it happened; of several times, the last one.
    pub at: Instant,
    /// How often the same happened since an earlier entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again: Option<Again>,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// Repetitions that are told in one entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Again {
    /// How many there were, without the first one, which has an entry of its own.
    pub times: u64,
    /// When that first one was.
    pub since: Instant,
}

/// Who caused it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// A person, in the tray's menu or the popup.
    You,
    /// Daypass itself, to keep what is in use.
    Daypass,
    /// A program, as the kernel named it; a hint and no proof (T22).
    Program {
        /// Its name, for example `terraform`.
        name: String,
        /// The file that it runs from.
        path: String,
    },
    /// A program that the kernel did not name.
    Unnamed,
}

/// Whose session it is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// The role.
    pub role: Name,
    /// Whether the session is held to reading.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub read_only: bool,
    /// The identity that it starts from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Name>,
}

/// Where a sign-in link went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkTo {
    /// To this desktop's browser.
    Browser,
    /// To the clipboard.
    Clipboard,
    /// To the program that asked.
    Caller,
}

/// Why Daypass was locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LockReason {
    /// Somebody asked for it.
    Asked,
    /// The screen was locked.
    ScreenLocked,
    /// Nobody used it for as long as the settings say.
    Idle,
    /// The computer went to sleep.
    Suspended,
}

/// What can happen. In the file, `event` says which it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields say what they are")]
pub enum Event {
    /// Daypass was started.
    Started { version: String },
    /// AWS gave a role session.
    SessionStarted {
        #[serde(flatten)]
        of: Subject,
        arn: String,
        until: Instant,
    },
    /// AWS gave an MFA session.
    MfaSessionStarted { identity: Name, until: Instant },
    /// There was no session for somebody who waited for one.
    SessionFailed {
        #[serde(flatten)]
        of: Subject,
        why: String,
        by: By,
    },
    /// A program got a session's credentials.
    CredentialsGiven {
        #[serde(flatten)]
        of: Subject,
        until: Instant,
        by: By,
    },
    /// A code was asked for. With a role, for a long session of it alone.
    CodeAsked {
        identity: Name,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        role: Option<Name>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<By>,
    },
    /// AWS took a code.
    CodeAccepted {
        identity: Name,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        role: Option<Name>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        device: Option<String>,
        by: By,
    },
    /// A code led to no session.
    CodeFailed {
        identity: Name,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        role: Option<Name>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        device: Option<String>,
        why: String,
        by: By,
    },
    /// Somebody closed the code field without a code.
    CodeDismissed {
        identity: Name,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        role: Option<Name>,
        by: By,
    },
    /// A sign-in link to the console was made.
    LinkMade {
        #[serde(flatten)]
        of: Subject,
        to: LinkTo,
        by: By,
    },
    /// A link that was given to the browser was asked for a second time.
    LinkReused,
    /// A session was put on the clipboard.
    Copied {
        #[serde(flatten)]
        of: Subject,
        shell: Shell,
        by: By,
    },
    /// The lines of a profile for AWS's config file were put on the clipboard. No session is in
    /// them.
    ProfileCopied {
        #[serde(flatten)]
        of: Subject,
        by: By,
    },
    /// A terminal with a session was opened.
    TerminalOpened {
        #[serde(flatten)]
        of: Subject,
        by: By,
    },
    /// A session was dropped because somebody said so.
    SessionEnded {
        #[serde(flatten)]
        of: Subject,
        by: By,
    },
    /// A session was written into AWS's shared credentials file.
    ProfileWritten {
        #[serde(flatten)]
        of: Subject,
        profile: String,
        by: By,
    },
    /// A session was put into Secrets Manager.
    Published {
        #[serde(flatten)]
        of: Subject,
        secret_id: String,
        by: By,
    },
    /// A session could not be put there.
    PublishFailed {
        #[serde(flatten)]
        of: Subject,
        secret_id: String,
        why: String,
        by: By,
    },
    /// A secret no longer gets a session at each renewal.
    PublishingStopped {
        role: Name,
        secret_id: String,
        by: By,
    },
    /// An identity has a new access key.
    KeyReplaced {
        identity: Name,
        access_key_id: String,
        by: By,
    },
    /// An identity's access key could not be replaced.
    KeyNotReplaced { identity: Name, why: String, by: By },
    /// An identity was added.
    IdentityAdded {
        identity: Name,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        access_key_id: Option<String>,
        by: By,
    },
    /// An identity was removed.
    IdentityRemoved { identity: Name, by: By },
    /// A role was added.
    RoleAdded { role: Name, arn: String, by: By },
    /// A role's settings were changed.
    RoleChanged { role: Name, arn: String, by: By },
    /// A role was removed.
    RoleRemoved { role: Name, by: By },
    /// An identity has other MFA devices.
    IdentityChanged {
        identity: Name,
        devices: Vec<String>,
        by: By,
    },
    /// Settings and endpoints were changed, by their keys, or what is said of an account, as
    /// `account ID`. Values may be nobody else's business.
    SettingsChanged { keys: Vec<String>, by: By },
    /// A set-up was taken over.
    Imported(Imported),
    /// Keys were taken out of the files they lay in.
    PlainKeysRemoved { identities: Vec<Name>, by: By },
    /// Keys were put back there.
    PlainKeysRestored { by: By },
    /// Daypass was locked.
    Locked { why: LockReason, by: By },
    /// Daypass was unlocked.
    Unlocked { by: By },
    /// The disk was so slow that entries were given up.
    Lost { entries: u64 },
    /// Something that this version does not know.
    #[serde(untagged)]
    Unknown(Unknown),
}

/// What an import took over; of many, the first names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imported {
    /// The first of the new identities.
    pub identities: Vec<Name>,
    /// How many there are.
    pub identity_count: usize,
    /// The first of the new roles.
    pub roles: Vec<Name>,
    /// How many there are.
    pub role_count: usize,
    /// How many could not be taken over.
    pub failed: usize,
    /// Who asked for it.
    pub by: By,
}

/// An entry of another version, kept as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unknown {
    /// What it calls itself.
    pub event: String,
    /// All else.
    #[serde(flatten)]
    pub rest: BTreeMap<String, serde_json::Value>,
}

/// What people look for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Sessions that programs got.
    Use,
    /// Sign-in links.
    Link,
    /// Codes, asked for and answered.
    Code,
    /// Sessions that AWS gave, or did not.
    Session,
    /// Sessions that went to a clipboard, into a file or into a terminal.
    Copy,
    /// Sessions that went to Secrets Manager.
    Publish,
    /// Replaced keys, and keys in plain text.
    Key,
    /// Identities and roles that came and went, and settings.
    Setup,
    /// Locking.
    Lock,
    /// Daypass itself, and what this version does not know.
    Other,
}

impl Subject {
    /// The subject of a session that starts at an identity.
    pub fn of(key: &SessionKey, identity: Option<Name>) -> Self {
        Self {
            role: key.role.clone(),
            read_only: key.read_only,
            identity,
        }
    }
}

impl Imported {
    /// Keeps as many names as fit into a line.
    pub fn new(identities: &[Name], roles: &[Name], failed: usize, by: By) -> Self {
        let first = |names: &[Name]| names.iter().take(MOST_NAMES).cloned().collect();
        Self {
            identities: first(identities),
            identity_count: identities.len(),
            roles: first(roles),
            role_count: roles.len(),
            failed,
            by,
        }
    }
}

/// A problem as a reason in the journal: what happened, without what to do about it.
pub fn reason(problem: &Problem) -> String {
    problem.what.chars().take(LONGEST_REASON).collect()
}

/// What is asked of the journal: the newest entries first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Query {
    /// Which entries.
    #[serde(default)]
    pub filter: Filter,
    /// At most so many.
    pub limit: usize,
    /// Only entries with a lower number: the next page.
    #[serde(default)]
    pub before: Option<u64>,
}

/// Which entries are wanted; all when empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    /// Those that name this role.
    #[serde(default)]
    pub role: Option<Name>,
    /// Those that name this identity.
    #[serde(default)]
    pub identity: Option<Name>,
    /// Those of one of these kinds.
    #[serde(default)]
    pub kinds: Vec<Kind>,
    /// Not before this.
    #[serde(default)]
    pub since: Option<Instant>,
    /// Before this.
    #[serde(default)]
    pub until: Option<Instant>,
    /// Those with this text in their words, in whatever case.
    #[serde(default)]
    pub text: Option<String>,
}

/// Some of the entries that were asked for.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Page {
    /// Newest first.
    pub entries: Vec<Entry>,
    /// What [`Query::before`] has to be for the next page, if there may be one.
    #[serde(default)]
    pub next: Option<u64>,
}

impl Query {
    /// Whether an entry is on this page or a later one.
    pub fn wants(&self, entry: &Entry) -> bool {
        self.before.is_none_or(|before| entry.number < before) && self.filter.matches(entry)
    }
}

impl Filter {
    /// Whether an entry is wanted.
    pub fn matches(&self, entry: &Entry) -> bool {
        let event = &entry.event;
        self.role.as_ref().is_none_or(|role| event.names_role(role))
            && self
                .identity
                .as_ref()
                .is_none_or(|identity| event.names_identity(identity))
            && (self.kinds.is_empty() || self.kinds.contains(&event.kind()))
            && self.since.is_none_or(|since| entry.at >= since)
            && self.until.is_none_or(|until| entry.at < until)
            && self.text.as_ref().is_none_or(|text| {
                let words = entry.words().to_lowercase();
                words.contains(&text.trim().to_lowercase())
            })
    }
}

impl Event {
    /// What kind of event it is to somebody who looks for it.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::CredentialsGiven { .. } => Kind::Use,
            Self::LinkMade { .. } | Self::LinkReused => Kind::Link,
            Self::CodeAsked { .. }
            | Self::CodeAccepted { .. }
            | Self::CodeFailed { .. }
            | Self::CodeDismissed { .. } => Kind::Code,
            Self::SessionStarted { .. }
            | Self::SessionEnded { .. }
            | Self::MfaSessionStarted { .. }
            | Self::SessionFailed { .. } => Kind::Session,
            Self::Copied { .. }
            | Self::ProfileCopied { .. }
            | Self::ProfileWritten { .. }
            | Self::TerminalOpened { .. } => Kind::Copy,
            Self::Published { .. }
            | Self::PublishFailed { .. }
            | Self::PublishingStopped { .. } => Kind::Publish,
            Self::KeyReplaced { .. }
            | Self::KeyNotReplaced { .. }
            | Self::PlainKeysRemoved { .. }
            | Self::PlainKeysRestored { .. } => Kind::Key,
            Self::IdentityAdded { .. }
            | Self::IdentityRemoved { .. }
            | Self::RoleAdded { .. }
            | Self::RoleChanged { .. }
            | Self::RoleRemoved { .. }
            | Self::IdentityChanged { .. }
            | Self::SettingsChanged { .. }
            | Self::Imported(_) => Kind::Setup,
            Self::Locked { .. } | Self::Unlocked { .. } => Kind::Lock,
            Self::Started { .. } | Self::Lost { .. } | Self::Unknown(_) => Kind::Other,
        }
    }

    /// Until when the same event is counted instead of written again; nothing for what is always
    /// worth a line.
    pub fn counted_until(&self, at: Instant) -> Option<Instant> {
        match self {
            Self::CredentialsGiven { until, .. } => Some(*until),
            Self::SessionFailed { .. }
            | Self::CodeAsked { .. }
            | Self::CodeFailed { .. }
            | Self::CodeDismissed { .. }
            | Self::PublishFailed { .. }
            | Self::LinkReused => Some(at + COUNTED),
            _ => None,
        }
    }

    /// Whether it ends the counting of another event: a new session follows the old one.
    pub fn ends_counting_of(&self, other: &Self) -> bool {
        let (Self::SessionStarted { of, .. }, Some(other)) = (self, other.subject()) else {
            return false;
        };
        (&of.role, of.read_only) == (&other.role, other.read_only)
    }

    const fn subject(&self) -> Option<&Subject> {
        match self {
            Self::SessionStarted { of, .. }
            | Self::SessionFailed { of, .. }
            | Self::CredentialsGiven { of, .. }
            | Self::LinkMade { of, .. }
            | Self::SessionEnded { of, .. }
            | Self::Copied { of, .. }
            | Self::ProfileCopied { of, .. }
            | Self::TerminalOpened { of, .. }
            | Self::ProfileWritten { of, .. }
            | Self::Published { of, .. }
            | Self::PublishFailed { of, .. } => Some(of),
            _ => None,
        }
    }

    fn names_role(&self, wanted: &Name) -> bool {
        if let Some(of) = self.subject() {
            return of.role == *wanted;
        }
        match self {
            Self::CodeAsked { role, .. }
            | Self::CodeAccepted { role, .. }
            | Self::CodeFailed { role, .. }
            | Self::CodeDismissed { role, .. } => role.as_ref() == Some(wanted),
            Self::PublishingStopped { role, .. }
            | Self::RoleAdded { role, .. }
            | Self::RoleChanged { role, .. }
            | Self::RoleRemoved { role, .. } => role == wanted,
            Self::Imported(imported) => imported.roles.contains(wanted),
            Self::Unknown(unknown) => unknown.says("role", wanted),
            _ => false,
        }
    }

    fn names_identity(&self, wanted: &Name) -> bool {
        if let Some(of) = self.subject() {
            return of.identity.as_ref() == Some(wanted);
        }
        match self {
            Self::MfaSessionStarted { identity, .. }
            | Self::CodeAsked { identity, .. }
            | Self::CodeAccepted { identity, .. }
            | Self::CodeFailed { identity, .. }
            | Self::CodeDismissed { identity, .. }
            | Self::KeyReplaced { identity, .. }
            | Self::KeyNotReplaced { identity, .. }
            | Self::IdentityAdded { identity, .. }
            | Self::IdentityChanged { identity, .. }
            | Self::IdentityRemoved { identity, .. } => identity == wanted,
            Self::Imported(imported) => imported.identities.contains(wanted),
            Self::PlainKeysRemoved { identities, .. } => identities.contains(wanted),
            Self::Unknown(unknown) => unknown.says("identity", wanted),
            _ => false,
        }
    }
}

impl Unknown {
    fn says(&self, field: &str, name: &Name) -> bool {
        let value = self.rest.get(field).and_then(serde_json::Value::as_str);
        value == Some(name.as_str())
    }
}

/// As a sentence begins with it.
impl std::fmt::Display for By {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::You => f.write_str("You"),
            Self::Daypass => f.write_str("Daypass"),
            Self::Program { name, path } => write!(f, "{name} ({path})"),
            Self::Unnamed => f.write_str("A program without a name"),
        }
    }
}

impl std::fmt::Display for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.role)?;
        f.write_str(if self.read_only { " (read-only)" } else { "" })
    }
}

impl Entry {
    /// The entry as one line of visible text, without its time.
    pub fn words(&self) -> String {
        let mut words = self.event.words();
        if let Some(again) = &self.again {
            let since = clock(again.since);
            words.push_str(&match again.times {
                1 => format!(", once more since {since}"),
                times => format!(", {times} times more since {since}"),
            });
        }
        // A file that somebody has edited may hold anything.
        one_line(&words)
    }
}

impl Event {
    fn words(&self) -> String {
        match self {
            Self::Started { version } => format!("Daypass {version} was started"),
            Self::SessionStarted { of, arn, until } => {
                format!("New session of {of}, {arn}, until {}", clock(*until))
            }
            Self::MfaSessionStarted { identity, until } => {
                format!("New MFA session of {identity} until {}", clock(*until))
            }
            Self::SessionFailed { of, why, by } => format!("{by} got no session of {of}: {why}"),
            Self::CredentialsGiven { of, until, by } => {
                format!("{by} got a session of {of} until {}", clock(*until))
            }
            Self::CodeAsked { identity, role, by } => {
                let code = code(identity, role.as_ref(), None);
                match by {
                    Some(by) => format!("{by} needed {code}"),
                    None => format!("Somebody needed {code}"),
                }
            }
            Self::CodeAccepted {
                identity,
                role,
                device,
                by,
            } => {
                let code = code(identity, role.as_ref(), device.as_deref());
                format!("{by} sent {code}, and AWS took it")
            }
            Self::CodeFailed {
                identity,
                role,
                device,
                why,
                by,
            } => {
                let code = code(identity, role.as_ref(), device.as_deref());
                format!("{by} sent {code}, and got no session: {why}")
            }
            Self::CodeDismissed { identity, role, by } => {
                format!("{by} did not enter {}", code(identity, role.as_ref(), None))
            }
            Self::LinkMade { of, to, by } => match to {
                LinkTo::Browser => format!("{by} opened the console of {of}"),
                LinkTo::Clipboard => format!("{by} copied a console link of {of}"),
                LinkTo::Caller => format!("{by} got a console link of {of}"),
            },
            Self::LinkReused => "A console link was asked for twice".to_owned(),
            Self::Copied { of, by, .. } => format!("{by} copied a session of {of}"),
            Self::ProfileCopied { of, by } => format!("{by} copied the profile of {of}"),
            Self::TerminalOpened { of, by } => {
                format!("{by} opened a terminal with a session of {of}")
            }
            Self::SessionEnded { of, by } => format!("{by} ended the session of {of}"),
            Self::ProfileWritten { of, profile, by } => {
                format!("{by} wrote a session of {of} to ~/.aws/credentials as {profile}")
            }
            Self::Published { of, secret_id, by } => {
                format!("{by} published a session of {of} to {secret_id}")
            }
            Self::PublishFailed {
                of,
                secret_id,
                why,
                by,
            } => format!("{by} could not publish a session of {of} to {secret_id}: {why}"),
            Self::PublishingStopped {
                role,
                secret_id,
                by,
            } => format!("{by} stopped publishing {role} to {secret_id}"),
            Self::KeyReplaced {
                identity,
                access_key_id,
                by,
            } => format!("{by} replaced the key of {identity} by {access_key_id}"),
            Self::KeyNotReplaced { identity, why, by } => {
                format!("{by} could not replace the key of {identity}: {why}")
            }
            Self::IdentityAdded {
                identity,
                access_key_id,
                by,
            } => match access_key_id {
                Some(id) => format!("{by} added the identity {identity} with the key {id}"),
                None => format!("{by} added the identity {identity}"),
            },
            Self::IdentityRemoved { identity, by } => {
                format!("{by} removed the identity {identity}")
            }
            Self::RoleAdded { role, arn, by } => format!("{by} added the role {role}, {arn}"),
            Self::RoleChanged { role, arn, by } => format!("{by} changed the role {role}, {arn}"),
            Self::RoleRemoved { role, by } => format!("{by} removed the role {role}"),
            Self::IdentityChanged {
                identity,
                devices,
                by,
            } => match devices.is_empty() {
                true => format!("{by} took the MFA devices from {identity}"),
                false => format!(
                    "{by} gave {identity} the MFA devices {}",
                    devices.join(", ")
                ),
            },
            Self::SettingsChanged { keys, by } => format!("{by} changed {}", keys.join(", ")),
            Self::Imported(imported) => imported.words(),
            Self::PlainKeysRemoved { identities, by } => {
                let names = listed(identities, identities.len());
                format!("{by} took keys out of AWS's files: {names}")
            }
            Self::PlainKeysRestored { by } => format!("{by} put keys back into AWS's files"),
            Self::Locked { why, by } => match why {
                LockReason::Asked => format!("{by} locked Daypass"),
                LockReason::ScreenLocked => "Daypass was locked with the screen".to_owned(),
                LockReason::Idle => "Daypass was locked because nobody used it".to_owned(),
                LockReason::Suspended => "Daypass was locked before sleep".to_owned(),
            },
            Self::Unlocked { by } => format!("{by} unlocked Daypass"),
            Self::Lost { entries } => {
                format!("{entries} entries were lost, because the disk was too slow")
            }
            Self::Unknown(unknown) => {
                format!("{}, which this version does not know", unknown.event)
            }
        }
    }
}

impl Imported {
    fn words(&self) -> String {
        let identities = listed(&self.identities, self.identity_count);
        let roles = listed(&self.roles, self.role_count);
        let failed = match self.failed {
            0 => String::new(),
            failed => format!("; {failed} could not be"),
        };
        format!(
            "{} brought over identities: {identities}; roles: {roles}{failed}",
            self.by
        )
    }
}

fn code(identity: &Name, role: Option<&Name>, device: Option<&str>) -> String {
    let role = role.map_or_else(String::new, |role| format!(" for {role}"));
    let device = device.map_or_else(String::new, |device| format!(" from {device}"));
    format!("a code of {identity}{role}{device}")
}

fn listed(names: &[Name], count: usize) -> String {
    if count == 0 {
        return "none".to_owned();
    }
    let mut text: Vec<&str> = names.iter().map(Name::as_str).collect();
    let more = format!("{} more", count.saturating_sub(names.len()));
    if count > names.len() {
        text.push(&more);
    }
    text.join(", ")
}

fn clock(at: Instant) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Instant {
        Instant::from_timestamp(seconds, 0).unwrap()
    }

    fn name(text: &str) -> Name {
        Name::parse(text).unwrap()
    }

    fn terraform() -> By {
        By::Program {
            name: "terraform".to_owned(),
            path: "/usr/bin/terraform".to_owned(),
        }
    }

    fn prod() -> Subject {
        Subject::of(&SessionKey::of(name("prod")), Some(name("work")))
    }

    fn given() -> Event {
        Event::CredentialsGiven {
            of: prod(),
            until: at(3_600),
            by: terraform(),
        }
    }

    fn link() -> Event {
        Event::LinkMade {
            of: Subject {
                read_only: true,
                ..prod()
            },
            to: LinkTo::Clipboard,
            by: By::You,
        }
    }

    fn entry(event: Event) -> Entry {
        Entry {
            number: 7,
            at: at(60),
            again: None,
            event,
        }
    }

    /// One of each.
    fn every() -> Vec<Event> {
        let (role, identity, by) = (name("prod"), name("work"), By::You);
        let (of, why) = (prod(), "AWS is away.".to_owned());
        let arn = "arn:aws:iam::111122223333:role/Admin".to_owned();
        let (secret_id, access_key_id) = ("app/aws".to_owned(), "AKIAIOSFODNN7EXAMPLE".to_owned());
        vec![
            Event::Started {
                version: "1".to_owned(),
            },
            Event::SessionStarted {
                of: of.clone(),
                arn: arn.clone(),
                until: at(9),
            },
            Event::MfaSessionStarted {
                identity: identity.clone(),
                until: at(9),
            },
            Event::SessionFailed {
                of: of.clone(),
                why: why.clone(),
                by: by.clone(),
            },
            given(),
            Event::CodeAsked {
                identity: identity.clone(),
                role: None,
                by: Some(terraform()),
            },
            Event::CodeAccepted {
                identity: identity.clone(),
                role: Some(role.clone()),
                device: Some("arn:aws:iam::111122223333:mfa/ada".to_owned()),
                by: by.clone(),
            },
            Event::CodeFailed {
                identity: identity.clone(),
                role: None,
                device: None,
                why: why.clone(),
                by: By::Unnamed,
            },
            Event::CodeDismissed {
                identity: identity.clone(),
                role: Some(role.clone()),
                by: by.clone(),
            },
            link(),
            Event::LinkReused,
            Event::Copied {
                of: of.clone(),
                shell: Shell::Bash,
                by: by.clone(),
            },
            Event::ProfileCopied {
                of: of.clone(),
                by: by.clone(),
            },
            Event::TerminalOpened {
                of: of.clone(),
                by: by.clone(),
            },
            Event::SessionEnded {
                of: of.clone(),
                by: by.clone(),
            },
            Event::ProfileWritten {
                of: of.clone(),
                profile: "prod".to_owned(),
                by: by.clone(),
            },
            Event::Published {
                of: of.clone(),
                secret_id: secret_id.clone(),
                by: By::Daypass,
            },
            Event::PublishFailed {
                of,
                secret_id: secret_id.clone(),
                why: why.clone(),
                by: By::Daypass,
            },
            Event::PublishingStopped {
                role: role.clone(),
                secret_id,
                by: by.clone(),
            },
            Event::KeyReplaced {
                identity: identity.clone(),
                access_key_id: access_key_id.clone(),
                by: by.clone(),
            },
            Event::KeyNotReplaced {
                identity: identity.clone(),
                why,
                by: by.clone(),
            },
            Event::IdentityAdded {
                identity: identity.clone(),
                access_key_id: Some(access_key_id),
                by: by.clone(),
            },
            Event::IdentityRemoved {
                identity: identity.clone(),
                by: by.clone(),
            },
            Event::RoleAdded {
                role: role.clone(),
                arn: arn.clone(),
                by: by.clone(),
            },
            Event::RoleChanged {
                role: role.clone(),
                arn,
                by: by.clone(),
            },
            Event::RoleRemoved {
                role: role.clone(),
                by: by.clone(),
            },
            Event::Imported(Imported::new(
                std::slice::from_ref(&identity),
                &[role],
                1,
                by.clone(),
            )),
            Event::PlainKeysRemoved {
                identities: vec![identity],
                by: by.clone(),
            },
            Event::PlainKeysRestored { by: by.clone() },
            Event::Locked {
                why: LockReason::Idle,
                by: By::Daypass,
            },
            Event::Unlocked { by },
            Event::Lost { entries: 3 },
        ]
    }

    #[test]
    fn every_event_reads_back_and_is_told_in_one_line() {
        for event in every() {
            let entry = Entry {
                again: Some(Again {
                    times: 3,
                    since: at(0),
                }),
                ..entry(event)
            };
            let line = serde_json::to_string(&entry).unwrap();
            assert!(!line.contains('\n'), "{line}");
            let read: Entry = serde_json::from_str(&line).unwrap();
            assert_eq!(read, entry, "{line}");
            let words = entry.words();
            assert!(
                words.ends_with(", 3 times more since 1970-01-01 00:00 UTC"),
                "{words}"
            );
            assert!(!matches!(read.event, Event::Unknown(_)), "{line}");
        }
    }

    #[test]
    fn a_line_says_who_got_what() {
        assert_eq!(
            entry(given()).words(),
            "terraform (/usr/bin/terraform) got a session of prod until 1970-01-01 01:00 UTC"
        );
        assert_eq!(
            entry(link()).words(),
            "You copied a console link of prod (read-only)"
        );
    }

    /// R22: a newer version's entries are shown as far as they are understood, and kept.
    #[test]
    fn r22_what_a_newer_version_wrote_is_kept() {
        let line = r#"{"number":9,"at":"2026-03-02T09:00:00Z","event":"teleported","role":"prod","to":{"x":1}}"#;
        let newer: Entry = serde_json::from_str(line).unwrap();
        assert_eq!(
            newer.words(),
            "teleported, which this version does not know"
        );
        let again: serde_json::Value = serde_json::to_value(&newer).unwrap();
        assert_eq!(
            again,
            serde_json::from_str::<serde_json::Value>(line).unwrap()
        );
        let of_prod = Filter {
            role: Some(name("prod")),
            ..Filter::default()
        };
        assert!(of_prod.matches(&newer));
        let more = r#"{"number":1,"at":"2026-03-02T09:00:00Z","event":"link_reused","new":true}"#;
        let known: Entry = serde_json::from_str(more).unwrap();
        assert_eq!(known.event, Event::LinkReused);
    }

    #[test]
    fn a_tampered_line_stays_one_line_of_visible_text() {
        let line = r#"{"number":1,"at":"2026-03-02T09:00:00Z","event":"lo\u001b[2J\nst\u202e"}"#;
        let entry: Entry = serde_json::from_str(line).unwrap();
        assert_eq!(entry.words(), "lo [2J st, which this version does not know");
    }

    #[test]
    fn filters_answer_who_used_a_role_and_made_a_link() {
        let matching = |filter: &Filter| -> Vec<Kind> {
            let events = every().into_iter().filter(|event| {
                filter.matches(&Entry {
                    number: 1,
                    at: at(60),
                    again: None,
                    event: event.clone(),
                })
            });
            events.map(|event| event.kind()).collect()
        };
        let role = |kinds: &[Kind]| Filter {
            role: Some(name("prod")),
            kinds: kinds.to_vec(),
            ..Filter::default()
        };
        assert_eq!(
            matching(&role(&[Kind::Use, Kind::Link])),
            [Kind::Use, Kind::Link]
        );
        assert!(matching(&role(&[])).len() > 10);
        let identity = |text: &str| Filter {
            identity: Some(name(text)),
            ..Filter::default()
        };
        assert!(matching(&identity("work")).len() > 10);
        assert_eq!(matching(&identity("other")), []);
        let text = Filter {
            text: Some(" TERRAFORM ".to_owned()),
            ..Filter::default()
        };
        assert_eq!(matching(&text), [Kind::Use, Kind::Code]);
        let when = |since, until| Filter {
            since: Some(at(since)),
            until: Some(at(until)),
            ..Filter::default()
        };
        assert_eq!(matching(&when(60, 61)).len(), every().len());
        assert_eq!(matching(&when(61, 90)), []);
        assert_eq!(matching(&when(0, 60)), []);
    }

    #[test]
    fn the_same_credentials_are_counted_until_the_session_changes() {
        assert_eq!(given().counted_until(at(0)), Some(at(3_600)));
        let started = |read_only| Event::SessionStarted {
            of: Subject {
                read_only,
                ..prod()
            },
            arn: String::new(),
            until: at(9),
        };
        assert!(started(false).ends_counting_of(&given()));
        assert!(!started(true).ends_counting_of(&given()));
        assert_eq!(link().counted_until(at(0)), None);
    }

    #[test]
    fn many_names_stay_one_short_line() {
        let names: Vec<Name> = (0..10_000).map(|n| name(&format!("role-{n}"))).collect();
        let words = entry(Event::Imported(Imported::new(&[], &names, 0, By::You))).words();
        assert!(words.ends_with("role-19, 9980 more"), "{words}");
        assert!(words.len() < 1_000);
    }
}
