//! HARDENING.md G.3, items 1, 2 and 6: signatures, clocks and credentials that do not count any more.

use serde_json::json;

use crate::support::{Aws, Call, user};

fn identity() -> Call {
    Call::new("sts", &user("ada"), "GetCallerIdentity", &[])
}

#[test]
fn a_good_signature_is_accepted_by_get_and_by_post() {
    let aws = Aws::start();
    for method in ["GET", "POST"] {
        let answer = aws.call(&Call {
            method,
            ..identity()
        });
        let arn = answer.text("Arn");
        assert_eq!(arn.as_deref(), Some("arn:aws:iam::111122223333:user/ada"));
        assert_eq!(answer.text("Account").as_deref(), Some("111122223333"));
        assert!(answer.text("UserId").unwrap().starts_with("AIDA"));
    }
}

#[test]
fn any_region_is_accepted() {
    let aws = Aws::start();
    for region in ["eu-west-1", "us-gov-west-1", "cn-north-1"] {
        let region = region.to_owned();
        let answer = aws.call(&Call {
            region,
            ..identity()
        });
        assert_eq!(answer.status, 200);
    }
}

#[test]
fn a_request_that_was_changed_on_its_way_does_not_match() {
    let aws = Aws::start();
    let params = [("Note", "1")];
    let signed = aws.sign(&Call::new(
        "sts",
        &user("ada"),
        "GetCallerIdentity",
        &params,
    ));
    assert_eq!(aws.send(signed.as_bytes()).status, 200);
    let changes = [
        ("Note=1", "Note=2"),
        ("POST / ", "POST /?a=b "),
        ("POST / ", "GET / "),
        (
            "x-amz-date: 20260101T090000Z",
            "x-amz-date: 20260101T090001Z",
        ),
        ("Signature=", "Signature=0"),
    ];
    for (from, to) in changes {
        let changed = signed.replacen(from, to, 1);
        assert_ne!(changed, signed);
        let answer = aws.send(changed.as_bytes());
        assert_eq!(answer.code(), "SignatureDoesNotMatch", "{to}");
    }
}

#[test]
fn five_minutes_of_skew_are_allowed_and_not_a_second_more() {
    let aws = Aws::start();
    let rows = [
        ("20260101T085500Z", ""),
        ("20260101T085459Z", "SignatureDoesNotMatch"),
        ("20260101T090500Z", ""),
        ("20260101T090501Z", "SignatureDoesNotMatch"),
    ];
    for (timestamp, code) in rows {
        let answer = aws.call(&Call {
            timestamp: Some(timestamp.to_owned()),
            ..identity()
        });
        assert_eq!(answer.code(), code, "{timestamp}");
    }
}

#[test]
fn the_date_header_is_the_sandboxs_time() {
    let aws = Aws::start();
    let date = |answer: &crate::support::Answer| answer.header("date").map(str::to_owned);
    let answer = aws.call(&identity());
    assert_eq!(
        date(&answer).as_deref(),
        Some("Thu, 01 Jan 2026 09:00:00 GMT")
    );
    aws.advance(-7200);
    let answer = aws.call(&identity());
    assert_eq!(
        date(&answer).as_deref(),
        Some("Thu, 01 Jan 2026 07:00:00 GMT")
    );
}

#[test]
fn every_answer_has_a_request_id_in_header_and_body() {
    let aws = Aws::start();
    let mut wrong = identity();
    wrong.keys.secret = "wrong".to_owned();
    for call in [identity(), wrong] {
        let answer = aws.call(&call);
        let id = answer.text("RequestId").unwrap();
        assert_eq!(answer.header("x-amzn-RequestId"), Some(id.as_str()));
    }
}

#[test]
fn credentials_end_when_they_say() {
    let aws = Aws::start();
    let session = aws.sts(
        &user("bob"),
        "GetSessionToken",
        &[("DurationSeconds", "900")],
    );
    let expiration = session.text("Expiration");
    assert_eq!(expiration.as_deref(), Some("2026-01-01T09:15:00Z"));
    let keys = session.keys();
    aws.advance(899);
    assert_eq!(aws.sts(&keys, "GetCallerIdentity", &[]).status, 200);
    aws.advance(1);
    let answer = aws.sts(&keys, "GetCallerIdentity", &[]);
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (403, "ExpiredToken")
    );
}

#[test]
fn revoked_credentials_are_invalid() {
    let aws = Aws::start();
    let keys = aws.mfa_session();
    aws.control("revoke", &json!({ "access_key_id": keys.id }));
    let code = aws.sts(&keys, "GetCallerIdentity", &[]).code();
    assert_eq!(code, "InvalidClientTokenId");
}

#[test]
fn a_session_token_belongs_to_one_key() {
    let aws = Aws::start();
    let (one, other) = (aws.mfa_session(), {
        aws.advance(30);
        aws.mfa_session()
    });
    let mut mixed = one.clone();
    mixed.token = other.token;
    assert_eq!(
        aws.sts(&mixed, "GetCallerIdentity", &[]).code(),
        "InvalidClientTokenId"
    );
    mixed.token = None;
    assert_eq!(
        aws.sts(&mixed, "GetCallerIdentity", &[]).code(),
        "InvalidClientTokenId"
    );
    let mut long_lived = user("ada");
    long_lived.token = one.token;
    assert_eq!(
        aws.sts(&long_lived, "GetCallerIdentity", &[]).code(),
        "InvalidClientTokenId"
    );
}
