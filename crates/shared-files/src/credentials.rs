//! A session in AWS's credentials file, where a person asked for it: for tools that read nothing
//! else. It is in plain text there until it ends.

#[cfg(test)]
mod tests;

use std::path::Path;

use daypass_core::{
    environment::expiration,
    problem::{Code, Problem},
    protocol::WireCredentials,
};

use crate::{
    Locations,
    file::{self, Outcome},
    ini::{Document, Section, check_name, profile_of},
    traps,
};

const ID: &str = "aws_access_key_id";
const SECRET: &str = "aws_secret_access_key";
const TOKEN: &str = "aws_session_token";
/// The token's old name, which botocore takes before the new one.
const OLD_TOKEN: &str = "aws_security_token";
/// No tool reads it but people's scripts, which know it from saml2aws.
const EXPIRES: &str = "x_security_token_expires";
const ACCOUNT: &str = "aws_account_id";

/// Writes a session into a profile of the credentials file, and says what the person should know.
///
/// # Errors
/// When the profile holds a long-lived key, which would be lost; when its name can't stand there;
/// when the file can't be read or written. The file then is as it was.
pub fn write(
    locations: &Locations,
    profile: &str,
    credentials: &WireCredentials,
    region: Option<&str>,
) -> Result<Vec<String>, Problem> {
    check_name(profile)?;
    let path = &locations.credentials;
    let mut warnings = Vec::new();
    let outcome = file::edit(path, |text| {
        let before = Document::parse(text).map_err(|mistake| mistake.in_file(path))?;
        check_owner(&before, profile, path)?;
        let after = with_session(&before, profile, credentials, region)?;
        warnings = warnings_of(locations, &after, profile);
        Ok((after.text() != text).then(|| after.text().to_owned().into()))
    })?;
    if outcome == (Outcome::Written { was_readable: true }) {
        warnings.push(format!(
            "Other users could read {} until now; it is yours alone from now on.",
            path.display()
        ));
    }
    Ok(warnings)
}

/// Only keys that are temporary, as ours are, are replaced.
fn check_owner(document: &Document, profile: &str, path: &Path) -> Result<(), Problem> {
    let Some(section) = document.section(profile) else {
        return Ok(());
    };
    let own = |key| document.own(section, key);
    let holds_key = own(ID).is_some() || own(SECRET).is_some();
    let temporary = own(ID).is_some_and(|id| id.starts_with("ASIA"))
        || own(TOKEN).is_some()
        || own(OLD_TOKEN).is_some();
    if !holds_key || temporary {
        return Ok(());
    }
    Err(Problem::yours(
        Code::Failed,
        format!(
            "[{profile}] in {} holds a long-lived key, which would be lost.",
            path.display()
        ),
        "Choose another profile, or let `daypass import` take the key first.",
    ))
}

fn with_session(
    document: &Document,
    profile: &str,
    credentials: &WireCredentials,
    region: Option<&str>,
) -> Result<Document, Problem> {
    let mut after = document
        .set(profile, ID, &credentials.access_key_id)?
        .set(profile, SECRET, credentials.secret_access_key.expose())?
        .set(profile, TOKEN, credentials.session_token.expose())?
        .without(profile, OLD_TOKEN)?
        .set(profile, EXPIRES, &expiration(credentials.expires_at))?;
    // One of another account would contradict the session.
    if after
        .section(profile)
        .and_then(|s| after.own(s, ACCOUNT))
        .is_some()
    {
        after = after.set(profile, ACCOUNT, &credentials.account)?;
    }
    match region {
        Some(region) => after.set(profile, "region", region),
        None => Ok(after),
    }
}

fn warnings_of(locations: &Locations, credentials: &Document, profile: &str) -> Vec<String> {
    let mut warnings = Vec::new();
    let mut warn = |keys: Vec<&str>, section: &str, path: &Path| {
        if !keys.is_empty() {
            warnings.push(format!(
                "[{section}] in {} has {}, which wins over what was written. Take it out there.",
                path.display(),
                keys.join(", ")
            ));
        }
    };
    let path = &locations.credentials;
    if let Some(section) = credentials.section(profile) {
        warn(traps::over_keys(credentials, section), profile, path);
    }
    let path = &locations.config;
    let config = file::read(path).and_then(|text| {
        Document::parse(&text.unwrap_or_default()).map_err(|mistake| mistake.in_file(path))
    });
    match config {
        Ok(config) => {
            let namesake =
                |section: &&Section| profile_of(section.name()).as_deref() == Some(profile);
            if let Some(section) = config.sections().iter().rev().find(namesake) {
                warn(traps::over_keys(&config, section), section.name(), path);
            }
        }
        Err(problem) => warnings.push(problem.to_string()),
    }
    if credentials.has_bom() {
        warnings.push(format!(
            "{} begins with a byte order mark, at which the AWS CLI and boto3 give up. Save it without one.",
            locations.credentials.display()
        ));
    }
    warnings
}
