//! What travels over the agent's socket: requests, their answers, and the stream of state.
//!
//! Frames are in [`crate::frame`]. Enums are tagged from outside so that serde reads secrets in
//! place instead of through a buffer of its own.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    Instant,
    account::Account,
    arn::MfaSerial,
    browser::Browser,
    config::Identity,
    duration::Duration,
    field::Region,
    finding::Finding,
    import::{ImportChoice, ImportFrom, ImportPlan, ImportReport},
    journal,
    name::Name,
    policy::Documents,
    problem::{Code, Problem},
    role::Role,
    secret::{Secret, SessionCredentials, wire},
    session::SessionKey,
    shell::Shell,
    view::{BrowserView, StateView},
};

/// The version of the protocol. Each release that changes it has the next one. Agent and clients
/// of neighbouring versions understand each other (R22): what is added to a message can be absent,
/// and what a request is answered with does not change.
pub const VERSION: u16 = 1;

/// The first and only frame of a request.
#[derive(Serialize, Deserialize)]
pub struct Envelope {
    /// The sender's [`VERSION`].
    pub version: u16,
    /// What is asked.
    pub request: Request,
}

impl Envelope {
    /// What is asked, if sender and reader mean the same by it.
    ///
    /// # Errors
    /// When their versions are no neighbours, in words for the sender.
    pub fn open(self) -> Result<Request, Problem> {
        // To quit is the way out, so it works for everybody.
        if self.version.abs_diff(VERSION) <= 1 || matches!(self.request, Request::Quit) {
            return Ok(self.request);
        }
        Err(Greeting {
            version: self.version,
        }
        .not_understood())
    }
}

/// What is left of an [`Envelope`] whose request is not understood.
#[derive(Serialize, Deserialize)]
pub struct Greeting {
    /// The sender's [`VERSION`].
    pub version: u16,
}

impl Greeting {
    /// The agent's words for such a sender.
    pub fn not_understood(&self) -> Problem {
        let (what, todo) = match self.version.cmp(&VERSION) {
            std::cmp::Ordering::Greater => (
                "The running Daypass is older than the program that asks.",
                "Quit Daypass and start it again, so that both are of one version.",
            ),
            std::cmp::Ordering::Less => (
                "The running Daypass is newer than the program that asks.",
                "Use the `daypass` that was installed with it, or quit Daypass and start it again.",
            ),
            std::cmp::Ordering::Equal => (
                "The running Daypass does not understand the program that asks.",
                "Quit Daypass and start it again, so that both are of one version.",
            ),
        };
        Problem::yours(Code::Failed, what, todo)
    }
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
    /// Adds a role, or replaces the one of that name; whoever asks for it makes sure that this is
    /// meant.
    AddRole(Box<Role>),
    /// How a role is configured, and what AWS must allow for it.
    DescribeRole {
        /// Its name.
        name: Name,
        /// The ARN of who assumes it; the user or role that does so here when absent.
        #[serde(default)]
        principal: Option<String>,
    },
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
        /// The device that shows it; the identity's first when absent.
        #[serde(default)]
        serial: Option<String>,
        /// The code as typed.
        #[serde(with = "wire")]
        code: Secret,
    },
    /// Gives up the code that is being asked for; whoever waits for it is told.
    DismissPrompt,
    /// Credentials of a role session for a program.
    Credentials {
        /// The session.
        session: SessionKey,
        /// Who can ask a person for a code.
        #[serde(default)]
        asking: Asking,
    },
    /// Opens the console as a role in the browser.
    OpenConsole(Console),
    /// A sign-in link to the console as a role.
    ConsoleUrl {
        /// Which console.
        console: Console,
        /// Who can ask a person for a code.
        #[serde(default)]
        asking: Asking,
    },
    /// Puts a sign-in link on the clipboard.
    CopyLink(Console),
    /// Puts a session on the clipboard, as a shell's commands.
    CopyEnvironment {
        /// The session.
        session: SessionKey,
        /// For which shell.
        shell: Shell,
    },
    /// Writes a session into AWS's shared credentials file, as a person asked for.
    WriteProfile {
        /// The role.
        role: Name,
        /// The profile; the role's name when absent.
        #[serde(default)]
        profile: Option<String>,
    },
    /// Puts the lines of a profile for AWS's config file on the clipboard.
    CopyProfile {
        /// The role.
        role: Name,
    },
    /// Opens a terminal with a role's session.
    OpenTerminal {
        /// The role.
        role: Name,
    },
    /// Gets a new session for a role now.
    RenewSession {
        /// The role.
        role: Name,
        /// Who can ask a person for a code.
        #[serde(default)]
        asking: Asking,
    },
    /// Drops a role's session. What runs with it keeps it until it ends.
    EndSession {
        /// The role.
        role: Name,
    },
    /// Puts a role among the favourites, or takes it from there.
    Favourite {
        /// The role.
        role: Name,
        /// Whether it is one.
        on: bool,
    },
    /// Renews a role's session although nobody asks for it, or no longer.
    Pin {
        /// The role.
        role: Name,
        /// Whether it is.
        on: bool,
    },
    /// Says where a role's console opens.
    OpenRoleIn {
        /// The role.
        role: Name,
        /// Where; where its account's consoles do when absent.
        #[serde(default)]
        browser: Option<Browser>,
    },
    /// Says what a person says about an account, in place of all that was said. An account of which
    /// nothing is said is forgotten.
    SetAccount(Account),
    /// The browsers of this computer.
    Browsers,
    /// Sets settings by their keys; one without a value gets its default.
    ChangeSettings(Changes),
    /// Sets endpoints by their names; one without an address is AWS's own.
    ChangeEndpoints(Changes),
    /// Puts a session into Secrets Manager.
    Publish {
        /// Which, and where.
        publish: Publish,
        /// Who can ask a person for a code.
        #[serde(default)]
        asking: Asking,
    },
    /// No longer publishes at each renewal. What was published stays until it expires.
    StopPublishing {
        /// The role.
        role: Name,
        /// The secret.
        secret_id: String,
    },
    /// Replaces an identity's access key by a new one.
    RotateKey {
        /// The identity.
        identity: Name,
        /// Who can ask a person for a code.
        #[serde(default)]
        asking: Asking,
    },
    /// Says which MFA devices an identity's user has, in place of those that were said before.
    SetDevices {
        /// The identity.
        identity: Name,
        /// Their serials, the one that is asked for first.
        serials: Vec<String>,
    },
    /// Looks at what other programs have set up, and changes nothing.
    PlanImport(ImportFrom),
    /// Takes it over.
    Import(ImportChoice),
    /// Takes keys that are safe in the keychain out of the files they lie in.
    RemovePlainKeys {
        /// The files.
        from: ImportFrom,
        /// Whose keys.
        identities: Vec<Name>,
    },
    /// Puts back what [`Self::RemovePlainKeys`] took out.
    RestorePlainKeys,
    /// What happened, the newest first.
    Journal(journal::Query),
    /// Writes what happened into a new file in the user's folder for downloads.
    ExportJournal(journal::Filter),
    /// Shows the popup.
    OpenWindow,
    /// Takes a notice away.
    DismissNotice {
        /// Its id.
        id: u64,
    },
    /// Asks the keychain again, which lets it show its own prompt.
    UnlockVault,
    /// Looks whether everything that Daypass needs is as it should be.
    Examine,
    /// Drops all sessions, and gives none until a person unlocks.
    Lock,
    /// Gives sessions again, and asks the keychain again.
    Unlock,
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
            Self::DescribeRole { .. } => "describe_role",
            Self::RemoveRole { .. } => "remove_role",
            Self::AskForCode { .. } => "ask_for_code",
            Self::SubmitCode { .. } => "submit_code",
            Self::DismissPrompt => "dismiss_prompt",
            Self::Credentials { .. } => "credentials",
            Self::OpenConsole(_) => "open_console",
            Self::ConsoleUrl { .. } => "console_url",
            Self::CopyLink(_) => "copy_link",
            Self::CopyEnvironment { .. } => "copy_environment",
            Self::WriteProfile { .. } => "write_profile",
            Self::CopyProfile { .. } => "copy_profile",
            Self::OpenTerminal { .. } => "open_terminal",
            Self::RenewSession { .. } => "renew_session",
            Self::EndSession { .. } => "end_session",
            Self::Favourite { .. } => "favourite",
            Self::Pin { .. } => "pin",
            Self::OpenRoleIn { .. } => "open_role_in",
            Self::SetAccount(_) => "set_account",
            Self::Browsers => "browsers",
            Self::ChangeSettings(_) => "change_settings",
            Self::ChangeEndpoints(_) => "change_endpoints",
            Self::Publish { .. } => "publish",
            Self::StopPublishing { .. } => "stop_publishing",
            Self::RotateKey { .. } => "rotate_key",
            Self::SetDevices { .. } => "set_devices",
            Self::PlanImport(_) => "plan_import",
            Self::Import(_) => "import",
            Self::RemovePlainKeys { .. } => "remove_plain_keys",
            Self::RestorePlainKeys => "restore_plain_keys",
            Self::Journal(_) => "journal",
            Self::ExportJournal(_) => "export_journal",
            Self::OpenWindow => "open_window",
            Self::DismissNotice { .. } => "dismiss_notice",
            Self::UnlockVault => "unlock_vault",
            Self::Examine => "examine",
            Self::Lock => "lock",
            Self::Unlock => "unlock",
            Self::Quit => "quit",
        }
    }
}

/// Keys and their new values; none is what a key without one means.
pub type Changes = BTreeMap<String, Option<serde_json::Value>>;

/// What a code is wanted for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wish {
    /// An MFA session, shared by all daily roles of the identity.
    MfaSession,
    /// A long session.
    Role(SessionKey),
}

/// Who can ask a person for a code, if one is needed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asking {
    /// The popup. Where there is no screen the answer is [`Response::CodeNeeded`].
    #[default]
    Popup,
    /// The popup and the caller, who has a terminal and is answered [`Response::CodeNeeded`].
    Terminal,
    /// Somebody is being asked already: the caller waits for that.
    Waiting,
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Console {
    /// The role.
    pub role: Name,
    /// Whether the console may read and nothing else.
    #[serde(default)]
    pub read_only: bool,
    /// In place of the role's own destination.
    #[serde(default)]
    pub destination: Option<String>,
    /// In place of the role's own region.
    #[serde(default)]
    pub region: Option<Region>,
    /// In place of the setting: where AWS sends people when the console session has ended.
    #[serde(default)]
    pub issuer: Option<String>,
    /// In place of the role's own console duration, where AWS lets us choose it.
    #[serde(default)]
    pub duration: Option<Duration>,
    /// Whether the browser signs out of the console first, which ends what is open there
    /// (AWS_RULES 3.5). Only for the browser of this desktop.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sign_out: bool,
}

impl Console {
    /// A role's console as it is configured.
    pub const fn of(role: Name) -> Self {
        Self {
            role,
            read_only: false,
            destination: None,
            region: None,
            issuer: None,
            duration: None,
            sign_out: false,
        }
    }

    /// The session that it is opened with.
    pub fn session(&self) -> SessionKey {
        SessionKey {
            role: self.role.clone(),
            read_only: self.read_only,
        }
    }
}

/// A session's way into Secrets Manager.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publish {
    /// The role whose session is published.
    pub role: Name,
    /// Name or ARN of the secret.
    pub secret_id: String,
    /// The secret's region; that of its ARN, else the role's, when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
    /// The role whose session may write the secret; the published one when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub writer: Option<Name>,
    /// Whether to make the secret where it isn't there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub create: bool,
    /// Whether to publish again at each renewal.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub keep: bool,
}

impl Publish {
    /// Checks what AWS would refuse.
    ///
    /// # Errors
    /// When the secret's name or ARN is none (Secrets Manager API reference, CreateSecret).
    pub fn check(&self) -> Result<(), Problem> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"/_+=.@:-".contains(&byte);
        if (1..=512).contains(&self.secret_id.len()) && self.secret_id.bytes().all(allowed) {
            return Ok(());
        }
        Err(Problem::usage(
            "A secret's name has 1 to 512 letters, digits or any of /_+=.@- and no blanks.",
        ))
    }
}

/// The answer to a request.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Response {
    /// It is done.
    Done,
    /// The state.
    State(Box<StateView>),
    /// A role.
    Role {
        /// As it is configured.
        role: Box<Role>,
        /// What AWS must allow for it, or why that cannot be said.
        policies: Result<Box<Documents>, Problem>,
    },
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
    /// A session is in Secrets Manager.
    Published {
        /// The secret's new version.
        version_id: String,
        /// The session's end.
        expires_at: Instant,
    },
    /// An identity has a new key.
    KeyRotated {
        /// Its id.
        access_key_id: String,
    },
    /// What an import would take over.
    ImportPlan(Box<ImportPlan>),
    /// What an import took over.
    Imported(Box<ImportReport>),
    /// What happened.
    Journal(journal::Page),
    /// A file was changed.
    Written {
        /// Which.
        path: String,
        /// What the person should know besides.
        warnings: Vec<String>,
    },
    /// A code is needed. Ask on a terminal, submit it, and request again; where there is a screen,
    /// the popup asks for it at the same time.
    CodeNeeded {
        /// Whose device.
        identity: Name,
        /// The serials of the devices that can show it.
        devices: Vec<MfaSerial>,
        /// Whether the popup asks too.
        popup: bool,
        /// What the code is for.
        wish: Wish,
    },
    /// What an examination found.
    Examined(Vec<Finding>),
    /// The browsers of this computer.
    Browsers(Vec<BrowserView>),
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
    /// The list of roles; but where the window has the focus already, it is put away.
    Toggle,
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
