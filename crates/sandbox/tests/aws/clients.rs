//! AWS's own clients accept the sandbox's answers, and it accepts their signatures.

use std::process::Command;

use aws_credential_types::Credentials;
use aws_sdk_sts::Client;
use aws_sdk_sts::config::retry::RetryConfig;
use aws_sdk_sts::config::{BehaviorVersion, Region};
use aws_sdk_sts::error::{ProvideErrorMetadata, SdkError};
use serde_json::json;

use crate::support::{ADA_DEVICE, ADMIN, Aws, Keys, python, user};

fn sdk(url: &str, keys: &Keys) -> Client {
    let credentials = Credentials::new(&keys.id, &keys.secret, keys.token.clone(), None, "test");
    let config = aws_sdk_sts::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .retry_config(RetryConfig::disabled())
        .region(Region::new("eu-west-1"))
        .endpoint_url(url)
        .credentials_provider(credentials)
        .build();
    Client::from_conf(config)
}

#[tokio::test]
async fn the_rust_sdk_gets_a_session_and_a_role() {
    let aws = Aws::on_machine_time();
    let before = aws.now().timestamp();
    let ada = sdk(&aws.url(), &user("ada"));
    let identity = ada.get_caller_identity().send().await.unwrap();
    assert_eq!(identity.arn(), Some("arn:aws:iam::111122223333:user/ada"));
    let answer = ada
        .get_session_token()
        .serial_number(ADA_DEVICE)
        .token_code(aws.code(ADA_DEVICE))
        .duration_seconds(900)
        .send()
        .await
        .unwrap();
    let session = answer.credentials().unwrap();
    let expected = before + 900..=aws.now().timestamp() + 900;
    assert!(expected.contains(&session.expiration().secs()));
    let keys = Keys {
        id: session.access_key_id().to_owned(),
        secret: session.secret_access_key().to_owned(),
        token: Some(session.session_token().to_owned()),
    };
    let assume = || {
        sdk(&aws.url(), &keys)
            .assume_role()
            .role_arn(ADMIN)
            .role_session_name("ada")
            .policy(r#"{"Statement":[]}"#)
    };
    let role = assume().send().await.unwrap();
    assert_eq!(
        role.assumed_role_user().map(|user| user.arn()),
        Some("arn:aws:sts::111122223333:assumed-role/Admin/ada")
    );
    let error = assume().duration_seconds(3601).send().await.unwrap_err();
    assert_eq!(error.code(), Some("ValidationError"));
    let message = error.message().unwrap_or_default();
    assert!(message.contains("MaxSessionDuration"), "{message}");
}

#[tokio::test]
async fn the_rust_sdk_fails_where_the_network_does() {
    let aws = Aws::on_machine_time();
    let bob = sdk(&aws.url(), &user("bob"));
    let fails = async |kind: &str| {
        aws.control("faults", &json!([{"op": "*", "kind": kind}]));
        let error = bob.get_caller_identity().send().await.unwrap_err();
        match error {
            SdkError::DispatchFailure(_) => "dispatch",
            SdkError::ResponseError(_) => "response",
            SdkError::ServiceError(_) => "service",
            other => panic!("{kind}: {other:?}"),
        }
    };
    for kind in ["reset", "lost_answer"] {
        assert_eq!(fails(kind).await, "dispatch", "{kind}");
    }
    assert_eq!(fails("reset_mid_body").await, "response");
    assert_eq!(fails("captive_portal").await, "service");
    // The SDK may take the first half of an answer for all of it, and only miss what is not there.
    aws.control("faults", &json!([{"op": "*", "kind": "truncated"}]));
    let half = bob.get_caller_identity().send().await;
    assert!(half.is_err() || half.is_ok_and(|identity| identity.account().is_none()));
    assert!(bob.get_caller_identity().send().await.is_ok());
}

#[test]
fn boto3_does_everything() {
    let aws = Aws::on_machine_time();
    let ada = user("ada");
    let output = Command::new(python())
        .args([
            "-c",
            include_str!("clients.py"),
            &aws.url(),
            &ada.id,
            &ada.secret,
        ])
        .env_clear()
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}");
}
