//! HARDENING.md G.3, item 7: failures that were ordered.

use std::io::ErrorKind;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::json;

use crate::support::{Aws, Call, READ_ONLY, form, raw, user};

#[test]
fn an_operation_fails_as_often_as_ordered() {
    let aws = Aws::start();
    let bob = user("bob");
    let rows = [
        ("throttling", 400, "Throttling"),
        ("internal", 500, "InternalFailure"),
        ("unavailable", 503, "ServiceUnavailable"),
    ];
    for (kind, status, code) in rows {
        aws.control(
            "faults",
            &json!([{"op": "AssumeRole", "times": 2, "kind": kind}]),
        );
        assert_eq!(aws.sts(&bob, "GetCallerIdentity", &[]).status, 200);
        for _ in 0..2 {
            let answer = aws.assume(&bob, READ_ONLY, &[]);
            assert_eq!((answer.status, answer.code().as_str()), (status, code));
            assert_eq!(answer.header("x-amz-retry-after"), None);
        }
        assert_eq!(aws.assume(&bob, READ_ONLY, &[]).status, 200);
    }
}

#[test]
fn a_failure_says_when_to_come_back() {
    let aws = Aws::start();
    aws.control(
        "faults",
        &json!([{"op": "*", "kind": "throttling", "retry_after_ms": 1500}]),
    );
    let answer = aws.sts(&user("bob"), "GetCallerIdentity", &[]);
    assert_eq!(answer.header("x-amz-retry-after"), Some("1500"));
}

#[test]
fn a_failed_call_changes_nothing() {
    let aws = Aws::start();
    let code = aws.code(crate::support::ADA_DEVICE);
    let params = [
        ("SerialNumber", crate::support::ADA_DEVICE),
        ("TokenCode", code.as_str()),
    ];
    aws.control(
        "faults",
        &json!([{"op": "GetSessionToken", "kind": "internal"}]),
    );
    assert_eq!(
        aws.sts(&user("ada"), "GetSessionToken", &params).status,
        500
    );
    assert_eq!(
        aws.sts(&user("ada"), "GetSessionToken", &params).status,
        200
    );
}

#[test]
fn orders_can_be_taken_back() {
    let aws = Aws::start();
    aws.control(
        "faults",
        &json!([{"op": "*", "times": 9, "kind": "internal"}]),
    );
    assert_eq!(aws.request("DELETE", "/_sandbox/faults", "").status, 200);
    assert_eq!(aws.sts(&user("bob"), "GetCallerIdentity", &[]).status, 200);
}

#[test]
fn the_sign_in_endpoint_fails_too() {
    let aws = Aws::start();
    aws.control(
        "faults",
        &json!([{"op": "GetSigninToken", "kind": "unavailable"}]),
    );
    let answer = aws.request("POST", "/federation", "Action=getSigninToken");
    assert_eq!(answer.status, 503);
}

/// What came of a call's connection: all bytes, and how it ended.
fn exchange(aws: &Aws, request: &str) -> (String, Option<ErrorKind>) {
    let mut stream = TcpStream::connect(aws.host()).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut bytes = Vec::new();
    let end = stream.read_to_end(&mut bytes).map_err(|error| error.kind());
    (String::from_utf8(bytes).unwrap(), end.err())
}

/// A call of each protocol that changes something, and whether the change was made.
fn changes(aws: &Aws) -> [(&'static str, String, Done); 3] {
    let bob = user("bob");
    let put = json!({
        "SecretId": "app/session",
        "ClientRequestToken": "1".repeat(32),
        "SecretString": "new",
    });
    let role = aws.assume(&bob, READ_ONLY, &[]).keys();
    let session = json!({
        "sessionId": role.id,
        "sessionKey": role.secret,
        "sessionToken": role.token,
    });
    let body = form(&[
        ("Action", "getSigninToken"),
        ("Session", &session.to_string()),
    ]);
    let headers = [("host".to_owned(), aws.host())];
    [
        (
            "CreateAccessKey",
            aws.sign(&Call::new("iam", &bob, "CreateAccessKey", &[])),
            |aws| {
                let list = aws.iam(&user("bob"), "ListAccessKeys", &[]);
                list.body.matches("<member>").count() == 2
            },
        ),
        (
            "PutSecretValue",
            aws.sign(&Call::secrets(&bob, "PutSecretValue", &put)),
            |aws| {
                let id = json!({"SecretId": "app/session"});
                let value = aws.secrets(&user("bob"), "GetSecretValue", &id).json();
                value["SecretString"] == "new"
            },
        ),
        (
            "GetSigninToken",
            raw("POST", "/federation", &headers, &body),
            |aws| aws.journal().last().unwrap()["identity_arn"].is_string(),
        ),
    ]
}

type Done = fn(&Aws) -> bool;

#[test]
fn a_reset_comes_before_anything_is_done() {
    let aws = Aws::start();
    for (op, request, done) in changes(&aws) {
        aws.control("faults", &json!([{"op": op, "kind": "reset"}]));
        let answer = exchange(&aws, &request);
        assert_eq!(
            answer,
            (String::new(), Some(ErrorKind::ConnectionReset)),
            "{op}"
        );
        let entry = aws.journal().pop().unwrap();
        assert_eq!(
            json!([entry["op"], entry["fault"], entry["status"]]),
            json!([op, "reset", 0])
        );
        assert!(!done(&aws), "{op}");
    }
}

#[test]
fn a_lost_answer_leaves_the_call_done() {
    let aws = Aws::start();
    for (op, request, done) in changes(&aws) {
        aws.control("faults", &json!([{"op": op, "kind": "lost_answer"}]));
        assert_eq!(exchange(&aws, &request), (String::new(), None), "{op}");
        let entry = aws.journal().pop().unwrap();
        assert_eq!(
            json!([entry["op"], entry["fault"], entry["status"]]),
            json!([op, "lost_answer", 200])
        );
        assert!(done(&aws), "{op}");
    }
}

#[test]
fn half_an_answer_arrives_and_then_a_reset() {
    let aws = Aws::start();
    for (op, request, done) in changes(&aws) {
        aws.control("faults", &json!([{"op": op, "kind": "reset_mid_body"}]));
        let (answer, end) = exchange(&aws, &request);
        assert_eq!(end, Some(ErrorKind::ConnectionReset), "{op}");
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        assert_eq!(body.len(), content_length(head) / 2, "{op}");
        assert!(done(&aws), "{op}");
    }
}

fn content_length(head: &str) -> usize {
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    length.unwrap().parse().unwrap()
}

#[test]
fn an_answer_is_cut_as_if_that_were_all() {
    let aws = Aws::start();
    for (op, request, done) in changes(&aws) {
        aws.control("faults", &json!([{"op": op, "kind": "truncated"}]));
        let (answer, end) = exchange(&aws, &request);
        assert_eq!(end, None, "{op}");
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert_eq!(body.len(), content_length(head), "{op}");
        assert!(
            body.starts_with(['<', '{']) && !body.trim_end().ends_with(['>', '}']),
            "{body}"
        );
        assert!(done(&aws), "{op}");
    }
}

#[test]
fn a_captive_portal_answers_in_awss_place() {
    let aws = Aws::start();
    for (op, request, done) in changes(&aws) {
        aws.control("faults", &json!([{"op": op, "kind": "captive_portal"}]));
        let answer = aws.send(request.as_bytes());
        assert_eq!(answer.status, 200, "{op}");
        assert_eq!(
            answer.header("content-type"),
            Some("text/html; charset=utf-8")
        );
        assert!(answer.body.contains("<h1>Welcome</h1>"));
        assert!(!done(&aws), "{op}");
    }
}

#[test]
fn an_answer_can_be_slow_and_still_arrive() {
    let aws = Aws::start();
    let plain = aws.sts(&user("bob"), "GetCallerIdentity", &[]).text("Arn");
    aws.control(
        "faults",
        &json!([{"op": "*", "kind": "slow", "latency_ms": 1}]),
    );
    let slow = aws.sts(&user("bob"), "GetCallerIdentity", &[]).text("Arn");
    assert_eq!(slow, plain);
}

#[test]
fn a_slow_answer_begins_and_then_takes_its_time() {
    let aws = Aws::start();
    aws.control(
        "faults",
        &json!([{"op": "*", "kind": "slow", "latency_ms": 600_000}]),
    );
    let request = aws.sign(&Call::new("sts", &user("bob"), "GetCallerIdentity", &[]));
    let mut stream = TcpStream::connect(aws.host()).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        head.extend(byte);
    }
    assert!(head.starts_with(b"HTTP/1.1 200"));
    is_silent(&mut stream);
}

fn is_silent(stream: &mut TcpStream) {
    stream
        .set_read_timeout(Some(Duration::from_millis(1)))
        .unwrap();
    let error = stream.read(&mut [0; 1]).unwrap_err();
    assert!(matches!(
        error.kind(),
        ErrorKind::WouldBlock | ErrorKind::TimedOut
    ));
}

#[test]
fn every_call_of_iam_can_fail_as_a_test_wants() {
    let aws = Aws::start();
    let bob = user("bob");
    let key = [("AccessKeyId", bob.id.as_str()), ("Status", "Inactive")];
    for op in [
        "CreateAccessKey",
        "ListAccessKeys",
        "UpdateAccessKey",
        "DeleteAccessKey",
        "GetAccessKeyLastUsed",
    ] {
        let fault = json!([{
            "op": op,
            "kind": "error",
            "status": 409,
            "code": "EntityTemporarilyUnmodifiable",
            "message": "Try again later.",
        }]);
        aws.control("faults", &fault);
        let answer = aws.iam(&bob, op, &key);
        let expected = (
            409,
            "EntityTemporarilyUnmodifiable".to_owned(),
            "Try again later.".to_owned(),
        );
        assert_eq!(answer.error(), expected, "{op}");
        let entry = aws.journal().pop().unwrap();
        assert_eq!(entry["fault"], "error");
        assert_eq!(entry["error"], "EntityTemporarilyUnmodifiable");
    }
    // None of them was done.
    let list = aws.iam(&bob, "ListAccessKeys", &[]);
    assert_eq!(list.text("AccessKeyId"), Some(bob.id));
    assert_eq!(list.text("Status").as_deref(), Some("Active"));
}

#[test]
fn an_error_is_written_as_the_service_writes_it() {
    let aws = Aws::start();
    let bob = user("bob");
    let order = |op| {
        let fault = json!([{
            "op": op, "kind": "error", "status": 403, "code": "AccessDenied", "message": "<no>",
        }]);
        aws.control("faults", &fault);
    };
    order("GetCallerIdentity");
    let query = aws.sts(&bob, "GetCallerIdentity", &[]);
    let expected = (403, "AccessDenied".to_owned(), "<no>".to_owned());
    assert_eq!(query.error(), expected);
    order("GetSecretValue");
    let json = aws.secrets(&bob, "GetSecretValue", &json!({"SecretId": "app/session"}));
    let expected = (400, "AccessDeniedException".to_owned(), "<no>".to_owned());
    assert_eq!(json.json_error(), expected);
    order("GetSigninToken");
    let page = aws.request("POST", "/federation", "Action=getSigninToken");
    assert_eq!(
        (page.status, page.id("error").as_deref()),
        (403, Some("&lt;no&gt;"))
    );
    aws.control(
        "faults",
        &json!([{"op": "*", "kind": "idp_communication_error"}]),
    );
    let idp = aws.assume(&bob, READ_ONLY, &[]);
    assert_eq!(
        (idp.status, idp.code().as_str()),
        (400, "IDPCommunicationError")
    );
}

#[test]
fn a_delayed_answer_holds_nobody_else_up() {
    let aws = Aws::start();
    aws.control(
        "faults",
        &json!([{"op": "Slow", "kind": "latency", "latency_ms": 600_000}]),
    );
    let mut slow = TcpStream::connect(aws.host()).unwrap();
    let host = aws.host();
    let request = format!("GET /?Action=Slow HTTP/1.1\r\nhost: {host}\r\n\r\n");
    slow.write_all(request.as_bytes()).unwrap();
    // The journal has the call before the answer is sent.
    assert!((0..10_000).any(|_| !aws.journal().is_empty()));
    assert_eq!(aws.sts(&user("bob"), "GetCallerIdentity", &[]).status, 200);
    is_silent(&mut slow);
}
