//! Role trust policies: the part of IAM's policy language that they use.

use serde_json::Value;

use crate::credentials::{Caller, Principal};

/// A role's trust policy, read once.
#[derive(Debug, Clone)]
pub(crate) struct TrustPolicy(Vec<Statement>);

#[derive(Debug, Clone)]
struct Statement {
    allow: bool,
    principals: Vec<String>,
    actions: Vec<String>,
    conditions: Vec<Condition>,
}

#[derive(Debug, Clone)]
struct Condition {
    operator: Operator,
    if_exists: bool,
    key: Key,
    values: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    StringEquals,
    StringNotEquals,
    StringLike,
    Bool,
    Null,
    NumericEquals,
    NumericLessThan,
    NumericLessThanEquals,
    NumericGreaterThan,
    NumericGreaterThanEquals,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key {
    ExternalId,
    RoleSessionName,
    SourceIdentity,
    MultiFactorAuthPresent,
    MultiFactorAuthAge,
    Username,
    PrincipalArn,
}

const OPERATORS: [(&str, Operator); 10] = [
    ("StringEquals", Operator::StringEquals),
    ("StringNotEquals", Operator::StringNotEquals),
    ("StringLike", Operator::StringLike),
    ("Bool", Operator::Bool),
    ("Null", Operator::Null),
    ("NumericEquals", Operator::NumericEquals),
    ("NumericLessThan", Operator::NumericLessThan),
    ("NumericLessThanEquals", Operator::NumericLessThanEquals),
    ("NumericGreaterThan", Operator::NumericGreaterThan),
    (
        "NumericGreaterThanEquals",
        Operator::NumericGreaterThanEquals,
    ),
];

/// IAM's condition keys are not case-sensitive.
const KEYS: [(&str, Key); 7] = [
    ("sts:externalid", Key::ExternalId),
    ("sts:rolesessionname", Key::RoleSessionName),
    ("sts:sourceidentity", Key::SourceIdentity),
    ("aws:multifactorauthpresent", Key::MultiFactorAuthPresent),
    ("aws:multifactorauthage", Key::MultiFactorAuthAge),
    ("aws:username", Key::Username),
    ("aws:principalarn", Key::PrincipalArn),
];

/// What a trust policy looks at.
#[derive(Debug)]
pub(crate) struct TrustRequest<'a> {
    pub(crate) caller: &'a Caller,
    pub(crate) external_id: Option<&'a str>,
    pub(crate) session_name: &'a str,
    pub(crate) source_identity: Option<&'a str>,
    /// `aws:MultiFactorAuthPresent`: not there at all for a long-lived key without a code.
    pub(crate) mfa_present: Option<bool>,
    /// `aws:MultiFactorAuthAge`.
    pub(crate) mfa_age_seconds: Option<i64>,
}

impl TrustPolicy {
    /// Reads a policy; the error says which part is wrong or more than this sandbox knows.
    pub(crate) fn parse(policy: &Value) -> Result<Self, String> {
        let statements = policy.get("Statement").ok_or("no Statement")?;
        let statements: Result<_, String> = one_or_many(statements).map(Statement::parse).collect();
        Ok(Self(statements?))
    }

    /// Whether the caller may do `action`: something allows it and nothing denies it.
    pub(crate) fn allows(&self, action: &str, request: &TrustRequest<'_>) -> bool {
        let applies = |allow: bool| {
            self.0
                .iter()
                .filter(|statement| statement.allow == allow)
                .any(|statement| statement.applies(action, request))
        };
        applies(true) && !applies(false)
    }
}

impl Statement {
    fn parse(statement: &Value) -> Result<Self, String> {
        let known = ["Sid", "Effect", "Principal", "Action", "Condition"];
        let fields = statement.as_object().ok_or("a Statement is no object")?;
        if let Some(unknown) = fields.keys().find(|name| !known.contains(&name.as_str())) {
            return Err(format!("unknown element '{unknown}'"));
        }
        let allow = match statement.get("Effect").and_then(Value::as_str) {
            Some("Allow") => true,
            Some("Deny") => false,
            _ => return Err("Effect is neither Allow nor Deny".to_owned()),
        };
        let principals = match statement.get("Principal") {
            Some(Value::String(any)) if any == "*" => vec!["*".to_owned()],
            Some(principal) => texts(principal.get("AWS")).ok_or("Principal has no AWS")?,
            None => return Err("no Principal".to_owned()),
        };
        let conditions = match statement.get("Condition") {
            None => Vec::new(),
            Some(conditions) => Condition::parse_all(conditions)?,
        };
        Ok(Self {
            allow,
            principals,
            actions: texts(statement.get("Action")).ok_or("no Action")?,
            conditions,
        })
    }

    fn applies(&self, action: &str, request: &TrustRequest<'_>) -> bool {
        self.actions.iter().any(|pattern| like(pattern, action))
            && self
                .principals
                .iter()
                .any(|trusted| is_trusted(trusted, &request.caller.principal))
            && self
                .conditions
                .iter()
                .all(|condition| condition.holds(request))
    }
}

impl Condition {
    fn parse_all(conditions: &Value) -> Result<Vec<Self>, String> {
        let mut parsed = Vec::new();
        let operators = conditions.as_object().ok_or("Condition is no object")?;
        for (name, keys) in operators {
            let base = name.strip_suffix("IfExists");
            let operator = lookup(&OPERATORS, base.unwrap_or(name))
                .ok_or_else(|| format!("unknown operator '{name}'"))?;
            for (key, values) in keys.as_object().ok_or("an operator has no keys")? {
                parsed.push(Self {
                    operator,
                    if_exists: base.is_some(),
                    key: lookup(&KEYS, &key.to_ascii_lowercase())
                        .ok_or_else(|| format!("unknown condition key '{key}'"))?,
                    values: texts(Some(values)).ok_or("a condition has no values")?,
                });
            }
        }
        Ok(parsed)
    }

    fn holds(&self, request: &TrustRequest<'_>) -> bool {
        let actual = self.key.value(request);
        if self.operator == Operator::Null {
            return self.any(|value| value == if actual.is_none() { "true" } else { "false" });
        }
        let Some(actual) = actual else {
            return self.if_exists || self.operator == Operator::StringNotEquals;
        };
        match self.operator {
            Operator::StringEquals => self.any(|value| value == actual),
            Operator::StringNotEquals => !self.any(|value| value == actual),
            Operator::StringLike => self.any(|value| like(value, &actual)),
            Operator::Bool => self.any(|value| value.eq_ignore_ascii_case(&actual)),
            Operator::Null => false,
            Operator::NumericEquals => self.any_number(&actual, |a, b| a == b),
            Operator::NumericLessThan => self.any_number(&actual, |a, b| a < b),
            Operator::NumericLessThanEquals => self.any_number(&actual, |a, b| a <= b),
            Operator::NumericGreaterThan => self.any_number(&actual, |a, b| a > b),
            Operator::NumericGreaterThanEquals => self.any_number(&actual, |a, b| a >= b),
        }
    }

    fn any(&self, test: impl Fn(&str) -> bool) -> bool {
        self.values.iter().any(|value| test(value))
    }

    fn any_number(&self, actual: &str, test: impl Fn(i64, i64) -> bool) -> bool {
        self.any(|value| match (actual.parse(), value.parse()) {
            (Ok(actual), Ok(value)) => test(actual, value),
            _ => false,
        })
    }
}

impl Key {
    fn value(self, request: &TrustRequest<'_>) -> Option<String> {
        let principal = &request.caller.principal;
        match self {
            Self::ExternalId => request.external_id.map(str::to_owned),
            Self::RoleSessionName => Some(request.session_name.to_owned()),
            Self::SourceIdentity => request.source_identity.map(str::to_owned),
            Self::MultiFactorAuthPresent => request.mfa_present.map(|present| present.to_string()),
            Self::MultiFactorAuthAge => request.mfa_age_seconds.map(|age| age.to_string()),
            Self::Username => match principal {
                Principal::User { name, .. } => Some(name.clone()),
                Principal::Root(_)
                | Principal::RoleSession { .. }
                | Principal::FederatedUser { .. } => None,
            },
            Self::PrincipalArn => principal.role_arn().or_else(|| Some(principal.arn())),
        }
    }
}

/// Whether a policy's principal means this one: everybody, an account, a user, a role or one session of it.
fn is_trusted(trusted: &str, principal: &Principal) -> bool {
    let account = principal.account();
    trusted == "*"
        || trusted == account.id
        || trusted == account.arn("iam", "root")
        || trusted == principal.arn()
        || principal.role_arn().as_deref() == Some(trusted)
}

fn lookup<T: Copy>(table: &[(&str, T)], name: &str) -> Option<T> {
    table
        .iter()
        .find(|(key, _)| *key == name)
        .map(|(_, value)| *value)
}

/// One text or a list of them; IAM takes booleans and numbers as texts too.
fn texts(value: Option<&Value>) -> Option<Vec<String>> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    };
    one_or_many(value?).map(text).collect()
}

/// Wherever IAM takes a list, it takes a single element too.
fn one_or_many(value: &Value) -> impl Iterator<Item = &Value> {
    let list = value
        .as_array()
        .map_or(std::slice::from_ref(value), Vec::as_slice);
    list.iter()
}

/// IAM's wildcards: `*` for any text and `?` for any letter.
fn like(pattern: &str, text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    // One entry for each length of the text's beginning: whether the pattern so far matches it.
    let mut matched = vec![false; text.len() + 1];
    if let Some(empty) = matched.first_mut() {
        *empty = true;
    }
    for wanted in pattern.chars() {
        let mut next = Vec::with_capacity(matched.len());
        let mut any_before = false;
        for (length, here) in matched.iter().enumerate() {
            any_before |= here;
            let last = length.checked_sub(1);
            let before = last.and_then(|last| matched.get(last)) == Some(&true);
            let letter = last.and_then(|last| text.get(last));
            next.push(match wanted {
                '*' => any_before,
                '?' => before,
                _ => before && letter == Some(&wanted),
            });
        }
        matched = next;
    }
    matched.last() == Some(&true)
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        reason = "a test that cannot be set up should stop"
    )]

    use serde_json::json;

    use super::*;
    use crate::credentials::{Account, Lifetime};

    fn ada() -> Caller {
        let account = Account {
            partition: "aws".to_owned(),
            id: "111122223333".to_owned(),
        };
        let principal = Principal::User {
            account,
            name: "ada".to_owned(),
            id: "AIDA".to_owned(),
        };
        Caller::new(principal, Lifetime::LongTerm)
    }

    fn request(caller: &Caller) -> TrustRequest<'_> {
        TrustRequest {
            caller,
            external_id: None,
            session_name: "ada",
            source_identity: None,
            mfa_present: None,
            mfa_age_seconds: None,
        }
    }

    fn policy(principal: &Value, condition: &Value) -> TrustPolicy {
        TrustPolicy::parse(&json!({"Statement": {
            "Effect": "Allow",
            "Principal": {"AWS": principal},
            "Action": "sts:AssumeRole",
            "Condition": condition,
        }}))
        .unwrap()
    }

    fn allows(condition: &Value, request: &TrustRequest<'_>) -> bool {
        policy(&json!("111122223333"), condition).allows("sts:AssumeRole", request)
    }

    #[test]
    fn principals_are_accounts_users_or_anybody() {
        let caller = ada();
        let rows = [
            (json!("*"), true),
            (json!("111122223333"), true),
            (json!("arn:aws:iam::111122223333:root"), true),
            (json!(["x", "arn:aws:iam::111122223333:user/ada"]), true),
            (json!("arn:aws:iam::111122223333:user/bob"), false),
            (json!("arn:aws-cn:iam::111122223333:root"), false),
            (json!("444455556666"), false),
        ];
        for (principal, expected) in rows {
            let allowed =
                policy(&principal, &json!({})).allows("sts:AssumeRole", &request(&caller));
            assert_eq!(allowed, expected, "{principal}");
        }
    }

    #[test]
    fn conditions_hold_or_not() {
        let caller = ada();
        let with_mfa = TrustRequest {
            mfa_present: Some(true),
            mfa_age_seconds: Some(100),
            external_id: Some("x-1"),
            ..request(&caller)
        };
        let without = request(&caller);
        let rows = [
            (
                json!({"Bool": {"aws:MultiFactorAuthPresent": true}}),
                true,
                false,
            ),
            (
                json!({"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}),
                true,
                true,
            ),
            (
                json!({"Null": {"aws:MultiFactorAuthAge": "false"}}),
                true,
                false,
            ),
            (
                json!({"NumericLessThan": {"aws:MultiFactorAuthAge": 101}}),
                true,
                false,
            ),
            (
                json!({"NumericLessThan": {"aws:MultiFactorAuthAge": 100}}),
                false,
                false,
            ),
            (
                json!({"NumericLessThanEquals": {"aws:MultiFactorAuthAge": 100}}),
                true,
                false,
            ),
            (
                json!({"NumericGreaterThan": {"aws:MultiFactorAuthAge": 99}}),
                true,
                false,
            ),
            (
                json!({"StringEquals": {"sts:ExternalId": "x-1"}}),
                true,
                false,
            ),
            (
                json!({"StringNotEquals": {"sts:ExternalId": "x-1"}}),
                false,
                true,
            ),
            (
                json!({"StringLike": {"STS:externalid": ["y", "x-?"]}}),
                true,
                false,
            ),
            (json!({"StringEquals": {"aws:username": "ada"}}), true, true),
        ];
        for (condition, mfa, none) in rows {
            assert_eq!(allows(&condition, &with_mfa), mfa, "{condition}");
            assert_eq!(allows(&condition, &without), none, "{condition}");
        }
    }

    #[test]
    fn a_deny_wins() {
        let policy = TrustPolicy::parse(&json!({"Statement": [
            {"Effect": "Allow", "Principal": "*", "Action": "sts:*"},
            {"Effect": "Deny", "Principal": "*", "Action": "sts:TagSession"},
        ]}))
        .unwrap();
        let caller = ada();
        assert!(policy.allows("sts:AssumeRole", &request(&caller)));
        assert!(!policy.allows("sts:TagSession", &request(&caller)));
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        let wrong = [
            json!({}),
            json!({"Statement": "x"}),
            json!({"Statement": {"Effect": "Maybe"}}),
            json!({"Statement": {"Effect": "Allow", "Action": "a"}}),
            json!({"Statement": {"Effect": "Allow", "Principal": "*", "Resource": "*"}}),
            json!({"Statement": {"Effect": "Allow", "Principal": "*", "Action": "a",
                "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}}),
            json!({"Statement": {"Effect": "Allow", "Principal": "*", "Action": "a",
                "Condition": {"Bool": {"aws:SecureTransport": "true"}}}}),
        ];
        for policy in wrong {
            assert!(TrustPolicy::parse(&policy).is_err(), "{policy}");
        }
    }

    #[test]
    fn wildcards() {
        let rows = [
            ("*", "", true),
            ("a*c", "abbc", true),
            ("a*c", "abb", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("**a**", "bab", true),
            ("", "a", false),
        ];
        for (pattern, text, expected) in rows {
            assert_eq!(like(pattern, text), expected, "{pattern} {text}");
        }
    }
}
