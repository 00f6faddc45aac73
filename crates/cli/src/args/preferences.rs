use clap::{
    Args, Subcommand, ValueEnum,
    builder::{PossibleValuesParser, TypedValueParser},
};
use daypass_core::{account::Colour, browser::Browser, field::AccountId, name::Name};

use crate::complete;

#[derive(Subcommand)]
pub(crate) enum AccountCommand {
    /// Say what an account is called and how it is marked; what is not named stays
    #[command(
        after_help = "Examples:  daypass account set 111122223333 --name Shop --colour red --production
           daypass account set 111122223333 --browser firefox,container=Shop
           daypass account set 111122223333 --production=false --clear colour,browser"
    )]
    Set {
        /// Its twelve digits
        id: AccountId,
        /// What people call it
        #[arg(long)]
        name: Option<String>,
        /// How it is marked
        #[arg(long, value_parser = colour())]
        colour: Option<Colour>,
        /// Whether a mistake there is felt by others
        #[arg(long, value_name = "true|false", num_args = 0..=1, require_equals = true,
              default_missing_value = "true")]
        production: Option<bool>,
        /// Where its consoles open: PROGRAM, with ,profile=NAME or ,container=NAME; or system
        #[arg(long)]
        browser: Option<Browser>,
        /// What is no longer said of it
        #[arg(long, value_enum, value_delimiter = ',')]
        clear: Vec<Cleared>,
    },
    /// List the accounts that something is said about
    #[command(after_help = "Example:  daypass account list --json")]
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Forget what is said about an account
    #[command(after_help = "Example:  daypass account remove 111122223333")]
    Remove {
        /// Its twelve digits
        id: AccountId,
    },
}

/// What can be taken back of what is said about an account.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Cleared {
    Name,
    Colour,
    Browser,
}

/// One of those that the popup has a name and shades for.
fn colour() -> impl TypedValueParser<Value = Colour> {
    PossibleValuesParser::new(Colour::ALL.map(Colour::name)).try_map(|name| {
        let mut colours = Colour::ALL.into_iter();
        colours
            .find(|colour| colour.name() == name)
            .ok_or("is no colour")
    })
}

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Settings {
    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Option<SettingsCommand>,
}

#[derive(Subcommand)]
pub(crate) enum SettingsCommand {
    /// Set a setting, or an endpoint by endpoints.NAME
    #[command(after_help = "Examples:  daypass settings set warn_minutes 20
           daypass settings set browser firefox,profile=work
           daypass settings set endpoints.sts https://sts.example.com")]
    Set {
        /// The setting
        #[arg(add = complete::settings())]
        key: String,
        /// Its value, or - to read it from standard input
        #[arg(allow_hyphen_values = true)]
        value: String,
    },
    /// Take a setting back to its default
    #[command(after_help = "Example:  daypass settings unset issuer")]
    Unset {
        /// The setting
        #[arg(add = complete::settings())]
        key: String,
    },
}

#[derive(Args)]
#[command(after_help = "Example:  daypass renew prod")]
pub(crate) struct Renew {
    /// The role (default: the one in .daypass.toml)
    #[arg(add = complete::roles())]
    pub(crate) role: Option<Name>,
}

#[derive(Args)]
#[command(after_help = "Example:  daypass end prod")]
pub(crate) struct End {
    /// The role (default: the one in .daypass.toml)
    #[arg(add = complete::roles())]
    pub(crate) role: Option<Name>,
}
