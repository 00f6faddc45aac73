//! The command line with the headless agent.

use daypass_stage::{
    Parts,
    aws::{ADA_KEY_ID, ADA_SERIAL},
    run,
};
use serde_json::Value;

use crate::world::{AUDITOR, World};

#[test]
fn the_whole_job_on_the_command_line() {
    let world = World::headless();
    world.add_ada_and_role();
    assert!(world.done(&["identity", "list"]).contains(ADA_KEY_ID));
    assert!(world.done(&["status"]).contains("needs a code"));

    world.enter_code();
    let credentials: Value = serde_json::from_str(&world.done(&["credentials", "prod"])).unwrap();
    assert_eq!(credentials["Version"], 1);
    assert!(
        credentials["AccessKeyId"]
            .as_str()
            .unwrap()
            .starts_with("ASIA")
    );
    assert_eq!(credentials["AccountId"], "111122223333");
    assert!(world.done(&["status"]).contains("min left"));

    // Warm: no further call.
    world.done(&["credentials", "prod"]);
    assert_eq!(world.aws.calls("GetSessionToken").unwrap(), 1);
    assert_eq!(world.aws.calls("AssumeRole").unwrap(), 1);

    world.done(&["role", "remove", "prod"]);
    world.done(&["identity", "remove", "work"]);
    assert!(world.done(&["status"]).contains("No identity yet"));
}

#[test]
fn a_console_link_leads_to_the_console_as_that_role() {
    let world = World::headless();
    world.add_ada_and_role();
    world.enter_code();
    let link = world.done(&[
        "console",
        "prod",
        "--print",
        "--destination",
        "s3/buckets/logs",
        "--region",
        "eu-west-1",
    ]);
    assert_eq!(link.lines().count(), 1);
    let mut browser = world.desktop.home.command("curl");
    let page = run(
        browser.args(["-sL", "-c", "/dev/null", "-b", "x=y", link.trim()]),
        "",
    )
    .unwrap();
    let page = String::from_utf8_lossy(&page.stdout).into_owned();
    for word in [
        "Admin",
        "111122223333",
        "ada",
        "eu-west-1",
        "s3/buckets/logs",
    ] {
        assert!(page.contains(word), "{word} is not on\n{page}");
    }
}

/// AWS_RULES 3.2, 3.5: a long session is made from the key, so its console may have a length.
#[test]
fn a_long_session_is_longer_than_the_chaining_cap() {
    let world = World::headless();
    world.add_ada();
    let role = [
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
        "4h",
    ];
    world.done(&role);
    let mut command = world.desktop.home.command("python3");
    let daypass = daypass_stage::programs().unwrap().join("daypass");
    let code = world.aws.code(ADA_SERIAL).unwrap();
    // The agent has no screen, so the command asks on its terminal; a person types there.
    let typed = run(
        command
            .arg("-c")
            .arg(TERMINAL)
            .arg(daypass)
            .args(["console", "audit"])
            .arg("--print"),
        &code,
    )
    .unwrap();
    let said = String::from_utf8_lossy(&typed.stdout).into_owned();
    assert!(
        said.contains("Code for work from your MFA device ada:"),
        "{said}"
    );
    assert!(said.contains("SigninToken="), "{said}");
    let journal = world.aws.journal().unwrap();
    let assumed = journal
        .iter()
        .find(|call| call["op"] == "AssumeRole")
        .unwrap();
    assert_eq!(assumed["duration"], 14_400);
    assert_eq!(assumed["access_key_id"], ADA_KEY_ID);
    let token = journal
        .iter()
        .find(|call| call["op"] == "GetSigninToken")
        .unwrap();
    assert_eq!(token["duration"], 14_400);
    assert_eq!(token["query_secret"], false, "keys in an address");
}

/// Runs a command on a terminal of its own and types a line once a question is asked.
pub(crate) const TERMINAL: &str = "
import os, pty, sys
code = sys.stdin.readline()
child, terminal = pty.fork()
if child == 0:
    os.execv(sys.argv[1], sys.argv[1:])
said = b''
try:
    while True:
        part = os.read(terminal, 1024)
        if not part:
            break
        said += part
        if part.rstrip().endswith(b':') and code:
            os.write(terminal, (code.strip() + '\\n').encode())
            code = ''
except OSError:
    pass
os.waitpid(child, 0)
sys.stdout.write(said.decode())
";

/// T17: credentials stay off a terminal unless they are forced onto it.
#[test]
fn t17_credentials_are_not_printed_onto_a_terminal() {
    let world = World::headless();
    world.add_ada_and_role();
    world.enter_code();
    let daypass = daypass_stage::programs().unwrap().join("daypass");
    let on_terminal = |arguments: &[&str]| {
        let mut command = world.desktop.home.command("python3");
        let output = run(
            command
                .arg("-c")
                .arg(TERMINAL)
                .arg(&daypass)
                .args(arguments),
            "",
        )
        .unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    assert!(!on_terminal(&["credentials", "prod"]).contains("SecretAccessKey"));
    assert!(on_terminal(&["credentials", "prod", "--force"]).contains("SecretAccessKey"));
}

#[test]
fn without_an_agent_and_a_desktop_the_exit_code_is_three() {
    let world = World::without_agent(Parts {
        keychain: false,
        ..Parts::HEADLESS
    });
    let said = world.fails(3, &["status"], "");
    assert!(said.contains("daypass-agent"), "{said}");
}

#[test]
fn the_first_command_starts_the_tray() {
    let world = World::without_agent(Parts::ALL);
    assert!(world.done(&["status"]).contains("No identity yet"));
    world.desktop.tray_icon().unwrap();
    world.done(&["quit"]);
    daypass_stage::wait::until("the tray to end", || {
        (!world.desktop.home.socket().exists()).then_some(())
    })
    .unwrap();
    world.done(&["quit"]);
}

/// T25: the encrypted file is an explicit choice, and holds nothing in plain text.
#[test]
fn t25_the_encrypted_file_keeps_keys_across_a_restart() {
    let mut world = World::without_agent(Parts {
        keychain: false,
        ..Parts::HEADLESS
    });
    let start = |world: &mut World, passphrase: &str| {
        let mut command = world.desktop.home.program("daypass-agent").unwrap();
        let log = std::fs::File::create(world.desktop.home.log("daypass-agent")).unwrap();
        command
            .args(["--vault", "file"])
            .stdin(std::process::Stdio::piped())
            .stderr(log);
        let mut process = daypass_stage::Process::start(&mut command).unwrap();
        std::io::Write::write_all(&mut process.take_stdin().unwrap(), passphrase.as_bytes())
            .unwrap();
        process
    };
    let agent = start(&mut world, "correct horse\n");
    let listening = |world: &World| {
        daypass_stage::wait::until("the agent", || {
            std::os::unix::net::UnixStream::connect(world.desktop.home.socket()).ok()
        })
        .unwrap();
    };
    listening(&world);
    world.add_ada_and_role();
    drop(agent);
    let file = std::fs::read_to_string(world.desktop.home.path().join("state/daypass/vault.json"))
        .unwrap();
    assert!(!file.contains(ADA_KEY_ID));

    let mut refused = start(&mut world, "wrong horse\n");
    assert_eq!(refused.wait().unwrap().code(), Some(6));
    assert!(world.log("daypass-agent").contains("passphrase is wrong"));

    let _agent = start(&mut world, "correct horse\n");
    listening(&world);
    world.enter_code();
    world.done(&["credentials", "prod"]);
}
