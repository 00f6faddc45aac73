use std::{
    collections::BTreeMap,
    os::unix::{fs::PermissionsExt, process::ExitStatusExt},
    process::Output,
};

use daypass_core::{
    environment::CONTRADICTORY,
    problem::{Code, Problem},
    protocol::{Request, Response},
};

use crate::world::{SECRET_KEY, TOKEN, World, failed, stderr, until, warm};

/// The variables of a command that printed them with `env -0`.
pub(crate) fn variables(output: &Output) -> BTreeMap<String, String> {
    assert!(output.status.success(), "{}", stderr(output));
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    text.split_terminator('\0')
        .filter_map(|line| line.split_once('='))
        .filter(|(name, _)| name.starts_with("AWS_") || name.starts_with("DAYPASS_"))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

fn set(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

#[test]
fn t19_a_command_gets_the_session_and_nothing_that_contradicts_it() {
    let world = World::warm();
    let mut command = world.daypass(&["exec", "prod", "--", "env", "-0"]);
    for name in CONTRADICTORY {
        command.env(name, "of another session");
    }
    command.env("AWS_REGION", "us-east-1");
    let expected = set(&[
        ("AWS_ACCESS_KEY_ID", "ASIAIOSFODNN7EXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", SECRET_KEY),
        ("AWS_SESSION_TOKEN", TOKEN),
        ("AWS_CREDENTIAL_EXPIRATION", "2096-10-02T07:06:40Z"),
        ("AWS_REGION", "eu-west-1"),
        ("AWS_DEFAULT_REGION", "eu-west-1"),
        ("DAYPASS_ROLE", "prod"),
    ]);
    assert_eq!(variables(&command.output().unwrap()), expected);
}

#[test]
fn a_region_and_reading_alone_can_be_asked_for() {
    let world = World::warm();
    let arguments = [
        "exec",
        "prod",
        "--read-only",
        "--region",
        "eu-north-1",
        "--",
        "env",
        "-0",
    ];
    let variables = variables(&world.run(&arguments));
    assert_eq!(variables["AWS_REGION"], "eu-north-1");
    assert_eq!(variables["AWS_ACCESS_KEY_ID"], "ASIAREADONLY00000000");
    let asked = world.seen();
    let read_only = |request: &String| request.starts_with("credentials prod read-only");
    assert!(asked.iter().any(read_only), "{asked:?}");
}

#[test]
fn the_command_takes_the_place_of_daypass() {
    let world = World::warm();
    let sh = |script: &str| {
        let child = world
            .daypass(&["exec", "prod", "--", "sh", "-c", script])
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        (child.id(), child.wait_with_output().unwrap())
    };
    let (pid, output) = sh("echo $$");
    assert_eq!(
        String::from_utf8(output.stdout).unwrap().trim(),
        pid.to_string()
    );
    assert_eq!(sh("exit 7").1.status.code(), Some(7));
    assert_eq!(sh("kill -TERM $$").1.status.signal(), Some(15));
}

#[test]
fn a_command_that_cannot_be_started_has_the_exit_code_of_shells() {
    let world = World::warm();
    let said = world.fails(127, &["exec", "prod", "--", "no-such-command"]);
    assert!(
        said.contains("There is no command no-such-command"),
        "{said}"
    );
    let file = world.work().join("text");
    std::fs::write(&file, "x").unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    let said = world.fails(126, &["exec", "prod", "--", "./text"]);
    assert!(said.contains("cannot be run"), "{said}");
}

#[test]
fn a_session_within_a_session_has_to_be_wanted() {
    let world = World::warm();
    let nested = |arguments: &[&str]| {
        let mut command = world.daypass(arguments);
        command.env("DAYPASS_ROLE", "dev").output().unwrap()
    };
    let said = failed(&nested(&["exec", "prod", "--", "env", "-0"]), 2);
    assert!(
        said.contains("a session of dev") && said.contains("--nested"),
        "{said}"
    );
    assert_eq!(
        world.seen(),
        Vec::<String>::new(),
        "the agent was asked in vain"
    );
    let inner = variables(&nested(&["exec", "--nested", "prod", "--", "env", "-0"]));
    assert_eq!(inner["DAYPASS_ROLE"], "prod");
}

#[test]
fn what_the_agent_refuses_is_one_line_and_its_code() {
    let world = World::new(|request| match request {
        Request::Credentials { .. } => {
            Response::Failed(Problem::yours(Code::AwsRefused, "AWS says no.", ""))
        }
        other => warm(other),
    });
    let said = world.fails(5, &["exec", "prod", "--", "true"]);
    assert!(said.contains("AWS says no."), "{said}");
    let said = world.fails(1, &["exec", "prdo", "--", "true"]);
    assert!(said.contains("no role prdo"), "{said}");
}

/// R21.
#[test]
fn r21_without_an_agent_and_a_desktop_there_is_an_exit_code() {
    let world = World::without_agent();
    let said = world.fails(3, &["credentials", "prod"]);
    assert!(said.contains("daypass-agent"), "{said}");
}

/// R21: fifty commands, of which one starts the agent that all of them wait for.
#[test]
fn r21_fifty_commands_at_once_start_one_agent() {
    let world = World::without_agent();
    let programs = world.home().join("bin");
    std::fs::create_dir(&programs).unwrap();
    std::fs::copy(env!("CARGO_BIN_EXE_daypass-cli"), programs.join("daypass")).unwrap();
    let (tray, started) = (programs.join("daypass-tray"), world.home().join("started"));
    let script = format!("#!/bin/sh\necho \"$@\" >> '{}'\n", started.display());
    std::fs::write(&tray, script).unwrap();
    std::fs::set_permissions(&tray, std::fs::Permissions::from_mode(0o700)).unwrap();
    let commands: Vec<_> = (0..50)
        .map(|_| {
            let mut command = world.command(programs.join("daypass").to_str().unwrap());
            command.args(["credentials", "prod"]).env("DISPLAY", ":77");
            command.stdout(std::process::Stdio::piped());
            command.stderr(std::process::Stdio::piped());
            command.spawn().unwrap()
        })
        .collect();
    let read = || std::fs::read_to_string(&started).unwrap_or_default();
    until("the start of an agent", || !read().is_empty());
    world.start_agent(warm);
    for command in commands {
        let output = command.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", stderr(&output));
    }
    assert_eq!(read(), "--background\n");
}
