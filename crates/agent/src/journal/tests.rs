use std::sync::{Arc, Mutex};

use chrono::TimeDelta;
use daypass_core::{
    journal::{By, Entry, Filter, Subject},
    name::Name,
    session::SessionKey,
};

use super::*;

struct Desk {
    folder: tempfile::TempDir,
    told: Arc<Mutex<Vec<Problem>>>,
}

impl Desk {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            told: Arc::default(),
        }
    }

    fn journal(&self) -> Journal {
        let told = Arc::clone(&self.told);
        let file = self.folder.path().join("state/journal.jsonl");
        Journal::start(file, move |problem| told.lock().unwrap().push(problem)).unwrap()
    }
}

fn page(journal: &Journal, query: Query) -> Page {
    let (answer, answered) = mpsc::channel();
    journal.read(query, move |page| answer.send(page).unwrap());
    answered.recv().unwrap().unwrap()
}

fn all(journal: &Journal) -> Vec<Entry> {
    let query = Query {
        limit: PAGE,
        ..Query::default()
    };
    page(journal, query).entries
}

const PAGE: usize = 500;

fn at(seconds: i64) -> Instant {
    Instant::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
}

fn prod() -> Subject {
    let key = SessionKey::of(Name::parse("prod").unwrap());
    Subject::of(&key, None)
}

fn given(program: &str, until: Instant) -> Event {
    Event::CredentialsGiven {
        of: prod(),
        until,
        by: By::Program {
            name: program.to_owned(),
            path: format!("/usr/bin/{program}"),
        },
    }
}

fn started(until: Instant) -> Event {
    Event::SessionStarted {
        of: prod(),
        arn: "arn:aws:iam::111122223333:role/Admin".to_owned(),
        until,
    }
}

fn version(version: impl ToString) -> Event {
    Event::Started {
        version: version.to_string(),
    }
}

#[test]
fn a_program_that_asks_a_thousand_times_has_two_entries() {
    let desk = Desk::new();
    let mut journal = desk.journal();
    journal.record(at(0), started(at(3_600)));
    for second in 0..1_000 {
        journal.record(at(second), given("terraform", at(3_600)));
        journal.record(at(second), given("aws", at(3_600)));
    }
    assert_eq!(all(&journal).len(), 3);
    journal.record(at(1_200), started(at(4_800)));
    journal.record(at(1_201), given("aws", at(4_800)));
    let entries = all(&journal);
    let told: Vec<_> = entries.iter().map(|entry| &entry.event).collect();
    assert_eq!(
        told,
        [
            &given("aws", at(4_800)),
            &started(at(4_800)),
            &given("aws", at(3_600)),
            &given("terraform", at(3_600)),
            &given("aws", at(3_600)),
            &given("terraform", at(3_600)),
            &started(at(3_600)),
        ]
    );
    let again = entries[2].again.as_ref().unwrap();
    assert_eq!((again.times, again.since), (999, at(0)));
    assert_eq!(entries[2].at, at(999));
}

#[test]
fn what_was_counted_is_told_when_the_session_ends_and_at_the_end() {
    let desk = Desk::new();
    let mut journal = desk.journal();
    for _ in 0..2 {
        journal.record(at(0), given("aws", at(60)));
        journal.record(at(0), given("terraform", at(90)));
    }
    journal.settle(at(59));
    assert_eq!(all(&journal).len(), 2);
    journal.settle(at(60));
    assert_eq!(all(&journal).len(), 3);
    drop(journal);
    assert_eq!(all(&desk.journal()).len(), 4);
}

#[test]
fn numbers_go_on_after_a_restart_and_pages_follow_each_other() {
    let desk = Desk::new();
    let mut journal = desk.journal();
    for count in 0..5 {
        journal.record(at(count), version(count));
    }
    drop(journal);
    let mut journal = desk.journal();
    for count in 5..10 {
        // A clock that was put back changes no order.
        journal.record(at(-count), version(count));
    }
    let mut query = Query {
        limit: 3,
        ..Query::default()
    };
    let mut seen = Vec::new();
    loop {
        let page = page(&journal, query.clone());
        seen.extend(page.entries.iter().map(|entry| entry.number));
        match page.next {
            Some(next) => query.before = Some(next),
            None => break,
        }
    }
    assert_eq!(seen, [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
}

#[test]
fn a_page_fits_into_a_frame() {
    let desk = Desk::new();
    let mut journal = desk.journal();
    for count in 0..40 {
        journal.record(at(count), version("x".repeat(4_000)));
    }
    let query = Query {
        limit: PAGE,
        ..Query::default()
    };
    let first = page(&journal, query);
    let json = serde_json::to_vec(&first).unwrap();
    assert!(
        json.len() < daypass_core::frame::MAX_REQUEST,
        "{}",
        json.len()
    );
    assert_eq!(first.next, first.entries.last().map(|entry| entry.number));
    assert!(first.next.is_some());
}

#[test]
fn a_filter_goes_through_all_files() {
    let desk = Desk::new();
    let mut journal = desk.journal();
    journal.record(at(0), given("terraform", at(60)));
    for count in 0..500 {
        journal.record(at(61), version(format!("{count}{}", "x".repeat(4_000))));
    }
    let query = Query {
        filter: Filter {
            role: Name::parse("prod").ok(),
            ..Filter::default()
        },
        limit: 10,
        before: None,
    };
    let found = page(&journal, query);
    assert!(desk.folder.path().join("state/journal.1.jsonl").exists());
    assert_eq!(found.entries.len(), 1);
    assert_eq!(found.next, None);
}

/// R23: where nothing can be written, the newest entries are there to be read, one problem is
/// told, and what was kept is written when the disk takes it again.
#[test]
fn r23_without_a_disk_the_newest_entries_are_kept() {
    let desk = Desk::new();
    let state = desk.folder.path().join("state");
    std::fs::write(&state, "in the way").unwrap();
    let mut journal = desk.journal();
    for count in 0..1_500 {
        journal.record(at(count), version(count));
        // Waits for the thread, so that its queue takes everything.
        if count % 500 == 0 {
            all(&journal);
        }
    }
    let kept = all(&journal);
    assert_eq!(kept.first().map(|entry| entry.number), Some(1_500));
    let told = desk.told.lock().unwrap().clone();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].what.contains("journal.jsonl"), "{}", told[0]);

    std::fs::remove_file(&state).unwrap();
    journal.record(at(1_500), version("last"));
    drop(journal);
    let text = std::fs::read_to_string(state.join("journal.jsonl")).unwrap();
    assert_eq!(text.lines().count(), 1_001);
}

/// R17: an agent that is killed leaves at most one torn line, and the next one goes on after it.
#[test]
fn r17_a_torn_line_is_ended_and_passed_over() {
    let desk = Desk::new();
    let mut journal = desk.journal();
    journal.record(at(0), version("one"));
    journal.record(at(1), version("two"));
    drop(journal);
    let file = desk.folder.path().join("state/journal.jsonl");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, &text[..text.len() - 5]).unwrap();
    let mut journal = desk.journal();
    journal.record(at(2), version("three"));
    let entries = all(&journal);
    assert_eq!(
        entries
            .iter()
            .map(|entry| entry.at - at(0))
            .collect::<Vec<_>>(),
        [TimeDelta::seconds(2), TimeDelta::zero()]
    );
}
