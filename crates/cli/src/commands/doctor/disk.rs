//! Whether there is room to keep something.

use std::path::Path;

use daypass_core::finding::Finding;
use rustix::fs::{StatVfs, StatVfsMountFlags, statvfs};

const ABOUT: &str = "disk";
const MIB: u64 = 1024 * 1024;
/// What Daypass keeps is some hundred KiB at most.
const ENOUGH: u64 = 20 * MIB;
const TOO_LITTLE: u64 = MIB;

/// The disk that the state folder is on, or will be.
pub(super) fn finding(state_dir: &Path) -> Finding {
    let there = state_dir.ancestors().find(|folder| folder.exists());
    let Some(disk) = there.and_then(|folder| statvfs(folder).ok()) else {
        return Finding::attention(ABOUT, "How full the disk is could not be found out.", "");
    };
    judge(&disk)
}

fn judge(disk: &StatVfs) -> Finding {
    if disk.f_flag.contains(StatVfsMountFlags::RDONLY) {
        return Finding::broken(
            ABOUT,
            "The disk with Daypass's state folder is read-only.",
            "Make it writable. Until then Daypass works from memory and keeps nothing.",
        );
    }
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    // Some file systems have no fixed number of files, and say zero of zero.
    let is_out_of_files = disk.f_files > 0 && disk.f_favail == 0;
    let todo = "Free some space. What Daypass cannot write stays as it was.";
    if free < TOO_LITTLE || is_out_of_files {
        return Finding::broken(ABOUT, "The disk with Daypass's state folder is full.", todo);
    }
    let what = format!("{} MiB are free where Daypass keeps its state.", free / MIB);
    if free < ENOUGH {
        return Finding::attention(ABOUT, what, todo);
    }
    Finding::ok(ABOUT, what)
}

#[cfg(test)]
mod tests {
    use daypass_core::finding::Health;

    use super::*;

    fn disk(free: u64, files: u64, flags: StatVfsMountFlags) -> StatVfs {
        StatVfs {
            f_bsize: 4_096,
            f_frsize: 4_096,
            f_blocks: 1 << 30,
            f_bfree: free / 4_096,
            f_bavail: free / 4_096,
            f_files: files,
            f_ffree: files.min(1),
            f_favail: files.saturating_sub(1),
            f_fsid: 0,
            f_flag: flags,
            f_namemax: 255,
        }
    }

    #[test]
    fn r23_a_full_or_read_only_disk_is_found() {
        let none = StatVfsMountFlags::empty();
        for (disk, state) in [
            (disk(1 << 30, 0, none), Health::Ok),
            (disk(1 << 30, 9, none), Health::Ok),
            (disk(10 * MIB, 9, none), Health::Attention),
            (disk(4_096, 9, none), Health::Broken),
            (disk(1 << 30, 1, none), Health::Broken),
            (disk(1 << 30, 9, StatVfsMountFlags::RDONLY), Health::Broken),
        ] {
            assert_eq!(judge(&disk).state, state, "{} bytes", disk.f_bavail);
        }
        assert_ne!(finding(Path::new("/no/such/folder")).what, "");
    }
}
