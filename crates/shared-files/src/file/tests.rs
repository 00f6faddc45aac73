use std::{
    cell::RefCell,
    fs,
    os::unix::{
        fs::{FileTypeExt, PermissionsExt, symlink},
        process::ExitStatusExt,
    },
    path::PathBuf,
    process::{Command, ExitStatus},
    rc::Rc,
};

use rustix::{
    fs::{CWD, mkfifoat},
    process::{Signal, getpid, kill_process},
};

use super::{steps::watch, *};

const OLD: &str = "[default]\nregion = eu-west-1\n";
const NEW: &str = "[default]\nregion = eu-west-1\n# ours\n";

/// Our edit: a line at the end, once.
fn ours(text: &str) -> Result<Option<Zeroizing<String>>, Problem> {
    Ok((!text.contains("# ours")).then(|| Zeroizing::new(format!("{text}# ours\n"))))
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn t9_what_is_no_text_file_is_refused_at_once() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    mkfifoat(CWD, at("fifo"), Mode::RUSR | Mode::WUSR).unwrap();
    let sparse = fs::File::create(at("sparse")).unwrap();
    sparse.set_len(1 << 30).unwrap();
    fs::write(at("latin-1"), b"[default]\nname = J\xfcrgen\n").unwrap();
    symlink(at("loop"), at("loop")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(at("socket")).unwrap();
    for (path, word) in [
        (at("fifo"), "regular"),
        (PathBuf::from("/dev/zero"), "regular"),
        (folder.path().to_owned(), "regular"),
        (at("sparse"), "16 MiB"),
        (at("latin-1"), "UTF-8"),
        (at("loop"), "symbolic links"),
        (at("socket"), "can't be read"),
        (at("latin-1").join("below"), "Not a directory"),
    ] {
        let problem = read(&path).map(drop).unwrap_err();
        assert!(problem.what.contains(word), "{problem}");
        assert!(!problem.to_string().contains("os error"), "{problem}");
        assert!(edit(&path, ours).is_err());
    }
    assert!(read(&at("none")).unwrap().is_none());
    assert!(fs::metadata(at("fifo")).unwrap().file_type().is_fifo());
}

/// What grows while it is read, as files in /proc do, ends at the limit too.
#[test]
fn t9_a_file_without_a_length_is_read_whole() {
    let status = read(Path::new("/proc/self/status")).unwrap().unwrap();
    assert!(status.contains("VmPeak"), "{}", &**status);
}

#[test]
fn t12_a_file_is_this_users_alone_afterwards() {
    let folder = folder();
    let path = folder.path().join("new/aws/config");
    assert_eq!(
        edit(&path, ours).unwrap(),
        Outcome::Written {
            was_readable: false
        }
    );
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    assert_eq!(mode(&folder.path().join("new")), 0o700);
    for (before, after) in [
        (0o644, 0o600),
        (0o664, 0o600),
        (0o755, 0o700),
        (0o600, 0o600),
    ] {
        fs::write(&path, OLD).unwrap();
        set_mode(&path, before);
        let was_readable = before & 0o077 != 0;
        assert_eq!(
            edit(&path, ours).unwrap(),
            Outcome::Written { was_readable }
        );
        assert_eq!(mode(&path), after, "{before:o}");
    }
    assert_eq!(edit(&path, ours).unwrap(), Outcome::Same);
}

#[test]
fn t12_the_umask_does_not_open_it() {
    let folder = folder();
    let path = folder.path().join("aws/config");
    assert!(in_shell("umask 000", &path, "").success());
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    assert_eq!(mode(&path.with_file_name(".daypass.lock")), 0o600);
}

#[test]
fn t11_a_link_stays_a_link() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("dotfiles")).unwrap();
    fs::write(at("dotfiles/config"), OLD).unwrap();
    symlink("dotfiles/config", at("relative")).unwrap();
    symlink(at("relative"), at("twice")).unwrap();
    symlink(at("dotfiles"), at("folder")).unwrap();
    for link in ["relative", "twice", "folder/config"] {
        fs::write(at("dotfiles/config"), OLD).unwrap();
        edit(&at(link), ours).unwrap();
        assert_eq!(
            fs::read_to_string(at("dotfiles/config")).unwrap(),
            NEW,
            "{link}"
        );
    }
    symlink("dotfiles/later", at("dangling")).unwrap();
    edit(&at("dangling"), ours).unwrap();
    assert_eq!(
        fs::read_to_string(at("dotfiles/later")).unwrap(),
        "# ours\n"
    );
    for link in ["relative", "twice", "folder", "dangling"] {
        assert!(
            fs::symlink_metadata(at(link)).unwrap().is_symlink(),
            "{link}"
        );
    }
    assert_eq!(names(&at("dotfiles")), [".daypass.lock", "config", "later"]);
}

#[test]
fn t11_what_others_can_write_is_refused() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("open")).unwrap();
    fs::write(at("open/config"), OLD).unwrap();
    set_mode(&at("open"), 0o777);
    symlink("open/config", at("to-open")).unwrap();
    fs::write(at("config"), OLD).unwrap();
    symlink(at("config"), at("open/link")).unwrap();
    fs::write(at("read-only"), OLD).unwrap();
    set_mode(&at("read-only"), 0o400);
    for (name, word) in [
        ("open/config", "everybody"),
        ("to-open", "everybody"),
        ("open/link", "others can change"),
        ("read-only", "read-only"),
    ] {
        let problem = edit(&at(name), ours).unwrap_err();
        assert!(problem.what.contains(word), "{name}: {problem}");
        assert!(problem.what.ends_with("It is as it was."), "{problem}");
        assert_eq!(fs::read_to_string(at(name)).unwrap(), OLD);
    }
    assert_eq!(names(&at("open")), ["config", "link"]);
    // Nothing to change, nothing to complain of.
    fs::write(at("open/config"), NEW).unwrap();
    assert_eq!(edit(&at("open/config"), ours).unwrap(), Outcome::Same);
}

/// Only root can give a folder away.
#[test]
fn t11_somebody_elses_folder_is_refused() {
    let folder = folder();
    let path = folder.path().join("config");
    fs::write(&path, OLD).unwrap();
    if !rustix::process::geteuid().is_root() {
        // The system's own folder is one.
        assert!(edit(Path::new("/etc/daypass-test"), ours).is_err());
        return;
    }
    std::os::unix::fs::chown(&path, Some(65_534), None).unwrap();
    let problem = edit(&path, ours).unwrap_err();
    assert!(
        problem.what.contains("it belongs to another user"),
        "{problem}"
    );
    std::os::unix::fs::chown(folder.path(), Some(65_534), None).unwrap();
    let problem = edit(&path, ours).unwrap_err();
    assert!(problem.what.contains("its folder belongs"), "{problem}");
    assert_eq!(fs::read_to_string(&path).unwrap(), OLD);
}

/// An attacker flips the link as fast as it goes; whatever the edits say, the victim's file, which
/// lies in a folder that others can write to, stays as it was.
#[test]
fn t11_a_flipping_link_leads_no_write_outside() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    for name in ["mine", "victim"] {
        fs::create_dir(at(name)).unwrap();
        fs::write(at(name).join("config"), OLD).unwrap();
    }
    set_mode(&at("victim"), 0o777);
    symlink("mine/config", at("link")).unwrap();
    let stop = std::sync::atomic::AtomicBool::new(false);
    let (mut done, mut refused) = (0, 0);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let targets = [
                "victim/config",
                "mine/config",
                "victim",
                "mine/../victim/config",
            ];
            for target in targets.iter().cycle() {
                symlink(target, at("next")).unwrap();
                fs::rename(at("next"), at("link")).unwrap();
                if stop.load(std::sync::atomic::Ordering::Relaxed) {
                    return;
                }
            }
        });
        let mut number = 0;
        while done + refused < 10_000 || done == 0 || refused == 0 {
            number += 1;
            let line = Zeroizing::new(format!("{OLD}# {number}\n"));
            match edit(&at("link"), |_| Ok(Some(line.clone()))) {
                Ok(_) => done += 1,
                Err(_) => refused += 1,
            }
        }
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
    });
    assert_eq!(fs::read_to_string(at("victim/config")).unwrap(), OLD);
    assert_eq!(names(&at("victim")), ["config"]);
    assert!(
        fs::read_to_string(at("mine/config"))
            .unwrap()
            .starts_with(OLD)
    );
}

#[test]
fn t11_p6_killed_at_any_step_the_file_is_old_or_new() {
    for old in [Some(OLD), None] {
        let (mut step, mut olds, mut news) = (0, 0, 0);
        loop {
            step += 1;
            let folder = folder();
            let path = folder.path().join("aws/config");
            if let Some(old) = old {
                fs::create_dir(folder.path().join("aws")).unwrap();
                fs::write(&path, old).unwrap();
            }
            let ended = in_shell("true", &path, &step.to_string());
            let now = fs::read_to_string(&path).ok();
            let new = if old.is_some() { NEW } else { "# ours\n" };
            if ended.success() {
                assert_eq!(now.as_deref(), Some(new));
                break;
            }
            assert_eq!(ended.signal(), Some(Signal::KILL.as_raw()), "step {step}");
            if now.as_deref() == Some(new) {
                news += 1;
            } else {
                assert_eq!(now.as_deref(), old, "step {step}");
                olds += 1;
            }
            // What the dead one left is in nobody's way.
            edit(&path, ours).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), new);
            if news == 0 {
                assert_eq!(names(path.parent().unwrap()), [".daypass.lock", "config"]);
            }
        }
        assert!(
            olds >= 6 && news >= 2,
            "died {olds} times before, {news} times after"
        );
    }
}

#[test]
fn t11_r23_a_limit_on_the_size_leaves_the_old_file() {
    for (setup, killed) in [("ulimit -f 1", true), ("trap '' XFSZ; ulimit -f 1", false)] {
        let folder = folder();
        let path = folder.path().join("config");
        let old = format!("{OLD}{}", "# long\n".repeat(1_000));
        fs::write(&path, &old).unwrap();
        let ended = in_shell(setup, &path, "");
        assert!(!ended.success());
        assert_eq!(
            ended.signal() == Some(Signal::XFSZ.as_raw()),
            killed,
            "{ended}"
        );
        assert_eq!(fs::read_to_string(&path).unwrap(), old);
        if !killed {
            assert_eq!(names(folder.path()), [".daypass.lock", "config"]);
        }
    }
}

/// On a disk of 64 KiB, in a mount namespace of its own.
#[test]
#[expect(clippy::print_stderr, reason = "says why it proves nothing here")]
fn r23_a_full_and_a_read_only_disk_leave_the_old_file() {
    let folder = folder();
    let mount = |flags: &str| {
        let script = format!(
            "mount -t tmpfs -o size=64k,mode=700 none '{0}' && exec \"$0\" --exact file::tests::child_on_a_small_disk --ignored --nocapture",
            folder.path().display()
        );
        Command::new("unshare")
            .args([flags, "sh", "-c", &script])
            .arg(std::env::current_exe().unwrap())
            .env("CHILD_PATH", folder.path().join("config"))
            .output()
            .unwrap()
    };
    let outputs = [mount("-m"), mount("-rm")];
    let tested = outputs.iter().find(|output| {
        let said = String::from_utf8_lossy(&output.stdout);
        said.contains("running 1 test")
    });
    // Some machines give mounts to nobody; then the limit on the size above has to do.
    let Some(tested) = tested else {
        eprintln!("no mount namespaces here: {outputs:?}");
        return;
    };
    assert!(tested.status.success(), "{tested:?}");
}

#[test]
#[ignore = "r23_a_full_and_a_read_only_disk_leave_the_old_file runs it on a disk of its own"]
fn child_on_a_small_disk() {
    let path = PathBuf::from(std::env::var_os("CHILD_PATH").unwrap());
    fs::write(&path, OLD).unwrap();
    let fill = path.with_file_name("fill");
    assert!(
        fs::write(&fill, vec![0; 1 << 20]).is_err(),
        "the disk is not small"
    );
    let problem = edit(&path, ours).unwrap_err();
    assert!(problem.what.contains("No space left"), "{problem}");
    assert!(problem.todo.contains("Free some space"), "{problem}");
    assert_eq!(fs::read_to_string(&path).unwrap(), OLD);
    fs::remove_file(fill).unwrap();
    fs::remove_file(path.with_file_name(".daypass.lock")).ok();

    let remount = Command::new("mount")
        .args(["-o", "remount,ro"])
        .arg(path.parent().unwrap())
        .status();
    assert!(remount.unwrap().success());
    let problem = edit(&path, ours).unwrap_err();
    assert!(problem.what.contains("Read-only file system"), "{problem}");
    assert!(problem.todo.contains("writable"), "{problem}");
    assert_eq!(fs::read_to_string(&path).unwrap(), OLD);
    assert_eq!(names(path.parent().unwrap()), ["config"]);
    assert_eq!(edit(&path, |_| Ok(None)).unwrap(), Outcome::Same);
}

/// Edits a file in another process, which dies at the step in `DIE_AT`.
#[test]
#[ignore = "the child of other tests"]
fn child() {
    let path = PathBuf::from(std::env::var_os("CHILD_PATH").unwrap());
    let deadly = std::env::var("DIE_AT").ok().and_then(|n| n.parse().ok());
    let mut taken = 0;
    watch(move || {
        taken += 1;
        if Some(taken) == deadly {
            kill_process(getpid(), Signal::KILL).unwrap();
        }
    });
    match std::env::var_os("CHILD_REPLACES") {
        Some(_) => replace(&path, REPLACED).unwrap(),
        None => drop(edit(&path, ours).unwrap()),
    }
}

/// What no text is, so that it is not read as one.
const REPLACED: &[u8] = b"\xff\0sealed";

#[test]
fn r17_a_file_of_ours_is_old_or_new_wherever_it_is_killed() {
    for old in [Some(&b"\xffold"[..]), None] {
        let (mut step, mut olds, mut news) = (0, 0, 0);
        loop {
            step += 1;
            let folder = folder();
            let path = folder.path().join("state/file");
            if let Some(old) = old {
                fs::create_dir(folder.path().join("state")).unwrap();
                fs::write(&path, old).unwrap();
            }
            let ended = in_shell("export CHILD_REPLACES=1", &path, &step.to_string());
            let now = fs::read(&path).ok();
            match now.as_deref() {
                Some(REPLACED) => news += 1,
                now => {
                    assert_eq!(now, old, "step {step}");
                    olds += 1;
                }
            }
            // What the dead one left is in nobody's way.
            replace(&path, REPLACED).unwrap();
            assert_eq!(fs::read(&path).unwrap(), REPLACED);
            assert_eq!(names(path.parent().unwrap()), [".daypass.lock", "file"]);
            if ended.success() {
                break;
            }
            assert_eq!(ended.signal(), Some(Signal::KILL.as_raw()), "step {step}");
        }
        assert!(
            olds >= 5 && news >= 2,
            "died {olds} times before, {news} times after"
        );
    }
}

#[test]
fn t12_a_file_of_ours_is_nobody_elses_to_read() {
    let folder = folder();
    let path = folder.path().join("state/file");
    replace(&path, b"1").unwrap();
    set_mode(&path, 0o644);
    replace(&path, b"2").unwrap();
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    set_mode(path.parent().unwrap(), 0o777);
    assert!(replace(&path, b"3").is_err());
    assert_eq!(fs::read(&path).unwrap(), b"2");
}

fn in_shell(setup: &str, path: &Path, die_at: &str) -> ExitStatus {
    let run = "exec \"$0\" --exact file::tests::child --ignored --nocapture >&2";
    let output = Command::new("sh")
        .args(["-c", &format!("{setup}; {run}")])
        .arg(std::env::current_exe().unwrap())
        .env("CHILD_PATH", path)
        .env("DIE_AT", die_at)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("running 1 test"), "{said}");
    output.status
}

/// How others write the file: what they add, and how.
#[derive(Debug, Clone, Copy)]
enum Foreign {
    /// As the AWS CLI: emptied at one step, written at a later one.
    InPlace,
    /// As vim: another file in its place.
    Renamed,
    /// Taken away.
    Removed,
}

/// At every step of ours somebody else writes, at each later one ends: both changes are there.
#[test]
fn r14_whoever_writes_in_between_loses_nothing() {
    for foreign in [Foreign::InPlace, Foreign::Renamed, Foreign::Removed] {
        for begins in 1.. {
            let (steps, _) = between(foreign, begins, begins);
            if steps < begins {
                assert!(begins > 8, "too few steps to prove anything");
                break;
            }
            for ends in begins..begins + 4 {
                let (_, text) = between(foreign, begins, ends);
                let theirs = match foreign {
                    Foreign::Removed => !text.contains("region"),
                    _ => text.contains("[theirs]"),
                };
                assert!(theirs, "{foreign:?} from {begins} to {ends}: {text}");
                assert!(
                    text.contains("# ours"),
                    "{foreign:?} from {begins} to {ends}: {text}"
                );
            }
        }
    }
}

/// Runs an edit and, once it is through, another one as the next command would. Counts the steps.
fn between(foreign: Foreign, begins: usize, ends: usize) -> (usize, String) {
    let folder = folder();
    let path = folder.path().join("config");
    fs::write(&path, OLD).unwrap();
    let taken = Rc::new(RefCell::new(0));
    let writer = Rc::new(RefCell::new(None));
    let (counter, theirs, at) = (Rc::clone(&taken), Rc::clone(&writer), path.clone());
    watch(move || {
        *counter.borrow_mut() += 1;
        let now = *counter.borrow();
        if now == begins {
            theirs.replace(Some(begin(foreign, &at)));
        }
        if now == ends {
            end(foreign, &at, theirs.take());
        }
    });
    edit(&path, ours).unwrap();
    let steps = *taken.borrow();
    watch(|| {});
    // Who is slower than our edit ends before the next one.
    end(foreign, &path, writer.take());
    edit(&path, ours).unwrap();
    (steps, fs::read_to_string(&path).unwrap())
}

/// A file that is being written, and what goes into it.
type Writing = Option<(fs::File, String)>;

fn begin(foreign: Foreign, path: &Path) -> Writing {
    let text = fs::read_to_string(path).unwrap_or_default() + "[theirs]\nx = 1\n";
    match foreign {
        Foreign::InPlace => Some((fs::File::create(path).unwrap(), text)),
        Foreign::Renamed => Some((fs::File::create(path.with_extension("swp")).unwrap(), text)),
        Foreign::Removed => None,
    }
}

fn end(foreign: Foreign, path: &Path, writing: Option<Writing>) {
    use std::io::Write;
    let Some(writing) = writing else { return };
    if let Some((mut file, text)) = writing {
        file.write_all(text.as_bytes()).unwrap();
    }
    match foreign {
        Foreign::InPlace => {}
        Foreign::Renamed => fs::rename(path.with_extension("swp"), path).unwrap(),
        Foreign::Removed => fs::remove_file(path).unwrap_or_default(),
    }
}

#[test]
fn two_of_us_take_turns() {
    let folder = folder();
    let path = folder.path().join("config");
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let path = &path;
            scope.spawn(move || {
                for number in 0..50 {
                    let add = |text: &str| {
                        Ok(Some(Zeroizing::new(format!("{text}# {writer} {number}\n"))))
                    };
                    edit(path, add).unwrap();
                }
            });
        }
    });
    assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 200);
}

#[test]
fn an_edit_that_fails_leaves_nothing() {
    let folder = folder();
    let path = folder.path().join("config");
    fs::write(&path, OLD).unwrap();
    assert!(edit(&path, |_| Err(Problem::usage("no"))).is_err());
    let long = Zeroizing::new("#".repeat(17 << 20));
    let problem = edit(&path, |_| Ok(Some(long.clone()))).unwrap_err();
    assert!(problem.what.contains("longer than 16 MiB"), "{problem}");
    assert_eq!(fs::read_to_string(&path).unwrap(), OLD);
}
