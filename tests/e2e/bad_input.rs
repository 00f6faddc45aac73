//! Bad input: one line that says what to do, and nothing lost.

use daypass_stage::{
    Parts,
    aws::{ADA_KEY_ID, ADA_SERIAL, secret_of},
};
use serde_json::json;

use crate::world::{AUDITOR, World, ada, key, stderr};

#[test]
fn what_cannot_be_right_is_refused_before_it_is_sent() {
    let world = World::headless();
    world.add_ada();
    let calls = operations(&world);
    let secret = secret_of("ada").unwrap();
    let role = |arn, more: &[&str]| {
        let mut arguments = vec!["role", "add", "x", "--identity", "work", "--arn", arn];
        arguments.extend(more);
        world.fails(2, &arguments, "")
    };
    assert!(role("Admin", &[]).contains("arn:aws:iam::111122223333:role/Admin"));
    assert!(role(AUDITOR, &["--duration", "1d"]).contains("not a duration"));
    assert!(role(AUDITOR, &["--duration", "5h"]).contains("caps"));
    assert!(role(AUDITOR, &["--external-id", "a b"]).contains("external id"));
    assert!(role(AUDITOR, &["--region", "evil.test/"]).contains("eu-west-1"));
    for (name, stdin, word) in [
        ("a", key("AKIA", &secret, &[]), "access key id"),
        ("a", key("ASIAIOSFODNN7EXAMPLE", &secret, &[]), "temporary"),
        ("a", key(ADA_KEY_ID, "short", &[]), "secret access key"),
        (
            "a",
            key(ADA_KEY_ID, &secret, &["arn:aws:iam::111122223333:user/ada"]),
            "Did you mean",
        ),
        ("a", key(ADA_KEY_ID, &secret, &["nonsense!"]), "MFA serial"),
        ("a", "{".to_owned(), "JSON"),
        ("work", ada(), "already an identity"),
    ] {
        let said = world.fails(2, &["identity", "add", name], &stdin);
        assert!(said.contains(word), "{said}");
        assert!(!said.contains(&secret));
    }
    for code in ["", "12345", "abcdef", "1234567"] {
        assert!(
            world
                .fails(2, &["mfa", "work"], code)
                .contains("six digits")
        );
    }
    assert_eq!(operations(&world), calls, "something was sent");
    assert_eq!(world.state()["identities"].as_array().unwrap().len(), 1);
}

#[test]
fn what_aws_refuses_is_explained() {
    let world = World::headless();
    let wrong = key(ADA_KEY_ID, &"x".repeat(40), &[ADA_SERIAL]);
    assert!(
        world
            .fails(5, &["identity", "add", "work"], &wrong)
            .contains("does not belong")
    );
    assert!(world.state()["identities"].as_array().unwrap().is_empty());
    world.add_ada();

    let locked = "arn:aws:iam::444455556666:role/Locked";
    world.done(&[
        "role",
        "add",
        "locked",
        "--identity",
        "work",
        "--arn",
        locked,
    ]);
    let code = world.enter_code();
    let said = world.fails(5, &["credentials", "locked"], "");
    assert!(
        said.contains("not authorized") && said.contains("trust policy"),
        "{said}"
    );

    // The wrong code of a device, and the same right one twice.
    assert!(
        world
            .fails(5, &["mfa", "work"], "000000")
            .contains("did not take that code")
    );
    let said = world.fails(4, &["mfa", "work"], &code);
    assert!(said.contains("already used"), "{said}");

    // Asked for longer than the role allows.
    world.done(&["identity", "add", "plain", "--ambient"]);
    let bob = key("AKIASANDBOXBOB000001", &secret_of("bob").unwrap(), &[]);
    let added = world.daypass_with(&["identity", "add", "bob"], &bob);
    assert!(added.status.success(), "{}", stderr(&added));
    let read_only = "arn:aws:iam::111122223333:role/ReadOnly";
    world.done(&[
        "role",
        "add",
        "long",
        "--identity",
        "bob",
        "--arn",
        read_only,
        "--session",
        "long",
        "--duration",
        "12h",
    ]);
    // It steps down by itself, and says so where people look.
    world.done(&["credentials", "long"]);
    let state = world.state();
    let told = state["notices"][0]["problem"].to_string();
    assert!(told.contains("allows no session of"), "{told}");
    assert!(told.contains("asks for 1h from now on"), "{told}");
    let written = std::fs::read_to_string(world.desktop.home.config_file()).unwrap();
    assert!(written.contains("duration = \"1h\""), "{written}");
}

#[test]
fn no_network_loses_nothing() {
    let mut world = World::headless();
    world.add_ada_and_role();
    world.enter_code();
    world.done(&["credentials", "prod"]);
    let config = std::fs::read_to_string(world.desktop.home.config_file()).unwrap();
    world.aws.stop();
    let run = |arguments: &[&str], stdin: &str| {
        let mut command = world.desktop.home.program("daypass").unwrap();
        daypass_stage::run(command.args(arguments), stdin).unwrap()
    };
    // What is there is served; what is not says why.
    assert!(run(&["credentials", "prod"], "").status.success());
    let console = run(&["console", "prod", "--print"], "");
    assert_eq!(console.status.code(), Some(1));
    assert!(stderr(&console).contains("cannot be reached"));
    let added = run(&["identity", "add", "second"], &ada());
    assert_eq!(added.status.code(), Some(1));
    assert!(stderr(&added).contains("cannot be reached"));
    assert_eq!(
        std::fs::read_to_string(world.desktop.home.config_file()).unwrap(),
        config
    );
}

#[test]
fn r9_a_locked_keychain_is_said_and_serving_goes_on() {
    let world = World::headless();
    world.add_ada_and_role();
    world.enter_code();
    world.done(&["credentials", "prod"]);
    world.desktop.lock_keychain().unwrap();
    world.done(&["credentials", "prod"]);
    let code = world.aws.next_code(ADA_SERIAL).unwrap();
    let said = world.fails(6, &["mfa", "work"], &code);
    assert!(said.contains("locked") && said.contains("Unlock"), "{said}");
    assert_eq!(world.state()["vault"]["state"], "locked");
    world.done(&["credentials", "prod"]);
}

/// T25: without a keychain nothing is stored, and the way out is said.
#[test]
fn t25_without_a_keychain_no_key_is_kept_anywhere() {
    let world = World::start(
        Parts {
            keychain: false,
            ..Parts::HEADLESS
        },
        "daypass-agent",
        &[],
    );
    // gnome-keyring must not be started by the bus either.
    let said = stderr(&world.daypass_with(&["identity", "add", "work"], &ada()));
    assert!(said.contains("keychain"), "{said}");
    assert!(world.state()["identities"].as_array().unwrap().is_empty());
    crate::secrets::assert_not_on_disk(&world, &[secret_of("ada").unwrap()]);
}

#[test]
fn a_broken_or_newer_config_file_is_left_alone() {
    let world = World::headless();
    world.add_ada_and_role();
    let path = world.desktop.home.config_file();
    let good = std::fs::read_to_string(&path).unwrap();
    // Of a newer one, what is understood of it.
    let newer = good.replace("version = 1", "version = 2");
    for (text, word) in [
        ("version = 1\n[[role]\n", "line 2"),
        (&newer, "Update Daypass"),
        (
            "version = 1\n[[identity]]\nname = \"a\\u202eb\"\n",
            "cannot be seen",
        ),
    ] {
        std::fs::write(&path, text).unwrap();
        let said = world.fails(2, &["role", "remove", "prod"], "");
        assert!(
            said.contains(word) && said.contains("config.toml"),
            "{said}"
        );
        assert_eq!(
            std::fs::read_to_string(&path).unwrap(),
            text,
            "it was written to"
        );
        let notices = &world.state()["notices"];
        assert!(
            notices[0]["problem"].to_string().contains(word),
            "{notices}"
        );
        // What it said before still holds.
        assert_eq!(world.state()["roles"][0]["name"], "prod");
    }
    std::fs::write(&path, good).unwrap();
    assert_eq!(world.state()["notices"], json!([]));
    world.done(&["role", "remove", "prod"]);
}

/// T2: a second agent sees the first and leaves.
#[test]
fn t2_a_second_agent_leaves() {
    let world = World::headless();
    world.add_ada();
    let mut second = world.desktop.program_process("daypass-agent", &[]).unwrap();
    assert_eq!(second.wait().unwrap().code(), Some(1));
    assert!(world.log("daypass-agent").contains("already running"));
    assert_eq!(world.state()["identities"][0]["name"], "work");
}

#[test]
fn an_unknown_role_suggests_the_nearest() {
    let world = World::headless();
    world.add_ada_and_role();
    assert!(
        world
            .fails(1, &["credentials", "prd"], "")
            .contains("Did you mean prod?")
    );
}

/// How many there were; the agent asks for the time, which is none, when it likes.
fn operations(world: &World) -> usize {
    let journal = world.aws.journal().unwrap();
    journal.iter().filter(|call| call["op"] != "").count()
}
