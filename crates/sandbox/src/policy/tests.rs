#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot be set up should stop"
)]

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::*;
use crate::credentials::{Account, Caller, Lifetime};

const ROLE: &str = "arn:aws:iam::111122223333:role/Any";

fn now() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(1)
}

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

/// A call by ada, with a code that is 100 seconds old or none.
fn context(caller: &Caller, with_code: bool) -> Context<'_> {
    Context {
        mfa_at: with_code.then(|| now() - TimeDelta::seconds(100)),
        mfa_present: with_code.then_some(true),
        wanted: WantedSession {
            external_id: with_code.then_some("x-1"),
            session_name: Some("ada"),
            ..WantedSession::default()
        },
        ..Context::of(caller, now())
    }
}

fn trust(principal: &Value, condition: &Value) -> Policy {
    let statement = json!({
        "Effect": "Allow",
        "Principal": {"AWS": principal},
        "Action": "sts:AssumeRole",
        "Condition": condition,
    });
    Policy::parse(Kind::Trust, &json!({ "Statement": statement })).unwrap()
}

fn identity(statement: &Value) -> Policy {
    Policy::parse(Kind::Identity, &json!({ "Statement": statement })).unwrap()
}

fn allows(condition: &Value, context: &Context<'_>) -> bool {
    let policy = trust(&json!("111122223333"), condition);
    policy.verdict("sts:AssumeRole", ROLE, context) == Verdict::Allow
}

#[test]
fn principals_are_accounts_users_or_anybody() {
    let caller = ada();
    let rows = [
        (json!("*"), true, true),
        (json!("111122223333"), true, false),
        (json!("arn:aws:iam::111122223333:root"), true, false),
        (
            json!(["x", "arn:aws:iam::111122223333:user/ada"]),
            true,
            true,
        ),
        (json!("arn:aws:iam::111122223333:user/bob"), false, false),
        (json!("arn:aws-cn:iam::111122223333:root"), false, false),
        (json!("444455556666"), false, false),
    ];
    for (principal, allowed, named) in rows {
        let policy = trust(&principal, &json!({}));
        let verdict = policy.verdict("sts:AssumeRole", ROLE, &context(&caller, false));
        assert_eq!(verdict == Verdict::Allow, allowed, "{principal}");
        assert_eq!(policy.names(&caller.principal), named, "{principal}");
    }
}

#[test]
fn conditions_hold_or_not() {
    let caller = ada();
    let with_code = context(&caller, true);
    let without = context(&caller, false);
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
        (
            json!({"StringNotLike": {"sts:ExternalId": "x-*"}}),
            false,
            true,
        ),
        (json!({"StringEquals": {"aws:username": "ada"}}), true, true),
        (
            json!({"StringEquals": {"sts:RoleSessionName": "${aws:username}"}}),
            true,
            true,
        ),
        (
            json!({"StringEquals": {"sts:RoleSessionName": "${sts:ExternalId}"}}),
            false,
            false,
        ),
        (
            json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/a*"}}),
            true,
            true,
        ),
    ];
    for (condition, with, none) in rows {
        assert_eq!(allows(&condition, &with_code), with, "{condition}");
        assert_eq!(allows(&condition, &without), none, "{condition}");
    }
}

#[test]
fn conditions_on_tags() {
    let mut caller = ada();
    caller.session.tags = [("Team".to_owned(), "blue".to_owned())].into();
    let mut tagged = context(&caller, false);
    tagged.wanted.tags = [("Project", "x"), ("Cost", "1")]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .into();
    tagged.wanted.transitive_keys = vec!["Project"];
    let plain = context(&caller, false);
    let rows = [
        (
            json!({"StringEquals": {"aws:RequestTag/project": "x"}}),
            true,
            false,
        ),
        (
            json!({"StringEquals": {"aws:PrincipalTag/team": "blue"}}),
            true,
            true,
        ),
        (
            json!({"Null": {"aws:RequestTag/Project": "false"}}),
            true,
            false,
        ),
        (
            json!({"ForAllValues:StringEquals": {"aws:TagKeys": ["Project", "Cost"]}}),
            true,
            true,
        ),
        (
            json!({"ForAllValues:StringEquals": {"aws:TagKeys": ["Project"]}}),
            false,
            true,
        ),
        (
            json!({"ForAnyValue:StringEquals": {"aws:TagKeys": ["Project"]}}),
            true,
            false,
        ),
        (
            json!({"ForAnyValue:StringEquals": {"sts:TransitiveTagKeys": ["Cost"]}}),
            false,
            false,
        ),
    ];
    for (condition, with, none) in rows {
        assert_eq!(allows(&condition, &tagged), with, "{condition}");
        assert_eq!(allows(&condition, &plain), none, "{condition}");
    }
}

#[test]
fn a_deny_wins() {
    let policy = Policy::parse(
        Kind::Trust,
        &json!({"Statement": [
            {"Effect": "Allow", "Principal": "*", "Action": "sts:*"},
            {"Effect": "Deny", "Principal": "*", "Action": "sts:TagSession"},
        ]}),
    )
    .unwrap();
    let caller = ada();
    let verdict = |action| policy.verdict(action, ROLE, &context(&caller, false));
    assert_eq!(verdict("sts:AssumeRole"), Verdict::Allow);
    assert_eq!(verdict("sts:TagSession"), Verdict::Deny);
    assert_eq!(verdict("iam:GetUser"), Verdict::Silent);
}

#[test]
fn actions_and_resources_have_a_negative_form() {
    let caller = ada();
    let own = "arn:aws:iam::111122223333:user/ada";
    let rows = [
        (
            json!({"Effect": "Allow", "Action": "IAM:get*", "Resource": "*"}),
            true,
            false,
        ),
        (
            json!({"Effect": "Allow", "NotAction": "iam:Create*", "Resource": "*"}),
            true,
            false,
        ),
        (
            json!({"Effect": "Allow", "Action": "*", "Resource": "arn:*:user/${aws:username}"}),
            true,
            true,
        ),
        (
            json!({"Effect": "Allow", "Action": "*", "NotResource": "arn:*:user/${aws:username}"}),
            false,
            false,
        ),
        (
            json!({"Effect": "Allow", "Action": "*", "Resource": "${aws:PrincipalTag/none}*"}),
            false,
            false,
        ),
    ];
    for (statement, get, create) in rows {
        let policy = identity(&statement);
        let allows =
            |action| policy.verdict(action, own, &context(&caller, false)) == Verdict::Allow;
        assert_eq!(allows("iam:GetUser"), get, "{statement}");
        assert_eq!(allows("iam:CreateAccessKey"), create, "{statement}");
    }
}

#[test]
fn what_may_happen_somewhere_is_known() {
    let caller = ada();
    let context = context(&caller, false);
    let ever = |statements: Value| {
        may_ever_allow(&[identity(&statements)], "iam:CreateAccessKey", &context)
    };
    let some = json!({"Effect": "Allow", "Action": "iam:*", "Resource": "arn:x"});
    let deny_here = json!({"Effect": "Deny", "Action": "iam:*", "Resource": "arn:y"});
    let deny_all = json!({"Effect": "Deny", "Action": "iam:C*", "Resource": "*"});
    assert!(ever(json!([some])));
    assert!(ever(json!([some, deny_here])));
    assert!(!ever(json!([some, deny_all])));
    assert!(!ever(json!([])));
}

#[test]
fn awss_own_policies_exist_in_every_partition() {
    for partition in ["aws", "aws-cn"] {
        let arns: Vec<String> = aws_managed(partition)
            .unwrap()
            .into_iter()
            .map(|(arn, _)| arn)
            .collect();
        let read_only = format!("arn:{partition}:iam::aws:policy/ReadOnlyAccess");
        assert!(arns.contains(&read_only), "{arns:?}");
    }
}

#[test]
fn what_is_not_understood_is_refused() {
    let trust = json!({"Effect": "Allow", "Principal": "*", "Action": "a"});
    let identity = json!({"Effect": "Allow", "Resource": "*", "Action": "a"});
    assert!(Policy::parse(Kind::Trust, &json!({ "Statement": trust })).is_ok());
    assert!(Policy::parse(Kind::Identity, &json!({ "Statement": identity })).is_ok());
    let with = |base: &Value, name: &str, value: Value| {
        let mut changed = base.clone();
        changed[name] = value;
        changed
    };
    let rows = [
        (Kind::Trust, json!("x")),
        (Kind::Trust, with(&trust, "Effect", json!("Maybe"))),
        (Kind::Trust, with(&trust, "Resource", json!("*"))),
        (
            Kind::Trust,
            with(&trust, "Principal", json!({"Service": "x"})),
        ),
        (Kind::Trust, with(&trust, "NotAction", json!("b"))),
        (Kind::Trust, with(&trust, "More", json!("b"))),
        (Kind::Trust, identity.clone()),
        (Kind::Identity, trust.clone()),
        (Kind::Resource, trust.clone()),
        (Kind::Resource, identity.clone()),
        (
            Kind::Identity,
            with(&identity, "Resource", json!("${aws:x}")),
        ),
        (
            Kind::Identity,
            with(&identity, "Resource", json!("${aws:username")),
        ),
        (
            Kind::Identity,
            with(
                &identity,
                "Condition",
                json!({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}),
            ),
        ),
        (
            Kind::Identity,
            with(
                &identity,
                "Condition",
                json!({"Bool": {"aws:SecureTransport": "true"}}),
            ),
        ),
        (
            Kind::Identity,
            with(
                &identity,
                "Condition",
                json!({"ForSome:Bool": {"aws:username": "true"}}),
            ),
        ),
    ];
    for (kind, statement) in rows {
        let policy = json!({ "Statement": statement });
        assert!(
            Policy::parse(kind, &policy).is_err(),
            "{kind:?} {statement}"
        );
    }
    assert!(Policy::parse(Kind::Trust, &json!({})).is_err());
}
