//! `config.toml` on disk: read whole, edited in place without losing comments or unknown keys.

#[cfg(test)]
mod tests;
mod value;
mod version;

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::SystemTime,
};

use daypass_core::{
    account::Account,
    browser::Browser,
    config::{Config, Endpoints, Identity, Settings},
    name::Name,
    problem::{Code, Problem},
    protocol::{Changes, Publish},
    role::Role,
};
use daypass_shared_files::file;
use serde::Serialize;
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, TableLike};
use zeroize::Zeroizing;

use self::version::{FORMAT, Format, Version};

/// The config file and what it said when it was last good.
pub struct ConfigFile {
    path: PathBuf,
    stamp: Option<SystemTime>,
    config: Config,
    problem: Option<Problem>,
    understood: bool,
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
            understood: false,
            format,
        };
        file.read();
        file
    }

    /// What the file said when it was last good.
    pub const fn config(&self) -> &Config {
        &self.config
    }

    /// Whether the file as it stands says what [`Self::config`] says. One of a newer version does,
    /// as far as it is understood.
    pub const fn is_understood(&self) -> bool {
        self.understood
    }

    /// Why the file as it stands cannot be used, or not as a whole, and so is not edited either.
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
                ("name", identity.name.as_str()),
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
            remove(document, "identity", ("name", name.as_str()));
            Ok(())
        })
    }

    /// Adds a role, or changes the one of that name.
    ///
    /// # Errors
    /// As [`Self::add_identity`].
    pub fn put_role(&mut self, role: &Role) -> Result<(), Problem> {
        self.edit(|document| {
            put(
                document,
                "role",
                ROLE_OPTIONS,
                ("name", role.name.as_str()),
                role,
            )
        })
    }

    /// Removes a role, what is published of it, and that it is pinned.
    ///
    /// # Errors
    /// As [`Self::add_identity`].
    pub fn remove_role(&mut self, name: &Name) -> Result<(), Problem> {
        self.edit(|document| {
            remove(document, "role", ("name", name.as_str()));
            drop_publish(document, name, None);
            // One of that name that comes later is another role, and was pinned by nobody.
            match document.get("settings") {
                Some(_) => value::set_listed(section(document, "settings")?, "pinned", name, false),
                None => Ok(()),
            }
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

    /// Marks a role as a favourite, or no longer.
    ///
    /// # Errors
    /// As [`Self::add_identity`].
    pub fn set_favourite(&mut self, role: &Name, on: bool) -> Result<(), Problem> {
        let favourite = on.then(|| Item::from(true));
        self.edit(|document| set_in_role(document, role, "favourite", favourite.as_ref()))
    }

    /// Says where a role's console opens.
    ///
    /// # Errors
    /// As [`Self::add_identity`].
    pub fn set_browser(&mut self, role: &Name, browser: Option<&Browser>) -> Result<(), Problem> {
        let browser = browser.map(value::of).transpose()?;
        self.edit(|document| set_in_role(document, role, "browser", browser.as_ref()))
    }

    /// Pins a role, or no longer.
    ///
    /// # Errors
    /// As [`Self::add_identity`].
    pub fn set_pinned(&mut self, role: &Name, on: bool) -> Result<(), Problem> {
        self.edit(|document| value::set_listed(section(document, "settings")?, "pinned", role, on))
    }

    /// Says what is said about an account, in place of what was said. One of which nothing is said
    /// goes.
    ///
    /// # Errors
    /// As [`Self::add_identity`].
    pub fn put_account(&mut self, account: &Account) -> Result<(), Problem> {
        let id = account.id.as_str();
        let options = ["name", "colour", "production", "browser"];
        self.edit(|document| match account.is_empty() {
            true => {
                remove(document, "account", ("id", id));
                Ok(())
            }
            false => put(document, "account", &options, ("id", id), account),
        })
    }

    /// Sets the settings whose keys are named to what they are here; one that has no value among
    /// the changes goes.
    ///
    /// # Errors
    /// As [`Self::add_identity`].
    pub fn put_settings(&mut self, changes: &Changes, settings: &Settings) -> Result<(), Problem> {
        self.edit(|document| {
            let mut values = document_of(settings)?;
            let section = section(document, "settings")?;
            for (key, value) in changes {
                let is_set = value.is_some();
                value::set(section, key, values.remove(key).filter(|_| is_set));
            }
            Ok(())
        })
    }

    /// Sets the endpoints that are named to what they are here.
    ///
    /// # Errors
    /// As [`Self::add_identity`].
    pub fn put_endpoints(
        &mut self,
        changes: &Changes,
        endpoints: &Endpoints,
    ) -> Result<(), Problem> {
        self.edit(|document| {
            let section = section(document, "endpoints")?;
            for key in changes.keys() {
                let set = endpoints.overridden();
                let address = set.iter().find(|(name, _)| name == key);
                value::set(section, key, address.map(|(_, url)| Item::from(*url)));
            }
            Ok(())
        })
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn read(&mut self) {
        self.stamp = modified(&self.path);
        let read = self.understood();
        self.understood = read.is_ok();
        self.problem = match read {
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
    key: Key<'_>,
    entry: &impl Serialize,
) -> Result<(), Problem> {
    let tables = tables(document, kind)?;
    let Some(table) = tables.iter_mut().find(|table| says(table, key)) else {
        return push(document, kind, entry);
    };
    let fresh = document_of(entry)?;
    for option in options.iter().filter(|option| fresh.get(option).is_none()) {
        table.remove(option);
    }
    for (key, item) in fresh.iter() {
        value::set(table, key, Some(item.clone()));
    }
    Ok(())
}

/// The key that tells tables of a kind apart, and its value.
type Key<'a> = (&'a str, &'a str);

/// The section of that name, which is made where there is none.
fn section<'a>(
    document: &'a mut DocumentMut,
    name: &str,
) -> Result<&'a mut dyn TableLike, Problem> {
    let made = || {
        let mut table = Table::new();
        table.decor_mut().set_prefix("\n");
        Item::Table(table)
    };
    let section = document.entry(name).or_insert_with(made);
    section
        .as_table_like_mut()
        .ok_or_else(|| Problem::usage(format!("Write [{name}] as a section of its own.")))
}

/// Sets a key of a role that is there, or takes it out.
fn set_in_role(
    document: &mut DocumentMut,
    role: &Name,
    key: &str,
    item: Option<&Item>,
) -> Result<(), Problem> {
    let mut tables = tables(document, "role")?.iter_mut();
    let table = tables.find(|table| says(table, ("name", role.as_str())));
    let table = table.ok_or_else(|| Problem::usage(format!("There is no role {role}.")))?;
    value::set(table, key, item.cloned());
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
    let mut document = toml_edit::ser::to_document(entry)
        .map_err(|_| Problem::ours("The entry could not be written as TOML."))?;
    // On one line, as people write it.
    if let Some(browser) = document.get_mut("browser") {
        browser.make_value();
    }
    Ok(document)
}

fn drop_publish(document: &mut DocumentMut, role: &Name, secret_id: Option<&str>) {
    if let Some(Item::ArrayOfTables(tables)) = document.get_mut("publish") {
        tables.retain(|table| {
            let secret = secret_id.is_none_or(|secret| says(table, ("secret_id", secret)));
            !(secret && says(table, ("role", role.as_str())))
        });
    }
}

fn remove(document: &mut DocumentMut, kind: &str, key: Key<'_>) {
    if let Some(Item::ArrayOfTables(tables)) = document.get_mut(kind) {
        tables.retain(|table| !says(table, key));
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

fn says(table: &Table, (key, value): Key<'_>) -> bool {
    table.get(key).and_then(Item::as_str) == Some(value)
}
