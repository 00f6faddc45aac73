//! Files for what reads files, in memory where the system has a place for that.

use std::{
    fs,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

const MEMORY: &str = "/dev/shm";

thread_local! {
    static FOLDER: TempDir = tempfile::tempdir_in(MEMORY)
        .or_else(|_| tempfile::tempdir())
        .expect("a folder for a file");
}

/// The path of a file of this thread's own.
pub(crate) fn path(name: &str) -> PathBuf {
    FOLDER.with(|folder| folder.path().join(name))
}

/// Writes it.
pub(crate) fn write(name: &str, content: &[u8]) -> PathBuf {
    let path = path(name);
    fs::write(&path, content).expect("room for a file");
    path
}

/// What is in it.
pub(crate) fn read(path: &Path) -> Vec<u8> {
    fs::read(path).expect("the file is still there")
}
