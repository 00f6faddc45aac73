//! Sessions across restarts, and locking.

use std::path::PathBuf;

use super::*;
use crate::{
    clock::Trust,
    controller::Signal,
    ports::Topic,
    session_file::{self, tests::of_a_newer_version},
};

fn path(desk: &Desk) -> PathBuf {
    desk.folder().join("state/sessions.sealed")
}

/// How many MFA and role sessions are in the file now.
fn kept(desk: &Desk) -> (usize, usize) {
    let opened = || {
        let key = desk.world().data_key.clone()?;
        session_file::open(&std::fs::read(path(desk)).ok()?, &key).ok()
    };
    opened().map_or((0, 0), |kept| {
        let mfa = kept.identities.iter().filter(|kept| kept.mfa.is_some());
        (mfa.count(), kept.roles.len())
    })
}

/// Lets time pass until the file holds that many sessions.
async fn until_kept(desk: &Desk, sessions: (usize, usize)) {
    for _ in 0..1_000 {
        desk.ask(Request::Status).await.unwrap();
        if kept(desk) == sessions {
            return;
        }
        desk.pass(TimeDelta::seconds(1));
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    panic!("{:?} are kept, not {sessions:?}", kept(desk));
}

async fn warm(kind: SessionKind) -> (Desk, String) {
    let desk = Desk::with_role(kind).await;
    let caller = desk.ask(credentials());
    let mut desk = desk;
    desk.until(|view| view.prompt.is_some()).await;
    desk.code("123456").await;
    let id = served(caller.await.unwrap()).access_key_id;
    (desk, id)
}

/// Whether a program that asks now is served without a person; else a code is wanted.
async fn is_served(desk: &mut Desk) -> bool {
    let caller = desk.ask(credentials());
    tokio::select! {
        answer = caller => {
            served(answer.unwrap());
            true
        }
        _ = desk.until(|view| view.prompt.is_some()) => false,
    }
}

/// R17: neither a restart nor a crash costs a code, a call or a look into the keychain that the
/// start does not need anyway.
#[tokio::test]
async fn r17_sessions_survive_a_restart_and_a_crash() {
    for kind in [SessionKind::Daily, SessionKind::Long] {
        let (desk, id) = warm(kind).await;
        let mfa = usize::from(kind == SessionKind::Daily);
        let desk = desk.restart().await;
        let calls = desk.world().sts.len();
        let again = served(desk.ask(credentials()).await.unwrap());
        assert_eq!(again.access_key_id, id);
        until_kept(&desk, (mfa, 1)).await;
        let desk = desk.crash().await;
        let again = served(desk.ask(credentials()).await.unwrap());
        assert_eq!(again.access_key_id, id);
        assert_eq!(desk.world().sts.len(), calls);
        assert_eq!(desk.world().popups, 1, "only for the first code");
        assert!(desk.view().notices.is_empty());
    }
}

/// The MFA session alone spares the code when the role's session has ended.
#[tokio::test]
async fn r17_a_role_is_renewed_from_the_mfa_session_from_before() {
    let (desk, id) = warm(SessionKind::Daily).await;
    let desk = desk.restart().await;
    desk.pass(TimeDelta::hours(2));
    let desk = desk.restart().await;
    let again = served(desk.ask(credentials()).await.unwrap());
    assert_ne!(again.access_key_id, id);
    let calls = desk.world().sts.clone();
    assert_eq!(calls.last().unwrap(), "AssumeRole session ada 3600s");
    assert_eq!(desk.world().popups, 1);
}

type Change = fn(&Desk);

/// A session is given back to the same role and the same key, while it lasts.
#[tokio::test]
async fn r17_what_is_not_as_it_was_gets_nothing() {
    let other_key: Change = |desk| {
        let mut item = item(&[SERIAL]);
        let secret = Secret::new(SECRET.to_owned());
        item.key = daypass_core::secret::AccessKey::parse("AKIAI44QH8DHBEXAMPLE", secret).unwrap();
        desk.world().vault.insert(name("work"), item);
    };
    let another_role: Change = |desk| {
        let text = config(SessionKind::Long).replace("role/Admin", "role/Other");
        std::fs::write(desk.folder().join("config.toml"), text).unwrap();
    };
    let another_identity: Change = |desk| {
        let text = config(SessionKind::Long).replace("\"work\"", "\"home\"");
        desk.world().vault.insert(name("home"), item(&[SERIAL]));
        std::fs::write(desk.folder().join("config.toml"), text).unwrap();
    };
    let later: Change = |desk| desk.pass(TimeDelta::minutes(60));
    let as_before: Change = |_| {};
    let changes = [
        (as_before, true),
        (other_key, false),
        (another_role, false),
        (another_identity, false),
        (later, false),
    ];
    for (index, (change, expected)) in changes.into_iter().enumerate() {
        let (desk, _) = warm(SessionKind::Long).await;
        until_kept(&desk, (0, 1)).await;
        change(&desk);
        let mut desk = desk.crash().await;
        assert_eq!(is_served(&mut desk).await, expected, "change {index}");
    }
}

/// A mistake in the config file is no reason to forget what it said.
#[tokio::test]
async fn r17_a_mistake_in_the_config_file_costs_nothing() {
    let (desk, id) = warm(SessionKind::Long).await;
    let write = |desk: &Desk, text: String| std::fs::write(desk.folder().join("config.toml"), text);
    let mut desk = desk
        .restart_after(|desk| write(desk, "version = ".to_owned()).unwrap())
        .await;
    desk.until(|view| !view.notices.is_empty()).await;
    let desk = desk
        .restart_after(|desk| write(desk, config(SessionKind::Long)).unwrap())
        .await;
    let again = served(desk.ask(credentials()).await.unwrap());
    assert_eq!(again.access_key_id, id);
}

/// An identity that is removed leaves nothing on disk.
#[tokio::test]
async fn r17_what_is_removed_is_not_kept() {
    let (desk, _) = warm(SessionKind::Daily).await;
    until_kept(&desk, (1, 1)).await;
    let done = |response| assert!(matches!(response, Response::Done));
    done(
        desk.ask(Request::RemoveRole { name: name("prod") })
            .await
            .unwrap(),
    );
    until_kept(&desk, (1, 0)).await;
    done(
        desk.ask(Request::RemoveIdentity { name: name("work") })
            .await
            .unwrap(),
    );
    until_kept(&desk, (0, 0)).await;
    assert!(!path(&desk).exists());
}

/// R17: cut off anywhere or changed anywhere, the file is put aside, said so, and costs a code.
#[tokio::test]
async fn r17_a_damaged_file_costs_at_most_a_code() {
    let (desk, _) = warm(SessionKind::Long).await;
    let mut desk = desk.restart().await;
    until_kept(&desk, (0, 1)).await;
    let good = std::fs::read(path(&desk)).unwrap();
    let cut = (0..good.len()).map(|length| good[..length].to_vec());
    let flipped = (0..good.len()).map(|place| {
        let mut bytes = good.clone();
        bytes[place] ^= 0x10;
        bytes
    });
    for (index, damaged) in cut.chain(flipped).enumerate() {
        let damage = |desk: &Desk| std::fs::write(path(desk), &damaged).unwrap();
        desk = desk.restart_after(damage).await;
        let view = desk.until(|view| !view.notices.is_empty()).await;
        let told = &view.notices[0].problem;
        assert!(told.what.contains("damaged"), "{index}: {told}");
        assert_eq!(view.roles[0].session.state, SessionState::None, "{index}");
    }
    let aside = std::fs::read_dir(path(&desk).parent().unwrap()).unwrap();
    let aside = aside.filter(|entry| {
        let name = entry.as_ref().unwrap().file_name();
        name.to_string_lossy().contains(".corrupt-")
    });
    assert_eq!(aside.count(), 3);
    assert!(!is_served(&mut desk).await);
    desk.pass(TimeDelta::seconds(30));
    desk.code("654321").await;
    assert!(is_served(&mut desk).await);
    until_kept(&desk, (0, 1)).await;
}

/// R17: of a key that is another one, as after a keychain was made anew.
#[tokio::test]
async fn r17_a_foreign_file_costs_at_most_a_code() {
    let (desk, _) = warm(SessionKind::Long).await;
    until_kept(&desk, (0, 1)).await;
    desk.world().data_key = None;
    let mut desk = desk.crash().await;
    desk.until(|view| !view.notices.is_empty()).await;
    assert!(!is_served(&mut desk).await);
}

/// R17, R16: what a newer Daypass wrote is neither read nor replaced.
#[tokio::test]
async fn r17_a_newer_file_is_left_alone() {
    let (desk, _) = warm(SessionKind::Daily).await;
    until_kept(&desk, (1, 1)).await;
    let update = |desk: &Desk| std::fs::write(path(desk), of_a_newer_version()).unwrap();
    let mut desk = desk.restart_after(update).await;
    let view = desk.until(|view| !view.notices.is_empty()).await;
    assert!(view.notices[0].problem.what.contains("newer"));
    desk.pass(TimeDelta::seconds(30));
    desk.code("654321").await;
    assert!(is_served(&mut desk).await);
    let desk = desk.restart().await;
    assert_eq!(std::fs::read(path(&desk)).unwrap(), of_a_newer_version());
}

/// A keychain that is locked at the start gives the sessions back when it is unlocked; whoever
/// waited is served, and nobody is asked any longer.
#[tokio::test]
async fn r17_r9_an_unlocked_keychain_gives_sessions_back() {
    let (desk, id) = warm(SessionKind::Daily).await;
    until_kept(&desk, (1, 1)).await;
    desk.world().data_key_error = Some(VaultError::Locked);
    let mut desk = desk.crash().await;
    desk.until(|view| view.vault == VaultView::Locked).await;
    let caller = desk.ask(credentials());
    desk.until(|view| view.prompt.is_some()).await;
    desk.world().data_key_error = None;
    desk.ask(Request::UnlockVault).await.unwrap();
    assert_eq!(served(caller.await.unwrap()).access_key_id, id);
    desk.until(|view| view.prompt.is_none()).await;
}

/// What came meanwhile is newer than the file.
#[tokio::test]
async fn r17_memory_is_not_replaced_by_what_is_older() {
    let (desk, id) = warm(SessionKind::Daily).await;
    until_kept(&desk, (1, 1)).await;
    desk.world().data_key_error = Some(VaultError::Locked);
    let mut desk = desk.crash().await;
    desk.until(|view| view.vault == VaultView::Locked).await;
    desk.pass(TimeDelta::minutes(1));
    desk.code("654321").await;
    let newer = served(desk.ask(credentials()).await.unwrap()).access_key_id;
    assert_ne!(newer, id);
    desk.world().data_key_error = None;
    desk.ask(Request::UnlockVault).await.unwrap();
    desk.until(|view| view.vault == VaultView::Ready).await;
    until_kept(&desk, (1, 1)).await;
    let now = served(desk.ask(credentials()).await.unwrap()).access_key_id;
    assert_eq!(now, newer);
    let desk = desk.restart().await;
    let now = served(desk.ask(credentials()).await.unwrap()).access_key_id;
    assert_eq!(now, newer);
}

/// P4: a restart does not make a used code a new one.
#[tokio::test]
async fn p4_a_code_from_before_a_restart_is_not_sent_again() {
    let mut desk = Desk::with_role(SessionKind::Daily).await;
    desk.code("123456").await;
    let mut desk = desk.restart().await;
    let Response::Failed(problem) = desk.code("123456").await else {
        panic!("the same code was taken twice");
    };
    assert_eq!(problem.what, "That code was already used.");
    assert_eq!(desk.world().serials.len(), 1);
    desk.pass(TimeDelta::seconds(30));
    assert!(matches!(
        desk.code("654321").await,
        Response::MfaSession { .. }
    ));
}

/// P10: a restart brings nothing back that a person has put off.
#[tokio::test]
async fn p10_not_today_lasts_through_a_restart() {
    let (desk, _) = warm(SessionKind::Daily).await;
    desk.choose(Choice::NotToday(name("work")));
    let desk = desk.restart().await;
    served(desk.ask(credentials()).await.unwrap());
    for _ in 0..24 {
        desk.pass(TimeDelta::minutes(29));
        served(desk.ask(credentials()).await.unwrap());
    }
    desk.pass(TimeDelta::minutes(20));
    desk.ask(Request::Status).await.unwrap();
    assert!(desk.world().notifications.is_empty());
}

/// T25: without a keychain there is no file, and one that is there stays as it is.
#[tokio::test]
async fn t25_without_a_keychain_nothing_is_kept_on_disk() {
    let text =
        config(SessionKind::Daily).replace("name = \"work\"", "name = \"work\"\nambient = true");
    let desk = Desk::start(&text, None).await;
    desk.world().vault_error = Some(VaultError::Missing);
    let desk = desk.crash().await;
    served(desk.ask(credentials()).await.unwrap());
    let desk = desk.restart().await;
    assert!(!path(&desk).exists());

    std::fs::create_dir_all(path(&desk).parent().unwrap()).unwrap();
    std::fs::write(path(&desk), "of another day").unwrap();
    let desk = desk.crash().await;
    served(desk.ask(credentials()).await.unwrap());
    let desk = desk.restart().await;
    assert_eq!(std::fs::read(path(&desk)).unwrap(), b"of another day");
}

/// R23: a disk that takes nothing is said once, and everything else works.
#[tokio::test]
async fn r23_without_a_disk_sessions_are_served_from_memory() {
    // What is there from before has been read, or that would be what is said.
    let (mut desk, _) = warm(SessionKind::Daily).await;
    until_kept(&desk, (1, 1)).await;
    // A file in the folder's place: permissions do not hold root back.
    std::fs::remove_dir_all(desk.folder().join("state")).unwrap();
    std::fs::write(desk.folder().join("state"), "").unwrap();
    desk.pass(TimeDelta::minutes(50));
    served(desk.ask(credentials()).await.unwrap());
    let view = desk.until(|view| !view.notices.is_empty()).await;
    assert!(view.notices[0].problem.what.contains("cannot be saved"));
    desk.ask(Request::DismissNotice {
        id: view.notices[0].id,
    })
    .await
    .unwrap();
    desk.pass(TimeDelta::minutes(50));
    served(desk.ask(credentials()).await.unwrap());
    desk.pass(TimeDelta::minutes(2));
    desk.ask(Request::Status).await.unwrap();
    std::fs::remove_file(desk.folder().join("state")).unwrap();
    desk.pass(TimeDelta::minutes(1));
    until_kept(&desk, (1, 1)).await;
    assert_eq!(desk.view().notices, [], "it was said twice");
}

/// T20: locked, nothing of a session is left, and those who ask are told what to do until a person
/// unlocks.
#[tokio::test]
async fn t20_t16_lock_drops_everything_until_a_person_unlocks() {
    let (mut desk, _) = warm(SessionKind::Daily).await;
    until_kept(&desk, (1, 1)).await;
    desk.pass(TimeDelta::hours(12));
    let waiting = desk.ask(credentials());
    desk.until(|view| view.prompt.is_some()).await;

    desk.choose(Choice::Lock);
    let locked = |response| match response {
        Response::Failed(problem) => problem.to_string(),
        _ => panic!("not refused"),
    };
    let told = locked(waiting.await.unwrap());
    assert!(
        told.starts_with("Daypass is locked. Run `daypass unlock`"),
        "{told}"
    );
    let view = desk.until(|view| view.locked).await;
    assert_eq!(view.prompt, None);
    assert_eq!(view.roles[0].session.state, SessionState::None);
    assert_eq!(desk.world().cleared, 1);
    let withdrawn = desk.world().withdrawn.clone();
    assert!(withdrawn.contains(&Topic::MfaSession(name("work"))));

    let popups = desk.world().popups;
    for request in [credentials(), Request::OpenConsole(prod())] {
        assert_eq!(locked(desk.ask(request).await.unwrap()), told);
    }
    assert_eq!(locked(desk.code("654321").await), told);
    assert_eq!(
        desk.world().popups,
        popups,
        "a program brought the window up"
    );
    assert!(desk.view().locked);

    desk.ask(Request::Unlock).await.unwrap();
    assert!(!desk.until(|view| !view.locked).await.locked);
    assert!(!is_served(&mut desk).await);
    desk.code("654321").await;
    assert!(is_served(&mut desk).await);
}

/// T20: nor is anything left on disk, for whoever starts Daypass anew.
#[tokio::test]
async fn t20_lock_deletes_the_file() {
    let (desk, _) = warm(SessionKind::Daily).await;
    until_kept(&desk, (1, 1)).await;
    desk.ask(Request::Lock).await.unwrap();
    let mut desk = desk.restart().await;
    assert!(!path(&desk).exists());
    assert!(!is_served(&mut desk).await);
}

/// What AWS answers after the lock finds no place, and its code counts as used.
#[tokio::test]
async fn t20_what_was_on_its_way_is_dropped() {
    let mut desk = Desk::with_role(SessionKind::Daily).await;
    let open = desk.hold_sts();
    let code = desk.ask(Request::SubmitCode {
        identity: name("work"),
        wish: None,
        serial: None,
        code: Secret::new("123456".to_owned()),
    });
    while desk.world().sts.is_empty() {
        desk.ask(Request::Status).await.unwrap();
    }
    desk.ask(Request::Lock).await.unwrap();
    open.send(()).unwrap();
    assert!(matches!(code.await.unwrap(), Response::Failed(_)));
    desk.ask(Request::Unlock).await.unwrap();
    assert!(!is_served(&mut desk).await);
    assert!(matches!(desk.code("123456").await, Response::Failed(_)));
    assert_eq!(desk.world().serials.len(), 1);
}

/// T20: by itself only where the settings say so, since running programs need their sessions.
#[tokio::test]
async fn t20_screen_and_sleep_lock_where_they_are_to() {
    for (setting, signal) in [
        ("lock_on_screen_lock", Signal::ScreenLocked),
        ("lock_on_sleep", Signal::FallsAsleep),
    ] {
        for wanted in [false, true] {
            let (desk, _) = warm(SessionKind::Daily).await;
            let file = desk.folder().join("config.toml");
            let text = std::fs::read_to_string(&file).unwrap();
            let text = format!("{text}[settings]\n{setting} = {wanted}\n");
            std::fs::write(&file, text).unwrap();
            let desk = desk.restart().await;
            for signal in [Signal::ScreenUnlocked, Signal::WokeUp, signal] {
                assert!(desk.handle.inputs.send(Input::Signal(signal)).is_ok());
            }
            let answer = desk.ask(credentials()).await.unwrap();
            let refused = matches!(answer, Response::Failed(_));
            assert_eq!(refused, wanted, "{setting}");
        }
    }
}

/// T20: after so long without anybody asking.
#[tokio::test]
async fn t20_idle_time_locks() {
    let text = format!(
        "{}[settings]\nlock_after = \"20m\"\n",
        config(SessionKind::Daily)
    );
    let mut desk = Desk::start(&text, Some(item(&[SERIAL]))).await;
    desk.pass(TimeDelta::hours(9));
    desk.ask(Request::Status).await.unwrap();
    assert!(!desk.view().locked, "there was nothing to drop");
    desk.warm().await;
    for _ in 0..3 {
        desk.pass(TimeDelta::minutes(19));
        served(desk.ask(credentials()).await.unwrap());
    }
    desk.pass(TimeDelta::minutes(20));
    // To look is not to ask.
    desk.ask(Request::Status).await.unwrap();
    desk.until(|view| view.locked).await;
    assert!(matches!(
        desk.ask(credentials()).await.unwrap(),
        Response::Failed(_)
    ));
}

/// T20: nor does the background get sessions while it is locked, and a lock is no reason for another.
#[tokio::test]
async fn t20_a_locked_daypass_gets_no_session_by_itself() {
    let text = format!(
        "{}[settings]\npinned = [\"prod\"]\nlock_after = \"20m\"\n",
        config(SessionKind::Daily).replace("name = \"work\"", "name = \"work\"\nambient = true")
    );
    let mut desk = Desk::start(&text, None).await;
    served(desk.ask(credentials()).await.unwrap());
    let calls = desk.world().sts.len();
    desk.ask(Request::Lock).await.unwrap();
    for _ in 0..10 {
        desk.pass(TimeDelta::minutes(10));
        desk.ask(Request::Status).await.unwrap();
    }
    let view = desk.view();
    assert!(view.locked);
    assert_eq!(view.roles[0].session.state, SessionState::None);
    assert_eq!(desk.world().sts.len(), calls);
    assert_eq!(desk.world().cleared, 1, "it was locked again");

    desk.ask(Request::Unlock).await.unwrap();
    desk.until(|view| view.roles[0].session.state == SessionState::Active)
        .await;
}

/// R3, R17: at the start this computer's clock may be hours ahead, and nobody has checked it.
#[tokio::test]
async fn r3_r17_a_clock_that_is_ahead_at_the_start_costs_no_code() {
    let ahead = TimeDelta::hours(13);
    for kind in [SessionKind::Daily, SessionKind::Long] {
        let (desk, id) = warm(kind).await;
        let desk = desk.restart_after(|desk| desk.pass(ahead)).await;
        let caller = desk.ask(credentials());
        while desk.world().times_asked < 2 {
            tokio::task::yield_now().await;
        }
        // A save is due, and what is saved now comes back too.
        desk.pass(TimeDelta::seconds(5));
        desk.ask(Request::Status).await.unwrap();
        let desk = desk.restart().await;
        while desk.world().times_asked < 3 {
            tokio::task::yield_now().await;
        }
        drop(caller);
        let caller = desk.ask(credentials());
        desk.ask(Request::Status).await.unwrap();
        {
            let mut world = desk.world();
            world.now -= ahead;
            world.trust = Trust::Heard;
        }
        desk.ask(Request::Status).await.unwrap();
        assert_eq!(served(caller.await.unwrap()).access_key_id, id);
        assert!(desk.world().notifications.is_empty());
    }
}

/// What has ended by AWS's clock is not kept.
#[tokio::test]
async fn r17_what_has_ended_by_awss_clock_is_forgotten() {
    let (desk, _) = warm(SessionKind::Daily).await;
    until_kept(&desk, (1, 1)).await;
    let desk = desk
        .restart_after(|desk| desk.pass(TimeDelta::hours(13)))
        .await;
    until_kept(&desk, (1, 1)).await;
    desk.world().trust = Trust::Heard;
    until_kept(&desk, (0, 0)).await;
    assert!(!path(&desk).exists());
}
