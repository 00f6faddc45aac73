//! The `credential_process` of a role: the command that AWS's tools run for its session
//! (AWS_RULES 3.7).

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
};

use daypass_core::{name::Name, problem::Problem};

/// The command that answers with a role's credentials.
pub fn of_role(program: &str, role: &Name) -> String {
    format!("{} credentials {}", quoted(program), quoted(role.as_str()))
}

/// A word for a shell and for botocore, which splits it as a shell would.
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_@%+=:,./".contains(c);
    if word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// Where AWS's tools find a `daypass` whatever their PATH is: its place on this PATH, which
/// outlives an update where that is a link, else where it is.
///
/// # Errors
/// When that place is not UTF-8, which AWS's files are.
pub fn lasting_path(program: PathBuf, path: &OsStr) -> Result<String, Problem> {
    let linked = std::env::split_paths(path)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join("daypass"))
        .find(|place| is_same(place, &program));
    linked
        .unwrap_or(program)
        .into_os_string()
        .into_string()
        .map_err(|_| Problem::usage("The path of Daypass's program is not UTF-8."))
}

fn is_same(place: &Path, program: &Path) -> bool {
    place.canonicalize().is_ok_and(|place| place == program)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_only_where_they_must_be() {
        let command = |role: &str| of_role("/opt/daypass", &Name::parse(role).unwrap());
        assert_eq!(command("prod/eu"), "/opt/daypass credentials prod/eu");
        assert_eq!(command("my prod"), "/opt/daypass credentials 'my prod'");
        assert_eq!(command("it's"), r"/opt/daypass credentials 'it'\''s'");
        assert_eq!(command("$(id)"), "/opt/daypass credentials '$(id)'");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_on_the_path_outlives_an_update() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let (program, links) = (root.join("daypass-1"), root.join("bin"));
        std::fs::write(&program, "").unwrap();
        std::fs::create_dir(&links).unwrap();
        std::os::unix::fs::symlink(&program, links.join("daypass")).unwrap();
        let found = |path: &Path| lasting_path(program.clone(), path.as_os_str()).unwrap();
        assert_eq!(found(&links), links.join("daypass").display().to_string());
        assert_eq!(found(Path::new("/nowhere")), program.display().to_string());
    }
}
