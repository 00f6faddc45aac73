//! `config.toml` on disk: read whole, edited in place without losing comments or unknown keys.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::SystemTime,
};

use daypass_core::{
    config::{self, Config, Identity},
    name::Name,
    problem::{Code, Problem},
    protocol::Publish,
    role::Role,
};
use serde::Serialize;
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, value};

/// The config file and what it said when it was last good.
pub struct ConfigFile {
    path: PathBuf,
    stamp: Option<SystemTime>,
    config: Config,
    problem: Option<Problem>,
}

impl ConfigFile {
    /// Reads the file; one that is not there counts as empty, one that is not good is left alone
    /// and reported by [`Self::problem`].
    pub fn open(path: PathBuf) -> Self {
        let mut file = Self {
            path,
            stamp: None,
            config: Config::default(),
            problem: None,
        };
        file.read();
        file
    }

    /// What the file said when it was last good.
    pub const fn config(&self) -> &Config {
        &self.config
    }

    /// Why the file as it stands cannot be used, and so is not edited either.
    pub const fn problem(&self) -> Option<&Problem> {
        self.problem.as_ref()
    }

    /// Reads the file again if it was changed by someone else; true when it was.
    pub fn refresh(&mut self) -> bool {
        if self.stamp == modified(&self.path) {
            return false;
        }
        self.read();
        true
    }

    /// Adds an identity.
    ///
    /// # Errors
    /// When the file is not good or cannot be written; then it stays as it was.
    pub fn add_identity(&mut self, identity: &Identity) -> Result<(), Problem> {
        self.edit(|document| {
            put(
                document,
                "identity",
                &["ambient", "profile"],
                identity.name.as_str(),
                identity,
            )
        })
    }

    /// Removes an identity.
    ///
    /// # Errors
    /// As [`Self::add_identity`].
    pub fn remove_identity(&mut self, name: &Name) -> Result<(), Problem> {
        self.edit(|document| {
            remove(document, "identity", name.as_str());
            Ok(())
        })
    }

    /// Adds a role, or changes the one of that name.
    ///
    /// # Errors
    /// As [`Self::add_identity`].
    pub fn put_role(&mut self, role: &Role) -> Result<(), Problem> {
        self.edit(|document| put(document, "role", ROLE_OPTIONS, role.name.as_str(), role))
    }

    /// Removes a role, and what is published of it.
    ///
    /// # Errors
    /// As [`Self::add_identity`].
    pub fn remove_role(&mut self, name: &Name) -> Result<(), Problem> {
        self.edit(|document| {
            remove(document, "role", name.as_str());
            drop_publish(document, name, None);
            Ok(())
        })
    }

    /// Adds identities and roles that are new, all in one edit.
    ///
    /// # Errors
    /// As [`Self::add_identity`].
    pub fn add_all(&mut self, identities: &[Identity], roles: &[Role]) -> Result<(), Problem> {
        self.edit(|document| {
            for identity in identities {
                push(document, "identity", identity)?;
            }
            roles
                .iter()
                .try_for_each(|role| push(document, "role", role))
        })
    }

    /// Publishes a session at each renewal.
    ///
    /// # Errors
    /// As [`Self::add_identity`].
    pub fn put_publish(&mut self, publish: &Publish) -> Result<(), Problem> {
        let (role, secret) = (publish.role.clone(), publish.secret_id.clone());
        self.edit(|document| {
            drop_publish(document, &role, Some(&secret));
            push(document, "publish", publish)
        })
    }

    /// No longer does so, for one secret or for all.
    ///
    /// # Errors
    /// As [`Self::add_identity`].
    pub fn remove_publish(&mut self, role: &Name, secret_id: Option<&str>) -> Result<(), Problem> {
        self.edit(|document| {
            drop_publish(document, role, secret_id);
            Ok(())
        })
    }

    fn read(&mut self) {
        self.stamp = modified(&self.path);
        match load(&self.path).and_then(|text| parse(&text)) {
            Ok((_, config)) => {
                self.config = config;
                self.problem = None;
            }
            Err(problem) => self.problem = Some(self.locate(&problem)),
        }
    }

    /// Edits run on the controller's loop: they are rare, take milliseconds, and this way can't
    /// overtake each other.
    fn edit(
        &mut self,
        change: impl FnOnce(&mut DocumentMut) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        self.refresh();
        if let Some(problem) = &self.problem {
            return Err(problem.clone());
        }
        let (mut document, _) = parse(&load(&self.path)?)?;
        if document.get("version").is_none() {
            document.insert("version", value(config::VERSION));
        }
        change(&mut document)?;
        let text = document.to_string();
        let (_, config) = parse(&text)?;
        replace_file(&self.path, text.as_bytes()).map_err(|error| {
            Problem::yours(
                Code::Failed,
                format!("{} cannot be written: {error}.", self.path.display()),
                "Free some space or mend the permissions, then try again.",
            )
        })?;
        self.config = config;
        self.stamp = modified(&self.path);
        Ok(())
    }

    fn locate(&self, problem: &Problem) -> Problem {
        Problem::yours(
            Code::Usage,
            format!("{}: {}", self.path.display(), problem.what),
            "Correct the file; until then Daypass uses what it said before and does not write to it.",
        )
    }
}

/// Writes a file beside its target and renames it over, so that a crash leaves the old or the new
/// one, and follows a symlink instead of replacing it. Folder 0700, file 0600 (T12).
///
/// # Errors
/// Those of the file system.
pub fn replace_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    use io::Write;

    // A link that leads nowhere yet is followed too.
    let target = fs::canonicalize(path)
        .or_else(|_| fs::read_link(path))
        .unwrap_or_else(|_| path.to_owned());
    let folder = target.parent().ok_or(io::ErrorKind::InvalidInput)?;
    create_private_dir(folder)?;
    let mut temporary = tempfile::NamedTempFile::new_in(folder)?;
    temporary.write_all(bytes)?;
    temporary.as_file().sync_all()?;
    temporary.persist(&target)?;
    fs::File::open(folder)?.sync_all()
}

#[cfg(unix)]
pub(crate) fn create_private_dir(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
}

#[cfg(not(unix))]
pub(crate) fn create_private_dir(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path)
        .and_then(|metadata| metadata.modified())
        .ok()
}

/// The longest config file that is read: some tens of thousands of roles.
const MAX_LEN: u64 = 16 * 1024 * 1024;

fn load(path: &Path) -> Result<String, Problem> {
    let unreadable = |why: String| Problem::usage(format!("the file cannot be read: {why}."));
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(String::new()),
        Err(error) => return Err(unreadable(error.to_string())),
    };
    if !metadata.is_file() {
        return Err(unreadable("it is not a regular file".to_owned()));
    }
    if metadata.len() > MAX_LEN {
        return Err(unreadable("it is longer than 16 MiB".to_owned()));
    }
    fs::read_to_string(path).map_err(|error| unreadable(error.to_string()))
}

fn parse(text: &str) -> Result<(DocumentMut, Config), Problem> {
    let mistake = |error: &dyn std::fmt::Display| {
        let told = in_one_sentence(&error.to_string());
        Problem::usage(format!("{}.", told.trim_end_matches('.')))
    };
    let document: DocumentMut = text
        .parse()
        .map_err(|error: toml_edit::TomlError| mistake(&error))?;
    match document.get("version").map(Item::as_integer) {
        None if text.trim().is_empty() => {}
        Some(Some(version)) if version == config::VERSION => {}
        Some(Some(version)) if version > config::VERSION => {
            return Err(Problem::usage(format!(
                "the file has version {version}, but this Daypass knows only version {}. Update Daypass.",
                config::VERSION
            )));
        }
        _ => return Err(Problem::usage("the file must begin with version = 1.")),
    }
    let config: Config = toml_edit::de::from_str(text).map_err(|error| mistake(&error))?;
    config.check()?;
    Ok((document, config))
}

/// The TOML parser draws the line and a caret; of that, the first line says where and the last
/// says what.
fn in_one_sentence(error: &str) -> String {
    let mut lines = error.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or_default();
    match lines.next_back() {
        Some(last) => format!("{first}: {last}"),
        None => first.to_owned(),
    }
}

/// The keys of a role that may be absent.
const ROLE_OPTIONS: &[&str] = &[
    "identity",
    "source",
    "duration",
    "session_name",
    "external_id",
    "source_identity",
    "region",
    "destination",
    "console_duration",
    "policy",
    "policy_arns",
    "transitive_tags",
    "tags",
];

/// Inserts or changes the table of that name, key by key, so that comments and keys of other
/// versions stay, and options that are no longer set go.
fn put(
    document: &mut DocumentMut,
    kind: &str,
    options: &[&str],
    name: &str,
    entry: &impl Serialize,
) -> Result<(), Problem> {
    let tables = tables(document, kind)?;
    let Some(table) = tables.iter_mut().find(|table| is_named(table, name)) else {
        return push(document, kind, entry);
    };
    let fresh = document_of(entry)?;
    for option in options.iter().filter(|option| fresh.get(option).is_none()) {
        table.remove(option);
    }
    for (key, item) in fresh.iter() {
        set(table, key, item.clone());
    }
    Ok(())
}

/// Appends a table.
fn push(document: &mut DocumentMut, kind: &str, entry: &impl Serialize) -> Result<(), Problem> {
    let mut table = document_of(entry)?.as_table().clone();
    table.decor_mut().set_prefix("\n");
    tables(document, kind)?.push(table);
    Ok(())
}

fn document_of(entry: &impl Serialize) -> Result<DocumentMut, Problem> {
    toml_edit::ser::to_document(entry)
        .map_err(|_| Problem::ours("The entry could not be written as TOML."))
}

fn drop_publish(document: &mut DocumentMut, role: &Name, secret_id: Option<&str>) {
    let says = |table: &Table, key: &str, value: &str| {
        table.get(key).and_then(Item::as_str) == Some(value)
    };
    if let Some(Item::ArrayOfTables(tables)) = document.get_mut("publish") {
        tables.retain(|table| {
            let secret = secret_id.is_none_or(|secret| says(table, "secret_id", secret));
            !(secret && says(table, "role", role.as_str()))
        });
    }
}

/// Sets a key and keeps the comments around it, which `Table::insert` would drop.
fn set(table: &mut Table, key: &str, new: Item) {
    let Some(item) = table.get_mut(key) else {
        table.insert(key, new);
        return;
    };
    let comments = item.as_value().map(|value| value.decor().clone());
    *item = new;
    if let (Some(comments), Some(value)) = (comments, item.as_value_mut()) {
        *value.decor_mut() = comments;
    }
}

fn remove(document: &mut DocumentMut, kind: &str, name: &str) {
    if let Some(Item::ArrayOfTables(tables)) = document.get_mut(kind) {
        tables.retain(|table| !is_named(table, name));
    }
}

fn tables<'a>(document: &'a mut DocumentMut, kind: &str) -> Result<&'a mut ArrayOfTables, Problem> {
    document
        .entry(kind)
        .or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()))
        .as_array_of_tables_mut()
        .ok_or_else(|| {
            Problem::usage(format!(
                "Write every {kind} as a [[{kind}]] section of its own."
            ))
        })
}

fn is_named(table: &Table, name: &str) -> bool {
    table.get("name").and_then(Item::as_str) == Some(name)
}

#[cfg(test)]
mod tests {
    use daypass_core::role::SessionKind;

    use super::*;

    const TEXT: &str = "# mine\nversion = 1\nfuture = true # kept\n\n[[identity]]\nname = \"work\" # the good one\n\n[[role]]\n# above\nname = \"prod\"\nidentity = \"work\"\narn = \"arn:aws:iam::111122223333:role/Admin\"\nsparkle = 3\n";

    fn file(text: &str) -> (tempfile::TempDir, ConfigFile) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("daypass").join("config.toml");
        if !text.is_empty() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, text).unwrap();
        }
        (folder, ConfigFile::open(path))
    }

    fn text(file: &ConfigFile) -> String {
        fs::read_to_string(&file.path).unwrap()
    }

    fn role(name: &str) -> Role {
        let arn = "arn:aws:iam::111122223333:role/Other".parse().unwrap();
        Role {
            session: SessionKind::Long,
            ..Role::new(
                Name::parse(name).unwrap(),
                Name::parse("work").unwrap(),
                arn,
            )
        }
    }

    #[test]
    fn edits_keep_comments_and_unknown_keys() {
        let (_folder, mut file) = file(TEXT);
        file.put_role(&role("prod")).unwrap();
        file.put_role(&role("second")).unwrap();
        let mut limited = role("second");
        limited.duration = Some(daypass_core::duration::Duration::HALF_DAY);
        file.put_role(&limited).unwrap();
        file.put_role(&role("second")).unwrap();
        let text = text(&file);
        assert!(
            !text.contains("duration"),
            "an option that is unset stayed in\n{text}"
        );
        for kept in [
            "# mine",
            "future = true # kept",
            "# the good one",
            "# above",
            "sparkle = 3",
        ] {
            assert!(text.contains(kept), "{kept} is gone from\n{text}");
        }
        assert_eq!(file.config().roles.len(), 2);
        file.remove_role(&Name::parse("second").unwrap()).unwrap();
        file.remove_role(&Name::parse("prod").unwrap()).unwrap();
        assert!(file.config().roles.is_empty());
    }

    #[test]
    fn a_first_entry_makes_a_private_file() {
        let (_folder, mut file) = file("");
        file.add_identity(&Identity {
            name: Name::parse("work").unwrap(),
            ambient: false,
            profile: None,
        })
        .unwrap();
        assert!(text(&file).contains("version = 1"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(
                fs::metadata(&file.path).unwrap().permissions().mode() & 0o777,
                0o600
            );
        }
    }

    #[test]
    fn what_is_not_good_is_reported_and_never_written() {
        for (bad, word) in [
            (
                "version = 2\n[[identity]]\nname = \"x\"\n",
                "Update Daypass",
            ),
            ("version = 1\n[[role]\n", "line 2"),
            (
                "version = 1\n[[identity]]\nname = \"a\\nb\"\n",
                "cannot be seen",
            ),
            (
                "version = 1\n[[role]]\nname = \"r\"\nidentity = \"gone\"\narn = \"arn:aws:iam::111122223333:role/A\"\n",
                "gone",
            ),
            (
                "version = 1\n[endpoints]\nsts = \"http://evil.test\"\n",
                "https",
            ),
            ("identity = 3\n", "version"),
        ] {
            let (_folder, mut file) = file(bad);
            let problem = file
                .problem()
                .unwrap_or_else(|| panic!("{bad:?} was taken"))
                .to_string();
            assert!(problem.contains(word), "{problem}");
            assert!(!problem.contains('\n'));
            assert!(file.put_role(&role("x")).is_err());
            assert_eq!(text(&file), bad);
        }
    }

    #[test]
    fn a_change_that_makes_the_file_wrong_is_not_written() {
        let (_folder, mut file) = file(TEXT);
        assert!(file.remove_identity(&Name::parse("work").unwrap()).is_err());
        assert_eq!(text(&file), TEXT);
        assert_eq!(file.config().roles.len(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_symlink_stays_one() {
        let (folder, _) = file(TEXT);
        let real = folder.path().join("daypass/config.toml");
        let link = folder.path().join("link.toml");
        std::os::unix::fs::symlink(&real, &link).unwrap();
        let mut file = ConfigFile::open(link.clone());
        file.put_role(&role("second")).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert!(fs::read_to_string(real).unwrap().contains("second"));
    }

    #[test]
    fn a_folder_in_its_place_is_reported() {
        let folder = tempfile::tempdir().unwrap();
        let file = ConfigFile::open(folder.path().to_owned());
        assert!(
            file.problem()
                .is_some_and(|problem| problem.what.contains("regular"))
        );
    }
}
