//! moto checks every client's signature with botocore's own code: a second opinion, beside the
//! sandbox's, on what Daypass hands out. It knows no codes, so its user has no device.

use std::io::{BufRead, BufReader};

use daypass_stage::{Home, Parts, Process, run, workspace};

use super::{
    client::{self, Client, Conversation, Way, python},
    write_profile,
};
use crate::world::{World, stderr};

/// moto's only account.
const ROLE: &str = "arn:aws:iam::123456789012:role/Admin";
const SESSION: &str = "arn:aws:sts::123456789012:assumed-role/Admin/ada";

#[test]
fn moto_takes_every_clients_signature_in_every_way() {
    let (world, url, _moto) = world();
    let clients = client::all();
    for way in [Way::Process, Way::Endpoint, Way::Environment] {
        let start = |client: &Client| client.start(&world, way, &url);
        let mut running: Vec<_> = clients.iter().map(start).collect();
        for client in &mut running {
            assert_eq!(client.arn(&world), SESSION, "{}", client.name);
        }
        running.into_iter().for_each(Conversation::end);
    }
}

/// Otherwise the test above would show nothing.
#[test]
fn moto_takes_no_signature_with_another_secret() {
    let (world, url, _moto) = world();
    let mut command = world.desktop.home.program("daypass").unwrap();
    command
        .args(["exec", "prod", "--region", "us-east-1", "--"])
        .args(["env", "AWS_SECRET_ACCESS_KEY=other"])
        .arg(python("python"))
        .arg(workspace().join("tests/clients/python/whoami.py"))
        .env("AWS_ENDPOINT_URL_STS", &url);
    let output = run(&mut command, "\n").unwrap();
    let said = stderr(&output);
    assert!(said.contains("SignatureDoesNotMatch"), "{said}");
}

/// The role `prod` in moto's account.
fn world() -> (World, String, Process) {
    let mut world = World::without_agent(Parts::HEADLESS);
    let home = &world.desktop.home;
    let (moto, url) = start_moto(home);
    let mut account = home.command(python("python"));
    account
        .arg(workspace().join("tests/clients/python/moto_account.py"))
        .arg(&url)
        .env("AWS_DEFAULT_REGION", "us-east-1");
    let account = run(&mut account, "").unwrap();
    assert!(account.status.success(), "{}", stderr(&account));
    home.write_config(&format!("version = 1\n\n[endpoints]\nsts = \"{url}\"\n"))
        .unwrap();
    world.start_agent("daypass-agent", &[]);
    let key = String::from_utf8(account.stdout).unwrap();
    world.done_with(&["identity", "add", "work"], &key);
    world.done(&["role", "add", "prod", "--arn", ROLE, "--identity", "work"]);
    write_profile(&world);
    (world, url, moto)
}

/// Starts moto on a free port, which it tells on its standard error.
fn start_moto(home: &Home) -> (Process, String) {
    let mut command = home.lasting("sh");
    command
        .args(["-c", "exec \"$0\" -H 127.0.0.1 -p 0 2>&1"])
        .arg(python("moto_server"));
    let (moto, said) = Process::start_piped(&mut command).unwrap();
    let mut lines = BufReader::new(said).lines().map_while(Result::ok);
    let url = lines
        .by_ref()
        .find_map(|line| Some(line.split_once("Running on ")?.1.trim().to_owned()))
        .expect("moto to say where it listens");
    // It logs every request; a full pipe would stop it.
    std::thread::spawn(move || lines.for_each(drop));
    (moto, url)
}
