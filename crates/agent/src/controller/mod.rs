//! The loop that owns all state. Every input is a variant of [`Input`]; slow work runs beside the
//! loop and comes back as one; callers that wait carry a [`Reply`].

mod codes;
mod console;
mod deadlines;
mod describing;
mod desktop;
mod devices;
mod ending;
mod examining;
mod handover;
mod identities;
mod imports;
mod journaling;
mod keeping;
mod keychain;
mod locking;
mod preferences;
mod publishing;
mod refusals;
mod reminders;
mod reply;
mod rotation;
mod sessions;
mod signals;
mod slots;
#[cfg(test)]
mod tests;
mod turned_back;
mod view;
mod wake;

use std::{
    collections::{HashMap, VecDeque},
    future::Future,
    path::PathBuf,
    sync::Arc,
};

use chrono::TimeDelta;
use daypass_core::{
    Instant,
    arn::MfaSerial,
    config::{Endpoints, Identity, Settings},
    journal,
    language::Language,
    menu::{self, Choice, Tray},
    name::Name,
    pace::Pace,
    problem::Problem,
    protocol::{Asking, Console, Request, Response, Show, Wish},
    role::Role,
    secret::{Secret, TokenCode},
    session::{Session, SessionKey},
    usage::Usage,
    view::{Notice, StateView, VaultView},
};
use tokio::sync::{mpsc, oneshot, watch};

pub use self::reply::Reply;
use self::{
    codes::CodeFailure,
    slots::{Facts, IdentitySlot, Prompt, RoleSlot},
};
use crate::{
    browsers::Opener,
    clock::Clock,
    config_file::ConfigFile,
    journal::Journal,
    ports::{AwsError, Desktop, Iam, Network, Secrets, SignIn, Sts, VaultError, VaultItem},
    programs::Programs,
    runtime::{Runtime, within},
    vault::VaultThread,
};

/// A program on the socket, as the kernel names it (T22).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Its name, for example `terraform`.
    pub name: String,
    /// The file that it runs from.
    pub path: String,
}

/// Somebody who waits for an answer and may have to be asked for a code meanwhile.
pub struct Asker {
    /// Where the answer goes.
    pub reply: Reply,
    /// Who can ask a person.
    pub asking: Asking,
    /// Which program it is.
    pub caller: Option<Caller>,
}

/// Everything that can happen to the agent.
pub enum Input {
    /// Somebody on the socket asks.
    Request(Request, Option<Caller>, oneshot::Sender<Response>),
    /// The popup listens, and is to be told when to show itself.
    PopupConnected(mpsc::Sender<Show>),
    /// The tray icon was clicked, or the shortcut pressed.
    TrayClicked,
    /// Something in the tray's menu, or a notification's button, was chosen.
    Chosen(Choice),
    /// There is no tray icon, and why.
    TrayMissing(String),
    /// There is a tray icon after all.
    TrayBack,
    /// The popup's process has ended.
    PopupEnded,
    /// Something beside the loop did not work, such as the browser.
    Failed(Problem),
    /// The desktop cannot go by a setting as it is now.
    NotApplied(Problem),
    /// A sign-in link was asked for a second time.
    LinkReused,
    /// Something happened to the computer.
    Signal(Signal),
    /// Slow work has ended.
    Outcome(Outcome),
}

/// What the system tells of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// It is about to sleep.
    FallsAsleep,
    /// It has woken up.
    WokeUp,
    /// Its screen was locked.
    ScreenLocked,
    /// Its screen was unlocked.
    ScreenUnlocked,
    /// There is a network again.
    NetworkUp,
    /// The keychain's program was started or ended.
    KeychainChanged,
}

/// The end of slow work.
pub enum Outcome {
    /// The vault was read.
    Facts {
        /// Whose key.
        identity: Name,
        /// What was there.
        result: Result<Option<VaultItem>, VaultError>,
    },
    /// AWS was asked for the time, and whether it told.
    TimeAsked(bool),
    /// The vault answered, or not, without an identity's key.
    VaultProbed(Result<(), VaultError>),
    /// A new identity was verified and stored, or not.
    IdentityStored {
        /// Its entry for the config file.
        identity: Identity,
        /// What was stored of it; nothing for an ambient identity.
        result: Result<Option<VaultItem>, Problem>,
        /// Who waits.
        reply: Reply,
    },
    /// An identity's MFA devices were stored, or not.
    DevicesSet {
        /// Whose.
        identity: Name,
        /// What is stored now; nothing where there was nothing.
        result: Result<Option<VaultItem>, VaultError>,
        /// Who waits.
        reply: Reply,
    },
    /// A key was forgotten, or not.
    IdentityForgotten {
        /// Whose.
        identity: Name,
        /// How it went.
        result: Result<(), VaultError>,
        /// Who waits.
        reply: Reply,
    },
    /// A code was sent.
    Code(Box<CodeOutcome>),
    /// A role was assumed without a code.
    Role {
        /// Which session.
        key: SessionKey,
        /// As it was configured when asked.
        role: Box<Role>,
        /// What the call was made with.
        signed: Signed,
        /// How it went.
        result: Result<Session, RoleFailure>,
    },
    /// A sign-in link is ready.
    SignedIn {
        /// The session.
        key: SessionKey,
        /// How it went.
        result: Result<Link, Problem>,
        /// Where it goes.
        deliver: Deliver,
    },
    /// A session was written into AWS's shared credentials file, or not.
    ProfileWritten {
        /// What the journal says of it.
        written: journal::Event,
        /// What to answer.
        result: Result<Response, Problem>,
        /// Who waits.
        reply: Reply,
    },
    /// A session is in Secrets Manager, or not.
    Published {
        /// What was to be published.
        publish: Box<daypass_core::protocol::Publish>,
        /// The new version of the secret and the session's end.
        result: Result<(String, Instant), Problem>,
        /// Who waits; nobody for a renewal.
        reply: Option<Reply>,
    },
    /// IAM told when a key was made.
    KeyAge {
        /// Whose key.
        identity: Name,
        /// Which key.
        access_key_id: String,
        /// When it was made.
        created_at: Instant,
    },
    /// A key was replaced, or not.
    KeyRotated {
        /// Whose.
        identity: Name,
        /// What the vault holds now, as far as it was read.
        item: Option<VaultItem>,
        /// How it went.
        result: Result<(), Problem>,
    },
    /// The journal told how roles were used before this start.
    UsageRead(Usage),
    /// Other programs' set-up was looked at.
    Import(Box<imports::ImportOutcome>),
    /// Something came of the sealed session file.
    File(keeping::FileOutcome),
}

/// What came of a code.
pub struct CodeOutcome {
    /// Whose device.
    pub identity: Name,
    /// What it was for.
    pub wish: Wish,
    /// The role of a long session, as it was when the code was sent.
    pub role: Option<Role>,
    /// The code.
    pub code: TokenCode,
    /// The device that showed it, if it was found.
    pub serial: Option<MfaSerial>,
    /// How it went.
    pub result: Result<Session, CodeFailure>,
    /// Who waits.
    pub reply: Reply,
}

/// What a role was assumed with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signed {
    /// The identity's key.
    Key,
    /// The session of that key id: an MFA session, or that of the role it is chained from.
    Session(String),
    /// What the SDK's default chain yields.
    Ambient,
}

/// Why a role could not be assumed.
pub enum RoleFailure {
    /// The key could not be read.
    Vault(VaultError),
    /// The vault has no key of that name.
    NoKey,
    /// AWS gave nothing.
    Aws(AwsError),
}

/// A sign-in link that is ready.
pub struct Link {
    /// The link or, for the browser, the loopback address that leads to it.
    pub url: Secret,
    /// The browser that was chosen for it.
    pub opener: Option<Opener>,
}

/// Where a sign-in link goes.
pub enum Deliver {
    /// To the browser of this desktop.
    Browser(Reply),
    /// To this desktop's clipboard.
    Clipboard(Reply),
    /// To whoever asked for it.
    Link(Asker),
}

impl Deliver {
    const fn is_click(&self) -> bool {
        matches!(self, Self::Browser(_) | Self::Clipboard(_))
    }

    fn into_reply(self) -> Reply {
        match self {
            Self::Browser(reply) | Self::Clipboard(reply) => reply,
            Self::Link(asker) => asker.reply,
        }
    }
}

/// The real or fake world around the controller.
pub struct Ports {
    /// Long-lived keys.
    pub vault: VaultThread,
    /// AWS STS.
    pub sts: Arc<dyn Sts>,
    /// The sign-in endpoint.
    pub sign_in: Arc<dyn SignIn>,
    /// A user's own access keys.
    pub iam: Arc<dyn Iam>,
    /// AWS Secrets Manager.
    pub secrets: Arc<dyn Secrets>,
    /// The screen.
    pub desktop: Box<dyn Desktop>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// What the loop and the work beside it run on.
    pub runtime: Arc<dyn Runtime>,
    /// The network on the way to AWS.
    pub network: Arc<dyn Network>,
    /// What happened.
    pub journal: Journal,
    /// The person's programs.
    pub programs: Programs,
}

/// How long viewers count by their own clock.
const RESYNC: TimeDelta = TimeDelta::seconds(60);

/// The agent's state and its ports.
pub struct Controller {
    ports: Ports,
    file: ConfigFile,
    /// Where it is remembered which keys were taken out of which files.
    removed_keys: PathBuf,
    /// As they were at the start: the HTTP stack was built for them.
    endpoints: Endpoints,
    /// Likewise.
    settings_at_start: Settings,
    inputs: mpsc::UnboundedSender<Input>,
    state: watch::Sender<Arc<StateView>>,
    identities: HashMap<Name, IdentitySlot>,
    roles: HashMap<SessionKey, RoleSlot>,
    /// Codes that are wanted; the first is the one on screen.
    prompts: VecDeque<Prompt>,
    notices: Vec<Notice>,
    next_notice: u64,
    /// What is shown to be wrong with the config file.
    config_notice: Option<Problem>,
    vault: VaultView,
    tray_missing: Option<String>,
    /// How the clocks stood when the loop last looked.
    last_look: Option<daypass_core::wake::Look>,
    tray: Option<Tray>,
    /// The settings that the desktop goes by.
    applied: Option<Settings>,
    /// Why it cannot go by all of them.
    not_applied: Vec<Problem>,
    popup: Option<mpsc::Sender<Show>>,
    pending_show: Option<Show>,
    /// Whether the popup came up when it was last wanted.
    screen: bool,
    /// When each secret last got a session.
    published: HashMap<(Name, String), Instant>,
    /// How often and how lately a person used each role.
    usage: Usage,
    /// Calls to AWS of the last second.
    pace: Pace,
    /// Nothing is renewed in the background before this: the computer has just woken up.
    rests_until: Option<Instant>,
    /// Until then only a person lets the keychain ask for its password: nobody has answered it.
    keychain_rests_until: Option<Instant>,
    /// When AWS may be asked for the time again.
    ask_time_at: Option<Instant>,
    /// The time at the last look at the clock.
    looked_at: Instant,
    keeping: keeping::Keeping,
    locking: locking::Locking,
}

/// What a running controller is reached by.
#[derive(Clone)]
pub struct Handle {
    /// Everything that happens goes in here.
    pub inputs: mpsc::UnboundedSender<Input>,
    /// The state comes out here.
    pub state: watch::Receiver<Arc<StateView>>,
}

impl Controller {
    /// Prepares the controller; [`Self::run`] lets it live.
    pub fn new(
        ports: Ports,
        file: ConfigFile,
        removed_keys: PathBuf,
        inputs: mpsc::UnboundedSender<Input>,
    ) -> (Self, Handle) {
        let endpoints = file.config().endpoints.clone();
        let settings_at_start = file.config().settings.clone();
        let empty = StateView {
            now: ports.clock.now(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            vault: VaultView::Ready,
            locked: false,
            identities: Vec::new(),
            roles: Vec::new(),
            prompt: None,
            notices: Vec::new(),
            accounts: Vec::new(),
            settings: file.config().settings.without_secrets(),
            config_file: String::new(),
            restart_for: Vec::new(),
            endpoints: Vec::new(),
            configured_endpoints: Vec::new(),
            tray_missing: None,
            clock_behind: None,
        };
        let (state, watched) = watch::channel(Arc::new(empty));
        let handle = Handle {
            inputs: inputs.clone(),
            state: watched,
        };
        let controller = Self {
            ports,
            file,
            removed_keys,
            endpoints,
            settings_at_start,
            inputs,
            state,
            identities: HashMap::new(),
            roles: HashMap::new(),
            prompts: VecDeque::new(),
            notices: Vec::new(),
            next_notice: 0,
            config_notice: None,
            vault: VaultView::Ready,
            tray_missing: None,
            last_look: None,
            tray: None,
            applied: None,
            not_applied: Vec::new(),
            popup: None,
            pending_show: None,
            screen: true,
            published: HashMap::new(),
            usage: Usage::default(),
            pace: Pace::default(),
            rests_until: None,
            keychain_rests_until: None,
            ask_time_at: None,
            looked_at: Instant::MIN_UTC,
            keeping: keeping::Keeping::default(),
            locking: locking::Locking::default(),
        };
        (controller, handle)
    }

    /// Lives until somebody asks it to quit.
    pub async fn run(mut self, mut queue: mpsc::UnboundedReceiver<Input>) {
        self.record(journal::Event::Started {
            version: env!("CARGO_PKG_VERSION").to_owned(),
        });
        self.read_file();
        self.reconcile();
        self.watch_vault();
        self.probe_vault();
        self.announce();
        self.apply_settings();
        let runtime = Arc::clone(&self.ports.runtime);
        loop {
            let wait = self.wait().min(self.until_kept());
            let input = within(&*runtime, wait, queue.recv()).await;
            self.look_for_sleep();
            match input {
                Some(None | Some(Input::Chosen(Choice::Quit))) => break,
                Some(Some(Input::Request(Request::Quit, _, reply))) => {
                    let _ = reply.send(Response::Done);
                    break;
                }
                Some(Some(input)) => self.handle(input),
                None => {}
            }
            self.deadlines();
            self.lock_if_idle();
            self.keep();
            self.ports.journal.settle(self.ports.clock.now());
            self.apply_settings();
            self.announce();
        }
        self.keep_last().await;
    }

    fn handle(&mut self, input: Input) {
        self.look_at_clock();
        match input {
            Input::Request(request, caller, reply) => {
                tracing::debug!(request = request.name(), "asked");
                self.refresh_config();
                let reply = Reply::new(reply, caller.as_ref());
                self.admit(request, caller, reply);
            }
            Input::PopupConnected(popup) => {
                let show = self.pending_show.take().unwrap_or(Show::Roles);
                // A new channel has room for one.
                let _ = popup.try_send(show);
                self.popup = Some(popup);
            }
            Input::TrayClicked => {
                let show = if self.prompts.is_empty() {
                    Show::Toggle
                } else {
                    Show::Code
                };
                self.show(show);
            }
            Input::Chosen(choice) => self.chosen(choice),
            Input::TrayMissing(why) => {
                self.tray_missing = Some(why);
                self.show(Show::Roles);
            }
            Input::TrayBack => self.tray_missing = None,
            Input::PopupEnded => {
                self.popup = None;
                // Somebody asked for it while it was on its way out.
                if self.pending_show.is_some() {
                    self.ports.desktop.open_popup();
                }
            }
            Input::Failed(problem) => self.notice(None, &problem),
            Input::NotApplied(problem) => {
                self.notice(None, &problem);
                self.not_applied.push(problem);
            }
            Input::LinkReused => self.warn_of_reuse(),
            Input::Signal(signal) => self.signalled(signal),
            Input::Outcome(outcome) => self.outcome(outcome),
        }
    }

    fn request(&mut self, request: Request, caller: Option<Caller>, reply: Reply) {
        let asker = |asking, reply| Asker {
            reply,
            asking,
            caller,
        };
        match request {
            Request::Status | Request::Subscribe { .. } => {
                let _ = reply.send(Response::State(Box::new(self.view())));
            }
            Request::AddIdentity(new) => self.add_identity(new, reply),
            Request::RemoveIdentity { name } => self.remove_identity(name, reply),
            Request::AddRole(role) => self.add_role(&role, reply),
            Request::DescribeRole { name, principal } => {
                self.describe_role(&name, principal.as_deref(), reply);
            }
            Request::RemoveRole { name } => self.remove_role(&name, reply),
            Request::AskForCode { identity } => self.ask_for_code(&identity, reply),
            Request::SubmitCode {
                identity,
                wish,
                serial,
                code,
            } => self.submit_code(&identity, wish, serial.as_deref(), &code, reply),
            Request::DismissPrompt => {
                self.dismiss_prompt(reply.by());
                let _ = reply.send(Response::Done);
            }
            Request::Credentials { session, asking } => {
                self.credentials(&session, asker(asking, reply));
            }
            Request::OpenConsole(console) => self.console(&console, Deliver::Browser(reply)),
            Request::ConsoleUrl { console, asking } => {
                self.console(&console, Deliver::Link(asker(asking, reply)));
            }
            Request::CopyLink(console) => self.console(&console, Deliver::Clipboard(reply)),
            Request::CopyEnvironment { session, shell } => {
                self.hand_over_session(&session, slots::Waiter::Copy(shell, reply));
            }
            Request::WriteProfile { role, profile } => {
                let profile = profile.unwrap_or_else(|| role.to_string());
                let waiter = slots::Waiter::WriteProfile(profile, reply);
                self.hand_over_session(&SessionKey::of(role), waiter);
            }
            Request::OpenTerminal { role } => self.open_terminal(&role, reply),
            Request::Browsers => self.browsers(reply),
            Request::CopyProfile { role } => self.copy_profile(&role, reply),
            Request::RenewSession { role, asking } => {
                self.renew_session(&SessionKey::of(role), asker(asking, reply));
            }
            Request::EndSession { role } => self.end_session(&role, reply),
            Request::Favourite { role, on } => self.favourite(&role, on, reply),
            Request::Pin { role, on } => self.pin(&role, on, reply),
            Request::OpenRoleIn { role, browser } => {
                self.open_role_in(&role, browser.as_ref(), reply);
            }
            Request::SetAccount(account) => self.set_account(&account, reply),
            Request::ChangeSettings(changes) => self.change_settings(&changes, reply),
            Request::ChangeEndpoints(changes) => self.change_endpoints(&changes, reply),
            Request::Publish { publish, asking } => self.publish(publish, asker(asking, reply)),
            Request::StopPublishing { role, secret_id } => {
                self.stop_publishing(&role, &secret_id, reply);
            }
            Request::RotateKey { identity, asking } => {
                self.rotate_key(&identity, asker(asking, reply));
            }
            Request::SetDevices { identity, serials } => {
                self.set_devices(&identity, &serials, reply);
            }
            Request::PlanImport(from) => self.plan_import(from, reply),
            Request::Import(choice) => self.import(choice, reply),
            Request::RemovePlainKeys { from, identities } => {
                self.remove_plain_keys(from, identities, reply);
            }
            Request::RestorePlainKeys => self.restore_plain_keys(reply),
            Request::Journal(query) => self.read_journal(query, reply),
            Request::ExportJournal(filter) => self.export_journal(filter, reply),
            Request::OpenWindow => {
                let shown = self.show(Show::Roles);
                let _ = reply.send(if shown { Response::Done } else { no_screen() });
            }
            Request::DismissNotice { id } => {
                self.notices.retain(|notice| notice.id != id);
                let _ = reply.send(Response::Done);
            }
            Request::UnlockVault => {
                self.unlock_vault();
                let _ = reply.send(Response::Done);
            }
            Request::Examine => self.examine(reply),
            Request::Lock => {
                self.lock(journal::LockReason::Asked, reply.by());
                let _ = reply.send(Response::Done);
            }
            Request::Unlock => {
                self.unlock(reply.by());
                let _ = reply.send(Response::Done);
            }
            Request::Quit => {
                // The loop ends before it gets here.
                let _ = reply.send(Response::Done);
            }
        }
    }

    fn chosen(&mut self, choice: Choice) {
        if self.refuses_choice(&choice) {
            self.show(Show::Roles);
            return;
        }
        let reply = Reply::to_menu();
        match choice {
            Choice::OpenConsole(role) => {
                self.console(&Console::of(role), Deliver::Browser(reply));
            }
            Choice::OpenReadOnly(role) => {
                let console = Console {
                    read_only: true,
                    ..Console::of(role)
                };
                self.console(&console, Deliver::Browser(reply));
            }
            Choice::CopyLink(role) => self.console(&Console::of(role), Deliver::Clipboard(reply)),
            Choice::CopyEnvironment(role) => {
                let waiter = slots::Waiter::Copy(self.file.config().settings.shell, reply);
                self.hand_over_session(&SessionKey::of(role), waiter);
            }
            Choice::EnterCode(identity) => self.ask_for_code(&identity, reply),
            Choice::RenewSession(key) => {
                let asker = Asker {
                    reply,
                    asking: Asking::Popup,
                    caller: None,
                };
                self.renew_session(&key, asker);
            }
            Choice::Snooze(identity) => self.snooze(&identity),
            Choice::NotToday(identity) => self.not_today(&identity),
            Choice::OpenWindow => {
                self.show(Show::Roles);
            }
            Choice::UnlockVault => self.unlock_vault(),
            Choice::Lock => self.lock(journal::LockReason::Asked, reply.by()),
            Choice::Unlock => self.unlock(reply.by()),
            Choice::Quit => {}
        }
    }

    fn outcome(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Facts { identity, result } => self.facts_read(&identity, result),
            // Whatever the clock heard, deadlines are looked at after every input.
            Outcome::TimeAsked(told) => tracing::debug!(told, "asked for the time"),
            Outcome::VaultProbed(result) => self.vault_probed(result),
            Outcome::IdentityStored {
                identity,
                result,
                reply,
            } => self.identity_stored(&identity, result, reply),
            Outcome::DevicesSet {
                identity,
                result,
                reply,
            } => self.devices_set(&identity, result, reply),
            Outcome::IdentityForgotten {
                identity,
                result,
                reply,
            } => self.identity_forgotten(&identity, result, reply),
            Outcome::Code(outcome) => self.code_answered(*outcome),
            Outcome::Role {
                key,
                role,
                signed,
                result,
            } => self.role_answered(&key, &role, &signed, result),
            Outcome::SignedIn {
                key,
                result,
                deliver,
            } => self.signed_in(&key, result, deliver),
            Outcome::ProfileWritten {
                written,
                result,
                reply,
            } => self.profile_written(written, result, reply),
            Outcome::Published {
                publish,
                result,
                reply,
            } => self.session_published(*publish, result, reply),
            Outcome::KeyAge {
                identity,
                access_key_id,
                created_at,
            } => self.key_age_told(&identity, &access_key_id, created_at),
            Outcome::KeyRotated {
                identity,
                item,
                result,
            } => self.key_rotated(&identity, item.as_ref(), result),
            Outcome::UsageRead(usage) => self.usage_read(usage),
            Outcome::Import(outcome) => self.imported(*outcome),
            Outcome::File(outcome) => self.file_answered(outcome),
        }
    }

    /// Runs slow work beside the loop; its end comes back as an input.
    fn spawn(&self, work: impl Future<Output = Outcome> + Send + 'static) {
        let inputs = self.inputs.clone();
        self.ports.runtime.spawn(Box::pin(async move {
            // The loop may have ended meanwhile.
            let _ = inputs.send(Input::Outcome(work.await));
        }));
    }

    fn now(&self) -> Instant {
        self.ports.clock.now()
    }

    /// Brings the popup to the front; false where there is no screen.
    fn show(&mut self, show: Show) -> bool {
        if let Some(popup) = &self.popup {
            match popup.try_send(show) {
                Ok(()) | Err(mpsc::error::TrySendError::Full(_)) => return true,
                Err(mpsc::error::TrySendError::Closed(_)) => self.popup = None,
            }
        }
        self.pending_show = Some(show);
        self.ports.desktop.open_popup()
    }

    /// Keeps a failure on screen until it is dismissed or mended; one per subject.
    fn notice(&mut self, about: Option<&Name>, problem: &Problem) {
        tracing::info!(
            about = about.map_or("", Name::as_str),
            what = problem.what,
            "failed"
        );
        match about {
            Some(_) => self.forget_notices(about),
            // What is about nobody has nothing to do with each other.
            None => self.notices.retain(|notice| notice.problem != *problem),
        }
        self.next_notice += 1;
        let notice = Notice {
            id: self.next_notice,
            about: about.cloned(),
            problem: problem.clone(),
        };
        self.notices.insert(0, notice);
    }

    fn forget_notices(&mut self, about: Option<&Name>) {
        self.notices.retain(|notice| notice.about.as_ref() != about);
    }

    /// What the tray and its notifications speak.
    fn language(&self) -> Language {
        let chosen = self.file.config().settings.language.as_deref();
        self.ports.desktop.language(chosen)
    }

    fn announce(&mut self) {
        let mut view = self.view();
        let tray = menu::tray(&view, self.language());
        self.state.send_if_modified(|current| {
            // Viewers count on from the last state: a clock that jumped has to reach them too.
            let now = std::mem::replace(&mut view.now, current.now);
            if (now - current.now).abs() < RESYNC && **current == view {
                return false;
            }
            view.now = now;
            *current = Arc::new(view);
            true
        });
        if self.tray.as_ref() != Some(&tray) {
            self.tray = Some(tray.clone());
            self.ports.desktop.show_tray(tray);
        }
    }
}

fn no_screen() -> Response {
    Response::Failed(Problem::usage(
        "This agent has no screen to open a window on; use the command line.",
    ))
}

/// Answers a caller with a failure.
fn refuse(reply: Reply, problem: Problem) {
    let _ = reply.send(Response::Failed(problem));
}
