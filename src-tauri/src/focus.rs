//! When the popup's window goes because another one was chosen.

use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::Duration,
};

use tauri::{AppHandle, Manager, WebviewWindow};

/// The window manager passes the focus around while it shows a window.
const SETTLES: Duration = Duration::from_millis(500);
/// How long a loss of the focus has to last, and then how often it is looked at while one of our
/// menus is open or the window is being moved.
const LOOK: Duration = Duration::from_millis(150);
/// Who holds a menu open for longer than this does not want the window to go.
const LOOKS: u32 = 400;

/// What decides.
#[derive(Default)]
pub(crate) struct Focus {
    /// The setting.
    hides: AtomicBool,
    /// Whether a code or a key is being typed.
    kept_open: AtomicBool,
    /// How often the window was shown; the last of them may not have settled.
    shown: AtomicU64,
    settled: AtomicU64,
    /// Whether the window has had the focus since then. One that never got it does not lose it.
    had: AtomicBool,
    /// Whether a loss is being looked at.
    looking: AtomicBool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Goes,
    Stays,
    LookAgain,
}

/// How things stand some time after the focus was lost.
#[derive(Debug, Clone, Copy)]
struct Look {
    has_focus: bool,
    kept_open: bool,
    /// Whether it is a menu of ours that has the focus, or the window manager.
    is_away_for_us: bool,
}

const fn judge(look: Look) -> Verdict {
    if look.has_focus || look.kept_open {
        return Verdict::Stays;
    }
    if look.is_away_for_us {
        return Verdict::LookAgain;
    }
    Verdict::Goes
}

impl Focus {
    /// Goes by the setting.
    pub(crate) fn set_hides(&self, hides: bool) {
        self.hides.store(hides, Ordering::Relaxed);
    }

    /// Whether something typed would go with the window.
    pub(crate) fn is_kept_open(&self) -> bool {
        self.kept_open.load(Ordering::Relaxed)
    }

    /// Whether the window stands there for as long as it takes somebody to see it, with nothing
    /// typed into it.
    pub(crate) fn is_at_rest(&self) -> bool {
        self.is_settled() && !self.is_kept_open()
    }

    fn is_settled(&self) -> bool {
        self.settled.load(Ordering::Relaxed) == self.shown.load(Ordering::Relaxed)
    }
}

/// The window is about to be shown.
pub(crate) fn shown(app: &AppHandle, focus: &Focus) {
    let this = focus.shown.fetch_add(1, Ordering::Relaxed) + 1;
    focus.had.store(false, Ordering::Relaxed);
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        tokio::time::sleep(SETTLES).await;
        let focus = &app.state::<crate::popup::Popup>().focus;
        focus.settled.fetch_max(this, Ordering::Relaxed);
        // It may have been lost meanwhile.
        if focus.had.load(Ordering::Relaxed) {
            lost(&app, focus);
        }
    });
}

/// The focus is here.
pub(crate) fn gained(focus: &Focus) {
    focus.had.store(true, Ordering::Relaxed);
}

/// Keeps the window open while something is being typed into it that must not be lost.
pub(crate) fn keep_open(app: &AppHandle, focus: &Focus, on: bool) {
    focus.kept_open.store(on, Ordering::Relaxed);
    if !on {
        lost(app, focus);
    }
}

/// The focus has gone, or is not here although it may.
pub(crate) fn lost(app: &AppHandle, focus: &Focus) {
    let is_wanted = focus.hides.load(Ordering::Relaxed) && focus.is_settled();
    if !is_wanted || focus.looking.swap(true, Ordering::AcqRel) {
        return;
    }
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        let goes = look_until_decided(&app).await;
        let focus = &app.state::<crate::popup::Popup>().focus;
        focus.looking.store(false, Ordering::Release);
        if goes {
            let handle = app.clone();
            let _ = app.run_on_main_thread(move || crate::popup::put_away(&handle));
        }
    });
}

async fn look_until_decided(app: &AppHandle) -> bool {
    for _ in 0..LOOKS {
        tokio::time::sleep(LOOK).await;
        let (tell, told) = tokio::sync::oneshot::channel();
        let handle = app.clone();
        let asked = app.run_on_main_thread(move || {
            let _ = tell.send(look(&handle));
        });
        let verdict = match asked {
            Ok(()) => told.await.unwrap_or(Verdict::Stays),
            Err(_) => Verdict::Stays,
        };
        if verdict != Verdict::LookAgain {
            return verdict == Verdict::Goes;
        }
    }
    false
}

fn look(app: &AppHandle) -> Verdict {
    let is_visible = |window: &WebviewWindow| window.is_visible().unwrap_or(false);
    let Some(window) = crate::popup::window(app).filter(is_visible) else {
        return Verdict::Stays;
    };
    judge(Look {
        has_focus: window.is_focused().unwrap_or(true),
        kept_open: app
            .state::<crate::popup::Popup>()
            .focus
            .kept_open
            .load(Ordering::Relaxed),
        is_away_for_us: is_away_for_us(),
    })
}

#[cfg(target_os = "linux")]
fn is_away_for_us() -> bool {
    let has_menu = gtk::grab_get_current().is_some();
    has_menu || (crate::x11::is_drawn_on() && crate::x11::has_active_window())
}

#[cfg(not(target_os = "linux"))]
const fn is_away_for_us() -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_goes_when_another_one_is_chosen_and_not_while_it_is_needed() {
        let gone = Look {
            has_focus: false,
            kept_open: false,
            is_away_for_us: false,
        };
        assert_eq!(judge(gone), Verdict::Goes);
        let back = Look {
            has_focus: true,
            ..gone
        };
        assert_eq!(judge(back), Verdict::Stays);
        let typing = Look {
            kept_open: true,
            ..gone
        };
        assert_eq!(judge(typing), Verdict::Stays);
        let menu = Look {
            is_away_for_us: true,
            ..gone
        };
        assert_eq!(judge(menu), Verdict::LookAgain);
    }

    #[test]
    fn the_window_has_to_settle_each_time_it_is_shown() {
        let focus = Focus::default();
        assert!(focus.is_settled());
        focus.shown.store(2, Ordering::Relaxed);
        // An earlier showing's time is up, and says nothing of this one.
        focus.settled.fetch_max(1, Ordering::Relaxed);
        assert!(!focus.is_settled());
        focus.settled.fetch_max(2, Ordering::Relaxed);
        assert!(focus.is_settled());
    }
}
