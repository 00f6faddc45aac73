//! A keychain and a network that misbehave.

use super::*;

fn submit(code: &str) -> Request {
    Request::SubmitCode {
        identity: name("work"),
        wish: None,
        serial: None,
        code: Secret::new(code.to_owned()),
    }
}

impl Desk {
    fn signal(&self, signal: Signal) {
        assert!(self.handle.inputs.send(Input::Signal(signal)).is_ok());
    }
}

/// R6: STS is away from twenty minutes before a session's end until its last minute, and nobody
/// who asks notices.
#[tokio::test]
async fn r6_an_outage_until_the_last_minute_fails_no_call() {
    let mut desk = Desk::with_role(SessionKind::Daily).await;
    desk.warm().await;
    let end = served(desk.ask(credentials()).await.unwrap()).expires_at;
    let before = desk.world().sts.len();
    desk.world().sts_down = true;
    desk.pass(end - TimeDelta::minutes(20) - desk.now());
    while desk.now() <= end - TimeDelta::seconds(61) {
        let got = served(desk.ask(credentials()).await.unwrap());
        assert_eq!(got.expires_at, end);
        desk.pass(TimeDelta::seconds(1));
    }
    assert!(desk.world().sts.len() > before, "it was not tried");

    desk.world().sts_down = false;
    desk.pass(TimeDelta::minutes(1));
    assert!(served(desk.ask(credentials()).await.unwrap()).expires_at > end);
    assert_eq!(desk.view().notices, []);
}

/// R12: serving and renewing roles is done from memory; a code is what needs the key.
#[tokio::test]
async fn r12_the_keychain_is_read_once_for_each_mfa_session() {
    let mut desk = Desk::with_role(SessionKind::Daily).await;
    let at_start = desk.world().vault_reads;
    desk.warm().await;
    assert_eq!(desk.world().vault_reads, at_start + 1);
    for _ in 0..10 {
        desk.pass(TimeDelta::minutes(65));
        served(desk.ask(credentials()).await.unwrap());
    }
    assert_eq!(desk.world().vault_reads, at_start + 1);
    desk.code("654321").await;
    assert_eq!(desk.world().vault_reads, at_start + 2);
}

/// R9: *Cancel* does not wait for the keychain, and nor does a role whose session is there.
#[tokio::test]
async fn r9_while_the_keychain_hangs_others_are_served_and_cancel_is_told_at_once() {
    let second = "\n[[role]]\nname = \"second\"\nidentity = \"work\"\nsession = \"long\"\narn = \"arn:aws:iam::111122223333:role/Second\"\n";
    let mut desk = Desk::start(
        &(config(SessionKind::Daily) + second),
        Some(item(&[SERIAL])),
    )
    .await;
    desk.warm().await;
    let reads = desk.world().vault_reads;
    let waiting = desk.ask(session_of("second", Asking::Popup));
    desk.until(|view| view.prompt.is_some()).await;
    let gate = desk.hold_vault();
    let code = desk.ask(submit("654321"));
    desk.until_reads(reads + 1).await;

    served(desk.ask(credentials()).await.unwrap());
    desk.ask(Request::DismissPrompt).await.unwrap();
    assert!(
        matches!(waiting.await.unwrap(), Response::Failed(problem) if problem.code == Code::CodeNeeded)
    );
    assert_eq!(desk.view().prompt, None);
    served(desk.ask(credentials()).await.unwrap());

    gate.send(()).unwrap();
    assert!(matches!(code.await.unwrap(), Response::MfaSession { .. }));
}

/// R9, R10: the keychain's program ended or came back: what people see follows, without a prompt.
#[tokio::test]
async fn r10_a_keychain_that_is_restarted_is_looked_at_again() {
    let mut desk = Desk::with_role(SessionKind::Daily).await;
    desk.warm().await;
    let reads = desk.world().vault_reads;
    for (error, shown) in [
        (Some(VaultError::Locked), "locked"),
        (None, "ready"),
        (Some(VaultError::Missing), "missing"),
        (None, "ready"),
    ] {
        desk.world().vault_error = error;
        desk.signal(Signal::KeychainChanged);
        desk.until(|view| serde_json::json!(view.vault)["state"] == shown)
            .await;
        served(desk.ask(credentials()).await.unwrap());
    }
    assert_eq!(desk.world().vault_reads, reads, "a key was asked for");
}

/// R10: what could not be read while the keychain was locked is read once it is not.
#[tokio::test]
async fn r10_a_key_that_was_out_of_reach_is_read_when_the_keychain_is_back() {
    let mut desk = Desk::start("", None).await;
    desk.world().vault_error = Some(VaultError::Locked);
    desk.world().vault.insert(name("work"), item(&[SERIAL]));
    let path = desk.folder().join("config.toml");
    std::fs::write(path, config(SessionKind::Daily)).unwrap();
    desk.ask(Request::Status).await.unwrap();
    let view = desk.until(|view| view.vault == VaultView::Locked).await;
    assert_eq!(view.identities[0].access_key_id, None);

    desk.world().vault_error = None;
    desk.signal(Signal::KeychainChanged);
    let view = desk
        .until(|view| view.identities[0].access_key_id.is_some())
        .await;
    assert_eq!(view.vault, VaultView::Ready);
}

fn is_locked_out(response: Response) -> bool {
    matches!(response, Response::Failed(problem) if problem.code == Code::Keychain)
}

/// R9: programs that ask again and again, and edits of the config file, do not bring back the
/// keychain's prompt that a person has cancelled.
#[tokio::test]
async fn r9_a_cancelled_keychain_prompt_is_not_brought_back_by_programs() {
    let mut desk = Desk::start("", None).await;
    desk.world().vault_error = Some(VaultError::Locked);
    desk.world().vault.insert(name("work"), item(&[SERIAL]));
    let path = desk.folder().join("config.toml");
    std::fs::write(&path, config(SessionKind::Daily)).unwrap();
    assert!(is_locked_out(desk.ask(credentials()).await.unwrap()));
    let prompts = desk.world().vault_reads;
    assert_eq!(prompts, 1);
    for edit in 0..3 {
        std::fs::write(&path, config(SessionKind::Daily) + &"#".repeat(edit + 1)).unwrap();
        assert!(is_locked_out(desk.ask(credentials()).await.unwrap()));
    }
    assert_eq!(desk.world().vault_reads, prompts);

    // A person who clicks wants it.
    desk.choose(Choice::OpenConsole(name("prod")));
    desk.until_reads(prompts + 1).await;
    assert!(is_locked_out(desk.ask(credentials()).await.unwrap()));
    assert_eq!(desk.world().vault_reads, prompts + 1);
    desk.ask(Request::UnlockVault).await.unwrap();
    assert!(is_locked_out(desk.ask(credentials()).await.unwrap()));
    assert_eq!(desk.world().vault_reads, prompts + 2);
    // Or has forgotten it by then.
    desk.pass(TimeDelta::minutes(10));
    assert!(is_locked_out(desk.ask(credentials()).await.unwrap()));
    assert_eq!(desk.world().vault_reads, prompts + 3);

    desk.world().vault_error = None;
    desk.signal(Signal::KeychainChanged);
    desk.until(|view| view.identities[0].access_key_id.is_some())
        .await;
    desk.code("123456").await;
    served(desk.ask(credentials()).await.unwrap());
}

/// R9: the same where the key is read for each session.
#[tokio::test]
async fn r9_a_key_without_a_device_is_not_asked_for_in_a_loop() {
    let second = format!("\n[[role]]\nname = \"second\"\nidentity = \"work\"\narn = \"{ROLE}\"\n");
    let mut desk = Desk::start(&(config(SessionKind::Daily) + &second), Some(item(&[]))).await;
    desk.world().vault_error = Some(VaultError::Locked);
    let before = desk.world().vault_reads;
    for _ in 0..5 {
        assert!(is_locked_out(desk.ask(credentials()).await.unwrap()));
    }
    assert_eq!(desk.world().vault_reads, before + 1);

    // A person answers the prompt that a click has brought up.
    desk.world().vault_error = None;
    assert!(is_locked_out(desk.ask(credentials()).await.unwrap()));
    desk.choose(Choice::OpenConsole(name("prod")));
    desk.until(|view| view.vault == VaultView::Ready).await;
    let second = desk.ask(session_of("second", Asking::Popup));
    served(second.await.unwrap());
}
