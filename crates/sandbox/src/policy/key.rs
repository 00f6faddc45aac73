//! Condition keys: what a policy may ask about a call.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::credentials::{Caller, Principal};

/// Who calls, and with what.
#[derive(Debug)]
pub(crate) struct Context<'a> {
    pub(crate) caller: &'a Caller,
    /// When a code was given, if it counts for this call.
    pub(crate) mfa_at: Option<DateTime<Utc>>,
    /// `aws:MultiFactorAuthPresent`: not there at all for a long-lived key without a code.
    pub(crate) mfa_present: Option<bool>,
    pub(crate) now: DateTime<Utc>,
    pub(crate) wanted: WantedSession<'a>,
}

/// What AssumeRole and GetFederationToken were asked for.
#[derive(Debug, Default)]
pub(crate) struct WantedSession<'a> {
    pub(crate) external_id: Option<&'a str>,
    pub(crate) session_name: Option<&'a str>,
    pub(crate) source_identity: Option<&'a str>,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) transitive_keys: Vec<&'a str>,
}

impl<'a> Context<'a> {
    /// A call without a code of its own.
    ///
    /// AWS_RULES 3.3: GetSessionToken's credentials say whether there was a code; role sessions do not carry it on.
    pub(crate) fn of(caller: &'a Caller, now: DateTime<Utc>) -> Self {
        let is_user_session =
            caller.is_temporary() && matches!(caller.principal, Principal::User { .. });
        Self {
            caller,
            mfa_at: caller.mfa_at,
            mfa_present: is_user_session.then_some(caller.mfa_at.is_some()),
            now,
            wanted: WantedSession::default(),
        }
    }

    /// The same with a code that came with the call.
    pub(crate) fn with_code(mut self) -> Self {
        self.mfa_at = Some(self.now);
        self.mfa_present = Some(true);
        self
    }
}

/// A condition key, which is also a policy variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Key {
    ExternalId,
    MultiFactorAuthAge,
    MultiFactorAuthPresent,
    PrincipalAccount,
    PrincipalArn,
    /// With the tag's key in lower case.
    PrincipalTag(String),
    /// With the tag's key in lower case.
    RequestTag(String),
    RoleSessionName,
    /// Of the session that calls.
    SourceIdentity,
    TagKeys,
    TransitiveTagKeys,
    Username,
    /// Of the session that is asked for.
    WantedSourceIdentity,
}

/// In lower case, since condition keys are not case-sensitive.
const KEYS: [(&str, Key); 11] = [
    ("aws:multifactorauthage", Key::MultiFactorAuthAge),
    ("aws:multifactorauthpresent", Key::MultiFactorAuthPresent),
    ("aws:principalaccount", Key::PrincipalAccount),
    ("aws:principalarn", Key::PrincipalArn),
    ("aws:sourceidentity", Key::SourceIdentity),
    ("aws:tagkeys", Key::TagKeys),
    ("aws:username", Key::Username),
    ("sts:externalid", Key::ExternalId),
    ("sts:rolesessionname", Key::RoleSessionName),
    ("sts:sourceidentity", Key::WantedSourceIdentity),
    ("sts:transitivetagkeys", Key::TransitiveTagKeys),
];

impl Key {
    /// Reads a key's name; `None` for one that this sandbox does not know.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        match name.split_once('/') {
            Some(("aws:principaltag", tag)) => Some(Self::PrincipalTag(tag.to_owned())),
            Some(("aws:requesttag", tag)) => Some(Self::RequestTag(tag.to_owned())),
            Some(_) => None,
            None => KEYS
                .into_iter()
                .find(|(known, _)| *known == name)
                .map(|(_, key)| key),
        }
    }

    /// What a call has for it; `None` when the key is not in the call at all.
    pub(crate) fn values(&self, context: &Context<'_>) -> Option<Vec<String>> {
        let many = |keys: Vec<String>| Some(keys).filter(|keys| !keys.is_empty());
        match self {
            Self::TagKeys => many(context.wanted.tags.keys().cloned().collect()),
            Self::TransitiveTagKeys => {
                let keys = context.wanted.transitive_keys.iter();
                many(keys.map(|key| (*key).to_owned()).collect())
            }
            _ => self.value(context).map(|value| vec![value]),
        }
    }

    fn value(&self, context: &Context<'_>) -> Option<String> {
        let (caller, wanted) = (context.caller, &context.wanted);
        let principal = &caller.principal;
        match self {
            Self::ExternalId => wanted.external_id.map(str::to_owned),
            Self::MultiFactorAuthAge => {
                let age = context.now - context.mfa_at?;
                Some(age.num_seconds().to_string())
            }
            Self::MultiFactorAuthPresent => context.mfa_present.map(|present| present.to_string()),
            Self::PrincipalAccount => Some(principal.account().id.clone()),
            Self::PrincipalArn => principal.role_arn().or_else(|| Some(principal.arn())),
            Self::PrincipalTag(key) => tag(&caller.session.tags, key),
            Self::RequestTag(key) => tag(&wanted.tags, key),
            Self::RoleSessionName => wanted.session_name.map(str::to_owned),
            Self::SourceIdentity => caller.session.source_identity.clone(),
            Self::TagKeys | Self::TransitiveTagKeys => None,
            Self::Username => match principal {
                Principal::User { name, .. } => Some(name.clone()),
                Principal::Root(_)
                | Principal::RoleSession { .. }
                | Principal::FederatedUser { .. } => None,
            },
            Self::WantedSourceIdentity => wanted.source_identity.map(str::to_owned),
        }
    }
}

fn tag(tags: &BTreeMap<String, String>, lower_key: &str) -> Option<String> {
    tags.iter()
        .find(|(key, _)| key.to_lowercase() == lower_key)
        .map(|(_, value)| value.clone())
}
