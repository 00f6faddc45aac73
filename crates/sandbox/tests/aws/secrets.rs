//! Secrets Manager: what it takes to publish into a secret.

use serde_json::{Value, json};

use crate::support::{ADMIN, Answer, Aws, Call, DEPLOY, Keys, NO_MFA, READ_ONLY, user};

const ONE: &str = "11111111-1111-1111-1111-111111111111";
const TWO: &str = "22222222-2222-2222-2222-222222222222";
const THREE: &str = "33333333-3333-3333-3333-333333333333";
const NOW: i64 = 1_767_258_000;

fn put(aws: &Aws, keys: &Keys, secret: &str, token: &str, value: &str) -> Answer {
    let input = json!({"SecretId": secret, "ClientRequestToken": token, "SecretString": value});
    aws.secrets(keys, "PutSecretValue", &input)
}

fn get(aws: &Aws, keys: &Keys, input: &Value) -> Answer {
    aws.secrets(keys, "GetSecretValue", input)
}

fn admin(aws: &Aws) -> Keys {
    aws.assume(&aws.mfa_session(), ADMIN, &[]).keys()
}

#[test]
fn a_new_value_takes_the_place_of_the_old_one() {
    let aws = Aws::start();
    let bob = user("bob");
    let secret = json!({"SecretId": "app/session"});
    let first = get(&aws, &bob, &secret).json();
    assert_eq!(first["SecretString"], "{}");
    assert_eq!(first["VersionStages"], json!(["AWSCURRENT"]));

    aws.advance(60);
    let stored = put(&aws, &bob, "app/session", ONE, "one");
    assert_eq!(
        stored.header("content-type"),
        Some("application/x-amz-json-1.1")
    );
    assert!(stored.header("x-amzn-requestid").is_some());
    let arn = first["ARN"].as_str().unwrap();
    assert_eq!(
        stored.json(),
        json!({
            "ARN": arn,
            "Name": "app/session",
            "VersionId": ONE,
            "VersionStages": ["AWSCURRENT"],
        })
    );
    assert_eq!(
        get(&aws, &bob, &secret).json(),
        json!({
            "ARN": arn,
            "Name": "app/session",
            "VersionId": ONE,
            "VersionStages": ["AWSCURRENT"],
            "SecretString": "one",
            "CreatedDate": NOW + 60,
        })
    );
    let previous = json!({"SecretId": "app/session", "VersionStage": "AWSPREVIOUS"});
    assert_eq!(
        get(&aws, &bob, &previous).json()["VersionId"],
        first["VersionId"]
    );
    let by_id = json!({"SecretId": "app/session", "VersionId": first["VersionId"]});
    assert_eq!(get(&aws, &bob, &by_id).json()["SecretString"], "{}");
}

#[test]
fn a_secret_has_a_name_and_an_arn() {
    let aws = Aws::start();
    let bob = user("bob");
    let named = get(&aws, &bob, &json!({"SecretId": "app/session"})).json();
    let arn = named["ARN"].as_str().unwrap();
    let partial = "arn:aws:secretsmanager:us-east-1:111122223333:secret:app/session";
    assert_eq!(arn.len(), partial.len() + 7);
    for id in [arn, partial] {
        let found = get(&aws, &bob, &json!({ "SecretId": id })).json();
        assert_eq!(found["VersionId"], named["VersionId"], "{id}");
    }
}

#[test]
fn every_region_has_its_own() {
    let aws = Aws::start();
    let there = |region: &str| {
        let input = json!({"SecretId": "app/session"});
        aws.call(&Call {
            region: region.to_owned(),
            ..Call::secrets(&user("bob"), "GetSecretValue", &input)
        })
    };
    let arn = |region| there(region).json()["ARN"].as_str().unwrap().to_owned();
    assert_ne!(arn("us-east-1"), arn("eu-west-1"));
    assert_eq!(there("ap-south-1").json_code(), "ResourceNotFoundException");
}

#[test]
fn the_same_call_again_changes_nothing() {
    let aws = Aws::start();
    let bob = user("bob");
    let first = put(&aws, &bob, "app/session", ONE, "one").json();
    put(&aws, &bob, "app/session", TWO, "two");
    let again = put(&aws, &bob, "app/session", ONE, "one");
    assert_eq!(again.json()["VersionStages"], json!(["AWSPREVIOUS"]));
    let current = get(&aws, &bob, &json!({"SecretId": "app/session"})).json();
    assert_eq!(current["SecretString"], "two");
    let other = put(&aws, &bob, "app/session", ONE, "other");
    let message = format!(
        "You can't use ClientRequestToken {ONE} because that value is already in use for a version of secret {}.",
        first["ARN"].as_str().unwrap()
    );
    let expected = (400, "ResourceExistsException".to_owned(), message);
    assert_eq!(other.json_error(), expected);
}

#[test]
fn versions_and_their_labels_are_listed() {
    let aws = Aws::start();
    let bob = user("bob");
    for (token, stages) in [(ONE, json!(["MINE"])), (TWO, json!([])), (THREE, json!([]))] {
        let input = json!({
            "SecretId": "app/empty",
            "ClientRequestToken": token,
            "SecretString": "x",
            "VersionStages": stages,
        });
        assert_eq!(aws.secrets(&bob, "PutSecretValue", &input).status, 200);
    }
    let described = aws
        .secrets(&bob, "DescribeSecret", &json!({"SecretId": "app/empty"}))
        .json();
    let stages = json!({ONE: ["MINE"], TWO: ["AWSPREVIOUS"], THREE: ["AWSCURRENT"]});
    assert_eq!(described["VersionIdsToStages"], stages);
    assert_eq!(described["LastChangedDate"], NOW);

    put(&aws, &bob, "app/empty", &"4".repeat(32), "x");
    let list = |more: Value| {
        let mut input = json!({"SecretId": "app/empty"});
        input
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        aws.secrets(&bob, "ListSecretVersionIds", &input)
    };
    let ids = |answer: &Value| -> Vec<String> {
        let versions = answer["Versions"].as_array().unwrap();
        let id = |version: &Value| version["VersionId"].as_str().unwrap().to_owned();
        versions.iter().map(id).collect()
    };
    assert_eq!(ids(&list(json!({})).json()).len(), 3);
    let page = list(json!({"IncludeDeprecated": true, "MaxResults": 3})).json();
    assert_eq!(ids(&page), [ONE, TWO, THREE]);
    let next = page["NextToken"].clone();
    let rest = list(json!({"IncludeDeprecated": true, "NextToken": next})).json();
    assert_eq!(ids(&rest), ["4".repeat(32)]);
    assert_eq!(rest["NextToken"], Value::Null);
    assert_eq!(
        list(json!({"NextToken": "x"})).json_code(),
        "InvalidNextTokenException"
    );
}

#[test]
fn a_secret_is_created_once() {
    let aws = Aws::start();
    let admin = admin(&aws);
    let create = |name: &str, token: &str, value: &str| {
        let input = json!({"Name": name, "ClientRequestToken": token, "SecretString": value});
        aws.secrets(&admin, "CreateSecret", &input)
    };
    let created = create("new/one", ONE, "x");
    let arn = created.json()["ARN"].as_str().unwrap().to_owned();
    let (front, end) = arn.rsplit_once('-').unwrap();
    assert_eq!(
        front,
        "arn:aws:secretsmanager:us-east-1:111122223333:secret:new/one"
    );
    assert!(end.len() == 6 && end.bytes().all(|b| b.is_ascii_alphanumeric()));
    assert_eq!(created.json()["VersionId"], ONE);
    assert_eq!(create("new/one", ONE, "x").json(), created.json());
    for (token, value) in [(TWO, "x"), (ONE, "y")] {
        let answer = create("new/one", token, value);
        assert_eq!(answer.json_code(), "ResourceExistsException");
    }
    let taken = create("app/session", TWO, "x").json_error().2;
    assert_eq!(
        taken,
        "The operation failed because the secret app/session already exists."
    );
    let input = json!({"Name": "new/empty", "ClientRequestToken": ONE});
    let empty = aws.secrets(&admin, "CreateSecret", &input).json();
    assert_eq!(empty["VersionId"], Value::Null);
}

#[test]
fn binary_values_come_back_as_they_were() {
    let aws = Aws::start();
    let bob = user("bob");
    let input =
        json!({"SecretId": "app/session", "ClientRequestToken": ONE, "SecretBinary": "AAH/"});
    assert_eq!(aws.secrets(&bob, "PutSecretValue", &input).status, 200);
    let found = get(&aws, &bob, &json!({"SecretId": "app/session"})).json();
    assert_eq!(found["SecretBinary"], "AAH/");
    assert_eq!(found["SecretString"], Value::Null);
}

#[test]
fn a_deleted_secret_can_be_seen_but_not_used() {
    let aws = Aws::start();
    let admin = admin(&aws);
    let id = json!({"SecretId": "app/session"});
    let deleted = aws.secrets(
        &admin,
        "DeleteSecret",
        &json!({"SecretId": "app/session", "RecoveryWindowInDays": 7}),
    );
    assert_eq!(deleted.json()["DeletionDate"], NOW + 7 * 86_400);
    let refused = get(&aws, &admin, &id).json_error();
    assert_eq!(refused.1, "InvalidRequestException");
    assert_eq!(
        refused.2,
        "You can't perform this operation on the secret because it was marked for deletion."
    );
    assert_eq!(
        put(&aws, &admin, "app/session", ONE, "x").json_code(),
        "InvalidRequestException"
    );
    let described = aws.secrets(&admin, "DescribeSecret", &id).json();
    assert_eq!(described["DeletedDate"], NOW);
    let create = || {
        let input = json!({"Name": "app/session", "ClientRequestToken": ONE});
        aws.secrets(&admin, "CreateSecret", &input)
    };
    assert!(
        create()
            .json_error()
            .2
            .contains("already scheduled for deletion")
    );

    aws.advance(7 * 86_400);
    let root = user("root");
    assert_eq!(
        get(&aws, &root, &id).json_code(),
        "ResourceNotFoundException"
    );
    let at_once = json!({"SecretId": "app/empty", "ForceDeleteWithoutRecovery": true});
    assert_eq!(aws.secrets(&root, "DeleteSecret", &at_once).status, 200);
    let empty = json!({"SecretId": "app/empty"});
    assert_eq!(
        get(&aws, &root, &empty).json_code(),
        "ResourceNotFoundException"
    );
}

#[test]
fn who_may_do_what() {
    let aws = Aws::start();
    let session = aws.mfa_session();
    let external_id = [("ExternalId", "deploy-2026")];
    let callers = [
        ("ada's key", user("ada")),
        ("ada's session", session.clone()),
        ("bob's key", user("bob")),
        ("root", user("root")),
        ("Admin", aws.assume(&session, ADMIN, &[]).keys()),
        ("Deploy", aws.assume(&session, DEPLOY, &external_id).keys()),
        ("NoMfa", aws.assume(&user("bob"), NO_MFA, &[]).keys()),
        ("ReadOnly", aws.assume(&session, READ_ONLY, &[]).keys()),
    ];
    // Whether each may read app/session, write it, read locked/session and write that.
    let expected = [
        ("ada's key", [false, false, false, false]),
        ("ada's session", [false, false, false, false]),
        ("bob's key", [true, true, false, false]),
        ("root", [true, true, true, false]),
        ("Admin", [true, true, true, false]),
        ("Deploy", [true, true, false, false]),
        ("NoMfa", [true, true, false, false]),
        ("ReadOnly", [true, false, true, false]),
    ];
    let may = |keys: &Keys| {
        ["app/session", "locked/session"].map(|secret| {
            [
                get(&aws, keys, &json!({ "SecretId": secret })),
                put(&aws, keys, secret, &"9".repeat(32), "x"),
            ]
        })
    };
    for ((name, keys), expected) in callers.iter().zip(expected) {
        let allowed = may(keys).into_iter().flatten().map(|answer| {
            let code = answer.json_code();
            assert!(
                code.is_empty() || code == "AccessDeniedException",
                "{name} {code}"
            );
            code.is_empty()
        });
        assert_eq!(
            (*name, allowed.collect()),
            (expected.0, expected.1.to_vec())
        );
    }
}

#[test]
fn a_denial_says_which_policy_it_was() {
    let aws = Aws::start();
    let denied = |keys: &Keys, secret| {
        let (status, code, message) = put(&aws, keys, secret, ONE, "x").json_error();
        assert_eq!((status, code.as_str()), (400, "AccessDeniedException"));
        message
    };
    let put = "is not authorized to perform: secretsmanager:PutSecretValue on resource:";
    assert_eq!(
        denied(&user("ada"), "app/session"),
        format!(
            "User: arn:aws:iam::111122223333:user/ada {put} app/session because no identity-based policy \
             allows the secretsmanager:PutSecretValue action"
        )
    );
    // Nobody is told whether a secret exists that they may not touch.
    assert!(denied(&user("bob"), "no/such").contains("no/such because no identity-based policy"));
    assert_eq!(
        denied(&admin(&aws), "locked/session"),
        format!(
            "User: arn:aws:sts::111122223333:assumed-role/Admin/ada {put} locked/session \
             with an explicit deny in a resource-based policy"
        )
    );
}

/// A call and what Secrets Manager says to it.
type Row = (&'static str, Value, &'static str, &'static str);

#[test]
fn mistakes() {
    let aws = Aws::start();
    let bob = user("bob");
    let with = |more: Value| {
        let mut input =
            json!({"SecretId": "app/session", "ClientRequestToken": ONE, "SecretString": "x"});
        for (name, value) in more.as_object().unwrap() {
            input[name] = value.clone();
        }
        input
    };
    let rows: Vec<Row> = vec![
        (
            "GetSecretValue",
            json!({"SecretId": "app/missing"}),
            "ResourceNotFoundException",
            "Secrets Manager can't find the specified secret.",
        ),
        (
            "PutSecretValue",
            with(json!({"SecretId": "app/missing"})),
            "ResourceNotFoundException",
            "Secrets Manager can't find the specified secret.",
        ),
        (
            "GetSecretValue",
            json!({"SecretId": "app/empty"}),
            "ResourceNotFoundException",
            "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
        ),
        (
            "GetSecretValue",
            json!({"SecretId": "app/session", "VersionId": THREE}),
            "ResourceNotFoundException",
            "Secrets Manager can't find the specified secret value for VersionId: 33333333-3333-3333-3333-333333333333",
        ),
        (
            "GetSecretValue",
            json!({}),
            "ValidationException",
            "1 validation error detected: Value null at 'secretId' failed to satisfy constraint: Member must not be null",
        ),
        (
            "PutSecretValue",
            with(json!({"ClientRequestToken": null})),
            "InvalidRequestException",
            "You must provide a ClientRequestToken value. We recommend a UUID-type value.",
        ),
        (
            "PutSecretValue",
            with(json!({"ClientRequestToken": "short"})),
            "InvalidParameterException",
            "ClientRequestToken must be 32-64 characters long.",
        ),
        (
            "PutSecretValue",
            with(json!({"SecretString": null})),
            "InvalidRequestException",
            "You must provide either SecretString or SecretBinary.",
        ),
        (
            "PutSecretValue",
            with(json!({"SecretString": ""})),
            "InvalidRequestException",
            "You must provide either SecretString or SecretBinary.",
        ),
        (
            "PutSecretValue",
            with(json!({"SecretBinary": "AA=="})),
            "InvalidParameterException",
            "You can't specify both a binary secret value and a string secret value in the same secret.",
        ),
        (
            "PutSecretValue",
            with(json!({"SecretString": "x".repeat(65_537)})),
            "ValidationException",
            "1 validation error detected: Value at 'secretString' failed to satisfy constraint: \
             Member must have length less than or equal to 65536",
        ),
        (
            "CreateSecret",
            json!({"Name": "app/a b", "ClientRequestToken": ONE}),
            "ValidationException",
            "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!",
        ),
        (
            "PutSecretValue",
            json!("x"),
            "SerializationException",
            "The request is not the JSON that was expected.",
        ),
        ("RestoreSecret", json!({}), "UnknownOperationException", ""),
    ];
    for (operation, input, code, message) in rows {
        let answer = aws.secrets(&bob, operation, &input);
        let expected = (400, code.to_owned(), message.to_owned());
        assert_eq!(answer.json_error(), expected, "{operation}");
    }
    let current = get(&aws, &bob, &json!({"SecretId": "app/session"})).json();
    assert_eq!(current["SecretString"], "{}");
    let largest = put(&aws, &bob, "app/session", ONE, &"\u{1}".repeat(65_536));
    assert_eq!(largest.status, 200);
}

#[test]
fn credentials_that_do_not_count() {
    let aws = Aws::start();
    let input = json!({"SecretId": "app/session"});
    let bob = user("bob");
    let call = Call::secrets(&bob, "GetSecretValue", &input);
    let changed = |change: &dyn Fn(&mut Call)| {
        let mut call = call.clone();
        change(&mut call);
        aws.call(&call).json_error()
    };
    let rows = [
        (
            changed(&|call| call.authorization = Some(String::new())),
            "MissingAuthenticationTokenException",
            "Missing Authentication Token",
        ),
        (
            changed(&|call| call.keys.id = "AKIAUNKNOWN000000000".to_owned()),
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
        ),
        (
            changed(&|call| call.service = "sts".to_owned()),
            "InvalidSignatureException",
            "Credential should be scoped to correct service: 'secretsmanager'.",
        ),
        (
            changed(&|call| call.timestamp = Some("20260101T085459Z".to_owned())),
            "InvalidSignatureException",
            "Signature expired: 20260101T085459Z is now earlier than 20260101T085500Z (20260101T090000Z - 5 min.)",
        ),
    ];
    for (answer, code, message) in rows {
        assert_eq!(answer, (400, code.to_owned(), message.to_owned()));
    }
    let role = aws.assume(&bob, NO_MFA, &[]).keys();
    aws.advance(3600);
    let ended = get(&aws, &role, &input).json_error();
    let message = "The security token included in the request is expired";
    assert_eq!(
        ended,
        (400, "ExpiredTokenException".to_owned(), message.to_owned())
    );
}

#[test]
fn the_journal_has_the_call_and_not_the_value() {
    let aws = Aws::start();
    let value = "what-nobody-should-read";
    put(&aws, &user("bob"), "app/session", ONE, value);
    put(&aws, &user("ada"), "app/session", TWO, value);
    let journal = aws.journal();
    assert_eq!(journal[0]["op"], "PutSecretValue");
    assert_eq!(journal[0]["secret_id"], "app/session");
    assert_eq!(journal[0]["client_request_token"], ONE);
    assert_eq!(
        journal[0]["identity_arn"],
        "arn:aws:iam::111122223333:user/bob"
    );
    assert_eq!(journal[0]["error"], Value::Null);
    assert_eq!(journal[1]["error"], "AccessDeniedException");
    assert!(!json!(journal).to_string().contains(value));
}

#[test]
fn it_can_be_made_to_fail() {
    let aws = Aws::start();
    let bob = user("bob");
    let rows = [
        ("throttling", 400, "ThrottlingException"),
        ("internal", 500, "InternalServiceError"),
        ("unavailable", 503, "ServiceUnavailableException"),
    ];
    for (kind, status, code) in rows {
        let fault = json!([{"op": "PutSecretValue", "kind": kind, "retry_after_ms": 7}]);
        aws.control("faults", &fault);
        let answer = put(&aws, &bob, "app/session", ONE, "x");
        assert_eq!((answer.status, answer.json_code().as_str()), (status, code));
        assert_eq!(answer.header("x-amz-retry-after"), Some("7"));
    }
    let current = get(&aws, &bob, &json!({"SecretId": "app/session"})).json();
    assert_eq!(current["SecretString"], "{}");
}
