//! HARDENING.md G.3, item 10: what was asked for, and nothing secret.

use serde_json::{Value, json};

use crate::support::{ADA_DEVICE, ADMIN, Aws, Call, user};

#[test]
fn a_call_is_described() {
    let aws = Aws::start();
    let code = aws.code(ADA_DEVICE);
    let params = [
        ("SerialNumber", ADA_DEVICE),
        ("TokenCode", code.as_str()),
        ("DurationSeconds", "1800"),
    ];
    aws.assume(&user("ada"), ADMIN, &params);
    assert_eq!(
        aws.journal(),
        [json!({
            "n": 1,
            "time": "2026-01-01T09:00:00Z",
            "op": "AssumeRole",
            "access_key_id": "AKIASANDBOXADA000001",
            "identity_arn": "arn:aws:iam::111122223333:user/ada",
            "secret_id": null,
            "client_request_token": null,
            "serial": ADA_DEVICE,
            "step": 1_767_258_000 / 30,
            "role_arn": ADMIN,
            "session_name": "ada",
            "source_identity": null,
            "tags": {},
            "transitive_tag_keys": [],
            "policy_arns": [],
            "policy": null,
            "status": 200,
            "fault": null,
            "error": null,
            "duration": 1800,
            "user_agent": null,
            "query_secret": false,
        })]
    );
}

#[test]
fn refusals_and_repeated_codes_are_seen() {
    let aws = Aws::start();
    let code = aws.code(ADA_DEVICE);
    for code in [code.as_str(), &code, "000000"] {
        let params = [("SerialNumber", ADA_DEVICE), ("TokenCode", code)];
        aws.sts(&user("ada"), "GetSessionToken", &params);
    }
    let mut unsigned = Call::new("sts", &user("ada"), "GetCallerIdentity", &[]);
    unsigned.authorization = Some(String::new());
    aws.call(&unsigned);
    let seen: Vec<Value> = aws
        .journal()
        .iter()
        .map(|entry| json!([entry["n"], entry["status"], entry["error"], entry["step"]]))
        .collect();
    let step = 1_767_258_000 / 30;
    assert_eq!(
        seen,
        [
            json!([1, 200, null, step]),
            json!([2, 403, "AccessDenied", step]),
            json!([3, 403, "AccessDenied", null]),
            json!([4, 403, "MissingAuthenticationToken", null]),
        ]
    );
}

#[test]
fn a_secret_in_a_query_string_is_noted() {
    let aws = Aws::start();
    let session = aws.mfa_session();
    let call = |params: &[(&str, &str)]| Call {
        method: "GET",
        ..Call::new("sts", &session, "GetCallerIdentity", params)
    };
    aws.call(&call(&[]));
    aws.call(&call(&[("Note", &session.secret)]));
    aws.call(&call(&[("TokenCode", "123456")]));
    aws.call(&call(&[("X-Amz-Security-Token", "x")]));
    aws.request("GET", "/federation?Action=login&SigninToken=x", "");
    aws.request("GET", "/federation?Action=getSigninToken&SigninToken=x", "");
    let noted: Vec<bool> = aws
        .journal()
        .iter()
        .map(|entry| entry["query_secret"].as_bool().unwrap())
        .collect();
    assert_eq!(noted, [false, false, true, true, true, false, true]);
}

#[test]
fn no_secret_is_written_down() {
    let aws = Aws::start();
    let code = aws.code(ADA_DEVICE);
    let session = aws.mfa_session();
    let admin = aws.assume(&session, ADMIN, &[]).keys();
    let key = aws.iam(&user("bob"), "CreateAccessKey", &[]).keys();
    let journal = json!(aws.journal()).to_string();
    for keys in [&session, &admin, &key, &user("ada")] {
        assert!(!journal.contains(&keys.secret));
        assert!(keys.token.iter().all(|token| !journal.contains(token)));
    }
    assert!(!journal.contains(&format!("\"{code}\"")));
}

#[test]
fn control_calls_and_pages_are_not_in_it() {
    let aws = Aws::start();
    aws.advance(1);
    aws.request("GET", "/console/", "");
    aws.request("GET", "/favicon.ico", "");
    assert!(aws.journal().is_empty());
}
