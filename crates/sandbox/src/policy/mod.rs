//! IAM's policy language: the part of it that this sandbox's calls use.

mod condition;
mod key;
mod managed;
mod variable;
mod wildcard;

use serde_json::Value;

use self::condition::Condition;
pub(crate) use self::key::{Context, WantedSession};
pub(crate) use self::managed::aws_managed;
use self::variable::Text;
use self::wildcard::like;
use crate::credentials::Principal;

/// A policy, read once.
#[derive(Debug, Clone)]
pub(crate) struct Policy(Vec<Statement>);

/// What a policy belongs to, which decides what its statements have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A user, a role or a session: `Resource` and no `Principal`.
    Identity,
    /// A secret: both.
    Resource,
    /// A role, as what is to be assumed: `Principal` and no `Resource`.
    Trust,
}

/// What policies say to one action of one caller on one resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Allow,
    Deny,
    /// Nothing applies, which denies too unless another policy allows.
    Silent,
}

#[derive(Debug, Clone)]
struct Statement {
    allow: bool,
    principals: Option<Vec<String>>,
    actions: Patterns,
    resources: Option<Patterns>,
    conditions: Vec<Condition>,
}

/// `Action` or `NotAction`, `Resource` or `NotResource`.
#[derive(Debug, Clone)]
struct Patterns {
    negated: bool,
    texts: Vec<Text>,
}

impl Policy {
    /// Reads a policy; the error says which part is wrong or more than this sandbox knows.
    pub(crate) fn parse(kind: Kind, policy: &Value) -> Result<Self, String> {
        let statements = policy.get("Statement").ok_or("no Statement")?;
        let statements: Result<_, String> = one_or_many(statements)
            .map(|statement| Statement::parse(kind, statement))
            .collect();
        Ok(Self(statements?))
    }

    /// What the policy says; a deny wins.
    pub(crate) fn verdict(&self, action: &str, resource: &str, context: &Context<'_>) -> Verdict {
        let applies = |allow: bool| {
            self.0
                .iter()
                .filter(|statement| statement.allow == allow)
                .any(|statement| statement.applies(action, resource, context))
        };
        if applies(false) {
            return Verdict::Deny;
        }
        if applies(true) {
            return Verdict::Allow;
        }
        Verdict::Silent
    }

    /// Whether a trust policy names the caller and not just the caller's account.
    pub(crate) fn names(&self, principal: &Principal) -> bool {
        self.0
            .iter()
            .filter(|statement| statement.allow)
            .flat_map(|statement| statement.principals.iter().flatten())
            .any(|trusted| is_named(trusted, principal))
    }

    /// Whether some statement allows an action, on whatever resource and condition.
    fn ever_allows(&self, action: &str, context: &Context<'_>) -> bool {
        self.0
            .iter()
            .any(|statement| statement.allow && statement.actions.match_action(action, context))
    }

    /// Whether some statement denies an action everywhere and always.
    fn always_denies(&self, action: &str, context: &Context<'_>) -> bool {
        self.0.iter().any(|statement| {
            !statement.allow
                && statement.conditions.is_empty()
                && statement.applies(action, "*", context)
        })
    }
}

/// What several policies say together.
pub(crate) fn verdict(
    policies: &[Policy],
    action: &str,
    resource: &str,
    context: &Context<'_>,
) -> Verdict {
    let verdicts: Vec<Verdict> = policies
        .iter()
        .map(|policy| policy.verdict(action, resource, context))
        .collect();
    [Verdict::Deny, Verdict::Allow]
        .into_iter()
        .find(|verdict| verdicts.contains(verdict))
        .unwrap_or(Verdict::Silent)
}

/// Whether there can be a resource and a condition for which these policies allow an action.
pub(crate) fn may_ever_allow(policies: &[Policy], action: &str, context: &Context<'_>) -> bool {
    policies
        .iter()
        .any(|policy| policy.ever_allows(action, context))
        && !policies
            .iter()
            .any(|policy| policy.always_denies(action, context))
}

impl Statement {
    fn parse(kind: Kind, statement: &Value) -> Result<Self, String> {
        let fields = statement.as_object().ok_or("a Statement is no object")?;
        let known = [
            "Sid",
            "Effect",
            "Principal",
            "Action",
            "NotAction",
            "Resource",
            "NotResource",
            "Condition",
        ];
        if let Some(unknown) = fields.keys().find(|name| !known.contains(&name.as_str())) {
            return Err(format!("unknown element '{unknown}'"));
        }
        let allow = match statement.get("Effect").and_then(Value::as_str) {
            Some("Allow") => true,
            Some("Deny") => false,
            _ => return Err("Effect is neither Allow nor Deny".to_owned()),
        };
        let conditions = match statement.get("Condition") {
            None => Vec::new(),
            Some(conditions) => Condition::parse_all(conditions)?,
        };
        Ok(Self {
            allow,
            principals: principals(kind, statement.get("Principal"))?,
            actions: Patterns::parse(statement, "Action")?.ok_or("no Action")?,
            resources: resources(kind, statement)?,
            conditions,
        })
    }

    fn applies(&self, action: &str, resource: &str, context: &Context<'_>) -> bool {
        let principal = &context.caller.principal;
        self.actions.match_action(action, context)
            && self
                .resources
                .as_ref()
                .is_none_or(|resources| resources.match_text(resource, context))
            && self
                .principals
                .as_ref()
                .is_none_or(|trusted| trusted.iter().any(|trusted| is_trusted(trusted, principal)))
            && self
                .conditions
                .iter()
                .all(|condition| condition.holds(context))
    }
}

fn principals(kind: Kind, principal: Option<&Value>) -> Result<Option<Vec<String>>, String> {
    match (kind, principal) {
        (Kind::Identity, None) => Ok(None),
        (Kind::Identity, Some(_)) => Err("a Principal where there can be none".to_owned()),
        (_, None) => Err("no Principal".to_owned()),
        (_, Some(Value::String(any))) if any == "*" => Ok(Some(vec!["*".to_owned()])),
        (_, Some(principal)) => texts(principal.get("AWS"))
            .map(Some)
            .ok_or_else(|| "Principal has no AWS".to_owned()),
    }
}

fn resources(kind: Kind, statement: &Value) -> Result<Option<Patterns>, String> {
    match (kind, Patterns::parse(statement, "Resource")?) {
        (Kind::Trust, None) => Ok(None),
        (Kind::Trust, Some(_)) => Err("a Resource where there can be none".to_owned()),
        (_, None) => Err("no Resource".to_owned()),
        (_, some) => Ok(some),
    }
}

impl Patterns {
    /// The element, or its `Not` form.
    fn parse(statement: &Value, element: &str) -> Result<Option<Self>, String> {
        let negated = format!("Not{element}");
        let (negated, value) = match (statement.get(element), statement.get(&negated)) {
            (None, None) => return Ok(None),
            (Some(value), None) => (false, value),
            (None, Some(value)) => (true, value),
            (Some(_), Some(_)) => return Err(format!("{element} and {negated}")),
        };
        let texts = texts(Some(value)).ok_or_else(|| format!("{element} is no text"))?;
        let texts: Result<_, String> = texts.iter().map(|text| Text::parse(text)).collect();
        Ok(Some(Self {
            negated,
            texts: texts?,
        }))
    }

    fn match_text(&self, text: &str, context: &Context<'_>) -> bool {
        self.matches(context, |pattern| like(pattern, text))
    }

    /// Actions are not case-sensitive.
    fn match_action(&self, action: &str, context: &Context<'_>) -> bool {
        let action = action.to_ascii_lowercase();
        self.matches(context, |pattern| {
            like(&pattern.to_ascii_lowercase(), &action)
        })
    }

    fn matches(&self, context: &Context<'_>, test: impl Fn(&str) -> bool) -> bool {
        let mut texts = self
            .texts
            .iter()
            .filter_map(|text| text.in_context(context));
        texts.any(|pattern| test(&pattern)) != self.negated
    }
}

/// Whether a policy's principal means this one: everybody, an account, a user, a role or one session of it.
fn is_trusted(trusted: &str, principal: &Principal) -> bool {
    let account = principal.account();
    trusted == account.id || trusted == account.arn("iam", "root") || is_named(trusted, principal)
}

fn is_named(trusted: &str, principal: &Principal) -> bool {
    trusted == "*" || trusted == principal.arn() || principal.role_arn().as_deref() == Some(trusted)
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

#[cfg(test)]
mod tests;
