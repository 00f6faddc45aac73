use std::path::PathBuf;

use clap::{Args, ValueEnum};
use daypass_core::name::Name;

#[derive(Args)]
#[command(after_help = "Examples:  daypass import --dry-run
           daypass import
           daypass import --only work prod --yes
           daypass import --leapp leapp-export.json
           daypass import --undo

Reads ~/.aws/config and ~/.aws/credentials (or AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE),
runs nothing that is written there, and leaves the files as they are. Only --remove-plain-keys, or
the answer to its question, takes keys out of them, once they are safe in the keychain.")]
pub(crate) struct Import {
    /// Show what would be taken over, and change nothing
    #[arg(long, conflicts_with_all = ["yes", "agree", "remove_plain_keys", "undo"])]
    pub(crate) dry_run: bool,
    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// The export of a Leapp workspace
    #[arg(long, value_name = "FILE")]
    pub(crate) leapp: Option<PathBuf>,
    /// Do not look for keys of aws-vault, Granted and Leapp in the keychain
    #[arg(long)]
    pub(crate) no_keychain: bool,
    /// Only these identities and roles
    #[arg(long, value_name = "NAME", num_args = 1..)]
    pub(crate) only: Vec<Name>,
    /// Do not ask; leave out what needs your agreement
    #[arg(long)]
    pub(crate) yes: bool,
    /// Do not ask, and take over what needs your agreement as well
    #[arg(long)]
    pub(crate) agree: bool,
    /// Take the keys that are in the keychain now out of the files that they lie in
    #[arg(long)]
    pub(crate) remove_plain_keys: bool,
    /// Put back the keys that were taken out of files
    #[arg(long, conflicts_with_all = ["leapp", "no_keychain", "only", "yes", "agree", "remove_plain_keys", "json"])]
    pub(crate) undo: bool,
}

#[derive(Args)]
#[command(after_help = "Examples:  daypass profiles --dry-run
           daypass profiles
           daypass profiles --prefix dp-
           daypass profiles --remove

Each role becomes a profile with its credential_process and region, between two markers in
~/.aws/config (or AWS_CONFIG_FILE). Everything outside them stays as it is.")]
pub(crate) struct Profiles {
    /// Show what would change, as a diff
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Take the profiles out again
    #[arg(long)]
    pub(crate) remove: bool,
    /// What the profiles' names begin with
    #[arg(long, default_value = "")]
    pub(crate) prefix: String,
    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ShellName {
    Bash,
    Zsh,
    Fish,
    #[value(name = "powershell", alias = "pwsh")]
    PowerShell,
}
