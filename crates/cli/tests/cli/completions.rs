use std::process::{Command, Stdio};

use crate::world::World;

/// What a shell is offered after these words, the last of which is being typed.
fn offered(world: &World, words: &[&str]) -> String {
    let mut command = world.daypass(&["--"]);
    let output = command
        .args(words)
        .env("DAYPASS_COMPLETE", "bash")
        .env("_CLAP_COMPLETE_INDEX", (words.len() - 1).to_string())
        .env("_CLAP_IFS", "\n")
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

fn write_config(world: &World, text: &str) {
    let folder = world.home().join("config/daypass");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("config.toml"), text).unwrap();
}

#[test]
fn names_are_offered_without_an_agent() {
    let world = World::without_agent();
    write_config(
        &world,
        "[[identity]]\nname = \"work\"\n[[role]]\nname = \"prod\"\n[[role]]\nname = \"$(touch /tmp/x)\"\n",
    );
    assert_eq!(offered(&world, &["daypass", "exec", "p"]), "prod");
    assert_eq!(offered(&world, &["daypass", "credentials", "p"]), "prod");
    assert_eq!(offered(&world, &["daypass", "mfa", "w"]), "work");
    assert_eq!(
        offered(&world, &["daypass", "identity", "rotate", ""])
            .lines()
            .next(),
        Some("work")
    );
    assert_eq!(offered(&world, &["daypass", "log", "--role", "p"]), "prod");
    assert_eq!(
        offered(&world, &["daypass", "log", "--identity", "w"]),
        "work"
    );
    assert!(offered(&world, &["daypass", "log", "--kind", ""]).contains("link"));
    for words in [
        &["daypass", "role", "pin", "p"][..],
        &["daypass", "renew", "p"],
        &["daypass", "end", "p"],
    ] {
        assert_eq!(offered(&world, words), "prod", "{words:?}");
    }
    let settings = ["daypass", "settings", "set", "warn"];
    assert_eq!(offered(&world, &settings), "warn_minutes");
    assert!(!offered(&world, &["daypass", "exec", ""]).contains('$'));
    assert!(offered(&world, &["daypass", "cred"]).contains("credentials"));
    assert!(!offered(&world, &["daypass", ""]).contains("__"));
}

#[test]
fn a_config_file_with_a_mistake_offers_no_names() {
    let world = World::without_agent();
    write_config(&world, "[[role\n");
    assert!(!offered(&world, &["daypass", "exec", "p"]).contains("prod"));
}

#[test]
fn every_shell_gets_a_script() {
    let world = World::without_agent();
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let script = world.done(&["completions", shell]);
        assert!(script.contains("DAYPASS_COMPLETE"), "{shell}: {script}");
    }
    assert!(
        world
            .fails(2, &["completions", "tcsh"])
            .contains("possible values")
    );
}

#[test]
fn bash_completes_the_name_of_a_role() {
    let world = World::without_agent();
    write_config(&world, "[[role]]\nname = \"prod\"\n");
    // The script calls `daypass` by that name.
    let bin = world.home().join("bin");
    std::fs::create_dir(&bin).unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_daypass-cli"), bin.join("daypass")).unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let mut bash: Command = world.command("bash");
    let output = bash
        .args([
            "-c",
            "source <(daypass completions bash)
             COMP_WORDS=(daypass exec pr) COMP_CWORD=2 COMP_TYPE=9
             _clap_complete_daypass daypass pr exec
             echo \"${COMPREPLY[@]}\"",
        ])
        .env("PATH", path)
        .stderr(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap().trim(), "prod");
}

#[test]
fn every_command_has_a_man_page() {
    let world = World::without_agent();
    let folder = world.home().join("man");
    std::fs::create_dir(&folder).unwrap();
    world.done(&["man", "--to", folder.to_str().unwrap()]);
    for page in ["daypass.1", "daypass-exec.1", "daypass-role-policy.1"] {
        let text = std::fs::read_to_string(folder.join(page)).unwrap();
        assert!(text.contains(".TH"), "{page}");
    }
    let hidden = |entry: std::io::Result<std::fs::DirEntry>| {
        entry
            .unwrap()
            .file_name()
            .to_string_lossy()
            .contains("__container")
    };
    assert!(!std::fs::read_dir(&folder).unwrap().any(hidden));
    let said = world.fails(1, &["man", "--to", "/nowhere"]);
    assert!(said.contains("/nowhere"), "{said}");
}
