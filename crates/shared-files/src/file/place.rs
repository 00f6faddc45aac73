//! The folder that a file is in, held open: what is done there is done in that folder and no other,
//! however paths and links change meanwhile (T11).

use std::{
    ffi::{OsStr, OsString},
    fs::{DirBuilder, File},
    io::{self, Write},
    os::{
        fd::{AsFd, OwnedFd},
        unix::fs::{DirBuilderExt, MetadataExt},
    },
    path::{Component, Path, PathBuf},
    time::Duration,
};

use daypass_core::problem::{Code, Problem};
use rustix::{
    fs::{
        AtFlags, CWD, FlockOperation, Mode, OFlags, RenameFlags, fchmod, flock, fstat, fsync,
        openat, renameat, renameat_with, unlinkat,
    },
    io::Errno,
    process::geteuid,
};

use super::{Snapshot, read_open, refused, said, steps::step, unreadable, unwritable};

/// One lock for a folder, so that two of us don't write there at once.
const LOCK: &str = ".daypass.lock";
/// The new file until it takes the old one's place. Only who holds the lock makes one, so that
/// one that is there was left by a crash.
const NEW: &str = ".daypass.new";

/// Where a file is, or is going to be.
pub(super) struct Place {
    folder: OwnedFd,
    name: OsString,
    /// The path that the person knows.
    path: PathBuf,
}

/// What became of a new text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Put {
    /// It is there.
    Done,
    /// Somebody else wrote meanwhile; theirs is there.
    Overtaken,
}

impl Place {
    /// Follows the last symlink once. Makes the folder where there is none.
    pub(super) fn find(path: &Path) -> Result<Self, Problem> {
        let target = target_of(path)?;
        let (Some(parent), Some(name)) = (target.parent(), target.file_name()) else {
            return Err(unwritable(path, "it is a folder", "Name a file in it."));
        };
        let folder = open_folder(parent).map_err(|errno| refused(path, errno))?;
        let place = Self {
            folder,
            name: name.to_owned(),
            path: path.to_owned(),
        };
        place.check_folder()?;
        Ok(place)
    }

    /// Others who may write in the folder could put anything in the file's place.
    fn check_folder(&self) -> Result<(), Problem> {
        let stat = fstat(&self.folder).map_err(|errno| refused(&self.path, errno))?;
        let todo = "Keep the file in a folder that is yours and that not everybody can write to.";
        if stat.st_uid != geteuid().as_raw() {
            let why = "its folder belongs to another user";
            return Err(unwritable(&self.path, why, todo));
        }
        if stat.st_mode & 0o002 != 0 {
            let why = "everybody can write to its folder";
            return Err(unwritable(&self.path, why, todo));
        }
        Ok(())
    }

    /// Waits for its turn among programs of ours; the kernel ends it with the process.
    pub(super) fn lock(&self) -> Result<OwnedFd, Problem> {
        let flags = OFlags::CREATE | OFlags::RDWR | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        step();
        let lock = openat(&self.folder, LOCK, flags, Mode::RUSR | Mode::WUSR);
        let lock = lock.map_err(|errno| refused(&self.path, errno))?;
        for _ in 0..500 {
            match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => return Ok(lock),
                Err(Errno::WOULDBLOCK | Errno::INTR) => {
                    std::thread::sleep(Duration::from_millis(10));
                }
                Err(errno) => return Err(refused(&self.path, errno)),
            }
        }
        Err(Problem::passing(
            Code::Failed,
            format!("Another Daypass is writing {}.", self.path.display()),
            "Try again in a moment.",
        ))
    }

    /// Reads the file.
    pub(super) fn read_settled(&self) -> Result<Option<Snapshot>, Problem> {
        // Who is slower than this is taken to have died.
        settled(500, || self.read(&self.name))
    }

    fn read(&self, name: &OsStr) -> Result<Option<Snapshot>, Problem> {
        let flags =
            OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        match openat(&self.folder, name, flags, Mode::empty()) {
            Ok(file) => read_open(file, &self.path).map(Some),
            Err(Errno::NOENT) => Ok(None),
            Err(Errno::LOOP) => Err(unreadable(&self.path, "its link leads to another link")),
            Err(errno) => Err(refused(&self.path, errno)),
        }
    }

    /// Puts a text in the file's place, if what is there still is what the text was made from.
    pub(super) fn put(&self, before: Option<&Snapshot>, text: &str) -> Result<Put, Problem> {
        let mode = self.mode(before)?;
        let put = self
            .write_new(text.as_bytes(), mode)
            .and_then(|()| match before {
                None => self.put_first(),
                Some(before) => self.exchange(before),
            });
        self.finish(put).map_err(|errno| refused(&self.path, errno))
    }

    /// Puts bytes in the file's place, whatever is there.
    pub(super) fn put_over(&self, bytes: &[u8]) -> Result<(), Problem> {
        let put = self.write_new(bytes, Mode::RUSR | Mode::WUSR);
        let put = put.and_then(|()| {
            step();
            self.rename()
        });
        let put = self.finish(put);
        put.map(drop).map_err(|errno| refused(&self.path, errno))
    }

    fn finish(&self, put: Result<Put, Errno>) -> Result<Put, Errno> {
        if put == Ok(Put::Done) {
            step();
            // It is there already; that it outlasts a power cut is more than can be undone now.
            let _ = fsync(&self.folder);
        }
        // Ours that did not get there, or the old one.
        step();
        let _ = unlinkat(&self.folder, NEW, AtFlags::empty());
        put
    }

    /// Nobody else's to read from now on, else as it was.
    fn mode(&self, before: Option<&Snapshot>) -> Result<Mode, Problem> {
        let Some(before) = before else {
            return Ok(Mode::RUSR | Mode::WUSR);
        };
        let stat = &before.stat;
        if stat.st_uid != geteuid().as_raw() {
            let todo = "Make it yours with chown, then try again.";
            return Err(unwritable(&self.path, "it belongs to another user", todo));
        }
        let mode = Mode::from_raw_mode(stat.st_mode) & Mode::RWXU;
        if mode.contains(Mode::WUSR) {
            return Ok(mode);
        }
        let todo = "Run chmod u+w on it, then try again.";
        Err(unwritable(&self.path, "it is read-only", todo))
    }

    /// Removes the file and an unfinished one.
    pub(super) fn remove(&self) -> Result<(), Problem> {
        let name: &OsStr = &self.name;
        for name in [OsStr::new(NEW), name] {
            match unlinkat(&self.folder, name, AtFlags::empty()) {
                Ok(()) | Err(Errno::NOENT) => {}
                Err(errno) => return Err(unwritable(&self.path, &said(errno), "")),
            }
        }
        Ok(())
    }

    fn write_new(&self, bytes: &[u8], mode: Mode) -> Result<(), Errno> {
        step();
        match unlinkat(&self.folder, NEW, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => {}
            Err(errno) => return Err(errno),
        }
        let flags =
            OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        step();
        let new = openat(&self.folder, NEW, flags, Mode::RUSR | Mode::WUSR)?;
        let mut new = File::from(new);
        step();
        new.write_all(bytes)
            .map_err(|error| Errno::from_io_error(&error).unwrap_or(Errno::IO))?;
        step();
        // The process's umask does not count here.
        fchmod(&new, mode)?;
        step();
        fsync(&new)
    }

    fn put_first(&self) -> Result<Put, Errno> {
        let (folder, name) = (&self.folder, &self.name);
        step();
        match renameat_with(folder, NEW, folder, name, RenameFlags::NOREPLACE) {
            Ok(()) => Ok(Put::Done),
            Err(Errno::EXIST) => Ok(Put::Overtaken),
            Err(errno) if unsupported(errno) && !self.holds_anything() => self.rename(),
            Err(errno) if unsupported(errno) => Ok(Put::Overtaken),
            Err(errno) => Err(errno),
        }
    }

    fn holds_anything(&self) -> bool {
        !matches!(self.read(&self.name), Ok(None))
    }

    /// Old and new file change places, so that what came out can be looked at: where somebody
    /// wrote in the last moment theirs goes back.
    fn exchange(&self, before: &Snapshot) -> Result<Put, Errno> {
        if !self.holds(&self.name, before) {
            return Ok(Put::Overtaken);
        }
        step();
        match self.swap() {
            Ok(()) => {}
            Err(Errno::NOENT) => return Ok(Put::Overtaken),
            // Without exchanges, as on NFS, the comparison just before is all there is.
            Err(errno) if unsupported(errno) => return self.rename(),
            Err(errno) => return Err(errno),
        }
        step();
        if self.holds(OsStr::new(NEW), before) {
            return Ok(Put::Done);
        }
        // Where somebody took ours away meanwhile, theirs has the place to itself.
        self.swap().or_else(|_| self.rename().map(drop))?;
        Ok(Put::Overtaken)
    }

    fn holds(&self, name: &OsStr, before: &Snapshot) -> bool {
        matches!(self.read(name), Ok(Some(now)) if now.is(before))
    }

    fn swap(&self) -> Result<(), Errno> {
        let (folder, name) = (&self.folder, &self.name);
        renameat_with(folder, NEW, folder, name, RenameFlags::EXCHANGE)
    }

    fn rename(&self) -> Result<Put, Errno> {
        let (folder, name) = (&self.folder, &self.name);
        renameat(folder, NEW, folder, name).map(|()| Put::Done)
    }
}

/// The AWS CLI empties a file before it writes it, so that an empty one is given a moment to fill.
pub(super) fn settled(
    tries: usize,
    mut read: impl FnMut() -> Result<Option<Snapshot>, Problem>,
) -> Result<Option<Snapshot>, Problem> {
    for _ in 0..tries {
        step();
        match read()? {
            Some(snapshot) if snapshot.text.is_empty() => {
                std::thread::sleep(Duration::from_millis(2));
            }
            snapshot => return Ok(snapshot),
        }
    }
    read()
}

const fn unsupported(errno: Errno) -> bool {
    matches!(errno, Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP)
}

/// Where the path leads: through links in folders, and through one in the file's own place.
fn target_of(path: &Path) -> Result<PathBuf, Problem> {
    let wrong = |error: io::Error| {
        let errno = Errno::from_io_error(&error).unwrap_or(Errno::IO);
        refused(path, errno)
    };
    let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(unwritable(path, "it is a folder", "Name a file in it."));
    };
    if !parent.exists() {
        step();
        let mut folder = DirBuilder::new();
        folder.recursive(true).mode(0o700);
        folder.create(parent).map_err(wrong)?;
    }
    let parent = parent.canonicalize().map_err(wrong)?;
    let named = parent.join(name);
    let Ok(link) = named.read_link() else {
        return Ok(named);
    };
    if others_may_change(&parent).map_err(wrong)? {
        let todo = "Keep it in a folder that is yours and that not everybody can write to.";
        return Err(unwritable(path, "others can change where it leads", todo));
    }
    let target = parent.join(link);
    if let Ok(target) = target.canonicalize() {
        return Ok(target);
    }
    // One that leads nowhere yet is followed too.
    match (target.parent(), target.file_name()) {
        (Some(folder), Some(name)) => Ok(folder.canonicalize().map_err(wrong)?.join(name)),
        _ => Err(unwritable(
            path,
            "it leads to a folder",
            "Name a file in it.",
        )),
    }
}

fn others_may_change(folder: &Path) -> io::Result<bool> {
    let folder = folder.metadata()?;
    let trusted = [geteuid().as_raw(), 0].contains(&folder.uid());
    Ok(!trusted || folder.mode() & 0o002 != 0)
}

/// Opens a path without links, and finds out if one has come into it since.
fn open_folder(path: &Path) -> Result<OwnedFd, Errno> {
    let open = |at: rustix::fd::BorrowedFd<'_>, name: &OsStr, flags: OFlags| {
        let flags = flags | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        openat(at, name, flags, Mode::empty())
    };
    let mut folder = open(CWD, OsStr::new("/"), PASSING)?;
    for component in path.components() {
        if let Component::Normal(name) = component {
            folder = open(folder.as_fd(), name, PASSING)?;
        }
    }
    open(folder.as_fd(), OsStr::new("."), OFlags::RDONLY)
}

/// A folder on the way need not be readable.
#[cfg(target_os = "linux")]
const PASSING: OFlags = OFlags::PATH;
#[cfg(not(target_os = "linux"))]
const PASSING: OFlags = OFlags::RDONLY;
