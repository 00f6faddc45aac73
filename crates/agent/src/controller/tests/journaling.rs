//! What the journal says afterwards.

use daypass_core::{
    journal::{Event, Filter, Kind, Page, Query},
    protocol::{Changes, Publish},
    shell::Shell,
};

use super::*;

fn terraform() -> Caller {
    Caller {
        name: "terraform".to_owned(),
        path: "/usr/bin/terraform".to_owned(),
    }
}

/// The popup is the same program as the agent.
fn popup() -> Caller {
    Caller {
        name: "daypass-tray".to_owned(),
        path: std::env::current_exe().unwrap().display().to_string(),
    }
}

fn admin() -> Role {
    let config: daypass_core::config::Config =
        toml_edit::de::from_str(&config(SessionKind::Daily)).unwrap();
    config.roles[0].clone()
}

async fn ask_as(desk: &Desk, caller: Caller, request: Request) -> Response {
    let (reply, answer) = oneshot::channel();
    let input = Input::Request(request, Some(caller), reply);
    assert!(desk.handle.inputs.send(input).is_ok());
    answer.await.unwrap()
}

async fn read(desk: &Desk, filter: Filter) -> Page {
    let query = Query {
        filter,
        limit: 500,
        before: None,
    };
    match desk.ask(Request::Journal(query)).await.unwrap() {
        Response::Journal(page) => page,
        _ => panic!("no journal"),
    }
}

/// The journal in words, oldest first.
async fn told(desk: &Desk, filter: Filter) -> Vec<String> {
    let mut words: Vec<String> = read(desk, filter)
        .await
        .entries
        .iter()
        .map(|entry| entry.words())
        .collect();
    words.reverse();
    words
}

fn of(kinds: &[Kind]) -> Filter {
    Filter {
        role: Some(name("prod")),
        kinds: kinds.to_vec(),
        ..Filter::default()
    }
}

/// Who used a role, and did somebody make a link?
#[tokio::test]
async fn the_journal_says_who_used_a_role_and_who_made_a_link() {
    let mut desk = Desk::with_role(SessionKind::Daily).await;
    desk.code("123456").await;
    for _ in 0..3 {
        served(ask_as(&desk, terraform(), credentials()).await);
    }
    let link = Request::ConsoleUrl {
        console: prod(),
        asking: Asking::Popup,
    };
    ask_as(&desk, terraform(), link).await;
    ask_as(&desk, popup(), Request::CopyLink(prod())).await;
    ask_as(&desk, terraform(), Request::OpenConsole(prod())).await;
    desk.choose(Choice::OpenConsole(name("prod")));
    while desk.world().opened.len() < 2 {
        desk.ask(Request::Status).await.unwrap();
    }
    assert_eq!(
        told(&desk, of(&[Kind::Use, Kind::Link])).await,
        [
            "terraform (/usr/bin/terraform) got a session of prod until 2027-01-15 09:00 UTC",
            "terraform (/usr/bin/terraform) got a console link of prod",
            "You copied a console link of prod",
            "terraform (/usr/bin/terraform) opened the console of prod",
            "You opened the console of prod",
        ]
    );
    // The session has ended, and how often it was used is known.
    desk.pass(TimeDelta::hours(2));
    desk.ask(Request::Status).await.unwrap();
    let used = told(&desk, of(&[Kind::Use])).await;
    assert_eq!(used.len(), 2);
    assert!(
        used[1].ends_with(", 2 times more since 2027-01-15 08:00 UTC"),
        "{used:?}"
    );
}

#[tokio::test]
async fn codes_are_told_with_their_device_and_their_end() {
    let mut desk = Desk::with_role(SessionKind::Daily).await;
    let waiting = desk.ask(credentials());
    desk.until(|view| view.prompt.is_some()).await;
    ask_as(&desk, popup(), Request::DismissPrompt).await;
    waiting.await.unwrap();
    desk.fail_next(AwsCause::WrongCode);
    desk.code("111111").await;
    desk.code("123456").await;
    let identity = Filter {
        identity: Some(name("work")),
        kinds: vec![Kind::Code, Kind::Session],
        ..Filter::default()
    };
    let device = format!("from {SERIAL}");
    assert_eq!(
        told(&desk, identity).await,
        [
            "A program without a name needed a code of work".to_owned(),
            "You did not enter a code of work".to_owned(),
            format!(
                "A program without a name sent a code of work {device}, and got no session: WrongCode"
            ),
            format!("A program without a name sent a code of work {device}, and AWS took it"),
            "New MFA session of work until 2027-01-15 20:00 UTC".to_owned(),
        ]
    );
}

#[tokio::test]
async fn what_came_and_went_is_told() {
    let mut desk = Desk::start("", None).await;
    ask_as(&desk, terraform(), new_identity()).await;
    let mut role = admin();
    for _ in 0..2 {
        // The second time nothing is new.
        ask_as(&desk, popup(), Request::AddRole(Box::new(role.clone()))).await;
    }
    role.region = Some("eu-west-1".parse().unwrap());
    ask_as(&desk, popup(), Request::AddRole(Box::new(role.clone()))).await;
    desk.code("123456").await;
    let publish = Publish {
        role: name("prod"),
        secret_id: "app/session".to_owned(),
        region: None,
        writer: None,
        create: false,
        keep: true,
    };
    let request = Request::Publish {
        publish,
        asking: Asking::Popup,
    };
    ask_as(&desk, terraform(), request).await;
    let stop = Request::StopPublishing {
        role: name("prod"),
        secret_id: "app/session".to_owned(),
    };
    ask_as(&desk, popup(), stop).await;
    let copy = Request::CopyEnvironment {
        session: SessionKey::of(name("prod")),
        shell: Shell::Fish,
    };
    ask_as(&desk, popup(), copy).await;
    desk.world().iam_keys = vec!["AKIAIOSFODNN7EXAMPLE".to_owned()];
    let rotate = Request::RotateKey {
        identity: name("work"),
        asking: Asking::Popup,
    };
    let Response::KeyRotated { access_key_id } = ask_as(&desk, terraform(), rotate).await else {
        panic!("the key was not replaced");
    };
    let gone = Request::RemoveRole { name: name("prod") };
    ask_as(&desk, popup(), gone).await;
    let gone = Request::RemoveIdentity { name: name("work") };
    ask_as(&desk, popup(), gone).await;

    let kinds = Filter {
        kinds: vec![Kind::Setup, Kind::Publish, Kind::Copy, Kind::Key],
        ..Filter::default()
    };
    let by = "terraform (/usr/bin/terraform)";
    assert_eq!(
        told(&desk, kinds).await,
        [
            format!("{by} added the identity work with the key AKIAIOSFODNN7EXAMPLE"),
            format!("You added the role prod, {ROLE}"),
            format!("You changed the role prod, {ROLE}"),
            format!("{by} published a session of prod to app/session"),
            "You stopped publishing prod to app/session".to_owned(),
            "You copied a session of prod".to_owned(),
            format!("{by} replaced the key of work by {access_key_id}"),
            "You removed the role prod".to_owned(),
            "You removed the identity work".to_owned(),
        ]
    );
}

#[tokio::test]
async fn what_was_set_is_told_without_its_value() {
    let desk = Desk::with_role(SessionKind::Daily).await;
    let change = |key: &str, value: &str| Changes::from([(key.to_owned(), Some(value.into()))]);
    let proxy = "http://ada:hidden@127.0.0.1:3128";
    for request in [
        Request::ChangeSettings(change("proxy", proxy)),
        Request::ChangeSettings(change("warn_minutes", "soon")),
        Request::ChangeEndpoints(change("sts", "https://sts.example.com")),
        Request::Pin {
            role: name("prod"),
            on: true,
        },
        Request::SetDevices {
            identity: name("work"),
            serials: vec!["GAHT12345678".to_owned()],
        },
    ] {
        ask_as(&desk, terraform(), request).await;
    }
    let by = "terraform (/usr/bin/terraform)";
    let setup = Filter {
        kinds: vec![Kind::Setup],
        ..Filter::default()
    };
    assert_eq!(
        told(&desk, setup).await,
        [
            format!("{by} changed proxy"),
            format!("{by} changed endpoints.sts"),
            format!("{by} changed the role prod, {ROLE}"),
            format!("{by} gave work the MFA devices GAHT12345678"),
        ]
    );
}

#[tokio::test]
async fn a_session_that_aws_refuses_is_told_with_who_waited() {
    let mut desk = Desk::with_role(SessionKind::Daily).await;
    desk.code("123456").await;
    desk.fail_next(AwsCause::Denied);
    ask_as(&desk, terraform(), credentials()).await;
    assert_eq!(
        told(&desk, of(&[Kind::Session])).await,
        ["terraform (/usr/bin/terraform) got no session of prod: Denied"]
    );
}

/// T18: no secret is in the journal.
#[tokio::test]
async fn t18_the_journal_holds_no_secret() {
    let mut desk = Desk::start("", None).await;
    desk.ask(new_identity()).await.unwrap();
    desk.ask(Request::AddRole(Box::new(admin()))).await.unwrap();
    desk.warm().await;
    desk.ask(Request::CopyLink(prod())).await.unwrap();
    // Everything is on disk before it is read.
    let entries = read(&desk, Filter::default()).await.entries;
    assert!(entries.len() > 5);
    let text = std::fs::read_to_string(desk.folder().join("journal.jsonl")).unwrap();
    for secret in [
        SECRET,
        "123456",
        "\"secret\"",
        "\"token\"",
        "SigninToken",
        "ASIA1",
    ] {
        assert!(!text.contains(secret), "{secret} is in {text}");
    }
}

/// R23: a journal that cannot be written is said once, and nothing else suffers.
#[tokio::test]
async fn r23_a_journal_that_cannot_be_written_fails_nobody() {
    let mut desk = Desk::with_role(SessionKind::Daily).await;
    // The answer comes after everything before it is written: the file is there, and at rest.
    read(&desk, Filter::default()).await;
    let file = desk.folder().join("journal.jsonl");
    std::fs::remove_file(&file).unwrap();
    std::fs::create_dir(&file).unwrap();
    desk.warm().await;
    let view = desk.until(|view| !view.notices.is_empty()).await;
    assert!(
        view.notices[0].problem.what.contains("journal.jsonl"),
        "{}",
        view.notices[0].problem
    );
    let id = view.notices[0].id;
    desk.ask(Request::DismissNotice { id }).await.unwrap();
    served(ask_as(&desk, terraform(), credentials()).await);
    let page = read(&desk, Filter::default()).await;
    assert!(
        page.entries
            .iter()
            .any(|entry| matches!(entry.event, Event::CredentialsGiven { .. }))
    );
    desk.ask(Request::Status).await.unwrap();
    assert!(desk.view().notices.is_empty());
}
