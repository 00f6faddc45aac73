//! Notifications of the desktop: one about each topic, as long as it holds.

#[cfg(target_os = "linux")]
mod board;
#[cfg(test)]
mod tests;

use std::thread;

use daypass_agent::{
    controller::Input,
    ports::{Notification, Topic},
};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

/// What is to be done, in this order.
pub(crate) enum News {
    /// There is something to say.
    Show(Notification),
    /// Something said no longer holds.
    Withdraw(Topic),
    /// The notification server, as the bus names its connection, or that there is none.
    Server(Option<String>),
    /// Somebody saw to the notification of that number, with one of its actions or without.
    Answered(Topic, u64, Option<usize>),
}

/// The way to the one thread that has to do with notifications: a server may take its time, which
/// the agent's loop has not.
#[derive(Clone)]
pub(crate) struct Notifications(UnboundedSender<News>);

impl Notifications {
    /// Starts the thread. What people choose comes back as an input.
    pub(crate) fn start(inputs: UnboundedSender<Input>) -> Self {
        let (news, queue) = mpsc::unbounded_channel();
        let sender = news.clone();
        let started = thread::Builder::new()
            .name("notifications".to_owned())
            .spawn(move || live(inputs, sender, queue));
        if let Err(error) = started {
            tracing::warn!(%error, "no thread for notifications");
        }
        Self(news)
    }

    pub(crate) fn tell(&self, news: News) {
        let _ = self.0.send(news);
    }
}

#[cfg(target_os = "linux")]
fn live(
    inputs: UnboundedSender<Input>,
    news: UnboundedSender<News>,
    queue: UnboundedReceiver<News>,
) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build();
    match runtime {
        Ok(runtime) => runtime.block_on(board::Board::new(inputs, news).live(queue)),
        Err(error) => tracing::warn!(%error, "no notifications"),
    }
}

#[cfg(not(target_os = "linux"))]
fn live(
    _inputs: UnboundedSender<Input>,
    _news: UnboundedSender<News>,
    mut queue: UnboundedReceiver<News>,
) {
    while let Some(news) = queue.blocking_recv() {
        let News::Show(notification) = news else {
            continue;
        };
        let mut request = notify_rust::Notification::new();
        fill(&mut request, &notification, false);
        if let Err(error) = request.show() {
            tracing::warn!(%error, "the notification could not be shown");
        }
    }
}

/// Writes a notification as the server is to show it.
fn fill(request: &mut notify_rust::Notification, notification: &Notification, buttons: bool) {
    request
        .appname("Daypass")
        .summary(&notification.title)
        .icon("dialog-password");
    request.actions.clear();
    let mut body = escape(&notification.body);
    if buttons {
        // A click on the notification itself is the action `default`.
        let keys = std::iter::once("default".to_owned()).chain((1..).map(|key| key.to_string()));
        let first = notification.actions.first();
        for (key, (label, _)) in keys.zip(first.into_iter().chain(&notification.actions)) {
            request.action(&key, label);
        }
    } else if !notification.actions.is_empty() {
        body.push(' ');
        body.push_str(&escape(&notification.without_buttons));
    }
    request.body(&body);
}

/// Which action a key of [`fill`] stands for.
#[cfg(target_os = "linux")]
fn action(key: &str) -> Option<usize> {
    key.parse::<usize>().ok()?.checked_sub(1)
}

/// Servers may read the body as markup (Desktop Notifications Specification, "Markup"); names may
/// hold anything.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod markup {
    #[test]
    fn t8_markup_in_a_name_is_text() {
        assert_eq!(super::escape("<b>&</b>"), "&lt;b&gt;&amp;&lt;/b&gt;");
    }
}
