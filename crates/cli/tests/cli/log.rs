//! `daypass log` against an agent whose journal is the test's.

use std::sync::{Arc, Mutex};

use daypass_core::{
    Instant,
    journal::{By, Entry, Event, Kind, LinkTo, Page, Query, Subject},
    problem::{Code, Problem},
    protocol::{Request, Response},
    session::SessionKey,
};

use crate::{
    terminal::Session,
    world::{World, name, stderr, warm},
};

fn at(seconds: i64) -> Instant {
    Instant::from_timestamp(seconds, 0).unwrap()
}

fn link(number: u64) -> Entry {
    Entry {
        number,
        at: at(i64::try_from(number).unwrap() * 60),
        again: None,
        event: Event::LinkMade {
            of: Subject::of(&SessionKey::of(name("prod")), None),
            to: LinkTo::Caller,
            by: By::Program {
                name: "sh\u{1b}[2J".to_owned(),
                path: "/usr/bin/dash".to_owned(),
            },
        },
    }
}

/// An agent with that many entries, in pages of three, and what it was asked.
fn with_entries(count: u64) -> (World, Arc<Mutex<Vec<Query>>>) {
    let queries: Arc<Mutex<Vec<Query>>> = Arc::default();
    let asked = Arc::clone(&queries);
    let world = World::new(move |request| match request {
        Request::Journal(query) => {
            let newest = query.before.unwrap_or(count + 1);
            let first = newest.saturating_sub(query.limit.min(3) as u64).max(1);
            asked.lock().unwrap().push(query);
            Response::Journal(Page {
                entries: (first..newest).rev().map(link).collect(),
                next: (first > 1).then_some(first),
            })
        }
        other => warm(other),
    });
    (world, queries)
}

#[test]
fn entries_are_shown_in_words_the_newest_last() {
    let (world, _) = with_entries(7);
    let shown = world.done(&["log"]);
    let lines: Vec<_> = shown.lines().collect();
    assert_eq!(lines.len(), 7);
    assert_eq!(
        lines[6],
        "1970-01-01 00:07 UTC  link  sh [2J (/usr/bin/dash) got a console link of prod"
    );
}

#[test]
fn the_newest_so_many_are_shown_and_that_there_are_more_is_said() {
    let (world, queries) = with_entries(7);
    let output = world.run(&["log", "--limit", "4"]);
    let shown = String::from_utf8(output.stdout.clone()).unwrap();
    assert!(shown.starts_with("1970-01-01 00:04 UTC"), "{shown}");
    assert_eq!(shown.lines().count(), 4);
    assert!(stderr(&output).contains("--limit"));
    let limits: Vec<_> = queries.lock().unwrap().iter().map(|q| q.limit).collect();
    assert_eq!(limits, [4, 1]);
}

#[test]
fn json_is_a_line_for_each_entry() {
    let (world, _) = with_entries(3);
    let output = world.run(&["log", "--json", "--limit", "2"]);
    let shown = String::from_utf8(output.stdout.clone()).unwrap();
    let entries: Vec<Entry> = shown
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(entries, [link(2), link(3)]);
    assert_eq!(stderr(&output), "");
}

#[test]
fn what_is_looked_for_is_asked_of_the_agent() {
    let (world, queries) = with_entries(1);
    world.done(&[
        "log",
        "--role",
        "prod",
        "--identity",
        "work",
        "--kind",
        "use",
        "--kind",
        "link",
        "--since",
        "2h",
        "--until",
        "1969-12-31T23:00",
        "--grep",
        "terraform",
    ]);
    let query = queries.lock().unwrap()[0].clone();
    assert_eq!(query.filter.role, Some(name("prod")));
    assert_eq!(query.filter.identity, Some(name("work")));
    assert_eq!(query.filter.kinds, [Kind::Use, Kind::Link]);
    // The agent's clock is at the beginning of 1970.
    assert_eq!(query.filter.since, Some(at(-7_200)));
    assert_eq!(query.filter.until, Some(at(-3_600)));
    assert_eq!(query.filter.text.as_deref(), Some("terraform"));
    for bad in [
        &["log", "--since", "soon"][..],
        &["log", "--kind", "gossip"],
        &["log", "--limit", "0"],
        &["log", "--role", "-x"],
    ] {
        world.fails(2, bad);
    }
}

#[test]
fn nothing_is_said_where_there_is_nothing() {
    let (world, _) = with_entries(0);
    let output = world.run(&["log"]);
    assert!(output.status.success());
    assert!(output.stdout.is_empty());
    assert!(stderr(&output).contains("Nothing"), "{}", stderr(&output));
    assert!(world.done(&["log", "--json"]).is_empty());
}

/// R22: an agent from before the journal says so in words.
#[test]
fn r22_an_older_agent_is_told_in_words() {
    let world = World::new(|_| {
        Response::Failed(Problem::yours(
            Code::Failed,
            "The running Daypass (protocol 1) does not understand this command.",
            "Quit Daypass and start it again, so that both are of one version.",
        ))
    });
    assert!(world.fails(1, &["log"]).contains("Quit Daypass"));
    let world = World::new(|_| Response::Done);
    assert!(world.fails(1, &["log"]).contains("another version"));
}

#[test]
fn without_an_agent_it_is_said() {
    World::without_agent().fails(3, &["log"]);
}

#[test]
fn failures_have_a_colour_on_a_terminal_only() {
    let entry = Entry {
        event: Event::LinkReused,
        ..link(1)
    };
    let world = World::new(move |request| match request {
        Request::Journal(_) => Response::Journal(Page {
            entries: vec![entry.clone()],
            next: None,
        }),
        other => warm(other),
    });
    let said = Session::of(&world.daypass(&["log"])).rest();
    assert!(said.contains("\u{1b}[31mA console link"), "{said}");
    assert!(!world.done(&["log"]).contains('\u{1b}'));
}
