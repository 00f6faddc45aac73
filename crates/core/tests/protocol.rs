//! R22: what a side of another version sends. `data/protocol-1.json` has every message as version 1
//! writes it, and is not changed afterwards: whoever adds to a message gives what is added a
//! default, and adds messages of the new version in a file beside it. `data/protocol-1-added.json`
//! has what came to version 1 before its first release.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::collections::BTreeSet;

use daypass_core::{
    frame::{FrameError, decode},
    protocol::{Envelope, Event, Greeting, Request, Response, VERSION},
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

const VERSION_1: [&str; 2] = [
    include_str!("data/protocol-1.json"),
    include_str!("data/protocol-1-added.json"),
];

fn messages(kind: &str) -> Vec<Value> {
    let of_file = |file: &str| {
        let all: Value = serde_json::from_str(file).unwrap();
        all[kind].as_array().unwrap().clone()
    };
    VERSION_1.into_iter().flat_map(of_file).collect()
}

fn read<T: DeserializeOwned>(message: &Value) -> Result<T, FrameError> {
    decode(&serde_json::to_vec(message).unwrap())
}

/// The message with a field in every object below its name that this version does not know.
fn of_a_later_version(message: &Value) -> Value {
    match message {
        Value::Object(named) => {
            let named = named.iter();
            named
                .map(|(name, value)| (name.clone(), widened(value)))
                .collect()
        }
        unnamed => unnamed.clone(),
    }
}

fn widened(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields = fields.iter();
            let mut fields: serde_json::Map<_, _> = fields
                .map(|(name, value)| (name.clone(), widened(value)))
                .collect();
            fields.insert("of_a_later_version".to_owned(), json!({"deep": [1]}));
            Value::Object(fields)
        }
        Value::Array(items) => items.iter().map(widened).collect(),
        other => other.clone(),
    }
}

fn understands<T: DeserializeOwned>(kind: &str) {
    for message in messages(kind) {
        assert!(read::<T>(&message).is_ok(), "{message}");
        let later = of_a_later_version(&message);
        assert!(read::<T>(&later).is_ok(), "{later}");
    }
}

#[test]
fn r22_what_version_1_says_is_understood_and_what_is_added_is_passed_over() {
    understands::<Request>("requests");
    understands::<Response>("responses");
    understands::<Event>("events");
    let later = of_a_later_version(&messages("events")[0]).to_string();
    assert!(later.matches("of_a_later_version").count() > 10, "{later}");
}

/// The messages of the file are all that there are, so that none goes untested.
#[test]
fn r22_every_request_of_version_1_is_in_the_file() {
    let names: BTreeSet<String> = messages("requests")
        .iter()
        .map(|message| read::<Request>(message).unwrap().name().to_owned())
        .collect();
    assert_eq!(names.len(), messages("requests").len());
    for kind in ["requests", "responses"] {
        for message in messages(kind) {
            let written = match kind {
                "requests" => serde_json::to_value(read::<Request>(&message).unwrap()),
                _ => serde_json::to_value(read::<Response>(&message).unwrap()),
            };
            let (written, name) = (written.unwrap(), message.as_object());
            let name = name.map_or_else(|| message.clone(), |one| json!(one.keys().next()));
            let same = written
                .as_object()
                .map_or_else(|| written.clone(), |one| json!(one.keys().next()));
            assert_eq!(same, name, "it is sent under the name that version 1 knows");
        }
    }
}

#[test]
fn r22_neighbours_are_served_and_others_are_told_who_is_older() {
    for (version, word) in [
        (VERSION - 1, None),
        (VERSION, None),
        (VERSION + 1, None),
        (VERSION + 2, Some("is older than")),
        (u16::MAX, Some("is older than")),
    ] {
        for message in messages("requests") {
            let quits = message == "quit";
            let envelope = json!({"version": version, "request": message, "new": true});
            let opened = read::<Envelope>(&envelope).unwrap().open();
            match opened {
                Ok(_) => assert!(word.is_none() || quits, "{version} {message}"),
                Err(problem) => {
                    let said = problem.to_string();
                    assert!(
                        word.is_some_and(|word| said.contains(word)),
                        "{version} {said}"
                    );
                    assert!(said.contains("Quit Daypass"), "{said}");
                }
            }
        }
    }
    let older = Greeting { version: 0 };
    assert!(VERSION > 1 || older.not_understood().what.contains("is newer than"));
}
