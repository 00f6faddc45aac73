//! The popup process: one window, no secrets but those a person is typing, a client of the agent's
//! socket like the CLI. Killed or crashed, no session is lost.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use daypass_client::Connection;
use daypass_core::{
    finding::Finding,
    language::Language,
    paths::Paths,
    problem::{Code, Problem},
    protocol::{Event, Request, Response, Show},
    view::StateView,
};
use serde::Serialize;
use serde_json::Value;
use tauri::{
    AppHandle, Emitter, Manager, State, WebviewUrl, WebviewWindow, WebviewWindowBuilder,
    WindowEvent,
};

use crate::{
    consent,
    focus::{self, Focus},
    place,
};

/// The exit code that asks the tray for a new popup: after a key was typed, this process, whose
/// webview has seen it, ends (T7).
pub(crate) const AGAIN: i32 = 75;

const WINDOW: &str = "popup";
const SIZE: (f64, f64) = (400.0, 600.0);
/// How long a hidden window keeps its process, to be shown again at once; with something typed in
/// it, as long again and again.
const KEPT: Duration = Duration::from_secs(5 * 60);

/// What the commands share.
pub(crate) struct Popup {
    paths: Paths,
    visible: mpsc::Sender<bool>,
    /// Whether a secret was typed into this process's webview, which then ends when put away.
    saw_secret: AtomicBool,
    /// That of the environment.
    system_language: Language,
    /// What the page speaks, by the latest settings.
    language: Mutex<Language>,
    /// Held while a person is asked for consent.
    asking: tokio::sync::Mutex<()>,
    pub(crate) focus: Focus,
}

impl Popup {
    fn language(&self) -> Language {
        *self.language.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state as the page shows it, in the language that its settings name.
    fn said(&self, state: StateView) -> StateView {
        let language = Language::of(state.settings.language.as_deref(), self.system_language);
        *self.language.lock().unwrap_or_else(PoisonError::into_inner) = language;
        language.state(state)
    }
}

/// A problem as the page gets it.
#[derive(Serialize)]
struct Refusal {
    #[serde(flatten)]
    said: Problem,
    /// What happened, in English: the page finds the field by it that it is about.
    english: String,
}

impl Refusal {
    fn new(problem: Problem, language: Language) -> Self {
        Self {
            english: problem.what.clone(),
            said: language.problem(problem),
        }
    }
}

/// Whether the page may ask the agent for this. Nothing here is answered with a secret.
const fn is_allowed(request: &Request) -> bool {
    matches!(
        request,
        Request::OpenConsole(_)
            | Request::SubmitCode { .. }
            | Request::DismissPrompt
            | Request::AskForCode { .. }
            | Request::AddIdentity(_)
            | Request::RemoveIdentity { .. }
            | Request::AddRole(_)
            | Request::DescribeRole { .. }
            | Request::RemoveRole { .. }
            | Request::CopyLink(_)
            | Request::CopyEnvironment { .. }
            | Request::WriteProfile { .. }
            | Request::CopyProfile { .. }
            | Request::OpenTerminal { .. }
            | Request::RenewSession { .. }
            | Request::EndSession { .. }
            | Request::Favourite { .. }
            | Request::Pin { .. }
            | Request::OpenRoleIn { .. }
            | Request::SetAccount(_)
            | Request::Browsers
            | Request::ChangeSettings(_)
            | Request::ChangeEndpoints(_)
            | Request::Examine
            | Request::Publish { .. }
            | Request::StopPublishing { .. }
            | Request::RotateKey { .. }
            | Request::SetDevices { .. }
            | Request::PlanImport(_)
            | Request::Import(_)
            | Request::RemovePlainKeys { .. }
            | Request::RestorePlainKeys
            | Request::Journal(_)
            | Request::ExportJournal(_)
            | Request::DismissNotice { .. }
            | Request::UnlockVault
            | Request::Lock
            | Request::Unlock
    )
}

/// What the page is told of an answer: nothing of what could be a secret, and of a report what
/// anybody may read who is sent it.
fn told(response: Response, language: Language) -> Option<Response> {
    match response {
        Response::Examined(findings) => {
            let home = std::env::var("HOME").ok();
            let public =
                |finding: Finding| language.finding(finding).for_the_public(home.as_deref());
            Some(Response::Examined(
                findings.into_iter().map(public).collect(),
            ))
        }
        Response::Role { .. }
        | Response::Published { .. }
        | Response::KeyRotated { .. }
        | Response::ImportPlan(_)
        | Response::Imported(_)
        | Response::Journal(_)
        | Response::Browsers(_)
        | Response::Written { .. } => Some(language.response(response)),
        Response::Done
        | Response::State(_)
        | Response::MfaSession { .. }
        | Response::Credentials(_)
        | Response::ConsoleUrl { .. }
        | Response::CodeNeeded { .. }
        | Response::Failed(_) => None,
    }
}

/// Runs until hidden for some minutes, or until the agent ends.
pub(crate) fn run() -> Result<(), Problem> {
    daypass_agent::log::start();
    crate::needs_screen()?;
    let paths = Paths::from_env(|name| std::env::var_os(name))?;
    let events = connect(&paths)?.subscribe(true)?;
    let (visible, visibility) = mpsc::channel();
    let system_language = Language::of_environment(|name| std::env::var(name).ok());
    let popup = Popup {
        paths,
        visible,
        system_language,
        language: Mutex::new(system_language),
        saw_secret: AtomicBool::new(false),
        asking: tokio::sync::Mutex::default(),
        focus: Focus::default(),
    };
    tauri::Builder::default()
        .manage(popup)
        .invoke_handler(tauri::generate_handler![
            state, act, hide, saw_secret, keep_open
        ])
        .setup(|app| {
            make_window(app.handle())?;
            let handle = app.handle().clone();
            thread::spawn(move || follow(&handle, events));
            let handle = app.handle().clone();
            thread::spawn(move || end_when_unused(&handle, &visibility));
            Ok(())
        })
        .run(tauri::generate_context!())
        .map_err(|error| Problem::ours(format!("The window could not be opened: {error}.")))
}

fn connect(paths: &Paths) -> Result<Connection, Problem> {
    Connection::open(paths).map_err(|error| match error {
        daypass_client::ConnectError::Problem(problem) => problem,
        daypass_client::ConnectError::NoAgent => Problem::yours(
            Code::NoAgent,
            "Daypass is not running.",
            "Start `daypass-tray`.",
        ),
    })
}

fn make_window(app: &AppHandle) -> tauri::Result<()> {
    let window = WebviewWindowBuilder::new(app, WINDOW, WebviewUrl::App("index.html".into()))
        .title("Daypass")
        .inner_size(SIZE.0, SIZE.1)
        .min_inner_size(320.0, 320.0)
        .visible(false)
        // Only our own page; nothing on it leads anywhere (T8).
        .on_navigation(|url| url.scheme() == "tauri" || url.host_str() == Some("tauri.localhost"))
        .build()?;
    let app = app.clone();
    window.on_window_event(move |event| match event {
        WindowEvent::CloseRequested { api, .. } => {
            api.prevent_close();
            put_away(&app);
        }
        WindowEvent::Focused(true) => focus::gained(&app.state::<Popup>().focus),
        WindowEvent::Focused(false) => focus::lost(&app, &app.state::<Popup>().focus),
        _ => {}
    });
    Ok(())
}

/// Passes on what the agent tells, until it ends.
fn follow(app: &AppHandle, events: impl Iterator<Item = Event>) {
    for event in events {
        match event {
            Event::State(state) => {
                let hides = state.settings.hide_on_focus_loss;
                app.state::<Popup>().focus.set_hides(hides);
                let _ = app.emit("state", app.state::<Popup>().said(*state));
            }
            Event::Show(show) => {
                let handle = app.clone();
                let _ = app.run_on_main_thread(move || bring_up(&handle, show));
            }
        }
    }
    app.exit(0);
}

fn bring_up(app: &AppHandle, show: Show) {
    let Some(window) = window(app) else {
        return;
    };
    let popup = app.state::<Popup>();
    if show == Show::Toggle && popup.focus.is_at_rest() && window.is_focused().unwrap_or(false) {
        put_away(app);
        return;
    }
    focus::shown(app, &popup.focus);
    let hidden = !window.is_visible().unwrap_or(false);
    if hidden {
        place::put(&window, &popup.paths.window_file());
    }
    let _ = window.show();
    let _ = window.unminimize();
    let _ = window.set_focus();
    let show = match show {
        Show::Toggle => Show::Roles,
        show => show,
    };
    let _ = app.emit("show", show);
    let _ = popup.visible.send(true);
}

/// The window, unless it is on its way out.
pub(crate) fn window(app: &AppHandle) -> Option<WebviewWindow> {
    app.get_webview_window(WINDOW)
}

pub(crate) fn put_away(app: &AppHandle) {
    let popup = app.state::<Popup>();
    if let Some(window) = window(app) {
        place::hide(&window, &popup.paths.window_file());
    }
    if popup.saw_secret.load(Ordering::Relaxed) {
        app.exit(0);
    }
    let _ = popup.visible.send(false);
}

/// Ends the process when its window was hidden for some minutes, with nothing typed in it.
fn end_when_unused(app: &AppHandle, visibility: &mpsc::Receiver<bool>) {
    let mut visible = true;
    loop {
        let news = if visible {
            visibility
                .recv()
                .map_err(|_| mpsc::RecvTimeoutError::Disconnected)
        } else {
            visibility.recv_timeout(KEPT)
        };
        match news {
            Ok(now) => visible = now,
            Err(mpsc::RecvTimeoutError::Timeout) if app.state::<Popup>().focus.is_kept_open() => {}
            Err(_) => break,
        }
    }
    app.exit(0);
}

/// The state as it is now: the page sets its clock by it after a sleep.
#[tauri::command]
async fn state(popup: State<'_, Popup>) -> Result<Option<StateView>, Problem> {
    match ask(&popup.paths, Request::Status).await {
        Ok(Response::State(state)) => Ok(Some(popup.said(*state))),
        Ok(_) => Ok(None),
        Err(problem) => Err(popup.language().problem(problem)),
    }
}

#[tauri::command]
async fn act(
    app: AppHandle,
    popup: State<'_, Popup>,
    action: Value,
) -> Result<Option<Response>, Refusal> {
    let language = popup.language();
    let response = answer(&app, &popup, action).await;
    match response {
        Ok(response) => Ok(response.and_then(|response| told(response, language))),
        Err(problem) => Err(Refusal::new(problem, language)),
    }
}

async fn answer(
    app: &AppHandle,
    popup: &Popup,
    action: Value,
) -> Result<Option<Response>, Problem> {
    // Read here and not by Tauri, so that what a type refuses is a problem in words.
    let action: Request =
        serde_json::from_value(action).map_err(|error| Problem::usage(error.to_string()))?;
    if !is_allowed(&action) {
        return Err(Problem::ours("The window may not ask for that."));
    }
    let language = popup.language();
    let guarded = consent::needed(&action, language)?;
    if !guarded.is_empty() {
        let Ok(_asking) = popup.asking.try_lock() else {
            return Err(Problem::usage("Answer the question that is open first."));
        };
        consent::given(app, guarded, language).await?;
    }
    let adds_key = matches!(&action, Request::AddIdentity(new) if new.key.is_some());
    // What goes wrong with a console is a notice, wherever it was opened from.
    let shown_as_notice = matches!(action, Request::OpenConsole(_));
    match ask(&popup.paths, action).await? {
        Response::Failed(_) if shown_as_notice => Ok(None),
        Response::Failed(problem) => Err(problem),
        _ if adds_key => {
            app.exit(AGAIN);
            Ok(None)
        }
        response => Ok(Some(response)),
    }
}

async fn ask(paths: &Paths, request: Request) -> Result<Response, Problem> {
    let connection = connect(paths)?;
    tauri::async_runtime::spawn_blocking(move || connection.ask(request))
        .await
        .map_err(|_| Problem::ours("The request was lost."))?
}

/// The page says that a secret is being typed: its process must not be kept (T7).
#[tauri::command]
fn saw_secret(app: AppHandle, popup: State<'_, Popup>) {
    popup.saw_secret.store(true, Ordering::Relaxed);
    // Now, so that nothing keeps this process once the key is there: the next one opens in its place.
    if let Some(window) = window(&app) {
        place::remember(&window, &popup.paths.window_file());
    }
}

/// The page says whether something is being typed that would be lost with the window.
#[tauri::command]
fn keep_open(app: AppHandle, popup: State<'_, Popup>, on: bool) {
    focus::keep_open(&app, &popup.focus, on);
}

#[tauri::command]
fn hide(app: AppHandle) {
    put_away(&app);
}

#[cfg(test)]
mod tests {
    use daypass_core::{
        journal::{Filter, Page, Query},
        name::Name,
        protocol::{Asking, Console, WireCredentials},
        role::Role,
        secret::Secret,
        session::SessionKey,
    };

    use super::*;

    /// T8: the page can't ask for what is answered with a secret, and is told none.
    #[test]
    fn t8_the_page_may_read_the_journal_and_gets_no_secret() {
        let role = Name::parse("prod").unwrap();
        for refused in [
            Request::Credentials {
                session: SessionKey::of(role.clone()),
                asking: Asking::Popup,
            },
            Request::ConsoleUrl {
                console: Console::of(role.clone()),
                asking: Asking::Popup,
            },
            Request::Quit,
        ] {
            assert!(!is_allowed(&refused), "{}", refused.name());
        }
        assert!(is_allowed(&Request::Journal(Query::default())));
        let described = Response::Role {
            role: Box::new(Role::new(
                role.clone(),
                role,
                "arn:aws:iam::111122223333:role/Admin".parse().unwrap(),
            )),
            policies: Err(Problem::usage("It is not known.")),
        };
        assert!(told(described, Language::default()).is_some());
        assert!(is_allowed(&Request::ExportJournal(Filter::default())));
        assert!(told(Response::Journal(Page::default()), Language::default()).is_some());
        let secret = || Secret::new("secret".to_owned());
        let credentials = Response::Credentials(WireCredentials {
            access_key_id: "ASIAIOSFODNN7EXAMPLE".to_owned(),
            secret_access_key: secret(),
            session_token: secret(),
            expires_at: daypass_core::Instant::UNIX_EPOCH,
            account: "111122223333".to_owned(),
        });
        assert!(told(credentials, Language::default()).is_none());
        assert!(told(Response::ConsoleUrl { url: secret() }, Language::default()).is_none());
    }

    /// T18: the page offers the report for pasting into a bug report.
    #[test]
    fn t18_an_examination_names_no_account() {
        let finding = Finding::broken("sts", "No role in 111122223333.", "Look at 111122223333.");
        let told = told(Response::Examined(vec![finding]), Language::default());
        let shown = serde_json::to_string(&told).unwrap();
        assert!(shown.contains("No role in (account)."), "{shown}");
        assert!(!shown.contains("111122223333"), "{shown}");
    }

    /// T18: nor does it in another language.
    #[test]
    fn t18_what_the_page_is_told_is_in_its_language() {
        let german = Language::of(Some("de"), Language::default());
        let finding = Finding::broken(
            "keychain",
            "It answers, in 5 ms, but has no key for 111122223333.",
            "Try again.",
        );
        let Some(Response::Examined(findings)) = told(Response::Examined(vec![finding]), german)
        else {
            panic!("nothing told")
        };
        let shown = Finding::broken(
            "Schlüsselbund",
            "Er antwortet, in 5 ms, hat aber keinen Schlüssel für (account).",
            "Noch einmal versuchen.",
        );
        assert_eq!(findings, [shown]);

        let problem = Problem::usage(
            "There is already an identity work. Choose another name, or remove that one first.",
        );
        let refusal = serde_json::to_value(Refusal::new(problem.clone(), german)).unwrap();
        assert_eq!(
            refusal["what"],
            "Es gibt schon eine Identität work. Einen anderen Namen wählen, oder jene zuerst entfernen."
        );
        assert_eq!(refusal["english"], problem.what);
        assert_eq!(refusal["code"], "usage");
    }
}
