//! What was found when somebody asked whether everything that Daypass needs is as it should be.

use serde::{Deserialize, Serialize};

use crate::problem::one_line;

/// One thing that was looked at. Never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What was looked at, in a word or two: `keychain`, `sts eu-west-1`.
    pub about: String,
    /// How it stands.
    pub state: Health,
    /// What was seen, as one sentence.
    pub what: String,
    /// What to do now; empty where nothing is to be done.
    pub todo: String,
}

/// How something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// As it should be.
    Ok,
    /// Daypass works, and something is worth a look.
    Attention,
    /// Something does not work.
    Broken,
}

impl Finding {
    /// Nothing to do.
    pub fn ok(about: impl Into<String>, what: impl Into<String>) -> Self {
        Self::new(about, Health::Ok, what, "")
    }

    /// Something to look at.
    pub fn attention(
        about: impl Into<String>,
        what: impl Into<String>,
        todo: impl Into<String>,
    ) -> Self {
        Self::new(about, Health::Attention, what, todo)
    }

    /// Something to mend.
    pub fn broken(
        about: impl Into<String>,
        what: impl Into<String>,
        todo: impl Into<String>,
    ) -> Self {
        Self::new(about, Health::Broken, what, todo)
    }

    fn new(
        about: impl Into<String>,
        state: Health,
        what: impl Into<String>,
        todo: impl Into<String>,
    ) -> Self {
        Self {
            about: one_line(&about.into()),
            state,
            what: one_line(&what.into()),
            todo: one_line(&todo.into()),
        }
    }

    /// The same without what a public report must not tell.
    #[must_use]
    pub fn for_the_public(self, home: Option<&str>) -> Self {
        Self {
            about: masked(&self.about, home),
            state: self.state,
            what: masked(&self.what, home),
            todo: masked(&self.todo, home),
        }
    }
}

/// In place of an account's number.
const ACCOUNT: &str = "(account)";
/// In place of a name or a number.
const HIDDEN: &str = "…";

/// Hides what a bug report must not tell of a person: accounts, the names in ARNs, all but the end
/// of access key ids, what an address has before its host, and where home is.
pub fn masked(text: &str, home: Option<&str>) -> String {
    let text = without_home(text, home);
    let mut told = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(first) = rest.chars().next() {
        let length = rest.find(is_between).unwrap_or(rest.len());
        let length = length.max(if is_between(first) {
            first.len_utf8()
        } else {
            0
        });
        let (word, after) = rest.split_at(length);
        told.push_str(&masked_word(word));
        rest = after;
    }
    told
}

fn is_between(c: char) -> bool {
    c.is_whitespace() || matches!(c, '"' | '\'' | '`' | ',' | ';' | '(' | ')' | '[' | ']')
}

fn without_home(text: &str, home: Option<&str>) -> String {
    let Some(home) = home.map(|home| home.trim_end_matches('/')) else {
        return text.to_owned();
    };
    if home.is_empty() {
        return text.to_owned();
    }
    let mut told = String::with_capacity(text.len());
    let mut parts = text.split(home).peekable();
    while let Some(part) = parts.next() {
        told.push_str(part);
        let Some(next) = parts.peek() else { break };
        // `/home/ada` is not the beginning of `/home/adam`.
        let is_longer = next.starts_with(|c: char| c.is_alphanumeric() || "-_".contains(c));
        told.push_str(if is_longer { home } else { "~" });
    }
    told
}

fn masked_word(word: &str) -> String {
    if let Some(start) = word.find("arn:") {
        let (before, arn) = word.split_at(start);
        return format!("{}{}", masked_runs(before), masked_arn(arn));
    }
    masked_runs(&without_user(word))
}

/// The type of what an ARN names stays, its name goes.
fn masked_arn(arn: &str) -> String {
    let bare = arn.trim_end_matches(['.', ':']);
    let end = arn.get(bare.len()..).unwrap_or_default();
    let mut parts: Vec<&str> = bare.splitn(6, ':').collect();
    let resource = if parts.len() == 6 { parts.pop() } else { None };
    let kind = resource.and_then(|resource| {
        let end = resource.find(['/', ':'])?;
        resource.get(..=end)
    });
    let hidden = resource.map_or_else(String::new, |_| {
        format!(":{}{HIDDEN}", kind.unwrap_or_default())
    });
    format!("{}{hidden}{end}", masked_runs(&parts.join(":")))
}

/// What stands before the host of an address may be a password.
fn without_user(word: &str) -> String {
    let Some((scheme, rest)) = word.split_once("://") else {
        return word.to_owned();
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    format!("{scheme}://{host}{path}")
}

fn masked_runs(word: &str) -> String {
    let mut told = String::with_capacity(word.len());
    let mut rest = word;
    while let Some(first) = rest.chars().next() {
        let is_inside = is_of_run(first);
        let end = rest.find(|c| is_of_run(c) != is_inside);
        let (run, after) = rest.split_at(end.unwrap_or(rest.len()));
        told.push_str(&masked_run(run));
        rest = after;
    }
    told
}

/// Accounts are digits, and key ids digits and capitals.
const fn is_of_run(c: char) -> bool {
    c.is_ascii_uppercase() || c.is_ascii_digit()
}

fn masked_run(run: &str) -> String {
    let key_id = ["AKIA", "ASIA"].iter().find_map(|start| run.find(start));
    if let Some((before, id)) = key_id.and_then(|start| run.split_at_checked(start))
        && id.len() >= 16
    {
        let end = id.get(id.len() - 4..).unwrap_or_default();
        return format!("{before}{HIDDEN}{end}");
    }
    if run.len() == 12 && run.bytes().all(|byte| byte.is_ascii_digit()) {
        return ACCOUNT.to_owned();
    }
    run.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_report_names_nobody() {
        for (text, told) in [
            (
                "The role arn:aws:iam::111122223333:role/team/Admin.",
                "The role arn:aws:iam::(account):role/….",
            ),
            (
                "arn:aws-cn:sts::111122223333:assumed-role/Admin/ada and (arn:aws:s3:::bucket)",
                "arn:aws-cn:sts::(account):assumed-role/… and (arn:aws:s3:::…)",
            ),
            (
                "account 111122223333, not 1111222233334",
                "account (account), not 1111222233334",
            ),
            ("key AKIAIOSFODNN7EXAMPLE is old", "key …MPLE is old"),
            (
                "http://ada:p%40ss@proxy.example.com:8080 does not answer",
                "http://proxy.example.com:8080 does not answer",
            ),
            (
                "\"/home/ada/.aws/config\" and /home/adam/x, /home/ada",
                "\"~/.aws/config\" and /home/adam/x, ~",
            ),
            ("arn:aws", "arn:aws"),
            ("grüße — 3 ms", "grüße — 3 ms"),
        ] {
            assert_eq!(masked(text, Some("/home/ada")), told);
            assert_eq!(masked(told, Some("/home/ada")), told, "twice is as once");
        }
        assert_eq!(masked("/a/b", Some("/")), "/a/b");
    }

    proptest::proptest! {
        #[test]
        fn any_text_can_be_told(text: String, home: String) {
            let _ = masked(&text, Some(&home));
        }

        #[test]
        fn no_account_and_no_key_is_told(before in "[a-z :/.]{0,8}", digits in "[0-9]{12}", id in "AKIA[A-Z2-7]{16}") {
            let told = masked(&format!("{before}{digits}:{id} {id}/{digits}"), None);
            proptest::prop_assert!(!told.contains(&digits) && !told.contains(&id), "{told}");
        }
    }
}
