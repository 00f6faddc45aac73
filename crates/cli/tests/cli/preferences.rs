use std::sync::{Arc, Mutex};

use daypass_core::{
    problem::Problem,
    protocol::{Asking, Request, Response},
};
use serde_json::{Value, json};

use crate::world::{World, stderr, warm};

/// An agent with a session that takes every wish, and what it was asked for, as it was sent.
fn willing() -> (World, Arc<Mutex<Vec<Value>>>) {
    let sent: Arc<Mutex<Vec<Value>>> = Arc::default();
    let seen = Arc::clone(&sent);
    let world = World::new(move |request| match request {
        Request::Status => warm(request),
        Request::ChangeSettings(_) | Request::ChangeEndpoints(_) => {
            seen.lock()
                .unwrap()
                .push(serde_json::to_value(&request).unwrap());
            Response::Written {
                path: "config.toml".to_owned(),
                warnings: vec!["Start Daypass again.".to_owned()],
            }
        }
        request => {
            seen.lock()
                .unwrap()
                .push(serde_json::to_value(&request).unwrap());
            Response::Done
        }
    });
    (world, sent)
}

#[test]
fn a_wish_is_sent_as_it_was_typed() {
    let (world, sent) = willing();
    for (arguments, request) in [
        (
            &["role", "favourite", "prod"][..],
            json!({"favourite": {"role": "prod", "on": true}}),
        ),
        (
            &["role", "favourite", "prod", "--off"],
            json!({"favourite": {"role": "prod", "on": false}}),
        ),
        (
            &["role", "pin", "prod"],
            json!({"pin": {"role": "prod", "on": true}}),
        ),
        (
            &["role", "pin", "prod", "--off"],
            json!({"pin": {"role": "prod", "on": false}}),
        ),
        (
            &["renew", "prod"],
            json!({"renew_session": {"role": "prod", "asking": "popup"}}),
        ),
        (&["end", "prod"], json!({"end_session": {"role": "prod"}})),
        (
            &[
                "account",
                "set",
                "111122223333",
                "--name",
                "Shop",
                "--colour",
                "red",
                "--production",
                "--browser",
                "firefox,container=Shop",
            ],
            json!({"set_account": {"id": "111122223333", "name": "Shop", "colour": "red", "production": true, "browser": {"program": "firefox", "container": "Shop"}}}),
        ),
        (
            &["settings", "set", "warn_minutes", "20"],
            json!({"change_settings": {"warn_minutes": 20}}),
        ),
        (
            &["settings", "set", "lock_on_sleep", "true"],
            json!({"change_settings": {"lock_on_sleep": true}}),
        ),
        (
            &["settings", "set", "lock_after", "30"],
            json!({"change_settings": {"lock_after": "30"}}),
        ),
        (
            &["settings", "set", "browser", "chromium,profile=Work"],
            json!({"change_settings": {"browser": {"program": "chromium", "profile": "Work"}}}),
        ),
        (
            &["settings", "unset", "issuer"],
            json!({"change_settings": {"issuer": null}}),
        ),
        (
            &["settings", "set", "endpoints.sts", "http://127.0.0.1:1"],
            json!({"change_endpoints": {"sts": "http://127.0.0.1:1"}}),
        ),
        (
            &["settings", "unset", "endpoints.sts"],
            json!({"change_endpoints": {"sts": null}}),
        ),
    ] {
        let output = world.run(arguments);
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            stderr(&output)
        );
        assert_eq!(output.stdout, b"", "{arguments:?}");
        let warned = stderr(&output).contains("Start Daypass again.");
        assert_eq!(warned, arguments[0] == "settings", "{arguments:?}");
        assert_eq!(sent.lock().unwrap().pop(), Some(request), "{arguments:?}");
    }
}

#[test]
fn what_is_not_named_of_an_account_stays() {
    let sent: Arc<Mutex<Vec<Value>>> = Arc::default();
    let seen = Arc::clone(&sent);
    let world = World::new(move |request| {
        let Response::State(mut state) = warm(Request::Status) else {
            panic!("no state");
        };
        if matches!(request, Request::Status) {
            let known = json!([{"id": "111122223333", "name": "Shop", "production": true}]);
            state.accounts = serde_json::from_value(known).unwrap();
            return Response::State(state);
        }
        seen.lock()
            .unwrap()
            .push(serde_json::to_value(&request).unwrap());
        Response::Done
    });
    world.done(&["account", "set", "111122223333", "--colour", "teal"]);
    world.done(&["account", "set", "111122223333", "--production=false"]);
    world.done(&["account", "set", "111122223333", "--clear", "name"]);
    world.done(&["account", "remove", "111122223333"]);
    assert_eq!(
        *sent.lock().unwrap(),
        [
            json!({"set_account": {"id": "111122223333", "name": "Shop", "colour": "teal", "production": true}}),
            json!({"set_account": {"id": "111122223333", "name": "Shop"}}),
            json!({"set_account": {"id": "111122223333", "production": true}}),
            json!({"set_account": {"id": "111122223333"}}),
        ]
    );
    let unknown = world.run(&["account", "remove", "444455556666"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(stderr(&unknown).contains("daypass account list"));
    let listed = world.done(&["account", "list"]);
    assert_eq!(listed, "111122223333  Shop  production\n");
    let listed: Value = serde_json::from_str(&world.done(&["account", "list", "--json"])).unwrap();
    assert_eq!(listed[0]["name"], "Shop");
}

#[test]
fn settings_are_shown_and_status_tells_how_roles_are_marked() {
    let world = World::warm();
    let shown = world.done(&["settings"]);
    for line in ["mfa_duration  12h", "issuer  -", "hide_on_focus_loss  true"] {
        assert!(shown.lines().any(|one| one == line), "{shown}");
    }
    let json: Value = serde_json::from_str(&world.done(&["settings", "--json"])).unwrap();
    assert_eq!(json["warn_minutes"], 10);
    let status: Value = serde_json::from_str(&world.done(&["status", "--json"])).unwrap();
    let role = &status["roles"][0];
    for field in [
        "favourite",
        "pinned",
        "browser",
        "destination",
        "uses",
        "last_used",
    ] {
        assert!(role.get(field).is_some(), "{field}");
    }
    assert_eq!(status["settings"]["warn_minutes"], 10);
    assert_eq!(status["accounts"], json!([]));
}

#[test]
fn what_is_wrong_is_refused_before_or_by_the_agent() {
    let world = World::new(|request| match request {
        Request::Status => warm(request),
        Request::RenewSession { asking, .. } => {
            assert_eq!(asking, Asking::Popup, "there is no terminal");
            Response::Failed(Problem::usage("There is no role gone."))
        }
        _ => Response::Failed(Problem::usage("The setting warn_minutes is a number.")),
    });
    for (arguments, word) in [
        (
            &["settings", "set", "warn_minutes", "soon"][..],
            "warn_minutes",
        ),
        (
            &["settings", "set", "browser", "firefox,window=1"],
            "firefox",
        ),
        (&["renew", "gone"], "gone"),
        (&["account", "set", "111122223333", "--name", " "], "name"),
    ] {
        let said = world.fails(2, arguments);
        assert!(said.contains(word), "{said}");
    }
    for arguments in [
        &["account", "set", "12"][..],
        &["account", "set", "111122223333", "--colour", "mauve"],
    ] {
        let output = world.run(arguments);
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    }
    assert_eq!(
        World::without_agent().run(&["settings"]).status.code(),
        Some(3)
    );
}

/// T17: a password is taken from standard input, and from no argument.
#[test]
fn t17_a_proxy_s_password_is_no_argument() {
    let sent: Arc<Mutex<Vec<Value>>> = Arc::default();
    let seen = Arc::clone(&sent);
    let world = World::new(move |request| {
        seen.lock()
            .unwrap()
            .push(serde_json::to_value(&request).unwrap());
        Response::Written {
            path: String::new(),
            warnings: Vec::new(),
        }
    });
    let address = "http://ada:CANARY@127.0.0.1:3128";
    let output = world.run(&["settings", "set", "proxy", address]);
    assert_eq!(output.status.code(), Some(2));
    assert!(!stderr(&output).contains("CANARY"), "{}", stderr(&output));
    assert!(sent.lock().unwrap().is_empty());

    let typed = world.runtime_dir().join("typed");
    std::fs::write(&typed, format!("{address}\n")).unwrap();
    let mut command = world.daypass(&["settings", "set", "proxy", "-"]);
    let status = command.stdin(std::fs::File::open(typed).unwrap()).status();
    assert!(status.unwrap().success());
    let asked = json!({"change_settings": {"proxy": address}});
    assert_eq!(sent.lock().unwrap().pop(), Some(asked));
}

/// What is not named again of a role would be lost.
#[test]
fn a_role_takes_the_place_of_another_only_when_that_is_meant() {
    let world = World::warm();
    let arn = "arn:aws:iam::111122223333:role/Other";
    let mut add = vec!["role", "add", "prod", "--identity", "work", "--arn", arn];
    let refused = world.run(&add);
    assert_eq!(refused.status.code(), Some(2), "{}", stderr(&refused));
    assert!(
        stderr(&refused).contains("--replace"),
        "{}",
        stderr(&refused)
    );
    add.push("--replace");
    let taken = world.run(&add);
    assert!(
        !stderr(&taken).contains("already a role"),
        "{}",
        stderr(&taken)
    );
}
