//! Everything that the sandbox knows.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use crate::clock::Clock;
use crate::console::ConsoleSession;
use crate::credentials::{AccessKey, Account, Caller, Principal, TemporaryCredentials};
use crate::destination::Origin;
use crate::faults::Faults;
use crate::federation::SigninToken;
use crate::ids::Ids;
use crate::journal::Journal;
use crate::policy::Policy;
use crate::populate::populate;
use crate::secrets::Secret;
use crate::seed::{Seed, SeedError};

/// The state behind every answer.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
    pub(crate) journal: Journal,
    pub(crate) faults: Faults,
    /// Where the sandbox listens: its console is there.
    pub(crate) origin: Origin,
    pub(crate) key_propagation: TimeDelta,
    /// By ARN: AWS's own and those of the accounts.
    pub(crate) managed_policies: BTreeMap<String, Policy>,
    pub(crate) users: Vec<User>,
    pub(crate) devices: Vec<MfaDevice>,
    /// Codes that were accepted: each works once.
    pub(crate) spent_codes: BTreeSet<(String, i64)>,
    /// By ARN.
    pub(crate) roles: BTreeMap<String, Role>,
    pub(crate) access_keys: BTreeMap<String, AccessKey>,
    pub(crate) temporary: BTreeMap<String, TemporaryCredentials>,
    pub(crate) secrets: Vec<Secret>,
    pub(crate) signin_tokens: BTreeMap<String, SigninToken>,
    pub(crate) console_sessions: BTreeMap<String, ConsoleSession>,
}

/// An IAM user.
#[derive(Debug)]
pub(crate) struct User {
    pub(crate) account: Account,
    pub(crate) name: String,
    pub(crate) id: String,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) policies: Vec<Policy>,
}

impl User {
    pub(crate) fn principal(&self) -> Principal {
        Principal::User {
            account: self.account.clone(),
            name: self.name.clone(),
            id: self.id.clone(),
        }
    }
}

/// A virtual MFA device.
#[derive(Debug)]
pub(crate) struct MfaDevice {
    pub(crate) serial: String,
    pub(crate) account: Account,
    pub(crate) user: String,
    pub(crate) key: Vec<u8>,
    pub(crate) enabled_at: DateTime<Utc>,
}

impl MfaDevice {
    pub(crate) fn belongs_to(&self, principal: &Principal) -> bool {
        matches!(principal, Principal::User { account, name, .. }
            if *account == self.account && *name == self.user)
    }
}

/// An IAM role.
#[derive(Debug)]
pub(crate) struct Role {
    pub(crate) account: Account,
    pub(crate) name: String,
    pub(crate) id: String,
    pub(crate) max_session_duration: i64,
    pub(crate) trust: Policy,
    pub(crate) policies: Vec<Policy>,
}

/// Temporary credentials as the one who asked gets them.
#[derive(Debug)]
pub(crate) struct Issued {
    pub(crate) access_key_id: String,
    pub(crate) secret: String,
    pub(crate) token: String,
    pub(crate) expires_at: DateTime<Utc>,
}

impl World {
    pub(crate) fn new(
        seed: &Seed,
        clock: Clock,
        journal: Journal,
        origin: Origin,
    ) -> Result<Self, SeedError> {
        let mut world = Self {
            clock,
            ids: Ids::new(seed.id_seed),
            journal,
            faults: Faults::default(),
            origin,
            key_propagation: TimeDelta::seconds(i64::from(seed.key_propagation_seconds)),
            managed_policies: BTreeMap::new(),
            users: Vec::new(),
            devices: Vec::new(),
            spent_codes: BTreeSet::new(),
            roles: BTreeMap::new(),
            access_keys: BTreeMap::new(),
            temporary: BTreeMap::new(),
            secrets: Vec::new(),
            signin_tokens: BTreeMap::new(),
            console_sessions: BTreeMap::new(),
        };
        populate(&mut world, seed)?;
        Ok(world)
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    pub(crate) fn user(&self, account: &Account, name: &str) -> Option<&User> {
        self.users
            .iter()
            .find(|user| user.account == *account && user.name == name)
    }

    /// Makes credentials that stand for `caller` until `seconds` from now.
    pub(crate) fn issue(&mut self, caller: Caller, seconds: i64) -> Issued {
        let issued = Issued {
            access_key_id: self.ids.unique("ASIA"),
            secret: self.ids.secret(),
            token: self.ids.session_token(),
            expires_at: self.now() + TimeDelta::seconds(seconds),
        };
        let credentials = TemporaryCredentials {
            secret: issued.secret.clone(),
            token: issued.token.clone(),
            caller,
            expires_at: issued.expires_at,
            revoked: false,
        };
        self.temporary
            .insert(issued.access_key_id.clone(), credentials);
        issued
    }
}
