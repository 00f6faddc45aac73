//! `config.toml` on disk: read whole, edited in place without losing comments or unknown keys.

#[cfg(test)]
mod tests;
mod version;

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::SystemTime,
};

use daypass_core::{
    config::{Config, Identity},
    name::Name,
    problem::{Code, Problem},
    protocol::Publish,
    role::Role,
};
use daypass_shared_files::file;
use serde::Serialize;
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table};
use zeroize::Zeroizing;

use self::version::{FORMAT, Format, Version};

/// The config file and what it said when it was last good.
pub struct ConfigFile {
    path: PathBuf,
    stamp: Option<SystemTime>,
    config: Config,
    problem: Option<Problem>,
    format: Format,
}

impl ConfigFile {
    /// Reads the file; one that is not there counts as empty, one that is not good is left alone
    /// and reported by [`Self::problem`].
    pub fn open(path: PathBuf) -> Self {
        Self::open_as(FORMAT, path)
    }

    fn open_as(format: Format, path: PathBuf) -> Self {
        let mut file = Self {
            path,
            stamp: None,
            config: Config::default(),
            problem: None,
            format,
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
        self.problem = match self.understood() {
            Ok((config, problem)) => {
                self.config = config;
                problem
            }
            Err(problem) => Some(problem),
        };
    }

    /// What the file says, and why it is not to be written though it is understood.
    fn understood(&self) -> Result<(Config, Option<Problem>), Problem> {
        let unreadable = |problem: Problem| Problem::yours(Code::Usage, problem.what, UNTIL_THEN);
        let text = file::read(&self.path).map_err(unreadable)?;
        let text = text.unwrap_or_default();
        if text.trim().is_empty() && self.config != Config::default() {
            return Err(self.locate(&Problem::usage(
                "the file is gone or empty, and was not a moment ago. If that is as it should be, start Daypass again.",
            )));
        }
        let read = parse(self.format, &text).map_err(|problem| self.locate(&problem))?;
        let newer = match read.version {
            Version::Newer(version) => Some(Problem::yours(
                Code::Usage,
                format!(
                    "{}: the file has version {version}, but this Daypass knows only version {}.",
                    self.path.display(),
                    self.format.version
                ),
                "Update Daypass. Until then it uses what it understands of the file, and does not write to it.",
            )),
            Version::Current | Version::Older(_) => None,
        };
        Ok((read.config, newer))
    }

    /// Edits run on the controller's loop: they are rare, take milliseconds, and this way can't
    /// overtake each other. Whoever else writes meanwhile is not written over.
    fn edit(
        &mut self,
        change: impl Fn(&mut DocumentMut) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        self.refresh();
        if let Some(problem) = &self.problem {
            return Err(problem.clone());
        }
        let format = self.format;
        let mut config = None;
        let path = &self.path;
        file::edit(path, |text| {
            let Read {
                mut document,
                version,
                ..
            } = parse(format, text)?;
            match version {
                Version::Current => {}
                Version::Older(from) => version::keep(path, from, text)?,
                Version::Newer(_) => {
                    return Err(Problem::usage("The config file is of a newer Daypass."));
                }
            }
            format.stamp(&mut document);
            change(&mut document)?;
            let text = Zeroizing::new(document.to_string());
            config = Some(parse(format, &text)?.config);
            Ok(Some(text))
        })?;
        if let Some(config) = config {
            self.config = config;
        }
        self.stamp = modified(&self.path);
        Ok(())
    }

    fn locate(&self, problem: &Problem) -> Problem {
        let what = format!("{}: {}", self.path.display(), problem.what);
        Problem::yours(Code::Usage, what, UNTIL_THEN)
    }
}

const UNTIL_THEN: &str =
    "Correct the file; until then Daypass uses what it said before and does not write to it.";

/// Puts bytes in place of a file that is Daypass's alone ([`file::replace`]).
///
/// # Errors
/// Those of the file system, in words.
pub fn replace_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    file::replace(path, bytes).map_err(|problem| io::Error::other(problem.what))
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

/// A config file's text, understood.
struct Read {
    document: DocumentMut,
    config: Config,
    version: Version,
}

fn parse(format: Format, text: &str) -> Result<Read, Problem> {
    let mistake = |error: &dyn std::fmt::Display| {
        let told = in_one_sentence(&error.to_string());
        Problem::usage(format!("{}.", told.trim_end_matches('.')))
    };
    let mut document: DocumentMut = text
        .parse()
        .map_err(|error: toml_edit::TomlError| mistake(&error))?;
    let version = format.bring_up(&mut document)?;
    let understood = toml_edit::de::from_document(document.clone());
    let understood = understood.map_err(|error| mistake(&error));
    let config = understood.and_then(|config: Config| config.check().map(|()| config));
    let config = config.map_err(|problem| match version {
        // What this version takes for a mistake may be right in that one.
        Version::Newer(version) => Problem::usage(format!(
            "the file has version {version}, but this Daypass knows only version {}. Update Daypass.",
            format.version
        )),
        Version::Current | Version::Older(_) => problem,
    })?;
    Ok(Read {
        document,
        config,
        version,
    })
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
