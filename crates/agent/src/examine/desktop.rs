//! Who is there to show icon and notifications.

use daypass_core::finding::Finding;

/// The tray's host: StatusNotifierItem specification, "StatusNotifierWatcher".
const TRAY_HOST: &str = "org.kde.StatusNotifierWatcher";
/// Desktop Notifications specification, "D-BUS protocol".
const NOTIFICATIONS: &str = "org.freedesktop.Notifications";

/// Whether somebody on the session bus has a name, or would be started to have it; nothing without
/// a bus.
async fn is_there(name: &'static str) -> Option<bool> {
    tokio::task::spawn_blocking(move || ask_bus(name).ok())
        .await
        .ok()
        .flatten()
}

fn ask_bus(name: &'static str) -> zbus::Result<bool> {
    let connection = zbus::blocking::Connection::session()?;
    let bus = zbus::blocking::fdo::DBusProxy::new(&connection)?;
    if bus.name_has_owner(name.try_into()?)? {
        return Ok(true);
    }
    let startable = bus.list_activatable_names()?;
    Ok(startable.iter().any(|known| known.as_str() == name))
}

pub(super) async fn tray(has_screen: bool, missing: Option<String>) -> Finding {
    const ABOUT: &str = "tray";
    if !has_screen {
        return Finding::ok(ABOUT, "This agent has no screen, and needs no tray.");
    }
    let todo = "Daypass works without: its window and `daypass` do the same. On GNOME the AppIndicator extension brings a tray.";
    match (is_there(TRAY_HOST).await, missing) {
        (Some(true), None) => {
            Finding::ok(ABOUT, "The desktop has a tray, with Daypass's icon in it.")
        }
        (Some(true), Some(why)) => Finding::attention(
            ABOUT,
            format!("The desktop has a tray, but Daypass's icon is not in it: {why}."),
            "Quit Daypass and start it again.",
        ),
        (Some(false), _) => Finding::attention(ABOUT, "The desktop has no tray for an icon.", todo),
        (None, _) => Finding::attention(ABOUT, "There is no session bus to find a tray on.", todo),
    }
}

pub(super) async fn notifications(has_screen: bool) -> Finding {
    const ABOUT: &str = "notifications";
    if !has_screen {
        return Finding::ok(ABOUT, "This agent has no screen, and sends none.");
    }
    if is_there(NOTIFICATIONS).await == Some(true) {
        return Finding::ok(ABOUT, "The desktop shows notifications.");
    }
    Finding::attention(
        ABOUT,
        "Nothing on this desktop shows notifications.",
        "The icon and the window say the same. To see them pop up, start a notification daemon such as dunst.",
    )
}
