//! HARDENING.md G.3, item 7: failures that were ordered.

use std::io::ErrorKind;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::json;

use crate::support::{Aws, READ_ONLY, user};

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
    slow.set_read_timeout(Some(Duration::from_millis(1)))
        .unwrap();
    let error = slow.read(&mut [0; 1]).unwrap_err();
    assert!(matches!(
        error.kind(),
        ErrorKind::WouldBlock | ErrorKind::TimedOut
    ));
}
