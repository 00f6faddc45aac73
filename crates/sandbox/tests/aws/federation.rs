//! HARDENING.md G.3, item 8: the sign-in endpoint and the console behind it.

use serde_json::json;

use crate::support::{
    ADA_DEVICE, ADMIN, AUDITOR, Answer, Aws, Keys, NO_MFA, READ_ONLY, form, user,
};

fn session_of(keys: &Keys) -> String {
    json!({
        "sessionId": keys.id,
        "sessionKey": keys.secret,
        "sessionToken": keys.token,
    })
    .to_string()
}

fn get_signin_token(aws: &Aws, keys: &Keys, duration: Option<&str>) -> Answer {
    let session = session_of(keys);
    let mut params = vec![("Action", "getSigninToken"), ("Session", session.as_str())];
    params.extend(duration.map(|seconds| ("SessionDuration", seconds)));
    aws.request("POST", "/federation", &form(&params))
}

fn token(aws: &Aws, keys: &Keys, duration: Option<&str>) -> String {
    let answer = get_signin_token(aws, keys, duration);
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()["SigninToken"].as_str().unwrap().to_owned()
}

fn login(aws: &Aws, token: &str, destination: &str) -> Answer {
    let query = form(&[
        ("Action", "login"),
        ("Issuer", "https://example.com"),
        ("Destination", destination),
        ("SigninToken", token),
    ]);
    aws.request("GET", &format!("/federation?{query}"), "")
}

/// Follows a login as a browser does.
fn open(aws: &Aws, login: &Answer) -> Answer {
    let cookie = login.header("set-cookie").unwrap_or_default();
    let cookie = cookie.split(';').next().unwrap();
    let location = login.header("location").unwrap_or("/console/");
    aws.request_with("GET", location, &[("cookie", cookie)], "")
}

fn here(aws: &Aws) -> String {
    format!(
        "{}/console/s3/buckets/logs?region=eu-west-1&tab=a",
        aws.url()
    )
}

/// A role session that long-lived keys and a code gave.
fn direct(aws: &Aws) -> Keys {
    let code = aws.code(ADA_DEVICE);
    let params = [("SerialNumber", ADA_DEVICE), ("TokenCode", &code)];
    aws.assume(&user("ada"), ADMIN, &params).keys()
}

#[test]
fn a_link_leads_to_the_console() {
    let aws = Aws::start();
    let keys = direct(&aws);
    let login = login(&aws, &token(&aws, &keys, None), &here(&aws));
    assert_eq!(login.status, 302);
    let location = login.header("location");
    assert_eq!(
        location,
        Some("/console/s3/buckets/logs?region=eu-west-1&tab=a")
    );
    let page = open(&aws, &login);
    assert_eq!(page.status, 200);
    let title = "<title>Sandbox console - Admin @ 111122223333</title>";
    assert!(page.body.contains(title));
    let id = |id| page.id(id).unwrap();
    assert_eq!(id("account"), "111122223333");
    assert_eq!(id("role"), "Admin");
    assert_eq!(id("session-name"), "ada");
    assert_eq!(id("region"), "eu-west-1");
    assert_eq!(
        id("destination"),
        "/console/s3/buckets/logs?region=eu-west-1&amp;tab=a"
    );
    assert_eq!(id("time-left"), "1 h");
    assert_eq!(id("expires-at"), "2026-01-01T10:00:00Z");
}

#[test]
fn the_page_is_safe_to_show() {
    let aws = Aws::start();
    let login = login(&aws, &token(&aws, &direct(&aws), None), &here(&aws));
    let cookie = login.header("set-cookie").unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"));
    let cookie = cookie.split(';').next().unwrap();
    let target = "/console/?destination=%3Cscript%3Ealert(1)%3C/script%3E";
    let page = aws.request_with("GET", target, &[("cookie", cookie)], "");
    assert!(page.body.contains("&lt;script&gt;"));
    assert!(!page.body.contains("<script"));
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'"));
    assert_eq!(page.header("cache-control"), Some("no-store"));
}

#[test]
fn get_works_too_and_is_noted() {
    let aws = Aws::start();
    let keys = direct(&aws);
    let query = form(&[
        ("Action", "getSigninToken"),
        ("Session", &session_of(&keys)),
    ]);
    let answer = aws.request("GET", &format!("/federation?{query}"), "");
    assert_eq!(answer.status, 200);
    let journal = aws.journal();
    let last = journal.last().unwrap();
    assert_eq!(last["query_secret"], true);
    assert!(!json!(journal).to_string().contains(&keys.secret));
}

#[test]
fn a_token_works_once() {
    let aws = Aws::start();
    let token = token(&aws, &direct(&aws), None);
    assert_eq!(login(&aws, &token, &here(&aws)).status, 302);
    let again = login(&aws, &token, &here(&aws));
    assert_eq!(again.status, 400);
    assert!(again.body.contains("was used before"));
}

#[test]
fn r25_a_token_works_for_fifteen_minutes() {
    let aws = Aws::start();
    let keys = direct(&aws);
    let (one, other) = (token(&aws, &keys, None), token(&aws, &keys, None));
    aws.advance(899);
    assert_eq!(login(&aws, &one, &here(&aws)).status, 302);
    aws.advance(1);
    let late = login(&aws, &other, &here(&aws));
    assert_eq!(late.status, 400);
    assert!(late.body.contains("has expired"));
}

#[test]
fn a_forged_token_is_refused() {
    let aws = Aws::start();
    for token in ["", "0000", &"a".repeat(128)] {
        let answer = login(&aws, token, &here(&aws));
        assert_eq!(answer.status, 400);
        assert!(answer.body.contains("not one that this endpoint gave"));
    }
}

#[test]
fn r25_session_duration_is_for_roles_assumed_with_long_lived_keys() {
    let aws = Aws::start();
    let session = aws.mfa_session();
    let chained = aws.assume(&session, ADMIN, &[]).keys();
    let federated = aws
        .sts(&user("bob"), "GetFederationToken", &[("Name", "bobby")])
        .keys();
    let long_lived = aws.assume(&user("bob"), NO_MFA, &[]).keys();
    let bob = aws.sts(&user("bob"), "GetSessionToken", &[]).keys();
    let rows = [
        ("long-lived", &long_lived, None, 200),
        ("long-lived", &long_lived, Some("43200"), 200),
        ("long-lived", &long_lived, Some("900"), 200),
        ("long-lived", &long_lived, Some("899"), 400),
        ("long-lived", &long_lived, Some("43201"), 400),
        ("long-lived", &long_lived, Some("x"), 400),
        ("chained", &chained, None, 200),
        ("chained", &chained, Some("3600"), 400),
        ("federated", &federated, None, 200),
        ("federated", &federated, Some("3600"), 400),
        ("session with a code", &session, None, 400),
        ("session without", &bob, None, 400),
        ("a user's key", &user("bob"), None, 400),
    ];
    for (name, keys, duration, status) in rows {
        let answer = get_signin_token(&aws, keys, duration);
        assert_eq!(answer.status, status, "{name} {duration:?}");
    }
}

#[test]
fn the_console_lasts_as_long_as_asked_or_as_the_credentials() {
    let aws = Aws::start();
    let keys = aws.assume(&user("bob"), NO_MFA, &[]).keys();
    let rows = [(None, 3600), (Some("7200"), 7200)];
    for (duration, seconds) in rows {
        let login = login(&aws, &token(&aws, &keys, duration), &here(&aws));
        aws.advance(seconds - 60);
        assert_eq!(open(&aws, &login).id("time-left").as_deref(), Some("1 min"));
        aws.advance(60);
        let ended = open(&aws, &login);
        assert_eq!(ended.status, 401, "{duration:?}");
        assert!(ended.body.contains("session has ended"));
        aws.advance(-seconds);
    }
    assert_eq!(aws.request("GET", "/console/", "").status, 401);
}

#[test]
fn wrong_ended_or_revoked_credentials_get_no_token() {
    let aws = Aws::start();
    let keys = aws.assume(&user("bob"), READ_ONLY, &[]).keys();
    let refused = |keys: &Keys| {
        let answer = get_signin_token(&aws, keys, None);
        answer.status == 400 && answer.body.contains("Invalid credentials parameter")
    };
    assert!(!refused(&keys));
    let wrong = Keys {
        secret: "x".repeat(40),
        ..keys.clone()
    };
    assert!(refused(&wrong));
    let body = form(&[("Action", "getSigninToken"), ("Session", "{")]);
    assert_eq!(aws.request("POST", "/federation", &body).status, 400);
    aws.advance(3600);
    assert!(refused(&keys));
    aws.advance(-3600);
    let login = login(&aws, &token(&aws, &keys, None), &here(&aws));
    aws.control("revoke", &json!({ "access_key_id": keys.id }));
    assert!(refused(&keys));
    assert_eq!(open(&aws, &login).status, 401);
}

#[test]
fn the_destination_is_a_console_of_the_roles_partition() {
    let aws = Aws::start();
    let keys = aws.assume(&user("bob"), READ_ONLY, &[]).keys();
    let accepted = login(
        &aws,
        &token(&aws, &keys, None),
        "https://eu-west-1.console.aws.amazon.com/s3/home?a=b&c=d",
    );
    let location = "/console/?destination=https%3A%2F%2Feu-west-1.console.aws.amazon.com%2Fs3%2Fhome%3Fa%3Db%26c%3Dd";
    assert_eq!(accepted.header("location"), Some(location));
    let page = open(&aws, &accepted);
    assert_eq!(page.id("region").as_deref(), Some("eu-west-1"));
    let token = token(&aws, &keys, None);
    for destination in [
        "",
        "https://example.com/",
        "https://console.amazonaws.cn/",
        "http://127.0.0.1:1/console/",
        "//example.com/console/",
    ] {
        let answer = login(&aws, &token, destination);
        assert_eq!(answer.status, 400, "{destination}");
        assert!(answer.header("location").is_none());
    }
    // None of these used the token up.
    assert_eq!(login(&aws, &token, &here(&aws)).status, 302);
}

#[test]
fn an_issuer_is_a_web_address_when_there_is_one() {
    let aws = Aws::start();
    let keys = aws.assume(&user("bob"), READ_ONLY, &[]).keys();
    for (issuer, status) in [
        ("", 302),
        ("http://localhost/x", 302),
        ("javascript:0", 400),
    ] {
        let token = token(&aws, &keys, None);
        let body = form(&[
            ("Action", "login"),
            ("Issuer", issuer),
            ("Destination", &here(&aws)),
            ("SigninToken", &token),
        ]);
        assert_eq!(
            aws.request("POST", "/federation", &body).status,
            status,
            "{issuer}"
        );
    }
}

/// A session of another account, which takes no code.
fn audit(aws: &Aws) -> Keys {
    let session = aws.mfa_session();
    aws.assume(&session, AUDITOR, &[]).keys()
}

fn cookie(answer: &Answer) -> &str {
    let cookie = answer.header("set-cookie").unwrap();
    cookie.split(';').next().unwrap()
}

#[test]
fn another_account_needs_a_browser_that_is_signed_out() {
    let aws = Aws::start();
    let first = login(&aws, &token(&aws, &direct(&aws), None), &here(&aws));
    let signed_in = [("cookie", cookie(&first))];
    aws.advance(30);
    let query = form(&[
        ("Action", "login"),
        ("Destination", &here(&aws)),
        ("SigninToken", &token(&aws, &audit(&aws), None)),
    ]);
    let link = format!("/federation?{query}");
    let refused = aws.request_with("GET", &link, &signed_in, "");
    assert_eq!(refused.status, 400);
    assert!(refused.body.contains("You must first log out"));

    let next = form(&[
        ("Action", "logout"),
        ("redirect_uri", &format!("{}{link}", aws.url())),
    ]);
    let out = aws.request_with("GET", &format!("/oauth?{next}"), &signed_in, "");
    assert_eq!(out.status, 302);
    assert_eq!(out.header("location"), Some(link.as_str()));
    assert!(out.header("set-cookie").unwrap().contains("Max-Age=0"));
    let gone = aws.request_with("GET", "/console/", &signed_in, "");
    assert_eq!(gone.status, 401);
    // The token was not spent on the refusal.
    let page = open(&aws, &aws.request("GET", &link, ""));
    assert_eq!(page.id("account").unwrap(), "444455556666");
    assert!(page.id("destination").unwrap().ends_with("tab=a"));
}

#[test]
fn signing_out_leads_nowhere_else() {
    let aws = Aws::start();
    let first = login(&aws, &token(&aws, &direct(&aws), None), &here(&aws));
    let signed_in = [("cookie", cookie(&first))];
    for target in [
        "https://example.com/",
        "http://127.0.0.1:1/",
        "javascript:alert(1)",
        "x",
    ] {
        let query = form(&[("Action", "logout"), ("redirect_uri", target)]);
        let refused = aws.request_with("GET", &format!("/oauth?{query}"), &signed_in, "");
        assert_eq!(refused.status, 400, "{target}");
        assert_eq!(refused.header("location"), None);
    }
    assert_eq!(
        aws.request_with("GET", "/console/", &signed_in, "").status,
        200
    );
    let wrong_path = aws.request("GET", "/federation?Action=logout", "");
    assert_eq!(wrong_path.status, 400);
    let out = aws.request_with("GET", "/oauth?Action=logout", &signed_in, "");
    assert_eq!(out.status, 200);
    let journal = aws.journal();
    assert_eq!(journal.last().unwrap()["op"], "ConsoleLogout");
}
