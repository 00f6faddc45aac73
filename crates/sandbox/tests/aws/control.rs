//! The control endpoints, and G.3 item 11: the same run gives the same ids.

use serde_json::json;

use crate::support::{ADA_DEVICE, Aws, START, user};

#[test]
fn the_clock_moves_when_told() {
    let aws = Aws::start();
    let clock = aws.request("GET", "/_sandbox/clock", "").json();
    assert_eq!(clock["now"], START);
    assert!(clock["offset_seconds"].is_i64());
    let moved = aws.control("clock", &json!({ "advance_seconds": 90 }));
    assert_eq!(moved["now"], "2026-01-01T09:01:30Z");
    let set = aws.control("clock", &json!({ "set": "2027-02-03T04:05:06+01:00" }));
    assert_eq!(set["now"], "2027-02-03T03:05:06Z");
}

#[test]
fn what_makes_no_sense_is_refused() {
    let aws = Aws::start();
    let rows = [
        ("POST", "clock", "{}", 400),
        (
            "POST",
            "clock",
            r#"{"advance_seconds":9223372036854775807}"#,
            400,
        ),
        ("POST", "clock", r#"{"set":"yesterday"}"#, 400),
        ("POST", "faults", r#"[{"op":"x","kind":"meteor"}]"#, 400),
        ("POST", "faults", r#"[{"op":"x","kind":"error"}]"#, 400),
        ("POST", "revoke", r#"{"access_key_id":"AKIANONE"}"#, 404),
        (
            "POST",
            "roles",
            r#"{"arn":"x","max_session_duration":3600}"#,
            404,
        ),
        (
            "POST",
            "roles",
            r#"{"arn":"arn:aws:iam::111122223333:role/Admin","max_session_duration":3599}"#,
            400,
        ),
        (
            "POST",
            "keys",
            r#"{"access_key_id":"AKIASANDBOXADA000001","status":"Lost"}"#,
            400,
        ),
        (
            "POST",
            "keys",
            r#"{"access_key_id":"AKIANONE","status":"Active"}"#,
            404,
        ),
        (
            "POST",
            "keys",
            r#"{"access_key_id":"AKIASANDBOXADA000001","age_days":10001}"#,
            400,
        ),
        ("POST", "key-propagation", r#"{"seconds":-1}"#, 400),
        ("GET", "nothing", "", 404),
        ("PUT", "clock", "{}", 404),
        ("GET", "device?serial=none", "", 404),
    ];
    for (method, name, body, status) in rows {
        let answer = aws.request(method, &format!("/_sandbox/{name}"), body);
        assert_eq!(answer.status, status, "{method} {name} {body}");
    }
}

#[test]
fn a_web_page_cannot_drive_it() {
    let aws = Aws::start();
    let from = |header: (&str, &str)| {
        let body = json!({ "advance_seconds": 1 }).to_string();
        aws.request_with("POST", "/_sandbox/clock", &[header], &body)
            .status
    };
    assert_eq!(from(("origin", "http://127.0.0.1")), 403);
    assert_eq!(from(("origin", "null")), 403);
    assert_eq!(from(("host", "rebound.example.com")), 403);
    assert_eq!(from(("host", "localhost:1")), 200);
    let device = format!("/_sandbox/device?serial={ADA_DEVICE}");
    let read = aws.request_with("GET", &device, &[("origin", "http://x")], "");
    assert_eq!(read.status, 403);
}

#[test]
fn a_device_shows_its_code() {
    let aws = Aws::start();
    aws.advance(12);
    let page = aws.request("GET", &format!("/_sandbox/device?serial={ADA_DEVICE}"), "");
    assert_eq!(page.status, 200);
    assert_eq!(page.id("seconds-left").as_deref(), Some("18"));
    let code = aws.code(ADA_DEVICE);
    assert!(page.body.contains(&format!("data-code=\"{code}\"")));
    assert!(page.body.contains("http-equiv=\"refresh\""));
    let devices = aws.request("GET", "/_sandbox/devices", "").json();
    assert_eq!(devices[0]["user"], "ada");
    assert_eq!(devices[0]["seconds_left"], 18);
}

#[test]
fn keys_are_switched_on_and_off() {
    let aws = Aws::start();
    let works = |name| aws.sts(&user(name), "GetCallerIdentity", &[]).code();
    let set = |status| {
        let id = user("dora").id;
        aws.control("keys", &json!({ "access_key_id": id, "status": status }))
    };
    assert_eq!(works("dora"), "InvalidClientTokenId");
    set("Active");
    assert_eq!(works("dora"), "");
    set("Inactive");
    assert_eq!(works("dora"), "InvalidClientTokenId");
    aws.control("revoke", &json!({ "access_key_id": user("bob").id }));
    assert_eq!(works("bob"), "InvalidClientTokenId");
}

#[test]
fn two_runs_give_the_same_ids() {
    let run = || {
        let aws = Aws::start();
        let keys = aws.mfa_session();
        let identity = aws.sts(&keys, "GetCallerIdentity", &[]);
        (keys.id, keys.secret, keys.token, identity.body)
    };
    assert_eq!(run(), run());
}
