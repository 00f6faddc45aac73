//! Sessions across the end of the agent, and what a lock leaves of them.

use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf};

use daypass_stage::{programs, run, wait};
use serde_json::Value;

use crate::{cli::TERMINAL, secrets::assert_not_on_disk, world::World};

fn sealed_file(world: &World) -> PathBuf {
    world
        .desktop
        .home
        .path()
        .join("state/daypass/sessions.sealed")
}

/// The file's length once it is longer than that: it was saved since.
fn saved(world: &World, longer_than: u64) -> u64 {
    wait::until("the sessions to be saved", || {
        let length = fs::metadata(sealed_file(world)).ok()?.len();
        (length > longer_than).then_some(length)
    })
    .unwrap()
}

fn credentials(world: &World) -> Value {
    serde_json::from_str(&world.done(&["credentials", "prod"])).unwrap()
}

/// R17: killed, asked to end by a signal, or quit: the next agent serves the same session without a
/// code and without a call, and the file between the two is sealed and private.
#[test]
fn r17_t18_sessions_outlive_the_agent_sealed() {
    let mut world = World::headless();
    world.add_ada_and_role();
    world.enter_code();
    let with_mfa = saved(&world, 0);
    let first = credentials(&world);
    saved(&world, with_mfa);
    let calls = |world: &World| {
        let count = |op| world.aws.calls(op).unwrap();
        (count("GetSessionToken"), count("AssumeRole"))
    };
    let before = calls(&world);

    world.kill_agent();
    world.start_agent("daypass-agent", &[]);
    assert_eq!(credentials(&world), first);
    world.stop_agent();
    world.start_agent("daypass-agent", &[]);
    assert_eq!(credentials(&world), first);
    world.done(&["quit"]);
    world.stop_agent();
    world.start_agent("daypass-agent", &[]);
    assert_eq!(credentials(&world), first);
    assert_eq!(calls(&world), before);

    let mode = fs::metadata(sealed_file(&world)).unwrap().permissions();
    assert_eq!(mode.mode() & 0o777, 0o600);
    let text = |key: &str| first[key].as_str().unwrap().to_owned();
    assert_not_on_disk(&world, &[text("SecretAccessKey"), text("SessionToken")]);
}

/// R17: a file that is none any more costs a code, and is put aside.
#[test]
fn r17_a_damaged_file_costs_a_code() {
    let mut world = World::headless();
    world.add_ada_and_role();
    world.enter_code();
    let length = saved(&world, 0);
    world.stop_agent();
    let file = fs::File::options()
        .write(true)
        .open(sealed_file(&world))
        .unwrap();
    file.set_len(length / 2).unwrap();
    world.start_agent("daypass-agent", &[]);
    world.fails(4, &["credentials", "prod"], "");
    let state = world.until("the notice", |state| {
        !state["notices"].as_array().unwrap().is_empty()
    });
    let told = state["notices"][0]["problem"].to_string();
    assert!(told.contains("damaged"), "{told}");
    let aside = sealed_file(&world).with_extension("sealed.corrupt-1");
    assert_eq!(fs::metadata(aside).unwrap().len(), length / 2);
}

/// T20: a lock leaves no session in memory or on disk, and programs do not undo it.
#[test]
fn t20_a_lock_lasts_until_a_person_unlocks() {
    let mut world = World::headless();
    world.add_ada_and_role();
    world.enter_code();
    saved(&world, 0);
    world.done(&["lock"]);
    wait::until("the file to be deleted", || {
        (!sealed_file(&world).exists()).then_some(())
    })
    .unwrap();
    let said = world.fails(4, &["credentials", "prod"], "");
    assert!(
        said.contains("Run `daypass unlock` in a terminal"),
        "{said}"
    );
    assert!(world.done(&["status"]).starts_with("Daypass is locked."));
    world.fails(2, &["unlock"], "");
    assert_eq!(world.state()["locked"], true);

    let daypass = programs().unwrap().join("daypass");
    let mut command = world.desktop.home.command("python3");
    command.arg("-c").arg(TERMINAL).arg(&daypass).arg("unlock");
    assert_eq!(run(&mut command, "").unwrap().stdout, b"");
    assert_eq!(world.state()["locked"], false);
    let said = world.fails(4, &["credentials", "prod"], "");
    assert!(!said.contains("unlock"), "{said}");
    // Nor is there a session after a restart, whatever else was worth keeping.
    world.stop_agent();
    world.start_agent("daypass-agent", &[]);
    world.fails(4, &["credentials", "prod"], "");
}
