//! AWS's own SDKs and CLIs as Daypass's clients.

mod client;
mod herd;
mod moto;
mod renewal;

use daypass_stage::run;

use self::client::python;
use crate::world::{World, stderr};

/// A profile `prod` with a `credential_process`.
fn write_profile(world: &World) {
    let folder = world.desktop.home.path().join(".aws");
    std::fs::create_dir_all(&folder).unwrap();
    let daypass = daypass_stage::programs().unwrap().join("daypass");
    let config = format!(
        "[profile prod]\nregion = us-east-1\ncredential_process = \"{}\" credentials prod\n",
        daypass.display()
    );
    std::fs::write(folder.join("config"), config).unwrap();
}

const BOTO3: &str = "
import boto3, sys
client = boto3.Session(profile_name='prod').client('sts', endpoint_url=sys.argv[1])
print(client.get_caller_identity()['Arn'])
";

/// AWS_RULES 3.7: SDKs show standard error as the message, so it is one helpful line.
#[test]
fn a_failure_reaches_the_person_through_the_sdk() {
    let world = World::headless();
    world.add_ada();
    write_profile(&world);
    let mut command = world.desktop.home.command(python("python"));
    let output = run(command.args(["-c", BOTO3, world.aws.url()]), "").unwrap();
    assert!(!output.status.success());
    assert!(
        stderr(&output).contains("There is no role prod."),
        "{}",
        stderr(&output)
    );
}
