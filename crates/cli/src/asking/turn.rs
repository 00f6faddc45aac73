//! One question at a time on one terminal, however many commands run there; and one start of the
//! agent.

use std::{
    fs::{self, File, OpenOptions},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use rustix::fs::{FlockOperation, OFlags, flock};

/// The right to do what one command at a time may, until dropped; the kernel ends it with the
/// process.
pub(crate) struct Turn {
    _lock: Option<File>,
}

impl Turn {
    /// Takes the turn to ask on this terminal. The lock is not on `/dev/tty`, which is one file for
    /// all terminals and users.
    pub(super) fn take(runtime_dir: &Path) -> Option<Self> {
        let terminal = terminal().unwrap_or_default();
        Self::of_file(&runtime_dir.join(format!("terminal-{terminal}.lock")))
    }

    /// Takes the turn of a file; nothing if another command has it. Where no lock can be had, it is
    /// better that two go on than that none does.
    pub(crate) fn of_file(path: &Path) -> Option<Self> {
        // The file stays: one that is unlinked could be locked by two.
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .custom_flags(OFlags::NOFOLLOW.bits().cast_signed())
            .open(path)
            .ok();
        if let Some(file) = &file
            && flock(file, FlockOperation::NonBlockingLockExclusive).is_err()
        {
            return None;
        }
        Some(Self { _lock: file })
    }
}

/// The device number of this process's terminal, 0 for none: the fifth field after the name in
/// proc(5)'s `stat`. The number of its login session will not do, which is 0 for everyone whose
/// session leader is outside of the container.
fn terminal() -> Option<i32> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    let (_, fields) = stat.rsplit_once(')')?;
    fields.split_whitespace().nth(4)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_asks_and_the_next_one_after_it() {
        let folder = tempfile::tempdir().unwrap();
        let first = Turn::take(folder.path()).unwrap();
        assert!(Turn::take(folder.path()).is_none());
        drop(first);
        assert!(Turn::take(folder.path()).is_some());
    }

    #[test]
    fn where_no_lock_can_be_had_the_question_is_asked() {
        assert!(Turn::take(Path::new("/proc/nowhere")).is_some());
    }
}
