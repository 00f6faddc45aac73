//! A user's own access keys in IAM.

use daypass_agent::ports::{AwsCause, Iam, Source, Sts};
use daypass_core::partition::Partition;

use crate::support::{Aws, granted, mfa_session_of, refused, user};

/// T24's calls, in its order, by a user whose policy wants a code for them.
#[tokio::test]
async fn t24_a_key_is_made_used_and_the_old_one_deleted_with_an_mfa_session() {
    let aws = Aws::start();
    let iam = aws.iam();
    let bare = Source::Key(user("finn"), None);
    let (cause, words) = refused(iam.list_access_keys(bare, Partition::Aws).await);
    assert_eq!(cause, AwsCause::Denied);
    assert!(words.contains("iam:ListAccessKeys"), "{words}");

    let mfa_session = mfa_session_of(&aws, "finn").await;
    let session = Source::Session(mfa_session);
    let keys = granted(iam.list_access_keys(session.clone(), Partition::Aws).await);
    assert_eq!(keys.len(), 1);
    let (new, created_at) = granted(iam.create_access_key(session.clone(), Partition::Aws).await);
    assert_eq!(
        created_at.map(|at| at.timestamp()),
        Some(aws.now().timestamp())
    );
    granted(
        aws.sts()
            .get_caller_identity(new.clone(), Partition::Aws)
            .await,
    );
    let (_, words) = refused(iam.create_access_key(session.clone(), Partition::Aws).await);
    assert!(words.contains("AccessKeysPerUser"), "{words}");

    let old = user("finn").id;
    granted(
        iam.deactivate_access_key(session.clone(), Partition::Aws, old.clone())
            .await,
    );
    refused(
        aws.sts()
            .get_caller_identity(user("finn"), Partition::Aws)
            .await,
    );
    for _ in 0..2 {
        // A second time, as after an interruption.
        granted(
            iam.delete_access_key(session.clone(), Partition::Aws, old.clone())
                .await,
        );
    }
    let keys = granted(iam.list_access_keys(session, Partition::Aws).await);
    assert_eq!(keys[0].id, new.id.as_str());
}

#[tokio::test]
async fn the_age_of_a_key_is_told() {
    let aws = Aws::start();
    let keys = aws
        .iam()
        .list_access_keys(Source::Key(user("erin"), None), Partition::Aws)
        .await;
    let created_at = granted(keys)[0].created_at.unwrap();
    assert_eq!((aws.now() - created_at).num_days(), 400);
}
