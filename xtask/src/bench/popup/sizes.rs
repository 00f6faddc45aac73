//! What is downloaded and installed.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use daypass_stage::{Error, Result, run, workspace};

use crate::bench::release;

/// How much the page may have, compressed: bytes.
const ALLOWED: usize = 100 * 1_000;

pub(super) fn print() -> Result<()> {
    println!();
    for program in ["daypass", "daypass-agent", "daypass-tray"] {
        let size = fs::metadata(release(program))?.len();
        println!("{program:<54} {:>8} KiB", size / 1_024);
    }
    let page = page()?;
    println!(
        "{:<54} {:>8} bytes, {} % of what is allowed",
        "the popup's page, each file through gzip -9",
        page,
        page * 100 / ALLOWED
    );
    println!("(there is no package yet)");
    Ok(())
}

fn page() -> Result<usize> {
    let files = files(&workspace().join("ui/dist"))?;
    files.iter().map(|file| compressed(file)).sum()
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    Ok(found)
}

fn compressed(file: &Path) -> Result<usize> {
    let output = run(Command::new("gzip").args(["-9", "-n", "-c"]).arg(file), "")?;
    if output.status.success() {
        return Ok(output.stdout.len());
    }
    Err(Error::new(format!("gzip failed on {}", file.display())))
}
