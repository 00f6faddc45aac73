//! What `config.toml` says: identities, roles, settings. No secrets (DESIGN.md, "Files").

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

pub use crate::settings::Settings;
use crate::{
    account::{self, Account},
    browser::Browser,
    name::Name,
    problem::{Code, Problem, one_line},
    protocol::{Changes, Publish},
    role::Role,
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
    /// Sessions that go to Secrets Manager at each renewal.
    #[serde(default, rename = "publish")]
    pub published: Vec<Publish>,
    /// What is said about AWS accounts.
    #[serde(default, rename = "account")]
    pub accounts: Vec<Account>,
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
    /// Secrets Manager.
    pub secretsmanager: Option<String>,
}

impl Endpoints {
    /// Name and address of each endpoint that is set, for the popup's reminder.
    pub fn overridden(&self) -> Vec<(&'static str, &str)> {
        [
            ("sts", &self.sts),
            ("iam", &self.iam),
            ("signin", &self.signin),
            ("console", &self.console),
            ("secretsmanager", &self.secretsmanager),
        ]
        .into_iter()
        .filter_map(|(name, url)| url.as_deref().map(|url| (name, url)))
        .collect()
    }

    /// The names of those that are not the same.
    pub fn differing(&self, other: &Self) -> Vec<&'static str> {
        let (ours, theirs) = (self.overridden(), other.overridden());
        let mut names: Vec<&'static str> = ours
            .iter()
            .filter(|one| !theirs.contains(one))
            .chain(theirs.iter().filter(|one| !ours.contains(one)))
            .map(|(name, _)| *name)
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The endpoints after some of them were changed; one without an address is AWS's own.
    ///
    /// # Errors
    /// When there is no such endpoint, or it does not take that address.
    pub fn changed(&self, changes: &Changes) -> Result<Self, Problem> {
        let mut endpoints = self.clone();
        for (name, address) in changes {
            let address = match address {
                None => None,
                Some(serde_json::Value::String(text)) => Some(text.clone()),
                Some(_) => {
                    return Err(Problem::usage(format!(
                        "The endpoint {name} is an address."
                    )));
                }
            };
            *endpoints.of(name)? = address;
        }
        endpoints.check()?;
        Ok(endpoints)
    }

    fn of(&mut self, name: &str) -> Result<&mut Option<String>, Problem> {
        Ok(match name {
            "sts" => &mut self.sts,
            "iam" => &mut self.iam,
            "signin" => &mut self.signin,
            "console" => &mut self.console,
            "secretsmanager" => &mut self.secretsmanager,
            _ => {
                return Err(Problem::usage(format!(
                    "There is no endpoint {}. There are sts, iam, signin, console and secretsmanager.",
                    one_line(name)
                )));
            }
        })
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
        Err(unknown_role(name, names))
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

    /// What is said of an account.
    pub fn account(&self, id: &str) -> Option<&Account> {
        let mut accounts = self.accounts.iter();
        accounts.find(|account| account.id.as_str() == id)
    }

    /// The browser that was chosen for a role's console: for itself, for its account, for all.
    pub fn browser_of<'a>(&'a self, role: &'a Role) -> Option<&'a Browser> {
        let of_account = || self.account(role.arn.account())?.browser.as_ref();
        role.browser
            .as_ref()
            .or_else(of_account)
            .or(self.settings.browser.as_ref())
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
        for publish in &self.published {
            publish.check()?;
        }
        account::check(&self.accounts)?;
        let roles: HashMap<&Name, &Role> =
            self.roles.iter().map(|role| (&role.name, role)).collect();
        let identities: HashSet<&Name> = self
            .identities
            .iter()
            .map(|identity| &identity.name)
            .collect();
        for role in &self.roles {
            role.check()?;
            let start = start_of(role, &roles)?;
            if !identities.contains(start) {
                return Err(Problem::usage(format!(
                    "The role {} names the identity {start}, which is not there.",
                    role.name
                )));
            }
        }
        Ok(())
    }

    /// The identity that a role is reached from, through however many roles in between.
    pub fn start(&self, role: &Role) -> Option<&Identity> {
        let mut role = role;
        for _ in 0..=MAX_CHAIN {
            match (&role.identity, &role.source) {
                (Some(identity), _) => return self.identity(identity),
                (None, Some(source)) => role = self.role(source)?,
                (None, None) => return None,
            }
        }
        None
    }
}

/// The longest way from an identity to a role: each link costs a call, and nobody needs more.
const MAX_CHAIN: usize = 8;

fn start_of<'a>(role: &'a Role, roles: &HashMap<&Name, &'a Role>) -> Result<&'a Name, Problem> {
    let mut link = role;
    for _ in 0..=MAX_CHAIN {
        if let Some(identity) = &link.identity {
            return Ok(identity);
        }
        let Some(source) = &link.source else {
            break;
        };
        link = roles.get(source).ok_or_else(|| {
            Problem::usage(format!(
                "The role {} is chained from the role {source}, which is not there.",
                link.name
            ))
        })?;
        if link.arn.is_federated_user() {
            return Err(Problem::usage(format!(
                "The role {} is chained from {}, a federated user, which AWS lets assume no role.",
                role.name, link.name
            )));
        }
    }
    Err(Problem::usage(format!(
        "The role {} is chained through more than {MAX_CHAIN} roles, or in a circle.",
        role.name
    )))
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
    let plain = url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    match url.scheme() {
        "https" if plain && url.has_host() => Ok(()),
        "http" if plain && loopback => Ok(()),
        _ => Err(refuse()),
    }
}

fn first_duplicate<'a>(names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let mut seen = HashSet::new();
    names.into_iter().find(|name| !seen.insert(*name))
}

/// What to say of a role that isn't among those that are known.
pub fn unknown_role(name: &Name, known: impl Iterator<Item = impl AsRef<str> + Ord>) -> Problem {
    unknown("role", name, known, "`daypass role list` shows them all.")
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
    use crate::{arn::PrincipalArn, field::AccountId};

    fn role(name: &str) -> Role {
        let arn = PrincipalArn::parse("arn:aws:iam::111122223333:role/Admin").unwrap();
        Role::new(
            Name::parse(name).unwrap(),
            Name::parse("work").unwrap(),
            arn,
        )
    }

    fn chained(name: &str, source: &str) -> Role {
        Role {
            identity: None,
            source: Some(Name::parse(source).unwrap()),
            ..role(name)
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
    fn the_nearest_choice_of_a_browser_counts() {
        let browser = |program: &str| Browser {
            program: program.to_owned(),
            profile: None,
            container: None,
        };
        let mut config = config(vec![role("a")]);
        let of = |config: &Config| {
            let role = config.roles.first().unwrap();
            config.browser_of(role).map(|found| found.program.clone())
        };
        assert_eq!(of(&config), None);
        config.settings.browser = Some(browser("everywhere"));
        assert_eq!(of(&config).as_deref(), Some("everywhere"));
        let mut account = Account::new(AccountId::parse("111122223333").unwrap());
        config.accounts = vec![account.clone()];
        assert_eq!(of(&config).as_deref(), Some("everywhere"));
        account.browser = Some(browser("of-the-account"));
        config.accounts = vec![account];
        assert_eq!(of(&config).as_deref(), Some("of-the-account"));
        config.roles[0].browser = Some(browser("of-the-role"));
        assert_eq!(of(&config).as_deref(), Some("of-the-role"));
    }

    #[test]
    fn duplicates_and_dangling_names_are_found() {
        assert!(config(vec![role("a"), role("a")]).check().is_err());
        let mut orphan = role("a");
        orphan.identity = Some(Name::parse("gone").unwrap());
        assert!(config(vec![orphan]).check().is_err());
    }

    #[test]
    fn a_chain_of_roles_ends_at_an_identity() {
        let good = config(vec![role("a"), chained("b", "a"), chained("c", "b")]);
        assert_eq!(good.check(), Ok(()));
        let start = good.start(&good.roles[2]).unwrap();
        assert_eq!(start.name.as_str(), "work");
        let why = |roles| config(roles).check().unwrap_err().what;
        assert!(why(vec![chained("b", "gone")]).contains("not there"));
        let circle = vec![chained("b", "c"), chained("c", "b")];
        assert!(why(circle.clone()).contains("circle"));
        assert_eq!(config(circle.clone()).start(&circle[0]), None);
    }

    #[test]
    fn an_endpoint_is_changed_by_its_name() {
        let change = |name: &str, value: Option<serde_json::Value>| {
            Endpoints::default().changed(&Changes::from([(name.to_owned(), value)]))
        };
        let set = change("iam", Some("http://127.0.0.1:1".into())).unwrap();
        assert_eq!(set.overridden(), [("iam", "http://127.0.0.1:1")]);
        assert_eq!(set.differing(&Endpoints::default()), ["iam"]);
        assert_eq!(Endpoints::default().differing(&set), ["iam"]);
        let back = set.changed(&Changes::from([("iam".to_owned(), None)]));
        assert_eq!(back, Ok(Endpoints::default()));
        for (name, value) in [
            ("iam", "http://example.com".into()),
            ("iam", 1.into()),
            ("s3", "http://127.0.0.1:1".into()),
        ] {
            let why = change(name, Some(value)).unwrap_err().what;
            assert!(why.contains(name), "{why}");
        }
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
            "https://sts.example.com/?x",
            "https://sts.example.com/#x",
            "file:///etc/passwd",
            "sts",
        ] {
            assert!(sts(bad).check().is_err(), "{bad}");
        }
    }
}
