//! Keychains (R10) and buses that come and go.

use std::process::Stdio;

use daypass_agent::controller::Signal;
use daypass_stage::{Home, Process, wait};

use crate::{Ears, bare_bus, connect};

const SECRETS: &str = "org.freedesktop.secrets";

#[test]
fn r10_the_keychains_program_is_heard_to_come_and_go() {
    let desktop = bare_bus();
    let mut ears = Ears::open(desktop.bus());
    let first = ears.until_heard(|| {
        let keychain = connect(desktop.bus());
        keychain.request_name(SECRETS).unwrap();
    });
    assert_eq!(first, Signal::KeychainChanged);
    let other = connect(desktop.bus());
    other.request_name("org.example.Other").unwrap();
    // Everything from before has come when a change of a kind of its own comes.
    let saver = || {
        let body = &true;
        crate::emit(&other, "/", "org.gnome.ScreenSaver", "ActiveChanged", body);
    };
    saver();
    while ears.signal() != Signal::ScreenLocked {}
    let keychain = connect(desktop.bus());
    keychain.request_name(SECRETS).unwrap();
    assert_eq!(ears.signal(), Signal::KeychainChanged);
    keychain.release_name(SECRETS).unwrap();
    assert_eq!(ears.signal(), Signal::KeychainChanged);
    saver();
    assert_eq!(ears.signal(), Signal::ScreenLocked);
}

/// Neither a bus that starts late nor one that is started anew has to be waited for.
#[test]
fn r1_buses_that_come_late_and_again_are_listened_to() {
    let home = Home::new().unwrap();
    let socket = home.path().join("bus");
    let address = format!("unix:path={}", socket.display());
    let mut ears = Ears::open(&address);
    for (locked, signal) in [
        (true, Signal::ScreenLocked),
        (false, Signal::ScreenUnlocked),
    ] {
        let _bus = start(&home, &address);
        let program = wait::until("the bus", || {
            daypass_agent::bus::Bus::At(address.clone()).connect().ok()
        })
        .unwrap();
        wait::until("the signal of this bus", || {
            crate::emit(
                &program,
                "/",
                "org.gnome.ScreenSaver",
                "ActiveChanged",
                &locked,
            );
            ears.heard().filter(|heard| *heard == signal)
        })
        .unwrap();
    }
}

fn start(home: &Home, address: &str) -> Process {
    let mut command = home.lasting("dbus-daemon");
    command.args(["--session", "--nofork", "--nopidfile", "--address", address]);
    Process::start(command.stderr(Stdio::null())).unwrap()
}
