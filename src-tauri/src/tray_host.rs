//! The program that shows tray icons: it may be missing, come late, or be started anew (R19).
//!
//! A host that is started anew gets the icon from ksni, which registers it again. What is left to
//! do is the first time: no icon can be made before there is a host.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc},
    thread,
    time::Duration,
};

use daypass_agent::{
    bus::{self, Bus},
    controller::Input,
    desktop_facts::{NOTIFICATIONS, TRAY_HOST},
};
use tauri::AppHandle;
use tokio::sync::mpsc::UnboundedSender;

use crate::{
    desktop::make_icon,
    notifications::{News, Notifications},
};

/// A desktop that is just starting has its panel by then (HARDENING.md, R19).
const LONGEST_START: Duration = Duration::from_secs(10);
/// A host has its name a moment before it takes icons.
const TRIES: usize = 10;
const BETWEEN_TRIES: Duration = Duration::from_millis(500);

const MISSING: &str = "This desktop shows no tray icons (GNOME needs the AppIndicator extension). Daypass keeps running; start it again to see this window. The icon appears as soon as there is a place for it.";

/// Makes the icon when there is a host, and tells the notifications of their server.
pub(crate) fn watch(app: AppHandle, inputs: UnboundedSender<Input>, notifications: Notifications) {
    let icon = Arc::new(Icon {
        app,
        inputs,
        progress: Mutex::new(Progress::Awaited),
    });
    let names = &[TRAY_HOST, NOTIFICATIONS];
    let host = Arc::clone(&icon);
    bus::watch_owners("desktop", Bus::Session, names, move |name, owner| {
        match (name, owner) {
            (TRAY_HOST, Some(_)) => host.make(),
            (NOTIFICATIONS, owner) => notifications.tell(News::Server(owner)),
            _ => {}
        }
    });
    thread::spawn(move || {
        thread::sleep(LONGEST_START);
        icon.miss();
    });
}

/// The icon, which is made once.
struct Icon {
    app: AppHandle,
    inputs: UnboundedSender<Input>,
    progress: Mutex<Progress>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    Awaited,
    Missed,
    Made,
}

impl Icon {
    fn make(&self) {
        for _ in 0..TRIES {
            if *self.progress() == Progress::Made || self.try_to_make() {
                return;
            }
            thread::sleep(BETWEEN_TRIES);
        }
    }

    fn try_to_make(&self) -> bool {
        let (done, is_made) = mpsc::channel();
        let (app, inputs) = (self.app.clone(), self.inputs.clone());
        let asked = self.app.run_on_main_thread(move || {
            let made = make_icon(&app, inputs)
                .inspect_err(|error| tracing::warn!(%error, "no tray icon"))
                .is_ok();
            let _ = done.send(made);
        });
        if asked.is_err() || !is_made.recv().unwrap_or(false) {
            return false;
        }
        let mut progress = self.progress();
        if *progress == Progress::Missed {
            let _ = self.inputs.send(Input::TrayBack);
        }
        *progress = Progress::Made;
        true
    }

    /// No tray host is no crash: the agent opens the window instead, which says why.
    fn miss(&self) {
        let mut progress = self.progress();
        if *progress == Progress::Made {
            return;
        }
        tracing::warn!("no tray host");
        let _ = self.inputs.send(Input::TrayMissing(MISSING.to_owned()));
        *progress = Progress::Missed;
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
