use clap::Subcommand;
use daypass_core::name::Name;

use crate::complete;

#[derive(Subcommand)]
pub(crate) enum IdentityCommand {
    /// Add an IAM user's access key, asked on the terminal or read as JSON from stdin
    #[command(after_help = "Examples:  daypass identity add work
           your-password-manager show aws | daypass identity add work
           daypass identity add here --ambient --profile sso

JSON on stdin: {\"access_key_id\": \"AKIA...\", \"secret_access_key\": \"...\", \"mfa_serials\": [\"arn:aws:iam::111122223333:mfa/ada\"]}")]
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
    #[command(after_help = "Example:  daypass identity list --json")]
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Replace an identity's access key by a new one, and delete the old one at AWS
    #[command(after_help = "Example:  daypass identity rotate work

AWS makes a new key, Daypass tries it and stores it, and only then is the old one deactivated and
deleted. Run it again to finish one that was interrupted. The user needs iam:ListAccessKeys,
CreateAccessKey, UpdateAccessKey and DeleteAccessKey on itself; examples/ has the policy.")]
    Rotate {
        /// Its name
        #[arg(add = complete::identities())]
        name: Name,
    },
    /// Say which MFA devices an identity's user has, in place of those before; else show them
    #[command(after_help = "Examples:  daypass identity devices work
           daypass identity devices work --serial arn:aws:iam::111122223333:mfa/new-phone
           daypass identity devices work --none")]
    Devices {
        /// Its name
        #[arg(add = complete::identities())]
        name: Name,
        /// A device's serial; again for more, the one that is asked for first
        #[arg(long = "serial", value_name = "SERIAL")]
        serials: Vec<String>,
        /// It has none any more
        #[arg(long, conflicts_with = "serials")]
        none: bool,
    },
    /// Forget an identity and its key
    #[command(after_help = "Example:  daypass identity remove work     (AWS keeps the key)")]
    Remove {
        /// Its name
        #[arg(add = complete::identities())]
        name: Name,
    },
}
