//! What `config.toml` says: identities, roles, settings. No secrets (DESIGN.md, "Files").

use serde::{Deserialize, Serialize};

use crate::{
    arn::RoleArn,
    duration::Duration,
    field::{ExternalId, Region, SessionName},
    name::Name,
    problem::{Code, Problem},
};

/// The version of the format that this program writes.
pub const VERSION: i64 = 1;

/// Everything in the file that Daypass knows; what it does not know stays in the file untouched.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct Config {
    /// Where permission starts.
    #[serde(default, rename = "identity")]
    pub identities: Vec<Identity>,
    /// What can be reached from there.
    #[serde(default, rename = "role")]
    pub roles: Vec<Role>,
    /// Lead times and the like.
    #[serde(default)]
    pub settings: Settings,
    /// Endpoints in place of AWS's own.
    #[serde(default)]
    pub endpoints: Endpoints,
}

/// Where permission starts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Identity {
    /// What people call it; the key in the keychain has the same name.
    pub name: Name,
    /// True when nothing is stored and the SDK's default chain, or `profile`, yields credentials.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ambient: bool,
    /// The named profile of an ambient identity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
}

/// A role and its settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Role {
    /// What people call it.
    pub name: Name,
    /// The identity that assumes it.
    pub identity: Name,
    /// What is assumed.
    pub arn: RoleArn,
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
    /// Region of the STS endpoint, the profile and the console.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
    /// Where the console opens: a service, a path, or a URL on the partition's console.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destination: Option<String>,
    /// The length of the console session where AWS lets us choose it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub console_duration: Option<Duration>,
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

/// What a person may tune.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// How long an MFA session lasts.
    pub mfa_duration: Duration,
    /// How long before the end of an MFA session a person is told, in minutes.
    pub warn_minutes: u16,
    /// Where AWS sends people whose console session has ended.
    pub issuer: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            mfa_duration: Duration::HALF_DAY,
            warn_minutes: 10,
            issuer: None,
        }
    }
}

impl Settings {
    fn check(&self) -> Result<(), Problem> {
        let Some(issuer) = &self.issuer else {
            return Ok(());
        };
        match url::Url::parse(issuer) {
            Ok(url) if url.scheme() == "https" && url.has_host() => Ok(()),
            _ => Err(Problem::usage(format!(
                "The setting issuer must be an https address, not {issuer}."
            ))),
        }
    }
}

/// Endpoints in place of AWS's own: for tests, proxies and private links. `https`, or `http` on
/// loopback.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Endpoints {
    /// STS.
    pub sts: Option<String>,
    /// IAM.
    pub iam: Option<String>,
    /// The sign-in endpoint.
    pub signin: Option<String>,
    /// The console.
    pub console: Option<String>,
}

impl Endpoints {
    /// Name and address of each endpoint that is set, for the popup's reminder.
    pub fn overridden(&self) -> Vec<(&'static str, &str)> {
        [
            ("sts", &self.sts),
            ("iam", &self.iam),
            ("signin", &self.signin),
            ("console", &self.console),
        ]
        .into_iter()
        .filter_map(|(name, url)| url.as_deref().map(|url| (name, url)))
        .collect()
    }

    fn check(&self) -> Result<(), Problem> {
        for (name, text) in self.overridden() {
            check_endpoint(name, text)?;
        }
        Ok(())
    }
}

impl Config {
    /// Finds an identity.
    pub fn identity(&self, name: &Name) -> Option<&Identity> {
        self.identities
            .iter()
            .find(|identity| identity.name == *name)
    }

    /// Finds a role.
    pub fn role(&self, name: &Name) -> Option<&Role> {
        self.roles.iter().find(|role| role.name == *name)
    }

    /// Finds a role, or says which one the person may have meant.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn role_or_nearest(&self, name: &Name) -> Result<&Role, Problem> {
        if let Some(role) = self.role(name) {
            return Ok(role);
        }
        let names = self.roles.iter().map(|role| role.name.as_str());
        Err(unknown(
            "role",
            name,
            names,
            "`daypass role list` shows them all.",
        ))
    }

    /// Finds an identity, or says which one the person may have meant.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn identity_or_nearest(&self, name: &Name) -> Result<&Identity, Problem> {
        if let Some(identity) = self.identity(name) {
            return Ok(identity);
        }
        let names = self
            .identities
            .iter()
            .map(|identity| identity.name.as_str());
        Err(unknown(
            "identity",
            name,
            names,
            "`daypass identity list` shows them all.",
        ))
    }

    /// Checks what the types alone cannot.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn check(&self) -> Result<(), Problem> {
        self.endpoints.check()?;
        self.settings.check()?;
        if let Some(name) = first_duplicate(self.identities.iter().map(|i| i.name.as_str())) {
            return Err(Problem::usage(format!(
                "There are two identities named {name}."
            )));
        }
        if let Some(name) = first_duplicate(self.roles.iter().map(|r| r.name.as_str())) {
            return Err(Problem::usage(format!("There are two roles named {name}.")));
        }
        for role in &self.roles {
            if self.identity(&role.identity).is_none() {
                return Err(Problem::usage(format!(
                    "The role {} names the identity {}, which is not there.",
                    role.name, role.identity
                )));
            }
            role.check()?;
        }
        Ok(())
    }
}

impl Role {
    /// The length that is asked for: as configured, else the longest hour of a daily session and
    /// an hour that every role allows of a long one.
    pub fn wanted_duration(&self) -> Duration {
        self.duration.unwrap_or(Duration::HOUR)
    }

    /// Checks what the types alone cannot.
    ///
    /// # Errors
    /// When a duration is beyond what AWS gives on that way, or the destination is no place on
    /// the partition's console.
    pub fn check(&self) -> Result<(), Problem> {
        let wanted = self.wanted_duration();
        if self.session == SessionKind::Daily && wanted > Duration::HOUR {
            return Err(Problem::usage(format!(
                "The role {} asks for {wanted}, but AWS caps a session made from an MFA session at 1h. Use 1h, or session \"long\" with a code for each session.",
                self.name
            )));
        }
        if wanted > Duration::HALF_DAY {
            return Err(Problem::usage(format!(
                "The role {} asks for {wanted}, but a role session lasts at most 12h.",
                self.name
            )));
        }
        if self
            .console_duration
            .is_some_and(|d| d > Duration::HALF_DAY)
        {
            return Err(Problem::usage(format!(
                "The role {} asks for a console session of more than 12h.",
                self.name
            )));
        }
        if let Some(region) = &self.region
            && !self.arn.partition().has_region(region.as_str())
        {
            return Err(Problem::usage(format!(
                "The role {} is in the partition {}, which has no region {}.",
                self.name,
                self.arn.partition().id(),
                region.as_str()
            )));
        }
        Ok(())
    }
}

fn check_endpoint(name: &str, text: &str) -> Result<(), Problem> {
    let refuse = || {
        Problem::usage(format!(
            "The endpoint {name} must be an https address, or http on 127.0.0.1 or localhost, not {text}."
        ))
    };
    let url = url::Url::parse(text).map_err(|_| refuse())?;
    let loopback = match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(host)) => host == "localhost",
        None => false,
    };
    let plain = url.username().is_empty() && url.password().is_none() && url.query().is_none();
    match url.scheme() {
        "https" if plain && url.has_host() => Ok(()),
        "http" if plain && loopback => Ok(()),
        _ => Err(refuse()),
    }
}

fn first_duplicate<'a>(names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let mut seen = std::collections::HashSet::new();
    names.into_iter().find(|name| !seen.insert(*name))
}

fn unknown(
    kind: &str,
    name: &Name,
    known: impl Iterator<Item = impl AsRef<str> + Ord>,
    todo: &str,
) -> Problem {
    let nearest = known
        .map(|candidate| (distance(candidate.as_ref(), name.as_str()), candidate))
        .min();
    let what = match nearest {
        Some((distance, candidate)) if distance <= name.as_str().chars().count() / 2 => {
            format!(
                "There is no {kind} {name}. Did you mean {}?",
                candidate.as_ref()
            )
        }
        _ => format!("There is no {kind} {name}."),
    };
    Problem::yours(Code::Failed, what, todo)
}

/// Levenshtein distance: how many letters to add, drop or change.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut left = i + 1;
        let mut corner = i;
        for (to, above) in b.iter().zip(row.iter_mut().skip(1)) {
            let changed = corner + usize::from(from != *to);
            corner = *above;
            left = changed.min(left + 1).min(*above + 1);
            *above = left;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(name: &str) -> Role {
        Role {
            name: Name::parse(name).unwrap(),
            identity: Name::parse("work").unwrap(),
            arn: RoleArn::parse("arn:aws:iam::111122223333:role/Admin").unwrap(),
            session: SessionKind::Daily,
            duration: None,
            session_name: None,
            external_id: None,
            region: None,
            destination: None,
            console_duration: None,
        }
    }

    fn config(roles: Vec<Role>) -> Config {
        let work = Identity {
            name: Name::parse("work").unwrap(),
            ambient: false,
            profile: None,
        };
        Config {
            identities: vec![work],
            roles,
            ..Config::default()
        }
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
    fn an_unknown_role_suggests_the_nearest() {
        let config = config(vec![role("prod-admin"), role("staging")]);
        let asked = Name::parse("prod-admn").unwrap();
        let problem = config.role_or_nearest(&asked).unwrap_err();
        assert!(
            problem.what.contains("Did you mean prod-admin?"),
            "{problem}"
        );
        let asked = Name::parse("zzzzzz").unwrap();
        assert!(
            !config
                .role_or_nearest(&asked)
                .unwrap_err()
                .what
                .contains("mean")
        );
    }

    #[test]
    fn a_role_of_another_partition_s_region_is_refused() {
        let mut gov = role("gov");
        gov.region = Some(Region::parse("us-gov-west-1").unwrap());
        assert!(gov.check().is_err());
    }

    #[test]
    fn duplicates_and_dangling_names_are_found() {
        assert!(config(vec![role("a"), role("a")]).check().is_err());
        let mut orphan = role("a");
        orphan.identity = Name::parse("gone").unwrap();
        assert!(config(vec![orphan]).check().is_err());
    }

    #[test]
    fn endpoints_are_https_or_loopback() {
        let sts = |url: &str| Endpoints {
            sts: Some(url.to_owned()),
            ..Endpoints::default()
        };
        for good in [
            "https://sts.example.com",
            "http://127.0.0.1:4566",
            "http://localhost:1",
            "http://[::1]:1",
        ] {
            assert_eq!(sts(good).check(), Ok(()), "{good}");
        }
        for bad in [
            "http://sts.example.com",
            "http://127.0.0.1.evil.test",
            "http://localhost.evil.test",
            "ftp://127.0.0.1",
            "https://user:pass@sts.example.com",
            "file:///etc/passwd",
            "sts",
        ] {
            assert!(sts(bad).check().is_err(), "{bad}");
        }
    }
}
