//! Long-lived keys, temporary credentials and whom they stand for.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::policy::Policy;

/// A status as IAM writes it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum KeyStatus {
    #[default]
    Active,
    Inactive,
}

impl KeyStatus {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Inactive => "Inactive",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::Active, Self::Inactive]
            .into_iter()
            .find(|status| status.as_str() == text)
    }
}

/// An account in its partition.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Account {
    pub(crate) partition: String,
    pub(crate) id: String,
}

impl Account {
    pub(crate) fn arn(&self, service: &str, resource: &str) -> String {
        format!("arn:{}:{service}::{}:{resource}", self.partition, self.id)
    }
}

/// Who calls.
#[derive(Debug, Clone)]
pub(crate) enum Principal {
    Root(Account),
    User {
        account: Account,
        name: String,
        id: String,
    },
    RoleSession {
        account: Account,
        role_name: String,
        role_id: String,
        session_name: String,
        /// AssumeRole was called with temporary credentials.
        chained: bool,
    },
    FederatedUser {
        account: Account,
        name: String,
        /// The user that called GetFederationToken; none for root.
        issuer: Option<String>,
    },
}

impl Principal {
    pub(crate) fn account(&self) -> &Account {
        match self {
            Self::Root(account)
            | Self::User { account, .. }
            | Self::RoleSession { account, .. }
            | Self::FederatedUser { account, .. } => account,
        }
    }

    /// The ARN as GetCallerIdentity gives it.
    pub(crate) fn arn(&self) -> String {
        match self {
            Self::Root(account) => account.arn("iam", "root"),
            Self::User { account, name, .. } => account.arn("iam", &format!("user/{name}")),
            Self::RoleSession {
                account,
                role_name,
                session_name,
                ..
            } => account.arn("sts", &format!("assumed-role/{role_name}/{session_name}")),
            Self::FederatedUser { account, name, .. } => {
                account.arn("sts", &format!("federated-user/{name}"))
            }
        }
    }

    /// The `UserId` as GetCallerIdentity gives it.
    pub(crate) fn user_id(&self) -> String {
        match self {
            Self::Root(account) => account.id.clone(),
            Self::User { id, .. } => id.clone(),
            Self::RoleSession {
                role_id,
                session_name,
                ..
            } => format!("{role_id}:{session_name}"),
            Self::FederatedUser { account, name, .. } => format!("{}:{name}", account.id),
        }
    }

    /// The ARN of the role behind a role session.
    pub(crate) fn role_arn(&self) -> Option<String> {
        match self {
            Self::RoleSession {
                account, role_name, ..
            } => Some(account.arn("iam", &format!("role/{role_name}"))),
            Self::Root(_) | Self::User { .. } | Self::FederatedUser { .. } => None,
        }
    }
}

/// A caller whose signature was good.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) principal: Principal,
    pub(crate) lifetime: Lifetime,
    /// When a code was given for these credentials.
    pub(crate) mfa_at: Option<DateTime<Utc>>,
    pub(crate) session: SessionContext,
}

/// What a session was given when it was made.
#[derive(Debug, Clone, Default)]
pub(crate) struct SessionContext {
    /// Sticks through chaining.
    pub(crate) source_identity: Option<String>,
    pub(crate) tags: BTreeMap<String, String>,
    /// The keys of the tags that a chained session inherits.
    pub(crate) transitive_keys: BTreeSet<String>,
    pub(crate) policy_arns: Vec<String>,
    /// The session policies, with those that `policy_arns` name; none were passed when none.
    pub(crate) policies: Option<Vec<Policy>>,
}

impl SessionContext {
    /// The tags that a chained session inherits.
    pub(crate) fn inherited_tags(&self) -> BTreeMap<String, String> {
        self.tags
            .iter()
            .filter(|(key, _)| self.transitive_keys.contains(*key))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect()
    }
}

/// Whether credentials end by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lifetime {
    LongTerm,
    Temporary,
}

impl Caller {
    pub(crate) fn new(principal: Principal, lifetime: Lifetime) -> Self {
        Self {
            principal,
            lifetime,
            mfa_at: None,
            session: SessionContext::default(),
        }
    }

    pub(crate) fn is_temporary(&self) -> bool {
        self.lifetime == Lifetime::Temporary
    }
}

/// A long-lived access key.
#[derive(Debug, Clone)]
pub(crate) struct AccessKey {
    pub(crate) secret: String,
    /// As IAM tells it; the services take notice later.
    pub(crate) status: KeyStatus,
    /// IAM has forgotten the key, the services perhaps not yet.
    pub(crate) deleted: bool,
    /// A user, or the root of an account.
    pub(crate) owner: Principal,
    pub(crate) created_at: DateTime<Utc>,
    /// From when on the services accept the key.
    pub(crate) works_from: DateTime<Utc>,
    /// And until when.
    pub(crate) works_until: Option<DateTime<Utc>>,
    pub(crate) last_used: Option<LastUse>,
}

impl AccessKey {
    /// Whether the services accept the key.
    pub(crate) fn works(&self, now: DateTime<Utc>) -> bool {
        self.works_from <= now && self.works_until.is_none_or(|end| now < end)
    }

    /// Switches the key on or off; the services take notice after `delay`.
    pub(crate) fn switch(&mut self, status: KeyStatus, now: DateTime<Utc>, delay: TimeDelta) {
        let noticed = now + delay;
        match status {
            KeyStatus::Active if self.works(now) => self.works_until = None,
            KeyStatus::Active => {
                self.works_from = noticed;
                self.works_until = None;
            }
            KeyStatus::Inactive => {
                let earlier = self.works_until.filter(|end| *end < noticed);
                self.works_until = earlier.or(Some(noticed));
            }
        }
        self.status = status;
    }
}

/// What GetAccessKeyLastUsed tells.
#[derive(Debug, Clone)]
pub(crate) struct LastUse {
    pub(crate) at: DateTime<Utc>,
    pub(crate) service: &'static str,
    pub(crate) region: String,
}

/// Temporary credentials.
#[derive(Debug, Clone)]
pub(crate) struct TemporaryCredentials {
    pub(crate) secret: String,
    pub(crate) token: String,
    pub(crate) caller: Caller,
    pub(crate) expires_at: DateTime<Utc>,
    pub(crate) revoked: bool,
}
