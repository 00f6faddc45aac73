//! HARDENING.md G.3, item 9: the life of an access key.

use daypass_sandbox::Seed;
use serde_json::{Value, json};

use crate::support::{ADA_DEVICE, ADMIN, Aws, START, user};

#[test]
fn a_key_is_created_used_switched_off_and_deleted() {
    let aws = Aws::start();
    let bob = user("bob");
    let created = aws.iam(&bob, "CreateAccessKey", &[]);
    assert_eq!(created.text("UserName").as_deref(), Some("bob"));
    assert_eq!(created.text("Status").as_deref(), Some("Active"));
    assert_eq!(created.text("CreateDate").as_deref(), Some(START));
    let key = created.keys();
    assert!(key.id.starts_with("AKIA") && key.secret.len() == 40);
    let works = || aws.sts(&key, "GetCallerIdentity", &[]).code();
    assert_eq!(works(), "");
    let set = |status| {
        let params = [("AccessKeyId", key.id.as_str()), ("Status", status)];
        assert_eq!(aws.iam(&bob, "UpdateAccessKey", &params).status, 200);
    };
    set("Inactive");
    assert_eq!(works(), "InvalidClientTokenId");
    set("Active");
    assert_eq!(works(), "");
    let id = [("AccessKeyId", key.id.as_str())];
    assert_eq!(aws.iam(&bob, "DeleteAccessKey", &id).status, 200);
    assert_eq!(works(), "InvalidClientTokenId");
    assert_eq!(aws.iam(&bob, "DeleteAccessKey", &id).code(), "NoSuchEntity");
}

#[test]
fn a_user_has_two_keys_at_most() {
    let aws = Aws::start();
    let bob = user("bob");
    assert_eq!(aws.iam(&bob, "CreateAccessKey", &[]).status, 200);
    let third = aws.iam(&bob, "CreateAccessKey", &[]);
    assert_eq!(
        (third.status, third.code().as_str()),
        (409, "LimitExceeded")
    );
    let list = aws.iam(&bob, "ListAccessKeys", &[]);
    assert_eq!(list.body.matches("<member>").count(), 2);
    assert!(!list.body.contains("Secret"));
    assert_eq!(list.text("IsTruncated").as_deref(), Some("false"));
}

#[test]
fn a_new_key_takes_its_time() {
    let aws = Aws::start();
    aws.control("key-propagation", &json!({ "seconds": 10 }));
    let key = aws.iam(&user("bob"), "CreateAccessKey", &[]).keys();
    let works = || {
        let secrets = aws.secrets(&key, "GetSecretValue", &json!({"SecretId": "app/session"}));
        let calls = [
            aws.sts(&key, "GetCallerIdentity", &[]).code(),
            aws.iam(&key, "ListAccessKeys", &[]).code(),
            secrets.json_code(),
        ];
        calls.map(|code| code.is_empty())
    };
    assert_eq!(works(), [false; 3]);
    aws.advance(9);
    assert_eq!(works(), [false; 3]);
    aws.advance(1);
    assert_eq!(works(), [true; 3]);
}

#[test]
fn a_key_that_was_switched_off_works_a_while_longer() {
    let aws = Aws::start();
    let bob = user("bob");
    let key = aws.iam(&bob, "CreateAccessKey", &[]).keys();
    aws.control("key-propagation", &json!({ "seconds": 10 }));
    let works = || aws.sts(&key, "GetCallerIdentity", &[]).code().is_empty();
    let set = |status| {
        let params = [("AccessKeyId", key.id.as_str()), ("Status", status)];
        assert_eq!(aws.iam(&bob, "UpdateAccessKey", &params).status, 200);
    };
    let listed = || aws.iam(&bob, "ListAccessKeys", &[]).body;

    set("Inactive");
    assert!(listed().contains("<Status>Inactive</Status>"));
    aws.advance(9);
    assert!(works());
    aws.advance(1);
    assert!(!works());

    set("Active");
    assert!(!works());
    aws.advance(10);
    assert!(works());

    let id = [("AccessKeyId", key.id.as_str())];
    assert_eq!(aws.iam(&bob, "DeleteAccessKey", &id).status, 200);
    assert!(!listed().contains(&key.id));
    assert_eq!(
        aws.iam(&bob, "GetAccessKeyLastUsed", &id).code(),
        "NoSuchEntity"
    );
    // Its place is free at once.
    assert_eq!(aws.iam(&bob, "CreateAccessKey", &[]).status, 200);
    aws.advance(9);
    assert!(works());
    aws.advance(1);
    assert!(!works());
}

#[test]
fn the_delay_may_be_the_seeds() {
    let mut seed: Value = serde_json::from_str(include_str!("../../seed.json")).unwrap();
    seed["key_propagation_seconds"] = 10.into();
    let aws = Aws::with_seed(&Seed::parse(&seed.to_string()).unwrap());
    let delay = aws.request("GET", "/_sandbox/key-propagation", "").json();
    assert_eq!(delay, json!({ "seconds": 10 }));
    let key = aws.iam(&user("bob"), "CreateAccessKey", &[]).keys();
    let answer = aws.sts(&key, "GetCallerIdentity", &[]);
    assert_eq!(answer.code(), "InvalidClientTokenId");
}

#[test]
fn a_key_has_an_age() {
    let aws = Aws::start();
    let created = |name: &str| {
        let list = aws.iam(&user(name), "ListAccessKeys", &[]);
        list.text("CreateDate").unwrap()
    };
    assert_eq!(created("erin"), "2024-11-27T09:00:00Z");
    assert_eq!(created("bob"), START);
    let id = user("bob").id;
    let aged = aws.control("keys", &json!({ "access_key_id": id, "age_days": 90 }));
    assert_eq!(aged["created_at"], "2025-10-03T09:00:00Z");
    assert_eq!(aged["status"], "Active");
    assert_eq!(created("bob"), "2025-10-03T09:00:00Z");
}

#[test]
fn a_policy_may_want_a_code_for_iam() {
    let aws = Aws::start();
    let finn = user("finn");
    let calls = [
        ("ListAccessKeys", vec![]),
        (
            "GetAccessKeyLastUsed",
            vec![("AccessKeyId", finn.id.as_str())],
        ),
        ("CreateAccessKey", vec![]),
        (
            "UpdateAccessKey",
            vec![("AccessKeyId", finn.id.as_str()), ("Status", "Active")],
        ),
    ];
    for (action, params) in &calls {
        let answer = aws.iam(&finn, action, params);
        let (status, code, message) = answer.error();
        assert_eq!((status, code.as_str()), (403, "AccessDenied"), "{action}");
        assert!(
            message.ends_with("with an explicit deny in an identity-based policy"),
            "{message}"
        );
    }
    let without = aws.sts(&finn, "GetSessionToken", &[]).keys();
    let refused = aws.iam(&without, "ListAccessKeys", &[]);
    assert_eq!(refused.code(), "InvalidClientTokenId");
    assert_eq!(aws.iam(&finn, "ListMFADevices", &[]).status, 200);

    let serial = "arn:aws:iam::111122223333:mfa/finn";
    let code = aws.code(serial);
    let params = [("SerialNumber", serial), ("TokenCode", &code)];
    let with = aws.sts(&finn, "GetSessionToken", &params).keys();
    for (action, params) in &calls {
        assert_eq!(aws.iam(&with, action, params).status, 200, "{action}");
    }
}

#[test]
fn the_last_use_of_a_key_is_known() {
    let aws = Aws::start();
    let bob = user("bob");
    let key = aws.iam(&bob, "CreateAccessKey", &[]).keys();
    let last = || aws.iam(&bob, "GetAccessKeyLastUsed", &[("AccessKeyId", &key.id)]);
    let never = last();
    assert_eq!(never.text("LastUsedDate"), None);
    assert_eq!(never.text("ServiceName").as_deref(), Some("N/A"));
    aws.sts(&key, "GetCallerIdentity", &[]);
    let once = last();
    assert_eq!(once.text("LastUsedDate").as_deref(), Some(START));
    assert_eq!(once.text("ServiceName").as_deref(), Some("sts"));
    assert_eq!(once.text("Region").as_deref(), Some("us-east-1"));
    assert_eq!(once.text("UserName").as_deref(), Some("bob"));
}

#[test]
fn a_user_manages_their_own_keys_and_an_admin_everybodys() {
    let aws = Aws::start();
    let (bob, root) = (user("bob"), user("root"));
    let ada = [("UserName", "ada")];
    let refused = aws.iam(&bob, "ListAccessKeys", &ada);
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (403, "AccessDenied")
    );
    assert_eq!(aws.iam(&root, "ListAccessKeys", &ada).status, 200);
    let admin = aws.assume(&aws.mfa_session(), ADMIN, &[]).keys();
    assert_eq!(aws.iam(&admin, "ListAccessKeys", &ada).status, 200);
    let unnamed = aws.iam(&admin, "ListAccessKeys", &[]);
    assert_eq!(unnamed.code(), "ValidationError");
    let missing = aws.iam(&admin, "GetUser", &[("UserName", "nobody")]);
    assert_eq!(
        (missing.status, missing.code().as_str()),
        (404, "NoSuchEntity")
    );
    // A key is its owner's, whoever else is named.
    let params = [("UserName", "ada"), ("AccessKeyId", bob.id.as_str())];
    assert_eq!(
        aws.iam(&root, "DeleteAccessKey", &params).code(),
        "NoSuchEntity"
    );
}

#[test]
fn a_session_needs_a_code_for_iam() {
    let aws = Aws::start();
    let without = aws.sts(&user("ada"), "GetSessionToken", &[]).keys();
    assert_eq!(
        aws.iam(&without, "GetUser", &[]).code(),
        "InvalidClientTokenId"
    );
    let with = aws.mfa_session();
    let answer = aws.iam(&with, "GetUser", &[]);
    assert_eq!(answer.text("UserName").as_deref(), Some("ada"));
    assert_eq!(answer.text("Path").as_deref(), Some("/"));
}

#[test]
fn devices_are_listed() {
    let aws = Aws::start();
    let list = aws.iam(&user("ada"), "ListMFADevices", &[]);
    assert_eq!(list.text("SerialNumber").as_deref(), Some(ADA_DEVICE));
    let two = aws.iam(&user("cleo"), "ListMFADevices", &[]);
    assert_eq!(two.body.matches("<member>").count(), 2);
    let none = aws.iam(&user("bob"), "ListMFADevices", &[]);
    assert_eq!(none.text("MFADevices").as_deref(), Some(""));
}
