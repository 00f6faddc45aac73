//! A screen that is locked (T20).

use daypass_agent::controller::Signal;

use crate::{
    Ears, bare_bus, connect, emit,
    logind::{FOREIGN_SESSION, Logind, OWN_SESSION, locked_hint},
};

const SESSION: &str = "org.freedesktop.login1.Session";

#[test]
fn t20_logind_tells_that_the_screen_is_locked_and_only_ours_counts() {
    let desktop = bare_bus();
    let logind = Logind::start(desktop.bus());
    let mut ears = Ears::open(desktop.bus());
    logind.wait_for_inhibitor(1);
    let logind = &logind.connection;
    emit(logind, FOREIGN_SESSION, SESSION, "Lock", &());
    locked_hint(logind, FOREIGN_SESSION, true);
    emit(logind, OWN_SESSION, SESSION, "Lock", &());
    assert_eq!(ears.signal(), Signal::ScreenLocked);
    emit(logind, OWN_SESSION, SESSION, "Unlock", &());
    assert_eq!(ears.signal(), Signal::ScreenUnlocked);
    locked_hint(logind, OWN_SESSION, true);
    assert_eq!(ears.signal(), Signal::ScreenLocked);
    locked_hint(logind, OWN_SESSION, false);
    assert_eq!(ears.signal(), Signal::ScreenUnlocked);
}

#[test]
fn t20_every_desktops_screen_saver_is_heard() {
    let desktop = bare_bus();
    let saver = connect(desktop.bus());
    let mut ears = Ears::open(desktop.bus());
    let active = |interface: &str, active: bool| {
        emit(&saver, "/ScreenSaver", interface, "ActiveChanged", &active);
    };
    let first = ears.until_heard(|| active("org.freedesktop.ScreenSaver", true));
    assert_eq!(first, Signal::ScreenLocked);
    for interface in [
        "org.gnome.ScreenSaver",
        "org.xfce.ScreenSaver",
        "org.cinnamon.ScreenSaver",
        "org.mate.ScreenSaver",
    ] {
        active(interface, false);
        // What was sent until the first was heard.
        while ears.signal() != Signal::ScreenUnlocked {}
        active(interface, true);
        assert_eq!(ears.signal(), Signal::ScreenLocked, "{interface}");
    }
}
