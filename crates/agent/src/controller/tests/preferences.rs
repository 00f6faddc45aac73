//! What a person sets: refused as a whole, or written and in force at once.

use daypass_core::{account::Account, menu::Item, protocol::Changes};
use serde_json::{Value, json};

use super::*;

fn text(desk: &Desk) -> String {
    std::fs::read_to_string(desk.folder().join("config.toml")).unwrap()
}

async fn settings(desk: &Desk, changes: Value) -> Response {
    let changes: Changes = serde_json::from_value(changes).unwrap();
    desk.ask(Request::ChangeSettings(changes)).await.unwrap()
}

async fn endpoints(desk: &Desk, changes: Value) -> Response {
    let changes: Changes = serde_json::from_value(changes).unwrap();
    desk.ask(Request::ChangeEndpoints(changes)).await.unwrap()
}

fn warnings(response: Response) -> Vec<String> {
    match response {
        Response::Written { warnings, .. } => warnings,
        Response::Failed(problem) => panic!("{problem}"),
        _ => panic!("nothing was written"),
    }
}

fn refusal(response: Response) -> String {
    match response {
        Response::Failed(problem) => problem.what,
        _ => panic!("it was not refused"),
    }
}

async fn done(desk: &Desk, request: Request) {
    assert!(matches!(desk.ask(request).await.unwrap(), Response::Done));
}

#[tokio::test]
async fn a_setting_is_in_force_and_seen_at_once() {
    let mut desk = Desk::with_role(SessionKind::Daily).await;
    let changes =
        json!({"mfa_duration": "8h", "warn_minutes": 25, "issuer": "https://example.com"});
    assert_eq!(warnings(settings(&desk, changes).await), [""; 0]);
    let view = desk.until(|view| view.settings.warn_minutes == 25).await;
    assert_eq!(view.settings.issuer.as_deref(), Some("https://example.com"));
    desk.warm().await;
    let asked = desk.world().sts[0].clone();
    assert_eq!(asked, "GetSessionToken 123456 28800s");
    // Taken out, each has its default.
    warnings(settings(&desk, json!({"warn_minutes": null, "issuer": null})).await);
    let view = desk.until(|view| view.settings.warn_minutes == 10).await;
    assert_eq!(view.settings.issuer, None);
    assert!(!text(&desk).contains("issuer"), "{}", text(&desk));
}

#[tokio::test]
async fn what_only_a_tray_heeds_is_said_where_there_is_none() {
    let desk = Desk::with_role(SessionKind::Daily).await;
    desk.world().no_screen = true;
    let both = json!({"start_at_login": true, "warn_minutes": 20});
    let said = warnings(settings(&desk, both).await);
    assert_eq!(
        said,
        ["The agent that runs has no screen: only daypass-tray heeds start_at_login."]
    );
    assert!(
        desk.view().settings.start_at_login,
        "it is for the next tray"
    );
}

#[tokio::test]
async fn one_refused_value_changes_nothing() {
    let desk = Desk::with_role(SessionKind::Daily).await;
    let before = (text(&desk), desk.view().settings);
    for (changes, key) in [
        (
            json!({"clipboard_seconds": 30, "warn_minutes": "soon"}),
            "warn_minutes",
        ),
        (json!({"clipboard_seconds": 30, "colour": "red"}), "colour"),
        (json!({"lock_after": "1s"}), "lock_after"),
        (json!({"pinned": ["prod"]}), "pin"),
        (json!({"ca_bundle": "/nowhere"}), "ca_bundle"),
    ] {
        let why = refusal(settings(&desk, changes).await);
        assert!(why.contains(key), "{why}");
    }
    let why = refusal(endpoints(&desk, json!({"sts": "http://example.com"})).await);
    assert!(why.contains("sts"), "{why}");
    desk.ask(Request::Status).await.unwrap();
    assert_eq!((text(&desk), desk.view().settings), before);
}

#[tokio::test]
async fn a_file_with_a_mistake_is_not_written() {
    let desk = Desk::with_role(SessionKind::Daily).await;
    let bad = format!("{}[settings\n", text(&desk));
    std::fs::write(desk.folder().join("config.toml"), &bad).unwrap();
    let why = refusal(settings(&desk, json!({"warn_minutes": 25})).await);
    assert!(why.contains("config.toml"), "{why}");
    assert_eq!(text(&desk), bad);
}

/// What the HTTP stack was built for stays until the next start, and that is said.
#[tokio::test]
async fn what_is_read_at_the_start_is_said_to_wait_for_it() {
    let mut desk = Desk::with_role(SessionKind::Daily).await;
    let sts = "http://127.0.0.1:1";
    let told = warnings(endpoints(&desk, json!({"sts": sts})).await);
    assert!(told[0].contains("endpoints.sts"), "{told:?}");
    let proxy = json!({"proxy": "http://ada:CANARY@127.0.0.1:3128"});
    let told = warnings(settings(&desk, proxy).await);
    assert!(told[0].contains("proxy, endpoints.sts"), "{told:?}");
    let view = desk.until(|view| view.restart_for.len() == 2).await;
    assert!(view.endpoints.is_empty(), "it is not in force yet");
    assert_eq!(view.configured_endpoints[0].url, sts);
    let shown = serde_json::to_string(&view).unwrap();
    assert!(!shown.contains("CANARY"), "a password is shown");
    let mut desk = desk.restart().await;
    let view = desk.until(|view| !view.endpoints.is_empty()).await;
    assert_eq!(view.endpoints[0].url, sts);
    assert!(view.restart_for.is_empty());
}

#[tokio::test]
async fn a_role_is_marked_and_its_session_stays() {
    let mut desk = Desk::with_role(SessionKind::Daily).await;
    desk.warm().await;
    let (role, on) = (name("prod"), true);
    done(
        &desk,
        Request::Favourite {
            role: role.clone(),
            on,
        },
    )
    .await;
    let browser = Some("firefox,profile=work".parse().unwrap());
    let request = Request::OpenRoleIn {
        role: role.clone(),
        browser: browser.clone(),
    };
    done(&desk, request).await;
    let view = desk.until(|view| view.roles[0].browser.is_some()).await;
    assert!(view.roles[0].favourite);
    assert_eq!(view.roles[0].browser, browser);
    assert_eq!(view.roles[0].session.state, SessionState::Active);
    assert_eq!(desk.world().sts.len(), 2);
    // Without a word on them, an edit of the role leaves them.
    let mut changed = desk.role();
    (changed.favourite, changed.browser) = (false, None);
    done(&desk, Request::AddRole(Box::new(changed))).await;
    assert!(desk.role().favourite);
    done(
        &desk,
        Request::Favourite {
            role: role.clone(),
            on: false,
        },
    )
    .await;
    done(
        &desk,
        Request::OpenRoleIn {
            role,
            browser: None,
        },
    )
    .await;
    desk.until(|view| !view.roles[0].favourite && view.roles[0].browser.is_none())
        .await;
    for request in [
        Request::Favourite {
            role: name("gone"),
            on,
        },
        Request::Pin {
            role: name("gone"),
            on,
        },
        Request::OpenRoleIn {
            role: name("gone"),
            browser: None,
        },
    ] {
        let why = refusal(desk.ask(request).await.unwrap());
        assert!(why.contains("gone"), "{why}");
    }
}

#[tokio::test]
async fn a_pinned_role_gets_a_session_by_itself() {
    let mut desk = Desk::with_role(SessionKind::Daily).await;
    desk.code("123456").await;
    assert_eq!(desk.world().sts.len(), 1);
    let pin = |on| Request::Pin {
        role: name("prod"),
        on,
    };
    done(&desk, pin(true)).await;
    let view = desk
        .until(|view| view.roles[0].session.state == SessionState::Active)
        .await;
    assert!(view.roles[0].pinned);
    done(&desk, pin(false)).await;
    desk.until(|view| !view.roles[0].pinned).await;
    assert!(!text(&desk).contains("pinned"));
}

#[tokio::test]
async fn an_account_is_described_and_forgotten() {
    let mut desk = Desk::with_role(SessionKind::Daily).await;
    let shop: Account = serde_json::from_value(json!({
        "id": "111122223333", "name": "Shop", "colour": "red", "production": true,
        "browser": {"program": "firefox", "container": "Shop"},
    }))
    .unwrap();
    done(&desk, Request::SetAccount(shop.clone())).await;
    let view = desk.until(|view| !view.accounts.is_empty()).await;
    assert_eq!(view.accounts, std::slice::from_ref(&shop));
    let blank = Account {
        name: Some(" ".to_owned()),
        ..shop.clone()
    };
    let why = refusal(desk.ask(Request::SetAccount(blank)).await.unwrap());
    assert!(why.contains("name"), "{why}");
    assert_eq!(desk.view().accounts, std::slice::from_ref(&shop));
    done(&desk, Request::SetAccount(Account::new(shop.id))).await;
    desk.until(|view| view.accounts.is_empty()).await;
    assert!(!text(&desk).contains("account"));
}

/// What a person edits by hand is in force as soon as anything looks.
#[tokio::test]
async fn the_file_itself_is_as_good() {
    let mut desk = Desk::with_role(SessionKind::Daily).await;
    let more = "favourite = true\n[settings]\nhide_on_focus_loss = false\nshortcut = \"Ctrl+Alt+D\"\n[[account]]\nid = \"111122223333\"\ncolour = \"teal\"\n";
    let path = desk.folder().join("config.toml");
    std::fs::write(&path, format!("{}{more}", text(&desk))).unwrap();
    let later = std::time::SystemTime::UNIX_EPOCH;
    let file = std::fs::File::options().write(true).open(path).unwrap();
    file.set_modified(later).unwrap();
    desk.ask(Request::Status).await.unwrap();
    let view = desk.until(|view| view.accounts.len() == 1).await;
    assert!(view.roles[0].favourite && !view.settings.hide_on_focus_loss);
    assert_eq!(view.settings.shortcut.as_deref(), Some("Ctrl+Alt+D"));
}

/// What failed stays told until somebody has read it, whatever else is done meanwhile.
#[tokio::test]
async fn a_mark_dismisses_no_notice_and_two_failures_are_two() {
    let mut desk = Desk::with_role(SessionKind::Daily).await;
    for what in ["One thing.", "Another.", "One thing."] {
        let problem = Problem::usage(what);
        assert!(desk.handle.inputs.send(Input::Failed(problem)).is_ok());
    }
    let (role, on) = (name("prod"), true);
    done(&desk, Request::Favourite { role, on }).await;
    let view = desk.until(|view| view.roles[0].favourite).await;
    let told: Vec<&str> = view.notices.iter().map(|one| &*one.problem.what).collect();
    assert_eq!(told, ["One thing.", "Another."]);
}

/// A role of the same name that comes later is another one.
#[tokio::test]
async fn a_removed_role_is_pinned_no_longer() {
    let mut desk = Desk::with_role(SessionKind::Daily).await;
    let (role, on) = (name("prod"), true);
    done(&desk, Request::Pin { role, on }).await;
    desk.until(|view| view.roles[0].pinned).await;
    let role = Box::new(desk.role());
    let name = role.name.clone();
    done(&desk, Request::RemoveRole { name }).await;
    done(&desk, Request::AddRole(role)).await;
    assert!(!desk.until(|view| !view.roles.is_empty()).await.roles[0].pinned);
}

/// Tray and notifications speak the language of the settings at once; what is answered to programs
/// is English.
#[tokio::test]
async fn the_language_is_in_force_at_once() {
    let mut desk = Desk::with_role(SessionKind::Daily).await;
    desk.warm().await;
    let last = |desk: &Desk| {
        let menu = desk.world().trays.last().map(|tray| tray.menu.clone());
        menu.and_then(|mut menu| menu.pop())
    };
    let quit = |label: &str| Some(Item::Entry(label.to_owned(), Choice::Quit));
    assert_eq!(last(&desk), quit("Quit"));
    warnings(settings(&desk, json!({"language": "de"})).await);
    desk.until(|view| view.settings.language.is_some()).await;
    assert_eq!(last(&desk), quit("Beenden"));

    desk.pass(TimeDelta::hours(12) - TimeDelta::minutes(10));
    let _ = desk.ask(credentials()).await.unwrap();
    desk.ask(Request::Status).await.unwrap();
    let told = desk.world().notifications.pop().unwrap();
    assert_eq!(told.title, "work: Die Sitzung endet bald");
    assert_eq!(
        told.body,
        "Sie endet in 10 Minuten. Jetzt einen Code eingeben, und nichts wird unterbrochen."
    );
    let labels: Vec<_> = told
        .actions
        .iter()
        .map(|(label, _)| label.as_str())
        .collect();
    assert_eq!(labels, ["Code eingeben", "Später", "Heute nicht"]);
    assert_eq!(
        told.without_buttons,
        "Dafür auf Daypass in der Leiste klicken."
    );

    let missing = desk.ask(Request::EndSession { role: name("none") }).await;
    assert!(refusal(missing.unwrap()).starts_with("There is no role none"));
    warnings(settings(&desk, json!({"language": null})).await);
    desk.until(|view| view.settings.language.is_none()).await;
    assert_eq!(last(&desk), quit("Quit"));
}
