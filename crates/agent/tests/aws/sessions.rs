//! The two ways to a role, and AWS's refusals in words.

use chrono::TimeDelta;
use daypass_agent::ports::{AwsCause, Source, Sts};
use daypass_core::session::Origin;
use serde_json::json;

use crate::support::{
    ADA_DEVICE, ADMIN, Aws, CLEO_DEVICE, DEPLOY, LOCKED, NO_MFA, READ_ONLY, get_session_token,
    granted, key, refused, role, user, whoami,
};

#[tokio::test]
async fn a_code_buys_an_mfa_session_of_the_length_asked_for() {
    let aws = Aws::start();
    let session = aws.mfa_session(43_200).await;
    assert!(session.access_key_id.starts_with("ASIA"));
    assert_eq!(session.expires_at, aws.now() + TimeDelta::hours(12));
    let journal = aws.journal();
    assert_eq!(journal.len(), 1);
    assert_eq!(journal[0]["op"], "GetSessionToken");
    assert_eq!(journal[0]["serial"], ADA_DEVICE);
    assert_eq!(journal[0]["duration"], 43_200);
}

/// AWS_RULES 3.2: what is made from an MFA session is chained.
#[tokio::test]
async fn a_daily_role_session_counts_as_made_from_temporary_credentials() {
    let aws = Aws::start();
    let session = aws.mfa_session(43_200).await;
    let source = Source::Session(session.clone());
    let assumed = granted(aws.sts().assume_role(source, role(ADMIN, 3_600)).await);
    assert_eq!(assumed.origin, Origin::Temporary);
    assert_ne!(assumed.credentials.access_key_id, session.access_key_id);
    assert_eq!(
        assumed.credentials.expires_at,
        aws.now() + TimeDelta::hours(1)
    );
    let entry = &aws.journal()[1];
    assert_eq!(entry["op"], "AssumeRole");
    assert_eq!(entry["access_key_id"], session.access_key_id.as_str());
    assert_eq!(entry["session_name"], "ada");
    assert!(entry["serial"].is_null(), "a second code was sent");
}

#[tokio::test]
async fn a_long_role_session_counts_as_made_from_the_key() {
    let aws = Aws::start();
    let source = Source::Key(user("ada"), Some(aws.code(ADA_DEVICE)));
    let assumed = granted(aws.sts().assume_role(source, role(ADMIN, 14_400)).await);
    assert_eq!(assumed.origin, Origin::LongTermKey);
    assert_eq!(
        assumed.credentials.expires_at,
        aws.now() + TimeDelta::hours(4)
    );
    assert_eq!(aws.journal()[0]["serial"], ADA_DEVICE);
}

#[tokio::test]
async fn a_user_without_a_device_needs_no_code() {
    let aws = Aws::start();
    let source = Source::Key(user("bob"), None);
    let assumed = granted(aws.sts().assume_role(source, role(NO_MFA, 43_200)).await);
    assert_eq!(assumed.origin, Origin::LongTermKey);
    assert_eq!(
        assumed.credentials.expires_at,
        aws.now() + TimeDelta::hours(12)
    );
}

#[tokio::test]
async fn the_external_id_is_sent_as_it_is_configured() {
    let aws = Aws::start();
    let session = aws.mfa_session(3_600).await;
    for (external_id, is_right) in [
        (Some("deploy-2026"), true),
        (Some("deploy-2025"), false),
        (None, false),
    ] {
        let mut request = role(DEPLOY, 3_600);
        request.role.external_id = external_id.map(|id| id.parse().unwrap());
        let source = Source::Session(session.clone());
        let result = aws.sts().assume_role(source, request).await;
        if is_right {
            granted(result);
        } else {
            let (cause, words) = refused(result);
            assert_eq!(cause, AwsCause::Denied);
            assert!(words.contains("not authorized"), "{words}");
            assert!(words.contains("external id"), "{words}");
        }
    }
}

#[tokio::test]
async fn a_role_that_trusts_somebody_else_says_who_asked_for_what() {
    let aws = Aws::start();
    let source = Source::Session(aws.mfa_session(3_600).await);
    let (cause, words) = refused(aws.sts().assume_role(source, role(LOCKED, 3_600)).await);
    assert_eq!(cause, AwsCause::Denied);
    for part in ["user/ada", "sts:AssumeRole", LOCKED, "trust policy"] {
        assert!(words.contains(part), "{part} is not in {words}");
    }
    // Not retried: nothing would change.
    assert_eq!(aws.calls("AssumeRole").len(), 1);
}

/// AWS_RULES 3.2: from the key the role's own maximum counts, from a session an hour.
#[tokio::test]
async fn a_session_longer_than_allowed_is_said_to_be_too_long() {
    let aws = Aws::start();
    let session = aws.mfa_session(43_200).await;
    for (source, arn, seconds) in [
        (Source::Key(user("bob"), None), READ_ONLY, 3_601),
        (Source::Session(session), ADMIN, 7_200),
    ] {
        let (cause, words) = refused(aws.sts().assume_role(source, role(arn, seconds)).await);
        assert_eq!(cause, AwsCause::TooLong);
        assert!(
            words.contains("does not allow a session that long"),
            "{seconds} s of {arn}: {words}"
        );
    }
}

#[tokio::test]
async fn a_wrong_secret_is_told_from_an_unknown_key() {
    let aws = Aws::start();
    let wrong_secret = key(user("ada").id.as_str(), &"x".repeat(40));
    let unknown = key("AKIAUNKNOWN000000000", &"x".repeat(40));
    for (key, part) in [
        (wrong_secret, "secret access key does not belong"),
        (unknown, "does not know this access key"),
        (user("dora"), "it is inactive"),
    ] {
        let mfa = aws.code(ADA_DEVICE);
        let session = get_session_token(&aws.sts(), key.clone(), mfa, 3_600).await;
        let source = Source::Key(key.clone(), None);
        let assumed = aws.sts().assume_role(source, role(READ_ONLY, 3_600)).await;
        for (cause, words) in [
            refused(session),
            refused(assumed),
            refused(whoami(&aws.sts(), key).await),
        ] {
            assert_eq!(cause, AwsCause::Refused);
            assert!(words.contains(part), "{words}");
        }
    }
    // A mistake that stays one is made once per call.
    assert_eq!(aws.journal().len(), 9);
}

#[tokio::test]
async fn whose_key_it_is_comes_as_an_arn() {
    let aws = Aws::start();
    let arn = granted(whoami(&aws.sts(), user("ada")).await);
    assert_eq!(arn, "arn:aws:iam::111122223333:user/ada");
}

/// By then the clocks differ by more than AWS allows, too; the SDK gets past that.
#[tokio::test]
async fn an_mfa_session_that_has_ended_is_said_to_have_ended() {
    let aws = Aws::start();
    let session = aws.mfa_session(900).await;
    aws.advance(901);
    let source = Source::Session(session);
    let (cause, words) = refused(aws.sts().assume_role(source, role(ADMIN, 900)).await);
    assert_eq!(cause, AwsCause::SessionEnded);
    assert!(words.contains("has ended"), "{words}");
}

#[tokio::test]
async fn a_revoked_mfa_session_is_refused() {
    let aws = Aws::start();
    let session = aws.mfa_session(3_600).await;
    aws.post("revoke", &json!({ "access_key_id": session.access_key_id }));
    let source = Source::Session(session);
    let (cause, _) = refused(aws.sts().assume_role(source, role(ADMIN, 900)).await);
    assert_eq!(cause, AwsCause::Refused);
    assert_eq!(
        aws.calls("AssumeRole"),
        [Some("InvalidClientTokenId".to_owned())]
    );
}

#[tokio::test]
async fn somebody_elses_device_and_one_that_is_not_there_are_unknown() {
    let aws = Aws::start();
    let nobodys = "arn:aws:iam::111122223333:mfa/nobody";
    for serial in [CLEO_DEVICE, nobodys] {
        let mut mfa = aws.code(CLEO_DEVICE);
        mfa.serial = serial.to_owned().try_into().unwrap();
        let result = get_session_token(&aws.sts(), user("ada"), mfa, 3_600).await;
        let (cause, words) = refused(result);
        assert_eq!(cause, AwsCause::Denied);
        assert!(
            words.contains("does not know this MFA device for this user"),
            "{words}"
        );
    }
}
