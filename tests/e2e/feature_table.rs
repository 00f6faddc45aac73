//! The README's table of what Daypass replaces: every command in it, run in order.

use std::fs;

use daypass_stage::{aws::ADA_SERIAL, run, workspace};
use serde_json::Value;

use crate::world::{AUDITOR, World, ada, stderr};

const AUDIT: [&str; 11] = [
    "role",
    "add",
    "audit",
    "--arn",
    AUDITOR,
    "--identity",
    "work",
    "--session",
    "long",
    "--duration",
    "1h",
];

/// The commands in code spans of the table's last column, top to bottom.
fn commands() -> Vec<String> {
    let readme = fs::read_to_string(workspace().join("README.md")).unwrap();
    let (_, rest) = readme.split_once("<!-- feature table -->").unwrap();
    let (table, _) = rest
        .split_once("<!-- end of the feature table -->")
        .unwrap();
    let last_columns = table
        .lines()
        .skip(3)
        .filter_map(|row| row.trim_end_matches('|').rsplit_once('|'));
    last_columns
        .flat_map(|(_, cell)| cell.split('`').skip(1).step_by(2))
        .map(str::to_owned)
        .collect()
}

/// What a person types in the right order: the identity before its roles, a code where AWS wants
/// one. All else is the table's.
#[test]
fn every_command_of_the_feature_table_works() {
    let mut world = World::headless();
    let commands = commands();
    assert!(commands.len() >= 16, "{commands:?}");
    let first = |verb: &str| {
        let wanted = format!("daypass {verb}");
        assert!(commands.contains(&wanted), "the table lost `{wanted}`");
        wanted
    };
    shell(&world, &first("identity add work"), &ada());
    world.done(&[
        "role",
        "add",
        "prod",
        "--arn",
        crate::world::ADMIN,
        "--identity",
        "work",
        "--region",
        "eu-west-1",
    ]);
    world.done(&AUDIT);
    fs::write(
        world.desktop.home.path().join(".daypass.toml"),
        "role = \"prod\"\n",
    )
    .unwrap();
    let code = world.aws.code(ADA_SERIAL).unwrap();
    shell(&world, &first("mfa work"), &code);

    for command in &commands {
        match command.as_str() {
            "daypass identity add work" | "daypass mfa work" => {}
            "daypass identity add here --ambient" => {
                in_a_role_session(&mut world);
                shell(&world, command, "");
            }
            long if long.contains(" audit ") => {
                let said = on_a_terminal(&world, long);
                assert!(said.contains("SigninToken="), "{long}: {said}");
            }
            command => {
                let said = shell(&world, command, "");
                assert!(shows_what_it_promises(command, &said), "{command}: {said}");
            }
        }
    }
    let journal = world.aws.journal().unwrap();
    let session_names: Vec<&Value> = journal.iter().map(|call| &call["session_name"]).collect();
    assert!(session_names.contains(&&Value::from("ada-for-grace")));
}

fn shows_what_it_promises(command: &str, said: &str) -> bool {
    let words: &[&str] = match command.split(' ').nth(1).unwrap() {
        "exec" => &["AWS_SESSION_TOKEN="],
        "credentials" => &["\"Version\":1"],
        "export" if command.contains("json") => &["ConsoleMagicLink"],
        "export" if command.contains("link") => &["SigninToken="],
        "console" => &["SigninToken=", "s3%2Fbuckets%2Flogs"],
        "role" if command.contains("policy") => &["sts:AssumeRole"],
        "publish" => &["app/session"],
        "status" => &["work"],
        _ => &[],
    };
    words.iter().all(|word| said.contains(word))
}

/// Restarts the agent where it finds a role's session in its environment.
fn in_a_role_session(world: &mut World) {
    let session: Value = serde_json::from_str(&world.done(&["credentials", "prod"])).unwrap();
    world.done(&["quit"]);
    world.stop_agent();
    for (name, key) in [
        ("AWS_ACCESS_KEY_ID", "AccessKeyId"),
        ("AWS_SECRET_ACCESS_KEY", "SecretAccessKey"),
        ("AWS_SESSION_TOKEN", "SessionToken"),
    ] {
        world.desktop.home.set(name, session[key].as_str().unwrap());
    }
    world.start_agent("daypass-agent", &[]);
}

/// Runs a command as it stands, with our programs on the path and no terminal.
fn shell(world: &World, command: &str, stdin: &str) -> String {
    let mut process = world.desktop.home.command("setsid");
    process.args(["--wait", "sh", "-c", &with_path(command)]);
    let output = run(&mut process, stdin).unwrap();
    assert!(output.status.success(), "{command}: {}", stderr(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// The same on a terminal, where a code can be asked for.
fn on_a_terminal(world: &World, command: &str) -> String {
    let code = world.aws.next_code(ADA_SERIAL).unwrap();
    let mut process = world.desktop.home.command("python3");
    let forced = with_path(&format!("{command} --force"));
    process.args(["-c", crate::cli::TERMINAL, "/bin/sh", "-c", &forced]);
    let output = run(&mut process, &code).unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn with_path(command: &str) -> String {
    let programs = daypass_stage::programs().unwrap();
    format!("PATH=\"{}:$PATH\" {command}", programs.display())
}
