//! Sessions that are narrowed, tagged, chained or federated: what STS and the services make of what
//! is sent.

use daypass_agent::ports::{AssumeRole, AwsCause, PutSecret, Secrets, Source, Sts};
use daypass_core::{
    field::PolicyArn,
    secret::{Secret, SessionCredentials},
    session::Origin,
};
use serde_json::Value;

use crate::support::{ADMIN, Aws, granted, refused, role, user};

const TAGGED: &str = "arn:aws:iam::111122223333:role/Tagged";
const CHAINED: &str = "arn:aws:iam::444455556666:role/Chained";
const FEDERATED: &str = "arn:aws:sts::111122223333:federated-user/ada";

fn put(secret_id: &str) -> PutSecret {
    PutSecret {
        secret_id: secret_id.to_owned(),
        region: "us-east-1".to_owned(),
        value: Secret::new("{}".to_owned()),
        create: false,
    }
}

async fn admin(aws: &Aws, request: AssumeRole) -> SessionCredentials {
    let source = Source::Session(aws.mfa_session(3_600).await);
    granted(aws.sts().assume_role(source, request).await).credentials
}

#[tokio::test]
async fn a_session_becomes_a_new_version_of_a_secret() {
    let aws = Aws::start();
    let session = admin(&aws, role(ADMIN, 3_600)).await;
    let first = granted(
        aws.secrets()
            .put_secret_value(session.clone(), put("app/session"))
            .await,
    );
    let second = granted(
        aws.secrets()
            .put_secret_value(session.clone(), put("app/session"))
            .await,
    );
    assert_ne!(first, second);
    // One that is not there is made only if a person asked for that.
    let (_, words) = refused(
        aws.secrets()
            .put_secret_value(session.clone(), put("app/new"))
            .await,
    );
    assert!(words.contains("no secret app/new in us-east-1"), "{words}");
    assert!(words.contains("--create"), "{words}");
    let create = PutSecret {
        create: true,
        ..put("app/new")
    };
    granted(aws.secrets().put_secret_value(session, create).await);
    assert_eq!(aws.calls("CreateSecret").len(), 1);
}

#[tokio::test]
async fn a_secret_that_may_not_be_written_is_said_with_what_to_do() {
    let aws = Aws::start();
    let session = admin(&aws, role(ADMIN, 3_600)).await;
    let (cause, words) = refused(
        aws.secrets()
            .put_secret_value(session, put("locked/session"))
            .await,
    );
    assert_eq!(cause, AwsCause::Refused);
    assert!(words.contains("secretsmanager:PutSecretValue"), "{words}");
    assert!(words.contains("--writer"), "{words}");
}

/// "Open read-only" for any role: the session really can't write.
#[tokio::test]
async fn a_read_only_session_of_an_admin_cannot_write() {
    let aws = Aws::start();
    let mut request = role(ADMIN, 3_600);
    request.role = request.role.read_only().unwrap();
    let session = admin(&aws, request).await;
    let (cause, _) = refused(
        aws.secrets()
            .put_secret_value(session, put("app/session"))
            .await,
    );
    assert_eq!(cause, AwsCause::Refused);
    let assumed = aws.entries("AssumeRole").remove(0);
    assert_eq!(
        assumed["policy_arns"][0],
        "arn:aws:iam::aws:policy/ReadOnlyAccess"
    );
}

#[tokio::test]
async fn an_inline_policy_narrows_the_session() {
    let aws = Aws::start();
    let mut request = role(ADMIN, 3_600);
    request.role.policy = Some(
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"secretsmanager:PutSecretValue","Resource":"*"}]}"#
            .to_owned(),
    );
    let session = admin(&aws, request).await;
    granted(
        aws.secrets()
            .put_secret_value(session.clone(), put("app/session"))
            .await,
    );
    let create = PutSecret {
        create: true,
        ..put("app/other")
    };
    refused(aws.secrets().put_secret_value(session, create).await);
}

#[tokio::test]
async fn tags_and_source_identity_are_sent_as_they_are_configured() {
    let aws = Aws::start();
    let mut request = role(TAGGED, 3_600);
    let from = Source::Session(aws.mfa_session(3_600).await);
    let (_, words) = refused(aws.sts().assume_role(from.clone(), request.clone()).await);
    assert!(words.contains("not authorized"), "{words}");
    request
        .role
        .tags
        .insert("team".to_owned(), "blue".to_owned());
    request.role.transitive_tags = vec!["team".to_owned()];
    request.role.source_identity = Some("ada".parse().unwrap());
    granted(aws.sts().assume_role(from, request).await);
    let assumed = aws.entries("AssumeRole").pop().unwrap();
    assert_eq!(assumed["tags"]["team"], "blue");
    assert_eq!(assumed["transitive_tag_keys"][0], "team");
    assert_eq!(assumed["source_identity"], "ada");
}

#[tokio::test]
async fn a_role_is_reached_through_another_one() {
    let aws = Aws::start();
    let first = admin(&aws, role(ADMIN, 3_600)).await;
    let chained = aws
        .sts()
        .assume_role(Source::Session(first), role(CHAINED, 3_600))
        .await;
    let chained = granted(chained);
    assert_eq!(chained.origin, Origin::Temporary);
    assert_eq!(
        aws.entries("AssumeRole").pop().unwrap()["role_arn"],
        CHAINED
    );
}

/// AWS_RULES 3.3: without a policy a federated user may do nothing, with one what both allow.
#[tokio::test]
async fn a_federated_user_is_the_user_cut_down_by_a_policy() {
    let aws = Aws::start();
    let mut request = role(FEDERATED, 7_200);
    request.role.policy_arns =
        vec![PolicyArn::parse("arn:aws:iam::111122223333:policy/AppSecrets").unwrap()];
    let source = Source::Key(user("bob"), None);
    let assumed = granted(aws.sts().assume_role(source, request).await);
    assert_eq!(
        assumed.origin,
        Origin::Temporary,
        "its console takes no duration"
    );
    let call: Value = aws.entries("GetFederationToken").remove(0);
    assert_eq!(call["duration"], 7_200);
    granted(
        aws.secrets()
            .put_secret_value(assumed.credentials, put("app/session"))
            .await,
    );
}
