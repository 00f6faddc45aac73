//! The plan while it grows.

use std::collections::HashMap;

use daypass_core::{
    arn::MfaSerial,
    config::{Config, Identity},
    import::{FoundIdentity, FoundRole, ImportPlan, LeftAlone},
    name::Name,
    problem::one_line,
    protocol::NewKey,
    role::Role,
    secret::AccessKey,
};

use super::{
    Found,
    names::{Held, Names},
};

/// AWS's limit of MFA devices for a user (AWS_RULES 3.4).
const MAX_DEVICES: usize = 8;
/// The longest chain of roles that Daypass's config takes.
const MAX_CHAIN: usize = 8;

/// What a role can start from.
#[derive(Clone)]
pub(super) enum Start {
    /// An identity with a key.
    Key(KeyIdentity),
    /// An ambient identity.
    Ambient(Name),
    /// Another role.
    Role(Link),
}

/// An identity with a key, in the plan or in Daypass already.
#[derive(Clone)]
pub(super) struct KeyIdentity {
    name: Name,
    /// Its place in the plan.
    index: Option<usize>,
}

/// A role that others can be chained from.
#[derive(Clone)]
pub(super) struct Link {
    name: Name,
    /// How many roles come before it.
    depth: usize,
    /// The identity that the chain starts at.
    key: Option<KeyIdentity>,
}

impl Start {
    const fn key(&self) -> Option<&KeyIdentity> {
        match self {
            Self::Key(key) => Some(key),
            Self::Ambient(_) => None,
            Self::Role(link) => link.key.as_ref(),
        }
    }
}

pub(super) struct Draft<'a> {
    plan: ImportPlan,
    keys: HashMap<Name, NewKey>,
    identity_names: Names,
    role_names: Names,
    by_access_key: HashMap<String, usize>,
    ambient: HashMap<Option<String>, Name>,
    known_identities: HashMap<&'a Name, &'a Identity>,
    known_roles: HashMap<&'a Name, &'a Role>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(known: &'a Config) -> Self {
        let identities = known.identities.iter();
        let ambient = identities.clone().filter(|identity| identity.ambient);
        Self {
            plan: ImportPlan::default(),
            keys: HashMap::new(),
            identity_names: Names::default(),
            role_names: Names::default(),
            by_access_key: HashMap::new(),
            ambient: ambient
                .map(|identity| (identity.profile.clone(), identity.name.clone()))
                .collect(),
            known_identities: identities.map(|i| (&i.name, i)).collect(),
            known_roles: known.roles.iter().map(|role| (&role.name, role)).collect(),
        }
    }

    pub(super) fn finish(mut self) -> Found {
        for found in &self.plan.identities {
            if let Some(key) = self.keys.get_mut(&found.identity.name) {
                let serials = found.mfa_serials.iter();
                key.mfa_serials = serials.map(|serial| serial.as_str().to_owned()).collect();
            }
        }
        Found {
            plan: self.plan,
            keys: self.keys,
        }
    }

    /// Says why something is not taken over.
    pub(super) fn leave(&mut self, origin: &str, why: &str) {
        self.plan.left_alone.push(LeftAlone {
            origin: one_line(origin),
            why: one_line(why),
        });
    }

    /// Takes a key. One that lies in several places becomes one identity.
    pub(super) fn take_key(
        &mut self,
        name: &str,
        origin: &str,
        key: AccessKey,
        plain_text: bool,
    ) -> Result<Start, String> {
        let id = key.id.as_str();
        if let Some(index) = self.by_access_key.get(id) {
            return self.same_key(*index, &key, plain_text);
        }
        let known = &self.known_identities;
        let (name, known) = self
            .identity_names
            .give(name, |name| match known.get(name) {
                None => Held::Free,
                Some(identity) if identity.ambient => Held::Other,
                Some(_) => Held::Same,
            });
        let index = self.plan.identities.len();
        self.by_access_key.insert(id.to_owned(), index);
        self.plan.identities.push(FoundIdentity {
            identity: Identity {
                name: name.clone(),
                ambient: false,
                profile: None,
            },
            origin: one_line(origin),
            access_key_id: Some(id.to_owned()),
            mfa_serials: Vec::new(),
            plain_text,
            known,
        });
        let new = NewKey {
            access_key_id: id.to_owned(),
            secret_access_key: key.secret,
            mfa_serials: Vec::new(),
        };
        self.keys.insert(name.clone(), new);
        let index = Some(index);
        Ok(Start::Key(KeyIdentity { name, index }))
    }

    fn same_key(
        &mut self,
        index: usize,
        key: &AccessKey,
        plain_text: bool,
    ) -> Result<Start, String> {
        let Some(found) = self.plan.identities.get_mut(index) else {
            return Err("Its key was lost on the way.".to_owned());
        };
        let name = found.identity.name.clone();
        let first = self
            .keys
            .get(&name)
            .map(|key| key.secret_access_key.expose());
        if first != Some(key.secret.expose()) {
            return Err(format!(
                "Its key {} has another secret in {}, which is taken over. Correct the wrong one.",
                key.id.as_str(),
                found.origin
            ));
        }
        found.plain_text |= plain_text;
        let index = Some(index);
        Ok(Start::Key(KeyIdentity { name, index }))
    }

    /// An identity whose key Daypass has already under that very name. One whose name is only like it
    /// may be another's.
    pub(super) fn known_key(&self, name: &str) -> Option<Start> {
        let name = Name::parse(name).ok()?;
        let known = self.known_identities.get(&name)?;
        (!known.ambient).then_some(Start::Key(KeyIdentity { name, index: None }))
    }

    /// A role that Daypass has already.
    pub(super) fn known_role(&self, name: &str) -> Option<Start> {
        let name = Name::parse(name).ok()?;
        let mut role = self.known_roles.get(&name)?;
        let mut depth = 0;
        while let Some(source) = role.source.as_ref().filter(|_| depth <= MAX_CHAIN) {
            role = self.known_roles.get(source)?;
            depth += 1;
        }
        let key = None;
        Some(Start::Role(Link { name, depth, key }))
    }

    /// The identity of the SDK's default chain, or of a profile that the SDK knows how to use.
    pub(super) fn ambient(&mut self, profile: Option<&str>, origin: &str) -> Start {
        let profile = profile.map(ToOwned::to_owned);
        if let Some(name) = self.ambient.get(&profile) {
            return Start::Ambient(name.clone());
        }
        let known = &self.known_identities;
        let wanted = profile.as_deref().unwrap_or("ambient");
        let (name, _) = self.identity_names.give(wanted, |name| {
            if known.contains_key(name) {
                return Held::Other;
            }
            Held::Free
        });
        self.ambient.insert(profile.clone(), name.clone());
        self.plan.identities.push(FoundIdentity {
            identity: Identity {
                name: name.clone(),
                ambient: true,
                profile,
            },
            origin: one_line(origin),
            access_key_id: None,
            mfa_serials: Vec::new(),
            plain_text: false,
            known: false,
        });
        Start::Ambient(name)
    }

    /// Notes an MFA device of the identity that a start leads back to.
    pub(super) fn add_device(&mut self, start: &Start, serial: &str) -> Result<(), String> {
        let Some(key) = start.key() else {
            return Err("Its mfa_serial is not taken over: Daypass sends a code only with a key that it keeps.".to_owned());
        };
        let serial = MfaSerial::parse(serial)
            .map_err(|problem| format!("Its mfa_serial is not taken over: {problem}"))?;
        let found = key
            .index
            .and_then(|index| self.plan.identities.get_mut(index));
        let Some(found) = found.filter(|found| !found.mfa_serials.contains(&serial)) else {
            return Ok(());
        };
        if found.mfa_serials.len() == MAX_DEVICES {
            return Err("Its mfa_serial is not taken over: the user would have more than 8 devices, which is AWS's limit.".to_owned());
        }
        found.mfa_serials.push(serial);
        Ok(())
    }

    /// Takes a role, under a name of its own.
    pub(super) fn take_role(
        &mut self,
        mut role: Role,
        start: &Start,
        origin: &str,
        beware: Vec<String>,
    ) -> Result<Link, String> {
        let depth = match start {
            Start::Key(KeyIdentity { name, .. }) | Start::Ambient(name) => {
                role.identity = Some(name.clone());
                0
            }
            Start::Role(link) => {
                (role.identity, role.source) = (None, Some(link.name.clone()));
                link.depth + 1
            }
        };
        if depth > MAX_CHAIN {
            return Err(format!(
                "It is chained through more than {MAX_CHAIN} roles."
            ));
        }
        role.check().map_err(|problem| problem.to_string())?;
        let known = &self.known_roles;
        let (name, known) =
            self.role_names
                .give(role.name.as_str(), |name| match known.get(name) {
                    None => Held::Free,
                    Some(known) if known.arn == role.arn => Held::Same,
                    Some(_) => Held::Other,
                });
        role.name = name.clone();
        self.plan.roles.push(FoundRole {
            role,
            origin: one_line(origin),
            beware: beware.iter().map(|text| one_line(text)).collect(),
            known,
        });
        let key = start.key().cloned();
        Ok(Link { name, depth, key })
    }
}
