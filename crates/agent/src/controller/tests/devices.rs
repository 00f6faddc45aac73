//! Other MFA devices for a key that stays.

use super::*;

const PHONE: &str = "arn:aws:iam::111122223333:mfa/new-phone";

fn set(serials: &[&str]) -> Request {
    Request::SetDevices {
        identity: name("work"),
        serials: serials.iter().map(|&serial| serial.to_owned()).collect(),
    }
}

async fn done(desk: &Desk, serials: &[&str]) {
    let answer = desk.ask(set(serials)).await.unwrap();
    assert!(matches!(answer, Response::Done));
}

#[tokio::test]
async fn a_new_phone_is_asked_for_its_code_and_the_key_stays() {
    let mut desk = Desk::with_role(SessionKind::Daily).await;
    let key = desk.world().vault[&name("work")].key.id.clone();
    done(&desk, &[PHONE]).await;
    let stored = desk.world().vault[&name("work")].clone();
    assert_eq!(stored.key.id, key);
    assert_eq!(stored.mfa_serials[0].as_str(), PHONE);

    let caller = desk.ask(credentials());
    let view = desk.until(|view| view.prompt.is_some()).await;
    assert_eq!(view.prompt.unwrap().devices[0].serial, PHONE);
    desk.code("123456").await;
    served(caller.await.unwrap());
}

#[tokio::test]
async fn a_key_without_a_device_can_be_given_one() {
    let mut desk = Desk::with_role(SessionKind::Daily).await;
    done(&desk, &[]).await;
    let view = desk
        .until(|view| view.identities[0].mfa_serials.is_empty())
        .await;
    assert!(view.identities[0].mfa.is_none());
    done(&desk, &[PHONE]).await;
    let view = desk.until(|view| view.identities[0].mfa.is_some()).await;
    assert_eq!(view.identities[0].mfa_serials, [PHONE]);
}

#[tokio::test]
async fn devices_that_cannot_be_right_change_nothing() {
    let desk = Desk::with_role(SessionKind::Daily).await;
    let before = desk.world().vault[&name("work")].mfa_serials.clone();
    for bad in [
        &["arn:aws:iam::111122223333:user/ada"] as &[&str],
        &["arn:aws:iam::999900001111:mfa/ada"],
        &[PHONE, PHONE],
        &["short"],
        &[
            PHONE,
            "GAHT00000001",
            "GAHT00000002",
            "GAHT00000003",
            "GAHT00000004",
            "GAHT00000005",
            "GAHT00000006",
            "GAHT00000007",
            "GAHT00000008",
        ],
    ] {
        let answer = desk.ask(set(bad)).await.unwrap();
        assert!(
            matches!(answer, Response::Failed(why) if why.code == Code::Usage),
            "{bad:?}"
        );
    }
    assert_eq!(desk.world().vault[&name("work")].mfa_serials, before);
}

/// A session that waited for a code is got with the key alone.
#[tokio::test]
async fn without_devices_nobody_waits_for_a_code_any_longer() {
    let mut desk = Desk::with_role(SessionKind::Daily).await;
    let caller = desk.ask(credentials());
    desk.until(|view| view.prompt.is_some()).await;
    done(&desk, &[]).await;
    served(caller.await.unwrap());
    assert!(desk.view().prompt.is_none());
    assert_eq!(desk.world().sts, ["AssumeRole key - ada 3600s"]);
}

/// Devices that a locked keychain hides are not replaced unseen.
#[tokio::test]
async fn devices_that_are_not_known_stay() {
    let desk = Desk::with_role(SessionKind::Daily).await;
    let locked = desk
        .restart_after(|desk| desk.world().vault_error = Some(VaultError::Locked))
        .await;
    let answer = locked.ask(set(&[PHONE])).await.unwrap();
    assert!(matches!(answer, Response::Failed(why) if why.code == Code::Keychain));
    let stored = locked.world().vault[&name("work")].clone();
    assert_eq!(stored.mfa_serials[0].as_str(), SERIAL);
}
