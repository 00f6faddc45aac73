//! What a session is narrowed and marked with: policies, tags, source identity.

use serde_json::{Value, json};

use crate::support::{ADMIN, Answer, Aws, CHAINED, DEEPER, Keys, NO_MFA, READ_ONLY, TAGGED, user};

const READ_ONLY_ACCESS: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";
const ADMINISTRATOR: &str = "arn:aws:iam::aws:policy/AdministratorAccess";
const READ_SECRETS: &str = "arn:aws:iam::111122223333:policy/ReadSecrets";
const TOKEN: &str = "11111111-1111-1111-1111-111111111111";

fn admin(aws: &Aws, params: &[(&str, &str)]) -> Keys {
    aws.assume(&aws.mfa_session(), ADMIN, params).keys()
}

fn arns(arns: &[&str]) -> Vec<(String, String)> {
    (1..)
        .zip(arns)
        .map(|(n, arn)| (format!("PolicyArns.member.{n}.arn"), (*arn).to_owned()))
        .collect()
}

fn borrowed(params: &[(String, String)]) -> Vec<(&str, &str)> {
    params
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect()
}

fn read(aws: &Aws, keys: &Keys) -> Answer {
    let input = json!({"SecretId": "app/session"});
    aws.secrets(keys, "GetSecretValue", &input)
}

fn write(aws: &Aws, keys: &Keys) -> Answer {
    let input =
        json!({"SecretId": "app/session", "ClientRequestToken": TOKEN, "SecretString": "x"});
    aws.secrets(keys, "PutSecretValue", &input)
}

fn message(answer: &Answer) -> String {
    answer.text("Message").unwrap_or_default()
}

#[test]
fn read_only_access_reads_only() {
    let aws = Aws::start();
    let keys = admin(&aws, &borrowed(&arns(&[READ_ONLY_ACCESS])));
    let ada = [("UserName", "ada")];
    assert_eq!(aws.sts(&keys, "GetCallerIdentity", &[]).status, 200);
    assert_eq!(aws.iam(&keys, "ListAccessKeys", &ada).status, 200);
    let described = aws.secrets(&keys, "DescribeSecret", &json!({"SecretId": "app/session"}));
    assert_eq!(described.status, 200);

    assert_eq!(
        write(&aws, &keys).json_error().2,
        "User: arn:aws:sts::111122223333:assumed-role/Admin/ada is not authorized to perform: \
         secretsmanager:PutSecretValue on resource: app/session \
         because no session policy allows the secretsmanager:PutSecretValue action"
    );
    // AWS's policy leaves secrets' values out.
    assert_eq!(read(&aws, &keys).json_code(), "AccessDeniedException");
    let created = aws.iam(&keys, "CreateAccessKey", &ada);
    assert_eq!(
        message(&created),
        "User: arn:aws:sts::111122223333:assumed-role/Admin/ada is not authorized to perform: \
         iam:CreateAccessKey on resource: user ada \
         because no session policy allows the iam:CreateAccessKey action"
    );
    // Nor may it become a role that is not narrowed.
    assert_eq!(aws.assume(&keys, CHAINED, &[]).code(), "AccessDenied");

    let whole = admin_again(&aws, &[]);
    assert_eq!(write(&aws, &whole).status, 200);
    assert_eq!(aws.assume(&whole, CHAINED, &[]).status, 200);
}

/// Admin with the next code.
fn admin_again(aws: &Aws, params: &[(&str, &str)]) -> Keys {
    aws.advance(30);
    admin(aws, params)
}

#[test]
fn several_policies_add_up_but_never_to_more_than_the_role() {
    let aws = Aws::start();
    let both = admin(&aws, &borrowed(&arns(&[READ_ONLY_ACCESS, READ_SECRETS])));
    assert_eq!(read(&aws, &both).status, 200);
    assert_eq!(write(&aws, &both).json_code(), "AccessDeniedException");

    let inline = json!({"Statement": {
        "Effect": "Allow",
        "Action": "secretsmanager:PutSecretValue",
        "Resource": "arn:aws:secretsmanager:*:*:secret:app/*",
    }})
    .to_string();
    let mut params = arns(&[READ_SECRETS]);
    params.push(("Policy".to_owned(), inline));
    let mixed = admin_again(&aws, &borrowed(&params));
    assert_eq!(read(&aws, &mixed).status, 200);
    assert_eq!(write(&aws, &mixed).status, 200);
    let users = aws.iam(&mixed, "GetUser", &[("UserName", "ada")]);
    assert_eq!(users.code(), "AccessDenied");

    let deny = json!({"Statement": [
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": "secretsmanager:Get*", "Resource": "*"},
    ]})
    .to_string();
    let denied = admin_again(&aws, &[("Policy", &deny)]);
    let reason = read(&aws, &denied).json_error().2;
    assert!(
        reason.ends_with("with an explicit deny in a session policy"),
        "{reason}"
    );
    assert_eq!(write(&aws, &denied).status, 200);

    let params = arns(&[ADMINISTRATOR]);
    let more = aws
        .assume(&user("bob"), READ_ONLY, &borrowed(&params))
        .keys();
    let reason = write(&aws, &more).json_error().2;
    assert!(
        reason.contains("because no identity-based policy allows"),
        "{reason}"
    );
}

#[test]
fn policies_have_to_exist_and_to_make_sense() {
    let aws = Aws::start();
    let assume = |params: &[(&str, &str)]| aws.assume(&user("bob"), NO_MFA, params);
    for unknown in [
        "arn:aws:iam::aws:policy/NoSuchPolicy",
        "arn:aws-cn:iam::aws:policy/ReadOnlyAccess",
        "arn:aws:iam::444455556666:policy/ReadSecrets",
    ] {
        let answer = assume(&[("PolicyArns.member.1.arn", unknown)]);
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (400, "InvalidParameterValue")
        );
        assert!(message(&answer).contains(unknown));
    }
    for wrong in [
        r#"{"Statement":{"Effect":"Allow","Action":"s3:*"}}"#,
        r#"{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*","Principal":"*"}}"#,
        r#"{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"::1"}}}}"#,
    ] {
        let answer = assume(&[("Policy", wrong)]);
        assert_eq!(answer.code(), "MalformedPolicyDocument");
        assert!(message(&answer).starts_with("Syntax errors in policy."));
    }
    // The journal has what was asked for even so.
    assert_eq!(
        aws.journal()[0]["policy_arns"],
        json!(["arn:aws:iam::aws:policy/NoSuchPolicy"])
    );
}

#[test]
fn read_only_works_in_every_partition() {
    let aws = Aws::start();
    let policy = "arn:aws-us-gov:iam::aws:policy/ReadOnlyAccess";
    let params = [("Name", "grace"), ("PolicyArns.member.1.arn", policy)];
    let answer = aws.sts(&user("grace"), "GetFederationToken", &params);
    assert_eq!(answer.status, 200, "{}", answer.body);
}

#[test]
fn the_console_shows_what_a_session_may_do() {
    let aws = Aws::start();
    let shown = |keys: &Keys| {
        let page = aws.console(keys);
        ["access", "session-policies"].map(|id| page.id(id).unwrap())
    };
    assert_eq!(shown(&admin(&aws, &[])), ["read and write", ""]);
    let read_only = admin_again(&aws, &borrowed(&arns(&[READ_ONLY_ACCESS])));
    assert_eq!(shown(&read_only), ["read-only", READ_ONLY_ACCESS]);
    let nothing = admin_again(&aws, &[("Policy", r#"{"Statement":[]}"#)]);
    assert_eq!(shown(&nothing), ["none", "an inline policy"]);
    let role = aws.assume(&user("bob"), READ_ONLY, &[]).keys();
    assert_eq!(shown(&role), ["read-only", ""]);

    let journal = aws.journal();
    let signed_in: Vec<&Value> = journal
        .iter()
        .filter(|entry| entry["op"] == "GetSigninToken")
        .map(|entry| &entry["policy_arns"])
        .collect();
    assert_eq!(signed_in[1], &json!([READ_ONLY_ACCESS]));
}

fn tag(number: usize, key: &str, value: &str) -> [(String, String); 2] {
    [
        (format!("Tags.member.{number}.Key"), key.to_owned()),
        (format!("Tags.member.{number}.Value"), value.to_owned()),
    ]
}

#[test]
fn a_role_may_want_a_tag_and_a_source_identity() {
    let aws = Aws::start();
    let assume = |team: &str, identity: &str| {
        let tags = tag(1, "team", team);
        let mut params = borrowed(&tags);
        params.push(("SourceIdentity", identity));
        aws.assume(&user("ada"), TAGGED, &params).code()
    };
    assert_eq!(assume("blue", "ada"), "");
    assert_eq!(assume("green", "ada"), "");
    assert_eq!(assume("red", "ada"), "AccessDenied");
    assert_eq!(assume("blue", "bob"), "AccessDenied");
    let neither = aws.assume(&user("ada"), TAGGED, &[]);
    assert_eq!(neither.code(), "AccessDenied");
    let identity = aws.assume(&user("ada"), TAGGED, &[("SourceIdentity", "ada")]);
    assert_eq!(identity.code(), "AccessDenied");
}

#[test]
fn tags_and_source_identity_go_down_a_chain() {
    let aws = Aws::start();
    let mut params: Vec<(String, String)> = tag(1, "Team", "blue").into();
    params.extend(tag(2, "Cost", "42"));
    params.push(("TransitiveTagKeys.member.1".to_owned(), "team".to_owned()));
    params.push(("SourceIdentity".to_owned(), "ada".to_owned()));
    let admin = admin(&aws, &borrowed(&params));
    let more = tag(1, "Cost", "43");
    let chained = aws.assume(&admin, CHAINED, &borrowed(&more)).keys();
    let deeper = aws.assume(&chained, DEEPER, &[]);
    assert_eq!(deeper.text("SourceIdentity").as_deref(), Some("ada"));

    let seen: Vec<Value> = aws
        .journal()
        .iter()
        .filter(|entry| entry["op"] == "AssumeRole")
        .map(|entry| {
            let fields = [
                "source_identity",
                "tags",
                "transitive_tag_keys",
                "session_name",
            ];
            json!(fields.map(|field| entry[field].clone()))
        })
        .collect();
    assert_eq!(
        seen,
        [
            json!(["ada", {"Team": "blue", "Cost": "42"}, ["Team"], "ada"]),
            json!(["ada", {"Team": "blue", "Cost": "43"}, ["Team"], "ada"]),
            json!(["ada", {"Team": "blue"}, ["Team"], "ada"]),
        ]
    );

    for other in ["team", "TEAM"] {
        let conflict = aws.assume(&chained, DEEPER, &borrowed(&tag(1, other, "blue")));
        let message = "One of the specified transitive tag keys can't be set because it conflicts with a \
                       transitive tag key from the calling session.";
        let expected = (400, "InvalidParameterValue".to_owned(), message.to_owned());
        assert_eq!(conflict.error(), expected, "{other}");
    }
    let renamed = aws.assume(&chained, DEEPER, &[("SourceIdentity", "eve")]);
    assert_eq!(
        message(&renamed),
        format!(
            "User: arn:aws:sts::444455556666:assumed-role/Chained/ada is not authorized to perform: \
             sts:SetSourceIdentity on resource: {DEEPER}"
        )
    );
    let same = aws.assume(&chained, DEEPER, &[("SourceIdentity", "ada")]);
    assert_eq!(same.status, 200);
}

#[test]
fn a_source_identity_can_be_set_further_down() {
    let aws = Aws::start();
    let admin = admin(&aws, &[]);
    let chained = aws.assume(&admin, CHAINED, &[("SourceIdentity", "ada")]);
    assert_eq!(chained.text("SourceIdentity").as_deref(), Some("ada"));
    let other = aws.assume(&chained.keys(), DEEPER, &[("SourceIdentity", "eve")]);
    assert_eq!(other.code(), "AccessDenied");
}

#[test]
fn tags_that_cannot_be() {
    let aws = Aws::start();
    let session = aws.mfa_session();
    let refused = |params: &[(String, String)]| {
        let (status, code, message) = aws.assume(&session, ADMIN, &borrowed(params)).error();
        assert_eq!(status, 400);
        (code, message)
    };
    let invalid = |message: &str| ("InvalidParameterValue".to_owned(), message.to_owned());
    let mut twice: Vec<(String, String)> = tag(1, "team", "a").into();
    twice.extend(tag(2, "Team", "b"));
    assert_eq!(
        refused(&twice),
        invalid("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
    );
    let mut missing: Vec<(String, String)> = tag(1, "team", "a").into();
    missing.push(("TransitiveTagKeys.member.1".to_owned(), "cost".to_owned()));
    assert_eq!(
        refused(&missing),
        invalid("The specified transitive tag key must be included in the requested tags.")
    );
    assert_eq!(refused(&tag(1, "aws:x", "a")).0, "InvalidParameterValue");
    let many: Vec<(String, String)> = (1..=51)
        .flat_map(|n| tag(n, &format!("k{n}"), ""))
        .collect();
    let (code, message) = refused(&many);
    assert_eq!(code, "ValidationError");
    assert!(message.contains(
        "at 'tags' failed to satisfy constraint: Member must have length less than or equal to 50"
    ));
    let key = [("TransitiveTagKeys.member.1".to_owned(), "x".repeat(129))];
    assert!(
        refused(&key)
            .1
            .contains("at 'transitiveTagKeys.1.member' failed")
    );
    let letters = refused(&tag(1, "a*b", "c")).1;
    assert!(letters.contains("tags.1.member.key"), "{letters}");
    let half = [("Tags.member.1.Key".to_owned(), "team".to_owned())];
    assert!(
        refused(&half)
            .1
            .contains("Value null at 'tags.1.member.value'")
    );
    let allowed: Vec<(String, String)> = (1..=50)
        .flat_map(|n| tag(n, &format!("k{n}"), ""))
        .collect();
    assert_eq!(aws.assume(&session, ADMIN, &borrowed(&allowed)).status, 200);
}

fn federate(aws: &Aws, params: &[(&str, &str)]) -> Answer {
    let params: Vec<_> = [("Name", "bobby")].iter().chain(params).copied().collect();
    aws.sts(&user("bob"), "GetFederationToken", &params)
}

#[test]
fn a_federated_user_may_do_what_user_and_policy_allow() {
    let aws = Aws::start();
    let may = |params: &[(&str, &str)]| {
        let keys = federate(&aws, params).keys();
        assert_eq!(aws.sts(&keys, "GetCallerIdentity", &[]).status, 200);
        [read(&aws, &keys), write(&aws, &keys)].map(|answer| {
            let code = answer.json_code();
            assert!(code.is_empty() || code == "AccessDeniedException", "{code}");
            code.is_empty()
        })
    };
    let arn = |arn| [("PolicyArns.member.1.arn", arn)];
    let everything = r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    assert_eq!(may(&[]), [false, false]);
    assert_eq!(may(&[("Policy", r#"{"Statement":[]}"#)]), [false, false]);
    assert_eq!(may(&arn(READ_ONLY_ACCESS)), [false, false]);
    assert_eq!(may(&arn(READ_SECRETS)), [true, false]);
    assert_eq!(may(&arn(ADMINISTRATOR)), [true, true]);
    assert_eq!(may(&[("Policy", everything)]), [true, true]);

    let keys = federate(&aws, &arn(ADMINISTRATOR)).keys();
    // Bob may not, so neither may Bobby.
    let locked = json!({"SecretId": "locked/session"});
    let denied = aws.secrets(&keys, "GetSecretValue", &locked).json_error().2;
    assert!(denied.starts_with("User: arn:aws:sts::111122223333:federated-user/bobby"));
    assert!(denied.contains("no identity-based policy"), "{denied}");
    // AWS_RULES 3.3: nothing of STS but GetCallerIdentity, nothing of IAM.
    assert_eq!(aws.assume(&keys, READ_ONLY, &[]).code(), "AccessDenied");
    let users = aws.iam(&keys, "GetUser", &[("UserName", "bob")]);
    assert_eq!(users.code(), "InvalidClientTokenId");
}

#[test]
fn a_federated_user_signs_in_for_as_long_as_the_credentials_last() {
    let aws = Aws::start();
    let params = [
        ("PolicyArns.member.1.arn", READ_ONLY_ACCESS),
        ("DurationSeconds", "129600"),
    ];
    let keys = federate(&aws, &params).keys();
    let page = aws.console(&keys);
    assert_eq!(page.id("role").as_deref(), Some("federated-user/bobby"));
    assert_eq!(page.id("access").as_deref(), Some("read-only"));
    assert_eq!(page.id("time-left").as_deref(), Some("36 h"));
    let nothing = federate(&aws, &[]).keys();
    assert_eq!(aws.console(&nothing).id("access").as_deref(), Some("none"));
}

#[test]
fn who_may_federate() {
    let aws = Aws::start();
    let name = [("Name", "someone")];
    let finn = aws.sts(&user("finn"), "GetFederationToken", &name);
    assert_eq!(
        message(&finn),
        "User: arn:aws:iam::111122223333:user/finn is not authorized to perform: sts:GetFederationToken \
         on resource: arn:aws:sts::111122223333:federated-user/someone \
         with an explicit deny in an identity-based policy"
    );
    for length in [2, 32] {
        let name = "n".repeat(length);
        let answer = aws.sts(&user("bob"), "GetFederationToken", &[("Name", &name)]);
        assert_eq!(answer.status, 200, "{length}");
    }
    for name in ["n", &"n".repeat(33), "no spaces"] {
        let answer = aws.sts(&user("bob"), "GetFederationToken", &[("Name", name)]);
        assert_eq!(answer.code(), "ValidationError", "{name}");
    }
    let root = aws.sts(
        &user("root"),
        "GetFederationToken",
        &[
            ("Name", "someone"),
            ("PolicyArns.member.1.arn", ADMINISTRATOR),
        ],
    );
    assert_eq!(write(&aws, &root.keys()).status, 200);
}

#[test]
fn a_federated_session_is_described() {
    let aws = Aws::start();
    let tags = tag(1, "team", "blue");
    let mut params = borrowed(&tags);
    let inline = r#"{"Statement":[]}"#;
    params.extend([
        ("Policy", inline),
        ("PolicyArns.member.1.arn", READ_SECRETS),
    ]);
    let answer = federate(&aws, &params);
    assert_eq!(answer.text("PackedPolicySize").as_deref(), Some("4"));
    let entry = &aws.journal()[0];
    assert_eq!(entry["op"], "GetFederationToken");
    assert_eq!(entry["session_name"], "bobby");
    assert_eq!(entry["policy_arns"], json!([READ_SECRETS]));
    assert_eq!(entry["policy"], inline);
    assert_eq!(entry["tags"], json!({"team": "blue"}));
}
