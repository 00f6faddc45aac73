//! The profiles of the two shared files, laid over each other as botocore does.

use std::{borrow::Cow, collections::HashMap, path::Path};

use daypass_core::{
    problem::Problem,
    secret::{AccessKey, Secret},
};

use crate::{
    ini::{Document, Section, profile_of, sso_session_of},
    profiles::own_sections,
};

/// How far `include_profile` is followed (T9).
const MAX_DEPTH: usize = 32;
const ID: &str = "aws_access_key_id";
const SECRET: &str = "aws_secret_access_key";
const TOKENS: [&str; 2] = ["aws_session_token", "aws_security_token"];

/// The two files.
#[derive(Clone, Copy)]
pub(super) struct Files<'a> {
    pub(super) config: &'a Document,
    pub(super) credentials: &'a Document,
    pub(super) config_path: &'a str,
    pub(super) credentials_path: &'a str,
}

/// All profiles.
pub(super) struct Profiles<'a> {
    files: Files<'a>,
    list: Vec<Profile<'a>>,
    by_name: HashMap<String, usize>,
    sso_sessions: HashMap<String, &'a Section>,
    /// aws-vault reads `[default]` into every profile; nobody else does.
    with_default: bool,
}

/// A profile: its sections in the two files.
pub(super) struct Profile<'a> {
    pub(super) name: String,
    config: Option<&'a Section>,
    credentials: Option<&'a Section>,
    /// Whether it stands in Daypass's own block.
    pub(super) ours: bool,
}

/// The key in a profile's sections.
pub(super) enum StaticKey {
    None,
    /// One that ends by itself.
    Temporary,
    /// One that is none, and why.
    Broken(String),
    Long(AccessKey),
}

impl<'a> Profiles<'a> {
    pub(super) fn of(files: Files<'a>, with_default: bool) -> Result<Self, Problem> {
        let ours = own_sections(files.config, Path::new(files.config_path))?;
        let mut profiles = Self {
            files,
            list: Vec::new(),
            by_name: HashMap::new(),
            sso_sessions: HashMap::new(),
            with_default,
        };
        for section in files.config.sections() {
            if let Some(name) = profile_of(section.name()) {
                let profile = profiles.named(name);
                // Of two sections for one profile botocore takes the second.
                profile.config = Some(section);
                profile.ours = ours.contains(section.name());
            }
            if let Some(name) = sso_session_of(section.name()) {
                profiles.sso_sessions.insert(name, section);
            }
        }
        for section in files.credentials.sections() {
            profiles.named(section.name().to_owned()).credentials = Some(section);
        }
        Ok(profiles)
    }

    /// The profile of that name; it may have no section.
    pub(super) fn named(&mut self, name: String) -> &mut Profile<'a> {
        let next = self.list.len();
        let index = *self.by_name.entry(name.clone()).or_insert(next);
        if index == next {
            self.list.push(Profile {
                name,
                config: None,
                credentials: None,
                ours: false,
            });
        }
        // The index is of a profile that was put there, here or before.
        #[expect(
            clippy::indexing_slicing,
            reason = "by_name holds indices of list only"
        )]
        &mut self.list[index]
    }

    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    pub(super) fn get(&self, index: usize) -> Option<&Profile<'a>> {
        self.list.get(index)
    }

    pub(super) fn find(&self, name: &str) -> Option<usize> {
        self.by_name.get(name).copied()
    }

    /// Where a profile is, in a person's words.
    pub(super) fn origin(&self, profile: &Profile<'_>) -> String {
        let (section, path) = match (profile.config, profile.credentials) {
            (Some(section), _) => (section, self.files.config_path),
            (None, Some(section)) => (section, self.files.credentials_path),
            (None, None) => return profile.name.clone(),
        };
        format!("[{}] in {path}", section.name())
    }

    /// A setting in the profile itself: the credentials file's goes before the config file's. What
    /// is empty counts as not set.
    pub(super) fn own(&self, profile: &Profile<'_>, key: &str) -> Option<Cow<'a, str>> {
        let Files {
            config,
            credentials,
            ..
        } = self.files;
        let in_credentials = profile.credentials.and_then(|s| credentials.get(s, key));
        in_credentials
            .or_else(|| config.get(profile.config?, key))
            .filter(|value| !value.is_empty())
    }

    /// A setting in the profile, in those that it includes, or where aws-vault would look.
    pub(super) fn setting(&self, index: usize, key: &str) -> Option<Cow<'a, str>> {
        let mut next = Some(index);
        for _ in 0..MAX_DEPTH {
            let profile = self.get(next?)?;
            let value = self.own(profile, key);
            if value.is_some() {
                return value;
            }
            next = match self.included(profile) {
                Some(name) => self.find(&name),
                None if self.with_default && profile.name != "default" => self.default_for(key),
                None => None,
            };
        }
        None
    }

    /// aws-vault 5 called it `parent_profile`.
    fn included(&self, profile: &Profile<'_>) -> Option<Cow<'a, str>> {
        self.own(profile, "include_profile")
            .or_else(|| self.own(profile, "parent_profile"))
    }

    fn default_for(&self, key: &str) -> Option<usize> {
        matches!(key, "mfa_serial" | "region").then(|| self.find("default"))?
    }

    /// Whether the profiles that it includes go in a circle, or too deep.
    pub(super) fn includes_too_much(&self, index: usize) -> bool {
        let mut next = self.get(index);
        for _ in 0..MAX_DEPTH {
            let Some(name) = next.and_then(|profile| self.included(profile)) else {
                return false;
            };
            next = self.find(&name).and_then(|index| self.get(index));
        }
        true
    }

    /// The address of the Identity Center that a profile signs in to.
    pub(super) fn sso_start_url(&self, index: usize) -> Option<Cow<'a, str>> {
        let session = self.setting(index, "sso_session");
        let section = session.and_then(|name| self.sso_sessions.get(&*name).copied());
        section
            .and_then(|section| self.files.config.get(section, "sso_start_url"))
            .or_else(|| self.setting(index, "sso_start_url"))
    }

    /// The key of a profile and where it lies: both halves are of one file.
    pub(super) fn static_key(&self, profile: &Profile<'_>) -> (StaticKey, String) {
        let Files {
            config,
            credentials,
            ..
        } = self.files;
        let places = [
            (
                credentials,
                profile.credentials,
                self.files.credentials_path,
            ),
            (config, profile.config, self.files.config_path),
        ];
        for (document, section, path) in places {
            let Some(section) = section else { continue };
            let key = key_in(document, section);
            if !matches!(key, StaticKey::None) {
                return (key, format!("[{}] in {path}", section.name()));
            }
        }
        (StaticKey::None, String::new())
    }
}

fn key_in(document: &Document, section: &Section) -> StaticKey {
    let value = |key| document.get(section, key);
    let secret = value(SECRET).map(|secret| Secret::new(secret.into_owned()));
    let (id, secret) = match (value(ID), secret) {
        (None, None) => return StaticKey::None,
        (Some(id), Some(secret)) => (id, secret),
        (Some(_), None) => return StaticKey::Broken(half(SECRET)),
        (None, Some(_)) => return StaticKey::Broken(half(ID)),
    };
    if id.starts_with("ASIA") || TOKENS.iter().any(|token| value(token).is_some()) {
        return StaticKey::Temporary;
    }
    match AccessKey::parse(&id, secret) {
        Ok(key) => StaticKey::Long(key),
        Err(problem) => StaticKey::Broken(problem.to_string()),
    }
}

fn half(missing: &str) -> String {
    format!("It holds half a key: {missing} is missing.")
}
