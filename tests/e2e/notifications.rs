//! A real notification daemon that comes and goes (R18).

use std::fs;

use daypass_agent::desktop_facts::NOTIFICATIONS;
use daypass_stage::{Parts, wait};

use crate::world::World;

/// What nobody has seen yet is shown by the daemon that comes, and once by the next one.
#[test]
fn r18_what_holds_is_shown_as_soon_as_there_is_a_daemon() {
    let mut world = World::without_agent(Parts {
        panel: false,
        notifications: false,
        ..Parts::ALL
    });
    // A browser that asks for the link a second time, which is told to the person.
    world
        .desktop
        .home
        .set_browser("#!/bin/sh\ncurl --silent \"$1\"\ncurl --silent \"$1\"\n")
        .unwrap();
    let record = world.desktop.record_notifications().unwrap();
    world.start_agent("daypass-tray", &[]);
    world.add_ada_and_role();
    world.enter_code();
    world.done(&["console", "prod"]);
    wait::until("the lack to be logged", || {
        let log = world.log("daypass-tray");
        log.contains("shows no notifications").then_some(())
    })
    .unwrap();
    for count in 1..=2 {
        world.desktop.start_notifications().unwrap();
        wait::until("the notification", || {
            let record = fs::read_to_string(&record).unwrap();
            let shown = record.matches("member=Notify").count();
            (shown == count).then_some(())
        })
        .unwrap();
        world.desktop.kill_owner(NOTIFICATIONS).unwrap();
    }
    let record = fs::read_to_string(&record).unwrap();
    assert_eq!(
        record.matches("A console link was asked for twice").count(),
        2
    );
    let log = world.log("daypass-tray");
    assert_eq!(log.matches("shows no notifications").count(), 1);
}
