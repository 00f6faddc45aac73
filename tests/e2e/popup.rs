//! The popup's real window, through WebKitWebDriver.

use daypass_stage::{Parts, aws::ADA_SERIAL, programs, socket::Socket, wait, webdriver::Page};
use serde_json::{Value, json};

use crate::world::{ADMIN, World, ada};

/// A window of its own, whose agent has another one to show.
pub(crate) fn page(world: &World) -> Page {
    Page::open(&world.desktop, &programs().unwrap().join("daypass-tray")).unwrap()
}

/// A screen and a keychain, and the agent that has no screen of its own: the window is the test's.
pub(crate) fn world() -> World {
    World::start(
        Parts {
            panel: false,
            notifications: false,
            ..Parts::ALL
        },
        "daypass-agent",
        &[],
    )
}

#[test]
fn from_the_first_key_to_the_first_session() {
    let world = world();
    {
        let page = page(&world);
        // Nothing of this process is left once the key is there: its place is kept with the first
        // thing typed, which may be the secret.
        let place = world.desktop.home.path().join("state/daypass/window.json");
        assert!(!place.exists());
        page.fill("#name", "work").unwrap();
        wait::until("the window's place", || place.exists().then_some(())).unwrap();
        page.fill("#access-key-id", "AKIASANDBOXADA000001").unwrap();
        page.fill("#secret-access-key", &"x".repeat(40)).unwrap();
        page.fill("#mfa-serial", ADA_SERIAL).unwrap();
        page.click("#add-key").unwrap();
        wait::until("the refusal", || {
            page.text("#key-form")
                .ok()
                .filter(|text| text.contains("does not belong"))
        })
        .unwrap();
        page.fill(
            "#secret-access-key",
            &daypass_stage::aws::secret_of("ada").unwrap(),
        )
        .unwrap();
        page.click("#add-key").unwrap();
        world.until("the key", |state| state["identities"][0]["name"] == "work");
    }
    let page = page(&world);
    page.fill("#role-name", "prod").unwrap();
    page.fill("#role-arn", "arn:aws:iam::11112222:role/Admin")
        .unwrap();
    page.click("#add-role").unwrap();
    wait::until("the refusal", || {
        page.text("#role-form")
            .ok()
            .filter(|text| text.contains("A role’s ARN looks like"))
    })
    .unwrap();
    page.fill("#role-arn", ADMIN).unwrap();
    page.click("#add-role").unwrap();
    assert!(
        page.text("[data-role=\"prod\"]")
            .unwrap()
            .contains("needs a code")
    );
}

/// What the form does not show stays, and AWS's side of the role is shown as it is configured.
#[test]
fn a_role_is_edited_in_the_window() {
    let world = world();
    world.add_ada();
    let policy = r#"{"Version":"2012-10-17","Statement":[]}"#;
    let with = [
        "--external-id",
        "deploy",
        "--tag",
        "a=b=c",
        "--policy",
        policy,
    ];
    let role = ["role", "add", "prod", "--arn", ADMIN, "--identity", "work"];
    world.done(&[&role[..], &with[..]].concat());
    let before = described(&world);
    assert_eq!(before["role"]["policy"], policy);

    let page = page(&world);
    let choose = |line: &str| {
        page.click("[data-role=\"prod\"] [aria-haspopup=\"menu\"]")
            .unwrap();
        page.click("[role=\"menuitem\"][id$=\"-more\"]").unwrap();
        page.click(&format!("[role=\"menuitem\"][id$=\"-{line}\"]"))
            .unwrap();
    };
    choose("edit");
    page.click("#role-more summary").unwrap();
    page.fill("#role-region", "eu-west-1").unwrap();
    page.click("#add-role").unwrap();
    world.until("the region", |state| {
        state["roles"][0]["region"] == "eu-west-1"
    });
    let mut after = described(&world);
    assert_eq!(after["role"]["region"].take(), "eu-west-1");
    after["role"].as_object_mut().unwrap().remove("region");
    assert_eq!(after, before);

    choose("details");
    page.click("#role-policies summary").unwrap();
    let trust = wait::until("the policy", || page.text("#trust-policy").ok()).unwrap();
    let trust: Value = serde_json::from_str(&trust).unwrap();
    assert_eq!(trust, before["policies"]["Ok"]["TrustPolicy"]);
}

fn described(world: &World) -> Value {
    let socket = Socket::new(world.desktop.home.socket());
    let request = json!({"describe_role": {"name": "prod"}});
    socket.ask(&request).unwrap()["role"].clone()
}

/// What was in `~/.aws` is brought over by one button, in the real window; no secret reaches it.
#[test]
fn t7_a_set_up_is_brought_over_in_the_window() {
    let world = world();
    let secret = daypass_stage::aws::secret_of("ada").unwrap();
    let folder = world.desktop.home.path().join(".aws");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(
        folder.join("credentials"),
        format!(
            "[ada]\naws_access_key_id = AKIASANDBOXADA000001\naws_secret_access_key = {secret}\n"
        ),
    )
    .unwrap();
    std::fs::write(
        folder.join("config"),
        format!(
            "[profile prod]\nrole_arn = {ADMIN}\nsource_profile = ada\nmfa_serial = {ADA_SERIAL}\n"
        ),
    )
    .unwrap();
    let page = page(&world);
    // What was found is told by itself, in place of a mere offer to look.
    assert!(page.text("#import-found").unwrap().contains("1 key"));
    page.click("#offer-import").unwrap();
    let plan = wait::until("the plan", || {
        page.text("[data-testid=\"import-plan\"]").ok()
    })
    .unwrap();
    assert!(plan.contains("in plain text"), "{plan}");
    page.click("#import").unwrap();
    world.until("the role", |state| state["roles"][0]["name"] == "prod");
    wait::until("the offer to remove the key", || {
        page.text("[data-testid=\"plain-keys\"]").ok()
    })
    .unwrap();
    let shown = page
        .script("return document.documentElement.outerHTML")
        .unwrap();
    assert!(!shown.to_string().contains(&secret));
    let untouched = std::fs::read_to_string(folder.join("credentials")).unwrap();
    assert!(untouched.contains(&secret), "removed without being asked");
}

/// T8: names are text, whatever they say, and nothing on the page can do more than the page.
#[test]
fn t8_hostile_names_are_text_and_scripts_have_no_rights() {
    let world = world();
    world.done_with(&["identity", "add", "work"], &ada());
    let name = "<img src=x onerror=document.title='owned'>";
    world.done(&["role", "add", name, "--arn", ADMIN, "--identity", "work"]);
    world.done(&[
        "role",
        "add",
        &"n".repeat(128),
        "--arn",
        ADMIN,
        "--identity",
        "work",
    ]);
    let page = page(&world);
    let row = wait::until("the roles", || {
        page.text("[data-testid=\"role-list\"]")
            .ok()
            .filter(|text| text.contains("<img"))
    })
    .unwrap();
    assert!(row.contains(name), "{row}");
    assert_eq!(
        page.script("return document.querySelectorAll('img[onerror]').length")
            .unwrap(),
        0
    );
    assert_ne!(page.script("return document.title").unwrap(), "owned");
    assert_eq!(
        page.script(
            "return document.documentElement.scrollWidth > document.documentElement.clientWidth"
        )
        .unwrap(),
        false,
        "a long name widens the page"
    );

    // A script that got in can't evaluate text, load from elsewhere, or call what isn't ours.
    let evaluated = page
        .script("try { return eval('1+1') } catch (error) { return error.name }")
        .unwrap();
    assert_eq!(evaluated, "EvalError");
    let fetched = page
        .script_async(&format!(
            "fetch('{}').then(() => done('reached'), () => done('refused'))",
            world.aws.url()
        ))
        .unwrap();
    assert_eq!(fetched, "refused");
    for command in [
        "plugin:window|close",
        "plugin:webview|create_webview_window",
        "credentials",
        "plugin:path|resolve_directory",
    ] {
        let said = page
            .script_async(&format!(
                "window.__TAURI_INTERNALS__.invoke('{command}', {{}}).then(() => done('allowed'), error => done('refused'))"
            ))
            .unwrap();
        assert_eq!(said, "refused", "{command}");
    }
    // T7: nor ask for credentials through the command that is ours.
    let said = page
        .script_async("window.__TAURI_INTERNALS__.invoke('act', {action: {credentials: {role: 'x'}}}).then(() => done('allowed'), error => done('refused'))")
        .unwrap();
    assert_eq!(said, "refused");
}

/// T8: a page that is no longer ours can ask for it, but nothing in it can give the answer.
#[test]
fn t8_what_leads_sessions_elsewhere_waits_for_a_person() {
    let world = world();
    world.add_ada_and_role();
    let page = page(&world);
    world.desktop.window("Daypass").unwrap();
    let ask = || {
        page.script(
            "window.said = 'nothing yet'; window.__TAURI_INTERNALS__.invoke('act', {action: {change_settings: {proxy: 'http://127.0.0.1:9'}}}).then(() => (window.said = 'done'), problem => (window.said = problem.what))",
        )
        .unwrap();
        world.desktop.window("Consent").unwrap();
        assert_eq!(page.script("return window.said").unwrap(), "nothing yet");
    };
    let said = |words: &str| {
        wait::until(words, || {
            (page.script("return window.said").unwrap() == words).then_some(())
        })
        .unwrap();
        world.desktop.no_window("Consent").unwrap();
    };
    ask();
    let second = page
        .script_async("window.__TAURI_INTERNALS__.invoke('act', {action: {change_endpoints: {sts: 'https://sts.example'}}}).then(() => done('done'), problem => done(problem.what))")
        .unwrap();
    assert_eq!(second, "Answer the question that is open first.");
    world.desktop.key("Escape").unwrap();
    said("Nothing was changed.");
    assert!(world.state()["settings"]["proxy"].is_null());

    ask();
    let agree = wait::until("the button", || {
        world.desktop.seen_in_popup("push button", "Agree")
    });
    world.desktop.click(agree.unwrap()).unwrap();
    said("done");
    assert_eq!(world.state()["settings"]["proxy"], "http://127.0.0.1:9");
}

/// T8: a new right for the page has to be put here on purpose.
#[test]
fn t8_the_page_has_these_rights_and_no_others() {
    let file = daypass_stage::workspace().join("src-tauri/capabilities/popup.json");
    let capability: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    assert_eq!(capability["windows"], serde_json::json!(["popup"]));
    assert_eq!(
        capability["permissions"],
        serde_json::json!([
            "core:event:allow-listen",
            "core:event:allow-unlisten",
            "allow-popup"
        ])
    );
    let permission = daypass_stage::workspace().join("src-tauri/permissions/popup.toml");
    let permission = std::fs::read_to_string(permission).unwrap();
    let commands = "commands.allow = [\"state\", \"act\", \"hide\", \"saw_secret\", \"keep_open\"]";
    assert!(
        permission.lines().any(|line| line == commands),
        "{permission}"
    );
    assert_eq!(permission.matches("[[permission]]").count(), 1);
}
