//! Ways to a session beyond the two: chains, read-only, federated users, several devices, and
//! callers who can ask a person themselves.

use daypass_core::arn::MfaSerial;

use super::*;

const SECOND: &str = "arn:aws:iam::111122223333:mfa/spare";

pub(super) fn chained() -> String {
    format!(
        "{}\n[[role]]\nname = \"far\"\nsource = \"prod\"\narn = \"arn:aws:iam::444455556666:role/Far\"\n",
        config(SessionKind::Daily)
    )
}

fn reading() -> Request {
    Request::Credentials {
        session: SessionKey {
            role: name("prod"),
            read_only: true,
        },
        asking: Asking::Popup,
    }
}

/// R7: a herd on a chained role and one on its source cost one code and one call each.
#[tokio::test]
async fn r7_a_chained_role_waits_for_its_source_and_for_one_code() {
    let mut desk = Desk::start(&chained(), Some(item(&[SERIAL]))).await;
    let far: Vec<_> = (0..20)
        .map(|_| desk.ask(session_of("far", Asking::Popup)))
        .collect();
    let near = desk.ask(credentials());
    let view = desk.until(|view| view.prompt.is_some()).await;
    assert_eq!(view.roles[1].identity, name("work"));
    desk.code("123456").await;
    served(near.await.unwrap());
    for caller in far {
        assert_eq!(served(caller.await.unwrap()).account, "444455556666");
    }
    assert_eq!(
        desk.world().sts,
        [
            "GetSessionToken 123456 43200s",
            "AssumeRole session ada 3600s",
            "AssumeRole session ada 3600s"
        ]
    );
}

#[tokio::test]
async fn a_chained_roles_callers_are_told_when_the_code_is_dismissed() {
    let mut desk = Desk::start(&chained(), Some(item(&[SERIAL]))).await;
    let far = desk.ask(session_of("far", Asking::Popup));
    desk.until(|view| view.prompt.is_some()).await;
    desk.ask(Request::DismissPrompt).await.unwrap();
    assert!(matches!(
        far.await.unwrap(),
        Response::Failed(problem) if problem.code == Code::CodeNeeded
    ));
    // And it can be asked for again.
    desk.code("123456").await;
    served(desk.ask(session_of("far", Asking::Popup)).await.unwrap());
}

/// P2: STS's failure on the way through the source does not take away what still works.
#[tokio::test]
async fn p2_a_chained_session_is_served_while_its_source_fails() {
    let mut desk = Desk::start(&chained(), Some(item(&[SERIAL]))).await;
    desk.code("123456").await;
    served(desk.ask(session_of("far", Asking::Popup)).await.unwrap());
    desk.pass(TimeDelta::minutes(50));
    desk.world().sts_down = true;
    served(desk.ask(session_of("far", Asking::Popup)).await.unwrap());
}

#[tokio::test]
async fn a_read_only_session_is_one_of_its_own() {
    let mut desk = Desk::with_role(SessionKind::Daily).await;
    desk.warm().await;
    served(desk.ask(reading()).await.unwrap());
    served(desk.ask(reading()).await.unwrap());
    assert_eq!(
        desk.world().sts[1..],
        [
            "AssumeRole session ada 3600s",
            "AssumeRole session ada 3600s arn:aws:iam::aws:policy/ReadOnlyAccess"
        ]
    );
}

#[tokio::test]
async fn a_federated_user_needs_no_code_even_with_a_device() {
    let text = config(SessionKind::Daily).replace(
        ROLE,
        "arn:aws:sts::111122223333:federated-user/ada\"\npolicy_arns = [\"arn:aws:iam::aws:policy/ReadOnlyAccess\"]\ndestination = \"",
    );
    let desk = Desk::start(&text, Some(item(&[SERIAL]))).await;
    served(desk.ask(credentials()).await.unwrap());
    assert_eq!(desk.world().popups, 0);
    assert_eq!(
        desk.world().sts,
        ["GetFederationToken key - ada 3600s arn:aws:iam::aws:policy/ReadOnlyAccess"]
    );
}

#[tokio::test]
async fn a_code_goes_to_the_device_that_shows_it() {
    let mut desk = Desk::start(&config(SessionKind::Daily), Some(item(&[SERIAL, SECOND]))).await;
    let submit = |serial: &str, code: &str| Request::SubmitCode {
        identity: name("work"),
        wish: None,
        serial: Some(serial.to_owned()),
        code: Secret::new(code.to_owned()),
    };
    // By what a person calls it, too.
    let response = desk.ask(submit("spare", "123456")).await.unwrap();
    assert!(matches!(response, Response::MfaSession { .. }));
    assert_eq!(desk.world().serials, [SECOND]);
    // The same digits on another device are another code (P4).
    let response = desk.ask(submit(SERIAL, "123456")).await.unwrap();
    assert!(matches!(response, Response::MfaSession { .. }));
    let Response::Failed(problem) = desk.ask(submit("lost", "123456")).await.unwrap() else {
        panic!("a device that is not there was taken");
    };
    assert!(problem.what.contains(SECOND), "{problem}");
    desk.ask(Request::AskForCode {
        identity: name("work"),
    })
    .await
    .unwrap();
    let prompt = desk
        .until(|view| view.prompt.is_some())
        .await
        .prompt
        .unwrap();
    assert_eq!(
        prompt.devices[0].serial, SERIAL,
        "the last one used is first"
    );
}

/// Where both can ask, both do, and whoever answers first serves all.
#[tokio::test]
async fn a_caller_on_a_terminal_and_the_popup_ask_for_the_same_code() {
    let mut desk = Desk::with_role(SessionKind::Daily).await;
    let told = desk
        .ask(session_of("prod", Asking::Terminal))
        .await
        .unwrap();
    let Response::CodeNeeded { devices, popup, .. } = told else {
        panic!("the terminal was not told");
    };
    assert_eq!(devices, [MfaSerial::parse(SERIAL).unwrap()]);
    assert!(popup);
    let waiting = desk.ask(session_of("prod", Asking::Waiting));
    desk.until(|view| view.prompt.is_some()).await;
    assert_eq!(desk.world().popups, 1, "one prompt, raised once");
    desk.code("123456").await;
    served(waiting.await.unwrap());
    assert_eq!(desk.view().prompt, None);
}

#[tokio::test]
async fn without_a_screen_a_second_terminal_shares_the_first_ones_code() {
    let mut desk = Desk::with_role(SessionKind::Daily).await;
    desk.world().no_screen = true;
    let told = desk
        .ask(session_of("prod", Asking::Terminal))
        .await
        .unwrap();
    assert!(matches!(told, Response::CodeNeeded { popup: false, .. }));
    let waiting = desk.ask(session_of("prod", Asking::Waiting));
    let popup = desk.ask(session_of("prod", Asking::Popup)).await.unwrap();
    assert!(
        matches!(popup, Response::CodeNeeded { .. }),
        "a program without a terminal must not hang where nobody is asked"
    );
    desk.code("123456").await;
    served(waiting.await.unwrap());
}

/// T22: the code field names the program that waits.
#[tokio::test]
async fn t22_the_prompt_names_who_asks() {
    let mut desk = Desk::start(&chained(), Some(item(&[SERIAL]))).await;
    let (reply, _answer) = oneshot::channel();
    let caller = Caller {
        name: "terraform".to_owned(),
        path: "/usr/bin/terraform".to_owned(),
    };
    let request = session_of("far", Asking::Popup);
    assert!(
        desk.handle
            .inputs
            .send(Input::Request(request, Some(caller), reply))
            .is_ok()
    );
    let view = desk.until(|view| view.prompt.is_some()).await;
    let asked_by = view.prompt.unwrap().asked_by.unwrap();
    assert_eq!(asked_by.name, "terraform");
    assert_eq!(asked_by.path, "/usr/bin/terraform");
    assert_eq!(asked_by.role, name("far"));
}

#[tokio::test]
async fn what_is_copied_goes_to_the_clipboard_and_nowhere_else() {
    let mut desk = Desk::with_role(SessionKind::Daily).await;
    desk.warm().await;
    let copy = Request::CopyEnvironment {
        session: SessionKey::of(name("prod")),
        shell: daypass_core::shell::Shell::Fish,
    };
    assert!(matches!(desk.ask(copy).await.unwrap(), Response::Done));
    let link = desk.ask(Request::CopyLink(prod())).await.unwrap();
    assert!(matches!(link, Response::Done));
    let world = desk.world();
    assert!(world.copied[0].contains("set -gx AWS_SESSION_TOKEN 'token';"));
    assert!(world.copied[1].contains("SigninToken=token"));
    assert!(world.opened.is_empty());
}

/// A change of the source must not leave behind somebody who waits for it.
#[tokio::test]
async fn a_chained_role_survives_a_change_of_its_source() {
    let mut desk = Desk::start(&chained(), Some(item(&[SERIAL]))).await;
    let far = desk.ask(session_of("far", Asking::Popup));
    desk.until(|view| view.prompt.is_some()).await;
    let mut source = desk.role();
    source.duration = Some(daypass_core::duration::Duration::HOUR);
    desk.ask(Request::AddRole(Box::new(source))).await.unwrap();
    desk.code("123456").await;
    served(far.await.unwrap());
}

/// P10: nor do programs bring a dismissed field back through a role that is chained.
#[tokio::test]
async fn p10_a_chained_roles_programs_are_turned_away_after_a_dismissal() {
    let mut desk = Desk::start(&chained(), Some(item(&[SERIAL]))).await;
    let far = desk.ask(session_of("far", Asking::Popup));
    desk.until(|view| view.prompt.is_some()).await;
    desk.ask(Request::DismissPrompt).await.unwrap();
    far.await.unwrap();
    let again = desk.ask(session_of("far", Asking::Popup)).await.unwrap();
    assert!(matches!(again, Response::Failed(problem) if problem.code == Code::CodeNeeded));
    assert_eq!(desk.view().prompt, None);
}
