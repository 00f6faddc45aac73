use serde_json::Value;

use crate::world::{SECRET_KEY, TOKEN, World, stderr};

fn config(world: &World) -> std::path::PathBuf {
    let folder = world.home().join(".aws");
    std::fs::create_dir_all(&folder).unwrap();
    folder.join("config")
}

#[test]
fn every_role_becomes_a_profile_that_awss_tools_can_run() {
    let world = World::warm();
    let path = config(&world);
    let own = "# mine\n[profile mine]\nregion = eu-west-3\n";
    std::fs::write(&path, own).unwrap();

    let diff = world.done(&["profiles", "--dry-run", "--prefix", "dp-"]);
    assert!(diff.contains("+[profile dp-prod]"), "{diff}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), own, "a dry run");

    let said = world.done(&["profiles", "--prefix", "dp-"]);
    assert!(said.ends_with("/.aws/config: 1\n"), "{said}");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.starts_with(own), "{text}");
    let process = text
        .lines()
        .find_map(|line| line.strip_prefix("credential_process = "))
        .unwrap();
    // As the SDKs run it: through a shell.
    let output = world.command("sh").args(["-c", process]).output().unwrap();
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["SecretAccessKey"], SECRET_KEY);

    let again: Value =
        serde_json::from_str(&world.done(&["profiles", "--prefix", "dp-", "--json"])).unwrap();
    assert_eq!(again["changed"], false);
    assert_eq!(again["profiles"], serde_json::json!(["dp-prod"]));

    world.done(&["profiles", "--remove"]);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(!text.contains("dp-prod"), "{text}");
    assert!(text.starts_with(own), "{text}");
}

#[test]
fn what_would_win_over_a_profile_is_named() {
    let world = World::warm();
    config(&world);
    let keys = "[prod]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = x\n";
    std::fs::write(world.home().join(".aws/credentials"), keys).unwrap();
    let mut command = world.daypass(&["profiles"]);
    let command = command.env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE");
    let said = stderr(&command.output().unwrap());
    assert!(said.contains("[prod]"), "{said}");
    assert!(said.contains("wins over AWS_PROFILE"), "{said}");
}

#[test]
fn a_prefix_that_no_profile_can_have_leaves_the_file_alone() {
    let world = World::warm();
    let path = config(&world);
    assert!(world.run(&["profiles"]).status.success());
    let before = std::fs::read(&path).unwrap();
    for prefix in ["a]\n[profile evil", "]"] {
        let output = world.run(&["profiles", "--prefix", prefix]);
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
        assert_eq!(std::fs::read(&path).unwrap(), before, "{prefix:?}");
    }
}

#[test]
fn an_export_writes_a_profile_of_the_credentials_file() {
    let world = World::warm();
    let path = world.home().join("elsewhere");
    let mut command = world.daypass(&["export", "prod", "--format", "write", "--profile", "dp"]);
    let command = command.env("AWS_SHARED_CREDENTIALS_FILE", &path);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.starts_with("[dp] in "), "{said}");
    assert!(!said.contains("Canary"), "{said}");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.starts_with("[dp]\n"), "{text}");
    for part in [SECRET_KEY, TOKEN, "eu-west-1"] {
        assert!(text.contains(part), "{text}");
    }
    let said = world.fails(2, &["export", "prod", "--format", "json", "--profile", "x"]);
    assert!(said.contains("--format write"), "{said}");
}
