//! Nothing that is sent stops it.

use serde_json::Value;

use crate::support::{Aws, Call, user};

fn is_alive(aws: &Aws) -> bool {
    aws.sts(&user("bob"), "GetCallerIdentity", &[]).status == 200
}

#[test]
fn a_large_body_is_refused() {
    let aws = Aws::start();
    let fits = "x".repeat(512 * 1024);
    assert_eq!(aws.request("POST", "/", &fits).status, 400);
    assert_eq!(aws.request("POST", "/", &format!("{fits}x")).status, 413);
    assert!(is_alive(&aws));
}

#[test]
fn odd_requests_get_an_answer_of_some_kind() {
    let aws = Aws::start();
    let host = aws.host();
    let targets = [
        "/?%",
        "/?%zz=%e1",
        "/?&&==&",
        "/federation?Action=login&SigninToken=%00",
        "/federation",
        "/console/%2e%2e",
        "/_sandbox/",
        "/_sandbox/device?serial=%ff",
        "//",
        "/*",
    ];
    for target in targets {
        for method in ["GET", "POST", "HEAD", "PATCH"] {
            let request = format!(
                "{method} {target} HTTP/1.1\r\nhost: {host}\r\ncookie: ;;=; sandbox-console\r\n\
                 authorization: AWS4-HMAC-SHA256 Credential=////,SignedHeaders=;;,Signature=%\r\n\
                 connection: close\r\ncontent-length: 3\r\n\r\n\u{0}%="
            );
            let answer = aws.send(request.as_bytes());
            assert!(answer.status >= 400, "{method} {target} {}", answer.status);
            assert!(answer.status < 500, "{method} {target} {}", answer.status);
        }
    }
    assert!(is_alive(&aws));
}

#[test]
fn bytes_that_are_no_http_end_the_connection_only() {
    let aws = Aws::start();
    for bytes in [
        &b"\0\0\0\0"[..],
        b"GET\r\n\r\n",
        b"\x16\x03\x01\x02\x00",
        b"GET / HTTP/9\r\n\r\n",
    ] {
        aws.send(&[bytes, b"\r\n\r\n"].concat());
    }
    assert!(is_alive(&aws));
}

#[test]
fn odd_parameters_are_refused_in_words() {
    let aws = Aws::start();
    let odd = [
        "",
        "\0",
        "💥",
        "'",
        "<x>",
        "-1",
        "99999999999999999999",
        "%",
    ];
    let actions = [
        "AssumeRole",
        "GetSessionToken",
        "GetFederationToken",
        "CreateAccessKey",
        "UpdateAccessKey",
        "GetAccessKeyLastUsed",
        "ListMFADevices",
    ];
    let names = [
        "RoleArn",
        "RoleSessionName",
        "DurationSeconds",
        "SerialNumber",
        "TokenCode",
        "ExternalId",
        "SourceIdentity",
        "Policy",
        "PolicyArns.member.1.arn",
        "Tags.member.1.Key",
        "Tags.member.x",
        "Name",
        "UserName",
        "AccessKeyId",
        "Status",
    ];
    for action in actions {
        let service = if action.contains("Access") || action.contains("MFA") {
            "iam"
        } else {
            "sts"
        };
        for value in odd {
            let params: Vec<_> = names.iter().map(|name| (*name, value)).collect();
            let answer = aws.call(&Call::new(service, &user("bob"), action, &params));
            assert!(
                (400..500).contains(&answer.status),
                "{action} {value:?} {}",
                answer.body
            );
            assert_ne!(answer.code(), "", "{action} {value:?}");
        }
    }
}

#[test]
fn odd_json_is_refused_in_words() {
    let aws = Aws::start();
    let bodies = [
        String::new(),
        "null".to_owned(),
        "[]".to_owned(),
        "{".to_owned(),
        "1e999".to_owned(),
        "[".repeat(100_000),
        r#"{"SecretId":"\u0000","Name":"\u0000"}"#.to_owned(),
        r#"{"SecretId":"arn:","Name":"arn:","SecretString":"\ud83d\ude00"}"#.to_owned(),
        r#"{"SecretId":["app/session"],"Name":{}}"#.to_owned(),
        r#"{"SecretId":"app/session","VersionId":1,"MaxResults":-9223372036854775808,"RecoveryWindowInDays":9223372036854775807}"#
            .to_owned(),
        r#"{"SecretId":"app/session","NextToken":"after-18446744073709551615","ForceDeleteWithoutRecovery":"x","VersionId":"","VersionStages":[""]}"#
            .to_owned(),
    ];
    for operation in [
        "CreateSecret",
        "DeleteSecret",
        "GetSecretValue",
        "ListSecretVersionIds",
        "PutSecretValue",
        "",
        "../x",
    ] {
        for body in &bodies {
            let mut call = Call::secrets(&user("root"), operation, &Value::Null);
            call.json = Some((operation.to_owned(), body.clone()));
            let answer = aws.call(&call);
            assert_eq!(answer.status, 400, "{operation} {body}");
            assert_ne!(answer.json_code(), "", "{operation}");
        }
    }
    assert!(is_alive(&aws));
}
