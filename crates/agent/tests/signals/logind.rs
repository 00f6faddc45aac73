//! A stand-in for logind, and sleep (R1).

use std::{
    collections::HashMap,
    io::{ErrorKind, PipeReader, Read, pipe},
    sync::{Arc, Mutex},
};

use daypass_agent::controller::Signal;
use daypass_core::protocol::Response;
use daypass_stage::wait;
use rustix::io::{FdFlags, fcntl_setfd};
use zbus::{
    blocking::{Connection, connection::Builder},
    zvariant::{ObjectPath, OwnedFd, OwnedObjectPath},
};

use crate::{Ears, bare_bus, connect, emit};

pub(crate) const MANAGER: &str = "org.freedesktop.login1.Manager";
pub(crate) const OWN_SESSION: &str = "/org/freedesktop/login1/session/_31";
pub(crate) const FOREIGN_SESSION: &str = "/org/freedesktop/login1/session/_32";

/// The other ends of the inhibitors that it gave out.
type Inhibitors = Arc<Mutex<Vec<PipeReader>>>;

pub(crate) struct Logind {
    pub(crate) connection: Connection,
    inhibitors: Inhibitors,
}

impl Logind {
    pub(crate) fn start(address: &str) -> Self {
        let inhibitors = Inhibitors::default();
        let uid = rustix::process::getuid().as_raw();
        let connection = Builder::address(address)
            .unwrap()
            .serve_at("/org/freedesktop/login1", Manager(Arc::clone(&inhibitors)))
            .unwrap()
            .serve_at(OWN_SESSION, Session(uid))
            .unwrap()
            .serve_at(FOREIGN_SESSION, Session(uid + 1))
            .unwrap()
            .name("org.freedesktop.login1")
            .unwrap()
            .build()
            .unwrap();
        Self {
            connection,
            inhibitors,
        }
    }

    /// Waits for the so manieth inhibitor. Then somebody listens.
    pub(crate) fn wait_for_inhibitor(&self, count: usize) {
        wait::until("an inhibitor", || {
            (self.inhibitors.lock().unwrap().len() == count).then_some(())
        })
        .unwrap();
    }

    fn prepare_for_sleep(&self, start: bool) {
        let path = "/org/freedesktop/login1";
        emit(&self.connection, path, MANAGER, "PrepareForSleep", &start);
    }

    /// Whether the newest inhibitor is still held.
    fn is_held_back(&self) -> bool {
        let mut inhibitors = self.inhibitors.lock().unwrap();
        match inhibitors.last_mut().unwrap().read(&mut [0]) {
            Ok(0) => false,
            Err(error) if error.kind() == ErrorKind::WouldBlock => true,
            other => panic!("{other:?}"),
        }
    }
}

struct Manager(Inhibitors);

#[zbus::interface(name = "org.freedesktop.login1.Manager")]
impl Manager {
    fn inhibit(&self, what: &str, who: &str, why: &str, mode: &str) -> OwnedFd {
        assert_eq!((what, who, mode), ("sleep", "Daypass", "delay"));
        assert!(!why.is_empty());
        let (reader, writer) = pipe().unwrap();
        rustix::io::ioctl_fionbio(&reader, true).unwrap();
        fcntl_setfd(&writer, FdFlags::CLOEXEC).unwrap();
        self.0.lock().unwrap().push(reader);
        std::os::fd::OwnedFd::from(writer).into()
    }
}

struct Session(u32);

#[zbus::interface(name = "org.freedesktop.login1.Session")]
impl Session {
    #[zbus(property)]
    fn user(&self) -> (u32, OwnedObjectPath) {
        let path = ObjectPath::try_from("/org/freedesktop/login1/user/_0").unwrap();
        (self.0, path.into())
    }
}

#[test]
fn r1_the_computer_sleeps_only_after_the_loop_has_seen_it() {
    let desktop = bare_bus();
    let logind = Logind::start(desktop.bus());
    let mut ears = Ears::open(desktop.bus());
    for night in 1..=2 {
        logind.wait_for_inhibitor(night);
        logind.prepare_for_sleep(true);
        assert_eq!(ears.signal(), Signal::FallsAsleep);
        let question = ears.question();
        assert!(logind.is_held_back());
        let _ = question.send(Response::Done);
        wait::until("the sleep", || (!logind.is_held_back()).then_some(())).unwrap();
        logind.prepare_for_sleep(false);
        assert_eq!(ears.signal(), Signal::WokeUp);
    }
    logind.wait_for_inhibitor(3);
}

#[test]
fn r1_networks_that_come_are_heard_and_those_that_go_are_not() {
    const NAME: &str = "org.freedesktop.NetworkManager";
    const PATH: &str = "/org/freedesktop/NetworkManager";
    let desktop = bare_bus();
    let logind = Logind::start(desktop.bus());
    let network = connect(desktop.bus());
    network.request_name(NAME).unwrap();
    let mut ears = Ears::open(desktop.bus());
    logind.wait_for_inhibitor(1);
    // NM_STATE_DISCONNECTED, CONNECTING, CONNECTED_LOCAL, CONNECTED_SITE.
    for state in [20_u32, 40, 50, 60] {
        emit(&network, PATH, NAME, "StateChanged", &state);
    }
    emit(&network, PATH, NAME, "StateChanged", &70_u32);
    assert_eq!(ears.signal(), Signal::NetworkUp);
    assert_eq!(ears.signal(), Signal::NetworkUp);
    logind.prepare_for_sleep(false);
    assert_eq!(ears.signal(), Signal::WokeUp);
}

/// Every user may send signals on the system bus, to all or to us.
#[test]
fn r1_a_stranger_on_the_bus_cannot_send_the_computer_to_sleep() {
    let desktop = bare_bus();
    let logind = Logind::start(desktop.bus());
    let stranger = connect(desktop.bus());
    let mut ears = Ears::open(desktop.bus());
    logind.wait_for_inhibitor(1);
    let names = zbus::blocking::fdo::DBusProxy::new(&stranger)
        .unwrap()
        .list_names()
        .unwrap();
    let own = stranger.unique_name().unwrap().as_str();
    for name in names.iter().filter(|name| name.starts_with(':')) {
        // As if the bus said that it is logind now.
        stranger
            .emit_signal(
                Some(name.as_str()),
                "/org/freedesktop/DBus",
                "org.freedesktop.DBus",
                "NameOwnerChanged",
                &("org.freedesktop.login1", "", own),
            )
            .unwrap();
        stranger
            .emit_signal(
                Some(name.as_str()),
                "/org/freedesktop/login1",
                MANAGER,
                "PrepareForSleep",
                &true,
            )
            .unwrap();
    }
    let path = "/org/freedesktop/login1";
    emit(&stranger, path, MANAGER, "PrepareForSleep", &true);
    // The bus has passed all that on before it passes on what is sent from now on.
    bus_has_seen(&stranger);
    logind.prepare_for_sleep(false);
    assert_eq!(ears.signal(), Signal::WokeUp);
}

fn bus_has_seen(connection: &Connection) {
    connection
        .call_method(
            Some("org.freedesktop.DBus"),
            "/org/freedesktop/DBus",
            Some("org.freedesktop.DBus.Peer"),
            "Ping",
            &(),
        )
        .unwrap();
}

/// What logind tells of a session's lock (LockedHint).
pub(crate) fn locked_hint(connection: &Connection, path: &str, locked: bool) {
    let changed = HashMap::from([("LockedHint", zbus::zvariant::Value::from(locked))]);
    emit(
        connection,
        path,
        "org.freedesktop.DBus.Properties",
        "PropertiesChanged",
        &(
            "org.freedesktop.login1.Session",
            changed,
            Vec::<&str>::new(),
        ),
    );
}
