//! What can be typed, a file for each noun. No secret is ever an argument: arguments are public
//! (T17).

mod console;
mod identity;
mod log;
mod preferences;
mod role;
mod session;
mod setup;

use clap::{Parser, Subcommand};
use daypass_core::name::Name;

pub(crate) use self::{
    console::{Console, ConsoleOptions},
    identity::IdentityCommand,
    log::Log,
    preferences::{AccountCommand, Cleared, End, Renew, Settings, SettingsCommand},
    role::{RoleAdd, RoleCommand},
    session::{ContainerEndpoint, Credentials, Env, Exec, Export, Format, Publish},
    setup::{Import, Profiles, ShellName},
};
use crate::complete;

/// One MFA code in the morning, AWS all day.
#[derive(Parser)]
#[command(
    name = "daypass",
    version,
    arg_required_else_help = true,
    disable_help_subcommand = true,
    after_help = "Start:  daypass identity add work
        daypass role add prod --identity work --arn arn:aws:iam::111122223333:role/Admin
        daypass console prod
        daypass exec prod -- aws s3 ls

Exit codes: 0 done, 1 failed, 2 usage, 3 no agent, 4 a code is needed and nobody answered,
            5 AWS refused, 6 keychain locked or missing"
)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Show identities, roles and how long their sessions last
    #[command(after_help = "Examples:  daypass status
           daypass status --json | jq -r '.roles[].name'")]
    Status {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Add, list, remove or renew identities: the keys that permission starts from
    #[command(subcommand)]
    Identity(IdentityCommand),
    /// Start or renew an identity's MFA session; the code from the terminal, or a line on stdin
    #[command(after_help = "Examples:  daypass mfa work
           daypass mfa work --device backup
           oathtool --totp ... | daypass mfa work")]
    Mfa {
        /// The identity
        #[arg(add = complete::identities())]
        name: Name,
        /// The MFA device that shows the code, by its serial or by what follows mfa/ in it
        /// (default: the first, or with a code on standard input the last used)
        #[arg(long, value_name = "DEVICE")]
        device: Option<String>,
    },
    /// Add, list, mark or remove roles, or print the policies that one needs
    #[command(subcommand)]
    Role(RoleCommand),
    /// Get a new session for a role now, though the old one still works
    Renew(Renew),
    /// Drop a role's session; what runs with it keeps it until it ends
    End(End),
    /// Say what AWS accounts are called and how they are marked
    #[command(subcommand)]
    Account(AccountCommand),
    /// Show the settings, or change one in config.toml
    Settings(Settings),
    /// Print a role's credentials as SDKs ask for them (credential_process)
    Credentials(Credentials),
    /// Print a role's session as a shell's commands
    Env(Env),
    /// Run a command with a role's session
    Exec(Exec),
    /// Open the AWS console as a role
    Console(Console),
    /// Hand a role's session on: as JSON, as a profile, as a link
    Export(Export),
    /// Put a role's session into Secrets Manager
    Publish(Publish),
    /// Write a profile for every role to ~/.aws/config, where AWS's tools find it
    Profiles(Profiles),
    /// Take over keys and roles from ~/.aws, aws-vault, Granted and Leapp
    Import(Import),
    /// Allow the .daypass.toml of this folder that somebody else has written
    #[command(after_help = "A .daypass.toml holds at most these two:
  role = \"prod\"
  region = \"eu-west-1\"")]
    Allow,
    /// Print a shell's completions, which know the names of roles
    #[command(
        after_help = "Examples:  echo 'source <(daypass completions bash)' >> ~/.bashrc
           echo 'source <(daypass completions zsh)' >> ~/.zshrc
           daypass completions fish > ~/.config/fish/completions/daypass.fish
           daypass completions powershell >> $PROFILE"
    )]
    Completions {
        /// The shell
        #[arg(value_enum)]
        shell: ShellName,
    },
    /// Show what happened: who got which session, which codes were asked for, which links were made
    Log(Log),
    /// Look whether everything that Daypass needs is as it should be, and say what to do
    #[command(after_help = "Examples:  daypass doctor
           daypass doctor --json > report.json

The report holds no secret, no account and no user's name, and can be pasted into a bug report.
Exit codes: 0 nothing is broken, 1 something is, 3 Daypass is not running")]
    Doctor {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Drop all sessions, and give none until somebody unlocks
    Lock,
    /// Give sessions again; only on a terminal, because it is a person's word
    Unlock,
    /// End Daypass; its sessions are kept, sealed, for the next start
    Quit,
    /// Write the man pages into a folder
    #[command(hide = true)]
    Man {
        /// The folder, which must be there
        #[arg(long, value_name = "DIR")]
        to: std::path::PathBuf,
    },
    /// The process behind `daypass exec --server`
    #[command(name = "__container-endpoint", hide = true)]
    ContainerEndpoint(ContainerEndpoint),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
    }

    /// Whoever reads `--help` sees how it is typed.
    #[test]
    fn every_command_teaches_by_example() {
        fn check(command: &clap::Command, path: &str) {
            let path = format!("{path} {}", command.get_name());
            if command.has_subcommands() {
                for below in command
                    .get_subcommands()
                    .filter(|below| !below.is_hide_set())
                {
                    check(below, &path);
                }
                return;
            }
            let plain = !command
                .get_arguments()
                .any(|argument| !argument.is_global_set());
            let taught = command.get_after_help().is_some();
            assert!(taught || plain, "{path} has no example");
        }
        check(&Args::command(), "");
    }
}
