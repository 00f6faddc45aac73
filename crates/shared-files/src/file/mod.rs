//! Files that other programs write too: read with care (T9), replaced as a whole (T11, T12).

mod place;
mod steps;
#[cfg(test)]
mod tests;

use std::{fs::File, io::Read, os::fd::OwnedFd, path::Path};

use daypass_core::problem::{Code, Problem};
use rustix::{
    fs::{FileType, Mode, OFlags, Stat, fstat, open},
    io::Errno,
};
use zeroize::{Zeroize, Zeroizing};

use self::place::{Place, Put};

/// The longest file that is read: some hundred thousands of profiles.
pub const MAX_LEN: u64 = 16 * 1024 * 1024;

/// How often an edit is made again because somebody else wrote meanwhile.
const ATTEMPTS: usize = 20;

/// Reads a file whole; nothing where there is none.
///
/// # Errors
/// When it is not a regular file, longer than [`MAX_LEN`], not UTF-8, or can't be read.
pub fn read(path: &Path) -> Result<Option<Zeroizing<String>>, Problem> {
    let snapshot = place::settled(10, || read_once(path))?;
    Ok(snapshot.map(|snapshot| snapshot.text))
}

fn read_once(path: &Path) -> Result<Option<Snapshot>, Problem> {
    // A FIFO, or a terminal, would keep us waiting or become ours.
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = match open(path, flags, Mode::empty()) {
        Ok(file) => file,
        Err(Errno::NOENT) => return Ok(None),
        Err(errno) => return Err(unreadable(path, &said(errno))),
    };
    read_open(file, path).map(Some)
}

/// What [`edit`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// There was nothing to change.
    Same,
    /// The file is written.
    Written {
        /// Whether others could read the file before.
        was_readable: bool,
    },
}

/// Replaces a file by what `change` makes of its text; nothing stands for no change. `change` is
/// called again when somebody else wrote meanwhile. Afterwards the file is the old one or the new
/// one, whatever happens (P6), and nobody else's to read.
///
/// # Errors
/// Those of `change`, and when the file or its folder can't be written or isn't this user's alone
/// to write. The file then is as it was.
pub fn edit(
    path: &Path,
    mut change: impl FnMut(&str) -> Result<Option<Zeroizing<String>>, Problem>,
) -> Result<Outcome, Problem> {
    // Where nothing changes a file may be anybody's, on whatever disk.
    let text = read(path)?.unwrap_or_default();
    if change(&text)?.is_none() {
        return Ok(Outcome::Same);
    }
    let place = Place::find(path)?;
    let _lock = place.lock()?;
    for _ in 0..ATTEMPTS {
        let before = place.read_settled()?;
        let text = before.as_ref().map_or("", |snapshot| &snapshot.text);
        let Some(after) = change(text)? else {
            return Ok(Outcome::Same);
        };
        if after.len() as u64 > MAX_LEN {
            let why = "it would be longer than 16 MiB";
            return Err(unwritable(path, why, "Write less into it."));
        }
        if place.put(before.as_ref(), &after)? == Put::Done {
            let was_readable = before.is_some_and(|snapshot| snapshot.stat.st_mode & 0o077 != 0);
            return Ok(Outcome::Written { was_readable });
        }
    }
    Err(Problem::passing(
        Code::Failed,
        format!("Another program keeps writing {}.", path.display()),
        "Try again when it has finished.",
    ))
}

/// Puts bytes in place of a file that is Daypass's alone, whatever it held. Afterwards it is the old
/// one or the new one, whatever happens, and nobody else's to read. Not to be called from within an
/// [`edit`] in the same folder, which has the turn.
///
/// # Errors
/// When the file or its folder can't be written or isn't this user's alone to write. The file then
/// is as it was.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), Problem> {
    let place = Place::find(path)?;
    let _lock = place.lock()?;
    place.put_over(bytes)
}

/// Removes a file, and what a crash has left of a newer one. None there is fine.
///
/// # Errors
/// When one of them cannot be removed.
pub fn remove(path: &Path) -> Result<(), Problem> {
    if !path.parent().is_some_and(Path::is_dir) {
        return Ok(());
    }
    let place = Place::find(path)?;
    let _lock = place.lock()?;
    place.remove()
}

/// A file as it was at some moment.
struct Snapshot {
    text: Zeroizing<String>,
    stat: Stat,
}

impl Snapshot {
    fn is(&self, other: &Self) -> bool {
        let id = |snapshot: &Self| (snapshot.stat.st_dev, snapshot.stat.st_ino);
        id(self) == id(other) && self.text == other.text
    }
}

fn read_open(file: OwnedFd, path: &Path) -> Result<Snapshot, Problem> {
    let stat = fstat(&file).map_err(|errno| unreadable(path, &said(errno)))?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        return Err(unreadable(path, "it is not a regular file"));
    }
    let length = u64::try_from(stat.st_size).unwrap_or(u64::MAX);
    if length > MAX_LEN {
        return Err(too_long(path));
    }
    // Larger than the file, so that it does not grow and leave a copy of a key behind.
    let capacity = usize::try_from(length).unwrap_or_default() + 1;
    let mut bytes = Zeroizing::new(Vec::with_capacity(capacity));
    File::from(file)
        .take(MAX_LEN + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| unreadable(path, &error.to_string()))?;
    if bytes.len() as u64 > MAX_LEN {
        return Err(too_long(path));
    }
    let text = String::from_utf8(std::mem::take(&mut *bytes)).map_err(|error| {
        error.into_bytes().zeroize();
        unreadable(path, "it is not UTF-8")
    })?;
    Ok(Snapshot {
        text: Zeroizing::new(text),
        stat,
    })
}

fn too_long(path: &Path) -> Problem {
    unreadable(path, "it is longer than 16 MiB")
}

fn unreadable(path: &Path, why: &str) -> Problem {
    Problem::yours(
        Code::Failed,
        format!("{} can't be read: {why}.", path.display()),
        "Mend or move the file, then try again.",
    )
}

fn unwritable(path: &Path, why: &str, todo: &str) -> Problem {
    Problem::yours(
        Code::Failed,
        format!(
            "{} can't be written: {why}. It is as it was.",
            path.display()
        ),
        todo,
    )
}

/// What a step of writing met, and what helps against it.
fn refused(path: &Path, errno: Errno) -> Problem {
    let todo = match errno {
        Errno::NOSPC | Errno::DQUOT | Errno::FBIG => "Free some space, then try again.",
        Errno::ROFS | Errno::ACCESS | Errno::PERM => {
            "Make its folder writable for you, then try again."
        }
        _ => "Then try again.",
    };
    unwritable(path, &said(errno), todo)
}

/// The system's words for an error, without its number.
fn said(errno: Errno) -> String {
    let text = std::io::Error::from(errno).to_string();
    let end = text.find(" (os error").unwrap_or(text.len());
    text.get(..end).unwrap_or_default().to_owned()
}
