//! Real SDK clients, through `credential_process`.

use std::path::PathBuf;

use daypass_stage::{run, workspace};

use crate::world::{World, stderr};

fn with_profile() -> World {
    let world = World::headless();
    world.add_ada_and_role();
    world.enter_code();
    let folder = world.desktop.home.path().join(".aws");
    std::fs::create_dir_all(&folder).unwrap();
    let daypass = daypass_stage::programs().unwrap().join("daypass");
    let config = format!(
        "[profile prod]\nregion = us-east-1\ncredential_process = \"{}\" credentials prod\n",
        daypass.display()
    );
    std::fs::write(folder.join("config"), config).unwrap();
    world
}

fn identity(world: &World, program: PathBuf, arguments: &[&str]) -> String {
    let mut command = world.desktop.home.command(program);
    let output = run(command.args(arguments).arg(world.aws.url()), "").unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    String::from_utf8(output.stdout).unwrap()
}

const BOTO3: &str = "
import boto3, sys
client = boto3.Session(profile_name='prod').client('sts', endpoint_url=sys.argv[1])
print(client.get_caller_identity()['Arn'])
";

#[test]
fn boto3_and_both_aws_clis_get_the_same_session() {
    let world = with_profile();
    let python = workspace().join("target/test-python/bin");
    let whoami = [
        "sts",
        "get-caller-identity",
        "--profile",
        "prod",
        "--query",
        "Arn",
        "--output",
        "text",
        "--endpoint-url",
    ];
    let arns = [
        identity(&world, python.join("python"), &["-c", BOTO3]),
        identity(&world, python.join("aws"), &whoami),
        identity(&world, PathBuf::from("/usr/bin/aws"), &whoami),
    ];
    for arn in arns {
        assert_eq!(
            arn.trim(),
            "arn:aws:sts::111122223333:assumed-role/Admin/ada"
        );
    }
    assert_eq!(
        world.aws.calls("AssumeRole").unwrap(),
        1,
        "each client got a session of its own"
    );
}

/// AWS_RULES 3.7: SDKs show standard error as the message, so it is one helpful line.
#[test]
fn a_failure_reaches_the_person_through_the_sdk() {
    let world = with_profile();
    world.done(&["role", "remove", "prod"]);
    let mut command = world
        .desktop
        .home
        .command(workspace().join("target/test-python/bin/python"));
    let output = run(command.args(["-c", BOTO3, world.aws.url()]), "").unwrap();
    assert!(!output.status.success());
    assert!(
        stderr(&output).contains("There is no role prod."),
        "{}",
        stderr(&output)
    );
}

/// R7: a herd of callers on a cold role costs one call.
#[test]
fn r7_a_herd_of_callers_costs_one_call() {
    let world = World::headless();
    world.add_ada_and_role();
    world.enter_code();
    let herd: Vec<_> = (0..100)
        .map(|_| {
            let mut command = world.desktop.home.program("daypass").unwrap();
            command
                .args(["credentials", "prod"])
                .stdout(std::process::Stdio::piped());
            command.spawn().unwrap()
        })
        .collect();
    for caller in herd {
        assert!(caller.wait_with_output().unwrap().status.success());
    }
    assert_eq!(world.aws.calls("AssumeRole").unwrap(), 1);
}
