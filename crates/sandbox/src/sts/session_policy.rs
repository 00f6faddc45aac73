//! Session policies and tags: their limits, and the packed size that they share (AWS_RULES 3.1).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::constraint::{ARN, SESSION_POLICY, TAG_KEY, TAG_VALUE, Violations};
use crate::credentials::{Account, SessionContext};
use crate::error::AwsError;
use crate::params::Params;
use crate::policy::{Kind, Policy};
use crate::world::World;

const MAX_POLICY_ARNS: usize = 10;
const MAX_TAGS: usize = 50;
/// What AWS packs them into is not published; this counts plain bytes against the documented 2048.
const PACKED_LIMIT: usize = 2048;

/// What narrows or marks a session.
#[derive(Debug)]
pub(super) struct SessionPolicy<'a> {
    inline: Option<&'a str>,
    arns: Vec<&'a str>,
    tags: Vec<(&'a str, &'a str)>,
    transitive_keys: Vec<&'a str>,
}

impl<'a> SessionPolicy<'a> {
    /// Reads the parameters and checks their limits.
    pub(super) fn read(params: &'a Params, violations: &mut Violations) -> Self {
        let inline = params.get("Policy");
        violations.text("policy", inline, SESSION_POLICY);

        let arns = params.texts("PolicyArns", "arn");
        violations.at_most("policyArns", &arns, MAX_POLICY_ARNS);
        for (number, arn) in (1..).zip(&arns) {
            violations.text(&format!("policyArns.{number}.member.arn"), Some(arn), ARN);
        }

        let tags = read_tags(params, violations);
        let transitive_keys = params.texts("TransitiveTagKeys", "");
        violations.at_most("transitiveTagKeys", &transitive_keys, MAX_TAGS);
        for (number, key) in (1..).zip(&transitive_keys) {
            let field = format!("transitiveTagKeys.{number}.member");
            violations.text(&field, Some(key), TAG_KEY);
        }
        Self {
            inline,
            arns,
            tags,
            transitive_keys,
        }
    }

    /// Checks what can be checked without the role; the packed size in percent, when there is something to pack.
    pub(super) fn check(&self) -> Result<Option<usize>, AwsError> {
        let packed_size = self.packed_size()?;
        self.check_tags()?;
        self.inline
            .map_or(Ok(()), |json| parse_inline(json).map(drop))?;
        Ok(packed_size)
    }

    fn packed_size(&self) -> Result<Option<usize>, AwsError> {
        let tags = self.tags.iter().map(|(key, value)| key.len() + value.len());
        let bytes = self.inline.map_or(0, str::len)
            + self.arns.iter().map(|arn| arn.len()).sum::<usize>()
            + tags.sum::<usize>();
        let percent = (bytes * 100).div_ceil(PACKED_LIMIT);
        if percent > 100 {
            return Err(AwsError::packed_policy_too_large(percent));
        }
        Ok((percent > 0).then_some(percent))
    }

    /// The policies themselves, if any were passed; managed ones are AWS's or of the session's own account.
    fn policies(&self, world: &World, account: &Account) -> Result<Option<Vec<Policy>>, AwsError> {
        if self.inline.is_none() && self.arns.is_empty() {
            return Ok(None);
        }
        let partition = &account.partition;
        let owners = [format!("arn:{partition}:iam::aws:"), account.arn("iam", "")];
        let find = |arn: &&str| {
            let is_usable = owners.iter().any(|owner| arn.starts_with(owner));
            let policy = world.managed_policies.get(*arn).filter(|_| is_usable);
            policy.cloned().ok_or_else(|| AwsError::unknown_policy(arn))
        };
        let inline = self.inline.map(parse_inline);
        let policies: Result<_, _> = inline
            .into_iter()
            .chain(self.arns.iter().map(find))
            .collect();
        policies.map(Some)
    }

    /// Whether the tags can be told apart and the transitive keys are among them.
    fn check_tags(&self) -> Result<(), AwsError> {
        let keys: BTreeSet<String> = self
            .tags
            .iter()
            .map(|(key, _)| key.to_lowercase())
            .collect();
        if keys.len() < self.tags.len() {
            return Err(AwsError::duplicate_tags());
        }
        if let Some(key) = keys.iter().find(|key| key.starts_with("aws:")) {
            return Err(AwsError::reserved_tag_key(key));
        }
        let is_tag = |key: &&str| keys.contains(&key.to_lowercase());
        if !self.transitive_keys.iter().all(is_tag) {
            return Err(AwsError::transitive_tag_missing());
        }
        Ok(())
    }

    pub(super) fn has_tags(&self) -> bool {
        !self.tags.is_empty()
    }

    pub(super) fn tags(&self) -> BTreeMap<String, String> {
        self.tags
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect()
    }

    pub(super) fn transitive_keys(&self) -> &[&'a str] {
        &self.transitive_keys
    }

    /// What the new session in `account` has, with what it inherits from the one that asks.
    pub(super) fn session(
        &self,
        world: &World,
        account: &Account,
        inherited: &SessionContext,
    ) -> Result<SessionContext, AwsError> {
        let mut session = SessionContext {
            tags: inherited.inherited_tags(),
            transitive_keys: inherited.transitive_keys.clone(),
            policy_arns: self.arns.iter().map(|arn| (*arn).to_owned()).collect(),
            policies: self.policies(world, account)?,
            source_identity: None,
        };
        for (key, value) in &self.tags {
            let is_inherited = |other: &String| other.to_lowercase() == key.to_lowercase();
            if inherited.transitive_keys.iter().any(is_inherited) {
                return Err(AwsError::transitive_tag_conflict());
            }
            session.tags.insert((*key).to_owned(), (*value).to_owned());
            let is_transitive = |other: &&str| other.to_lowercase() == key.to_lowercase();
            if self.transitive_keys.iter().any(is_transitive) {
                session.transitive_keys.insert((*key).to_owned());
            }
        }
        Ok(session)
    }
}

fn parse_inline(json: &str) -> Result<Policy, AwsError> {
    let policy: Value = serde_json::from_str(json).map_err(|_| AwsError::policy_is_no_json())?;
    Policy::parse(Kind::Identity, &policy).map_err(AwsError::malformed_policy_document)
}

fn read_tags<'a>(params: &'a Params, violations: &mut Violations) -> Vec<(&'a str, &'a str)> {
    let list = params.members("Tags");
    let mut tags = Vec::new();
    for (number, member) in (1..).zip(&list) {
        let at = |field: &str| format!("tags.{number}.member.{field}");
        let key = violations.required(&at("key"), member.get("Key").copied(), TAG_KEY);
        let value = violations.required(&at("value"), member.get("Value").copied(), TAG_VALUE);
        tags.push((key, value));
    }
    let keys: Vec<&str> = tags.iter().map(|(key, _)| *key).collect();
    violations.at_most("tags", &keys, MAX_TAGS);
    tags
}
