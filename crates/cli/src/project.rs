//! `.daypass.toml`: the role and region that a folder's commands have by default, found upwards
//! from the working directory. Nothing secret is in it, but somebody else's must not choose the
//! role of a command unasked.

mod allowed;

use std::{
    fs::{Metadata, OpenOptions},
    io::{self, Read},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use daypass_core::{
    field::Region,
    name::Name,
    problem::{Code, Problem, one_line},
};
use rustix::{fs::OFlags, process::geteuid};
use serde::Deserialize;

use self::allowed::Allowed;
use crate::{agent::Agent, terminal};

/// The file's name.
const FILE: &str = ".daypass.toml";
/// Two short lines, and comments.
const MAX_FILE: u64 = 16 * 1024;

/// A role and where it works.
#[derive(Debug)]
pub(crate) struct Chosen {
    /// The role.
    pub(crate) role: Name,
    /// The region that the folder is set to, where that chose the role.
    pub(crate) region: Option<Region>,
}

/// What may stand in the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Project {
    role: Option<Name>,
    region: Option<Region>,
}

/// A file as it was found.
#[derive(Debug)]
struct Found {
    path: PathBuf,
    text: String,
    /// Whether nobody else can have written it.
    own: bool,
}

/// The role that was named, else the one of the folder that the command runs in.
pub(crate) fn choose(role: Option<Name>, agent: &Agent) -> Result<Chosen, Problem> {
    if let Some(role) = role {
        return Ok(Chosen { role, region: None });
    }
    let found = find(&working_directory()?)?.ok_or_else(|| {
        Problem::usage(format!(
            "Which role? Name one, or write role = \"...\" to {FILE} in this folder."
        ))
    })?;
    if !found.own {
        agree(&found, &agent.paths().state_dir)?;
    }
    found.choice()
}

/// Allows the file of this folder, whoever wrote it, and yields its path.
pub(crate) fn allow(agent: &Agent) -> Result<PathBuf, Problem> {
    let folder = working_directory()?;
    let found = find(&folder)?.ok_or_else(|| {
        Problem::yours(
            Code::Failed,
            format!("There is no {FILE} here or in a folder above."),
            "",
        )
    })?;
    found.choice()?;
    Allowed::of(&agent.paths().state_dir).answer(&found.path, &found.text, true)?;
    Ok(found.path)
}

/// Asks once about a file that somebody else may have written.
fn agree(found: &Found, state_dir: &Path) -> Result<(), Problem> {
    let allowed = Allowed::of(state_dir);
    let yes = match allowed.is(&found.path, &found.text)? {
        Some(answer) => answer,
        None => {
            let Some(answer) = ask(found)? else {
                return Err(not_allowed(found));
            };
            allowed.answer(&found.path, &found.text, answer)?;
            answer
        }
    };
    if yes {
        return Ok(());
    }
    Err(not_allowed(found))
}

/// Asks where a person can answer.
fn ask(found: &Found) -> Result<Option<bool>, Problem> {
    let Some(mut terminal) = terminal::Terminal::in_front() else {
        return Ok(None);
    };
    terminal.tell(&format!(
        "{} may be somebody else's work. It says:",
        found.path.display()
    ))?;
    for line in found.text.lines() {
        terminal.tell(&format!("  {line}"))?;
    }
    terminal::confirm("Use it?").map(Some)
}

fn not_allowed(found: &Found) -> Problem {
    Problem::yours(
        Code::Failed,
        format!(
            "{} may be somebody else's work and is not used.",
            found.path.display()
        ),
        "Look at it, then run `daypass allow` in its folder; or name a role.",
    )
}

impl Found {
    fn choice(&self) -> Result<Chosen, Problem> {
        let refuse =
            |why: String| Problem::yours(Code::Usage, format!("{}{why}", self.path.display()), "");
        let project: Project = toml_edit::de::from_str(&self.text).map_err(|error| {
            let before = error.span().and_then(|span| self.text.get(..span.start));
            let line = before.map_or(1, |before| before.matches('\n').count() + 1);
            refuse(format!(", line {line}: {}.", one_line(error.message())))
        })?;
        let role = project
            .role
            .ok_or_else(|| refuse(" names no role.".to_owned()))?;
        Ok(Chosen {
            role,
            region: project.region,
        })
    }
}

fn working_directory() -> Result<PathBuf, Problem> {
    std::env::current_dir().map_err(|error| {
        Problem::yours(
            Code::Failed,
            format!("The working directory cannot be read: {error}."),
            "Change to another one, or name a role.",
        )
    })
}

/// The nearest file, in a folder or above it.
fn find(folder: &Path) -> Result<Option<Found>, Problem> {
    for folder in folder.ancestors() {
        let path = folder.join(FILE);
        match read(folder, &path) {
            Ok(found) => return Ok(Some(found)),
            Err(error) if is_nothing(&error) => {}
            Err(error) => {
                return Err(Problem::yours(
                    Code::Failed,
                    format!("{} cannot be read: {error}.", path.display()),
                    "Mend it, or name a role.",
                ));
            }
        }
    }
    Ok(None)
}

fn is_nothing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

/// Reads the file and judges whose it is, of the one that was opened.
fn read(folder: &Path, path: &Path) -> io::Result<Found> {
    let mut file = OpenOptions::new()
        .read(true)
        // A pipe in its place must not be waited for.
        .custom_flags(OFlags::NONBLOCK.bits().cast_signed())
        .open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    if metadata.len() > MAX_FILE {
        return Err(io::Error::other(format!(
            "it is longer than {MAX_FILE} bytes"
        )));
    }
    let mut text = String::new();
    file.by_ref().take(MAX_FILE).read_to_string(&mut text)?;
    let own = is_only_ours(&metadata) && is_only_ours(&std::fs::metadata(folder)?);
    Ok(Found {
        path: path.to_owned(),
        text,
        own,
    })
}

/// Whether nobody else could have written it. A folder that others write can get any file moved
/// into it.
fn is_only_ours(metadata: &Metadata) -> bool {
    metadata.uid() == geteuid().as_raw() && metadata.mode() & 0o022 == 0
}

#[cfg(test)]
mod tests {
    use std::{fs::Permissions, os::unix::fs::PermissionsExt};

    use super::*;

    fn folder(text: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE), text).unwrap();
        set_mode(folder.path(), 0o755);
        set_mode(&folder.path().join(FILE), 0o644);
        folder
    }

    fn set_mode(path: &Path, mode: u32) {
        std::fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }

    fn found(folder: &tempfile::TempDir) -> Found {
        find(folder.path()).unwrap().unwrap()
    }

    fn refused(text: &str) -> String {
        found(&folder(text)).choice().unwrap_err().to_string()
    }

    #[test]
    fn the_nearest_file_upwards_is_used() {
        let top = folder("role = \"prod\"\nregion = \"eu-west-1\"\n");
        let below = top.path().join("a/b");
        std::fs::create_dir_all(&below).unwrap();
        let choice = find(&below).unwrap().unwrap().choice().unwrap();
        assert_eq!(choice.role.as_str(), "prod");
        assert_eq!(choice.region.unwrap().as_str(), "eu-west-1");
        std::fs::write(top.path().join("a").join(FILE), "role = \"dev\"").unwrap();
        let choice = find(&below).unwrap().unwrap().choice().unwrap();
        assert_eq!(choice.role.as_str(), "dev");
        assert!(choice.region.is_none(), "files are not mixed");
    }

    #[test]
    fn mistakes_are_named_by_line() {
        let unknown = refused("role = \"prod\"\nreigon = \"eu-west-1\"\n");
        assert!(unknown.contains(".daypass.toml, line 2:"), "{unknown}");
        assert!(unknown.contains("reigon"), "{unknown}");
        let wrong = refused("# ours\n\nregion = \"Mars\"\n");
        assert!(wrong.contains("line 3: A region looks like"), "{wrong}");
        assert!(refused("role = [").contains("line 1"));
        assert!(refused("region = \"eu-west-1\"").contains("names no role"));
        assert!(refused("role = \"-x\"").contains("dash"));
    }

    #[test]
    fn what_is_no_file_is_refused_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        let why = |path: &Path| find(path.parent().unwrap()).unwrap_err().to_string();
        std::fs::create_dir(&path).unwrap();
        assert!(why(&path).contains("not a file"));
        std::fs::remove_dir(&path).unwrap();
        let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
        rustix::fs::mkfifoat(rustix::fs::CWD, &path, mode).unwrap();
        assert!(why(&path).contains("not a file"));
        std::fs::remove_file(&path).unwrap();
        std::os::unix::fs::symlink("/dev/zero", &path).unwrap();
        assert!(why(&path).contains("not a file"));
        std::fs::remove_file(&path).unwrap();
        std::fs::write(&path, vec![b'#'; 20_000]).unwrap();
        assert!(why(&path).contains("longer than"));
        std::fs::write(&path, b"role = \"\xff\"").unwrap();
        assert!(why(&path).contains("UTF-8"));
    }

    #[test]
    fn what_others_could_have_written_is_not_ours() {
        let folder = folder("role = \"prod\"");
        assert!(found(&folder).own);
        set_mode(folder.path(), 0o777);
        assert!(!found(&folder).own, "anybody can put a file there");
        set_mode(folder.path(), 0o755);
        set_mode(&folder.path().join(FILE), 0o666);
        assert!(!found(&folder).own, "anybody can write to it");
    }

    #[test]
    fn an_answer_is_for_a_path_and_its_content() {
        let state = tempfile::tempdir().unwrap();
        let folder = folder("role = \"prod\"");
        let mut file = found(&folder);
        let allowed = Allowed::of(state.path());
        assert_eq!(allowed.is(&file.path, &file.text).unwrap(), None);
        allowed.answer(&file.path, &file.text, true).unwrap();
        assert_eq!(agree(&file, state.path()), Ok(()));
        file.text.push('\n');
        assert_eq!(allowed.is(&file.path, &file.text).unwrap(), None);
        allowed.answer(&file.path, &file.text, false).unwrap();
        let why = agree(&file, state.path()).unwrap_err().to_string();
        assert!(why.contains("daypass allow"), "{why}");
        let mode = |path: &Path| std::fs::metadata(path).unwrap().mode() & 0o777;
        assert_eq!(mode(&state.path().join("allowed.json")), 0o600);
    }
}
