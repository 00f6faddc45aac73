//! A role's session for whatever needs it: a command, a shell, a file, a colleague, an application.

use std::{
    fs,
    os::unix::{
        fs::{MetadataExt, chown},
        process::ExitStatusExt,
    },
    path::PathBuf,
};

use daypass_stage::{run, workspace};
use serde_json::Value;

use crate::world::{World, stderr};

/// Ada with a session and a role in a region.
fn world() -> World {
    let world = World::headless();
    world.add_ada();
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
    world.enter_code();
    world
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// Who the AWS CLI is with that environment.
const WHOAMI: &str =
    "exec \"$0\" sts get-caller-identity --query Arn --output text --endpoint-url \"$1\"";

fn aws_cli() -> String {
    workspace()
        .join("target/test-python/bin/aws")
        .display()
        .to_string()
}

#[test]
fn t19_exec_gives_the_session_to_the_command_alone() {
    let mut world = world();
    world.desktop.home.set("AWS_PROFILE", "elsewhere");
    world.desktop.home.set("AWS_SESSION_TOKEN", "stale");
    let variables = world.done(&["exec", "prod", "--", "env"]);
    let value = |name: &str| {
        variables
            .lines()
            .find_map(|line| line.strip_prefix(&format!("{name}=")).map(str::to_owned))
    };
    assert!(value("AWS_ACCESS_KEY_ID").unwrap().starts_with("ASIA"));
    assert_ne!(value("AWS_SESSION_TOKEN").unwrap(), "stale");
    assert_eq!(value("AWS_REGION").unwrap(), "eu-west-1");
    assert_eq!(value("AWS_PROFILE"), None, "a profile would win over it");
    assert_eq!(value("DAYPASS_ROLE").unwrap(), "prod");
    let arn = world.done(&[
        "exec",
        "prod",
        "--",
        "sh",
        "-c",
        WHOAMI,
        &aws_cli(),
        world.aws.url(),
    ]);
    assert!(arn.contains("assumed-role/Admin/ada"), "{arn}");
}

#[test]
fn exec_is_the_command_as_far_as_anybody_can_tell() {
    let world = world();
    let code = |arguments: &[&str]| {
        let mut all = vec!["exec", "prod", "--"];
        all.extend(arguments);
        world.daypass_with(&all, "").status
    };
    assert_eq!(code(&["sh", "-c", "exit 42"]).code(), Some(42));
    assert_eq!(code(&["/nowhere/at-all"]).code(), Some(127));
    assert_eq!(code(&["sh", "-c", "kill -TERM $$"]).signal(), Some(15));
    let daypass = daypass_stage::programs().unwrap().join("daypass");
    let nested = [
        "exec",
        "prod",
        "--",
        daypass.to_str().unwrap(),
        "exec",
        "prod",
        "--",
        "true",
    ];
    let refused = world.daypass_with(&nested, "");
    assert_eq!(refused.status.code(), Some(2));
    assert!(
        stderr(&refused).contains("--nested"),
        "{}",
        stderr(&refused)
    );
}

/// A command that outlives its session: the endpoint's answers change, the variables don't.
#[test]
fn t3_the_endpoint_serves_its_command_and_ends_with_it() {
    let world = world();
    let script = "
curl -s -H \"Authorization: $(cat $AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE)\" $AWS_CONTAINER_CREDENTIALS_FULL_URI
echo; curl -s -o /dev/null -w '%{http_code}\\n' $AWS_CONTAINER_CREDENTIALS_FULL_URI
echo $AWS_CONTAINER_CREDENTIALS_FULL_URI
echo $AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE
";
    let said = world.done(&["exec", "--server", "prod", "--", "sh", "-c", script]);
    let lines: Vec<&str> = said.lines().collect();
    let [credentials, refused, address, token_file] = lines.as_slice() else {
        panic!("{said}");
    };
    let credentials = json(credentials);
    assert!(
        credentials["AccessKeyId"]
            .as_str()
            .unwrap()
            .starts_with("ASIA")
    );
    assert!(credentials["Token"].is_string());
    assert_eq!(*refused, "403");
    daypass_stage::wait::until("the endpoint to end", || {
        let port = address.split(':').nth(2)?.split('/').next()?;
        let address = format!("127.0.0.1:{port}").parse().ok()?;
        let gone =
            std::net::TcpStream::connect_timeout(&address, std::time::Duration::from_secs(1))
                .is_err();
        (gone && !PathBuf::from(token_file).exists()).then_some(())
    })
    .unwrap();
}

#[test]
fn env_is_what_shells_evaluate() {
    let world = world();
    let daypass = daypass_stage::programs().unwrap().join("daypass");
    let mut shell = world.desktop.home.command("bash");
    let script = format!(
        "export AWS_PROFILE=elsewhere; eval \"$({} env prod --shell bash)\"; echo $AWS_PROFILE; {WHOAMI}",
        daypass.display()
    );
    let output = run(shell.args(["-c", &script, &aws_cli(), world.aws.url()]), "").unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        said.contains("assumed-role/Admin/ada"),
        "{}",
        stderr(&output)
    );
    assert!(said.starts_with('\n'), "the profile was not unset: {said}");
    for shell in ["zsh", "fish", "powershell", "cmd"] {
        let text = world.done(&["env", "prod", "--shell", shell]);
        assert!(text.contains("AWS_SESSION_TOKEN"), "{shell}");
    }
}

#[test]
fn export_is_json_a_profile_or_a_link() {
    let world = world();
    let exported = json(&world.done(&["export", "prod", "--format", "json"]));
    let keys: Vec<&String> = exported.as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        [
            "AccessKeyId",
            "ConsoleMagicLink",
            "Expiration",
            "SecretAccessKey",
            "SessionToken"
        ]
    );
    let link = exported["ConsoleMagicLink"].as_str().unwrap();
    assert!(link.contains("SigninToken="));

    let arguments = [
        "export",
        "prod",
        "--format",
        "link",
        "--destination",
        "s3/buckets/logs",
        "--region",
        "us-west-2",
        "--issuer",
        "https://intranet.example.com",
    ];
    let linked = world.daypass_with(&arguments, "");
    let link = String::from_utf8(linked.stdout).unwrap();
    let link = url(link.trim());
    assert!(link.contains("s3/buckets/logs?region=us-west-2"), "{link}");
    assert!(
        link.contains("Issuer=https://intranet.example.com"),
        "{link}"
    );

    let folder = world.desktop.home.path().join(".aws");
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join("credentials");
    fs::write(&file, "# mine\n[old]\naws_access_key_id = AKIAOLD\n").unwrap();
    world.daypass_with(
        &["export", "prod", "--format", "write", "--profile", "tmp"],
        "",
    );
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.starts_with("# mine\n[old]\naws_access_key_id = AKIAOLD\n"));
    let mut command = world.desktop.home.command(aws_cli());
    let output = run(
        command.args([
            "sts",
            "get-caller-identity",
            "--profile",
            "tmp",
            "--endpoint-url",
            world.aws.url(),
        ]),
        "",
    )
    .unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
}

/// A link with its percent-encoding taken off, to look into.
fn url(link: &str) -> String {
    let mut decoded = Vec::new();
    let mut bytes = link.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let digits = [bytes.next().unwrap(), bytes.next().unwrap()];
            let digits = std::str::from_utf8(&digits).unwrap();
            decoded.push(u8::from_str_radix(digits, 16).unwrap());
        } else {
            decoded.push(byte);
        }
    }
    String::from_utf8(decoded).unwrap()
}

/// An application on another machine reads the session from the secret and works with it.
#[test]
fn publish_hands_a_session_to_an_application() {
    let world = world();
    let said = world.done(&["publish", "prod", "--secret-id", "app/session"]);
    assert!(said.contains("app/session"), "{said}");
    let reader = "
import boto3, json, sys
url = sys.argv[1]
secrets = boto3.client('secretsmanager', 'eu-west-1', endpoint_url=url,
    aws_access_key_id='AKIASANDBOXBOB000001', aws_secret_access_key='sandbox/bob/secret/access/key/0000000000')
session = json.loads(secrets.get_secret_value(SecretId='app/session')['SecretString'])
sts = boto3.client('sts', 'eu-west-1', endpoint_url=url, aws_access_key_id=session['AccessKeyId'],
    aws_secret_access_key=session['SecretAccessKey'], aws_session_token=session['SessionToken'])
print(sts.get_caller_identity()['Arn'])
";
    let python = workspace().join("target/test-python/bin/python");
    let mut command = world.desktop.home.command(python);
    let output = run(command.args(["-c", reader, world.aws.url()]), "").unwrap();
    assert!(
        String::from_utf8_lossy(&output.stdout).contains("assumed-role/Admin/ada"),
        "{}",
        stderr(&output)
    );
    let missing = world.fails(5, &["publish", "prod", "--secret-id", "app/nowhere"], "");
    assert!(missing.contains("--create"), "{missing}");
    let locked = world.fails(5, &["publish", "prod", "--secret-id", "locked/session"], "");
    assert!(locked.contains("--writer"), "{locked}");
    world.done(&["publish", "prod", "--secret-id", "app/session", "--keep"]);
    let state = world.state();
    assert_eq!(
        state["roles"][0]["published"][0]["secret_id"],
        "app/session"
    );
    world.done(&["publish", "prod", "--secret-id", "app/session", "--stop"]);
}

/// A role's name need not be typed where a repository names it; a stranger's file is not believed.
#[test]
fn a_repository_names_its_role() {
    let world = world();
    let folder = world.desktop.home.path().join("repository/deep/inside");
    fs::create_dir_all(&folder).unwrap();
    fs::write(
        world.desktop.home.path().join("repository/.daypass.toml"),
        "role = \"prod\"\nregion = \"eu-central-1\"\n",
    )
    .unwrap();
    let inside = |arguments: &[&str]| {
        let mut command = world.desktop.home.command("setsid");
        command
            .arg("--wait")
            .arg(daypass_stage::programs().unwrap().join("daypass"))
            .args(arguments)
            .current_dir(&folder);
        run(&mut command, "").unwrap()
    };
    let output = inside(&["exec", "--", "sh", "-c", "echo $DAYPASS_ROLE $AWS_REGION"]);
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "prod eu-central-1\n",
        "{}",
        stderr(&output)
    );
    assert!(inside(&["credentials"]).status.success());
    let is_root = fs::metadata("/proc/self").unwrap().uid() == 0;
    if is_root {
        let file = world.desktop.home.path().join("repository/.daypass.toml");
        chown(&file, Some(65_534), None).unwrap();
        let refused = inside(&["credentials"]);
        assert_eq!(refused.status.code(), Some(1), "{}", stderr(&refused));
        assert!(stderr(&refused).contains("daypass allow"));
    }
}
