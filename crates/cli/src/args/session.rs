use std::ffi::OsString;

use clap::{Args, ValueEnum};
use daypass_core::{field::Region, name::Name, shell::Shell};

use super::ConsoleOptions;
use crate::complete;

#[derive(Args)]
#[command(
    after_help = "In ~/.aws/config (`daypass profiles` writes this for every role):
  [profile prod]
  credential_process = daypass credentials prod
  region = eu-west-1"
)]
pub(crate) struct Credentials {
    /// The role (default: the one in .daypass.toml)
    #[arg(add = complete::roles())]
    pub(crate) role: Option<Name>,
    /// A session that may read and nothing else
    #[arg(long)]
    pub(crate) read_only: bool,
    /// Print them even onto a terminal
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Args)]
#[command(after_help = "Examples:  eval \"$(daypass env prod)\"
           daypass env prod --shell fish | source
           daypass env prod --shell powershell | Out-String | Invoke-Expression")]
pub(crate) struct Env {
    /// The role (default: the one in .daypass.toml)
    #[arg(add = complete::roles())]
    pub(crate) role: Option<Name>,
    /// The shell that will read it (default: the one that asks)
    #[arg(long, value_enum)]
    pub(crate) shell: Option<EnvShell>,
    /// The region (default: the role's)
    #[arg(long)]
    pub(crate) region: Option<Region>,
    /// A session that may read and nothing else
    #[arg(long)]
    pub(crate) read_only: bool,
    /// Print it even onto a terminal
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum EnvShell {
    Bash,
    Zsh,
    Fish,
    #[value(name = "powershell", alias = "pwsh")]
    PowerShell,
    Cmd,
}

impl From<EnvShell> for Shell {
    fn from(shell: EnvShell) -> Self {
        match shell {
            EnvShell::Bash => Self::Bash,
            EnvShell::Zsh => Self::Zsh,
            EnvShell::Fish => Self::Fish,
            EnvShell::PowerShell => Self::PowerShell,
            EnvShell::Cmd => Self::Cmd,
        }
    }
}

#[derive(Args)]
#[command(after_help = "Examples:  daypass exec prod -- aws s3 ls
           daypass exec prod --region eu-west-1 -- terraform plan
           daypass exec --server prod -- ./runs-for-days
           daypass exec -- make deploy          (the role from .daypass.toml)

Variables live as long as the session. With --server the command gets the address of an endpoint
on this machine instead, and AWS's SDKs fetch new credentials from it for as long as it runs.
The exit code is the command's own; 127 if it isn't there, 126 if it can't be run.")]
pub(crate) struct Exec {
    /// The role (default: the one in .daypass.toml)
    #[arg(add = complete::roles())]
    pub(crate) role: Option<Name>,
    /// The region (default: the role's)
    #[arg(long)]
    pub(crate) region: Option<Region>,
    /// A session that may read and nothing else
    #[arg(long)]
    pub(crate) read_only: bool,
    /// Offer credentials on a local endpoint instead of in variables, for commands that outlive a
    /// session
    #[arg(long)]
    pub(crate) server: bool,
    /// Also name the endpoint's token in a variable, for SDKs from before November 2023
    #[arg(long, requires = "server")]
    pub(crate) token_in_env: bool,
    /// Run it although this is the inside of another `daypass exec`
    #[arg(long)]
    pub(crate) nested: bool,
    /// The command and its arguments, after --
    #[arg(last = true, required = true, value_name = "COMMAND")]
    pub(crate) command: Vec<OsString>,
}

#[derive(Args)]
pub(crate) struct ContainerEndpoint {
    pub(crate) role: Name,
    #[arg(long)]
    pub(crate) role_arn: Option<String>,
    #[arg(long)]
    pub(crate) read_only: bool,
    /// The process id of the command that is served.
    #[arg(long)]
    pub(crate) command: u32,
}

#[derive(Args)]
#[command(
    after_help = "Examples:  daypass export prod --format json > session.json
           daypass export prod --format write --profile prod
           daypass export prod --format link --destination s3/buckets/logs --force

json   AccessKeyId, SecretAccessKey, SessionToken, Expiration, ConsoleMagicLink
write  a profile in ~/.aws/credentials, in plain text until it expires
link   a sign-in link for a colleague: whoever opens it within 15 minutes is signed in"
)]
pub(crate) struct Export {
    /// The role (default: the one in .daypass.toml)
    #[arg(add = complete::roles())]
    pub(crate) role: Option<Name>,
    /// What to make of it
    #[arg(long, value_enum)]
    pub(crate) format: Format,
    /// With write: the profile's name (default: the role's)
    #[arg(long)]
    pub(crate) profile: Option<String>,
    #[command(flatten)]
    pub(crate) console: ConsoleOptions,
    /// Print it even onto a terminal
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Json,
    Write,
    Link,
}

#[derive(Args)]
#[command(
    after_help = "Examples:  daypass publish prod --secret-id app/aws --create
           daypass publish prod --secret-id app/aws --writer deploy --keep
           daypass publish prod --secret-id app/aws --stop

The secret gets a new version; an application elsewhere reads it and works until it expires.
With --keep it gets another one at each renewal, for as long as Daypass runs."
)]
pub(crate) struct Publish {
    /// The role whose session is published (default: the one in .daypass.toml)
    #[arg(add = complete::roles())]
    pub(crate) role: Option<Name>,
    /// The secret's name or ARN
    #[arg(long, value_name = "ID")]
    pub(crate) secret_id: String,
    /// The secret's region (default: that of its ARN, else the role's)
    #[arg(long, conflicts_with = "stop")]
    pub(crate) region: Option<Region>,
    /// The role that may write the secret (default: the published one)
    #[arg(long, value_name = "ROLE", conflicts_with = "stop", add = complete::roles())]
    pub(crate) writer: Option<Name>,
    /// Make the secret if it isn't there
    #[arg(long, conflicts_with = "stop")]
    pub(crate) create: bool,
    /// Publish again at each renewal
    #[arg(long, conflicts_with = "stop")]
    pub(crate) keep: bool,
    /// No longer publish at each renewal; what was published works until it expires
    #[arg(long)]
    pub(crate) stop: bool,
}
