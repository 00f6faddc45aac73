use clap::{ArgGroup, Args, Subcommand, ValueEnum};
use daypass_core::{
    arn::PrincipalArn,
    duration::Duration,
    field::{ExternalId, PolicyArn, Region, SessionName, SourceIdentity},
    name::Name,
    role::SessionKind,
};

use crate::complete;

#[derive(Subcommand)]
pub(crate) enum RoleCommand {
    /// Add a role, or change the one of that name
    Add(Box<RoleAdd>),
    /// List roles
    #[command(after_help = "Example:  daypass role list --json")]
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Print the trust policy and the permission that AWS needs for a role, as JSON
    #[command(after_help = "Examples:  daypass role policy prod
           daypass role policy prod | jq .TrustPolicy > trust.json
           aws iam update-assume-role-policy --role-name Admin --policy-document file://trust.json

TrustPolicy goes to the role; PermissionPolicy goes to the user or role that assumes it.")]
    Policy {
        /// The role
        #[arg(add = complete::roles())]
        name: Name,
        /// Who assumes it (default: the user whose key the identity is, or the role it is chained
        /// from)
        #[arg(long, value_name = "ARN")]
        principal: Option<String>,
    },
    /// Put a role among the favourites, or take it from there
    #[command(after_help = "Examples:  daypass role favourite prod
           daypass role favourite prod --off")]
    Favourite {
        /// The role
        #[arg(add = complete::roles())]
        name: Name,
        /// No longer
        #[arg(long)]
        off: bool,
    },
    /// Renew a role's session while Daypass runs, though nobody asks for it
    #[command(after_help = "Examples:  daypass role pin prod
           daypass role pin prod --off")]
    Pin {
        /// The role
        #[arg(add = complete::roles())]
        name: Name,
        /// No longer
        #[arg(long)]
        off: bool,
    },
    /// Forget a role
    #[command(after_help = "Example:  daypass role remove prod")]
    Remove {
        /// Its name
        #[arg(add = complete::roles())]
        name: Name,
    },
}

#[derive(Args)]
#[command(
    group = ArgGroup::new("start").args(["identity", "source"]).required(true),
    after_help = "Examples:  daypass role add prod --identity work --arn arn:aws:iam::111122223333:role/Admin
           daypass role add audit --identity work --arn ... --session long --duration 12h
           daypass role add data --source prod --arn ...     (chained: assumed by prod's session)
           daypass role add me --identity work --arn arn:aws:sts::111122223333:federated-user/ada \\
             --policy-arn arn:aws:iam::aws:policy/ReadOnlyAccess     (a user without a role)"
)]
pub(crate) struct RoleAdd {
    /// What to call it
    pub(crate) name: Name,
    /// The role's ARN
    #[arg(long)]
    pub(crate) arn: PrincipalArn,
    /// The identity that assumes it
    #[arg(long, add = complete::identities())]
    pub(crate) identity: Option<Name>,
    /// The role whose session assumes it: role chaining
    #[arg(long, value_name = "ROLE", add = complete::roles())]
    pub(crate) source: Option<Name>,
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
    /// Who stands behind the session, through every role that is chained from it
    #[arg(long)]
    pub(crate) source_identity: Option<SourceIdentity>,
    /// The role's region
    #[arg(long)]
    pub(crate) region: Option<Region>,
    /// Where its console opens: a service, a path or a URL
    #[arg(long)]
    pub(crate) destination: Option<String>,
    /// The console session's length, where AWS allows choosing it
    #[arg(long)]
    pub(crate) console_duration: Option<Duration>,
    /// A session policy that narrows it: JSON, or a file with it
    #[arg(long, value_name = "JSON or FILE")]
    pub(crate) policy: Option<String>,
    /// A managed policy that narrows it; again for more
    #[arg(long = "policy-arn", value_name = "ARN")]
    pub(crate) policy_arns: Vec<PolicyArn>,
    /// A session tag; again for more
    #[arg(long = "tag", value_name = "KEY=VALUE")]
    pub(crate) tags: Vec<String>,
    /// The key of a tag that sticks through chaining; again for more
    #[arg(long = "transitive-tag", value_name = "KEY")]
    pub(crate) transitive_tags: Vec<String>,
    /// Put it in the place of the role that has this name already
    #[arg(long)]
    pub(crate) replace: bool,
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
