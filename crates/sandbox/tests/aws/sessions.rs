//! HARDENING.md G.3, items 3, 4 and 5: codes, GetSessionToken and AssumeRole.

use serde_json::json;

use crate::support::{
    ADA_DEVICE, ADMIN, AUDITOR, Answer, Aws, CHAINED, DEPLOY, FRESH, Keys, LOCKED, NO_MFA,
    READ_ONLY, user,
};

fn with_code(aws: &Aws, code: &str) -> Answer {
    let params = [("SerialNumber", ADA_DEVICE), ("TokenCode", code)];
    aws.sts(&user("ada"), "GetSessionToken", &params)
}

fn message(answer: &Answer) -> String {
    answer.text("Message").unwrap_or_default()
}

#[test]
fn a_code_works_once() {
    let aws = Aws::start();
    let code = aws.code(ADA_DEVICE);
    assert_eq!(with_code(&aws, &code).status, 200);
    let again = with_code(&aws, &code);
    assert_eq!(again.code(), "AccessDenied");
    assert_eq!(
        message(&again),
        "MultiFactorAuthentication failed with invalid MFA one time pass code."
    );
    let params = [("SerialNumber", ADA_DEVICE), ("TokenCode", &code)];
    assert_eq!(
        aws.assume(&user("ada"), ADMIN, &params).code(),
        "AccessDenied"
    );
    aws.advance(30);
    assert_eq!(with_code(&aws, &aws.code(ADA_DEVICE)).status, 200);
}

#[test]
fn a_code_is_good_for_one_step_more() {
    let aws = Aws::start();
    let code = aws.code(ADA_DEVICE);
    aws.advance(59);
    assert_eq!(with_code(&aws, &code).status, 200);
    let code = aws.code(ADA_DEVICE);
    aws.advance(60);
    assert_eq!(with_code(&aws, &code).code(), "AccessDenied");
    let code = {
        aws.advance(30);
        let code = aws.code(ADA_DEVICE);
        aws.advance(-30);
        code
    };
    assert_eq!(with_code(&aws, &code).status, 200, "one step ahead");
}

#[test]
fn a_code_that_was_right_is_spent_even_when_the_call_is_refused() {
    let aws = Aws::start();
    let code = aws.code(ADA_DEVICE);
    let params = [("SerialNumber", ADA_DEVICE), ("TokenCode", &code)];
    let refused = aws.assume(&user("ada"), LOCKED, &params);
    assert!(message(&refused).contains("is not authorized to perform: sts:AssumeRole"));
    assert_eq!(with_code(&aws, &code).code(), "AccessDenied");
}

#[test]
fn a_device_belongs_to_one_user() {
    let aws = Aws::start();
    let code = aws.code(ADA_DEVICE);
    let params = [("SerialNumber", ADA_DEVICE), ("TokenCode", &code)];
    let answer = aws.sts(&user("bob"), "GetSessionToken", &params);
    assert!(message(&answer).contains("unable to validate MFA code"));
    // And a stranger's attempt does not spend the code.
    assert_eq!(with_code(&aws, &code).status, 200);
}

#[test]
fn each_of_a_users_devices_will_do() {
    let aws = Aws::start();
    for serial in [
        "arn:aws:iam::111122223333:mfa/cleo-phone",
        "arn:aws:iam::111122223333:mfa/cleo-laptop",
    ] {
        let code = aws.code(serial);
        let params = [("SerialNumber", serial), ("TokenCode", &code)];
        assert_eq!(
            aws.sts(&user("cleo"), "GetSessionToken", &params).status,
            200
        );
    }
}

#[test]
fn get_session_token_durations() {
    let aws = Aws::start();
    let rows = [
        ("bob", None, "2026-01-01T21:00:00Z"),
        ("bob", Some("900"), "2026-01-01T09:15:00Z"),
        ("bob", Some("129600"), "2026-01-02T21:00:00Z"),
        ("root", None, "2026-01-01T10:00:00Z"),
        ("root", Some("900"), "2026-01-01T09:15:00Z"),
        ("root", Some("129600"), "2026-01-01T10:00:00Z"),
    ];
    for (name, seconds, expected) in rows {
        let params: Vec<_> = seconds.iter().map(|s| ("DurationSeconds", *s)).collect();
        let answer = aws.sts(&user(name), "GetSessionToken", &params);
        let expiration = answer.text("Expiration");
        assert_eq!(expiration.as_deref(), Some(expected), "{name} {seconds:?}");
    }
    for seconds in ["899", "129601", "0", "-1"] {
        let params = [("DurationSeconds", seconds)];
        let answer = aws.sts(&user("bob"), "GetSessionToken", &params);
        assert_eq!(answer.code(), "ValidationError", "{seconds}");
    }
}

#[test]
fn session_credentials_are_unique_and_cannot_get_more() {
    let aws = Aws::start();
    let one = aws.sts(&user("bob"), "GetSessionToken", &[]).keys();
    let other = aws.sts(&user("bob"), "GetSessionToken", &[]).keys();
    assert_ne!(one.id, other.id);
    assert_ne!(one.token, other.token);
    assert!(one.id.starts_with("ASIA") && one.id.len() == 20);
    let identity = aws.sts(&one, "GetCallerIdentity", &[]);
    let arn = identity.text("Arn");
    assert_eq!(arn.as_deref(), Some("arn:aws:iam::111122223333:user/bob"));
    for action in ["GetSessionToken", "GetFederationToken"] {
        let answer = aws.sts(&one, action, &[("Name", "bob")]);
        let expected = format!("Cannot call {action} with session credentials");
        assert_eq!(answer.code(), "AccessDenied");
        assert_eq!(message(&answer), expected);
    }
}

#[test]
fn a_role_wants_its_principal() {
    let aws = Aws::start();
    let rows = [
        ("ada", READ_ONLY, 200),
        ("bob", READ_ONLY, 200),
        ("bob", NO_MFA, 200),
        ("ada", NO_MFA, 403),
        ("bob", ADMIN, 403),
        ("ada", LOCKED, 403),
        ("ada", CHAINED, 403),
        ("grace", READ_ONLY, 403),
        ("root", READ_ONLY, 403),
        ("ada", "arn:aws:iam::111122223333:role/Missing", 403),
        ("ada", "arn:aws-cn:iam::111122223333:role/ReadOnly", 403),
    ];
    for (name, role, status) in rows {
        assert_eq!(
            aws.assume(&user(name), role, &[]).status,
            status,
            "{name} {role}"
        );
    }
}

#[test]
fn a_role_may_want_a_code() {
    let aws = Aws::start();
    for role in [ADMIN, AUDITOR] {
        assert_eq!(aws.assume(&user("ada"), role, &[]).code(), "AccessDenied");
        let without = aws.sts(&user("ada"), "GetSessionToken", &[]).keys();
        assert_eq!(aws.assume(&without, role, &[]).code(), "AccessDenied");
        let code = aws.code(ADA_DEVICE);
        let direct = [("SerialNumber", ADA_DEVICE), ("TokenCode", &code)];
        assert_eq!(aws.assume(&user("ada"), role, &direct).status, 200);
        aws.advance(30);
        let session = aws.mfa_session();
        assert_eq!(aws.assume(&session, role, &[]).status, 200);
        aws.advance(30);
    }
}

#[test]
fn a_role_may_want_an_external_id() {
    let aws = Aws::start();
    let session = aws.mfa_session();
    let with = |id| aws.assume(&session, DEPLOY, &[("ExternalId", id)]).code();
    assert_eq!(aws.assume(&session, DEPLOY, &[]).code(), "AccessDenied");
    assert_eq!(with("deploy-2025"), "AccessDenied");
    assert_eq!(with("deploy-2026"), "");
    let id = [("ExternalId", "deploy-2026")];
    assert_eq!(
        aws.assume(&user("ada"), DEPLOY, &id).code(),
        "AccessDenied",
        "no code"
    );
}

#[test]
fn a_role_may_want_a_fresh_code() {
    let aws = Aws::start();
    let session = aws.mfa_session();
    aws.advance(3599);
    assert_eq!(aws.assume(&session, FRESH, &[]).status, 200);
    aws.advance(1);
    assert_eq!(aws.assume(&session, FRESH, &[]).code(), "AccessDenied");
    assert_eq!(aws.assume(&session, ADMIN, &[]).status, 200);
    let code = aws.code(ADA_DEVICE);
    let fresh = [("SerialNumber", ADA_DEVICE), ("TokenCode", &code)];
    assert_eq!(aws.assume(&session, FRESH, &fresh).status, 200);
}

fn expiration(answer: &Answer) -> String {
    answer.text("Expiration").unwrap_or_else(|| message(answer))
}

#[test]
fn a_role_session_lasts_as_long_as_the_role_allows() {
    let aws = Aws::start();
    let last = |keys: &Keys, role, seconds| {
        expiration(&aws.assume(keys, role, &[("DurationSeconds", seconds)]))
    };
    let over = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
    let bob = user("bob");
    assert_eq!(
        expiration(&aws.assume(&bob, NO_MFA, &[])),
        "2026-01-01T10:00:00Z"
    );
    assert_eq!(last(&bob, NO_MFA, "43200"), "2026-01-01T21:00:00Z");
    assert_eq!(last(&bob, READ_ONLY, "3600"), "2026-01-01T10:00:00Z");
    assert_eq!(last(&bob, READ_ONLY, "3601"), over);
    let session = aws.mfa_session();
    assert_eq!(last(&session, AUDITOR, "3600"), "2026-01-01T10:00:00Z");
    assert_eq!(
        last(&session, AUDITOR, "3601"),
        over,
        "a session is a chain"
    );

    aws.control(
        "roles",
        &json!({ "arn": NO_MFA, "max_session_duration": 7200 }),
    );
    assert_eq!(last(&bob, NO_MFA, "7200"), "2026-01-01T11:00:00Z");
    assert_eq!(last(&bob, NO_MFA, "7201"), over);
}

#[test]
fn roles_chain_for_an_hour() {
    let aws = Aws::start();
    let admin = aws.assume(&aws.mfa_session(), ADMIN, &[]).keys();
    let identity = aws.sts(&admin, "GetCallerIdentity", &[]);
    assert_eq!(
        identity.text("Arn").as_deref(),
        Some("arn:aws:sts::111122223333:assumed-role/Admin/ada")
    );
    let chained = aws.assume(&admin, CHAINED, &[("DurationSeconds", "3600")]);
    assert_eq!(
        chained.text("Arn").as_deref(),
        Some("arn:aws:sts::444455556666:assumed-role/Chained/ada")
    );
    let over = aws.assume(&admin, CHAINED, &[("DurationSeconds", "3601")]);
    assert_eq!(
        message(&over),
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining"
    );
    // The code does not come along: AWS_RULES 3.3.
    assert_eq!(aws.assume(&admin, AUDITOR, &[]).code(), "AccessDenied");
}

#[test]
fn source_identity_and_tags_stick_to_a_chain() {
    let aws = Aws::start();
    let params = [
        ("SourceIdentity", "ada"),
        ("Tags.member.1.Key", "team"),
        ("Tags.member.1.Value", "blue"),
        ("TransitiveTagKeys.member.1", "team"),
    ];
    let session = aws.mfa_session();
    let admin = aws.assume(&session, ADMIN, &params);
    assert_eq!(admin.text("SourceIdentity").as_deref(), Some("ada"));
    let admin = admin.keys();
    let chained = aws.assume(&admin, CHAINED, &[]);
    assert_eq!(chained.text("SourceIdentity").as_deref(), Some("ada"));
    let other = aws.assume(&admin, CHAINED, &[("SourceIdentity", "eve")]);
    assert_eq!(other.code(), "AccessDenied");
    let conflict = aws.assume(&admin, CHAINED, &params[1..3]);
    assert_eq!(conflict.code(), "InvalidParameterValue");
    // ReadOnly's policy allows sts:AssumeRole and nothing else.
    let tagged = aws.assume(&session, READ_ONLY, &params[1..3]);
    assert!(message(&tagged).contains("sts:TagSession"));
    let named = aws.assume(&session, READ_ONLY, &params[..1]);
    assert!(message(&named).contains("sts:SetSourceIdentity"));
}

#[test]
fn a_session_policy_is_packed() {
    let aws = Aws::start();
    let bob = user("bob");
    let size = |policy: &str| {
        let answer = aws.assume(&bob, READ_ONLY, &[("Policy", policy)]);
        answer
            .text("PackedPolicySize")
            .unwrap_or_else(|| answer.code())
    };
    assert_eq!(
        aws.assume(&bob, READ_ONLY, &[]).text("PackedPolicySize"),
        None
    );
    let padded = |length| format!("{:length$}", r#"{"Statement":[]}"#);
    assert_eq!(size(&padded(16)), "1");
    assert_eq!(size(&padded(2048)), "100");
    assert_eq!(size(&padded(2049)), "ValidationError");
    assert_eq!(size("{"), "MalformedPolicyDocument");
    assert_eq!(size("[]"), "MalformedPolicyDocument");
    assert_eq!(size("{}"), "MalformedPolicyDocument");
    let tags: Vec<(String, String)> = (1..=12)
        .flat_map(|n| {
            [
                (format!("Tags.member.{n}.Key"), format!("key{n}")),
                (format!("Tags.member.{n}.Value"), "v".repeat(200)),
            ]
        })
        .collect();
    let tags: Vec<(&str, &str)> = tags.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    assert_eq!(
        aws.assume(&bob, READ_ONLY, &tags).code(),
        "PackedPolicyTooLarge"
    );
}

#[test]
fn a_federated_user_may_only_ask_who_they_are() {
    let aws = Aws::start();
    let answer = aws.sts(&user("bob"), "GetFederationToken", &[("Name", "bobby")]);
    let arn = "arn:aws:sts::111122223333:federated-user/bobby";
    assert_eq!(answer.text("Arn").as_deref(), Some(arn));
    assert_eq!(expiration(&answer), "2026-01-01T21:00:00Z");
    let keys = answer.keys();
    let identity = aws.sts(&keys, "GetCallerIdentity", &[]);
    assert_eq!(identity.text("Arn").as_deref(), Some(arn));
    assert_eq!(
        identity.text("UserId").as_deref(),
        Some("111122223333:bobby")
    );
    assert_eq!(aws.assume(&keys, READ_ONLY, &[]).code(), "AccessDenied");
    let iam = aws.iam(&keys, "GetUser", &[("UserName", "bob")]);
    assert_eq!(iam.code(), "InvalidClientTokenId");
}

#[test]
fn other_partitions_work_alike() {
    let aws = Aws::start();
    for (name, partition, account) in [
        ("grace", "aws-us-gov", "555566667777"),
        ("chen", "aws-cn", "777788889999"),
    ] {
        let serial = format!("arn:{partition}:iam::{account}:mfa/{name}");
        let role = format!("arn:{partition}:iam::{account}:role/Analyst");
        let code = aws.code(&serial);
        let params = [("SerialNumber", serial.as_str()), ("TokenCode", &code)];
        let session = aws.sts(&user(name), "GetSessionToken", &params).keys();
        let arn = aws.assume(&session, &role, &[]).text("Arn");
        let expected = format!("arn:{partition}:sts::{account}:assumed-role/Analyst/ada");
        assert_eq!(arn, Some(expected));
    }
}
