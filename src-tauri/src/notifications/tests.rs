//! On a private bus with a stand-in for the notification server. Which bus is the desktop's is
//! read from the environment, so what is tested runs in a process of its own and is told line by
//! line what to do.
#![cfg(target_os = "linux")]

mod child;
mod server;

use daypass_stage::{Desktop, Parts, Screen, wait};

use self::{
    child::Child,
    server::{Call, Server},
};

const BUTTONS: &[&str] = &["body", "actions"];

/// A bus and nothing on it.
fn bus() -> Desktop {
    Desktop::start(Parts {
        screen: Screen::None,
        panel: false,
        keychain: false,
        notifications: false,
    })
    .unwrap()
}

/// What a server is sent for `show TOPIC` with a title.
fn notify(replaces: u32, title: &str) -> Call {
    Call::Notify {
        replaces,
        title: title.to_owned(),
        body: "Names may be &lt;b&gt;.".to_owned(),
        actions: ["default", "Enter code", "1", "Enter code", "2", "Quit"]
            .map(str::to_owned)
            .to_vec(),
    }
}

#[test]
fn r18_a_newer_one_replaces_the_older_and_is_taken_back_when_it_no_longer_holds() {
    let bus = bus();
    let server = Server::start(bus.bus(), BUTTONS);
    let mut child = Child::start(&bus);
    child.tell("show mfa soon");
    assert_eq!(server.call(), notify(0, "soon"));
    child.tell("show role locked");
    assert_eq!(server.call(), notify(0, "locked"));
    child.tell("show mfa ended");
    // The stand-in numbers from one.
    assert_eq!(server.call(), notify(1, "ended"));
    child.tell("withdraw mfa");
    assert_eq!(server.call(), Call::Close(1));
    child.tell("withdraw mfa");
    child.tell("show mfa soon");
    assert_eq!(server.call(), notify(0, "soon"));
}

#[test]
fn r18_every_button_does_its_own_and_a_click_beside_them_the_first() {
    let bus = bus();
    let server = Server::start(bus.bus(), BUTTONS);
    let mut child = Child::start(&bus);
    for (key, chosen) in [
        ("default", "EnterCode(Name(\"work\"))"),
        ("1", "EnterCode(Name(\"work\"))"),
        ("2", "Quit"),
    ] {
        child.tell("show mfa soon");
        assert_eq!(server.call(), notify(0, "soon"));
        let said = child.until_said(|| server.invoke(key));
        assert_eq!(said, format!("chosen {chosen}"));
    }
}

#[test]
fn r18_a_server_without_buttons_is_told_where_to_go_instead() {
    let bus = bus();
    let server = Server::start(bus.bus(), &["body"]);
    let mut child = Child::start(&bus);
    child.tell("show mfa soon");
    let Call::Notify { body, actions, .. } = server.call() else {
        panic!("nothing was shown");
    };
    assert!(
        body.ends_with("Click Daypass in the tray for that."),
        "{body}"
    );
    assert_eq!(actions, Vec::<String>::new());
}

#[test]
fn r18_what_still_holds_is_shown_when_a_server_comes_and_again_by_the_next_one() {
    let bus = bus();
    let mut child = Child::start(&bus);
    child.tell("show role locked");
    child.tell("show mfa soon");
    child.tell("withdraw role");
    child.tell("show mfa ended");
    wait::until("all that", || {
        (child.logged("waits for a server") == 3).then_some(())
    })
    .unwrap();

    let first = Server::start(bus.bus(), BUTTONS);
    assert_eq!(first.call(), notify(0, "ended"));
    child.tell("show link twice");
    assert_eq!(first.call(), notify(0, "twice"));
    // A person has seen this one.
    first.close();
    first.stop();

    let second = Server::start(bus.bus(), BUTTONS);
    assert_eq!(second.call(), notify(0, "ended"));
    child.tell("show mfa over");
    assert_eq!(second.call(), notify(1, "over"));
    child.tell("withdraw mfa");
    assert_eq!(second.call(), Call::Close(1));
    second.stop();
    let third = Server::start(bus.bus(), &["body"]);
    child.tell("show role locked");
    assert!(matches!(third.call(), Call::Notify { title, .. } if title == "locked"));
    assert_eq!(child.logged("shows no notifications"), 1);
}

#[test]
fn r18_notifications_that_nobody_closes_cost_no_threads() {
    let bus = bus();
    let server = Server::start(bus.bus(), BUTTONS);
    let mut child = Child::start(&bus);
    child.tell("show mfa first");
    server.call();
    let threads = child.threads();
    for topic in ["mfa", "role", "link"] {
        for title in ["a", "b", "c", "d"] {
            child.tell(&format!("show {topic} {title}"));
            server.call();
        }
    }
    wait::until("threads that end", || {
        (child.threads() <= threads).then_some(())
    })
    .unwrap();
}
