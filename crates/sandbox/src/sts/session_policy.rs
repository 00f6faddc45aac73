//! Session policies and tags: their limits, and the packed size that they share (AWS_RULES 3.1).

use std::collections::BTreeMap;

use serde_json::Value;

use crate::constraint::{ARN, SESSION_POLICY, TAG_KEY, TAG_VALUE, Violations};
use crate::error::AwsError;
use crate::params::Params;

const MAX_POLICY_ARNS: usize = 10;
const MAX_TAGS: usize = 50;
/// What AWS packs them into is not published; this counts plain bytes against the documented 2048.
const PACKED_LIMIT: usize = 2048;

/// What narrows or marks a session.
#[derive(Debug)]
pub(super) struct SessionPolicy<'a> {
    policy: Option<&'a str>,
    arns: Vec<&'a str>,
    tags: Vec<(&'a str, &'a str)>,
    transitive_keys: Vec<&'a str>,
}

impl<'a> SessionPolicy<'a> {
    /// Reads the parameters and checks their limits.
    pub(super) fn read(params: &'a Params, violations: &mut Violations) -> Self {
        let policy = params.get("Policy");
        violations.text("policy", policy, SESSION_POLICY);

        let list = params.members("PolicyArns");
        let arns: Vec<&str> = list
            .iter()
            .filter_map(|member| member.get("arn").copied())
            .collect();
        violations.at_most("policyArns", &arns, MAX_POLICY_ARNS);
        for (number, arn) in (1..).zip(&arns) {
            violations.text(&format!("policyArns.{number}.member.arn"), Some(arn), ARN);
        }

        let tags = read_tags(params, violations);
        let transitive = params.members("TransitiveTagKeys");
        let transitive_keys: Vec<&str> = transitive
            .iter()
            .filter_map(|member| member.get("").copied())
            .collect();
        violations.at_most("transitiveTagKeys", &transitive_keys, MAX_TAGS);
        Self {
            policy,
            arns,
            tags,
            transitive_keys,
        }
    }

    /// The packed size in percent, when there is something to pack.
    pub(super) fn packed_size(&self) -> Result<Option<usize>, AwsError> {
        if let Some(policy) = self.policy
            && !serde_json::from_str::<Value>(policy).is_ok_and(|policy| policy.is_object())
        {
            return Err(AwsError::malformed_policy_document());
        }
        let tags = self.tags.iter().map(|(key, value)| key.len() + value.len());
        let bytes = self.policy.map_or(0, str::len)
            + self.arns.iter().map(|arn| arn.len()).sum::<usize>()
            + tags.sum::<usize>();
        let percent = (bytes * 100).div_ceil(PACKED_LIMIT);
        if percent > 100 {
            return Err(AwsError::packed_policy_too_large(percent));
        }
        Ok((percent > 0).then_some(percent))
    }

    pub(super) fn has_tags(&self) -> bool {
        !self.tags.is_empty()
    }

    /// The tags that sessions chained from the new one inherit; inherited ones cannot be overruled.
    pub(super) fn transitive_tags(
        &self,
        inherited: &BTreeMap<String, String>,
    ) -> Result<BTreeMap<String, String>, AwsError> {
        let mut transitive = inherited.clone();
        for (key, value) in &self.tags {
            if inherited.contains_key(*key) {
                return Err(AwsError::transitive_tag_conflict());
            }
            if self.transitive_keys.contains(key) {
                transitive.insert((*key).to_owned(), (*value).to_owned());
            }
        }
        Ok(transitive)
    }
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
