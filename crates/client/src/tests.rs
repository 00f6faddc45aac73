//! What comes from an agent of another version, or from one that dies.

use std::{io::Write, os::unix::net::UnixListener, thread};

use daypass_core::paths::Paths;
use serde_json::{Value, json};

use super::*;

/// An agent that reads one request, answers with these messages and hangs up.
fn agent(answers: Vec<Value>) -> (tempfile::TempDir, Connection) {
    let folder = tempfile::tempdir().unwrap();
    let paths = Paths {
        config_file: folder.path().join("config.toml"),
        state_dir: folder.path().to_owned(),
        runtime_dir: folder.path().to_owned(),
    };
    let listener = UnixListener::bind(paths.socket()).unwrap();
    thread::spawn(move || {
        let (mut client, _) = listener.accept().unwrap();
        let asked: Value = read(&mut client).unwrap();
        assert_eq!(asked["version"], protocol::VERSION);
        for answer in answers {
            client
                .write_all(&frame::encode(&answer, MAX_ANSWER).unwrap())
                .unwrap();
        }
    });
    let connection = Connection::open(&paths).unwrap_or_else(|_| panic!("no connection"));
    (folder, connection)
}

fn ask(answer: Value) -> Result<Response, Problem> {
    let (_folder, connection) = agent(vec![answer]);
    connection.ask(Request::Status)
}

#[test]
fn r22_answers_of_another_version_are_understood_or_explained() {
    let widened = json!({"mfa_session": {"expires_at": "2026-01-01T00:00:00Z", "new": [1]}});
    assert!(matches!(ask(widened), Ok(Response::MfaSession { .. })));
    for unknown in [
        json!("new"),
        json!({"new": {}}),
        json!({"state": {}}),
        json!(3),
    ] {
        let problem = ask(unknown).err().unwrap().to_string();
        assert!(problem.contains("of another version"), "{problem}");
        assert!(problem.contains("Quit it and start it again"), "{problem}");
    }
}

#[test]
fn r22_news_of_a_later_version_is_passed_over() {
    let all: Value =
        serde_json::from_str(include_str!("../../core/tests/data/protocol-1.json")).unwrap();
    let state = all["events"][0].clone();
    let show = json!({"show": "roles"});
    let (_folder, connection) = agent(vec![
        state.clone(),
        json!("new"),
        json!({"new": {"a": 1}}),
        json!({"show": "a new page"}),
        show,
    ]);
    let told: Vec<Event> = connection.subscribe(true).unwrap().collect();
    assert!(matches!(told[..], [Event::State(_), Event::Show(_)]));
    // A state that cannot be read ends it: there would be nothing to show.
    let (_folder, connection) = agent(vec![json!({"state": {}}), state]);
    assert_eq!(connection.subscribe(true).unwrap().count(), 0);
}

/// R21.
#[test]
fn r21_an_agent_that_goes_away_is_a_missing_agent() {
    let (_folder, connection) = agent(vec![]);
    let problem = connection.ask(Request::Status).err().unwrap();
    assert_eq!(problem.code, Code::NoAgent);
}
