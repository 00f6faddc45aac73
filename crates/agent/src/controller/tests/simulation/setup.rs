//! Who and what there is: identities, their devices, and roles in every shape.

use std::fmt::Write;

use daypass_core::{
    config::Config,
    name::Name,
    secret::{AccessKey, Secret},
    session::SessionKey,
};

use super::super::world::{SECRET, name};
use crate::ports::VaultItem;

/// An IAM user.
pub(super) struct User {
    pub(super) name: &'static str,
    pub(super) key: &'static str,
    pub(super) devices: &'static [&'static str],
}

pub(super) const USERS: [User; 3] = [
    User {
        name: "one",
        key: "AKIAIOSFODNN7EXAMPLE",
        devices: &["arn:aws:iam::111122223333:mfa/one"],
    },
    User {
        name: "two",
        key: "AKIAI44QH8DHBEXAMPLE",
        devices: &[
            "arn:aws:iam::111122223333:mfa/two-phone",
            "arn:aws:iam::111122223333:mfa/two-token",
        ],
    },
    User {
        name: "plain",
        key: "AKIAPLAINFODNN7EXAMP",
        devices: &[],
    },
];

/// Where a role starts.
#[derive(Clone, Copy)]
pub(super) enum From {
    User(usize),
    Role(usize),
}

/// A role as it is configured, and what AWS thinks of it.
pub(super) struct Shape {
    pub(super) name: &'static str,
    pub(super) from: From,
    pub(super) is_long: bool,
    minutes: u32,
    /// Its MaxSessionDuration, in seconds.
    pub(super) longest: u32,
    /// Its trust policy's `aws:MultiFactorAuthAge`, in seconds.
    pub(super) code_age: Option<i64>,
}

const HALF_DAY: u32 = 43_200;

const fn daily(name: &'static str, from: From, minutes: u32) -> Shape {
    Shape {
        name,
        from,
        is_long: false,
        minutes,
        longest: HALF_DAY,
        code_age: None,
    }
}

const fn long(name: &'static str, user: usize, minutes: u32, longest: u32) -> Shape {
    Shape {
        name,
        from: From::User(user),
        is_long: true,
        minutes,
        longest,
        code_age: None,
    }
}

pub(super) const ROLES: [Shape; 9] = [
    daily("daily", From::User(0), 60),
    daily("half", From::User(1), 30),
    long("long", 0, 120, HALF_DAY),
    daily("chained", From::Role(0), 60),
    daily("deep", From::Role(3), 60),
    daily("plain", From::User(2), 60),
    long("plain-long", 2, 240, HALF_DAY),
    long("capped", 1, 240, 3_600),
    Shape {
        code_age: Some(1_800),
        ..daily("strict", From::User(1), 60)
    },
];

/// The role of that name.
pub(super) fn shape(role: &str) -> &'static Shape {
    ROLES.iter().find(|shape| shape.name == role).unwrap()
}

/// The user whose key that is.
pub(super) fn user_of_key(id: &str) -> usize {
    USERS.iter().position(|user| user.key == id).unwrap()
}

/// The user at whom a role's chain starts.
pub(super) fn user_of(role: usize) -> usize {
    match ROLES[role].from {
        From::User(user) => user,
        From::Role(source) => user_of(source),
    }
}

/// A role and those that its chain goes through.
pub(super) fn chain(role: usize) -> Vec<usize> {
    let mut links = vec![role];
    while let From::Role(source) = ROLES[*links.last().unwrap()].from {
        links.push(source);
    }
    links
}

/// What a keychain holds of a user.
pub(super) fn item(user: usize) -> VaultItem {
    let user = &USERS[user];
    VaultItem {
        key: AccessKey::parse(user.key, Secret::new(SECRET.to_owned())).unwrap(),
        mfa_serials: user
            .devices
            .iter()
            .map(|serial| daypass_core::arn::MfaSerial::parse(serial).unwrap())
            .collect(),
        user_arn: format!("arn:aws:iam::111122223333:user/{}", user.name),
        created_at: Some(daypass_core::Instant::UNIX_EPOCH),
        rotation: None,
    }
}

pub(super) fn user_name(user: usize) -> Name {
    name(USERS[user].name)
}

pub(super) fn session_of(role: usize, read_only: bool) -> SessionKey {
    SessionKey {
        role: name(ROLES[role].name),
        read_only,
    }
}

/// The config file.
#[derive(Clone)]
pub(super) struct Setup {
    pub(super) users: [bool; USERS.len()],
    /// Whether a role is there, and which of its ARNs it has.
    pub(super) roles: [Option<u8>; ROLES.len()],
    minutes: [u32; ROLES.len()],
}

impl Setup {
    /// With the roles whose bits are set.
    pub(super) fn with(roles: u16) -> Self {
        Self {
            users: [true; USERS.len()],
            roles: std::array::from_fn(|role| (roles >> role & 1 == 1).then_some(0)),
            minutes: std::array::from_fn(|role| ROLES[role].minutes),
        }
    }

    /// Keeps what the agent has written down: sessions that are as long as their role allows.
    pub(super) fn take_durations(&mut self, config: &Config) {
        for role in &config.roles {
            let index = ROLES
                .iter()
                .position(|shape| shape.name == role.name.as_str());
            self.minutes[index.unwrap()] = role.wanted_duration().seconds() / 60;
        }
    }

    /// Whether a role is there, and all that it starts from.
    pub(super) fn has(&self, role: usize) -> bool {
        let links = chain(role);
        self.users[user_of(role)] && links.into_iter().all(|role| self.roles[role].is_some())
    }

    pub(super) const fn minutes(&self, role: usize) -> u32 {
        self.minutes[role]
    }

    /// What the file says of a role: nothing, or which of its ARNs it has.
    pub(super) fn entry(&self, role: usize) -> Option<u8> {
        self.roles[role].filter(|_| self.has(role))
    }

    pub(super) fn present(&self) -> Vec<usize> {
        (0..ROLES.len()).filter(|role| self.has(*role)).collect()
    }

    pub(super) fn text(&self) -> String {
        let mut text = "version = 1\n[settings]\nmfa_duration = \"2h\"\n".to_owned();
        for (user, _) in USERS.iter().zip(self.users).filter(|(_, there)| *there) {
            writeln!(text, "[[identity]]\nname = \"{}\"", user.name).unwrap();
        }
        for role in self.present() {
            let shape = &ROLES[role];
            let kind = if shape.is_long { "long" } else { "daily" };
            let from = match shape.from {
                From::User(user) => format!("identity = \"{}\"", USERS[user].name),
                From::Role(source) => format!("source = \"{}\"", ROLES[source].name),
            };
            let (name, minutes, arn) = (shape.name, self.minutes[role], self.roles[role].unwrap());
            writeln!(
                text,
                "[[role]]\nname = \"{name}\"\n{from}\nsession = \"{kind}\"\nduration = \"{minutes}m\"\narn = \"arn:aws:iam::111122223333:role/{name}-{arn}\""
            )
            .unwrap();
        }
        text
    }
}
