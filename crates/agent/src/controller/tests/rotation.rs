//! T24: replacing a key never leaves the vault without one that works.

use daypass_core::secret::AccessKey;

use super::*;
use crate::ports::{Rotation, VaultItem};

const OLD: &str = "AKIAIOSFODNN7EXAMPLE";

fn rotate() -> Request {
    Request::RotateKey {
        identity: name("work"),
        asking: Asking::Popup,
    }
}

async fn desk() -> Desk {
    let desk = Desk::with_role(SessionKind::Daily).await;
    desk.world().iam_keys = vec![OLD.to_owned()];
    desk
}

fn stored(desk: &Desk) -> VaultItem {
    desk.world().vault[&name("work")].clone()
}

#[tokio::test]
async fn t24_a_key_is_replaced_with_the_mfa_session() {
    let mut desk = desk().await;
    let rotated = desk.ask(rotate());
    desk.until(|view| view.prompt.is_some()).await;
    desk.code("123456").await;
    let Response::KeyRotated { access_key_id } = rotated.await.unwrap() else {
        panic!("the key was not replaced");
    };
    assert_eq!(
        desk.world().iam_calls,
        [
            "ListAccessKeys with session",
            "CreateAccessKey with session",
            "ListAccessKeys with session",
            "Deactivate AKIAIOSFODNN7EXAMPLE with session",
            "Delete AKIAIOSFODNN7EXAMPLE with session"
        ]
    );
    let item = stored(&desk);
    assert_eq!(item.key.id.as_str(), access_key_id);
    assert!(item.rotation.is_none());
    desk.ask(Request::Status).await.unwrap();
    let identity = &desk.view().identities[0];
    assert_eq!(
        identity.access_key_id.as_deref(),
        Some(access_key_id.as_str())
    );
    assert_eq!(identity.key_created_at, Some(desk.now()));
    assert!(!identity.rotating);
}

/// T24: whichever call fails, the vault has a key that AWS takes, and the next try finishes.
#[tokio::test]
async fn t24_an_interrupted_rotation_keeps_a_usable_key_and_goes_on() {
    for step in 1..=5 {
        let mut desk = desk().await;
        desk.code("123456").await;
        desk.world().iam_fails_at = Some(step);
        let first = desk.ask(rotate()).await.unwrap();
        // The third only asks for the key's age.
        assert_eq!(
            matches!(first, Response::Failed(_)),
            step != 3,
            "step {step}"
        );
        let item = stored(&desk);
        let known = desk.world().iam_keys.clone();
        assert!(
            known.contains(&item.key.id.as_str().to_owned()),
            "step {step}: the key in use is gone from IAM"
        );
        if step == 3 {
            continue;
        }
        desk.code("654321").await;
        let again = desk.ask(rotate()).await.unwrap();
        assert!(matches!(again, Response::KeyRotated { .. }), "step {step}");
        let item = stored(&desk);
        assert_ne!(item.key.id.as_str(), OLD);
        assert!(item.rotation.is_none());
        assert_eq!(desk.world().iam_keys, [item.key.id.as_str()]);
    }
}

/// T24: IAM forgets nothing, but takes its time to tell every part of AWS.
#[tokio::test]
async fn t24_a_new_key_is_tried_until_aws_knows_it() {
    let mut desk = desk().await;
    desk.code("123456").await;
    desk.world().unknown_for = 3;
    let rotated = desk.ask(rotate()).await.unwrap();
    assert!(matches!(rotated, Response::KeyRotated { .. }));
    // One that stays unknown is kept beside the old one.
    let mut desk = self::desk().await;
    desk.code("123456").await;
    desk.world().unknown_for = usize::MAX;
    let failed = desk.ask(rotate()).await.unwrap();
    assert!(matches!(failed, Response::Failed(problem) if problem.todo.contains("both keys")));
    let item = stored(&desk);
    assert_eq!(item.key.id.as_str(), OLD);
    assert!(matches!(item.rotation, Some(Rotation::Created(_))));
}

/// T24: a key that the vault does not take is deleted again.
#[tokio::test]
async fn t24_a_key_that_cannot_be_kept_does_not_stay() {
    let mut desk = desk().await;
    desk.code("123456").await;
    desk.world().refuse_writes = true;
    assert!(matches!(
        desk.ask(rotate()).await.unwrap(),
        Response::Failed(_)
    ));
    assert_eq!(desk.world().iam_keys, [OLD]);
    assert_eq!(stored(&desk).key.id.as_str(), OLD);
}

#[tokio::test]
async fn a_second_key_that_daypass_does_not_know_is_left_alone() {
    let mut desk = desk().await;
    desk.code("123456").await;
    desk.world()
        .iam_keys
        .push("AKIASOMEBODYELSES000".to_owned());
    let Response::Failed(problem) = desk.ask(rotate()).await.unwrap() else {
        panic!("AWS allows two keys");
    };
    assert!(problem.what.contains("AKIASOMEBODYELSES000"), "{problem}");
    assert_eq!(desk.world().iam_calls.len(), 1);
}

#[tokio::test]
async fn the_age_of_a_key_is_asked_once_and_kept() {
    let mut item = item(&[SERIAL]);
    item.created_at = None;
    let mut desk = Desk::start(&config(SessionKind::Daily), Some(item)).await;
    desk.world().iam_keys = vec![OLD.to_owned()];
    desk.code("123456").await;
    desk.until(|view| view.identities[0].key_created_at.is_some())
        .await;
    desk.code("654321").await;
    assert_eq!(desk.world().iam_calls, ["ListAccessKeys with session"]);
}

#[test]
fn both_keys_survive_the_vaults_form() {
    let other = AccessKey::parse("AKIAOTHERKEY00000001", Secret::new(SECRET.to_owned())).unwrap();
    for created in [true, false] {
        let mut item = item(&[SERIAL]);
        item.rotation = Some(if created {
            Rotation::Created(other.clone())
        } else {
            Rotation::Replaced(other.clone())
        });
        let read = crate::vault::round_trip(&item);
        match read.rotation {
            Some(Rotation::Created(key)) => assert!(created && key.id == other.id),
            Some(Rotation::Replaced(key)) => assert!(!created && key.id == other.id),
            None => panic!("the other key is lost"),
        }
    }
}

/// T24: the vault of a namesake is not written to.
#[tokio::test]
async fn t24_an_identity_is_not_removed_while_its_key_is_replaced() {
    let mut desk = desk().await;
    desk.code("123456").await;
    let gate = desk.hold_caller_identity();
    let rotated = desk.ask(rotate());
    desk.until(|view| view.identities[0].rotating).await;
    desk.ask(Request::RemoveRole { name: name("prod") })
        .await
        .unwrap();
    let refused = desk
        .ask(Request::RemoveIdentity { name: name("work") })
        .await
        .unwrap();
    assert!(matches!(refused, Response::Failed(problem) if problem.what.contains("replaced")));
    gate.send(()).unwrap();
    assert!(matches!(
        rotated.await.unwrap(),
        Response::KeyRotated { .. }
    ));
}

/// A person who gave up does not get a new key with the next morning's code.
#[tokio::test]
async fn an_abandoned_rotation_does_not_start_later() {
    let mut desk = desk().await;
    let rotated = desk.ask(rotate());
    desk.until(|view| view.prompt.is_some()).await;
    drop(rotated);
    desk.code("123456").await;
    assert!(!desk.view().identities[0].rotating);
    assert_eq!(stored(&desk).key.id.as_str(), OLD);
    assert!(
        !desk
            .world()
            .iam_calls
            .iter()
            .any(|call| call.contains("Create"))
    );
}

/// A second key that somebody deleted by hand does not hold up the next rotation for ever.
#[tokio::test]
async fn t24_a_new_key_that_is_gone_is_made_anew() {
    let mut desk = desk().await;
    desk.code("123456").await;
    desk.world().unknown_for = usize::MAX;
    desk.ask(rotate()).await.unwrap();
    assert!(stored(&desk).rotation.is_some());
    desk.world().unknown_for = 0;
    desk.world().iam_keys = vec![OLD.to_owned()];
    desk.code("654321").await;
    assert!(matches!(
        desk.ask(rotate()).await.unwrap(),
        Response::KeyRotated { .. }
    ));
    assert_ne!(stored(&desk).key.id.as_str(), OLD);
}
