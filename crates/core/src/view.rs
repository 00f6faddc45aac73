//! What a person sees of the agent: one value, sent to every subscriber. Never holds a secret.

use serde::{Deserialize, Serialize};

use crate::{
    Instant, account::Account, browser::Browser, name::Name, problem::Problem, role::SessionKind,
    session::SessionKey, settings::Settings,
};

/// Everything that tray, popup and `daypass status` show.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StateView {
    /// The agent's clock when this was made: viewers count down from here and not from their own.
    pub now: Instant,
    /// The agent's version.
    pub version: String,
    /// The keychain's state.
    pub vault: VaultView,
    /// Whether sessions were dropped and none is given until a person unlocks.
    #[serde(default)]
    pub locked: bool,
    /// Where permission starts.
    pub identities: Vec<IdentityView>,
    /// What can be reached.
    pub roles: Vec<RoleView>,
    /// The code that is wanted now; at most one is shown at a time.
    pub prompt: Option<PromptView>,
    /// What failed and was not dismissed, newest first.
    pub notices: Vec<Notice>,
    /// Accounts that something is said about.
    #[serde(default)]
    pub accounts: Vec<Account>,
    /// The settings, as `config.toml` has them.
    #[serde(default)]
    pub settings: Settings,
    /// Where they are written.
    #[serde(default)]
    pub config_file: String,
    /// Keys of settings and endpoints whose new value is taken up only by the next start.
    #[serde(default)]
    pub restart_for: Vec<String>,
    /// Endpoints in place of AWS's own that are in force, shown for as long as they are.
    pub endpoints: Vec<EndpointView>,
    /// Those that `config.toml` has, in force from the next start on.
    #[serde(default)]
    pub configured_endpoints: Vec<EndpointView>,
    /// Why there is no tray icon, where there is none.
    pub tray_missing: Option<String>,
    /// By how many seconds this computer's clock is behind AWS's, where that is enough to trouble
    /// other programs; negative where it is ahead.
    #[serde(default)]
    pub clock_behind: Option<i64>,
}

/// The keychain's state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum VaultView {
    /// It answers.
    Ready,
    /// It waits for its own password, or did not answer in time.
    Locked,
    /// There is none.
    Missing {
        /// What to do about it.
        todo: String,
    },
}

/// An identity and its MFA session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IdentityView {
    /// Its name.
    pub name: Name,
    /// Whether the SDK's default chain yields it and nothing is stored.
    pub ambient: bool,
    /// The id of its access key, once the keychain has been read.
    pub access_key_id: Option<String>,
    /// Its user's ARN, likewise.
    pub user_arn: Option<String>,
    /// When its access key was made, once IAM has told.
    pub key_created_at: Option<Instant>,
    /// Whether its key is being replaced.
    pub rotating: bool,
    /// Serials of its MFA devices.
    pub mfa_serials: Vec<String>,
    /// The MFA session, or nothing for an identity without a device.
    pub mfa: Option<SessionView>,
}

/// A role and its session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RoleView {
    /// Its name.
    pub name: Name,
    /// The identity it is reached from, through however many roles in between.
    pub identity: Name,
    /// The role whose session assumes it, if it is chained.
    pub source: Option<Name>,
    /// Whether it is no role but an IAM user's federated self.
    pub federated: bool,
    /// Its ARN.
    pub arn: String,
    /// The twelve digits of its account.
    pub account: String,
    /// The last part of its ARN.
    pub role_name: String,
    /// Which of the two ways leads there.
    pub session_kind: SessionKind,
    /// Its region, if one is set.
    pub region: Option<String>,
    /// Its session.
    pub session: SessionView,
    /// Whether it can be opened read-only: not where it has a session policy of its own.
    pub can_read_only: bool,
    /// Secrets that get its session at each renewal.
    pub published: Vec<PublishedView>,
    /// Whether opening it now will ask for a code.
    pub needs_code: bool,
    /// Whether the console is being opened.
    pub opening: bool,
    /// Where its console opens; the home page when absent.
    #[serde(default)]
    pub destination: Option<String>,
    /// Whether a person wants it at the top.
    #[serde(default)]
    pub favourite: bool,
    /// Whether its session is renewed although nobody asks for it.
    #[serde(default)]
    pub pinned: bool,
    /// Where its console opens, if not where its account's do.
    #[serde(default)]
    pub browser: Option<Browser>,
    /// How often and how lately a person used it: more than another's is more. Zero is never.
    #[serde(default)]
    pub uses: f64,
    /// When a person last used it.
    #[serde(default)]
    pub last_used: Option<Instant>,
}

/// A browser of this computer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrowserView {
    /// The program, as a [`Browser`] names it.
    pub program: String,
    /// What people call it.
    pub name: String,
    /// Its profiles.
    #[serde(default)]
    pub profiles: Vec<BrowserProfile>,
    /// Its containers, where it is a Firefox.
    #[serde(default)]
    pub containers: Vec<String>,
}

/// A profile of a browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrowserProfile {
    /// The name of its folder, as a [`Browser`] names it.
    pub id: String,
    /// What people call it.
    pub name: String,
}

/// A session as a person sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionView {
    /// Where it stands.
    pub state: SessionState,
    /// When it began.
    pub started_at: Option<Instant>,
    /// When it ends or ended.
    pub expires_at: Option<Instant>,
}

/// Where a session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionState {
    /// There was none yet.
    None,
    /// A person has to type a code first.
    WaitingForCode,
    /// AWS is being asked.
    Getting,
    /// It works.
    Active,
    /// It works, and ends soon.
    Ending,
    /// It has ended.
    Ended,
    /// The last attempt failed; a notice says why.
    Failed,
}

/// The code that is wanted now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PromptView {
    /// For whose MFA device.
    pub identity: Name,
    /// The devices that can show it; the first is asked for unless a person chooses another.
    pub devices: Vec<DeviceView>,
    /// The program that waits for it, if one does.
    pub asked_by: Option<CallerView>,
    /// The one session that it is for; none where it is for an MFA session.
    #[serde(default)]
    pub session: Option<SessionKey>,
    /// What the code will be used for, as a phrase: "a session of 12h".
    pub purpose: String,
    /// Why the last code did not work.
    pub rejected: Option<Problem>,
    /// Whether a code is on its way to AWS.
    pub checking: bool,
}

/// An MFA device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceView {
    /// Its serial.
    pub serial: String,
    /// What a person calls it.
    pub name: String,
    /// Before this, it still shows a code that AWS has already taken.
    pub wait_until: Option<Instant>,
}

/// A program as the kernel named it when it connected (T22). Any program of the same user may have
/// any name, so this is a hint and no proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallerView {
    /// Its name, for example `terraform`.
    pub name: String,
    /// The file that it runs from.
    pub path: String,
    /// The role that it asks for.
    pub role: Name,
}

/// A secret that gets a role's session at each renewal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedView {
    /// Name or ARN of the secret.
    pub secret_id: String,
    /// When it last got one, by this run of Daypass.
    pub at: Option<Instant>,
}

/// A failure that stays until it is dismissed or mended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    /// For dismissing it.
    pub id: u64,
    /// The role or identity that it is about.
    pub about: Option<Name>,
    /// What happened.
    pub problem: Problem,
}

/// An endpoint in place of AWS's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndpointView {
    /// `sts`, `iam`, `signin` or `console`.
    pub name: String,
    /// Its address.
    pub url: String,
}

impl StateView {
    /// What the tray icon has to say.
    pub fn look(&self) -> Look {
        if !self.notices.is_empty() || self.vault != VaultView::Ready {
            return Look::Error;
        }
        if self.prompt.is_some() {
            return Look::NeedsYou;
        }
        let sessions = self.roles.iter().map(|role| &role.session).chain(
            self.identities
                .iter()
                .filter_map(|identity| identity.mfa.as_ref()),
        );
        let mut look = Look::Idle;
        for session in sessions {
            match session.state {
                SessionState::Failed => return Look::Error,
                SessionState::Active | SessionState::Ending | SessionState::Getting => {
                    look = Look::Active;
                }
                SessionState::None | SessionState::WaitingForCode | SessionState::Ended => {}
            }
        }
        look
    }
}

/// The four looks of the tray icon, told apart by shape as well as by colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Look {
    /// No session.
    Idle,
    /// At least one session works.
    Active,
    /// A code is wanted.
    NeedsYou,
    /// Something failed.
    Error,
}
