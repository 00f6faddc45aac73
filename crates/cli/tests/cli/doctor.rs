use std::{fs, io::Read, os::unix::fs::PermissionsExt, path::Path, process::Output};

use daypass_core::{
    finding::Finding,
    problem::{Code, Problem},
    protocol::{Request, Response},
};
use serde_json::Value;

use crate::{
    terminal::Session,
    world::{ROLE_ARN, World, stderr, warm},
};

/// An agent that finds this.
fn finding(findings: Vec<Finding>) -> World {
    let world = World::new(move |request| match request {
        Request::Examine => Response::Examined(findings.clone()),
        other => warm(other),
    });
    set_mode(&world.runtime_dir().join("agent.sock"), 0o600);
    world
}

fn report(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", stderr(output)))
}

/// State and words of everything that was found of one thing.
fn about(output: &Output, about: &str) -> Vec<(String, String)> {
    let report = report(output);
    let findings = report["findings"].as_array().unwrap().iter();
    let findings = findings.filter(|finding| finding["about"] == about);
    let word = |finding: &Value, key: &str| finding[key].as_str().unwrap().to_owned();
    findings
        .map(|finding| {
            let words = format!("{} {}", word(finding, "what"), word(finding, "todo"));
            (word(finding, "state"), words)
        })
        .collect()
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
    set_mode(path, 0o600);
    set_mode(path.parent().unwrap(), 0o700);
}

#[test]
fn what_is_well_is_a_report_and_no_failure() {
    let world = finding(vec![Finding::ok("keychain", "It answers, in 3 ms.")]);
    let output = world.run(&["doctor"]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(stderr(&output), "", "nobody looks on");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains("ok         keychain  It answers, in 3 ms.\n"),
        "{text}"
    );
    assert!(!text.contains("broken"), "{text}");

    let output = world.run(&["doctor", "--json"]);
    for looked_at in [
        "system", "agent", "keychain", "folders", "socket", "files", "profiles", "disk",
    ] {
        assert_eq!(about(&output, looked_at).len(), 1, "{looked_at}");
    }
}

#[test]
fn a_person_sees_that_it_looks() {
    let world = finding(Vec::new());
    let said = Session::of(&world.daypass(&["doctor"])).rest();
    assert!(
        said.contains("Looking at keychain, clock and network"),
        "{said}"
    );
}

#[test]
fn what_is_broken_is_an_exit_code_and_one_line() {
    let world = finding(vec![
        Finding::broken("keychain", "The keychain is locked.", "Unlock it."),
        Finding::attention("clock", "It is 7 min behind.", "Set it."),
    ]);
    let output = world.run(&["doctor"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        stderr(&output),
        "daypass: One thing is broken. The report says what to do.\n"
    );
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains("broken     keychain  The keychain is locked.\n"),
        "{text}"
    );
    assert!(text.contains("  Unlock it.\n"), "{text}");
}

#[test]
fn a_report_can_be_shown_to_everybody() {
    let world = World::without_agent();
    let home = world.home().display().to_string();
    drop(world);
    let world = finding(vec![Finding::broken(
        "config",
        format!("{ROLE_ARN} of 111122223333, AKIAIOSFODNN7EXAMPLE, http://ada:CANARY@proxy:80"),
        "Look into /home/elsewhere.",
    )]);
    let config = world.home().join("config/daypass/config.toml");
    write(&config, "version = 1\n");
    set_mode(&config, 0o644);
    for arguments in [&["doctor"][..], &["doctor", "--json"]] {
        let output = world.run(arguments);
        let text = String::from_utf8(output.stdout).unwrap();
        let own = world.home().display().to_string();
        for hidden in [
            "111122223333",
            "role/Admin",
            "AKIAIOSFODNN7",
            "CANARY",
            &home,
            &own,
        ] {
            assert!(!text.contains(hidden), "{hidden} in {text}");
        }
        for kept in [
            "arn:aws:iam::(account):role/",
            "MPLE",
            "http://proxy:80",
            "~/config/daypass",
        ] {
            assert!(text.contains(kept), "{kept} not in {text}");
        }
    }
}

/// What needs no agent is looked at without one, and none is started.
#[test]
fn without_an_agent_the_rest_is_looked_at() {
    let world = World::without_agent();
    write(
        &world.home().join("config/daypass/config.toml"),
        "version = 1\n",
    );
    let mut command = world.daypass(&["doctor", "--json"]);
    let output = command.env("DISPLAY", ":77").output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(stderr(&output).lines().count(), 1, "{}", stderr(&output));
    assert_eq!(about(&output, "agent")[0].0, "broken");
    assert_eq!(about(&output, "files")[0].0, "ok");
    assert_eq!(about(&output, "disk").len(), 1);
    assert!(!world.runtime_dir().join("agent.lock").exists());
}

#[test]
fn t12_files_that_others_reach_are_named() {
    let world = finding(Vec::new());
    let config = world.home().join("config/daypass/config.toml");
    write(&config, "version = 1\n");
    let credentials = world.home().join(".aws/credentials");
    write(&credentials, "");
    let state = |world: &World| {
        let output = world.run(&["doctor", "--json"]);
        (output.status.code().unwrap(), about(&output, "files"))
    };
    let (code, found) = state(&world);
    assert_eq!((code, found[0].0.as_str()), (0, "ok"));

    set_mode(&config, 0o644);
    set_mode(&credentials, 0o640);
    let (code, found) = state(&world);
    assert_eq!(code, 0, "it works nevertheless");
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(
        found[0].1.contains("~/config/daypass/config.toml"),
        "{found:?}"
    );
    assert!(found[0].1.contains("chmod 600"), "{found:?}");

    set_mode(&config, 0o666);
    let (code, found) = state(&world);
    assert_eq!((code, found[0].0.as_str()), (1, "broken"));
    set_mode(&config, 0o600);
    set_mode(&world.runtime_dir(), 0o755);
    assert_eq!(state(&world).0, 1);
}

/// AWS_RULES 3.8.
#[test]
fn profiles_that_are_out_of_date_or_lose_are_named() {
    let world = finding(Vec::new());
    let config = world.home().join(".aws/config");
    write(&config, "# mine\n");
    let profiles = |world: &World| {
        let output = world.run(&["doctor", "--json"]);
        about(&output, "profiles")
    };
    assert!(
        profiles(&world)[0]
            .1
            .contains("`daypass profiles` writes them")
    );

    world.done(&["profiles", "--prefix", "dp-"]);
    assert_eq!(profiles(&world)[0].0, "ok");

    let current = fs::read_to_string(&config).unwrap();
    fs::write(&config, current.replace("eu-west-1", "eu-west-3")).unwrap();
    let found = profiles(&world);
    assert_eq!(found[0].0, "attention");
    assert!(
        found[0].1.ends_with("Run: daypass profiles --prefix dp-"),
        "{found:?}"
    );

    fs::write(&config, current.replace("/daypass-cli", "/gone")).unwrap();
    let found = profiles(&world);
    assert_eq!(found[0].0, "broken");
    assert!(
        found[0].1.contains("/gone, which is not there"),
        "{found:?}"
    );

    fs::write(&config, &current).unwrap();
    let keys =
        "[dp-prod]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = CANARY\n";
    write(&world.home().join(".aws/credentials"), keys);
    let found = profiles(&world);
    assert_eq!(found[0].0, "attention");
    assert!(found[0].1.contains("wins over"), "{found:?}");
    assert!(!found[0].1.contains("CANARY"));

    fs::write(&config, "[profile x\n").unwrap();
    assert_eq!(profiles(&world)[0].0, "broken");
}

/// R22: an agent of before there were examinations.
#[test]
fn r22_an_older_agent_is_named_and_the_rest_is_looked_at() {
    let world = World::new(|request| match request {
        Request::Examine => Response::Failed(Problem::yours(
            Code::Failed,
            "The running Daypass is older than the program that asks.",
            "Quit Daypass and start it again.",
        )),
        other => warm(other),
    });
    let output = world.run(&["doctor", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let found = about(&output, "agent");
    assert!(
        found[0].1.contains("Daypass 0 runs, and this command"),
        "{found:?}"
    );
    assert!(found[1].1.contains("is older than"), "{found:?}");
    assert_eq!(about(&output, "disk").len(), 1);
}

/// R21: the agent dies at whatever moment of a request.
#[test]
fn r21_an_agent_that_dies_while_it_is_asked_is_one_line_and_its_code() {
    for read in [0, 2, 4, 10, 4_096] {
        for answer in [&b""[..], &[0, 0], &[0, 0, 0, 9, b'"']] {
            let world = World::without_agent();
            let socket = world.runtime_dir().join("agent.sock");
            let listener = std::os::unix::net::UnixListener::bind(socket).unwrap();
            std::thread::spawn(move || {
                use std::io::Write;
                let (mut client, _) = listener.accept().unwrap();
                drop(listener);
                let mut request = vec![0; read];
                // All of it, where there is less than that.
                let _ = client.read(&mut request);
                let _ = client.write_all(answer);
            });
            let said = world.fails(3, &["credentials", "prod"]);
            assert!(said.contains("went away before it answered"), "{said}");
        }
    }
}
