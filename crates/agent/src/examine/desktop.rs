//! Who is there to show icon and notifications.

use daypass_core::finding::Finding;

use crate::desktop_facts::{self, NotificationServer};

/// The bus may be slow, so it is asked away from the tasks.
async fn asked<T: Send + 'static>(ask: fn() -> T) -> Option<T> {
    tokio::task::spawn_blocking(ask).await.ok()
}

pub(super) async fn tray(has_screen: bool, missing: Option<String>) -> Finding {
    const ABOUT: &str = "tray";
    if !has_screen {
        return Finding::ok(ABOUT, "This agent has no screen, and needs no tray.");
    }
    let has_host = asked(desktop_facts::tray_host).await == Some(true);
    match (has_host, missing) {
        (true, None) => Finding::ok(ABOUT, "The desktop has a tray, with Daypass's icon in it."),
        (true, Some(why)) => Finding::attention(
            ABOUT,
            format!("The desktop has a tray, but Daypass's icon is not in it: {why}"),
            "Quit Daypass and start it again.",
        ),
        (false, _) => Finding::attention(
            ABOUT,
            "The desktop has no tray for an icon.",
            "Daypass works without: its window and `daypass` do the same. On GNOME the AppIndicator extension brings a tray.",
        ),
    }
}

pub(super) async fn notifications(has_screen: bool) -> Finding {
    const ABOUT: &str = "notifications";
    if !has_screen {
        return Finding::ok(ABOUT, "This agent has no screen, and sends none.");
    }
    let Some(server) = asked(desktop_facts::notification_server).await.flatten() else {
        return Finding::attention(
            ABOUT,
            "Nothing on this desktop shows notifications.",
            "The icon and the window say the same. To see them pop up, start a notification daemon such as dunst.",
        );
    };
    let buttons = if server.has_actions() {
        "with buttons"
    } else {
        "without buttons"
    };
    let NotificationServer { name, version, .. } = server;
    Finding::ok(ABOUT, format!("{name} {version} shows them, {buttons}."))
}
