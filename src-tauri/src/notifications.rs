//! Notifications of the desktop. Each has a thread of its own until it is closed: the D-Bus
//! connection must stay open for as long as it shows, or GNOME takes it away.

use std::thread;

use daypass_agent::{
    controller::Input,
    ports::{Notification, Topic},
};
use daypass_core::menu::Choice;
use tokio::sync::mpsc::UnboundedSender;

/// The key of the button; the key of a click on the notification itself is `default`.
const ACTION: &str = "daypass-action";

/// Shows a notification; its button comes back as an input.
pub(crate) fn show(notification: Notification, inputs: UnboundedSender<Input>) {
    let shown = thread::Builder::new()
        .name("notification".to_owned())
        .spawn(move || {
            if let Err(error) = show_and_wait(&notification, &inputs) {
                // The tray icon says the same; a desktop without notifications is no fault.
                tracing::warn!(%error, "the notification could not be shown");
            }
        });
    if let Err(error) = shown {
        tracing::warn!(%error, "no thread for a notification");
    }
}

/// Takes a notification back.
pub(crate) fn withdraw(_about: &Topic) {}

#[cfg(target_os = "linux")]
fn show_and_wait(
    notification: &Notification,
    inputs: &UnboundedSender<Input>,
) -> Result<(), notify_rust::error::Error> {
    let mut request = prepare(notification);
    let first = notification.actions.first().cloned();
    if let Some((label, _)) = &first {
        request.action("default", label).action(ACTION, label);
    }
    let handle = request.show()?;
    let choice: Option<Choice> = first.map(|(_, choice)| choice);
    handle.wait_for_action(|action| {
        if let (Some(choice), ACTION | "default") = (choice, action) {
            let _ = inputs.send(Input::Chosen(choice));
        }
    });
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn show_and_wait(
    notification: &Notification,
    _inputs: &UnboundedSender<Input>,
) -> Result<(), notify_rust::error::Error> {
    prepare(notification).show().map(|_| ())
}

fn prepare(notification: &Notification) -> notify_rust::Notification {
    let mut request = notify_rust::Notification::new();
    request
        .appname("Daypass")
        .summary(&notification.title)
        .body(&escape(&notification.body))
        .icon("dialog-password");
    request
}

/// Servers may read the body as markup (Desktop Notifications Specification, "Markup"); names may
/// hold anything.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t8_markup_in_a_name_is_text() {
        assert_eq!(escape("<b>&</b>"), "&lt;b&gt;&amp;&lt;/b&gt;");
    }
}
