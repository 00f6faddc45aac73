//! What the system tells of itself, over D-Bus. Where nobody tells, nothing is lost: the loop
//! looks at the clock and the network by itself, only later.

use std::collections::HashMap;

use daypass_core::protocol::Request;
use tokio::sync::{mpsc::UnboundedSender, oneshot};
use zbus::{
    Message,
    blocking::Connection,
    zvariant::{OwnedFd, OwnedObjectPath, OwnedValue, Value},
};

use crate::{
    bus::{self, Bus, Heard},
    controller::{Input, Signal},
};

const LOGIND: &str = "org.freedesktop.login1";
const LOGIND_MANAGER: &str = "org.freedesktop.login1.Manager";
const LOGIND_SESSION: &str = "org.freedesktop.login1.Session";
const NETWORK_MANAGER: &str = "org.freedesktop.NetworkManager";
const SECRET_SERVICE: &str = "org.freedesktop.secrets";

/// The interfaces that screen savers announce themselves with: KDE and the common one, GNOME,
/// XFCE, Cinnamon, MATE.
const SCREEN_SAVERS: [&str; 5] = [
    "org.freedesktop.ScreenSaver",
    "org.gnome.ScreenSaver",
    "org.xfce.ScreenSaver",
    "org.cinnamon.ScreenSaver",
    "org.mate.ScreenSaver",
];

/// NetworkManager's NM_STATE_CONNECTED_SITE; above it is only NM_STATE_CONNECTED_GLOBAL.
const CONNECTED: u32 = 60;

/// Listens on both buses for as long as the program runs.
pub fn listen(system: Bus, session: Bus, inputs: UnboundedSender<Input>) {
    let logind = Logind {
        inputs: inputs.clone(),
        inhibitor: None,
        owners: HashMap::new(),
    };
    listen_to_system(system, logind);
    listen_to_session(session, inputs);
}

fn listen_to_system(bus: Bus, mut logind: Logind) {
    let rules = vec![
        format!(
            "type='signal',sender='{LOGIND}',interface='{LOGIND_MANAGER}',member='PrepareForSleep'"
        ),
        format!("type='signal',sender='{LOGIND}',interface='{LOGIND_SESSION}',member='Lock'"),
        format!("type='signal',sender='{LOGIND}',interface='{LOGIND_SESSION}',member='Unlock'"),
        // Most screen lockers set LockedHint.
        format!(
            "type='signal',sender='{LOGIND}',interface='org.freedesktop.DBus.Properties',member='PropertiesChanged',arg0='{LOGIND_SESSION}'"
        ),
        format!(
            "type='signal',sender='{NETWORK_MANAGER}',interface='{NETWORK_MANAGER}',member='StateChanged'"
        ),
        bus::owner_changes(LOGIND),
        bus::owner_changes(NETWORK_MANAGER),
    ];
    bus::listen("system-bus", bus, rules, move |heard| match heard {
        Heard::Connected(connection) => logind.meet(connection),
        Heard::Signal(connection, message) => logind.hear(connection, message),
        Heard::Lost => logind.inhibitor = None,
    });
}

fn listen_to_session(bus: Bus, inputs: UnboundedSender<Input>) {
    let mut rules: Vec<String> = SCREEN_SAVERS
        .iter()
        .map(|interface| format!("type='signal',interface='{interface}',member='ActiveChanged'"))
        .collect();
    rules.push(bus::owner_changes(SECRET_SERVICE));
    bus::listen("session-bus", bus, rules, move |heard| {
        if let Heard::Signal(_, message) = heard
            && let Some(signal) = of_session(message)
        {
            let _ = inputs.send(Input::Signal(signal));
        }
    });
}

/// What a signal on the session bus means.
fn of_session(message: &Message) -> Option<Signal> {
    if let Some((name, _)) = bus::owner_change(message) {
        return (name == SECRET_SERVICE).then_some(Signal::KeychainChanged);
    }
    let header = message.header();
    if header.member()? != "ActiveChanged" || !SCREEN_SAVERS.contains(&header.interface()?.as_str())
    {
        return None;
    }
    Some(screen(message.body().deserialize().ok()?))
}

const fn screen(locked: bool) -> Signal {
    if locked {
        Signal::ScreenLocked
    } else {
        Signal::ScreenUnlocked
    }
}

/// The listener on the system bus.
struct Logind {
    inputs: UnboundedSender<Input>,
    /// Held while the computer is awake: it falls asleep only after the loop has seen that it
    /// will, so that sessions which must not survive a sleep are in no image of the memory.
    inhibitor: Option<OwnedFd>,
    /// The connections that logind and NetworkManager have on the bus. Any program of any user may
    /// send a signal to any connection of the system bus, and match rules filter only what is sent
    /// to all; to ask the bus about each one would let a stranger keep us busy.
    owners: HashMap<&'static str, String>,
}

impl Logind {
    fn meet(&mut self, connection: &Connection) {
        for name in [LOGIND, NETWORK_MANAGER] {
            self.owned(name, bus::owner(connection, name));
        }
        self.inhibit(connection);
    }

    fn owned(&mut self, name: &'static str, owner: Option<String>) {
        match owner {
            Some(owner) => self.owners.insert(name, owner),
            None => self.owners.remove(name),
        };
    }

    fn knows(&self, message: &Message) -> bool {
        let header = message.header();
        let sender = header.sender();
        sender.is_some_and(|sender| self.owners.values().any(|owner| owner == sender.as_str()))
    }

    fn hear(&mut self, connection: &Connection, message: &Message) {
        if let Some((name, owner)) = bus::owner_change(message) {
            let known = [LOGIND, NETWORK_MANAGER]
                .into_iter()
                .find(|known| *known == name);
            if let Some(name) = known {
                self.owned(name, owner);
            }
            return;
        }
        if !self.knows(message) {
            return;
        }
        match of_system(connection, message) {
            Some(Signal::FallsAsleep) => {
                self.tell(Signal::FallsAsleep);
                self.wait_for_the_loop();
                self.inhibitor = None;
            }
            Some(Signal::WokeUp) => {
                self.tell(Signal::WokeUp);
                self.inhibit(connection);
            }
            Some(signal) => self.tell(signal),
            None => {}
        }
    }

    fn tell(&self, signal: Signal) {
        let _ = self.inputs.send(Input::Signal(signal));
    }

    /// The loop takes one input after the other: when it answers, it has seen all before. logind
    /// waits five seconds at the most (`InhibitDelayMaxSec`).
    fn wait_for_the_loop(&self) {
        let (reply, answer) = oneshot::channel();
        if self
            .inputs
            .send(Input::Request(Request::Status, None, reply))
            .is_ok()
        {
            let _ = answer.blocking_recv();
        }
    }

    fn inhibit(&mut self, connection: &Connection) {
        let why = (
            "sleep",
            "Daypass",
            "Locks its sessions before sleep",
            "delay",
        );
        let answer = connection.call_method(
            Some(LOGIND),
            "/org/freedesktop/login1",
            Some(LOGIND_MANAGER),
            "Inhibit",
            &why,
        );
        self.inhibitor = answer
            .and_then(|answer| answer.body().deserialize())
            .inspect_err(|error| tracing::debug!(%error, "sleep is not delayed"))
            .ok();
    }
}

/// What a signal on the system bus means.
fn of_system(connection: &Connection, message: &Message) -> Option<Signal> {
    let header = message.header();
    match (header.interface()?.as_str(), header.member()?.as_str()) {
        (LOGIND_MANAGER, "PrepareForSleep") => {
            let falls_asleep: bool = message.body().deserialize().ok()?;
            Some(if falls_asleep {
                Signal::FallsAsleep
            } else {
                Signal::WokeUp
            })
        }
        (LOGIND_SESSION, "Lock") => is_own(connection, message).then_some(Signal::ScreenLocked),
        (LOGIND_SESSION, "Unlock") => is_own(connection, message).then_some(Signal::ScreenUnlocked),
        ("org.freedesktop.DBus.Properties", "PropertiesChanged") => {
            let locked = locked_hint(message)?;
            is_own(connection, message).then_some(screen(locked))
        }
        (NETWORK_MANAGER, "StateChanged") => {
            let state: u32 = message.body().deserialize().ok()?;
            (state >= CONNECTED).then_some(Signal::NetworkUp)
        }
        _ => None,
    }
}

fn locked_hint(message: &Message) -> Option<bool> {
    let body = message.body();
    let (interface, changed, _): (String, HashMap<String, OwnedValue>, Vec<String>) =
        body.deserialize().ok()?;
    if interface != LOGIND_SESSION {
        return None;
    }
    bool::try_from(changed.get("LockedHint")?).ok()
}

/// Whether a login session is this user's. Everybody hears of everybody's.
fn is_own(connection: &Connection, message: &Message) -> bool {
    session_owner(connection, message) == Some(rustix::process::getuid().as_raw())
}

fn session_owner(connection: &Connection, message: &Message) -> Option<u32> {
    let header = message.header();
    let answer = connection
        .call_method(
            Some(LOGIND),
            header.path()?,
            Some("org.freedesktop.DBus.Properties"),
            "Get",
            &(LOGIND_SESSION, "User"),
        )
        .ok()?;
    let body = answer.body();
    let value: Value<'_> = body.deserialize().ok()?;
    let (uid, _): (u32, OwnedObjectPath) = value.try_into().ok()?;
    Some(uid)
}
