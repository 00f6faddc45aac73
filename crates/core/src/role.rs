//! A role as `config.toml` describes it, and what AWS would refuse of it, checked beforehand
//! (AWS_RULES 3.1, 3.2).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    arn::PrincipalArn,
    browser::Browser,
    duration::Duration,
    field::{ExternalId, PolicyArn, Region, SessionName, SourceIdentity},
    name::Name,
    problem::Problem,
};

/// A role and its settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Role {
    /// What people call it.
    pub name: Name,
    /// The identity that assumes it. A role has this or [`Self::source`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Name>,
    /// The role whose session assumes it: role chaining.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Name>,
    /// What its sessions are of.
    pub arn: PrincipalArn,
    /// Which of the two ways leads there.
    #[serde(default)]
    pub session: SessionKind,
    /// The length of the role session; the kind's own default when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration: Option<Duration>,
    /// The name of the session; the IAM user's name when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_name: Option<SessionName>,
    /// The word that the trust policy may require.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<ExternalId>,
    /// Who stands behind the session; it sticks through chaining.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_identity: Option<SourceIdentity>,
    /// Region of the STS endpoint, the profile and the console.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
    /// Where the console opens: a service, a path, or a URL on the partition's console.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destination: Option<String>,
    /// The length of the console session where AWS lets us choose it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub console_duration: Option<Duration>,
    /// An inline session policy, as JSON: the session may do what both it and the role allow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// Managed policies that narrow the session in the same way.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policy_arns: Vec<PolicyArn>,
    /// Keys of [`Self::tags`] that stick through chaining.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transitive_tags: Vec<String>,
    /// Whether a person wants it at the top.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub favourite: bool,
    /// Where its console opens, if not where its account's do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub browser: Option<Browser>,
    /// Session tags. Last, because in TOML a table ends the plain keys.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
}

/// The two ways to a role (DESIGN.md; AWS_RULES 3.2 says why there have to be two).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionKind {
    /// One code a day: an MFA session, and role sessions of at most an hour from it, silently.
    #[default]
    Daily,
    /// A code for each session, which then lasts up to the role's maximum.
    Long,
}

/// The documented limit of inline and managed session policies together (AWS_RULES 3.1).
const MAX_POLICY: usize = 2_048;
const MAX_POLICY_ARNS: usize = 10;
const MAX_TAGS: usize = 50;

impl Role {
    /// A role with nothing set but what every role has.
    pub const fn new(name: Name, identity: Name, arn: PrincipalArn) -> Self {
        Self {
            name,
            identity: Some(identity),
            source: None,
            arn,
            session: SessionKind::Daily,
            duration: None,
            session_name: None,
            external_id: None,
            source_identity: None,
            region: None,
            destination: None,
            console_duration: None,
            policy: None,
            policy_arns: Vec::new(),
            transitive_tags: Vec::new(),
            favourite: false,
            browser: None,
            tags: BTreeMap::new(),
        }
    }

    /// The length that is asked for: as configured, else the longest hour of a daily session and
    /// an hour that every role allows of a long one.
    pub fn wanted_duration(&self) -> Duration {
        self.duration.unwrap_or(Duration::HOUR)
    }

    /// The same role held to reading. Session policies add up to one limit, so one that is already
    /// there can't be kept beside it.
    ///
    /// # Errors
    /// When the role has a session policy of its own.
    pub fn read_only(&self) -> Result<Self, Problem> {
        if self.is_narrowed() {
            return Err(Problem::usage(format!(
                "The role {} has a session policy of its own, which AWS would widen by a second one. Add a second role entry for reading.",
                self.name
            )));
        }
        let mut role = self.clone();
        role.policy_arns = vec![PolicyArn::parse(&self.arn.partition().read_only_policy())?];
        Ok(role)
    }

    /// Whether a session of this role is one of that role too: they differ at most in how the role
    /// is shown, and in where and for how long its console opens.
    pub fn has_sessions_of(&self, other: &Self) -> bool {
        let plain = |role: &Self| Self {
            favourite: false,
            browser: None,
            destination: None,
            console_duration: None,
            ..role.clone()
        };
        plain(self) == plain(other)
    }

    /// Whether it has a session policy of its own.
    pub const fn is_narrowed(&self) -> bool {
        self.policy.is_some() || !self.policy_arns.is_empty()
    }

    /// Checks what the types alone cannot.
    ///
    /// # Errors
    /// When AWS would refuse it: a duration beyond what that way gives, a policy or tag beyond its
    /// limits, a region of another partition.
    pub fn check(&self) -> Result<(), Problem> {
        self.check_start()?;
        self.check_durations()?;
        self.check_policies()?;
        self.check_tags()?;
        self.check_federated_user()?;
        self.browser.as_ref().map_or(Ok(()), Browser::check)?;
        match &self.region {
            Some(region) if !self.arn.partition().has_region(region.as_str()) => {
                Err(self.refuse(&format!(
                    "is in the partition {}, which has no region {}.",
                    self.arn.partition().id(),
                    region.as_str()
                )))
            }
            _ => Ok(()),
        }
    }

    fn check_start(&self) -> Result<(), Problem> {
        match (&self.identity, &self.source) {
            (Some(_), None) => Ok(()),
            (None, None) => Err(self.refuse("needs an identity, or a source role, to start from.")),
            (Some(_), Some(_)) => Err(self.refuse(
                "names both an identity and a source role. Keep the source role for chaining, else the identity.",
            )),
            (None, Some(_)) if self.session == SessionKind::Long => Err(self.refuse(
                "is chained from another role, and AWS caps such a session at 1h. Use session \"daily\".",
            )),
            (None, Some(_)) => Ok(()),
        }
    }

    fn check_durations(&self) -> Result<(), Problem> {
        let wanted = self.wanted_duration();
        let capped = self.session == SessionKind::Daily && !self.arn.is_federated_user();
        if capped && wanted > Duration::HOUR {
            return Err(self.refuse(&format!(
                "asks for {wanted}, but AWS caps a session made from temporary credentials at 1h. Use 1h, or session \"long\" with a code for each session."
            )));
        }
        if wanted > Duration::HALF_DAY && !self.arn.is_federated_user() {
            return Err(self.refuse(&format!(
                "asks for {wanted}, but a role session lasts at most 12h."
            )));
        }
        if self
            .console_duration
            .is_some_and(|d| d > Duration::HALF_DAY)
        {
            return Err(self.refuse("asks for a console session of more than 12h."));
        }
        Ok(())
    }

    fn check_policies(&self) -> Result<(), Problem> {
        if self.policy_arns.len() > MAX_POLICY_ARNS {
            return Err(self.refuse("has more than 10 policy ARNs, which is AWS's limit."));
        }
        let Some(policy) = &self.policy else {
            return Ok(());
        };
        let arns: usize = self.policy_arns.iter().map(|arn| arn.as_str().len()).sum();
        if policy.len() + arns > MAX_POLICY {
            return Err(self.refuse(
                "has session policies of more than 2048 characters, which is AWS's limit.",
            ));
        }
        let allowed =
            |c: char| matches!(c, '\t' | '\n' | '\r') || ('\u{20}'..='\u{ff}').contains(&c);
        if !policy.chars().all(allowed) {
            return Err(
                self.refuse("has a session policy with a character that AWS does not take.")
            );
        }
        match serde_json::from_str::<serde_json::Value>(policy) {
            Ok(value) if value.get("Statement").is_some() => Ok(()),
            _ => Err(self.refuse("has a session policy that is not JSON with a Statement in it.")),
        }
    }

    fn check_tags(&self) -> Result<(), Problem> {
        if self.tags.len() > MAX_TAGS {
            return Err(self.refuse("has more than 50 session tags, which is AWS's limit."));
        }
        let allowed = |c: char| c.is_alphanumeric() || " _.:/=+-@".contains(c);
        for (key, value) in &self.tags {
            let (key_length, value_length) = (key.chars().count(), value.chars().count());
            if !(1..=128).contains(&key_length) || value_length > 256 {
                return Err(self.refuse(
                    "has a session tag whose key is not of 1 to 128 or whose value is of more than 256 characters.",
                ));
            }
            if key.to_ascii_lowercase().starts_with("aws:")
                || !key.chars().all(allowed)
                || !value.chars().all(allowed)
            {
                return Err(self.refuse(
                    "has a session tag that AWS does not take: letters, digits, blanks and _.:/=+-@ are allowed, and no key begins with aws:.",
                ));
            }
        }
        match self
            .transitive_tags
            .iter()
            .find(|key| !self.tags.contains_key(*key))
        {
            Some(key) => Err(self.refuse(&format!(
                "wants the tag {key} to be transitive, but has no such tag."
            ))),
            None => Ok(()),
        }
    }

    /// What GetFederationToken has no parameter for, or gives no permission without.
    fn check_federated_user(&self) -> Result<(), Problem> {
        if !self.arn.is_federated_user() {
            return Ok(());
        }
        if self.source.is_some() {
            return Err(
                self.refuse("is a federated user, which AWS makes only of a user's own key.")
            );
        }
        if self.external_id.is_some()
            || self.source_identity.is_some()
            || !self.transitive_tags.is_empty()
        {
            return Err(self.refuse(
                "is a federated user, which has no external id, source identity or transitive tags.",
            ));
        }
        if !self.is_narrowed() {
            return Err(self.refuse(
                "is a federated user, which may do nothing without a policy. Give it policy_arns or a policy.",
            ));
        }
        Ok(())
    }

    fn refuse(&self, why: &str) -> Problem {
        Problem::usage(format!("The role {} {why}", self.name))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn role(name: &str) -> Role {
        let arn = PrincipalArn::parse("arn:aws:iam::111122223333:role/Admin").unwrap();
        Role::new(
            Name::parse(name).unwrap(),
            Name::parse("work").unwrap(),
            arn,
        )
    }

    fn refused(change: impl FnOnce(&mut Role)) -> String {
        let mut role = role("prod");
        change(&mut role);
        role.check().unwrap_err().what
    }

    #[test]
    fn a_daily_session_beyond_the_chaining_cap_is_refused_before_aws_does() {
        let mut long = role("prod");
        long.duration = Some(Duration::parse("2h").unwrap());
        assert!(long.check().unwrap_err().what.contains("caps"));
        long.session = SessionKind::Long;
        assert_eq!(long.check(), Ok(()));
    }

    #[test]
    fn a_role_of_another_partition_s_region_is_refused() {
        let why = refused(|role| role.region = Some(Region::parse("us-gov-west-1").unwrap()));
        assert!(why.contains("no region us-gov-west-1"), "{why}");
    }

    #[test]
    fn how_a_role_is_shown_and_its_console_are_nothing_to_its_sessions() {
        let plain = role("prod");
        let mut shown = role("prod");
        shown.favourite = true;
        shown.destination = Some("s3".to_owned());
        shown.console_duration = Some(Duration::HOUR);
        assert!(plain.has_sessions_of(&shown));
        shown.duration = Some(Duration::HOUR);
        assert!(!plain.has_sessions_of(&shown));
    }

    #[test]
    fn a_role_starts_from_one_place() {
        assert!(refused(|role| role.identity = None).contains("needs an identity"));
        assert!(refused(|role| role.source = Some(Name::parse("a").unwrap())).contains("both"));
        let why = refused(|role| {
            role.identity = None;
            role.source = Some(Name::parse("a").unwrap());
            role.session = SessionKind::Long;
        });
        assert!(why.contains("caps"), "{why}");
    }

    #[test]
    fn policies_and_tags_have_awss_limits() {
        let policy = |text: &str| {
            let text = text.to_owned();
            refused(|role| role.policy = Some(text))
        };
        assert!(policy("{}").contains("Statement"));
        assert!(policy(&" ".repeat(2_049)).contains("2048"));
        assert!(policy("{\"Statement\": \"€\"}").contains("character"));
        let tag = |key: &str, value: &str| {
            let (key, value) = (key.to_owned(), value.to_owned());
            refused(|role| {
                role.tags.insert(key, value);
            })
        };
        assert!(tag("", "x").contains("1 to 128"));
        assert!(tag("aws:x", "x").contains("aws:"));
        assert!(tag("team", "a\nb").contains("does not take"));
        assert!(refused(|role| role.transitive_tags = vec!["team".to_owned()]).contains("no such"));
    }

    #[test]
    fn a_federated_user_needs_a_policy() {
        let mut user = role("me");
        user.arn = PrincipalArn::parse("arn:aws:sts::111122223333:federated-user/ada").unwrap();
        assert!(user.check().unwrap_err().what.contains("nothing without"));
        let reading = user.read_only().unwrap();
        assert_eq!(reading.check(), Ok(()));
        assert!(reading.read_only().is_err(), "a policy would be lost");
    }

    #[test]
    fn read_only_is_of_the_roles_own_partition() {
        let mut gov = role("gov");
        gov.arn = PrincipalArn::parse("arn:aws-us-gov:iam::111122223333:role/Admin").unwrap();
        assert_eq!(
            gov.read_only().unwrap().policy_arns[0].as_str(),
            "arn:aws-us-gov:iam::aws:policy/ReadOnlyAccess"
        );
    }
}
