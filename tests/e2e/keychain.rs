//! A keychain that misbehaves: gnome-keyring that is killed, one that never answers, and none.

use std::{
    fs,
    io::Read,
    path::PathBuf,
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use daypass_agent::{
    ports::{VaultError, VaultItem},
    vault::{Keychain, Patience, VaultThread},
};
use daypass_core::{
    name::Name,
    secret::{AccessKey, Secret},
};
use daypass_stage::{
    Desktop, Parts, Process,
    aws::{ADA_KEY_ID, ADA_SERIAL, secret_of},
    wait,
};

use crate::{secrets::assert_not_on_disk, world::World};

const BARE: Parts = Parts {
    keychain: false,
    ..Parts::HEADLESS
};

/// R9: while the keychain hangs in a call, people are told, roles are served and the agent ends
/// when it is asked to. R10: when the keychain is back, the agent finds it.
#[test]
fn r9_r10_a_keychain_that_never_answers_holds_up_nothing_and_is_found_again() {
    let mut world = World::headless();
    world.add_ada_and_role();
    world.enter_code();
    world.done(&["credentials", "prod"]);

    let asked = world.desktop.silence_keychain().unwrap();
    let typing = type_code(&world);
    let calls = || fs::read_to_string(&asked).unwrap().lines().count();
    wait::until("the keychain to be asked", || (calls() > 1).then_some(())).unwrap();
    world.done(&["credentials", "prod"]);
    // Long before anybody gives up waiting for the keychain's own prompt.
    world.until("the locked keychain", |state| {
        state["vault"]["state"] == "locked"
    });
    world.done(&["credentials", "prod"]);
    drop(typing);

    world.desktop.kill_keychain().unwrap();
    world.desktop.start_keychain().unwrap();
    // The call that was cut off is made once more before the next code is taken.
    let code = world.aws.next_code(ADA_SERIAL).unwrap();
    wait::until("a code to be taken", || {
        let typed = world.daypass_with(&["mfa", "work"], &code);
        typed.status.success().then_some(())
    })
    .unwrap();
    world.until("the keychain", |state| state["vault"]["state"] == "ready");

    let asked = world.desktop.silence_keychain().unwrap();
    let _typing = type_code(&world);
    let calls = || fs::read_to_string(&asked).unwrap().lines().count();
    wait::until("the keychain to be asked", || (calls() > 1).then_some(())).unwrap();
    world.done(&["quit"]);
    // Which gives up long before the keychain's two minutes are over.
    assert!(world.agent_ends().success());
}

/// A code that needs the key; the command waits for as long as the keychain does.
fn type_code(world: &World) -> Process {
    let code = world.aws.next_code(ADA_SERIAL).unwrap();
    let program = daypass_stage::programs().unwrap().join("daypass");
    let mut command = world.desktop.home.lasting("setsid");
    command
        .arg("--wait")
        .arg(program)
        .args(["mfa", "work"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut process = Process::start(&mut command).unwrap();
    let mut stdin = process.take_stdin().unwrap();
    std::io::Write::write_all(&mut stdin, code.as_bytes()).unwrap();
    process
}

const KILLS: usize = 100;
/// After so many deaths the keychain is unlocked again; the bus brings it back locked.
const UNLOCK_EVERY: usize = 5;
const READER: &str = "DAYPASS_TEST_READER";

/// R10: killed in the middle of reads, the keychain costs those reads and nothing more.
#[test]
fn r10_a_keychain_killed_a_hundred_times_costs_only_the_reads_of_that_moment() {
    if let Some(folder) = std::env::var_os(READER) {
        return read_until_told(&PathBuf::from(folder));
    }
    let mut desktop = Desktop::start(Parts::HEADLESS).unwrap();
    let test =
        "keychain::r10_a_keychain_killed_a_hundred_times_costs_only_the_reads_of_that_moment";
    let log = fs::File::create(desktop.home.log("reader")).unwrap();
    let mut command = desktop.home.lasting(std::env::current_exe().unwrap());
    command
        .args([test, "--exact", "--nocapture"])
        .env(READER, desktop.home.path())
        .stdin(Stdio::piped())
        .stdout(log.try_clone().unwrap())
        .stderr(log);
    let mut reader = Process::start(&mut command).unwrap();
    let stdin = reader.take_stdin();
    wait::until("the first read", || {
        desktop.home.path().join("stored").exists().then_some(())
    })
    .unwrap();

    for kill in 0..KILLS {
        wait::until("the keychain", || desktop.kill_keychain().ok())
            .unwrap_or_else(|error| panic!("{error}, {kill}: {}", said(&desktop)));
        if kill % UNLOCK_EVERY == 0 {
            unlock_without(&reader, &mut desktop);
        }
    }
    unlock_without(&reader, &mut desktop);
    drop(stdin);
    let ended = reader.wait().unwrap();
    assert!(ended.success(), "{}", said(&desktop));
    let counts = fs::read_to_string(desktop.home.path().join("counts")).unwrap();
    assert!(!counts.contains(" 0"), "{counts}");
}

/// While the reader asks, the bus brings back a locked one.
fn unlock_without(reader: &Process, desktop: &mut Desktop) {
    reader.pause();
    desktop.start_keychain().unwrap();
    reader.resume();
}

fn said(desktop: &Desktop) -> String {
    fs::read_to_string(desktop.home.log("reader")).unwrap()
}

/// Stores a key, reads it again and again, four times at once, until standard input ends, and then
/// until it comes back.
fn read_until_told(folder: &std::path::Path) {
    let vault = VaultThread::start(Box::new(Keychain)).unwrap();
    let told = Arc::new(AtomicBool::new(false));
    let listener = Arc::clone(&told);
    thread::spawn(move || {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        listener.store(true, Ordering::Release);
    });
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let (mut came, mut failed) = (0, 0);
    runtime.block_on(async {
        let name = Name::parse("work").unwrap();
        vault.write(name.clone(), item()).await.unwrap();
        fs::write(folder.join("stored"), "").unwrap();
        loop {
            let last = told.load(Ordering::Acquire);
            let read = || vault.read(name.clone(), Patience::Short);
            let (a, b, c, d) = tokio::join!(read(), read(), read(), read());
            for result in [a, b, c, d] {
                match result {
                    Ok(Some(found)) => {
                        assert_eq!(found.key.secret.expose(), item().key.secret.expose());
                        came += 1;
                        if last {
                            return;
                        }
                    }
                    Ok(None) => panic!("the key was said not to be there"),
                    Err(VaultError::Locked | VaultError::Missing | VaultError::Failed(_)) => {
                        failed += 1;
                    }
                }
            }
        }
    });
    fs::write(
        folder.join("counts"),
        format!("came {came}, failed {failed}"),
    )
    .unwrap();
}

fn item() -> VaultItem {
    VaultItem {
        key: AccessKey::parse(ADA_KEY_ID, Secret::new(secret_of("ada").unwrap())).unwrap(),
        mfa_serials: Vec::new(),
        user_arn: String::new(),
        created_at: None,
        rotation: None,
    }
}

/// R11, T25: without a bus there is no keychain. That is said; what needs none works, and no key is
/// kept.
#[test]
fn r11_t25_without_a_bus_the_agent_works_from_memory_and_keeps_no_key() {
    let mut world = World::without_agent(BARE);
    let secret = secret_of("bob").unwrap();
    let home = &mut world.desktop.home;
    home.unset("DBUS_SESSION_BUS_ADDRESS");
    home.set("AWS_ACCESS_KEY_ID", "AKIASANDBOXBOB000001");
    home.set("AWS_SECRET_ACCESS_KEY", secret.clone());
    world.start_agent("daypass-agent", &[]);
    let state = world.until("the missing keychain", |state| {
        state["vault"]["state"] == "missing"
    });
    let todo = state["vault"]["todo"].as_str().unwrap();
    assert!(todo.contains("--vault file"), "{todo}");
    let said = world.fails(6, &["identity", "add", "work"], &crate::world::ada());
    assert!(
        said.contains("no keychain") && said.contains("--vault file"),
        "{said}"
    );

    world.done(&["identity", "add", "here", "--ambient"]);
    let arn = "arn:aws:iam::111122223333:role/NoMfa";
    world.done(&["role", "add", "prod", "--arn", arn, "--identity", "here"]);
    world.done(&["credentials", "prod"]);
    assert_not_on_disk(&world, &[secret_of("ada").unwrap(), secret]);
}
