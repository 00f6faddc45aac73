//! Secrets: out of other users' reach, out of other programs' memory, and never where they can be
//! read later.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, chown},
    path::Path,
    process::{Command, Stdio},
};

use daypass_stage::{
    Parts, Process, Screen,
    aws::{ADA_SERIAL, secret_of},
    programs, run, wait,
};

use crate::world::World;

const NOBODY: u32 = 65_534;

/// T1: another user who reaches the socket gets no byte.
#[test]
fn t1_another_user_is_turned_away_without_a_byte() {
    let world = World::headless();
    let socket = world.desktop.home.socket();
    for folder in socket.ancestors().skip(1).take(3) {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
    }
    fs::set_permissions(&socket, fs::Permissions::from_mode(0o666)).unwrap();
    let ask = |who: &mut Command| {
        let script = "
import socket, struct, sys
s = socket.socket(socket.AF_UNIX); s.settimeout(20); s.connect(sys.argv[1])
body = b'{\"version\":1,\"request\":\"status\"}'
try:
    s.sendall(struct.pack('>I', len(body)) + body)
    print(len(s.recv(4096)))
except ConnectionError:
    print(0)
";
        let output = run(
            who.args(["/usr/bin/python3", "-c", script]).arg(&socket),
            "",
        )
        .unwrap();
        String::from_utf8(output.stdout)
            .unwrap()
            .trim()
            .parse::<usize>()
            .unwrap()
    };
    let mut stranger = Command::new("setpriv");
    stranger.args(["--reuid=65534", "--regid=65534", "--clear-groups"]);
    assert_eq!(ask(&mut stranger), 0);
    assert!(
        ask(&mut Command::new("env")) > 0,
        "our own user got nothing either"
    );
}

/// T4, T5: a program of the same user can't read the agent's memory, nor attach a debugger; the
/// popup, where portals have to work, is an ordinary process. As nobody, because root may do all.
#[test]
fn t4_t5_the_agent_is_closed_to_its_own_user_and_the_popup_is_not() {
    let world = World::without_agent(Parts {
        screen: Screen::Hidden,
        panel: false,
        keychain: false,
        notifications: false,
    });
    let home = world.desktop.home.path();
    for program in ["daypass-agent", "daypass-tray"] {
        fs::copy(programs().unwrap().join(program), home.join(program)).unwrap();
    }
    give_to_nobody(home);
    let as_nobody = |program: &Path| {
        let mut command = world.desktop.home.command("setpriv");
        command
            .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
            .arg(program);
        command
    };
    let mut start = as_nobody(&home.join("daypass-agent"));
    start.args(["--vault", "file"]).stdin(Stdio::piped());
    let mut agent = Process::start(&mut start).unwrap();
    std::io::Write::write_all(&mut agent.take_stdin().unwrap(), b"passphrase\n").unwrap();
    wait::until("the agent", || {
        world.desktop.home.socket().exists().then_some(())
    })
    .unwrap();
    let mut start = as_nobody(&home.join("daypass-tray"));
    let popup = Process::start(start.arg("popup").stderr(Stdio::null())).unwrap();
    world.desktop.window("Daypass").unwrap();

    let spy = "
import ctypes, sys
pid = int(sys.argv[1])
def readable(name):
    try:
        with open(f'/proc/{pid}/{name}', 'rb') as f:
            f.read(1)
        return True
    except OSError as e:
        return e.errno == 5
libc = ctypes.CDLL(None, use_errno=True)
attached = libc.ptrace(16, pid, 0, 0) == 0
print(attached, readable('environ'), readable('maps'), readable('mem'))
";
    let look = |process: &Process| {
        let mut command = as_nobody(Path::new("/usr/bin/python3"));
        let output = run(command.args(["-c", spy, &process.id().to_string()]), "").unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    assert_eq!(look(&agent), "False False False False");
    assert_eq!(look(&popup), "True True True True");
}

fn give_to_nobody(path: &Path) {
    chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            give_to_nobody(&entry.unwrap().path());
        }
    }
}

/// T13, T18: a run of everything at trace level leaves no secret in any log, file, argument,
/// notification or popup message.
#[test]
fn t13_t18_no_secret_is_left_behind() {
    let mut world = World::without_agent(Parts::ALL);
    let arguments = world.desktop.home.log("arguments");
    world
        .desktop
        .home
        .set_browser(&format!(
            "#!/bin/sh\necho \"$@\" >> {}\n",
            arguments.display()
        ))
        .unwrap();
    let bus = world.desktop.record_notifications().unwrap();
    world.start_agent("daypass-tray", &[]);
    let secret = secret_of("ada").unwrap();
    world.add_ada_and_role();
    let code = world.aws.code(ADA_SERIAL).unwrap();
    world.done_with(&["mfa", "work"], &code);
    let credentials: serde_json::Value =
        serde_json::from_str(&world.done(&["credentials", "prod"])).unwrap();
    let link = world.done(&["console", "prod", "--print"]);
    world.done(&["console", "prod"]);
    wait::until("the browser", || {
        fs::read_to_string(&arguments)
            .ok()
            .filter(|text| text.contains("http"))
    })
    .unwrap();
    // What fails must not say more than what works.
    let wrong = crate::world::key("AKIASANDBOXADA000001", &"CANARYcanary".repeat(4), &[]);
    world.fails(5, &["identity", "add", "other"], &wrong);
    world.fails(4, &["mfa", "work"], &code);
    world.fails(
        2,
        &["identity", "add", "other"],
        "{\"secret_access_key\": \"CANARYcanary",
    );

    let token = link.trim().rsplit_once("SigninToken=").unwrap().1;
    let text = |key: &str| credentials[key].as_str().unwrap().to_owned();
    let secrets = [
        secret,
        "CANARYcanary".to_owned(),
        text("SecretAccessKey"),
        text("SessionToken"),
        code,
        token.to_owned(),
        "SigninToken=".to_owned(),
    ];
    assert!(
        world.log("daypass-tray").contains("asked"),
        "nothing was logged at trace level"
    );
    assert!(fs::metadata(bus).unwrap().len() > 0);
    // What the popup and the tray are sent.
    let state = world.done(&["status", "--json"]);
    assert!(
        secrets.iter().all(|secret| !state.contains(secret)),
        "{state}"
    );
    // What is kept of it for later.
    let journal = world.done(&["log"]);
    for happened in [
        "added the identity work",
        "sent a code of work",
        "got a session of prod",
        "got a console link of prod",
        "opened the console of prod",
    ] {
        assert!(journal.contains(happened), "{happened}: {journal}");
    }
    assert_not_on_disk(&world, &secrets);
    assert_not_in_arguments(&secrets);
}

/// Searches every file of the home, the keychain's encrypted one too.
pub(crate) fn assert_not_on_disk(world: &World, secrets: &[String]) {
    for file in files(world.desktop.home.path()) {
        let Ok(bytes) = fs::read(&file) else { continue };
        for (index, secret) in secrets.iter().enumerate() {
            assert!(
                !contains(&bytes, secret),
                "secret {index} is in {}",
                file.display()
            );
        }
    }
}

fn assert_not_in_arguments(secrets: &[String]) {
    for process in fs::read_dir("/proc").unwrap().flatten() {
        let arguments = fs::read(process.path().join("cmdline")).unwrap_or_default();
        for secret in secrets {
            assert!(!contains(&arguments, secret), "a secret is an argument");
        }
    }
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .flat_map(|entry| match entry.file_type() {
            Ok(kind) if kind.is_dir() => files(&entry.path()),
            Ok(kind) if kind.is_file() => vec![entry.path()],
            _ => Vec::new(),
        })
        .collect()
}

/// T7: after a key was typed into the window, no process of the popup has it in its memory.
#[test]
fn t7_the_webview_that_saw_the_key_is_gone() {
    let world = World::tray();
    open_popup(&world);
    let secret = secret_of("ada").unwrap();
    world.desktop.focused("entry", "Name").unwrap();
    for text in ["work", daypass_stage::aws::ADA_KEY_ID, &secret, ADA_SERIAL] {
        world.desktop.type_text(text).unwrap();
        world.desktop.key("Tab").unwrap();
    }
    assert!(
        !holders(&secret).is_empty(),
        "the form was filled in, so its memory must hold the key"
    );
    world.desktop.key("Return").unwrap();
    world.desktop.in_popup("form", "Add a role").unwrap();
    assert_eq!(holders(&secret), Vec::<String>::new());
}

/// The webview processes that have a text in their memory.
fn holders(text: &str) -> Vec<String> {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    processes
        .filter(|process| {
            let name = fs::read_to_string(process.path().join("comm")).unwrap_or_default();
            name.starts_with("WebKitWebProces") && memory_contains(&process.path(), text)
        })
        .map(|process| process.file_name().to_string_lossy().into_owned())
        .collect()
}

fn memory_contains(process: &Path, text: &str) -> bool {
    use std::os::unix::fs::FileExt;

    let maps = fs::read_to_string(process.join("maps")).unwrap_or_default();
    let Ok(memory) = fs::File::open(process.join("mem")) else {
        return false;
    };
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    maps.lines()
        .filter(|line| line.contains(" rw"))
        .any(|line| {
            let range = line.split(' ').next().unwrap().split_once('-').unwrap();
            let [start, end] = [range.0, range.1].map(|hex| u64::from_str_radix(hex, 16).unwrap());
            // Reserved but never touched; too large to be a page's text.
            if end - start > 256 * 1024 * 1024 {
                return false;
            }
            let mut bytes = vec![0; usize::try_from(end - start).unwrap()];
            if memory.read_exact_at(&mut bytes, start).is_err() {
                return false;
            }
            contains(&bytes, text) || memchr::memmem::find(&bytes, &wide).is_some()
        })
}

fn contains(bytes: &[u8], text: &str) -> bool {
    memchr::memmem::find(bytes, text.as_bytes()).is_some()
}

/// Opens the popup through the tray's socket.
fn open_popup(world: &World) {
    let mut second = world.desktop.program_process("daypass-tray", &[]).unwrap();
    assert!(
        second.wait().unwrap().success(),
        "a second start shows the first one's window"
    );
    world.desktop.window("Daypass").unwrap();
}
