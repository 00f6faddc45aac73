//! The agent's desktop, made with Tauri: icon, menu, popup process, browser.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use daypass_agent::{
    controller::Input,
    hardening::Inherited,
    ports::{Desktop, Notification, Topic},
};
use daypass_core::{
    language::Language,
    menu::{Choice, Item, Tray},
    problem::{Code, Problem},
    secret::Secret,
    settings::Settings,
    view::Look,
};
use tauri::{
    AppHandle, Manager,
    image::Image,
    include_image,
    menu::{IsMenuItem, Menu, MenuItem, PredefinedMenuItem, Submenu},
    tray::{MouseButton, MouseButtonState, TrayIconBuilder, TrayIconEvent},
};
use tokio::sync::mpsc::UnboundedSender;

use crate::{
    clipboard, detached,
    notifications::{News, Notifications},
    popup,
    session::Session,
};

const TRAY: &str = "daypass";

/// What each menu line does, by its id. Tauri reports a choice by id only.
type Choices = Arc<Mutex<HashMap<String, Choice>>>;

pub(crate) struct TauriDesktop {
    app: AppHandle,
    inputs: UnboundedSender<Input>,
    notifications: Notifications,
    /// This program, as it was found at the start: an upgrade may put another in its place.
    program: PathBuf,
    /// What was copied last.
    copied: Option<clipboard::Copied>,
    /// Whether a popup process runs, hidden or not.
    popup_runs: Arc<AtomicBool>,
    inherited: Inherited,
    session: Session,
    /// That of the environment.
    language: Language,
}

impl TauriDesktop {
    pub(crate) fn new(
        app: AppHandle,
        inputs: UnboundedSender<Input>,
        inherited: Inherited,
    ) -> Self {
        app.manage(Choices::default());
        app.manage(LastTray::default());
        let notifications = Notifications::start(inputs.clone());
        app.manage(notifications.clone());
        let program = std::env::current_exe().unwrap_or_else(|_| PathBuf::from("daypass-tray"));
        Self {
            app,
            notifications,
            inherited,
            session: Session::new(&program, inputs.clone()),
            inputs,
            program,
            copied: None,
            popup_runs: Arc::default(),
            language: Language::of_environment(|name| std::env::var(name).ok()),
        }
    }
}

impl TauriDesktop {
    /// Does what may take a while on a thread of its own, and tells the loop where it fails.
    fn beside(&self, work: impl FnOnce() -> Result<(), Problem> + Send + 'static) {
        let inputs = self.inputs.clone();
        thread::spawn(move || {
            if let Err(problem) = work() {
                let _ = inputs.send(Input::Failed(problem));
            }
        });
    }
}

/// The tray as the agent last wanted it, for an icon that is made later.
#[derive(Default)]
struct LastTray(Mutex<Option<Tray>>);

impl Desktop for TauriDesktop {
    fn show_tray(&mut self, tray: Tray) {
        let app = self.app.clone();
        let _ = self.app.run_on_main_thread(move || {
            if let Err(error) = draw(&app, &tray) {
                tracing::warn!(%error, "the tray could not be drawn");
            }
            let last = app.state::<LastTray>();
            *last.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(tray);
        });
    }

    fn notify(&mut self, notification: Notification) {
        self.notifications.tell(News::Show(notification));
    }

    fn withdraw(&mut self, about: &Topic) {
        self.notifications.tell(News::Withdraw(about.clone()));
    }

    fn open_popup(&mut self) -> bool {
        if self.popup_runs.swap(true, Ordering::AcqRel) {
            return true;
        }
        match spawn_popup(&self.program) {
            Ok(child) => {
                let (program, inputs) = (self.program.clone(), self.inputs.clone());
                let running = Arc::clone(&self.popup_runs);
                thread::spawn(move || {
                    watch_popup(child, &program);
                    running.store(false, Ordering::Release);
                    let _ = inputs.send(Input::PopupEnded);
                });
                true
            }
            Err(error) => {
                tracing::error!(%error, "the window could not be opened");
                self.popup_runs.store(false, Ordering::Release);
                false
            }
        }
    }

    fn language(&self, chosen: Option<&str>) -> Language {
        Language::of(chosen, self.language)
    }

    /// On a thread of its own: launchers are tried one after the other, and each may take a while.
    fn open_browser(&mut self, url: &str) -> Result<(), Problem> {
        let (url, inherited) = (url.to_owned(), self.inherited);
        self.beside(move || {
            // An error's text quotes the address.
            inherited.with(|| open::that_detached(url)).map_err(|error| {
                Problem::yours(
                    Code::Failed,
                    format!("The browser could not be opened ({}).", error.kind()),
                    "Set a default browser, or print the link with `daypass console ROLE --print`.",
                )
            })
        });
        Ok(())
    }

    /// On a thread of its own: a browser that is being opened has the limits for a while.
    fn start(&mut self, command: &[String]) -> Result<(), Problem> {
        let (command, inherited) = (command.to_owned(), self.inherited);
        self.beside(move || {
            detached::start(&inherited, &command).map_err(|error| {
                let program = command.first().map_or("The program", String::as_str);
                Problem::yours(
                    Code::Failed,
                    format!("{program} could not be started ({}).", error.kind()),
                    "Try whether it starts without Daypass.",
                )
            })
        });
        Ok(())
    }

    fn apply(&mut self, settings: &Settings) {
        self.session.apply(settings);
    }

    fn copy(&mut self, secret: Secret, seconds: u16) -> Result<(), Problem> {
        self.copied = Some(clipboard::copy(secret, seconds)?);
        Ok(())
    }

    fn clear_clipboard(&mut self) {
        self.copied = None;
    }
}

fn spawn_popup(program: &Path) -> std::io::Result<Child> {
    Command::new(program)
        .arg("popup")
        .stdin(Stdio::null())
        .spawn()
}

/// Waits for the popup to end, and starts it anew where it asks for that.
fn watch_popup(mut child: Child, program: &Path) {
    while child
        .wait()
        .is_ok_and(|status| status.code() == Some(popup::AGAIN))
    {
        match spawn_popup(program) {
            Ok(next) => child = next,
            Err(_) => return,
        }
    }
}

/// Puts the icon into the tray.
pub(crate) fn make_icon(app: &AppHandle, inputs: UnboundedSender<Input>) -> tauri::Result<()> {
    let clicked = inputs.clone();
    let choices = app.state::<Choices>().inner().clone();
    TrayIconBuilder::with_id(TRAY)
        .icon(icon(Look::Idle))
        .tooltip("Daypass")
        .show_menu_on_left_click(false)
        .on_tray_icon_event(move |_, event| {
            if let TrayIconEvent::Click {
                button: MouseButton::Left,
                button_state: MouseButtonState::Up,
                ..
            } = event
            {
                let _ = clicked.send(Input::TrayClicked);
            }
        })
        .on_menu_event(move |_, event| {
            let choices = choices.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(choice) = choices.get(event.id().as_ref()) {
                let _ = inputs.send(Input::Chosen(choice.clone()));
            }
        })
        .build(app)?;
    let last = app.state::<LastTray>();
    let last = last
        .0
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    last.map_or(Ok(()), |tray| draw(app, &tray))
}

fn draw(app: &AppHandle, tray: &Tray) -> tauri::Result<()> {
    let Some(shown) = app.tray_by_id(TRAY) else {
        return Ok(());
    };
    shown.set_icon(Some(icon(tray.look)))?;
    shown.set_tooltip(Some(&tray.tooltip))?;
    shown.set_menu(Some(menu(app, &tray.menu)?))
}

fn menu(app: &AppHandle, items: &[Item]) -> tauri::Result<Menu<tauri::Wry>> {
    let mut choices = HashMap::new();
    let menu = Menu::new(app)?;
    for item in items {
        menu.append(&*line(app, item, &mut choices)?)?;
    }
    let known = app.state::<Choices>();
    *known.lock().unwrap_or_else(PoisonError::into_inner) = choices;
    Ok(menu)
}

fn line(
    app: &AppHandle,
    item: &Item,
    choices: &mut HashMap<String, Choice>,
) -> tauri::Result<Box<dyn IsMenuItem<tauri::Wry>>> {
    Ok(match item {
        Item::Separator => Box::new(PredefinedMenuItem::separator(app)?),
        Item::Text(text) => Box::new(MenuItem::new(app, literal(text), false, None::<&str>)?),
        Item::Menu(text, items) => {
            let menu = Submenu::new(app, literal(text), true)?;
            for item in items {
                menu.append(&*line(app, item, choices)?)?;
            }
            Box::new(menu)
        }
        Item::Entry(text, choice) => {
            // The same choice has the same id in every drawing, so that a click on a menu that
            // is just being redrawn still counts.
            let id = format!("{choice:?}");
            let line = MenuItem::with_id(app, &id, literal(text), true, None::<&str>)?;
            choices.insert(id, choice.clone());
            Box::new(line)
        }
    })
}

/// Menus read `&` as the mark of an access key.
fn literal(text: &str) -> String {
    text.replace('&', "&&")
}

fn icon(look: Look) -> Image<'static> {
    match look {
        Look::Idle => include_image!("src-tauri/icons/tray-idle.png"),
        Look::Active => include_image!("src-tauri/icons/tray-active.png"),
        Look::NeedsYou => include_image!("src-tauri/icons/tray-needs-you.png"),
        Look::Error => include_image!("src-tauri/icons/tray-error.png"),
    }
}
