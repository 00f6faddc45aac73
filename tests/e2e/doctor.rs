//! `daypass doctor`, for real: on a desktop where all is well, and on one where things are broken.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    process::{Output, Stdio},
};

use daypass_stage::{
    Parts,
    aws::{ADA_KEY_ID, secret_of},
    run, wait,
};
use serde_json::Value;

use crate::world::{World, stderr};

struct Report {
    output: Output,
    text: String,
}

impl Report {
    fn of(world: &World) -> Self {
        let output = world.daypass_with(&["doctor", "--json"], "");
        let text = String::from_utf8(output.stdout.clone()).unwrap();
        Self { output, text }
    }

    fn code(&self) -> i32 {
        self.output.status.code().unwrap()
    }

    /// State and words of what was found of one thing.
    fn of_one(&self, about: &str) -> (String, String) {
        let report: Value =
            serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("{}", stderr(&self.output)));
        let findings = report["findings"].as_array().unwrap();
        let found = findings.iter().find(|finding| finding["about"] == about);
        let found = found.unwrap_or_else(|| panic!("nothing of {about} in {}", self.text));
        let word = |key: &str| found[key].as_str().unwrap().to_owned();
        (word("state"), format!("{} {}", word("what"), word("todo")))
    }

    fn assert_state(&self, about: &str, state: &str) {
        assert_eq!(self.of_one(about).0, state, "{about} in {}", self.text);
    }

    /// It can be pasted where everybody reads it.
    fn assert_public(&self, world: &World, code: &str) {
        let home = world.desktop.home.path().display().to_string();
        let said = format!("{}{}", self.text, stderr(&self.output));
        for hidden in [
            secret_of("ada").unwrap().as_str(),
            ADA_KEY_ID,
            "111122223333",
            home.as_str(),
            "ASIA",
            code,
        ] {
            assert!(!said.contains(hidden), "{hidden} in {said}");
        }
    }
}

const LOOKED_AT: [&str; 14] = [
    "agent",
    "config",
    "keychain",
    "clock",
    "proxy",
    "sts us-east-1",
    "sign-in us-east-1",
    "iam",
    "tray",
    "notifications",
    "memory",
    "socket",
    "files",
    "disk",
];

#[test]
fn t18_a_healthy_desktop_is_found_healthy_and_nothing_secret_is_told() {
    let world = World::tray();
    fs::set_permissions(
        world.desktop.home.config_file(),
        fs::Permissions::from_mode(0o600),
    )
    .unwrap();
    world.add_ada_and_role();
    let code = world.enter_code();
    world.done(&["credentials", "prod"]);
    world.done(&["profiles"]);
    world.desktop.tray_icon().unwrap();
    let report = Report::of(&world);
    for about in LOOKED_AT {
        report.assert_state(about, "ok");
    }
    report.assert_state("profiles", "ok");
    assert_eq!(report.code(), 0, "{}", stderr(&report.output));
    report.assert_public(&world, &code);
    let text = world.done(&["doctor"]);
    assert!(text.contains("ok         keychain"), "{text}");
}

#[test]
fn what_is_broken_is_found_and_what_to_do_is_said() {
    let mut world = World::headless();
    world.add_ada_and_role();
    let code = world.enter_code();
    world.done(&["credentials", "prod"]);

    let config = world.desktop.home.config_file();
    fs::set_permissions(&config, fs::Permissions::from_mode(0o666)).unwrap();
    world.desktop.lock_keychain().unwrap();
    world.aws.stop();

    let report = Report::of(&world);
    assert_eq!(report.code(), 1);
    assert_eq!(stderr(&report.output).lines().count(), 1);
    for (about, todo) in [
        ("keychain", "Unlock it"),
        ("sts us-east-1", "Check the network"),
        ("files", "chmod 600 ~/config/daypass/config.toml"),
    ] {
        let (state, words) = report.of_one(about);
        assert_eq!(state, "broken", "{words}");
        assert!(words.contains(todo), "{words}");
    }
    report.assert_state("clock", "attention");
    report.assert_state("memory", "ok");
    report.assert_state("tray", "ok");
    report.assert_public(&world, &code);

    world.stop_agent();
    let report = Report::of(&world);
    assert_eq!(report.code(), 3);
    report.assert_state("agent", "broken");
    report.assert_state("files", "broken");
}

/// R21: many commands at once, and no agent yet.
#[test]
fn r21_fifty_commands_at_once_start_one_agent() {
    const FIFTY: &str = "echo $$ > session
for number in $(seq 50); do
    { \"$0\" status --json > said.$number 2> error.$number; echo $? > code.$number; } &
done
wait";
    let world = World::without_agent(Parts::ALL);
    let home = world.desktop.home.path();
    let daypass = daypass_stage::programs().unwrap().join("daypass");
    let mut command = world.desktop.home.command("setsid");
    command.args(["--wait", "sh", "-c", FIFTY]).arg(daypass);
    let output = run(&mut command, "").unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let read = |name: &str| fs::read_to_string(home.join(name)).unwrap();
    for number in 1..=50 {
        let error = read(&format!("error.{number}"));
        assert_eq!(read(&format!("code.{number}")), "0\n", "{error}");
    }
    world.desktop.tray_icon().unwrap();
    let session = read("session");
    wait::until("the others to end", || {
        (trays_of(session.trim()).len() == 1).then_some(())
    })
    .unwrap();
    world.done(&["quit"]);
    wait::until("the agent to end", || {
        trays_of(session.trim()).is_empty().then_some(())
    })
    .unwrap();
}

/// The trays that were started within a session (proc_pid_stat(5)).
fn trays_of(session: &str) -> Vec<String> {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let stats =
        processes.filter_map(|process| fs::read_to_string(process.path().join("stat")).ok());
    stats
        .filter(|stat| {
            let (name, rest) = stat.rsplit_once(')').unwrap_or_default();
            let fields: Vec<&str> = rest.split_whitespace().collect();
            let (state, of_session) = (fields[0], fields[3]);
            name.contains("(daypass-tray") && of_session == session && state != "Z"
        })
        .collect()
}

/// R21: the agent is killed while a command waits for its answer.
#[test]
fn r21_an_agent_killed_between_question_and_answer_is_one_line_and_its_code() {
    let world = World::headless();
    let kill = |signal: &str| {
        let agent = world.agent_id().to_string();
        let mut command = world.desktop.home.command("kill");
        assert!(
            run(command.args([signal, &agent]), "")
                .unwrap()
                .status
                .success()
        );
    };
    kill("-STOP");
    let mut command = world.desktop.home.program("daypass").unwrap();
    let asking = command
        .arg("status")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Besides the one that listens.
    let socket = world.desktop.home.socket().display().to_string();
    wait::until("the command to connect", || {
        let sockets = fs::read_to_string("/proc/net/unix").ok()?;
        (sockets.matches(&socket).count() > 1).then_some(())
    })
    .unwrap();
    kill("-KILL");
    let output = asking.wait_with_output().unwrap();
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.contains("went away before it answered"), "{said}");
}
