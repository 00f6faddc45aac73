//! Secrets on the clipboard: hidden from its history where the desktop knows such a thing, and
//! taken off again after a while unless something else is there by then (T16).

use std::{sync::mpsc, thread, time::Duration};

use arboard::{Clipboard, SetExtLinux};
use daypass_core::{
    problem::{Code, Problem},
    secret::Secret,
};
use zeroize::Zeroizing;

/// What was copied. When this is dropped, it is taken off at once.
pub(crate) struct Copied {
    _stays: mpsc::Sender<()>,
}

/// Copies a secret. On X11 and Wayland its owner has to stay to serve it, so a thread keeps it.
pub(crate) fn copy(secret: Secret, seconds: u16) -> Result<Copied, Problem> {
    let mut clipboard = Clipboard::new().map_err(|_| missing())?;
    clipboard
        .set()
        .exclude_from_history()
        .text(secret.expose())
        .map_err(|_| missing())?;
    let (stays, dropped) = mpsc::channel();
    thread::Builder::new()
        .name("clipboard".to_owned())
        .spawn(move || {
            let _ = dropped.recv_timeout(Duration::from_secs(u64::from(seconds)));
            let ours = clipboard
                .get_text()
                .map(Zeroizing::new)
                .is_ok_and(|text| text.as_str() == secret.expose());
            // Before the owner goes: a clipboard's manager would keep what is left behind.
            if !ours {
                tracing::debug!("the clipboard holds something else");
                return;
            }
            if let Err(error) = clipboard.clear() {
                tracing::warn!(%error, "the clipboard could not be cleared");
            }
        })
        .map(|_| Copied { _stays: stays })
        .map_err(|_| missing())
}

fn missing() -> Problem {
    Problem::yours(
        Code::Failed,
        "This desktop has no clipboard that Daypass can use.",
        "Use `daypass console ROLE --print` or `daypass env ROLE` in a terminal.",
    )
}
