//! Whether Daypass's and AWS's files are this user's alone (T12).

use std::{fs::Metadata, io, os::unix::fs::MetadataExt, path::Path};

use daypass_core::{finding::Finding, paths::Paths};
use daypass_shared_files::Locations;
use rustix::process::geteuid;

const ABOUT: &str = "files";

/// What others may do with a file or folder without harm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Others {
    /// Nothing; Daypass does not start otherwise.
    Barred,
    /// Nothing: there may be something to hide.
    Out,
    /// Read.
    May,
}

/// Of every file that is there.
pub(super) fn findings(paths: &Paths, locations: &Locations) -> Vec<Finding> {
    let (vault, removed) = (paths.vault_file(), paths.removed_keys_file());
    let socket = paths.socket();
    let mut looks = vec![
        (paths.runtime_dir.as_path(), Others::Barred),
        (&socket, Others::Out),
        (&paths.state_dir, Others::Out),
        (&vault, Others::Out),
        (&removed, Others::Out),
        (&paths.config_file, Others::Out),
        (&locations.credentials, Others::Out),
        (&locations.config, Others::May),
    ];
    let folders = [
        &paths.config_file,
        &locations.config,
        &locations.credentials,
    ];
    for folder in folders.into_iter().filter_map(|file| file.parent()) {
        if !looks.iter().any(|(known, _)| *known == folder) {
            looks.push((folder, Others::May));
        }
    }
    let found: Vec<Finding> = looks
        .into_iter()
        .filter_map(|(path, others)| look(path, others))
        .collect();
    if found.is_empty() {
        return vec![Finding::ok(
            ABOUT,
            "Daypass's and AWS's files are yours, and nobody else's to change.",
        )];
    }
    found
}

fn look(path: &Path, others: Others) -> Option<Finding> {
    let shown = path.display();
    match path.metadata() {
        Ok(metadata) => judge(&shown.to_string(), &metadata, others),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => Some(Finding::broken(
            ABOUT,
            format!("{shown} cannot be looked at: {error}."),
            "Make it and its folder yours, with chown and chmod.",
        )),
    }
}

fn judge(shown: &str, metadata: &Metadata, others: Others) -> Option<Finding> {
    let mode = metadata.mode() & 0o777;
    let own = if metadata.is_dir() { "700" } else { "600" };
    let todo = format!("Run: chmod {own} {shown}");
    if metadata.uid() != geteuid().as_raw() {
        return Some(Finding::broken(
            ABOUT,
            format!("{shown} belongs to another user."),
            "Make it yours with chown, or move it away.",
        ));
    }
    if mode & 0o002 != 0 {
        let what = format!("{shown} can be changed by every user (mode {mode:03o}).");
        return Some(Finding::broken(ABOUT, what, todo));
    }
    let what = format!("{shown} can be reached by other users (mode {mode:03o}).");
    match others {
        Others::Barred if mode & 0o077 != 0 => Some(Finding::broken(ABOUT, what, todo)),
        Others::Out if mode & 0o077 != 0 => Some(Finding::attention(ABOUT, what, todo)),
        // Many systems give each user a group of its own.
        Others::May if mode & 0o020 != 0 => Some(Finding::attention(
            ABOUT,
            format!("{shown} can be changed by its group (mode {mode:03o})."),
            todo,
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use daypass_core::finding::Health;

    use super::*;

    #[test]
    fn t12_what_others_may_do_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        for (mode, others, state) in [
            (0o600, Others::Out, None),
            (0o644, Others::Out, Some(Health::Attention)),
            (0o644, Others::May, None),
            (0o664, Others::May, Some(Health::Attention)),
            (0o666, Others::May, Some(Health::Broken)),
            (0o602, Others::Out, Some(Health::Broken)),
            (0o710, Others::Barred, Some(Health::Broken)),
        ] {
            fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
            let found = look(&file, others);
            assert_eq!(found.map(|found| found.state), state, "{mode:o}");
        }
        assert_eq!(look(&folder.path().join("none"), Others::Out), None);
    }
}
