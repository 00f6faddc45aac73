//! What is on show, on a desktop with D-Bus.
//!
//! A notification keeps the connection that it was sent over: GNOME tells only that one what
//! happens to it, and takes it away when the connection ends. notify-rust's handle is that
//! connection. Handles wait in tasks of this thread, not in threads of their own, so there are as
//! many connections as topics and no thread more for any of them.

use std::{collections::HashMap, sync::Arc, time::Duration};

use daypass_agent::{
    controller::Input,
    desktop_facts::{self, NotificationServer},
    ports::{Notification, Topic},
};
use notify_rust::{NotificationHandle, NotificationResponse};
use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender},
    task::JoinHandle,
    time::timeout,
};

use super::{News, action, fill};

/// A server that needs longer shows it late or never.
const LONGEST_CALL: Duration = Duration::from_secs(5);

pub(super) struct Board {
    inputs: UnboundedSender<Input>,
    news: UnboundedSender<News>,
    server: Option<NotificationServer>,
    /// Whether it was logged that there is no server. Icon and window say all that is said here.
    told: bool,
    entries: HashMap<Topic, Entry>,
    next: u64,
}

/// Something that holds, on show or waiting for a server.
struct Entry {
    notification: Notification,
    shown: Option<Shown>,
}

struct Shown {
    handle: Arc<NotificationHandle>,
    /// The connection of the server that shows it.
    by: String,
    number: u64,
    wait: Wait,
}

/// A task that ends when nobody cares for its outcome any more.
struct Wait(JoinHandle<()>);

impl Drop for Wait {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Shown {
    /// Ends the wait for an answer.
    async fn into_handle(mut self) -> Option<NotificationHandle> {
        self.wait.0.abort();
        let _ = (&mut self.wait.0).await;
        Arc::into_inner(self.handle)
    }
}

impl Board {
    pub(super) fn new(inputs: UnboundedSender<Input>, news: UnboundedSender<News>) -> Self {
        Self {
            inputs,
            news,
            server: None,
            told: false,
            entries: HashMap::new(),
            next: 0,
        }
    }

    pub(super) async fn live(mut self, mut queue: UnboundedReceiver<News>) {
        while let Some(news) = queue.recv().await {
            match news {
                News::Show(notification) => self.show(notification).await,
                News::Withdraw(about) => self.withdraw(&about).await,
                News::Server(owner) => self.server_is(owner).await,
                News::Answered(about, number, action) => self.answered(&about, number, action),
            }
        }
    }

    /// Shows a notification in place of the one about the same.
    async fn show(&mut self, notification: Notification) {
        let about = notification.about.clone();
        let before = self.entries.remove(&about).and_then(|entry| entry.shown);
        let shown = self.put_up(&notification, before).await;
        let entry = Entry {
            notification,
            shown,
        };
        self.entries.insert(about, entry);
    }

    async fn put_up(
        &mut self,
        notification: &Notification,
        before: Option<Shown>,
    ) -> Option<Shown> {
        if self.server.is_none() {
            // The bus may know how to start one.
            self.server = desktop_facts::notification_server();
            self.log_server();
        }
        let Some(server) = self.server.clone() else {
            tracing::debug!("a notification waits for a server");
            return None;
        };
        let before = match before.filter(|before| before.by == server.connection) {
            Some(before) => before.into_handle().await,
            None => None,
        };
        let handle = match before.and_then(|before| replace(before, notification, &server)) {
            Some(handle) => handle,
            None => send(notification, &server).await?,
        };
        Some(self.attend(notification.about.clone(), handle, server.connection))
    }

    fn log_server(&mut self) {
        if self.server.is_none() && !self.told {
            tracing::warn!("this desktop shows no notifications; icon and window say the same");
        }
        self.told = self.server.is_none();
    }

    /// Waits for what people do with it.
    fn attend(&mut self, about: Topic, handle: NotificationHandle, by: String) -> Shown {
        self.next += 1;
        let number = self.next;
        let handle = Arc::new(handle);
        let (waits, news) = (Arc::clone(&handle), self.news.clone());
        let wait = tokio::spawn(async move {
            let mut answer = None;
            waits
                .wait_for_action_async(|response| answer = Some(meaning(response)))
                .await;
            // Without an answer the bus has gone, and nobody has seen to it.
            if let Some(action) = answer {
                let _ = news.send(News::Answered(about, number, action));
            }
        });
        Shown {
            handle,
            by,
            number,
            wait: Wait(wait),
        }
    }

    async fn withdraw(&mut self, about: &Topic) {
        let entry = self.entries.remove(about);
        let Some(shown) = entry.and_then(|entry| entry.shown) else {
            return;
        };
        if let Some(handle) = shown.into_handle().await {
            let _ = timeout(LONGEST_CALL, handle.close_async()).await;
        }
    }

    /// Another server has nothing of what the last one showed. What nobody has seen to yet it is
    /// told, once.
    async fn server_is(&mut self, owner: Option<String>) {
        let known = self.server.as_ref().map(|server| &server.connection);
        if owner.as_ref() == known {
            return;
        }
        self.server = None;
        if owner.is_none() {
            return;
        }
        let topics: Vec<Topic> = self.entries.keys().cloned().collect();
        for about in topics {
            let Some(mut entry) = self.entries.remove(&about) else {
                continue;
            };
            let seen = |shown: &Shown| Some(&shown.by) == owner.as_ref();
            if !entry.shown.as_ref().is_some_and(seen) {
                entry.shown = self.put_up(&entry.notification, entry.shown).await;
            }
            self.entries.insert(about, entry);
        }
    }

    fn answered(&mut self, about: &Topic, number: u64, action: Option<usize>) {
        let is_it = |entry: &Entry| {
            let shown = entry.shown.as_ref();
            shown.is_some_and(|shown| shown.number == number)
        };
        if !self.entries.get(about).is_some_and(is_it) {
            return;
        }
        let Some(entry) = self.entries.remove(about) else {
            return;
        };
        let chosen = action.and_then(|action| entry.notification.actions.into_iter().nth(action));
        if let Some((_, choice)) = chosen {
            let _ = self.inputs.send(Input::Chosen(choice));
        }
    }
}

/// Which action was chosen, if one was.
fn meaning(response: &NotificationResponse) -> Option<usize> {
    match response {
        NotificationResponse::Default => Some(0),
        NotificationResponse::Action(key) => action(key),
        NotificationResponse::Reply(_) | NotificationResponse::Closed(_) => None,
    }
}

/// Changes what is on show. Blocks this thread until the server answers or ends.
fn replace(
    mut handle: NotificationHandle,
    notification: &Notification,
    server: &NotificationServer,
) -> Option<NotificationHandle> {
    fill(&mut handle, notification, server.has_actions());
    handle.update().ok().map(|()| handle)
}

async fn send(
    notification: &Notification,
    server: &NotificationServer,
) -> Option<NotificationHandle> {
    let mut request = notify_rust::Notification::new();
    fill(&mut request, notification, server.has_actions());
    match timeout(LONGEST_CALL, request.show_async()).await {
        Ok(Ok(handle)) => Some(handle),
        Ok(Err(error)) => {
            tracing::debug!(%error, "the notification was not taken");
            None
        }
        Err(_) => {
            tracing::debug!("the notification server does not answer");
            None
        }
    }
}
