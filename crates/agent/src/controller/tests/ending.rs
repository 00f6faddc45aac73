//! Sessions that a person renews before their time, or ends; and which roles a person uses.

use daypass_core::journal::{Filter, Kind, Query};

use super::*;

fn renew(asking: Asking) -> Request {
    Request::RenewSession {
        role: name("prod"),
        asking,
    }
}

fn end() -> Request {
    Request::EndSession { role: name("prod") }
}

fn code() -> Request {
    Request::SubmitCode {
        identity: name("work"),
        wish: None,
        serial: None,
        code: Secret::new("123456".to_owned()),
    }
}

fn is_done(response: &Response) -> bool {
    matches!(response, Response::Done)
}

fn refusal(response: Response) -> String {
    match response {
        Response::Failed(problem) => problem.what,
        _ => panic!("it was not refused"),
    }
}

/// Looks so often that whatever was due has come to its end.
async fn settle(desk: &Desk) {
    for _ in 0..20 {
        desk.ask(Request::Status).await.unwrap();
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_renewal_gets_a_new_session_though_the_old_one_works() {
    let mut desk = Desk::with_role(SessionKind::Daily).await;
    desk.warm().await;
    let before = served(desk.ask(credentials()).await.unwrap()).access_key_id;
    desk.pass(TimeDelta::minutes(1));
    assert!(is_done(&desk.ask(renew(Asking::Popup)).await.unwrap()));
    let after = served(desk.ask(credentials()).await.unwrap()).access_key_id;
    assert_ne!(before, after);
    assert_eq!(desk.world().sts.len(), 3);
    // A second click on the same is no second call.
    assert!(is_done(&desk.ask(renew(Asking::Popup)).await.unwrap()));
    assert_eq!(desk.world().sts.len(), 3);
}

#[tokio::test]
async fn a_renewal_of_a_long_session_asks_for_a_code() {
    let mut desk = Desk::with_role(SessionKind::Long).await;
    let caller = desk.ask(credentials());
    desk.until(|view| view.prompt.is_some()).await;
    desk.code("123456").await;
    let before = served(caller.await.unwrap()).access_key_id;
    desk.pass(TimeDelta::minutes(5));
    // On a terminal the caller asks itself, and waits meanwhile.
    let told = desk.ask(renew(Asking::Terminal)).await.unwrap();
    assert!(matches!(told, Response::CodeNeeded { .. }));
    let waiting = desk.ask(renew(Asking::Waiting));
    desk.code("654321").await;
    assert!(is_done(&waiting.await.unwrap()));
    let after = served(desk.ask(credentials()).await.unwrap()).access_key_id;
    assert_ne!(before, after);
    // Whoever asks again after the code has what it made.
    assert!(is_done(&desk.ask(renew(Asking::Terminal)).await.unwrap()));
    assert_eq!(desk.world().sts.len(), 2);
}

#[tokio::test]
async fn a_renewal_that_fails_says_so_and_the_old_session_stays() {
    let mut desk = Desk::with_role(SessionKind::Daily).await;
    desk.warm().await;
    desk.pass(TimeDelta::minutes(1));
    desk.fail_next(AwsCause::Denied);
    assert!(refusal(desk.ask(renew(Asking::Popup)).await.unwrap()).contains("Denied"));
    assert_eq!(desk.view().roles[0].session.state, SessionState::Active);
    let gone = Request::RenewSession {
        role: name("gone"),
        asking: Asking::Popup,
    };
    assert!(refusal(desk.ask(gone).await.unwrap()).contains("gone"));
}

/// The role's session goes from memory and from disk; the MFA session stays.
#[tokio::test]
async fn an_ended_session_is_gone_from_memory_and_from_disk() {
    let mut desk = Desk::with_role(SessionKind::Daily).await;
    desk.warm().await;
    assert!(is_done(&desk.ask(end()).await.unwrap()));
    let view = desk
        .until(|view| view.roles[0].session.expires_at.is_none())
        .await;
    assert_eq!(view.roles[0].session.state, SessionState::None);
    assert_eq!(
        view.identities[0].mfa.as_ref().unwrap().state,
        SessionState::Active
    );
    let mut desk = desk.restart().await;
    let view = desk
        .until(|view| {
            let mfa = view.identities.first().and_then(|one| one.mfa.as_ref());
            mfa.is_some_and(|mfa| mfa.state == SessionState::Active)
        })
        .await;
    assert_eq!(view.roles[0].session.expires_at, None);
    // Whoever asks gets a new one, without a code.
    served(desk.ask(credentials()).await.unwrap());
    assert_eq!(desk.world().sts.len(), 3);
}

#[tokio::test]
async fn whoever_waits_for_an_ended_session_is_told() {
    let mut desk = Desk::with_role(SessionKind::Long).await;
    let caller = desk.ask(credentials());
    desk.until(|view| view.prompt.is_some()).await;
    assert!(is_done(&desk.ask(end()).await.unwrap()));
    assert!(refusal(caller.await.unwrap()).contains("was ended"));
    desk.until(|view| view.prompt.is_none()).await;
}

/// What AWS still answers is not a session again, except for whoever asks from then on.
#[tokio::test]
async fn a_call_that_is_under_way_brings_no_ended_session_back() {
    let mut desk = Desk::with_role(SessionKind::Daily).await;
    desk.code("123456").await;
    for asks_again in [false, true] {
        desk.ask(end()).await.unwrap();
        let gate = desk.hold_sts();
        let caller = desk.ask(credentials());
        desk.until(|view| view.roles[0].session.state == SessionState::Getting)
            .await;
        desk.ask(end()).await.unwrap();
        assert!(refusal(caller.await.unwrap()).contains("was ended"));
        let again = asks_again.then(|| desk.ask(credentials()));
        settle(&desk).await;
        gate.send(()).unwrap();
        match again {
            Some(again) => drop(served(again.await.unwrap())),
            None => {
                desk.until(|view| view.roles[0].session.state == SessionState::None)
                    .await;
                assert_eq!(desk.view().roles[0].session.expires_at, None);
            }
        }
    }
    assert_eq!(desk.world().sts.len(), 3);
}

#[tokio::test]
async fn a_pinned_role_is_not_fetched_again_until_somebody_wants_it() {
    let config = config(SessionKind::Daily) + "[settings]\npinned = [\"prod\"]\n";
    let mut desk = Desk::start(&config, Some(item(&[SERIAL]))).await;
    desk.code("123456").await;
    desk.until(|view| view.roles[0].session.state == SessionState::Active)
        .await;
    desk.ask(end()).await.unwrap();
    for _ in 0..5 {
        settle(&desk).await;
        desk.pass(TimeDelta::minutes(10));
    }
    assert_eq!(desk.world().sts.len(), 2);
    served(desk.ask(credentials()).await.unwrap());
    assert_eq!(desk.world().sts.len(), 3);
    // Renewed by itself again.
    desk.pass(TimeDelta::minutes(50));
    settle(&desk).await;
    assert_eq!(desk.world().sts.len(), 4);

    desk.ask(end()).await.unwrap();
    settle(&desk).await;
    assert_eq!(desk.world().sts.len(), 4);
    let pin = Request::Pin {
        role: name("prod"),
        on: true,
    };
    desk.ask(pin).await.unwrap();
    settle(&desk).await;
    assert_eq!(desk.world().sts.len(), 5);
}

#[tokio::test]
async fn the_profile_that_is_copied_asks_for_the_session_and_has_none() {
    let mut desk = Desk::start(
        &config(SessionKind::Daily).replace("[[role]]\n", "[[role]]\nregion = \"eu-west-1\"\n"),
        Some(item(&[SERIAL])),
    )
    .await;
    let copy = Request::CopyProfile { role: name("prod") };
    assert!(is_done(&desk.ask(copy).await.unwrap()));
    let copied = desk.world().copied.clone();
    let lines: Vec<&str> = copied[0].lines().collect();
    assert_eq!(lines[0], "[profile prod]");
    assert!(lines[1].starts_with("credential_process = "), "{lines:?}");
    assert!(lines[1].ends_with("daypass credentials prod"), "{lines:?}");
    assert_eq!(lines[2], "region = eu-west-1");
    assert_eq!(desk.world().sts.len(), 0);
    let view = desk.until(|view| view.roles[0].uses > 0.0).await;
    assert_eq!(view.roles[0].last_used, Some(desk.now()));
    let gone = Request::CopyProfile { role: name("gone") };
    assert!(refusal(desk.ask(gone).await.unwrap()).contains("gone"));
}

/// A person's use counts and outlives a restart; a program's does not.
#[tokio::test]
async fn what_a_person_uses_comes_first() {
    let second = format!("[[role]]\nname = \"second\"\nidentity = \"work\"\narn = \"{ROLE}\"\n");
    let config = config(SessionKind::Daily) + &second;
    let mut desk = Desk::start(&config, Some(item(&[SERIAL]))).await;
    desk.warm().await;
    assert_eq!(desk.view().roles[0].last_used, None);
    let open = |role: &str| Request::CopyLink(Console::of(name(role)));
    desk.ask(open("prod")).await.unwrap();
    let used = desk.now();
    desk.pass(TimeDelta::hours(1));
    for _ in 0..2 {
        desk.ask(open("second")).await.unwrap();
    }
    let view = desk.until(|view| view.roles[1].last_used.is_some()).await;
    assert!(view.roles[1].uses > view.roles[0].uses);
    assert_eq!(view.roles[0].last_used, Some(used));
    let before: Vec<f64> = view.roles.iter().map(|role| role.uses).collect();

    let mut desk = desk.restart().await;
    let view = desk
        .until(|view| view.roles.iter().any(|role| role.last_used.is_some()))
        .await;
    for (role, before) in view.roles.iter().zip(before) {
        assert!((role.uses - before).abs() < 1e-6, "{}", role.name);
    }
    desk.ask(Request::RemoveRole {
        name: name("second"),
    })
    .await
    .unwrap();
    let mut back = desk.role();
    back.name = name("second");
    desk.ask(Request::AddRole(Box::new(back))).await.unwrap();
    let view = desk.until(|view| view.roles.len() == 2).await;
    assert_eq!(view.roles[1].last_used, None);
}

#[tokio::test]
async fn the_end_of_a_session_is_in_the_journal_once() {
    let mut desk = Desk::with_role(SessionKind::Daily).await;
    desk.warm().await;
    for _ in 0..2 {
        desk.ask(end()).await.unwrap();
    }
    let query = Query {
        filter: Filter {
            kinds: vec![Kind::Session],
            text: Some("ended the session of prod".to_owned()),
            ..Filter::default()
        },
        limit: 10,
        before: None,
    };
    match desk.ask(Request::Journal(query)).await.unwrap() {
        Response::Journal(page) => assert_eq!(page.entries.len(), 1),
        _ => panic!("no journal"),
    }
}

/// Who waits for a session, the answer to its code, and what holds AWS's answer back.
async fn under_way() -> (
    Desk,
    oneshot::Receiver<Response>,
    oneshot::Receiver<Response>,
    oneshot::Sender<()>,
) {
    let mut desk = Desk::with_role(SessionKind::Long).await;
    let caller = desk.ask(credentials());
    desk.until(|view| view.prompt.is_some()).await;
    let gate = desk.hold_sts();
    let typed = desk.ask(code());
    desk.until(|view| view.prompt.as_ref().is_some_and(|prompt| prompt.checking))
        .await;
    (desk, caller, typed, gate)
}

/// Nor does the answer to a code of a role's own, which is spent all the same.
#[tokio::test]
async fn a_code_that_is_under_way_brings_no_ended_session_back() {
    let (desk, caller, typed, gate) = under_way().await;
    desk.ask(end()).await.unwrap();
    assert!(refusal(caller.await.unwrap()).contains("was ended"));
    gate.send(()).unwrap();
    assert!(refusal(typed.await.unwrap()).contains("was ended"));
    settle(&desk).await;
    assert_eq!(desk.view().roles[0].session.expires_at, None);
}

/// What a role is called and where it opens is nothing to its session.
#[tokio::test]
async fn a_star_does_not_cost_the_session_whose_code_is_under_way() {
    let (desk, caller, typed, gate) = under_way().await;
    let star = Request::Favourite {
        role: name("prod"),
        on: true,
    };
    assert!(is_done(&desk.ask(star).await.unwrap()));
    gate.send(()).unwrap();
    assert!(matches!(typed.await.unwrap(), Response::MfaSession { .. }));
    served(caller.await.unwrap());
}
