use clap::{Args, ValueEnum};
use daypass_core::{journal::Kind, name::Name, when::When};

use crate::complete;

#[derive(Args)]
#[command(after_help = "Examples:  daypass log --role prod --since yesterday
           daypass log --kind use --kind link --since 2026-03-01 --until 2026-03-02
           daypass log --identity work --kind code --limit 10
           daypass log --since 8h --json | jq -r 'select(.event == \"link_made\") | .role'

The newest come last. Times are UTC: 90m, 2h, 3d or 1w ago, today, yesterday, a date, or a date
and time as 2026-03-02T09:00. A program that gets one session again and again has an entry for the
first time, and one for all others when that session ends.")]
pub(crate) struct Log {
    /// Only what names this role
    #[arg(long, value_name = "NAME", add = complete::roles())]
    pub(crate) role: Option<Name>,
    /// Only what names this identity
    #[arg(long, value_name = "NAME", add = complete::identities())]
    pub(crate) identity: Option<Name>,
    /// Only this kind; may be given several times
    #[arg(long, value_enum, value_name = "KIND")]
    pub(crate) kind: Vec<LogKind>,
    /// Not before this
    #[arg(long, value_name = "WHEN")]
    pub(crate) since: Option<When>,
    /// Before this
    #[arg(long, value_name = "WHEN")]
    pub(crate) until: Option<When>,
    /// Only lines with this text in them
    #[arg(long, value_name = "TEXT")]
    pub(crate) grep: Option<String>,
    /// The newest so many
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: u32,
    /// As JSON, a line for each entry
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum LogKind {
    /// Credentials that programs got
    Use,
    /// Links to the console
    Link,
    /// Codes, asked for and entered
    Code,
    /// Sessions that AWS gave or refused
    Session,
    /// Sessions on the clipboard or in a file
    Copy,
    /// Sessions in Secrets Manager
    Publish,
    /// Access keys, replaced or moved
    Key,
    /// Identities and roles, added or removed
    Setup,
    /// Locking
    Lock,
    /// Daypass itself
    Other,
}

impl From<LogKind> for Kind {
    fn from(kind: LogKind) -> Self {
        match kind {
            LogKind::Use => Self::Use,
            LogKind::Link => Self::Link,
            LogKind::Code => Self::Code,
            LogKind::Session => Self::Session,
            LogKind::Copy => Self::Copy,
            LogKind::Publish => Self::Publish,
            LogKind::Key => Self::Key,
            LogKind::Setup => Self::Setup,
            LogKind::Lock => Self::Lock,
            LogKind::Other => Self::Other,
        }
    }
}
