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
    println!("{:<54} {:>8} KiB", "the Debian package", package()? / 1_024);
    Ok(())
}

/// Tauri's own command, of which the popup needs nothing: npm fetches it for this alone.
const TAURI: &str = "--package=@tauri-apps/cli@2.12.5";

/// Bytes of the package that Tauri makes of the programs.
fn package() -> Result<u64> {
    let folder = release("bundle/deb");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    let mut bundle = Command::new("npm");
    bundle
        .args(["exec", "--yes", TAURI, "--", "tauri"])
        .args(["bundle", "--bundles", "deb", "--ci"])
        .current_dir(workspace());
    let output = run(&mut bundle, "")?;
    let made = files(&folder).unwrap_or_default();
    let package = made
        .iter()
        .find(|path| path.extension().is_some_and(|end| end == "deb"));
    match package {
        Some(path) if output.status.success() => Ok(fs::metadata(path)?.len()),
        _ => Err(Error::new(format!(
            "no package was made: {}",
            String::from_utf8_lossy(&output.stderr)
        ))),
    }
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
