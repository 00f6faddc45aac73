//! The agent's ports to the world. Each has one real implementation and one fake that records
//! calls.

use daypass_core::{
    Instant,
    arn::MfaSerial,
    config::Settings,
    duration::Duration,
    field::{AccessKeyId, SessionName},
    language::Language,
    menu::{Choice, Tray},
    name::Name,
    partition::Partition,
    problem::{Code, Problem},
    role::Role,
    schedule::Setback,
    secret::{AccessKey, Secret, SessionCredentials, TokenCode},
    session::{Origin, SessionKey},
};
use daypass_shared_files::import::ForeignKey;
use futures_util::future::BoxFuture;
use url::Url;

use crate::seal::{NoRandom, SealingKey};

/// Where long-lived keys are kept. Calls block, one at a time, on a thread of their own
/// ([`crate::vault::VaultThread`]).
pub trait Vault: Send + Sync {
    /// Whether it would answer, without asking a person for anything.
    ///
    /// # Errors
    /// See [`VaultError`].
    fn probe(&self) -> Result<(), VaultError>;
    /// The key of an identity, or nothing when there is none of that name.
    ///
    /// # Errors
    /// See [`VaultError`].
    fn read(&self, identity: &Name) -> Result<Option<VaultItem>, VaultError>;
    /// Stores a key under an identity's name, in place of what was there.
    ///
    /// # Errors
    /// See [`VaultError`].
    fn write(&self, identity: &Name, item: &VaultItem) -> Result<(), VaultError>;
    /// Forgets a key. Nothing there is fine.
    ///
    /// # Errors
    /// See [`VaultError`].
    fn delete(&self, identity: &Name) -> Result<(), VaultError>;
    /// Keys that other programs of this user keep in the same place; none where there is no such
    /// place.
    ///
    /// # Errors
    /// See [`VaultError`].
    fn foreign_keys(&self) -> Result<Vec<ForeignKey>, VaultError>;
    /// The key that sessions on disk are sealed with; made and stored when there is none yet.
    ///
    /// # Errors
    /// See [`VaultError`].
    fn data_key(&self) -> Result<SealingKey, VaultError>;
}

/// What the vault keeps of an identity.
#[derive(Clone)]
pub struct VaultItem {
    /// The long-lived key.
    pub key: AccessKey,
    /// Its user's MFA devices.
    pub mfa_serials: Vec<MfaSerial>,
    /// The user's ARN as AWS told it when the key was added.
    pub user_arn: String,
    /// When the key was made, once IAM has told.
    pub created_at: Option<Instant>,
    /// How far the replacement of the key has come, if one is under way or was interrupted.
    pub rotation: Option<Rotation>,
}

/// The other key of a rotation. It is kept until AWS has deleted the old one, so that at every
/// step a usable key is in the vault (T24).
#[derive(Clone)]
pub enum Rotation {
    /// The new key exists, and was not yet seen to work.
    Created(AccessKey),
    /// The new key is in use; this old one is to be deleted.
    Replaced(AccessKey),
}

/// Why the vault did not answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VaultError {
    /// It is locked, and its own prompt was cancelled or not answered in time.
    Locked,
    /// There is none on this machine.
    Missing,
    /// It answered with something else.
    Failed(String),
}

impl From<NoRandom> for VaultError {
    fn from(_: NoRandom) -> Self {
        Self::Failed("the system gives no random numbers".to_owned())
    }
}

impl From<VaultError> for Problem {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::Locked => Self::yours(
                Code::Keychain,
                "The keychain is locked.",
                "Unlock it where your desktop asks for its password, then try again.",
            ),
            VaultError::Missing => Self::yours(
                Code::Keychain,
                "There is no keychain on this machine.",
                VAULT_MISSING_TODO,
            ),
            VaultError::Failed(why) => Self::yours(
                Code::Keychain,
                format!("The keychain did not answer as it should: {why}."),
                "Check that it works for other programs, then try again.",
            ),
        }
    }
}

/// What to do on a machine without a keychain.
pub const VAULT_MISSING_TODO: &str = "Start your desktop's keychain (on Linux one with the Secret Service, such as gnome-keyring), or run `daypass-agent --vault file`.";

/// AWS STS.
pub trait Sts: Send + Sync {
    /// Asks for an MFA session.
    fn get_session_token(
        &self,
        key: AccessKey,
        mfa: Mfa,
        duration: Duration,
        partition: Partition,
    ) -> BoxFuture<'static, Result<SessionCredentials, AwsError>>;
    /// Asks for a role session, or for a federated user's.
    fn assume_role(
        &self,
        source: Source,
        request: AssumeRole,
    ) -> BoxFuture<'static, Result<Assumed, AwsError>>;
    /// Asks whose key this is; the only call that no policy can forbid.
    fn get_caller_identity(
        &self,
        key: AccessKey,
        partition: Partition,
    ) -> BoxFuture<'static, Result<String, AwsError>>;
    /// Asks for nothing but the time, unsigned; the [`crate::clock::Clock`] hears the answer.
    fn ask_time(&self, partition: Partition) -> BoxFuture<'static, Result<(), AwsError>>;
}

/// A device and what it shows.
#[derive(Clone)]
pub struct Mfa {
    /// The device.
    pub serial: MfaSerial,
    /// The code.
    pub code: TokenCode,
}

/// What a role is assumed with.
#[derive(Clone)]
pub enum Source {
    /// The long-lived key.
    Key(AccessKey, Option<Mfa>),
    /// An MFA session.
    Session(SessionCredentials),
    /// What the SDK's default chain yields, or a named profile of it.
    Ambient(Option<String>),
}

/// The parameters of AssumeRole and GetFederationToken, all checked.
#[derive(Clone)]
pub struct AssumeRole {
    /// The role as configured, or as narrowed for reading.
    pub role: Role,
    /// The session's name.
    pub session_name: SessionName,
}

/// A role session as STS gave it.
#[derive(Clone)]
pub struct Assumed {
    /// The credentials.
    pub credentials: SessionCredentials,
    /// What they were made from.
    pub origin: Origin,
}

/// Why AWS refused: a problem in words, and what the controller branches on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwsError {
    /// What the controller branches on.
    pub cause: AwsCause,
    /// In words.
    pub problem: Problem,
    /// How long AWS wants to be left alone, where it says so.
    pub retry_after: Option<std::time::Duration>,
}

impl AwsError {
    /// An error without a wish for when to come back.
    pub const fn new(cause: AwsCause, problem: Problem) -> Self {
        Self {
            cause,
            problem,
            retry_after: None,
        }
    }

    /// What kind of setback it is, where a second try may mend it.
    pub const fn setback(&self) -> Option<Setback> {
        match self.cause {
            AwsCause::Throttled => Some(Setback::Throttled),
            // The answer has told the time by which the next try is dated.
            AwsCause::Passing | AwsCause::AnswerLost | AwsCause::WrongTime => {
                Some(Setback::Passing)
            }
            AwsCause::WrongCode
            | AwsCause::Denied
            | AwsCause::TooLong
            | AwsCause::Refused
            | AwsCause::SessionEnded => None,
        }
    }
}

/// The causes that lead somewhere else than to a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AwsCause {
    /// The code was wrong or used; the person may type another.
    WrongCode,
    /// Nobody knows whether AWS took the code: its answer did not arrive. It must not be sent
    /// again (P4).
    AnswerLost,
    /// It passes: network, a fault at AWS.
    Passing,
    /// It passes: AWS got more requests than it wants.
    Throttled,
    /// The request was dated wrongly: this computer's clock is off. AWS did not look at anything
    /// else.
    WrongTime,
    /// A policy forbids it, which may be for want of a recent code (AWS_RULES 3.3).
    Denied,
    /// The role allows no session that long.
    TooLong,
    /// AWS no longer takes the session that the request was made with.
    SessionEnded,
    /// Everything that no second try mends.
    Refused,
}

/// A user's own access keys in IAM.
pub trait Iam: Send + Sync {
    /// The user's keys.
    fn list_access_keys(
        &self,
        source: Source,
        partition: Partition,
    ) -> BoxFuture<'static, Result<Vec<KeyFacts>, AwsError>>;
    /// Makes a second key.
    fn create_access_key(
        &self,
        source: Source,
        partition: Partition,
    ) -> BoxFuture<'static, Result<(AccessKey, Option<Instant>), AwsError>>;
    /// Stops AWS from taking a key.
    fn deactivate_access_key(
        &self,
        source: Source,
        partition: Partition,
        id: AccessKeyId,
    ) -> BoxFuture<'static, Result<(), AwsError>>;
    /// Deletes a key. One that is not there is fine.
    fn delete_access_key(
        &self,
        source: Source,
        partition: Partition,
        id: AccessKeyId,
    ) -> BoxFuture<'static, Result<(), AwsError>>;
}

/// What IAM tells of an access key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFacts {
    /// Its id.
    pub id: String,
    /// When it was made.
    pub created_at: Option<Instant>,
}

/// AWS Secrets Manager.
pub trait Secrets: Send + Sync {
    /// Puts a new version into a secret and yields the version's id.
    fn put_secret_value(
        &self,
        credentials: SessionCredentials,
        put: PutSecret,
    ) -> BoxFuture<'static, Result<String, AwsError>>;
}

/// A new version of a secret.
#[derive(Clone)]
pub struct PutSecret {
    /// Name or ARN.
    pub secret_id: String,
    /// The endpoint's region.
    pub region: String,
    /// The new value.
    pub value: Secret,
    /// Whether to make the secret where it isn't there.
    pub create: bool,
}

/// The sign-in endpoint.
pub trait SignIn: Send + Sync {
    /// Exchanges role credentials, in a form body, for a sign-in token.
    fn signin_token(
        &self,
        federation: Url,
        form: Secret,
    ) -> BoxFuture<'static, Result<Secret, SignInError>>;
}

/// Why there is no sign-in token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignInError {
    /// HTTP 400: AWS does not say why; a `SessionDuration` is the usual reason (AWS_RULES 3.5).
    BadRequest,
    /// Anything else, in words.
    Problem(Problem),
}

/// What the agent needs from a screen.
pub trait Desktop: Send {
    /// Draws icon and menu.
    fn show_tray(&mut self, tray: Tray);
    /// Shows a notification, in place of an older one about the same.
    fn notify(&mut self, notification: Notification);
    /// Takes a notification back that has lost its reason. None there is fine.
    fn withdraw(&mut self, about: &Topic);
    /// Whether there is a screen at all.
    fn has_screen(&self) -> bool {
        true
    }
    /// What tray and notifications speak, by the language that the settings name. A log is in
    /// English.
    fn language(&self, _chosen: Option<&str>) -> Language {
        Language::default()
    }
    /// Starts the popup's process; false where there is no screen.
    fn open_popup(&mut self) -> bool;
    /// Opens an address in the browser that the desktop prefers. Never one with a secret in it: it becomes a process
    /// argument (T13).
    ///
    /// # Errors
    /// When there is no browser to open it with.
    fn open_browser(&mut self, url: &str) -> Result<(), Problem>;
    /// Starts a program that outlives Daypass, as if the person had started it. Never with a secret
    /// among its arguments.
    ///
    /// # Errors
    /// When it cannot be started.
    fn start(&mut self, command: &[String]) -> Result<(), Problem>;
    /// Goes by those of the settings that are a desktop's: at the start, and when they have changed.
    fn apply(&mut self, settings: &Settings);
    /// Puts a secret on the clipboard, and takes it off again after so many seconds unless
    /// something else is there by then (T16).
    ///
    /// # Errors
    /// When there is no clipboard.
    fn copy(&mut self, secret: Secret, seconds: u16) -> Result<(), Problem>;
    /// Takes what was copied off the clipboard now, unless something else is there.
    fn clear_clipboard(&mut self);
}

/// A notification. Never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// What it is about.
    pub about: Topic,
    /// One line.
    pub title: String,
    /// One or two sentences.
    pub body: String,
    /// Buttons, and what they do. The first is also what a click on the notification does.
    pub actions: Vec<(String, Choice)>,
    /// What is added to the body where buttons cannot be shown.
    pub without_buttons: String,
}

/// What a notification is about. There is one notification about each at a time.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Topic {
    /// An identity's MFA session.
    MfaSession(Name),
    /// A role's long session.
    RoleSession(SessionKey),
    /// A sign-in link that was asked for twice.
    Link,
}

/// The network on the way to AWS, looked at for its own sake.
pub trait Network: Send + Sync {
    /// Asks an endpoint something that needs no key.
    fn reach(&self, endpoint: Endpoint) -> BoxFuture<'static, Reached>;
    /// Connects to the proxy that is set; nothing where none is.
    fn reach_proxy(&self) -> BoxFuture<'static, Option<Reached>>;
    /// Looks whether the next start could go by these settings.
    ///
    /// # Errors
    /// When the proxy's address or the certificates cannot be used.
    fn check(&self, settings: &Settings) -> Result<(), Problem>;
}

/// An endpoint of AWS's.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Endpoint {
    /// Whose it is.
    pub service: Service,
    /// Its region.
    pub region: String,
}

/// The services that Daypass uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Service {
    /// AWS STS.
    Sts,
    /// The sign-in endpoint.
    SignIn,
    /// AWS IAM.
    Iam,
    /// AWS Secrets Manager.
    SecretsManager,
}

/// How far a request came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reached {
    /// Scheme, host and port that were asked.
    pub address: String,
    /// What came back.
    pub reach: Reach,
}

/// What came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// What was expected there.
    Answer,
    /// An answer that is not AWS's.
    Stranger,
    /// Nobody knows the host's name.
    NoSuchName,
    /// The host, or something on the way, refuses connections.
    Refused,
    /// Nothing, for as long as one waits.
    Silence,
    /// A certificate that is not trusted.
    Untrusted,
    /// The proxy does not connect.
    ProxyRefused,
    /// The connection broke.
    Broken,
    /// There is no such endpoint.
    Nowhere,
}
