//! R7: any number of callers at once cost one call.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    path::PathBuf,
    process::Child,
};

use daypass_stage::{Parts, Screen, programs, wait};
use serde_json::Value;

use crate::world::World;

const CALLERS: usize = 500;

/// With the tray, because only where a code field can be shown do programs wait for a code.
#[test]
fn r7_a_cold_herd_costs_one_code_and_one_call() {
    let parts = Parts {
        screen: Screen::Hidden,
        panel: false,
        keychain: true,
        notifications: false,
    };
    let world = World::start(parts, "daypass-tray", &["--background"]);
    world.add_ada_and_role();

    let herd: Vec<Caller> = (0..CALLERS).map(|n| Caller::start(&world, n)).collect();
    wait::until("the whole herd", || {
        // Beside the callers there are the socket that listens and the popup.
        (sockets(&world) == CALLERS + 2).then_some(())
    })
    .unwrap();
    assert_eq!(world.aws.calls("GetSessionToken").unwrap(), 0);
    world.enter_code();

    let sessions: BTreeSet<String> = herd.into_iter().map(Caller::access_key_id).collect();
    assert_eq!(sessions.len(), 1, "{sessions:?}");
    assert_eq!(world.aws.calls("GetSessionToken").unwrap(), 1);
    assert_eq!(world.aws.calls("AssumeRole").unwrap(), 1);
}

/// A program that asks for the role's session.
struct Caller {
    process: Child,
    said: PathBuf,
}

impl Caller {
    fn start(world: &World, number: usize) -> Self {
        let said = world.desktop.home.path().join(format!("caller-{number}"));
        let file = File::create(&said).unwrap();
        // A session of its own has no terminal to ask on.
        let mut command = world.desktop.home.command("setsid");
        command
            .arg(programs().unwrap().join("daypass"))
            .args(["credentials", "prod"])
            .stdout(file.try_clone().unwrap())
            .stderr(file);
        Self {
            process: command.spawn().unwrap(),
            said,
        }
    }

    /// What it was served with.
    fn access_key_id(mut self) -> String {
        let status = self.process.wait().unwrap();
        let said = fs::read_to_string(&self.said).unwrap();
        assert!(status.success(), "{said}");
        let credentials: Value = serde_json::from_str(&said).unwrap();
        credentials["AccessKeyId"].as_str().unwrap().to_owned()
    }
}

/// How many sockets the agent has, those of clients that it has not looked at yet included.
fn sockets(world: &World) -> usize {
    let path = world.desktop.home.socket();
    let sockets = fs::read_to_string("/proc/net/unix").unwrap();
    let here = |line: &&str| line.ends_with(path.to_str().unwrap());
    sockets.lines().filter(here).count()
}
