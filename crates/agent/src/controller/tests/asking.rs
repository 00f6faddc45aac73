//! When a person is told, asked, and left in peace.

use super::*;
use crate::ports::Topic;

fn titles(desk: &Desk) -> Vec<String> {
    let told = desk.world().notifications.clone();
    told.into_iter().map(|told| told.title).collect()
}

/// Lets time pass in which a program uses the session, and the loop look twice.
async fn use_for(desk: &Desk, time: TimeDelta) {
    desk.pass(time);
    let _ = desk.ask(credentials()).await.unwrap();
    look(desk).await;
}

async fn look(desk: &Desk) {
    for _ in 0..2 {
        desk.ask(Request::Status).await.unwrap();
    }
}

/// A session of twelve hours of which some minutes are left, and that is in use.
async fn with_minutes_left(minutes: i64) -> Desk {
    let mut desk = Desk::with_role(SessionKind::Daily).await;
    desk.warm().await;
    use_for(&desk, TimeDelta::hours(12) - TimeDelta::minutes(minutes)).await;
    desk
}

#[tokio::test]
async fn people_are_told_once_before_the_end_and_once_after() {
    let desk = with_minutes_left(10).await;
    look(&desk).await;
    assert_eq!(titles(&desk), ["work: the session ends soon"]);
    use_for(&desk, TimeDelta::minutes(10)).await;
    look(&desk).await;
    let told = desk.world().notifications.clone();
    assert_eq!(
        titles(&desk),
        ["work: the session ends soon", "work: the session has ended"]
    );
    assert!(told[0].body.contains("10 minutes"));
    // The second takes the place of the first.
    assert_eq!(told[0].about, told[1].about);
    let choices: Vec<_> = told[1].actions.iter().map(|(_, choice)| choice).collect();
    let work = || name("work");
    assert_eq!(
        choices,
        [
            &Choice::EnterCode(work()),
            &Choice::Snooze(work()),
            &Choice::NotToday(work())
        ]
    );
}

#[tokio::test]
async fn nobody_is_told_of_a_session_that_nobody_uses() {
    let mut desk = Desk::with_role(SessionKind::Daily).await;
    desk.warm().await;
    for minutes in [715, 4, 2] {
        desk.pass(TimeDelta::minutes(minutes));
        look(&desk).await;
    }
    assert!(titles(&desk).is_empty());
}

#[tokio::test]
async fn a_notification_is_taken_back_when_its_reason_is_gone() {
    let mut desk = with_minutes_left(10).await;
    desk.choose(Choice::EnterCode(name("work")));
    desk.until(|view| view.prompt.is_some()).await;
    desk.world().withdrawn.clear();
    desk.code("654321").await;
    let session = Topic::MfaSession(name("work"));
    assert!(desk.world().withdrawn.contains(&session));
}

#[tokio::test]
async fn later_says_it_again_and_not_today_says_nothing_more() {
    let desk = with_minutes_left(10).await;
    desk.choose(Choice::Snooze(name("work")));
    look(&desk).await;
    use_for(&desk, TimeDelta::minutes(4)).await;
    assert_eq!(titles(&desk).len(), 1);
    use_for(&desk, TimeDelta::minutes(1)).await;
    assert_eq!(titles(&desk), ["work: the session ends soon"; 2]);

    desk.choose(Choice::NotToday(name("work")));
    look(&desk).await;
    let popups = desk.world().popups;
    for _ in 0..5 {
        // Programs are told at once, and bring nothing up.
        use_for(&desk, TimeDelta::minutes(5)).await;
    }
    assert_eq!(titles(&desk).len(), 2);
    assert_eq!(desk.world().popups, popups);
    desk.choose(Choice::OpenConsole(name("prod")));
    look(&desk).await;
    assert!(desk.view().prompt.is_some(), "a person's own wish is heard");
}

#[tokio::test]
async fn the_end_of_a_long_session_is_announced_with_the_code_that_renews_it() {
    let mut desk = Desk::with_role(SessionKind::Long).await;
    let caller = desk.ask(credentials());
    desk.until(|view| view.prompt.is_some()).await;
    desk.code("123456").await;
    served(caller.await.unwrap());
    use_for(&desk, TimeDelta::minutes(50)).await;
    assert_eq!(titles(&desk), ["prod: the session ends soon"]);
    let renew = desk.world().notifications[0].actions[0].1.clone();
    assert_eq!(renew, Choice::RenewSession(SessionKey::of(name("prod"))));

    desk.ask(Request::DismissPrompt).await.unwrap();
    desk.choose(renew);
    desk.until(|view| view.prompt.is_some()).await;
    desk.code("654321").await;
    look(&desk).await;
    assert_eq!(desk.world().sts.len(), 2);
    let session = Topic::RoleSession(SessionKey::of(name("prod")));
    assert!(desk.world().withdrawn.contains(&session));
}

/// P10: a code that AWS took, for a role that it refuses, is not asked for again and again.
#[tokio::test]
async fn p10_a_refused_code_is_not_asked_for_in_a_loop() {
    let mut desk = Desk::with_role(SessionKind::Long).await;
    let caller = desk.ask(credentials());
    desk.until(|view| view.prompt.is_some()).await;
    desk.fail_next(AwsCause::Denied);
    desk.code("123456").await;
    assert!(matches!(caller.await.unwrap(), Response::Failed(_)));
    let popups = desk.world().popups;
    for _ in 0..5 {
        let answer = desk.ask(credentials()).await.unwrap();
        assert!(matches!(answer, Response::Failed(_)));
    }
    assert_eq!(desk.world().popups, popups);
    assert_eq!(desk.world().sts.len(), 1);
    assert!(desk.view().prompt.is_none());
}

/// The code goes to the session that the reminder is about.
#[tokio::test]
async fn the_reminder_of_a_read_only_session_renews_that_one() {
    let mut desk = Desk::with_role(SessionKind::Long).await;
    let reading = || Request::Credentials {
        session: SessionKey {
            role: name("prod"),
            read_only: true,
        },
        asking: Asking::Popup,
    };
    let caller = desk.ask(reading());
    desk.until(|view| view.prompt.is_some()).await;
    desk.code("123456").await;
    served(caller.await.unwrap());
    desk.pass(TimeDelta::minutes(50));
    served(desk.ask(reading()).await.unwrap());
    look(&desk).await;
    assert_eq!(titles(&desk), ["prod, read-only: the session ends soon"]);
    let reminder = desk.world().notifications[0].clone();

    desk.choose(reminder.actions[0].1.clone());
    desk.until(|view| view.prompt.is_some()).await;
    desk.world().withdrawn.clear();
    desk.code("654321").await;
    look(&desk).await;
    let calls = desk.world().sts.clone();
    assert_eq!(calls.len(), 2);
    assert!(calls[1].ends_with("ReadOnlyAccess"), "{calls:?}");
    assert!(desk.world().withdrawn.contains(&reminder.about));
}

/// What was said of an identity or of a role goes with it.
#[tokio::test]
async fn a_notification_goes_with_what_it_is_about() {
    let desk = with_minutes_left(10).await;
    assert_eq!(titles(&desk).len(), 1);
    desk.world().withdrawn.clear();
    std::fs::write(desk.folder().join("config.toml"), "version = 1\n").unwrap();
    look(&desk).await;
    let about = desk.world().notifications[0].about.clone();
    assert!(desk.world().withdrawn.contains(&about));

    let mut desk = Desk::with_role(SessionKind::Long).await;
    let caller = desk.ask(credentials());
    desk.until(|view| view.prompt.is_some()).await;
    desk.code("123456").await;
    served(caller.await.unwrap());
    use_for(&desk, TimeDelta::minutes(50)).await;
    desk.world().withdrawn.clear();
    desk.ask(Request::RemoveRole { name: name("prod") })
        .await
        .unwrap();
    let about = desk.world().notifications[0].about.clone();
    assert!(desk.world().withdrawn.contains(&about));
}

/// R2: an end that a wrong clock announced is taken back with it.
#[tokio::test]
async fn r2_an_end_that_has_not_come_is_not_said_any_longer() {
    let desk = with_minutes_left(10).await;
    desk.pass(TimeDelta::hours(1));
    look(&desk).await;
    assert_eq!(titles(&desk).last().unwrap(), "work: the session has ended");
    desk.world().withdrawn.clear();
    desk.world().now -= TimeDelta::minutes(90);
    look(&desk).await;
    let session = Topic::MfaSession(name("work"));
    assert!(desk.world().withdrawn.contains(&session));
    let said = titles(&desk).len();
    desk.pass(TimeDelta::minutes(30));
    look(&desk).await;
    assert_eq!(titles(&desk)[said..], ["work: the session ends soon"]);
}
