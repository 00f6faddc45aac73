//! A role's settings, from a profile's keys.

use std::{borrow::Cow, collections::BTreeMap};

use daypass_core::{
    arn::PrincipalArn,
    duration::Duration,
    field::{ExternalId, Region, SessionName, SourceIdentity},
    name::Name,
    problem::Problem,
    role::{Role, SessionKind},
};

use super::{super::draft::Start, Profiles};

/// What came of a profile.
pub(super) struct Made {
    /// Its name is the wanted one, its start is not set.
    pub(super) role: Role,
    /// What a person must agree to.
    pub(super) beware: Vec<String>,
    /// What of it is not taken over.
    pub(super) notes: Vec<String>,
}

/// The longest value that is shown.
const MAX_SHOWN: usize = 200;

/// Settings that Daypass has no use for, and a person may rely on.
const NOT_TAKEN: [(&str, &str); 4] = [
    (
        "endpoint_url",
        "Daypass talks to AWS's own endpoints, or to those in its own config file",
    ),
    (
        "services",
        "Daypass talks to AWS's own endpoints, or to those in its own config file",
    ),
    (
        "ca_bundle",
        "Daypass trusts the certificates that it is set up to trust",
    ),
    (
        "sts_regional_endpoints",
        "Daypass asks the endpoint of the role's region",
    ),
];

/// Makes a role of a profile. An error says what of it AWS or Daypass would refuse.
pub(super) fn role(profiles: &Profiles<'_>, index: usize, start: &Start) -> Result<Made, String> {
    let setting = |key| profiles.setting(index, key);
    let parsed = |problem: Problem| problem.to_string();
    let name = profiles.get(index).map_or("", |profile| &profile.name);
    let arn = PrincipalArn::parse(&setting("role_arn").unwrap_or_default()).map_err(parsed)?;
    let mut notes = Vec::new();
    // The names are given when the role is taken.
    let placeholder = Name::parse("profile").map_err(parsed)?;
    let name = Name::parse(&super::super::names::acceptable(name)).map_err(parsed)?;
    let mut role = Role::new(name, placeholder, arn);
    role.external_id = optional(setting("external_id"), ExternalId::parse)?;
    role.session_name = optional(setting("role_session_name"), SessionName::parse)?;
    role.source_identity = optional(setting("source_identity"), SourceIdentity::parse)?;
    role.region = region(&role, setting("region"), &mut notes);
    (role.session, role.duration) = duration(setting("duration_seconds"), start, &mut notes);
    if let Some(tags) = setting("session_tags") {
        role.tags = session_tags(&tags)?;
    }
    let transitive = setting("transitive_session_tags").unwrap_or_default();
    let transitive = transitive
        .split(',')
        .map(str::trim)
        .filter(|tag| !tag.is_empty());
    role.transitive_tags = transitive.map(ToOwned::to_owned).collect();
    if setting("mfa_process").is_some() {
        notes.push("Its mfa_process is not run: you type the codes.".to_owned());
    }
    let beware = beware(profiles, index, start);
    Ok(Made {
        role,
        beware,
        notes,
    })
}

fn optional<T>(
    value: Option<Cow<'_, str>>,
    parse: impl Fn(&str) -> Result<T, Problem>,
) -> Result<Option<T>, String> {
    let value = value.map(|value| parse(&value)).transpose();
    value.map_err(|problem| problem.to_string())
}

/// A role works without a region, and better with none than with a wrong one.
fn region(role: &Role, value: Option<Cow<'_, str>>, notes: &mut Vec<String>) -> Option<Region> {
    let value = value?;
    let partition = role.arn.partition();
    let region = Region::parse(&value).ok();
    let region = region.filter(|region| partition.has_region(region.as_str()));
    if region.is_none() {
        notes.push(format!(
            "Its region {} is not taken over: it is none of the partition {}.",
            shown(&value),
            partition.id()
        ));
    }
    region
}

/// More than an hour takes the long-lived key; botocore ignores what is no number (AWS_RULES 3.2,
/// 3.9).
fn duration(
    value: Option<Cow<'_, str>>,
    start: &Start,
    notes: &mut Vec<String>,
) -> (SessionKind, Option<Duration>) {
    let daily = (SessionKind::Daily, None);
    let Some(seconds) = value.and_then(|value| value.trim().parse::<u32>().ok()) else {
        return daily;
    };
    let allowed = Duration::MIN.seconds()..=Duration::HALF_DAY.seconds();
    if !allowed.contains(&seconds) {
        notes.push(format!(
            "Its duration_seconds {seconds} is not taken over: a role session lasts between 15 minutes and 12 hours."
        ));
        return daily;
    }
    let duration = Duration::clamped(seconds);
    if duration <= Duration::HOUR {
        return (SessionKind::Daily, Some(duration));
    }
    if matches!(start, Start::Key(_)) {
        return (SessionKind::Long, Some(duration));
    }
    notes.push(format!(
        "Its duration_seconds {seconds} is not taken over: AWS caps a session made from temporary credentials at 1h."
    ));
    daily
}

/// aws-vault: `key=value` pairs with commas between them.
fn session_tags(text: &str) -> Result<BTreeMap<String, String>, String> {
    let pair = |tag: &str| {
        let (key, value) = tag.split_once('=')?;
        Some((key.trim().to_owned(), value.trim().to_owned()))
    };
    let tags: Option<BTreeMap<String, String>> = text.split(',').map(pair).collect();
    tags.ok_or_else(|| "Its session_tags are not of the form key=value,key=value.".to_owned())
}

/// Each names a setting and what Daypass does with it (T9).
fn beware(profiles: &Profiles<'_>, index: usize, start: &Start) -> Vec<String> {
    let mut beware: Vec<String> = NOT_TAKEN
        .iter()
        .filter_map(|(key, instead)| {
            let value = profiles.setting(index, key)?;
            Some(format!(
                "{key} = {} is not taken over: {instead}.",
                shown(&value)
            ))
        })
        .collect();
    if !matches!(start, Start::Ambient(_)) {
        return beware;
    }
    if let Some(source) = profiles.setting(index, "credential_source") {
        beware.push(format!(
            "credential_source = {source}: Daypass takes whatever the SDK's default chain finds first."
        ));
    }
    let source = profiles.setting(index, "source_profile");
    let Some((name, source)) = source.and_then(|name| Some((name.clone(), profiles.find(&name)?)))
    else {
        return beware;
    };
    if let Some(url) = profiles.sso_start_url(source) {
        beware.push(format!(
            "sso_start_url = {}: the SDK signs in there for the profile {name}, from which the role starts.",
            shown(&url)
        ));
    }
    if let Some(path) = profiles.setting(source, "web_identity_token_file") {
        beware.push(format!(
            "web_identity_token_file = {}: the SDK sends what is in it to AWS for the profile {name}, from which the role starts.",
            shown(&path)
        ));
    }
    beware
}

fn shown(value: &str) -> String {
    if value.chars().count() <= MAX_SHOWN {
        return value.to_owned();
    }
    value.chars().take(MAX_SHOWN).chain(['…']).collect()
}
