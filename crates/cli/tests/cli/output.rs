use daypass_core::{
    policy,
    protocol::{Request, Response},
    role::Role,
};
use serde_json::Value;

use crate::{
    terminal::Session,
    world::{LINK, ROLE_ARN, SECRET_KEY, TOKEN, USER_ARN, World, failed, name, stderr, warm},
};

/// T17: no secret on a screen that was not asked to show it, and none fetched for nothing.
#[test]
fn t17_no_secret_is_printed_onto_a_terminal() {
    for arguments in [
        &["credentials", "prod"][..],
        &["env", "prod"],
        &["export", "prod", "--format", "json"],
        &["export", "prod", "--format", "link"],
    ] {
        let world = World::warm();
        let mut session = Session::of(&world.daypass(arguments));
        let said = session.rest();
        assert!(said.contains("--force"), "{arguments:?}: {said}");
        assert_eq!(session.exit_code(), Some(2), "{arguments:?}");
        for secret in [SECRET_KEY, TOKEN, LINK] {
            assert!(!said.contains(secret), "{arguments:?}: {said}");
        }
        assert_eq!(world.seen(), Vec::<String>::new(), "{arguments:?}");
        let mut forced = arguments.to_vec();
        forced.push("--force");
        let said = Session::of(&world.daypass(&forced)).rest();
        assert!(said.contains("Canary"), "{forced:?}: {said}");
    }
}

/// T17: SDKs log what a command says on standard error.
#[test]
fn t17_a_failure_says_nothing_secret() {
    let world = World::warm();
    for arguments in [
        &["credentials", "prod"][..],
        &["env", "prod"],
        &["export", "prod", "--format", "json"],
        &["export", "prod", "--format", "link"],
        &["console", "prod", "--print"],
    ] {
        let mut command = world.daypass(arguments);
        let full = std::fs::File::options().write(true).open("/dev/full");
        let output = command.stdout(full.unwrap()).output().unwrap();
        let said = failed(&output, 1);
        assert!(said.contains("could not be written"), "{said}");
        assert!(!said.contains("Canary"), "{said}");
    }
}

#[test]
fn an_export_has_the_keys_that_scripts_read() {
    let world = World::warm();
    let output = world.run(&["export", "prod", "--format", "json"]);
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    let expected = serde_json::json!({
        "AccessKeyId": "ASIAIOSFODNN7EXAMPLE",
        "SecretAccessKey": SECRET_KEY,
        "SessionToken": TOKEN,
        "Expiration": "2096-10-02T07:06:40Z",
        "ConsoleMagicLink": LINK,
    });
    assert_eq!(json, expected);
    let output = world.run(&["export", "prod", "--format", "link"]);
    assert_eq!(
        String::from_utf8(output.stdout.clone()).unwrap().trim(),
        LINK
    );
    assert_eq!(stderr(&output), "", "a script has nobody to tell");
    let shown = ["export", "prod", "--format", "link", "--force"];
    let said = Session::of(&world.daypass(&shown)).rest();
    assert!(said.contains("within 15 minutes"), "{said}");
}

#[test]
fn a_role_gets_the_policies_that_it_needs() {
    let world = World::new(|request| {
        let Request::DescribeRole { name, principal } = request else {
            return warm(request);
        };
        let role = Role::new(name, self::name("work"), ROLE_ARN.parse().unwrap());
        let documents = policy::documents(&role, &principal.unwrap_or_default(), true);
        Response::Role {
            role: Box::new(role),
            policies: documents.map(Box::new),
        }
    });
    let said = world.done(&["role", "policy", "prod", "--principal", USER_ARN]);
    let policies: Value = serde_json::from_str(&said).unwrap();
    let trust = &policies["TrustPolicy"]["Statement"][0];
    assert_eq!(trust["Principal"]["AWS"], USER_ARN);
    assert_eq!(
        trust["Condition"]["Bool"]["aws:MultiFactorAuthPresent"],
        "true"
    );
    let permission = &policies["PermissionPolicy"]["Statement"][0];
    assert_eq!(permission["Resource"], ROLE_ARN);
    // As AWS writes them: the version first.
    let at = |word: &str| said.find(word).unwrap();
    assert!(at("Version") < at("Statement"), "{said}");
    let said = world.fails(2, &["role", "policy", "prod"]);
    assert!(said.contains("is no user or role"), "{said}");
}

#[test]
fn colours_are_for_terminals_that_want_them() {
    let world = World::warm();
    assert!(!world.done(&["status"]).contains('\u{1b}'));
    let seen = |no_colour: &str| {
        let mut command = world.daypass(&["status"]);
        command.env("TERM", "xterm").env("NO_COLOR", no_colour);
        Session::of(&command).rest()
    };
    assert!(seen("").contains("\u{1b}[32m1 h 00 min left\u{1b}[0m"));
    assert!(!seen("1").contains('\u{1b}'));
}
