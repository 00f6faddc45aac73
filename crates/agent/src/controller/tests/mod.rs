//! The real controller with fake ports: what was asked of the world, and what people see.

mod asking;
mod describing;
mod desktop;
mod devices;
mod ending;
mod examining;
mod faults;
mod journaling;
mod keeping;
mod preferences;
mod publishing;
mod reaching;
mod renewal;
mod rotation;
mod simulation;
mod single_flight;
mod socket;
mod wake;
mod world;

use chrono::TimeDelta;
use daypass_core::{
    problem::Code,
    role::SessionKind,
    view::{Look, SessionState},
};

use self::world::*;
use super::*;
use crate::ports::AwsCause;

/// R7, R8: any number of callers, one code, one call each.
#[tokio::test]
async fn r7_r8_a_cold_herd_costs_one_code_and_one_call_each() {
    let mut desk = Desk::with_role(SessionKind::Daily).await;
    let callers: Vec<_> = (0..50).map(|_| desk.ask(credentials())).collect();
    desk.until(|view| view.prompt.is_some()).await;
    assert_eq!(desk.world().popups, 1);

    desk.code("123456").await;
    let mut keys = Vec::new();
    for caller in callers {
        keys.push(served(caller.await.unwrap()).access_key_id);
    }
    keys.dedup();
    assert_eq!(keys.len(), 1, "callers got different sessions");
    assert_eq!(
        desk.world().sts,
        [
            "GetSessionToken 123456 43200s",
            "AssumeRole session ada 3600s"
        ]
    );
    assert_eq!(desk.view().look(), Look::Active);
}

/// R12: serving a warm session touches no keychain.
#[tokio::test]
async fn r12_a_warm_session_is_served_from_memory() {
    let mut desk = Desk::with_role(SessionKind::Daily).await;
    desk.warm().await;
    let reads = desk.world().vault_reads;
    let calls = desk.world().sts.len();
    for _ in 0..10 {
        served(desk.ask(credentials()).await.unwrap());
    }
    assert_eq!(desk.world().vault_reads, reads);
    assert_eq!(desk.world().sts.len(), calls);
}

#[tokio::test]
async fn a_long_session_asks_for_a_code_of_its_own() {
    let mut desk = Desk::with_role(SessionKind::Long).await;
    let caller = desk.ask(credentials());
    let prompt = desk
        .until(|view| view.prompt.is_some())
        .await
        .prompt
        .unwrap();
    assert_eq!(prompt.purpose, "prod, one session of 1h");
    assert_eq!(prompt.devices[0].name, "ada");
    desk.code("123456").await;
    served(caller.await.unwrap());
    assert_eq!(desk.world().sts, ["AssumeRole key 123456 ada 3600s"]);
}

#[tokio::test]
async fn without_a_device_no_code_is_asked_for() {
    let desk = Desk::start(&config(SessionKind::Daily), Some(item(&[]))).await;
    served(desk.ask(credentials()).await.unwrap());
    assert_eq!(desk.world().sts, ["AssumeRole key - ada 3600s"]);
    assert_eq!(desk.world().popups, 0);
}

#[tokio::test]
async fn an_ambient_identity_needs_no_key() {
    let text =
        config(SessionKind::Daily).replace("name = \"work\"", "name = \"work\"\nambient = true");
    let desk = Desk::start(&text, None).await;
    served(desk.ask(credentials()).await.unwrap());
    assert_eq!(desk.world().sts, ["AssumeRole ambient daypass 3600s"]);
    assert!(
        desk.world().vault_reads <= 1,
        "more than the look for a keychain at the start"
    );
}

/// P4: a code that AWS took is not sent again; the next one is.
#[tokio::test]
async fn p4_an_accepted_code_is_sent_once() {
    let mut desk = Desk::with_role(SessionKind::Daily).await;
    desk.code("123456").await;
    let Response::Failed(problem) = desk.code("123456").await else {
        panic!("the same code was taken twice");
    };
    assert_eq!(problem.what, "That code was already used.");
    assert_eq!(problem.todo, "The next one comes in 30 s.");
    assert_eq!(desk.world().sts.len(), 1);
    desk.code("654321").await;
    assert_eq!(desk.world().sts.len(), 2);
}

/// P4: nor is one whose answer was lost, because AWS may have taken it.
#[tokio::test]
async fn p4_a_code_whose_answer_was_lost_is_not_sent_again() {
    let mut desk = Desk::with_role(SessionKind::Daily).await;
    let caller = desk.ask(credentials());
    desk.until(|view| view.prompt.is_some()).await;
    desk.fail_next(AwsCause::AnswerLost);
    desk.code("123456").await;
    let prompt = desk.view().prompt.unwrap();
    assert!(prompt.rejected.unwrap().what.contains("Nobody knows"));
    assert!(prompt.devices[0].wait_until.is_some());
    desk.code("123456").await;
    assert_eq!(desk.world().sts.len(), 1);
    desk.code("654321").await;
    served(caller.await.unwrap());
}

#[tokio::test]
async fn a_wrong_code_is_explained_and_asked_for_again() {
    let mut desk = Desk::with_role(SessionKind::Daily).await;
    let caller = desk.ask(credentials());
    desk.until(|view| view.prompt.is_some()).await;
    desk.fail_next(AwsCause::WrongCode);
    desk.code("000000").await;
    let prompt = desk.view().prompt.unwrap();
    assert_eq!(prompt.rejected.unwrap().what, "WrongCode");
    assert_eq!(
        prompt.devices[0].wait_until, None,
        "a typo must not cost half a minute"
    );
    desk.code("123456").await;
    served(caller.await.unwrap());
}

#[tokio::test]
async fn what_is_no_code_is_refused_before_it_is_sent() {
    let mut desk = Desk::with_role(SessionKind::Daily).await;
    for bad in ["", "12345", "1234567", "abcdef"] {
        assert!(
            matches!(desk.code(bad).await, Response::Failed(problem) if problem.code == Code::Usage)
        );
    }
    assert!(desk.world().sts.is_empty());
}

#[tokio::test]
async fn a_dismissed_prompt_tells_those_who_wait() {
    let mut desk = Desk::with_role(SessionKind::Daily).await;
    let caller = desk.ask(credentials());
    desk.until(|view| view.prompt.is_some()).await;
    desk.ask(Request::DismissPrompt).await.unwrap();
    assert!(
        matches!(caller.await.unwrap(), Response::Failed(problem) if problem.code == Code::CodeNeeded)
    );
    assert_eq!(desk.view().prompt, None);
}

/// P10: programs that ask again and again don't bring back a field that a person has closed; a
/// click does.
#[tokio::test]
async fn p10_a_dismissed_field_is_not_brought_back_by_programs() {
    let mut desk = Desk::with_role(SessionKind::Daily).await;
    let caller = desk.ask(credentials());
    desk.until(|view| view.prompt.is_some()).await;
    desk.ask(Request::DismissPrompt).await.unwrap();
    caller.await.unwrap();
    let shown = desk.world().popups;
    assert!(matches!(
        desk.ask(credentials()).await.unwrap(),
        Response::Failed(problem) if problem.code == Code::CodeNeeded
    ));
    assert_eq!(desk.world().popups, shown);
    desk.choose(Choice::OpenConsole(name("prod")));
    desk.until(|view| view.prompt.is_some()).await;
    assert_eq!(desk.world().popups, shown + 1);
}

/// P2: a program is served what is left while a person is asked for a code.
#[tokio::test]
async fn p2_a_program_does_not_wait_for_a_person_while_a_session_works() {
    let mut desk = Desk::with_role(SessionKind::Daily).await;
    desk.pass(TimeDelta::hours(-11) - TimeDelta::minutes(30));
    desk.code("123456").await;
    desk.pass(TimeDelta::hours(11) + TimeDelta::minutes(30));
    served(desk.ask(credentials()).await.unwrap());
    // The MFA session has ended, the role's has ten minutes left.
    desk.pass(TimeDelta::minutes(50));
    desk.choose(Choice::OpenConsole(name("prod")));
    desk.until(|view| view.prompt.is_some()).await;
    served(desk.ask(credentials()).await.unwrap());
}

/// What comes of a code belongs to the role as it was when the code was sent.
#[tokio::test]
async fn a_role_changed_while_its_code_is_on_its_way_gets_no_session() {
    let mut desk = Desk::with_role(SessionKind::Long).await;
    desk.ask(credentials());
    desk.until(|view| view.prompt.is_some()).await;
    let gate = desk.hold_sts();
    let code = desk.ask(Request::SubmitCode {
        identity: name("work"),
        wish: None,
        serial: None,
        code: Secret::new("123456".to_owned()),
    });
    let mut role = desk.role();
    role.arn = "arn:aws:iam::111122223333:role/Other".parse().unwrap();
    desk.ask(Request::AddRole(Box::new(role))).await.unwrap();
    gate.send(()).unwrap();
    assert!(matches!(code.await.unwrap(), Response::Failed(_)));
    let view = desk.view();
    assert_eq!(view.roles[0].session.state, SessionState::None);
    assert_eq!(view.roles[0].session.expires_at, None);
}

/// A namesake with another key must not get the session of the identity that was removed.
#[tokio::test]
async fn a_namesake_does_not_inherit_a_session() {
    let desk = Desk::start("", None).await;
    desk.ask(new_identity()).await.unwrap();
    let gate = desk.hold_sts();
    let code = desk.ask(Request::SubmitCode {
        identity: name("work"),
        wish: None,
        serial: None,
        code: Secret::new("123456".to_owned()),
    });
    desk.ask(Request::RemoveIdentity { name: name("work") })
        .await
        .unwrap();
    desk.ask(new_identity()).await.unwrap();
    gate.send(()).unwrap();
    assert!(matches!(code.await.unwrap(), Response::Failed(_)));
    desk.ask(Request::Status).await.unwrap();
    let mfa = desk.view().identities[0].mfa.clone().unwrap();
    assert_eq!(mfa.state, SessionState::None);
}

/// P4: nor is a code sent twice while the first is on its way.
#[tokio::test]
async fn p4_a_code_on_its_way_keeps_another_back() {
    let desk = Desk::with_role(SessionKind::Daily).await;
    let gate = desk.hold_sts();
    let submit = || Request::SubmitCode {
        identity: name("work"),
        wish: None,
        serial: None,
        code: Secret::new("123456".to_owned()),
    };
    let first = desk.ask(submit());
    assert!(matches!(
        desk.ask(submit()).await.unwrap(),
        Response::Failed(_)
    ));
    gate.send(()).unwrap();
    assert!(matches!(first.await.unwrap(), Response::MfaSession { .. }));
    assert_eq!(desk.world().sts.len(), 1);
}

/// An MFA session that AWS no longer takes leads to a new code, once.
#[tokio::test]
async fn an_mfa_session_that_aws_has_ended_is_forgotten() {
    let mut desk = Desk::with_role(SessionKind::Daily).await;
    desk.code("123456").await;
    desk.fail_next(AwsCause::SessionEnded);
    let caller = desk.ask(credentials());
    desk.until(|view| view.prompt.is_some()).await;
    desk.code("654321").await;
    served(caller.await.unwrap());
}

/// A click that is repeated while the first waits opens one console.
#[tokio::test]
async fn repeated_clicks_open_one_console() {
    let mut desk = Desk::with_role(SessionKind::Daily).await;
    for _ in 0..3 {
        desk.choose(Choice::OpenConsole(name("prod")));
    }
    desk.until(|view| view.prompt.is_some()).await;
    desk.code("123456").await;
    desk.until(|view| !view.roles[0].opening).await;
    assert_eq!(desk.world().opened.len(), 1);
}

/// Two long roles waiting are two codes, asked for one after the other.
#[tokio::test]
async fn two_long_roles_are_two_codes_in_turn() {
    let second = "\n[[role]]\nname = \"second\"\nidentity = \"work\"\nsession = \"long\"\narn = \"arn:aws:iam::111122223333:role/Second\"\n";
    let mut desk = Desk::start(&(config(SessionKind::Long) + second), Some(item(&[SERIAL]))).await;
    let first = desk.ask(credentials());
    let other = desk.ask(Request::Credentials {
        session: SessionKey::of(name("second")),
        asking: Asking::Popup,
    });
    desk.until(|view| view.prompt.is_some()).await;
    desk.code("111111").await;
    served(first.await.unwrap());
    let prompt = desk
        .until(|view| view.prompt.is_some())
        .await
        .prompt
        .unwrap();
    assert!(prompt.purpose.starts_with("second"));
    assert!(
        prompt.devices[0].wait_until.is_some(),
        "the device still shows the used code"
    );
    desk.code("222222").await;
    served(other.await.unwrap());
}

#[tokio::test]
async fn without_a_screen_the_caller_is_asked_to_ask() {
    let mut desk = Desk::with_role(SessionKind::Daily).await;
    desk.world().no_screen = true;
    let response = desk.ask(credentials()).await.unwrap();
    assert!(
        matches!(response, Response::CodeNeeded { devices, .. } if devices[0].short() == "ada")
    );
    assert_eq!(desk.view().prompt, None);
    desk.code("123456").await;
    served(desk.ask(credentials()).await.unwrap());
}

/// A long role is started from a terminal too: the code goes where it was asked for.
#[tokio::test]
async fn without_a_screen_a_long_role_gets_the_code_asked_for_it() {
    let desk = Desk::with_role(SessionKind::Long).await;
    desk.world().no_screen = true;
    let Response::CodeNeeded { identity, wish, .. } = desk.ask(credentials()).await.unwrap() else {
        panic!("no code was asked for");
    };
    let submit = Request::SubmitCode {
        identity,
        serial: None,
        wish: Some(wish),
        code: Secret::new("123456".to_owned()),
    };
    assert!(matches!(
        desk.ask(submit).await.unwrap(),
        Response::MfaSession { .. }
    ));
    served(desk.ask(credentials()).await.unwrap());
    assert_eq!(desk.world().sts, ["AssumeRole key 123456 ada 3600s"]);
}

/// P2, R6: while a session works, a failing STS fails no program.
#[tokio::test]
async fn p2_a_failing_sts_fails_no_program_while_a_session_works() {
    let mut desk = Desk::with_role(SessionKind::Daily).await;
    desk.warm().await;
    desk.pass(TimeDelta::minutes(50));
    desk.world().sts_down = true;
    served(desk.ask(credentials()).await.unwrap());
    desk.pass(TimeDelta::minutes(10));
    assert!(matches!(
        desk.ask(credentials()).await.unwrap(),
        Response::Failed(_)
    ));
}

/// P1: and nothing is served in its last minute.
#[tokio::test]
async fn p1_an_ended_session_is_renewed_before_it_is_served() {
    let mut desk = Desk::with_role(SessionKind::Daily).await;
    desk.warm().await;
    desk.pass(TimeDelta::seconds(3_541));
    let served = served(desk.ask(credentials()).await.unwrap());
    assert!(served.expires_at > desk.now());
    assert_eq!(desk.world().sts.len(), 3);
}

#[tokio::test]
async fn a_session_in_use_is_renewed_in_the_background() {
    let mut desk = Desk::with_role(SessionKind::Daily).await;
    desk.warm().await;
    desk.pass(TimeDelta::minutes(30));
    served(desk.ask(credentials()).await.unwrap());
    desk.pass(TimeDelta::minutes(10));
    // Any input is a look at the clock.
    desk.ask(Request::Status).await.unwrap();
    let end = desk.now() + TimeDelta::hours(1);
    desk.until(move |view| view.roles[0].session.expires_at == Some(end))
        .await;
    assert_eq!(desk.world().sts.len(), 3);
}

/// AWS_RULES 3.5: `SessionDuration` only for a session made with the long-lived key, and once
/// without it when AWS refuses it.
#[tokio::test]
async fn r25_the_console_is_asked_for_as_aws_allows() {
    let mut desk = Desk::with_role(SessionKind::Daily).await;
    desk.warm().await;
    let url = match desk
        .ask(Request::ConsoleUrl {
            console: prod(),
            asking: Asking::Popup,
        })
        .await
        .unwrap()
    {
        Response::ConsoleUrl { url } => url,
        _ => panic!("no link"),
    };
    assert!(
        url.expose()
            .starts_with("https://signin.aws.amazon.com/federation?Action=login")
    );
    assert_eq!(desk.world().sign_ins, [None]);

    let desk = Desk::start(&config(SessionKind::Long), Some(item(&[]))).await;
    desk.world().refuse_duration = true;
    assert!(matches!(
        desk.ask(Request::ConsoleUrl {
            console: prod(),
            asking: Asking::Popup,
        })
        .await
        .unwrap(),
        Response::ConsoleUrl { .. }
    ));
    assert_eq!(desk.world().sign_ins, [Some("3600".to_owned()), None]);
}

/// T13: what the browser is started with holds no token.
#[tokio::test]
async fn t13_the_browser_gets_a_loopback_address() {
    let mut desk = Desk::with_role(SessionKind::Daily).await;
    desk.warm().await;
    assert!(matches!(
        desk.ask(Request::OpenConsole(prod())).await.unwrap(),
        Response::Done
    ));
    let opened = desk.world().opened.clone();
    assert_eq!(opened.len(), 1);
    assert!(opened[0].starts_with("http://127.0.0.1:"));
    assert!(!opened[0].contains("Token"));
}

#[tokio::test]
async fn a_refusal_is_shown_until_it_is_dismissed() {
    let mut desk = Desk::start(&config(SessionKind::Daily), Some(item(&[]))).await;
    desk.fail_next(AwsCause::Refused);
    desk.choose(Choice::OpenConsole(name("prod")));
    let view = desk.until(|view| !view.notices.is_empty()).await;
    assert_eq!(view.look(), Look::Error);
    assert_eq!(view.roles[0].session.state, SessionState::Failed);
    let id = view.notices[0].id;
    desk.ask(Request::DismissNotice { id }).await.unwrap();
    assert_eq!(desk.view().look(), Look::Idle);
}

/// A key is verified, then stored, then written down; a failure at any step leaves nothing.
#[tokio::test]
async fn a_wrong_key_leaves_nothing_behind() {
    let desk = Desk::start("", None).await;
    desk.fail_next(AwsCause::Refused);
    assert!(matches!(
        desk.ask(new_identity()).await.unwrap(),
        Response::Failed(_)
    ));
    assert!(desk.world().vault.is_empty());
    assert!(desk.view().identities.is_empty());

    assert!(matches!(
        desk.ask(new_identity()).await.unwrap(),
        Response::Done
    ));
    assert_eq!(desk.view().identities[0].mfa_serials, [SERIAL]);
    assert!(
        matches!(desk.ask(new_identity()).await.unwrap(), Response::Failed(_)),
        "overwritten"
    );
}

#[tokio::test]
async fn an_identity_in_use_is_not_removed() {
    let desk = Desk::with_role(SessionKind::Daily).await;
    let remove = || Request::RemoveIdentity { name: name("work") };
    assert!(matches!(
        desk.ask(remove()).await.unwrap(),
        Response::Failed(_)
    ));
    desk.ask(Request::RemoveRole { name: name("prod") })
        .await
        .unwrap();
    assert!(matches!(desk.ask(remove()).await.unwrap(), Response::Done));
    assert!(desk.world().vault.is_empty());
}

/// T25: no keychain is said, and nothing is written anywhere.
#[tokio::test]
async fn t25_a_missing_keychain_is_said() {
    let desk = Desk::start("", None).await;
    desk.world().vault_error = Some(VaultError::Missing);
    let response = desk.ask(new_identity()).await.unwrap();
    assert!(matches!(response, Response::Failed(problem) if problem.code == Code::Keychain));
    let text = std::fs::read_to_string(desk.folder().join("config.toml")).unwrap_or_default();
    assert!(!text.contains(SECRET) && !text.contains("work"));
}

#[tokio::test]
async fn a_locked_keychain_serves_on_from_memory_and_says_so() {
    let mut desk = Desk::with_role(SessionKind::Daily).await;
    desk.warm().await;
    desk.world().vault_error = Some(VaultError::Locked);
    let Response::Failed(problem) = desk.code("654321").await else {
        panic!("the key was read from a locked keychain");
    };
    assert_eq!(problem.code, Code::Keychain);
    assert_eq!(desk.view().vault, VaultView::Locked);
    served(desk.ask(credentials()).await.unwrap());
    desk.world().vault_error = None;
    desk.ask(Request::UnlockVault).await.unwrap();
    desk.until(|view| view.vault == VaultView::Ready).await;
}

/// A role that was changed while AWS was asked must not get the old role's session.
#[tokio::test]
async fn a_changed_role_loses_its_session() {
    let mut desk = Desk::with_role(SessionKind::Daily).await;
    desk.warm().await;
    let mut role = daypass_core::role::Role::clone(&desk.role());
    role.arn = "arn:aws:iam::111122223333:role/Other".parse().unwrap();
    desk.ask(Request::AddRole(Box::new(role))).await.unwrap();
    assert_eq!(desk.view().roles[0].session.state, SessionState::None);
    served(desk.ask(credentials()).await.unwrap());
    assert_eq!(desk.world().sts.len(), 3);
}

#[tokio::test]
async fn the_tray_is_redrawn_only_when_it_changes() {
    let desk = Desk::with_role(SessionKind::Daily).await;
    // The tray is drawn after an answer is sent, so the second answer means that the first is drawn.
    for _ in 0..2 {
        desk.ask(Request::Status).await.unwrap();
    }
    let drawn = desk.world().trays.len();
    for _ in 0..5 {
        desk.ask(Request::Status).await.unwrap();
    }
    assert_eq!(desk.world().trays.len(), drawn);
}

/// A refusal that is late says nothing of the session that has come meanwhile.
#[tokio::test]
async fn a_newer_mfa_session_is_not_forgotten_for_an_older_one() {
    let mut desk = Desk::with_role(SessionKind::Daily).await;
    desk.code("123456").await;
    let open = desk.hold_sts();
    desk.fail_next(AwsCause::SessionEnded);
    let caller = desk.ask(credentials());
    while desk.world().sts.len() < 2 {
        tokio::task::yield_now().await;
    }
    desk.code("654321").await;
    open.send(()).unwrap();
    served(caller.await.unwrap());
    let popups = desk.world().popups;
    desk.pass(TimeDelta::hours(2));
    served(desk.ask(credentials()).await.unwrap());
    assert_eq!(desk.world().popups, popups);
    assert_eq!(desk.world().serials.len(), 2);
}
