use crate::{
    exec::variables,
    world::{SECRET_KEY, World},
};

#[test]
fn a_shell_takes_over_the_session() {
    let world = World::warm();
    let script = format!(
        "eval \"$('{}' env prod)\"; env -0",
        env!("CARGO_BIN_EXE_daypass-cli")
    );
    for shell in ["bash", "sh"] {
        let mut command = world.command(shell);
        command
            .args(["-c", &script])
            .env("AWS_PROFILE", "another")
            .env("AWS_SECURITY_TOKEN", "another");
        let variables = variables(&command.output().unwrap());
        assert_eq!(variables["AWS_SECRET_ACCESS_KEY"], SECRET_KEY, "{shell}");
        assert_eq!(variables["DAYPASS_ROLE"], "prod");
        assert!(!variables.contains_key("AWS_PROFILE"), "{shell}");
        assert!(!variables.contains_key("AWS_SECURITY_TOKEN"), "{shell}");
    }
}

#[test]
fn the_shell_is_the_one_that_is_named_or_the_persons_own() {
    let world = World::warm();
    let named = |shell| world.done(&["env", "prod", "--shell", shell]);
    assert!(named("fish").contains("set -gx AWS_REGION 'eu-west-1';\n"));
    assert!(named("powershell").contains("$Env:AWS_REGION = 'eu-west-1'\n"));
    assert!(named("cmd").contains("set \"AWS_REGION=eu-west-1\"\r\n"));
    let mut own = world.daypass(&["env", "prod"]);
    let own = own.env("SHELL", "/usr/bin/fish").output().unwrap();
    assert!(String::from_utf8(own.stdout).unwrap().contains("set -gx"));
}
