//! Profiles of Daypass's in AWS's config file: a block between two markers, and not a byte beside
//! it. Each profile is a `credential_process` and a region (AWS_RULES 3.7, 3.8).

mod block;
pub mod process;
#[cfg(test)]
mod tests;

use std::{borrow::Cow, collections::HashSet, path::PathBuf, time::Duration};

use daypass_core::problem::Problem;
use similar::TextDiff;
use zeroize::Zeroizing;

use self::block::Rewritten;
pub(crate) use self::block::own_sections;
use crate::{
    Locations,
    file::{self, Outcome},
    ini::{Document, check_value, holds_comment, profile_of, profile_section},
    traps,
};

/// A profile that AWS's tools shall see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Its name.
    pub name: String,
    /// The command that answers with credentials.
    pub command: String,
    /// The region that tools use with it.
    pub region: Option<String>,
}

impl Profile {
    /// Checks what can't stand in the file, or not mean there what it should (T10).
    ///
    /// # Errors
    /// Says which part it is.
    pub fn check(&self) -> Result<(), Problem> {
        profile_section(&self.name)?;
        for value in std::iter::once(&self.command).chain(&self.region) {
            check_value(value)?;
            if holds_comment(value) {
                return Err(Problem::usage(format!(
                    "The profile {} can't have # or ; after a blank in a value, where some AWS tools see a comment.",
                    self.name
                )));
            }
        }
        Ok(())
    }
}

/// A profile as it stands in the config file.
///
/// # Errors
/// When it can't stand there.
pub fn lines(profile: &Profile) -> Result<String, Problem> {
    profile.check()?;
    let mut text = format!(
        "[{}]\ncredential_process = {}\n",
        profile_section(&profile.name)?,
        profile.command
    );
    if let Some(region) = &profile.region {
        text.push_str(&format!("region = {region}\n"));
    }
    Ok(text)
}

/// The profiles of Daypass's that are in the config file.
///
/// # Errors
/// When the file can't be read, or Daypass's block in it is not as Daypass leaves it.
pub fn present(locations: &Locations) -> Result<Vec<Profile>, Problem> {
    let path = &locations.config;
    let text = file::read(path)?.unwrap_or_default();
    let document = Document::parse(&text).map_err(|mistake| mistake.in_file(path))?;
    let ours = own_sections(&document, path)?;
    let sections = document.sections().iter();
    let sections = sections.filter(|section| ours.contains(section.name()));
    Ok(sections
        .filter_map(|section| {
            let own = |key| document.own(section, key).map(Cow::into_owned);
            Some(Profile {
                name: profile_of(section.name())?,
                command: own("credential_process")?,
                region: own("region"),
            })
        })
        .collect())
}

/// What would become of the config file. Never printed as it is: the file may hold keys.
pub struct Change {
    /// The file.
    pub path: PathBuf,
    /// Its text now.
    pub before: Zeroizing<String>,
    /// Its text afterwards.
    pub after: Zeroizing<String>,
    /// What the person should know.
    pub warnings: Vec<String>,
    /// Profiles that are not written, because the file has others of these names already.
    pub left_out: Vec<String>,
    wanted: Vec<Profile>,
}

/// Says what would become of the config file with exactly these profiles of Daypass's; with none,
/// the block goes.
///
/// # Errors
/// When a profile can't be written as it is, the file can't be read, or Daypass's block in it is
/// not as Daypass leaves it.
pub fn plan(locations: &Locations, wanted: &[Profile]) -> Result<Change, Problem> {
    let mut names = HashSet::new();
    for profile in wanted {
        profile.check()?;
        if !names.insert(&profile.name) {
            return Err(Problem::usage(format!(
                "There would be two profiles named {}.",
                profile.name
            )));
        }
    }
    let path = locations.config.clone();
    let before = file::read(&path)?.unwrap_or_default();
    let document = Document::parse(&before).map_err(|mistake| mistake.in_file(&path))?;
    let rewritten = block::rewrite(&document, wanted, &path)?;
    let mut warnings = rewritten.warnings;
    if document.has_bom() {
        warnings.push(format!(
            "{} begins with a byte order mark, at which the AWS CLI and boto3 give up. Save it without one.",
            path.display()
        ));
    }
    warnings.extend(traps_of(
        locations,
        &rewritten.document,
        wanted,
        &rewritten.left_out,
    ));
    Ok(Change {
        path,
        before,
        after: Zeroizing::new(rewritten.document.text().to_owned()),
        warnings,
        left_out: rewritten.left_out,
        wanted: wanted.to_vec(),
    })
}

/// Writes what was planned. Where the file was changed since, the block is made anew for it.
///
/// # Errors
/// When the file can't be written, or is no longer one that the block can go into. It then is as
/// it was.
pub fn apply(change: &Change) -> Result<Outcome, Problem> {
    file::edit(&change.path, |text| {
        if text == change.before.as_str() {
            let changed = change.before != change.after;
            return Ok(changed.then(|| change.after.clone()));
        }
        let document = Document::parse(text).map_err(|mistake| mistake.in_file(&change.path))?;
        let Rewritten { document, .. } = block::rewrite(&document, &change.wanted, &change.path)?;
        let after = Zeroizing::new(document.text().to_owned());
        Ok((text != after.as_str()).then_some(after))
    })
}

/// The change as a unified diff, without the keys that stand near it.
pub fn diff(change: &Change) -> String {
    let (before, after) = (
        without_secrets(&change.before),
        without_secrets(&change.after),
    );
    let path = change.path.display().to_string();
    // Beyond that the diff is no longer the shortest, but there is one.
    TextDiff::configure()
        .timeout(Duration::from_millis(500))
        .diff_lines(before.as_str(), after.as_str())
        .unified_diff()
        .context_radius(3)
        .header(&path, &path)
        .to_string()
}

fn without_secrets(text: &str) -> String {
    let hide = |line: &str| {
        let (key, rest) = line.split_once(['=', ':'])?;
        let secret = [
            "aws_secret_access_key",
            "aws_session_token",
            "aws_security_token",
        ];
        secret
            .contains(&key.trim().to_lowercase().as_str())
            .then(|| {
                let ending = rest.trim_start_matches(|c| !matches!(c, '\r' | '\n'));
                format!("{key}= (hidden){ending}")
            })
    };
    text.split_inclusive(['\r', '\n'])
        .map(|line| hide(line).unwrap_or_else(|| line.to_owned()))
        .collect()
}

/// What would win over the new profiles.
fn traps_of(
    locations: &Locations,
    config: &Document,
    wanted: &[Profile],
    left_out: &[String],
) -> Vec<String> {
    let path = &locations.credentials;
    let credentials = file::read(path).and_then(|text| {
        Document::parse(&text.unwrap_or_default()).map_err(|mistake| mistake.in_file(path))
    });
    let credentials = match credentials {
        Ok(credentials) => credentials,
        Err(problem) => return vec![problem.to_string()],
    };
    let left_out: HashSet<&String> = left_out.iter().collect();
    let mut warnings = Vec::new();
    for profile in wanted.iter().filter(|p| !left_out.contains(&p.name)) {
        let mut warn = |keys: Vec<&str>, section: &str, path: &std::path::Path| {
            if !keys.is_empty() {
                warnings.push(format!(
                    "[{section}] in {} has {}, which wins over Daypass's profile {}. Take it out there.",
                    path.display(),
                    keys.join(", "),
                    profile.name
                ));
            }
        };
        let named = profile_section(&profile.name).ok();
        if let Some(section) = named.and_then(|name| config.section(&name)) {
            let found = traps::over_process(config, section);
            warn(found, section.name(), &locations.config);
        }
        if let Some(section) = credentials.section(&profile.name) {
            let found = traps::over_process_in_credentials(&credentials, section);
            warn(found, section.name(), path);
        }
    }
    warnings
}
