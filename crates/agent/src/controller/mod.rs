//! The loop that owns all state. Every input is a variant of [`Input`]; slow work runs beside the
//! loop and comes back as one; callers that wait carry a [`Reply`].

mod codes;
mod console;
mod deadlines;
mod identities;
mod sessions;
mod slots;
#[cfg(test)]
mod tests;
mod view;

use std::{
    collections::{HashMap, VecDeque},
    future::Future,
    sync::Arc,
};

use chrono::TimeDelta;
use daypass_core::{
    Instant,
    config::{Endpoints, Identity, Role},
    menu::{self, Choice, Tray},
    name::Name,
    problem::Problem,
    protocol::{Console, Request, Response, Show, Wish},
    secret::{Secret, TokenCode},
    session::Session,
    view::{Notice, StateView, VaultView},
};
use tokio::sync::{mpsc, oneshot, watch};

use self::{
    codes::CodeFailure,
    slots::{Facts, IdentitySlot, Prompt, RoleSlot},
};
use crate::{
    clock::Clock,
    config_file::ConfigFile,
    ports::{Desktop, SignIn, Sts, StsError, VaultError, VaultItem},
    vault::VaultThread,
};

/// Where the answer to a request goes. Gone callers are fine: the work goes on for the next one.
pub type Reply = oneshot::Sender<Response>;

/// Everything that can happen to the agent.
pub enum Input {
    /// Somebody on the socket asks.
    Request(Request, Reply),
    /// The popup listens, and is to be told when to show itself.
    PopupConnected(mpsc::Sender<Show>),
    /// The tray icon was clicked.
    TrayClicked,
    /// Something in the tray's menu, or a notification's button, was chosen.
    Chosen(Choice),
    /// There is no tray icon, and why.
    TrayMissing(String),
    /// The popup's process has ended.
    PopupEnded,
    /// The browser could not be opened, and why.
    BrowserFailed(Problem),
    /// A sign-in link was asked for a second time.
    LinkReused,
    /// Slow work has ended.
    Outcome(Outcome),
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
    /// The vault answered, or not, with no identity to read.
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
        /// As it was configured when asked.
        role: Box<Role>,
        /// How it went.
        result: Result<Session, RoleFailure>,
    },
    /// A sign-in link is ready.
    SignedIn {
        /// The role.
        role: Name,
        /// The link or, for the browser, the loopback address that leads to it.
        result: Result<Secret, Problem>,
        /// Where it goes.
        deliver: Deliver,
    },
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
    /// How it went.
    pub result: Result<Session, CodeFailure>,
    /// Who waits.
    pub reply: Reply,
}

/// Why a role could not be assumed.
pub enum RoleFailure {
    /// The key could not be read.
    Vault(VaultError),
    /// The vault has no key of that name.
    NoKey,
    /// STS gave nothing.
    Sts(StsError),
}

/// Where a sign-in link goes.
pub enum Deliver {
    /// To the browser of this desktop.
    Browser(Reply),
    /// To whoever asked for it.
    Link(Reply),
}

/// The real or fake world around the controller.
pub struct Ports {
    /// Long-lived keys.
    pub vault: VaultThread,
    /// AWS STS.
    pub sts: Arc<dyn Sts>,
    /// The sign-in endpoint.
    pub sign_in: Arc<dyn SignIn>,
    /// The screen.
    pub desktop: Box<dyn Desktop>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// How long viewers count by their own clock.
const RESYNC: TimeDelta = TimeDelta::seconds(60);

/// The agent's state and its ports.
pub struct Controller {
    ports: Ports,
    file: ConfigFile,
    /// As they were at the start: the HTTP stack was built for them.
    endpoints: Endpoints,
    inputs: mpsc::UnboundedSender<Input>,
    state: watch::Sender<Arc<StateView>>,
    identities: HashMap<Name, IdentitySlot>,
    roles: HashMap<Name, RoleSlot>,
    /// Codes that are wanted; the first is the one on screen.
    prompts: VecDeque<Prompt>,
    notices: Vec<Notice>,
    next_notice: u64,
    vault: VaultView,
    tray_missing: Option<String>,
    tray: Option<Tray>,
    popup: Option<mpsc::Sender<Show>>,
    pending_show: Option<Show>,
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
        inputs: mpsc::UnboundedSender<Input>,
    ) -> (Self, Handle) {
        let endpoints = file.config().endpoints.clone();
        let empty = StateView {
            now: ports.clock.now(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            vault: VaultView::Ready,
            identities: Vec::new(),
            roles: Vec::new(),
            prompt: None,
            notices: Vec::new(),
            endpoints: Vec::new(),
            tray_missing: None,
        };
        let (state, watched) = watch::channel(Arc::new(empty));
        let handle = Handle {
            inputs: inputs.clone(),
            state: watched,
        };
        let controller = Self {
            ports,
            file,
            endpoints,
            inputs,
            state,
            identities: HashMap::new(),
            roles: HashMap::new(),
            prompts: VecDeque::new(),
            notices: Vec::new(),
            next_notice: 0,
            vault: VaultView::Ready,
            tray_missing: None,
            tray: None,
            popup: None,
            pending_show: None,
        };
        (controller, handle)
    }

    /// Lives until somebody asks it to quit.
    pub async fn run(mut self, mut queue: mpsc::UnboundedReceiver<Input>) {
        self.reconcile();
        self.probe_vault();
        self.publish();
        loop {
            let wait = self.wait();
            let input = tokio::time::timeout(wait, queue.recv()).await;
            match input {
                Ok(None | Some(Input::Chosen(Choice::Quit))) => return,
                Ok(Some(Input::Request(Request::Quit, reply))) => {
                    let _ = reply.send(Response::Done);
                    return;
                }
                Ok(Some(input)) => self.handle(input),
                Err(_) => {}
            }
            self.deadlines();
            self.publish();
        }
    }

    fn handle(&mut self, input: Input) {
        match input {
            Input::Request(request, reply) => {
                tracing::debug!(request = request.name(), "asked");
                self.refresh_config();
                self.request(request, reply);
            }
            Input::PopupConnected(popup) => {
                let show = self.pending_show.take().unwrap_or(Show::Roles);
                // A new channel has room for one.
                let _ = popup.try_send(show);
                self.popup = Some(popup);
            }
            Input::TrayClicked => {
                let show = if self.prompts.is_empty() {
                    Show::Roles
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
            Input::PopupEnded => {
                self.popup = None;
                // Somebody asked for it while it was on its way out.
                if self.pending_show.is_some() {
                    self.ports.desktop.open_popup();
                }
            }
            Input::BrowserFailed(problem) => self.notice(None, &problem),
            Input::LinkReused => self.warn_of_reuse(),
            Input::Outcome(outcome) => self.outcome(outcome),
        }
    }

    fn request(&mut self, request: Request, reply: Reply) {
        match request {
            Request::Status | Request::Subscribe { .. } => {
                let _ = reply.send(Response::State(Box::new(self.view())));
            }
            Request::AddIdentity(new) => self.add_identity(new, reply),
            Request::RemoveIdentity { name } => self.remove_identity(name, reply),
            Request::AddRole(role) => self.add_role(&role, reply),
            Request::RemoveRole { name } => self.remove_role(&name, reply),
            Request::AskForCode { identity } => self.ask_for_code(&identity, reply),
            Request::SubmitCode {
                identity,
                wish,
                code,
            } => self.submit_code(&identity, wish, &code, reply),
            Request::DismissPrompt => {
                self.dismiss_prompt();
                let _ = reply.send(Response::Done);
            }
            Request::Credentials { role } => self.credentials(&role, reply),
            Request::OpenConsole(console) => self.console(&console, Deliver::Browser(reply)),
            Request::ConsoleUrl(console) => self.console(&console, Deliver::Link(reply)),
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
            Request::Quit => {
                // The loop ends before it gets here.
                let _ = reply.send(Response::Done);
            }
        }
    }

    fn chosen(&mut self, choice: Choice) {
        // Nobody waits for the answer to a menu; what fails becomes a notice.
        let (reply, _) = oneshot::channel();
        match choice {
            Choice::OpenConsole(role) => {
                let console = Console {
                    role,
                    destination: None,
                    region: None,
                };
                self.console(&console, Deliver::Browser(reply));
            }
            Choice::EnterCode(identity) => self.ask_for_code(&identity, reply),
            Choice::OpenWindow => {
                self.show(Show::Roles);
            }
            Choice::UnlockVault => self.unlock_vault(),
            Choice::Quit => {}
        }
    }

    fn outcome(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Facts { identity, result } => self.facts_read(&identity, result),
            Outcome::VaultProbed(result) => self.vault_answered(result.as_ref().err()),
            Outcome::IdentityStored {
                identity,
                result,
                reply,
            } => self.identity_stored(&identity, result, reply),
            Outcome::IdentityForgotten {
                identity,
                result,
                reply,
            } => self.identity_forgotten(&identity, result, reply),
            Outcome::Code(outcome) => self.code_answered(*outcome),
            Outcome::Role { role, result } => self.role_answered(&role, result),
            Outcome::SignedIn {
                role,
                result,
                deliver,
            } => self.signed_in(&role, result, deliver),
        }
    }

    /// Runs slow work beside the loop; its end comes back as an input.
    fn spawn(&self, work: impl Future<Output = Outcome> + Send + 'static) {
        let inputs = self.inputs.clone();
        tokio::spawn(async move {
            // The loop may have ended meanwhile.
            let _ = inputs.send(Input::Outcome(work.await));
        });
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
        self.forget_notices(about);
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

    fn publish(&mut self) {
        let view = self.view();
        let tray = menu::tray(&view);
        self.state.send_if_modified(|current| {
            // Viewers count on from the last state: a clock that jumped has to reach them too.
            if (view.now - current.now).abs() >= RESYNC {
                *current = Arc::new(view);
                return true;
            }
            let mut same_time = StateView::clone(&view);
            same_time.now = current.now;
            if **current == same_time {
                return false;
            }
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
