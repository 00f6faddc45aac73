//! What this desktop offers to programs in its tray.

use crate::bus::{self, Bus};

/// The name of the notification server on the session bus.
pub const NOTIFICATIONS: &str = "org.freedesktop.Notifications";
/// The name of the tray host on the session bus.
pub const TRAY_HOST: &str = "org.kde.StatusNotifierWatcher";

/// A notification server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotificationServer {
    /// As it names itself, for example `dunst`.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What it can show; `actions` are buttons.
    pub capabilities: Vec<String>,
    /// Its connection, as the bus names it.
    pub connection: String,
}

impl NotificationServer {
    /// Whether it shows buttons.
    pub fn has_actions(&self) -> bool {
        self.capabilities.iter().any(|one| one == "actions")
    }
}

/// The notification server of this desktop; the bus starts it where it knows how. Blocks for up
/// to some seconds.
pub fn notification_server() -> Option<NotificationServer> {
    let connection = Bus::Session.connect().ok()?;
    let ask = |method| {
        connection.call_method(
            Some(NOTIFICATIONS),
            "/org/freedesktop/Notifications",
            Some(NOTIFICATIONS),
            method,
            &(),
        )
    };
    let answer = ask("GetServerInformation").ok()?;
    let (name, _, version, _): (String, String, String, String) =
        answer.body().deserialize().ok()?;
    let capabilities = ask("GetCapabilities").ok()?;
    Some(NotificationServer {
        name,
        version,
        capabilities: capabilities.body().deserialize().ok()?,
        connection: answer.header().sender()?.to_string(),
    })
}

/// Whether this desktop shows tray icons. Blocks for up to some seconds.
pub fn tray_host() -> bool {
    let connection = Bus::Session.connect();
    connection.is_ok_and(|connection| bus::owner(&connection, TRAY_HOST).is_some())
}
