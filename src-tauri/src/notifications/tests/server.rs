//! A stand-in for the notification server.

use std::{
    collections::HashMap,
    sync::{
        Mutex,
        atomic::{AtomicU32, Ordering},
        mpsc,
    },
};

use daypass_stage::wait;
use zbus::{
    blocking::{Connection, connection::Builder},
    message::Header,
    zvariant::OwnedValue,
};

const NAME: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";

/// What it was asked for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Call {
    Notify {
        replaces: u32,
        title: String,
        body: String,
        actions: Vec<String>,
    },
    Close(u32),
}

/// What it was asked for, by whom, and the number that it gave.
type Asked = (Call, String, u32);

pub(super) struct Server {
    connection: Connection,
    asked: Mutex<mpsc::Receiver<Asked>>,
    /// Who sent the last notification, and its number.
    last: Mutex<(String, u32)>,
}

impl Server {
    pub(super) fn start(address: &str, capabilities: &[&str]) -> Self {
        let (tell, asked) = mpsc::channel();
        let interface = Interface {
            capabilities: capabilities.iter().map(|&one| one.to_owned()).collect(),
            tell: Mutex::new(tell),
            last: AtomicU32::new(0),
        };
        let connection = Builder::address(address)
            .unwrap()
            .serve_at(PATH, interface)
            .unwrap()
            .name(NAME)
            .unwrap()
            .build()
            .unwrap();
        Self {
            connection,
            asked: Mutex::new(asked),
            last: Mutex::default(),
        }
    }

    /// It ends, and tells nobody.
    pub(super) fn stop(self) {
        self.connection.close().unwrap();
    }

    /// The next call.
    pub(super) fn call(&self) -> Call {
        let asked = self.asked.lock().unwrap();
        let (call, by, id) = wait::until("a call", || asked.try_recv().ok()).unwrap();
        *self.last.lock().unwrap() = (by, id);
        call
    }

    /// Somebody clicks on the last notification. As with GNOME, only its sender is told.
    pub(super) fn invoke(&self, key: &str) {
        let (sender, id) = self.last.lock().unwrap().clone();
        self.connection
            .emit_signal(
                Some(sender.as_str()),
                PATH,
                NAME,
                "ActionInvoked",
                &(id, key),
            )
            .unwrap();
    }

    /// Somebody closes the last notification. Its sender leaves the bus when it has heard so.
    pub(super) fn close(&self) {
        let (sender, id) = self.last.lock().unwrap().clone();
        let bus = zbus::blocking::fdo::DBusProxy::new(&self.connection).unwrap();
        wait::until("the sender to hear", || {
            // Reason 2: dismissed by the user.
            let told = self.connection.emit_signal(
                Some(sender.as_str()),
                PATH,
                NAME,
                "NotificationClosed",
                &(id, 2_u32),
            );
            told.unwrap();
            let there = bus
                .name_has_owner(sender.as_str().try_into().unwrap())
                .unwrap();
            (!there).then_some(())
        })
        .unwrap();
    }
}

struct Interface {
    capabilities: Vec<String>,
    tell: Mutex<mpsc::Sender<Asked>>,
    last: AtomicU32,
}

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Interface {
    fn get_capabilities(&self) -> Vec<String> {
        self.capabilities.clone()
    }

    fn get_server_information(&self) -> (&str, &str, &str, &str) {
        ("stand-in", "daypass", "1", "1.2")
    }

    #[expect(clippy::too_many_arguments, reason = "so many has the specification")]
    fn notify(
        &self,
        #[zbus(header)] header: Header<'_>,
        _application: &str,
        replaces: u32,
        _icon: &str,
        title: String,
        body: String,
        actions: Vec<String>,
        _hints: HashMap<String, OwnedValue>,
        _timeout: i32,
    ) -> u32 {
        let id = if replaces == 0 {
            self.last.fetch_add(1, Ordering::Relaxed) + 1
        } else {
            replaces
        };
        let call = Call::Notify {
            replaces,
            title,
            body,
            actions,
        };
        self.asked(call, &header, id);
        id
    }

    fn close_notification(&self, #[zbus(header)] header: Header<'_>, id: u32) {
        self.asked(Call::Close(id), &header, id);
    }
}

impl Interface {
    fn asked(&self, call: Call, header: &Header<'_>, id: u32) {
        let by = header.sender().unwrap().to_string();
        // A test that has seen enough no longer listens.
        let _ = self.tell.lock().unwrap().send((call, by, id));
    }
}
