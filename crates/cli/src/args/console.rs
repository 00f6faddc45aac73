use clap::Args;
use daypass_core::{duration::Duration, field::Region, name::Name, protocol};

use crate::complete;

#[derive(Args)]
#[command(after_help = "Examples:  daypass console prod
           daypass console prod --destination s3/buckets/logs --region eu-west-1
           daypass console prod --read-only
           daypass console prod --print")]
pub(crate) struct Console {
    /// The role (default: the one in .daypass.toml)
    #[arg(add = complete::roles())]
    pub(crate) role: Option<Name>,
    #[command(flatten)]
    pub(crate) options: ConsoleOptions,
    /// Print the sign-in link instead: whoever has it is signed in, for 15 minutes
    #[arg(long)]
    pub(crate) print: bool,
    /// Put the sign-in link on the clipboard instead
    #[arg(long, conflicts_with = "print")]
    pub(crate) copy: bool,
}

#[derive(Args)]
pub(crate) struct ConsoleOptions {
    /// Where the console opens: a service, a path or a URL on the console
    #[arg(long, value_name = "D")]
    pub(crate) destination: Option<String>,
    /// The region (default: the role's)
    #[arg(long)]
    pub(crate) region: Option<Region>,
    /// Where AWS sends people when the console session has ended, an https address
    #[arg(long, value_name = "URL")]
    pub(crate) issuer: Option<String>,
    /// The console session's length, where AWS allows choosing it
    #[arg(long)]
    pub(crate) duration: Option<Duration>,
    /// A session that may read and nothing else
    #[arg(long)]
    pub(crate) read_only: bool,
}

impl ConsoleOptions {
    /// The console of a role, in a region unless one was given.
    pub(crate) fn of(self, role: Name, region: Option<Region>) -> protocol::Console {
        protocol::Console {
            role,
            read_only: self.read_only,
            destination: self.destination,
            region: self.region.or(region),
            issuer: self.issuer,
            duration: self.duration,
            sign_out: false,
        }
    }
}
