//! AWS's error answers: status, code and words, as its documentation and people's reports have them.

use crate::support::{
    ADA_DEVICE, ADMIN, Aws, CHAINED, Call, Keys, LOCKED, NO_MFA, READ_ONLY, user,
};

/// A call and the error that AWS gives for it.
struct Row {
    call: Call,
    status: u16,
    code: &'static str,
    message: String,
}

fn row(call: Call, status: u16, code: &'static str, message: impl Into<String>) -> Row {
    Row {
        call,
        status,
        code,
        message: message.into(),
    }
}

fn check(aws: &Aws, rows: Vec<Row>) {
    for row in rows {
        let answer = aws.call(&row.call);
        let expected = (row.status, row.code.to_owned(), row.message);
        assert_eq!(answer.error(), expected, "{:?}", row.call.params);
        let service = if row
            .call
            .params
            .iter()
            .any(|(_, value)| value == "2010-05-08")
        {
            "https://iam.amazonaws.com/doc/2010-05-08/"
        } else {
            "https://sts.amazonaws.com/doc/2011-06-15/"
        };
        let root = format!("<ErrorResponse xmlns=\"{service}\"><Error><Type>Sender</Type>");
        assert!(answer.body.starts_with(&root), "{}", answer.body);
        assert_eq!(answer.header("content-type"), Some("text/xml"));
    }
}

fn sts(name: &str, action: &str, params: &[(&str, &str)]) -> Call {
    Call::new("sts", &user(name), action, params)
}

fn iam(name: &str, action: &str, params: &[(&str, &str)]) -> Call {
    Call::new("iam", &user(name), action, params)
}

fn assume(keys: &Keys, role: &str, params: &[(&str, &str)]) -> Call {
    let common = [("RoleArn", role), ("RoleSessionName", "ada")];
    let params: Vec<_> = common.iter().chain(params).copied().collect();
    Call::new("sts", keys, "AssumeRole", &params)
}

fn identity() -> Call {
    sts("ada", "GetCallerIdentity", &[])
}

const INVALID_TOKEN: &str = "The security token included in the request is invalid.";
const WRONG_SIGNATURE: &str = "The request signature we calculated does not match the signature you provided. \
    Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";

#[test]
fn signatures() {
    let aws = Aws::start();
    let some = |text: &str| Some(text.to_owned());
    let unknown = Keys {
        id: "AKIAUNKNOWN000000000".to_owned(),
        ..user("ada")
    };
    let wrong = Keys {
        secret: "x".repeat(40),
        ..user("ada")
    };
    let mut without_version = identity();
    without_version.params.remove(1);
    let mut without_action = identity();
    without_action.params.remove(0);
    without_action
        .params
        .insert(0, ("X".to_owned(), "y".to_owned()));
    let rows = vec![
        row(
            Call {
                authorization: some(""),
                ..identity()
            },
            403,
            "MissingAuthenticationToken",
            "Request is missing Authentication Token",
        ),
        row(
            Call {
                authorization: some(
                    "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/sts/aws4_request",
                ),
                ..identity()
            },
            400,
            "IncompleteSignature",
            "Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter.",
        ),
        row(
            Call {
                authorization: some("Bearer x"),
                ..identity()
            },
            400,
            "IncompleteSignature",
            "Unsupported AWS 'algorithm': 'Bearer'.",
        ),
        row(
            Call {
                timestamp: some("2026-01-01T09:00:00Z"),
                ..identity()
            },
            400,
            "IncompleteSignature",
            "Date must be in ISO-8601 'basic format'. Got '2026-01-01T09:00:00Z'.",
        ),
        row(
            Call {
                service: "s3".to_owned(),
                ..identity()
            },
            403,
            "SignatureDoesNotMatch",
            "Credential should be scoped to correct service: 'sts'.",
        ),
        row(
            Call {
                service: "sts".to_owned(),
                ..iam("ada", "GetUser", &[])
            },
            403,
            "SignatureDoesNotMatch",
            "Credential should be scoped to correct service: 'iam'.",
        ),
        row(
            Call {
                terminator: "aws5_request".to_owned(),
                ..identity()
            },
            403,
            "SignatureDoesNotMatch",
            "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5_request'.",
        ),
        row(
            Call {
                region: "Earth".to_owned(),
                ..identity()
            },
            403,
            "SignatureDoesNotMatch",
            "Credential should be scoped to a valid region, not 'Earth'.",
        ),
        row(
            Call {
                day: some("20251231"),
                ..identity()
            },
            403,
            "SignatureDoesNotMatch",
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: \
             '20251231' != '20260101', from '20260101T090000Z'.",
        ),
        row(
            Call {
                timestamp: some("20260101T085459Z"),
                ..identity()
            },
            403,
            "SignatureDoesNotMatch",
            "Signature expired: 20260101T085459Z is now earlier than 20260101T085500Z (20260101T090000Z - 5 min.)",
        ),
        row(
            Call {
                timestamp: some("20260101T090501Z"),
                ..identity()
            },
            403,
            "SignatureDoesNotMatch",
            "Signature not yet current: 20260101T090501Z is still later than 20260101T090500Z (20260101T090000Z + 5 min.)",
        ),
        row(
            Call {
                skip: vec!["host".to_owned()],
                ..identity()
            },
            403,
            "SignatureDoesNotMatch",
            "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
        ),
        row(
            Call {
                unsigned: vec![("x-amz-extra".to_owned(), "1".to_owned())],
                ..identity()
            },
            403,
            "SignatureDoesNotMatch",
            "There were headers present in the request which were not signed: x-amz-extra",
        ),
        row(
            Call {
                keys: wrong,
                ..identity()
            },
            403,
            "SignatureDoesNotMatch",
            WRONG_SIGNATURE,
        ),
        row(
            Call {
                keys: unknown,
                ..identity()
            },
            403,
            "InvalidClientTokenId",
            INVALID_TOKEN,
        ),
        row(
            sts("dora", "GetCallerIdentity", &[]),
            403,
            "InvalidClientTokenId",
            INVALID_TOKEN,
        ),
        row(
            without_version,
            400,
            "InvalidAction",
            "Could not find operation GetCallerIdentity for version NO_VERSION_SPECIFIED",
        ),
        row(
            sts("ada", "GetMoney", &[]),
            400,
            "InvalidAction",
            "Could not find operation GetMoney for version 2011-06-15",
        ),
        row(
            sts("ada", "GetUser", &[]),
            400,
            "InvalidAction",
            "Could not find operation GetUser for version 2011-06-15",
        ),
        row(
            without_action,
            400,
            "MissingAction",
            "The request must contain the parameter Action.",
        ),
    ];
    check(&aws, rows);
}

#[test]
fn ended_sessions() {
    let aws = Aws::start();
    let session = aws.mfa_session();
    let call = |skip: &[&str]| Call {
        skip: skip.iter().map(|name| (*name).to_owned()).collect(),
        ..Call::new("sts", &session, "GetCallerIdentity", &[])
    };
    check(
        &aws,
        vec![row(
            call(&["x-amz-security-token"]),
            403,
            "SignatureDoesNotMatch",
            "There were headers present in the request which were not signed: x-amz-security-token",
        )],
    );
    aws.advance(43_200);
    check(
        &aws,
        vec![row(
            call(&[]),
            403,
            "ExpiredToken",
            "The security token included in the request is expired",
        )],
    );
}

fn violation(value: &str, field: &str, rule: &str) -> String {
    let value = if value == "null" {
        value.to_owned()
    } else {
        format!("'{value}'")
    };
    format!(
        "1 validation error detected: Value {value} at '{field}' failed to satisfy constraint: Member must {rule}"
    )
}

#[test]
fn fields() {
    let aws = Aws::start();
    let ada = user("ada");
    let long = |length| "a".repeat(length);
    let names = r"satisfy regular expression pattern: [\w+=,.@-]*";
    let serials = r"satisfy regular expression pattern: [\w+=/:,.@-]*";
    let session = |name, value: &str| {
        let code = [("SerialNumber", ADA_DEVICE), ("TokenCode", "123456")];
        let mut params: Vec<(&str, &str)> = code
            .into_iter()
            .filter(|(other, _)| name != "DurationSeconds" && *other != name)
            .collect();
        params.push((name, value));
        sts("ada", "GetSessionToken", &params)
    };
    let role = |name, value: &str| assume(&ada, READ_ONLY, &[(name, value)]);
    let named = |name: &str| {
        let params = [("RoleArn", READ_ONLY), ("RoleSessionName", name)];
        sts("ada", "AssumeRole", &params)
    };
    let arns: Vec<String> = (1..=11)
        .map(|n| format!("PolicyArns.member.{n}.arn"))
        .collect();
    let arns: Vec<(&str, &str)> = arns.iter().map(|name| (name.as_str(), READ_ONLY)).collect();
    let eleven = format!("[{}]", [READ_ONLY; 11].join(", "));
    let tag = |key: &str, value: &str| {
        let params = [("Tags.member.1.Key", key), ("Tags.member.1.Value", value)];
        assume(&ada, READ_ONLY, &params)
    };
    let invalid = |call, value: &str, field, rule: &str| {
        row(call, 400, "ValidationError", violation(value, field, rule))
    };
    let rows = vec![
        invalid(
            session("TokenCode", "12345"),
            "12345",
            "tokenCode",
            "have length greater than or equal to 6",
        ),
        invalid(
            session("TokenCode", "1234567"),
            "1234567",
            "tokenCode",
            "have length less than or equal to 6",
        ),
        invalid(
            session("TokenCode", "12345a"),
            "12345a",
            "tokenCode",
            r"satisfy regular expression pattern: [\d]*",
        ),
        invalid(
            session("SerialNumber", "12345678"),
            "12345678",
            "serialNumber",
            "have length greater than or equal to 9",
        ),
        invalid(
            session("SerialNumber", &long(257)),
            &long(257),
            "serialNumber",
            "have length less than or equal to 256",
        ),
        invalid(
            session("SerialNumber", "123 456 789"),
            "123 456 789",
            "serialNumber",
            serials,
        ),
        invalid(
            session("DurationSeconds", "899"),
            "899",
            "durationSeconds",
            "have value greater than or equal to 900",
        ),
        invalid(
            session("DurationSeconds", "129601"),
            "129601",
            "durationSeconds",
            "have value less than or equal to 129600",
        ),
        invalid(
            role("DurationSeconds", "899"),
            "899",
            "durationSeconds",
            "have value greater than or equal to 900",
        ),
        invalid(
            role("DurationSeconds", "43201"),
            "43201",
            "durationSeconds",
            "have value less than or equal to 43200",
        ),
        invalid(
            role("ExternalId", "x"),
            "x",
            "externalId",
            "have length greater than or equal to 2",
        ),
        invalid(
            role("ExternalId", &long(1225)),
            &long(1225),
            "externalId",
            "have length less than or equal to 1224",
        ),
        invalid(role("ExternalId", "a b"), "a b", "externalId", serials),
        invalid(
            role("SourceIdentity", "aws:x"),
            "aws:x",
            "sourceIdentity",
            names,
        ),
        invalid(
            role("SourceIdentity", &long(65)),
            &long(65),
            "sourceIdentity",
            "have length less than or equal to 64",
        ),
        invalid(
            named("a"),
            "a",
            "roleSessionName",
            "have length greater than or equal to 2",
        ),
        invalid(
            named(&long(65)),
            &long(65),
            "roleSessionName",
            "have length less than or equal to 64",
        ),
        invalid(named("Ada Byron"), "Ada Byron", "roleSessionName", names),
        invalid(
            sts("ada", "AssumeRole", &[("RoleSessionName", "ada")]),
            "null",
            "roleArn",
            "not be null",
        ),
        invalid(
            sts("ada", "AssumeRole", &[("RoleArn", READ_ONLY)]),
            "null",
            "roleSessionName",
            "not be null",
        ),
        invalid(
            assume(&ada, "role/Admin", &[]),
            "role/Admin",
            "roleArn",
            "have length greater than or equal to 20",
        ),
        invalid(
            assume(&ada, READ_ONLY, &arns),
            &eleven,
            "policyArns",
            "have length less than or equal to 10",
        ),
        invalid(
            tag(&long(129), "v"),
            &long(129),
            "tags.1.member.key",
            "have length less than or equal to 128",
        ),
        invalid(
            tag("k", &long(257)),
            &long(257),
            "tags.1.member.value",
            "have length less than or equal to 256",
        ),
        invalid(
            sts("ada", "GetFederationToken", &[]),
            "null",
            "name",
            "not be null",
        ),
        invalid(
            sts("ada", "GetFederationToken", &[("Name", &long(33))]),
            &long(33),
            "name",
            "have length less than or equal to 32",
        ),
        invalid(
            iam(
                "ada",
                "UpdateAccessKey",
                &[("AccessKeyId", &ada.id), ("Status", "Lost")],
            ),
            "Lost",
            "status",
            "satisfy enum value set: [Active, Inactive]",
        ),
        invalid(
            iam("ada", "DeleteAccessKey", &[]),
            "null",
            "accessKeyId",
            "not be null",
        ),
        row(
            assume(&ada, "arn:aws:iam::1:role/Admin", &[]),
            400,
            "ValidationError",
            "arn:aws:iam::1:role/Admin is invalid",
        ),
        row(
            role("Policy", "{"),
            400,
            "MalformedPolicyDocument",
            "This policy contains invalid Json",
        ),
        row(
            role("DurationSeconds", "soon"),
            400,
            "MalformedInput",
            "DurationSeconds is not an integer",
        ),
    ];
    check(&aws, rows);
}

#[test]
fn permissions() {
    let aws = Aws::start();
    let (ada, bob, root) = (user("ada"), user("bob"), user("root"));
    let session = aws.mfa_session();
    let admin = aws.assume(&session, ADMIN, &[]).keys();
    let federated = aws
        .sts(&bob, "GetFederationToken", &[("Name", "bobby")])
        .keys();
    let denied = |user: &str, role| {
        format!(
            "User: arn:aws:{user} is not authorized to perform: sts:AssumeRole on resource: {role}"
        )
    };
    let ada_arn = "iam::111122223333:user/ada";
    let missing = "arn:aws:iam::111122223333:role/Missing";
    let foreign = "arn:aws:iam::111122223333:mfa/cleo-phone";
    let code = |serial| {
        let params = [("SerialNumber", serial), ("TokenCode", "000000")];
        sts("ada", "GetSessionToken", &params)
    };
    let unable = "MultiFactorAuthentication failed, unable to validate MFA code. \
                  Please verify your MFA serial number is valid and associated with this user.";
    let half = "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.";
    let access_denied = |call, message: &str| row(call, 403, "AccessDenied", message);
    let rows = vec![
        access_denied(assume(&ada, ADMIN, &[]), &denied(ada_arn, ADMIN)),
        access_denied(assume(&ada, missing, &[]), &denied(ada_arn, missing)),
        access_denied(assume(&session, LOCKED, &[]), &denied(ada_arn, LOCKED)),
        access_denied(assume(&session, CHAINED, &[]), &denied(ada_arn, CHAINED)),
        access_denied(
            assume(&admin, NO_MFA, &[]),
            &denied("sts::111122223333:assumed-role/Admin/ada", NO_MFA),
        ),
        access_denied(
            assume(&federated, READ_ONLY, &[]),
            &denied("sts::111122223333:federated-user/bobby", READ_ONLY),
        ),
        access_denied(
            assume(&root, READ_ONLY, &[]),
            "Roles may not be assumed by root accounts.",
        ),
        access_denied(
            Call::new("sts", &session, "GetSessionToken", &[]),
            "Cannot call GetSessionToken with session credentials",
        ),
        access_denied(
            Call::new("sts", &admin, "GetSessionToken", &[]),
            "Cannot call GetSessionToken with session credentials",
        ),
        access_denied(
            Call::new("sts", &admin, "GetFederationToken", &[("Name", "ada")]),
            "Cannot call GetFederationToken with session credentials",
        ),
        access_denied(
            code(ADA_DEVICE),
            "MultiFactorAuthentication failed with invalid MFA one time pass code.",
        ),
        access_denied(code(foreign), unable),
        access_denied(code("GAHT12345678"), unable),
        access_denied(code("arn:aws:iam::111122223333:user/ada"), unable),
        access_denied(
            sts("ada", "GetSessionToken", &[("TokenCode", "123456")]),
            half,
        ),
        access_denied(
            sts("ada", "GetSessionToken", &[("SerialNumber", ADA_DEVICE)]),
            half,
        ),
        access_denied(assume(&ada, READ_ONLY, &[("TokenCode", "123456")]), half),
        row(
            assume(&bob, READ_ONLY, &[("DurationSeconds", "3601")]),
            400,
            "ValidationError",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ),
        row(
            assume(&admin, CHAINED, &[("DurationSeconds", "3601")]),
            400,
            "ValidationError",
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
        ),
        access_denied(
            iam("bob", "CreateAccessKey", &[("UserName", "ada")]),
            "User: arn:aws:iam::111122223333:user/bob is not authorized to perform: iam:CreateAccessKey \
             on resource: user ada because no identity-based policy allows the iam:CreateAccessKey action",
        ),
        row(
            Call::new("iam", &federated, "GetUser", &[]),
            403,
            "InvalidClientTokenId",
            INVALID_TOKEN,
        ),
        row(
            Call::new("iam", &admin, "GetUser", &[]),
            400,
            "ValidationError",
            "Must specify userName when calling with non-User credentials",
        ),
        row(
            iam("root", "GetUser", &[("UserName", "nobody")]),
            404,
            "NoSuchEntity",
            "The user with name nobody cannot be found.",
        ),
        row(
            iam("bob", "DeleteAccessKey", &[("AccessKeyId", &ada.id)]),
            404,
            "NoSuchEntity",
            "The Access Key with id AKIASANDBOXADA000001 cannot be found.",
        ),
    ];
    check(&aws, rows);
    assert_eq!(aws.iam(&bob, "CreateAccessKey", &[]).status, 200);
    check(
        &aws,
        vec![row(
            iam("bob", "CreateAccessKey", &[]),
            409,
            "LimitExceeded",
            "Cannot exceed quota for AccessKeysPerUser: 2",
        )],
    );
}
