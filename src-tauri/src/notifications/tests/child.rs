//! The process that shows notifications, and its parent's hold on it.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    process::{ChildStdin, Stdio},
    sync::mpsc,
    thread,
};

use daypass_agent::{
    bus::{self, Bus},
    controller::Input,
    desktop_facts::NOTIFICATIONS,
    ports::{Notification, Topic},
};
use daypass_core::{menu::Choice, name::Name, session::SessionKey};
use daypass_stage::{Desktop, Process, wait};

use crate::notifications::{News, Notifications};

/// Set for the child only.
const MARK: &str = "DAYPASS_TEST_NOTIFICATIONS";

pub(super) struct Child {
    process: Process,
    orders: ChildStdin,
    said: mpsc::Receiver<String>,
    log: std::path::PathBuf,
}

impl Child {
    pub(super) fn start(desktop: &Desktop) -> Self {
        let log = desktop.home.log("child");
        let mut command = desktop.home.command(std::env::current_exe().unwrap());
        command
            .args([
                "notifications::tests::child::child",
                "--exact",
                "--nocapture",
            ])
            .env(MARK, "1")
            .env(daypass_agent::log::VARIABLE, "debug")
            .stdin(Stdio::piped())
            .stderr(fs::File::create(&log).unwrap());
        let (mut process, stdout) = Process::start_piped(&mut command).unwrap();
        let orders = process.take_stdin().unwrap();
        let (tell, said) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                // The test harness has its own to say.
                if line.starts_with("chosen ") {
                    let _ = tell.send(line);
                }
            }
        });
        Self {
            process,
            orders,
            said,
            log,
        }
    }

    pub(super) fn tell(&mut self, order: &str) {
        writeln!(self.orders, "{order}").unwrap();
    }

    /// Lets things happen until it says something.
    pub(super) fn until_said(&mut self, mut happen: impl FnMut()) -> String {
        wait::until("a word", || {
            happen();
            self.said.try_recv().ok()
        })
        .unwrap()
    }

    pub(super) fn threads(&self) -> usize {
        let tasks = format!("/proc/{}/task", self.process.id());
        fs::read_dir(tasks).unwrap().count()
    }

    /// How often it has logged something.
    pub(super) fn logged(&self, what: &str) -> usize {
        let log = fs::read_to_string(&self.log).unwrap();
        log.matches(what).count()
    }
}

/// Does nothing unless it is the child.
#[test]
fn child() {
    if std::env::var_os(MARK).is_none() {
        return;
    }
    daypass_agent::log::start();
    let (inputs, mut chosen) = tokio::sync::mpsc::unbounded_channel();
    let notifications = Notifications::start(inputs);
    let told = notifications.clone();
    bus::watch_owners("owners", Bus::Session, &[NOTIFICATIONS], move |_, owner| {
        told.tell(News::Server(owner));
    });
    thread::spawn(move || {
        while let Some(input) = chosen.blocking_recv() {
            if let Input::Chosen(choice) = input {
                say(&format!("chosen {choice:?}"));
            }
        }
    });
    for line in std::io::stdin().lines() {
        obey(&notifications, &line.unwrap());
    }
}

fn obey(notifications: &Notifications, order: &str) {
    let words: Vec<&str> = order.split(' ').collect();
    match words.as_slice() {
        ["show", about, title] => notifications.tell(News::Show(notification(about, title))),
        ["withdraw", about] => notifications.tell(News::Withdraw(topic(about))),
        _ => panic!("{order}"),
    }
}

fn say(line: &str) {
    writeln!(std::io::stdout(), "{line}").unwrap();
}

fn topic(about: &str) -> Topic {
    match about {
        "mfa" => Topic::MfaSession(work()),
        "role" => Topic::RoleSession(SessionKey::of(work())),
        "link" => Topic::Link,
        _ => panic!("{about}"),
    }
}

fn work() -> Name {
    "work".parse().unwrap()
}

fn notification(about: &str, title: &str) -> Notification {
    Notification {
        about: topic(about),
        title: title.to_owned(),
        body: "Names may be <b>.".to_owned(),
        actions: vec![
            ("Enter code".to_owned(), Choice::EnterCode(work())),
            ("Quit".to_owned(), Choice::Quit),
        ],
        without_buttons: "Click Daypass in the tray for that.".to_owned(),
    }
}
