//! The journal on disk: one JSON object per line, the newest file and three older ones.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use daypass_core::journal::Entry;

/// How large a file grows before the next one is begun.
const FILE_SIZE: u64 = 1024 * 1024;
/// How many older files are kept.
const OLDER: usize = 3;
/// How much of a file is read, from its end: no file of ours is larger.
const READ_SIZE: u64 = 2 * FILE_SIZE;

/// The files of one journal, of which nothing is held open: whoever deletes or moves them finds
/// the next entry in a new one.
pub(super) struct Files {
    newest: PathBuf,
    size: u64,
}

impl Files {
    pub(super) const fn new(newest: PathBuf) -> Self {
        Self {
            newest,
            size: FILE_SIZE,
        }
    }

    /// The newest file's path.
    pub(super) fn path(&self) -> &Path {
        &self.newest
    }

    /// Appends an entry by one write, in a new file where the newest is full.
    pub(super) fn append(&self, entry: &Entry) -> io::Result<()> {
        let mut line = serde_json::to_vec(entry)?;
        line.push(b'\n');
        let (mut file, length) = self.open()?;
        let added = u64::try_from(line.len()).unwrap_or(u64::MAX);
        if length > 0 && length.saturating_add(added) > self.size {
            self.begin_next()?;
            file = self.open()?.0;
        } else if !ends_with_line_end(&mut file, length)? {
            // A crash, or a disk that was full, has torn the last line.
            line.insert(0, b'\n');
        }
        // What of a line does not fit is torn, and ended by the next one.
        match file.write(&line)? {
            written if written == line.len() => Ok(()),
            _ => Err(io::ErrorKind::WriteZero.into()),
        }
    }

    fn open(&self) -> io::Result<(File, u64)> {
        if let Some(folder) = self.newest.parent() {
            crate::config_file::create_private_dir(folder)?;
        }
        let file = private().open(&self.newest)?;
        let facts = file.metadata()?;
        if !facts.is_file() {
            return Err(io::Error::other("it is no regular file"));
        }
        make_private(&file, &facts)?;
        Ok((file, facts.len()))
    }

    /// Moves every file to the next older place; the oldest is dropped.
    fn begin_next(&self) -> io::Result<()> {
        for age in (0..OLDER).rev() {
            match fs::rename(self.of_age(age), self.of_age(age + 1)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    /// `journal.jsonl`, `journal.1.jsonl` and so on.
    fn of_age(&self, age: usize) -> PathBuf {
        match age {
            0 => self.newest.clone(),
            age => self.newest.with_extension(format!("{age}.jsonl")),
        }
    }

    /// Shows the entries, newest first, until the visitor has seen enough. A damaged line, or a
    /// file that cannot be read, is passed over.
    pub(super) fn visit(&self, see: &mut impl FnMut(Entry) -> ControlFlow<()>) -> ControlFlow<()> {
        for age in 0..=OLDER {
            let bytes = end_of(&self.of_age(age)).unwrap_or_default();
            for line in bytes.rsplit(|byte| *byte == b'\n') {
                if let Ok(entry) = serde_json::from_slice(line) {
                    see(entry)?;
                }
            }
        }
        ControlFlow::Continue(())
    }
}

fn ends_with_line_end(file: &mut File, length: u64) -> io::Result<bool> {
    if length == 0 {
        return Ok(true);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

/// The last part of a file. What it begins with may be the end of a line, which then is no entry.
fn end_of(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = readable().open(path)?;
    let facts = file.metadata()?;
    if !facts.is_file() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    file.seek(SeekFrom::Start(facts.len().saturating_sub(READ_SIZE)))?;
    let mut bytes = Vec::new();
    file.take(READ_SIZE).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Follows no link, and does not wait at a pipe that somebody has put there.
#[cfg(unix)]
fn readable() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;

    let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
    let mut options = OpenOptions::new();
    options
        .read(true)
        .custom_flags(i32::from_ne_bytes(flags.bits().to_ne_bytes()));
    options
}

#[cfg(not(unix))]
fn readable() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true);
    options
}

#[cfg(unix)]
fn private() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;

    let mut options = readable();
    options.append(true).create(true).mode(0o600);
    options
}

#[cfg(not(unix))]
fn private() -> OpenOptions {
    let mut options = readable();
    options.append(true).create(true);
    options
}

/// A file that was opened to others is closed to them again (T12).
#[cfg(unix)]
fn make_private(file: &File, facts: &fs::Metadata) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;

    if facts.permissions().mode() & 0o077 == 0 {
        return Ok(());
    }
    file.set_permissions(fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
fn make_private(_: &File, _: &fs::Metadata) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use daypass_core::{Instant, journal::Event};

    use super::*;

    fn entry(number: u64) -> Entry {
        Entry {
            number,
            at: Instant::UNIX_EPOCH,
            again: None,
            event: Event::LinkReused,
        }
    }

    fn files(folder: &tempfile::TempDir) -> Files {
        Files::new(folder.path().join("state/journal.jsonl"))
    }

    fn numbers(files: &Files) -> Vec<u64> {
        let mut numbers = Vec::new();
        let _ = files.visit(&mut |entry| {
            numbers.push(entry.number);
            ControlFlow::Continue(())
        });
        numbers
    }

    #[test]
    fn entries_come_back_newest_first() {
        let folder = tempfile::tempdir().unwrap();
        let files = files(&folder);
        assert!(numbers(&files).is_empty());
        for number in 1..=3 {
            files.append(&entry(number)).unwrap();
        }
        assert_eq!(numbers(&files), [3, 2, 1]);
        let text = fs::read_to_string(files.path()).unwrap();
        assert_eq!(text.lines().count(), 3);
    }

    #[test]
    fn full_files_make_room_and_the_oldest_goes() {
        let folder = tempfile::tempdir().unwrap();
        let line = serde_json::to_vec(&entry(10)).unwrap().len() + 1;
        let files = Files {
            size: u64::try_from(2 * line).unwrap(),
            ..files(&folder)
        };
        for number in 10..20 {
            files.append(&entry(number)).unwrap();
        }
        assert_eq!(numbers(&files), [19, 18, 17, 16, 15, 14, 13, 12]);
        let kept = fs::read_dir(folder.path().join("state")).unwrap().count();
        assert_eq!(kept, OLDER + 1);
    }

    /// R17: whatever a crash or a disk has done to the file, the other lines are read and the next
    /// one is written whole.
    #[test]
    fn r17_any_damage_costs_the_line_that_it_hits() {
        let folder = tempfile::tempdir().unwrap();
        let files = files(&folder);
        for number in 1..=3 {
            files.append(&entry(number)).unwrap();
        }
        let whole = fs::read(files.path()).unwrap();
        let line = whole.len() / 3;
        for length in 0..whole.len() {
            fs::write(files.path(), &whole[..length]).unwrap();
            files.append(&entry(9)).unwrap();
            let read = numbers(&files);
            assert_eq!(read.first(), Some(&9), "after {length} bytes");
            assert!(read.len() > length / line, "after {length} bytes: {read:?}");
        }
        for place in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[place] ^= 0x80;
            fs::write(files.path(), damaged).unwrap();
            files.append(&entry(9)).unwrap();
            let read = numbers(&files);
            // A line end that is gone makes two lines one.
            assert!(read.len() >= 2, "byte {place}: {read:?}");
            assert_eq!(read.first(), Some(&9), "byte {place}");
        }
    }

    /// R23: what cannot be written is an error, whatever stands in its way, and never waits.
    #[cfg(unix)]
    #[test]
    fn r23_what_stands_in_the_way_is_an_error() {
        use std::os::unix::fs::symlink;

        let folder = tempfile::tempdir().unwrap();
        let files = files(&folder);
        fs::write(folder.path().join("state"), "a file").unwrap();
        assert!(files.append(&entry(1)).is_err());
        fs::remove_file(folder.path().join("state")).unwrap();
        fs::create_dir_all(files.path()).unwrap();
        assert!(files.append(&entry(1)).is_err());
        fs::remove_dir(files.path()).unwrap();
        symlink("/dev/full", files.path()).unwrap();
        assert!(files.append(&entry(1)).is_err());
        fs::remove_file(files.path()).unwrap();
        rustix::fs::mknodat(
            rustix::fs::CWD,
            files.path(),
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR,
            0,
        )
        .unwrap();
        assert!(files.append(&entry(1)).is_err());
        assert!(numbers(&files).is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn t12_the_journal_is_this_users_alone() {
        use std::os::unix::fs::PermissionsExt;

        let folder = tempfile::tempdir().unwrap();
        let files = files(&folder);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        files.append(&entry(1)).unwrap();
        assert_eq!(mode(files.path()), 0o600);
        assert_eq!(mode(&folder.path().join("state")), 0o700);
        fs::set_permissions(files.path(), fs::Permissions::from_mode(0o644)).unwrap();
        files.append(&entry(2)).unwrap();
        assert_eq!(mode(files.path()), 0o600);
    }

    #[test]
    fn a_huge_file_is_read_from_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let files = files(&folder);
        fs::create_dir(folder.path().join("state")).unwrap();
        let file = File::create(files.path()).unwrap();
        file.set_len(64 * READ_SIZE).unwrap();
        assert!(numbers(&files).is_empty());
        files.append(&entry(1)).unwrap();
        assert_eq!(numbers(&files), [1]);
    }
}
