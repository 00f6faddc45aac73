//! Long-lived keys that are safe in the keychain, taken out of the files in which they lie in plain
//! text, and put back if the person wants that. The record for it holds no secret.

pub mod record;
#[cfg(test)]
mod tests;

use std::{
    collections::{HashMap, HashSet},
    fmt::Write,
    path::{Path, PathBuf},
};

use daypass_core::{problem::Problem, secret::AccessKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::{
    file::{self, Outcome},
    ini::{Document, Section, profile_of},
};

const ID: &str = "aws_access_key_id";
const SECRET: &str = "aws_secret_access_key";

/// What puts keys back where they were.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undo {
    /// The file that they were taken from.
    pub file: PathBuf,
    /// SHA-256 of the file without them, to see whether it was changed since.
    without: String,
    lines: Vec<TakenLine>,
}

/// A line that was taken out, without its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct TakenLine {
    section: String,
    key: String,
    access_key_id: String,
    /// Where it began, in bytes, when all lines were there.
    at: usize,
    before: String,
    after: String,
}

impl Undo {
    /// The ids of the keys that are needed to undo it.
    pub fn key_ids(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().map(|line| line.access_key_id.as_str())
    }

    /// The sections that have no key any more.
    pub fn sections(&self) -> impl Iterator<Item = &str> {
        let ids = self.lines.iter().filter(|line| line.key == ID);
        ids.map(|line| line.section.as_str())
    }
}

/// Takes the lines of these keys out of a file, wherever id and secret are exactly theirs. `keep` is
/// called with the record before the file is changed, and again where somebody else wrote
/// meanwhile. Says what was taken.
///
/// # Errors
/// Those of `keep`, and when the file can't be read or written. It then is as it was.
pub fn remove(
    path: &Path,
    keys: &[AccessKey],
    mut keep: impl FnMut(&Undo) -> Result<(), Problem>,
) -> Result<Option<Undo>, Problem> {
    let keys: HashMap<&str, &AccessKey> = keys.iter().map(|key| (key.id.as_str(), key)).collect();
    let mut taken = None;
    file::edit(path, |text| {
        taken = None;
        let document = Document::parse(text).map_err(|mistake| mistake.in_file(path))?;
        let lines = lines_of(&document, &keys);
        if lines.is_empty() {
            return Ok(None);
        }
        let without = without(&document, &lines)?;
        let undo = Undo {
            file: path.to_owned(),
            without: digest(&without),
            lines,
        };
        keep(&undo)?;
        taken = Some(undo);
        Ok(Some(without))
    })?;
    Ok(taken)
}

/// Profiles of the config file that name one of these sections as their source, and so no longer
/// work in AWS's own tools; nothing where there are none.
///
/// # Errors
/// When the file can't be read.
pub fn without_source(config: &Path, sections: &[&str]) -> Result<Option<String>, Problem> {
    let text = file::read(config)?.unwrap_or_default();
    let document = Document::parse(&text).map_err(|mistake| mistake.in_file(config))?;
    let sources: HashSet<String> = sections
        .iter()
        .map(|section| profile_of(section).unwrap_or_else(|| (*section).to_owned()))
        .collect();
    let starts_there = |section: &&Section| {
        let source = document.get(section, "source_profile");
        source.is_some_and(|source| sources.contains(source.trim()))
    };
    let profiles: Vec<String> = document
        .sections()
        .iter()
        .filter(starts_there)
        .filter_map(|section| profile_of(section.name()))
        .collect();
    if profiles.is_empty() {
        return Ok(None);
    }
    Ok(Some(format!(
        "AWS's own tools can no longer use {} of {}, which start from there. Take those sections out and run `daypass profiles`, or use `daypass exec`.",
        profiles.join(", "),
        config.display()
    )))
}

/// Puts the keys back: byte for byte where the file is as it was left, else into their sections.
/// Says what could not be put back.
///
/// # Errors
/// When the file can't be read or written. It then is as it was.
pub fn restore(
    undo: &Undo,
    key: impl Fn(&str) -> Option<AccessKey>,
) -> Result<Vec<String>, Problem> {
    let mut keys = HashMap::new();
    for line in &undo.lines {
        let id = line.access_key_id.as_str();
        if let Some(key) = key(id) {
            keys.insert(id, key);
        }
    }
    let mut warnings = Vec::new();
    let outcome = file::edit(&undo.file, |text| {
        warnings.clear();
        if let Some(whole) = whole(undo, text, &keys) {
            return Ok(Some(whole));
        }
        let document = Document::parse(text).map_err(|mistake| mistake.in_file(&undo.file))?;
        let restored = into_sections(undo, &document, &keys, &mut warnings);
        Ok((restored.text() != text).then(|| restored.text().to_owned().into()))
    })?;
    if outcome != Outcome::Same && undo.sections().next().is_some() {
        warnings.push(format!(
            "{} holds keys in plain text again.",
            undo.file.display()
        ));
    }
    Ok(warnings)
}

fn lines_of(document: &Document, keys: &HashMap<&str, &AccessKey>) -> Vec<TakenLine> {
    let mut lines = Vec::new();
    for section in document.sections() {
        let Some(id) = document.own(section, ID) else {
            continue;
        };
        let secret = document.own(section, SECRET);
        let known = keys.get(&*id).map(|key| key.secret.expose());
        if known.is_none() || known != secret.as_deref() {
            continue;
        }
        for key in [ID, SECRET] {
            lines.extend(taken_line(document, section, key, &id));
        }
    }
    lines.sort_by_key(|line| line.at);
    lines
}

fn taken_line(document: &Document, section: &Section, key: &str, id: &str) -> Option<TakenLine> {
    let (line, value) = document.first_line(section, key)?;
    let text = |range| document.text().get(range).map(ToOwned::to_owned);
    Some(TakenLine {
        section: section.name().to_owned(),
        key: key.to_owned(),
        access_key_id: id.to_owned(),
        at: line.start,
        before: text(line.start..value.start)?,
        after: text(value.end..line.end)?,
    })
}

fn without(document: &Document, lines: &[TakenLine]) -> Result<Zeroizing<String>, Problem> {
    let mut rest = Zeroizing::new(String::with_capacity(document.text().len()));
    let mut from = 0;
    for line in lines {
        let section = document.section(&line.section);
        let Some((bytes, _)) = section.and_then(|s| document.first_line(s, &line.key)) else {
            continue;
        };
        rest.push_str(document.text().get(from..bytes.start).unwrap_or_default());
        from = bytes.end;
    }
    rest.push_str(document.text().get(from..).unwrap_or_default());
    let sections: HashSet<&str> = lines.iter().map(|line| line.section.as_str()).collect();
    let taken =
        |section: &str, key: &str| (key == ID || key == SECRET) && sections.contains(section);
    match Document::parse(&rest) {
        Ok(after) if document.same_but(&after, taken) => Ok(rest),
        _ => Err(Problem::ours(
            "The file would say something else without the keys, and nothing was written.",
        )),
    }
}

/// The file with all its keys, if it is as it was left and all keys are there.
fn whole(undo: &Undo, text: &str, keys: &HashMap<&str, AccessKey>) -> Option<Zeroizing<String>> {
    if digest(text) != undo.without {
        return None;
    }
    let longest: usize = undo
        .lines
        .iter()
        .map(|l| l.before.len() + l.after.len() + 128)
        .sum();
    let mut whole = Zeroizing::new(String::with_capacity(text.len() + longest));
    let mut from = 0;
    for line in &undo.lines {
        let until = from + line.at.checked_sub(whole.len())?;
        whole.push_str(text.get(from..until)?);
        from = until;
        for part in [&line.before, value(line, keys)?, &line.after] {
            whole.push_str(part);
        }
    }
    whole.push_str(text.get(from..)?);
    Some(whole)
}

fn value<'a>(line: &TakenLine, keys: &'a HashMap<&str, AccessKey>) -> Option<&'a str> {
    let key = keys.get(line.access_key_id.as_str())?;
    Some(match line.key.as_str() {
        SECRET => key.secret.expose(),
        _ => key.id.as_str(),
    })
}

/// A section that has a key again keeps it.
fn into_sections(
    undo: &Undo,
    document: &Document,
    keys: &HashMap<&str, AccessKey>,
    warnings: &mut Vec<String>,
) -> Document {
    let mut restored = document.clone();
    let path = undo.file.display();
    for line in undo.lines.iter().filter(|line| line.key == ID) {
        let section = &line.section;
        let Some(key) = keys.get(line.access_key_id.as_str()) else {
            warnings.push(format!(
                "The key {} of [{section}] is not in the keychain, and so not back in {path}.",
                line.access_key_id
            ));
            continue;
        };
        let own = |key| document.section(section).and_then(|s| document.own(s, key));
        if own(ID).is_some() || own(SECRET).is_some() {
            warnings.push(format!(
                "[{section}] in {path} has a key again, which is left as it is."
            ));
            continue;
        }
        let with_key = restored
            .set(section, ID, key.id.as_str())
            .and_then(|with_id| with_id.set(section, SECRET, key.secret.expose()));
        match with_key {
            Ok(with_key) => restored = with_key,
            Err(problem) => warnings.push(format!("[{section}] in {path}: {problem}")),
        }
    }
    restored
}

fn digest(text: &str) -> String {
    let mut hex = String::new();
    for byte in Sha256::digest(text.as_bytes()) {
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}
