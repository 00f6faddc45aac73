//! Which program is on the other end of the socket, as the kernel tells it (T22).
//!
//! The client itself is always `daypass`; the one that asks is the program that started it, with
//! or without a shell in between.

use std::{ffi::OsStr, fs, path::Path, sync::LazyLock};

use daypass_core::problem::one_line;
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::{Pid, PidfdFlags, pidfd_open},
};
use tokio::net::UnixStream;

use crate::controller::Caller;

/// SDKs start `daypass` directly or through `sh -c`; nobody nests deeper than this.
const MAX_ANCESTORS: usize = 6;
const OURS: &str = "daypass";
/// What the kernel appends where an upgrade has replaced the file.
const DELETED: &str = " (deleted)";
const SHELLS: [&str; 6] = ["sh", "bash", "dash", "zsh", "fish", "busybox"];

/// Whether it is this same program, which is the popup: a person's clicks.
pub(crate) fn is_popup(caller: &Caller) -> bool {
    static OWN: LazyLock<Option<String>> = LazyLock::new(|| {
        let own = std::env::current_exe().ok()?;
        Some(one_line(&own.display().to_string()))
    });
    OWN.as_deref() == Some(caller.path.as_str())
}

/// The program behind a connection; nothing where the kernel does not tell.
pub(crate) fn of(stream: &UnixStream) -> Option<Caller> {
    let pid = Pid::from_raw(stream.peer_cred().ok()?.pid()?)?;
    // Its number can't become another program's while this process is alive.
    let client = pidfd_open(pid, PidfdFlags::empty()).ok()?;
    let caller = program_behind(pid)?;
    let mut ended = [PollFd::new(&client, PollFlags::IN)];
    let alive = poll(&mut ended, Some(&Timespec::default())) == Ok(0);
    alive.then_some(caller)
}

fn program_behind(client: Pid) -> Option<Caller> {
    let mut pid = client;
    let mut shell = None;
    for _ in 0..MAX_ANCESTORS {
        let path = fs::read_link(format!("/proc/{}/exe", pid.as_raw_nonzero()));
        let file = path.as_deref().ok().and_then(Path::file_name);
        match (&path, file.and_then(OsStr::to_str)) {
            (Ok(path), Some(file)) if SHELLS.contains(&file) => {
                shell = shell.or_else(|| named(pid, path));
            }
            (Ok(path), Some(file)) if file.strip_suffix(DELETED).unwrap_or(file) != OURS => {
                return named(pid, path);
            }
            // The process behind `daypass exec --server` is hardened, and shows nobody its file.
            _ => {}
        }
        match parent(pid) {
            Some(above) if above != Pid::INIT => pid = above,
            _ => break,
        }
    }
    shell
}

/// The name is the one of the script or program that was started, which a program may change; the
/// path is not in its hands.
fn named(pid: Pid, path: &Path) -> Option<Caller> {
    let name = fs::read_to_string(format!("/proc/{}/comm", pid.as_raw_nonzero())).ok()?;
    Some(Caller {
        name: one_line(name.trim()),
        path: one_line(&path.display().to_string()),
    })
}

/// The name in `stat` may hold blanks and brackets; the fields after its last bracket do not.
fn parent(pid: Pid) -> Option<Pid> {
    let stat = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).ok()?;
    let (_, fields) = stat.rsplit_once(')')?;
    Pid::from_raw(fields.split_whitespace().nth(1)?.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// T22: what is shown is the file that the kernel runs, and not what a program says of itself.
    #[tokio::test]
    async fn t22_the_caller_is_the_running_file() {
        let (near, far) = UnixStream::pair().unwrap();
        let caller = of(&near).unwrap();
        let own = std::env::current_exe().unwrap();
        assert_eq!(caller.path, own.display().to_string());
        drop(far);
    }
}
