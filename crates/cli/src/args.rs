//! What can be typed. No secret is ever an argument: arguments are public (T17).

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use daypass_core::{
    arn::RoleArn,
    config::SessionKind,
    duration::Duration,
    field::{ExternalId, Region, SessionName},
    name::Name,
};

/// One MFA code in the morning, AWS all day.
#[derive(Parser)]
#[command(
    name = "daypass",
    version,
    disable_help_subcommand = true,
    after_help = "Start:  daypass identity add work\n        daypass role add prod --identity work --arn arn:aws:iam::111122223333:role/Admin\n        daypass console prod\n\nExit codes: 0 done, 1 failed, 2 usage, 3 no agent, 4 a code is needed and nobody answered,\n            5 AWS refused, 6 keychain locked or missing"
)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Show identities, roles and how long their sessions last
    Status {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Add, list or remove identities: the keys that permission starts from
    #[command(subcommand)]
    Identity(IdentityCommand),
    /// Start or renew an identity's MFA session; the code from the terminal, or a line on stdin
    #[command(
        after_help = "Examples:  daypass mfa work\n           oathtool --totp ... | daypass mfa work"
    )]
    Mfa {
        /// The identity
        name: Name,
    },
    /// Add, list or remove roles
    #[command(subcommand)]
    Role(RoleCommand),
    /// Print a role's credentials as SDKs ask for them (credential_process)
    #[command(
        after_help = "In ~/.aws/config:\n  [profile prod]\n  credential_process = daypass credentials prod"
    )]
    Credentials {
        /// The role
        role: Name,
        /// Print them even onto a terminal
        #[arg(long)]
        force: bool,
    },
    /// Open the AWS console as a role
    #[command(
        after_help = "Examples:  daypass console prod\n           daypass console prod --destination s3/buckets/logs --region eu-west-1\n           daypass console prod --print"
    )]
    Console {
        /// The role
        role: Name,
        /// A service, a path or a URL on the console
        #[arg(long, value_name = "D")]
        destination: Option<String>,
        /// The console's region
        #[arg(long, value_name = "R")]
        region: Option<String>,
        /// Print the sign-in link instead: whoever has it is signed in, for 15 minutes
        #[arg(long)]
        print: bool,
    },
    /// End Daypass; its sessions are gone with it
    Quit,
}

#[derive(Subcommand)]
pub(crate) enum IdentityCommand {
    /// Add an IAM user's access key, asked on the terminal or read as JSON from stdin
    #[command(
        after_help = "JSON on stdin: {\"access_key_id\": \"AKIA...\", \"secret_access_key\": \"...\", \"mfa_serials\": [\"arn:aws:iam::111122223333:mfa/ada\"]}"
    )]
    Add {
        /// What to call it
        name: Name,
        /// Use what the SDK's default chain yields on this machine, and store nothing
        #[arg(long)]
        ambient: bool,
        /// The profile of an ambient identity
        #[arg(long, requires = "ambient")]
        profile: Option<String>,
    },
    /// List identities
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Forget an identity and its key
    Remove {
        /// Its name
        name: Name,
    },
}

#[derive(Subcommand)]
pub(crate) enum RoleCommand {
    /// Add a role, or change the one of that name
    Add(RoleAdd),
    /// List roles
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Forget a role
    Remove {
        /// Its name
        name: Name,
    },
}

#[derive(ClapArgs)]
pub(crate) struct RoleAdd {
    /// What to call it
    pub(crate) name: Name,
    /// The role's ARN
    #[arg(long)]
    pub(crate) arn: RoleArn,
    /// The identity that assumes it
    #[arg(long)]
    pub(crate) identity: Name,
    /// daily: one code a day, sessions of an hour renewed silently; long: a code for each session
    #[arg(long, value_enum, default_value = "daily")]
    pub(crate) session: Kind,
    /// The session's length, such as 1h or 90m
    #[arg(long)]
    pub(crate) duration: Option<Duration>,
    /// The session's name in CloudTrail (default: the IAM user's name)
    #[arg(long)]
    pub(crate) session_name: Option<SessionName>,
    /// The external id that the trust policy requires
    #[arg(long)]
    pub(crate) external_id: Option<ExternalId>,
    /// The role's region
    #[arg(long)]
    pub(crate) region: Option<Region>,
    /// Where its console opens: a service, a path or a URL
    #[arg(long)]
    pub(crate) destination: Option<String>,
    /// The console session's length, where AWS allows choosing it
    #[arg(long)]
    pub(crate) console_duration: Option<Duration>,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Kind {
    Daily,
    Long,
}

impl From<Kind> for SessionKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Daily => Self::Daily,
            Kind::Long => Self::Long,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
    }
}
