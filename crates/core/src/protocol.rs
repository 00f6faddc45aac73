//! What travels over the agent's socket: requests, their answers, and the stream of state.
//!
//! Frames are in [`crate::frame`]. Enums are tagged from outside so that serde reads secrets in
//! place instead of through a buffer of its own.

use serde::{Deserialize, Serialize};

use crate::{
    Instant,
    config::{Identity, Role},
    name::Name,
    problem::Problem,
    secret::{Secret, SessionCredentials, wire},
    view::StateView,
};

/// The version of the protocol. Agent and clients of neighbouring versions understand each other
/// (R22).
pub const VERSION: u16 = 1;

/// The first and only frame of a request.
#[derive(Serialize, Deserialize)]
pub struct Envelope {
    /// The sender's [`VERSION`].
    pub version: u16,
    /// What is asked.
    pub request: Request,
}

/// What a client can ask for.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Request {
    /// The state, once.
    Status,
    /// The state, now and after every change, until the connection ends.
    Subscribe {
        /// Whether the subscriber is the popup, which is told when to show itself.
        popup: bool,
    },
    /// Takes a long-lived key into the keychain, or names an ambient identity.
    AddIdentity(NewIdentity),
    /// Forgets an identity, its key and its sessions.
    RemoveIdentity {
        /// Its name.
        name: Name,
    },
    /// Adds a role, or replaces the one of that name.
    AddRole(Role),
    /// Forgets a role and its session.
    RemoveRole {
        /// Its name.
        name: Name,
    },
    /// Shows the code field for an identity's MFA session.
    AskForCode {
        /// The identity.
        identity: Name,
    },
    /// Sends a code to AWS.
    SubmitCode {
        /// The identity.
        identity: Name,
        /// What the code is for; what the code field on screen is for when absent.
        #[serde(default)]
        wish: Option<Wish>,
        /// The code as typed.
        #[serde(with = "wire")]
        code: Secret,
    },
    /// Gives up the code that is being asked for; whoever waits for it is told.
    DismissPrompt,
    /// Credentials of a role session for a program.
    Credentials {
        /// The role.
        role: Name,
    },
    /// Opens the console as a role in the browser.
    OpenConsole(Console),
    /// A sign-in link to the console as a role.
    ConsoleUrl(Console),
    /// Shows the popup.
    OpenWindow,
    /// Takes a notice away.
    DismissNotice {
        /// Its id.
        id: u64,
    },
    /// Asks the keychain again, which lets it show its own prompt.
    UnlockVault,
    /// Ends the agent.
    Quit,
}

impl Request {
    /// The request's name, all that a log may say of it (T18).
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Subscribe { .. } => "subscribe",
            Self::AddIdentity(_) => "add_identity",
            Self::RemoveIdentity { .. } => "remove_identity",
            Self::AddRole(_) => "add_role",
            Self::RemoveRole { .. } => "remove_role",
            Self::AskForCode { .. } => "ask_for_code",
            Self::SubmitCode { .. } => "submit_code",
            Self::DismissPrompt => "dismiss_prompt",
            Self::Credentials { .. } => "credentials",
            Self::OpenConsole(_) => "open_console",
            Self::ConsoleUrl(_) => "console_url",
            Self::OpenWindow => "open_window",
            Self::DismissNotice { .. } => "dismiss_notice",
            Self::UnlockVault => "unlock_vault",
            Self::Quit => "quit",
        }
    }
}

/// What a code is wanted for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wish {
    /// An MFA session, shared by all daily roles of the identity.
    MfaSession,
    /// A long session of this role.
    Role(Name),
}

/// An identity on its way into the keychain.
#[derive(Serialize, Deserialize)]
pub struct NewIdentity {
    /// Its entry in the config file.
    pub identity: Identity,
    /// Its key; nothing for an ambient identity.
    pub key: Option<NewKey>,
}

/// A long-lived key as a person gave it.
#[derive(Serialize, Deserialize)]
pub struct NewKey {
    /// `AKIA…`.
    pub access_key_id: String,
    /// Its secret.
    #[serde(with = "wire")]
    pub secret_access_key: Secret,
    /// Serials of MFA devices; none for a user without.
    #[serde(default)]
    pub mfa_serials: Vec<String>,
}

/// Which console to open, and where.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Console {
    /// The role.
    pub role: Name,
    /// In place of the role's own destination.
    pub destination: Option<String>,
    /// In place of the role's own region.
    pub region: Option<String>,
}

/// The answer to a request.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Response {
    /// It is done.
    Done,
    /// The state.
    State(Box<StateView>),
    /// An MFA session works until then.
    MfaSession {
        /// Its end.
        expires_at: Instant,
    },
    /// Credentials for a program.
    Credentials(WireCredentials),
    /// A sign-in link.
    ConsoleUrl {
        /// A bearer secret for 15 minutes.
        #[serde(with = "wire")]
        url: Secret,
    },
    /// A code is needed, and this agent has no screen to ask on: ask on a terminal, submit it, and
    /// request again.
    CodeNeeded {
        /// Whose device.
        identity: Name,
        /// What a person calls the device.
        device: String,
        /// What the code is for.
        wish: Wish,
    },
    /// It did not work.
    Failed(Problem),
}

/// What a subscriber is told.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// The state changed.
    State(Box<StateView>),
    /// Only to the popup: come to the front.
    Show(Show),
}

/// What the popup comes to the front with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Show {
    /// The list of roles.
    Roles,
    /// The code field.
    Code,
}

/// Temporary credentials on the wire.
#[derive(Serialize, Deserialize)]
pub struct WireCredentials {
    /// `ASIA…`.
    pub access_key_id: String,
    /// Their secret.
    #[serde(with = "wire")]
    pub secret_access_key: Secret,
    /// The session token.
    #[serde(with = "wire")]
    pub session_token: Secret,
    /// Their end.
    pub expires_at: Instant,
    /// The twelve digits of the role's account.
    pub account: String,
}

impl WireCredentials {
    /// Puts a role session on the wire.
    pub fn new(credentials: &SessionCredentials, account: &str) -> Self {
        Self {
            access_key_id: credentials.access_key_id.clone(),
            secret_access_key: credentials.secret_access_key.clone(),
            session_token: credentials.session_token.clone(),
            expires_at: credentials.expires_at,
            account: account.to_owned(),
        }
    }
}
