//! Profiles become identities and roles, as botocore would use them (AWS_RULES 3.8, 3.9).

mod settings;

use daypass_core::{
    problem::Problem,
    secret::{AccessKey, Secret},
};

use super::{
    draft::{Draft, Link, Start},
    foreign::{ForeignKey, Program},
    shared::{Files, Profile, Profiles, StaticKey},
};

const WEB_IDENTITY: [&str; 2] = ["web_identity_token_file", "web_identity_token_process"];
/// Settings whose value is a command.
const RUNS: [&str; 2] = ["credential_process", "web_identity_token_process"];
const SSO: [&str; 4] = [
    "sso_session",
    "sso_account_id",
    "sso_role_name",
    "sso_start_url",
];
const CREDENTIAL_SOURCES: [&str; 3] = ["Environment", "Ec2InstanceMetadata", "EcsContainer"];

/// Takes all profiles of the two files, and the keys that other programs keep for them.
pub(super) fn take(
    files: &Files<'_>,
    foreign: &[ForeignKey],
    draft: &mut Draft<'_>,
) -> Result<(), Problem> {
    let with_default = foreign.iter().any(|key| key.program == Program::AwsVault);
    let mut profiles = Profiles::of(*files, with_default)?;
    for key in foreign.iter().filter(|key| is_of_a_profile(key)) {
        profiles.named(key.profile.clone());
    }
    let mut taking = Taking {
        keys: vec![Key::None; profiles.len()],
        states: vec![State::New; profiles.len()],
        used: vec![false; profiles.len()],
        profiles: &profiles,
        draft,
    };
    taking.take_static_keys();
    taking.take_foreign_keys(foreign);
    taking.take_roles();
    taking.leave_the_rest();
    Ok(())
}

fn is_of_a_profile(key: &ForeignKey) -> bool {
    key.program != Program::Leapp
}

/// What is known of a profile's key.
#[derive(Clone)]
enum Key {
    None,
    /// There is one, and it can't be taken.
    Left,
    Taken(Start),
}

/// How far a profile with a role is.
#[derive(Clone)]
enum State {
    New,
    /// Being looked at: who meets it again goes in a circle.
    Open,
    Taken(Link),
    Left,
}

/// Where a profile's role starts.
enum Next {
    At(Start),
    /// Where the role of another profile ends.
    After(usize),
}

struct Taking<'p, 'd, 'k> {
    profiles: &'p Profiles<'p>,
    draft: &'d mut Draft<'k>,
    keys: Vec<Key>,
    states: Vec<State>,
    /// Profiles that others start from.
    used: Vec<bool>,
}

impl<'p> Taking<'p, '_, '_> {
    fn take_static_keys(&mut self) {
        for (index, profile) in self.each() {
            let (key, origin) = self.profiles.static_key(profile);
            let taken = match key {
                StaticKey::None => continue,
                StaticKey::Temporary => Err(
                    "Its key is temporary and ends by itself. The program that made it makes the next one.".to_owned(),
                ),
                StaticKey::Broken(why) => Err(why),
                StaticKey::Long(key) => self.draft.take_key(&profile.name, &origin, key, true),
            };
            self.keep_key(index, &origin, taken);
        }
    }

    fn take_foreign_keys(&mut self, keys: &[ForeignKey]) {
        for foreign in keys.iter().filter(|key| is_of_a_profile(key)) {
            let Some(index) = self.profiles.find(&foreign.profile) else {
                continue;
            };
            let secret = Secret::new(foreign.secret_access_key.expose().to_owned());
            let taken = AccessKey::parse(&foreign.access_key_id, secret)
                .map_err(|problem| problem.to_string())
                .and_then(|key| {
                    self.draft
                        .take_key(&foreign.profile, &foreign.origin, key, false)
                });
            self.keep_key(index, &foreign.origin, taken);
        }
    }

    /// The first key of a profile is its key. Devices that the profile names are the key's.
    fn keep_key(&mut self, index: usize, origin: &str, taken: Result<Start, String>) {
        let key = match taken {
            Ok(start) => {
                self.take_device(index, origin, &start);
                Key::Taken(start)
            }
            Err(why) => {
                self.draft.leave(origin, &why);
                Key::Left
            }
        };
        if let Some(place) = self.keys.get_mut(index)
            && matches!(place, Key::None)
        {
            *place = key;
        }
    }

    fn take_device(&mut self, index: usize, origin: &str, start: &Start) {
        let Some(serial) = self.profiles.setting(index, "mfa_serial") else {
            return;
        };
        if let Err(why) = self.draft.add_device(start, &serial) {
            self.draft.leave(origin, &why);
        }
    }

    fn take_roles(&mut self) {
        for (index, profile) in self.each() {
            if !profile.ours && self.setting(index, "role_arn").is_some() {
                self.take_role(index);
            }
        }
    }

    /// Goes back from profile to profile until it is clear where they start, and then takes their
    /// roles in the order in which they are assumed.
    fn take_role(&mut self, index: usize) {
        let mut path = Vec::new();
        let mut at = index;
        let mut outcome = loop {
            match self.states.get_mut(at) {
                Some(State::Taken(link)) => break Ok(Start::Role(link.clone())),
                Some(state @ State::New) => *state = State::Open,
                Some(State::Open) => {
                    break Err(
                        "Its source profiles go in a circle. Correct source_profile.".to_owned(),
                    );
                }
                Some(State::Left) | None => break Err(self.source_is_left(at)),
            }
            path.push(at);
            match self.next(at) {
                Ok(Next::At(start)) => break Ok(start),
                Ok(Next::After(source)) => at = source,
                Err(why) => break Err(why),
            }
        };
        for at in path.into_iter().rev() {
            let taken = outcome.and_then(|start| self.make_role(at, &start));
            let state = match &taken {
                Ok(link) => State::Taken(link.clone()),
                Err(why) => {
                    if let Some(profile) = self.profiles.get(at) {
                        self.draft.leave(&self.profiles.origin(profile), why);
                    }
                    State::Left
                }
            };
            if let Some(place) = self.states.get_mut(at) {
                *place = state;
            }
            outcome = taken.map(Start::Role).map_err(|_| self.source_is_left(at));
        }
    }

    fn source_is_left(&self, source: usize) -> String {
        format!(
            "Its source profile {} is left alone.",
            self.profiles
                .get(source)
                .map_or("", |profile| &profile.name)
        )
    }

    /// Where a profile's role starts; an error says why it can't be taken.
    fn next(&mut self, index: usize) -> Result<Next, String> {
        let Some(profile) = self.profiles.get(index) else {
            return Err("It is not there.".to_owned());
        };
        if self.profiles.includes_too_much(index) {
            return Err(
                "The profiles that it includes go in a circle, or deeper than 32.".to_owned(),
            );
        }
        match self.first_set(index, &WEB_IDENTITY) {
            Some("web_identity_token_file") => {
                return Err("It takes its role with a token (web_identity_token_file), which the SDKs do by themselves.".to_owned());
            }
            Some(key) => return Err(runs_a_program(key)),
            None => {}
        }
        if self.setting(index, "login_session").is_some() {
            return Err(LOGIN.to_owned());
        }
        let source = self.setting(index, "source_profile");
        let credential_source = self.setting(index, "credential_source");
        match (source, credential_source) {
            (Some(_), Some(_)) => Err(
                "It has both source_profile and credential_source, which AWS's tools refuse."
                    .to_owned(),
            ),
            (None, Some(source)) => self.after_credential_source(profile, &source),
            (Some(source), None) if source != profile.name.as_str() => self.after_profile(&source),
            // aws-vault takes the key that it keeps under the profile's own name.
            (None, None) => self.own_key(index, profile).ok_or_else(|| {
                "It has neither source_profile nor credential_source, and no key of its own."
                    .to_owned()
            }),
            (Some(_), None) => self
                .own_key(index, profile)
                .ok_or_else(|| "It is its own source_profile, and has no key.".to_owned()),
        }
    }

    fn own_key(&self, index: usize, profile: &Profile<'_>) -> Option<Next> {
        match self.keys.get(index) {
            Some(Key::Taken(start)) => Some(Next::At(start.clone())),
            _ => self.draft.known_key(&profile.name).map(Next::At),
        }
    }

    fn after_credential_source(
        &mut self,
        profile: &Profile<'_>,
        source: &str,
    ) -> Result<Next, String> {
        if !CREDENTIAL_SOURCES.contains(&source) {
            return Err(format!("AWS's tools know no credential_source {source}."));
        }
        let origin = self.profiles.origin(profile);
        Ok(Next::At(self.draft.ambient(None, &origin)))
    }

    /// A key goes before the same profile's role.
    fn after_profile(&mut self, source: &str) -> Result<Next, String> {
        let found = self.profiles.find(source);
        let profile = found.and_then(|index| Some((index, self.profiles.get(index)?)));
        let Some((index, profile)) = profile else {
            let known = self.draft.known_key(source).map(Next::At);
            return known.ok_or_else(|| {
                format!("Its source profile {source} is not there. Correct source_profile.")
            });
        };
        if let Some(used) = self.used.get_mut(index) {
            *used = true;
        }
        if let Some(Key::Taken(start)) = self.keys.get(index) {
            return Ok(Next::At(start.clone()));
        }
        if profile.ours {
            let known = self.draft.known_role(source).map(Next::At);
            return known.ok_or_else(|| self.source_is_left(index));
        }
        let web_identity = self.first_set(index, &WEB_IDENTITY);
        let sso = self.is_sso(index);
        if web_identity.is_none() && self.setting(index, "role_arn").is_some() {
            return Ok(Next::After(index));
        }
        if web_identity == Some("web_identity_token_file") || sso {
            let origin = self.profiles.origin(profile);
            return Ok(Next::At(self.draft.ambient(Some(source), &origin)));
        }
        let known = self.draft.known_key(source).map(Next::At);
        known.ok_or_else(|| self.why_no_source(index, source))
    }

    fn why_no_source(&self, index: usize, source: &str) -> String {
        if matches!(self.keys.get(index), Some(Key::Left)) {
            return self.source_is_left(index);
        }
        if let Some(key) = self.first_set(index, &RUNS) {
            return format!(
                "Its source profile {source} runs a program ({key}), which Daypass does not."
            );
        }
        if self.setting(index, "login_session").is_some() {
            return format!("Its source profile {source} is left alone. {LOGIN}");
        }
        format!(
            "Its source profile {source} has no credentials. Add them with `daypass identity add`, then import again."
        )
    }

    fn make_role(&mut self, index: usize, start: &Start) -> Result<Link, String> {
        let Some(profile) = self.profiles.get(index) else {
            return Err("It is not there.".to_owned());
        };
        let origin = self.profiles.origin(profile);
        let made = settings::role(self.profiles, index, start)?;
        let link = self
            .draft
            .take_role(made.role, start, &origin, made.beware)?;
        for note in &made.notes {
            self.draft.leave(&origin, note);
        }
        self.take_device(index, &origin, start);
        Ok(link)
    }

    /// Profiles without a role of their own, and why they are left alone.
    fn leave_the_rest(&mut self) {
        for (index, profile) in self.each() {
            let keyless = matches!(self.keys.get(index), Some(Key::None) | None);
            if profile.ours || !keyless || self.setting(index, "role_arn").is_some() {
                continue;
            }
            let used = self.used.get(index).copied().unwrap_or_default();
            if let Some(why) = self.why_left(index, used) {
                self.draft.leave(&self.profiles.origin(profile), &why);
            }
        }
    }

    fn why_left(&self, index: usize, used: bool) -> Option<String> {
        if self.setting(index, "login_session").is_some() {
            return Some(LOGIN.to_owned());
        }
        if let Some(key) = self.first_set(index, &RUNS) {
            return Some(runs_a_program(key));
        }
        if used {
            return None;
        }
        if self.is_sso(index) {
            return Some(
                "It is of IAM Identity Center, and no role starts from it. `aws sso login` keeps working.".to_owned(),
            );
        }
        None
    }

    fn is_sso(&self, index: usize) -> bool {
        self.first_set(index, &SSO).is_some()
    }

    fn first_set(&self, index: usize, keys: &[&'static str]) -> Option<&'static str> {
        let set = |key: &&&'static str| self.setting(index, key).is_some();
        keys.iter().find(set).copied()
    }

    fn setting(&self, index: usize, key: &str) -> Option<std::borrow::Cow<'p, str>> {
        self.profiles.setting(index, key)
    }

    fn each(&self) -> impl Iterator<Item = (usize, &'p Profile<'p>)> + use<'p> {
        let profiles = self.profiles;
        (0..profiles.len()).filter_map(|index| Some((index, profiles.get(index)?)))
    }
}

fn runs_a_program(key: &str) -> String {
    format!("It runs a program ({key}), which Daypass does not. It keeps working as it is.")
}

/// AWS_RULES 3.11.
const LOGIN: &str = "It is of `aws login`, which renews it by itself.";
