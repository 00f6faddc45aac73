//! The journal as a file for somebody else, where people look for such.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use daypass_core::{
    journal::Entry,
    problem::{Code, Problem},
};

/// How many files of one day there may be.
const MOST: u32 = 100;
/// More than any file of `xdg-user-dirs`.
const LONGEST: u64 = 64 * 1024;

/// Writes entries, a line each, into a new file that is this user's alone.
pub(super) fn write(entries: &[Entry], day: &str) -> Result<PathBuf, Problem> {
    let folder = downloads(|name| std::env::var_os(name)).ok_or_else(|| {
        Problem::yours(
            Code::Failed,
            "There is no home folder to write to.",
            "Run `daypass log --json` instead.",
        )
    })?;
    write_in(&folder, entries, day).map_err(|error| {
        Problem::yours(
            Code::Failed,
            format!("{} takes no file: {error}.", folder.display()),
            "Free some space or mend its permissions, or run `daypass log --json`.",
        )
    })
}

fn write_in(folder: &Path, entries: &[Entry], day: &str) -> io::Result<PathBuf> {
    let mut lines = Vec::new();
    for entry in entries {
        serde_json::to_writer(&mut lines, entry)?;
        lines.push(b'\n');
    }
    let (mut file, path) = create(folder, day)?;
    if let Err(error) = file.write_all(&lines) {
        // Half of it would pass for all.
        let _ = fs::remove_file(&path);
        return Err(error);
    }
    Ok(path)
}

/// Never an existing file, nor a link to one.
fn create(folder: &Path, day: &str) -> io::Result<(File, PathBuf)> {
    for count in 1..=MOST {
        let number = match count {
            1 => String::new(),
            count => format!("-{count}"),
        };
        let path = folder.join(format!("daypass-activity-{day}{number}.jsonl"));
        match private().open(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            opened => return opened.map(|file| (file, path)),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

#[cfg(unix)]
fn private() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;

    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    options
}

#[cfg(not(unix))]
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    options
}

/// The folder for downloads as `user-dirs.dirs` has it, `Downloads`, or the home folder.
fn downloads(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let folder = |name: &str| {
        variable(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let home = folder("HOME").or_else(|| folder("USERPROFILE"))?;
    let config = folder("XDG_CONFIG_HOME").unwrap_or_else(|| home.join(".config"));
    let named = user_dir(&config.join("user-dirs.dirs"), &home);
    let candidates = [named, Some(home.join("Downloads"))];
    let found = candidates.into_iter().flatten().find(|path| path.is_dir());
    Some(found.unwrap_or(home))
}

/// The line `XDG_DOWNLOAD_DIR="$HOME/..."` or `"/..."`; the file has no other forms
/// (xdg-user-dirs).
fn user_dir(file: &Path, home: &Path) -> Option<PathBuf> {
    let facts = fs::metadata(file).ok()?;
    if !facts.is_file() || facts.len() > LONGEST {
        return None;
    }
    let text = fs::read_to_string(file).ok()?;
    let value = text
        .lines()
        .find_map(|line| line.trim().strip_prefix("XDG_DOWNLOAD_DIR="))?;
    let value = value.strip_prefix('"')?.strip_suffix('"')?;
    match value.strip_prefix("$HOME/") {
        Some(below) => Some(home.join(below)),
        None => Some(PathBuf::from(value)).filter(|path| path.is_absolute()),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use daypass_core::{Instant, journal::Event};

    use super::*;

    fn entry() -> Entry {
        Entry {
            number: 1,
            at: Instant::UNIX_EPOCH,
            again: None,
            event: Event::LinkReused,
        }
    }

    #[test]
    fn t11_a_new_file_is_made_and_none_is_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let victim = folder.path().join("victim");
        fs::write(&victim, "mine").unwrap();
        let first = folder.path().join("daypass-activity-2026-03-02.jsonl");
        symlink(&victim, &first).unwrap();
        let path = write_in(folder.path(), &[entry(), entry()], "2026-03-02").unwrap();
        assert_eq!(
            path,
            folder.path().join("daypass-activity-2026-03-02-2.jsonl")
        );
        assert_eq!(fs::read_to_string(victim).unwrap(), "mine");
        assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 2);
        let mode = fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(write_in(&folder.path().join("gone"), &[], "x").is_err());
    }

    #[test]
    fn the_folder_is_the_one_for_downloads() {
        let home = tempfile::tempdir().unwrap();
        let home = home.path();
        let found = || downloads(|name| (name == "HOME").then(|| home.into()));
        assert_eq!(found(), Some(home.to_owned()));
        fs::create_dir(home.join("Downloads")).unwrap();
        assert_eq!(found(), Some(home.join("Downloads")));
        fs::create_dir_all(home.join(".config")).unwrap();
        let dirs = home.join(".config/user-dirs.dirs");
        fs::create_dir(home.join("Hämtningar")).unwrap();
        fs::write(&dirs, "# x\nXDG_DOWNLOAD_DIR=\"$HOME/Hämtningar\"\n").unwrap();
        assert_eq!(found(), Some(home.join("Hämtningar")));
        for odd in [
            "XDG_DOWNLOAD_DIR=\"relative\"",
            "XDG_DOWNLOAD_DIR=\"$HOME/gone\"",
            "\u{0}",
        ] {
            fs::write(&dirs, odd).unwrap();
            assert_eq!(found(), Some(home.join("Downloads")), "{odd}");
        }
        assert_eq!(downloads(|_| None), None);
    }
}
