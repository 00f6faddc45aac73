//! One question at a time on one terminal, however many commands run there.

use std::{
    fs::{File, OpenOptions},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use rustix::{
    fs::{FlockOperation, OFlags, flock},
    process::getsid,
};

/// The right to ask on this terminal, until dropped. The lock is not on `/dev/tty`, which is one
/// file for all terminals and users; a login session has one terminal, and a number.
pub(super) struct Turn {
    _lock: Option<File>,
}

impl Turn {
    /// Takes the turn; nothing if another command has it. Where no lock can be had, it is better
    /// that two ask than that none does.
    pub(super) fn take(runtime_dir: &Path) -> Option<Self> {
        let session = getsid(None).map_or(0, |session| session.as_raw_nonzero().get());
        // The file stays: one that is unlinked could be locked by two.
        let path = runtime_dir.join(format!("terminal-{session}.lock"));
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
