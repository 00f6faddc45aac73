//! Renewal in the background, and what is done about AWS's refusals and a wrong clock.

use std::fmt::Write;

use super::*;
use crate::clock::Trust;

/// Roles of an identity that takes no code.
fn many(roles: usize) -> String {
    let mut text =
        "version = 1\n[[identity]]\nname = \"work\"\nambient = true\nprofile = \"p\"\n".to_owned();
    for number in 0..roles {
        write!(
            text,
            "[[role]]\nname = \"r{number}\"\nidentity = \"work\"\narn = \"{ROLE}\"\n"
        )
        .unwrap();
    }
    text
}

async fn look(desk: &Desk) {
    desk.ask(Request::Status).await.unwrap();
}

/// Lets seconds pass one by one, and says how often AWS was asked in each.
async fn calls_by_second(desk: &Desk, seconds: usize) -> Vec<usize> {
    let mut calls = Vec::new();
    for _ in 0..seconds {
        let before = desk.world().sts.len();
        for _ in 0..3 {
            look(desk).await;
        }
        calls.push(desk.world().sts.len() - before);
        desk.pass(TimeDelta::seconds(1));
    }
    calls
}

/// R4: a herd of programs for different roles, and then their renewal.
#[tokio::test]
async fn r4_hundreds_of_roles_are_asked_for_five_a_second() {
    const ROLES: usize = 250;
    let desk = Desk::start(&many(ROLES), None).await;
    let ask_all = |desk: &Desk| -> Vec<_> {
        (0..ROLES)
            .map(|number| desk.ask(session_of(&format!("r{number}"), Asking::Popup)))
            .collect()
    };
    let callers = ask_all(&desk);
    let calls = calls_by_second(&desk, ROLES / 5 + 2).await;
    assert!(calls.iter().all(|calls| *calls <= 5), "{calls:?}");
    for caller in callers {
        served(caller.await.unwrap());
    }
    assert_eq!(desk.world().sts.len(), ROLES);

    // In use, and due.
    desk.pass(TimeDelta::minutes(35));
    for caller in ask_all(&desk) {
        served(caller.await.unwrap());
    }
    let ends = |desk: &Desk| -> Vec<_> {
        let roles = desk.view().roles;
        roles
            .iter()
            .map(|r| r.session.expires_at.unwrap())
            .collect()
    };
    let old_ends = ends(&desk);
    desk.pass(TimeDelta::minutes(5));
    let calls = calls_by_second(&desk, ROLES / 5 + 2).await;
    assert!(calls.iter().all(|calls| *calls <= 5), "{calls:?}");
    assert_eq!(desk.world().sts.len(), 2 * ROLES);
    for (new, old) in ends(&desk).iter().zip(&old_ends) {
        assert!(desk.now() < *old && new > old, "{new} after {old}");
    }
}

/// A person does not wait behind programs.
#[tokio::test]
async fn r4_a_click_goes_before_a_herd() {
    let mut desk = Desk::start(&many(50), None).await;
    let _callers: Vec<_> = (0..49)
        .map(|number| desk.ask(session_of(&format!("r{number}"), Asking::Popup)))
        .collect();
    look(&desk).await;
    desk.choose(Choice::OpenConsole(name("r49")));
    desk.until(|view| view.roles[49].session.state == SessionState::Active)
        .await;
    assert_eq!(desk.world().sts.len(), 6);
}

/// P3: while a session works and AWS rests, AWS is not asked by every program.
#[tokio::test]
async fn p3_programs_do_not_hammer_an_aws_that_fails() {
    let mut desk = Desk::with_role(SessionKind::Daily).await;
    desk.warm().await;
    desk.pass(TimeDelta::minutes(50));
    desk.world().sts_down = true;
    let before = desk.world().sts.len();
    for _ in 0..20 {
        served(desk.ask(credentials()).await.unwrap());
    }
    assert_eq!(desk.world().sts.len() - before, 1);
    // At the latest after the longest wait it is tried again.
    desk.pass(TimeDelta::seconds(5));
    served(desk.ask(credentials()).await.unwrap());
    assert_eq!(desk.world().sts.len() - before, 2);
}

#[tokio::test]
async fn what_no_second_try_mends_is_not_tried_in_the_background() {
    let mut desk = Desk::with_role(SessionKind::Daily).await;
    desk.warm().await;
    desk.pass(TimeDelta::minutes(35));
    served(desk.ask(credentials()).await.unwrap());
    desk.fail_next(AwsCause::Denied);
    desk.pass(TimeDelta::minutes(5));
    for _ in 0..5 {
        look(&desk).await;
        desk.pass(TimeDelta::seconds(61));
    }
    assert_eq!(desk.world().sts.len(), 3);
    assert_eq!(desk.view().notices.len(), 1);
    // A program that asks is a new reason.
    desk.pass(TimeDelta::minutes(2));
    served(desk.ask(credentials()).await.unwrap());
    assert_eq!(desk.world().sts.len(), 4);
}

#[tokio::test]
async fn a_pinned_role_is_renewed_though_nobody_asks() {
    let text = format!("{}[settings]\npinned = [\"r0\"]\n", many(2));
    let desk = Desk::start(&text, None).await;
    for _ in 0..4 {
        for _ in 0..3 {
            look(&desk).await;
        }
        desk.pass(TimeDelta::minutes(40));
    }
    assert_eq!(desk.world().sts.len(), 4);
    let states: Vec<_> = desk.view().roles.iter().map(|r| r.session.state).collect();
    assert_eq!(states, [SessionState::Active, SessionState::None]);
}

/// AWS_RULES 3.2: the role's maximum is told to nobody.
#[tokio::test]
async fn a_long_session_steps_down_and_remembers() {
    let text = config(SessionKind::Long).replace(
        "session = \"long\"",
        "session = \"long\" # mine\nduration = \"12h\"",
    );
    let desk = Desk::start(&text, Some(item(&[]))).await;
    desk.fail_next(AwsCause::TooLong);
    served(desk.ask(credentials()).await.unwrap());
    assert_eq!(
        desk.world().sts,
        ["AssumeRole key - ada 43200s", "AssumeRole key - ada 28800s"]
    );
    let written = std::fs::read_to_string(desk.folder().join("config.toml")).unwrap();
    assert!(written.contains("duration = \"8h\""), "{written}");
    assert!(written.contains("# mine"), "{written}");
    let notice = desk.view().notices[0].problem.clone();
    assert_eq!(notice.what, "The role prod allows no session of 12h.");
    // The session stays: the entry is the one that it was made for.
    served(desk.ask(credentials()).await.unwrap());
    assert_eq!(desk.world().sts.len(), 2);
}

/// Each try costs a code, so there is one more.
#[tokio::test]
async fn a_long_session_with_a_code_steps_down_to_an_hour() {
    let text = config(SessionKind::Long).replace(
        "session = \"long\"",
        "session = \"long\"\nduration = \"12h\"",
    );
    let mut desk = Desk::start(&text, Some(item(&[SERIAL]))).await;
    let caller = desk.ask(credentials());
    desk.until(|view| view.prompt.is_some()).await;
    desk.fail_next(AwsCause::TooLong);
    desk.code("123456").await;
    let prompt = desk.view().prompt.unwrap();
    assert!(prompt.rejected.unwrap().what.contains("an hour"));
    assert_eq!(prompt.purpose, "prod, one session of 1h");
    // P4: AWS may have looked at the code.
    assert!(matches!(desk.code("123456").await, Response::Failed(_)));
    desk.code("654321").await;
    served(caller.await.unwrap());
    assert_eq!(
        desk.world().sts,
        [
            "AssumeRole key 123456 ada 43200s",
            "AssumeRole key 654321 ada 3600s"
        ]
    );
}

/// AWS_RULES 3.3: a policy may want a younger code than the MFA session's.
#[tokio::test]
async fn a_fresh_code_is_offered_once() {
    let text = config(SessionKind::Daily).replace(
        "session = \"daily\"",
        "session = \"daily\"\nduration = \"15m\"",
    );
    let mut desk = Desk::start(&text, Some(item(&[SERIAL]))).await;
    desk.warm().await;
    let refused = async |desk: &Desk| {
        desk.pass(TimeDelta::minutes(50));
        desk.fail_next(AwsCause::Denied);
        desk.choose(Choice::OpenConsole(name("prod")));
        look(desk).await;
        look(desk).await;
        desk.view().notices[0].problem.clone()
    };
    let offered = refused(&desk).await;
    assert_eq!(offered.fresh_code, Some(name("work")));
    assert!(offered.todo.contains("daypass mfa work"), "{offered}");

    desk.code("654321").await;
    desk.fail_next(AwsCause::Denied);
    desk.choose(Choice::OpenConsole(name("prod")));
    look(&desk).await;
    look(&desk).await;
    assert_eq!(desk.view().notices[0].problem.fresh_code, None);
}

/// R3: no code goes out by a clock that nobody has checked.
#[tokio::test]
async fn r3_the_time_is_asked_before_a_code_is_sent() {
    let mut desk = Desk::with_role(SessionKind::Daily).await;
    desk.code("123456").await;
    assert_eq!(desk.world().times_asked, 1);
    desk.world().trust = Trust::Heard;
    desk.code("654321").await;
    assert_eq!(desk.world().times_asked, 1);
}

/// R2: somebody has set the clock: AWS is asked, at a pace.
#[tokio::test]
async fn r2_a_clock_that_was_set_is_checked() {
    let desk = Desk::with_role(SessionKind::Daily).await;
    desk.world().trust = Trust::WasSet;
    for _ in 0..5 {
        look(&desk).await;
    }
    assert_eq!(desk.world().times_asked, 1);
    desk.pass(TimeDelta::seconds(30));
    for _ in 0..5 {
        look(&desk).await;
    }
    assert_eq!(desk.world().times_asked, 2);
}

/// R3: in words, in the popup and in `daypass status`.
#[tokio::test]
async fn r3_a_wrong_clock_is_shown() {
    let mut desk = Desk::with_role(SessionKind::Daily).await;
    assert_eq!(desk.view().clock_behind, None);
    desk.world().behind = TimeDelta::minutes(-10);
    look(&desk).await;
    desk.until(|view| view.clock_behind == Some(-600)).await;
}

/// R1: after a sleep what failed is tried again soon, and nothing at once.
#[tokio::test]
async fn r1_after_a_wake_up_the_network_gets_a_moment() {
    let mut desk = Desk::with_role(SessionKind::Daily).await;
    desk.warm().await;
    desk.pass(TimeDelta::minutes(35));
    served(desk.ask(credentials()).await.unwrap());
    desk.pass(TimeDelta::minutes(10));
    let inputs = desk.handle.inputs.clone();
    assert!(inputs.send(Input::Signal(Signal::WokeUp)).is_ok());
    look(&desk).await;
    look(&desk).await;
    assert_eq!(desk.world().sts.len(), 2);
    desk.pass(TimeDelta::seconds(5));
    look(&desk).await;
    look(&desk).await;
    assert_eq!(desk.world().sts.len(), 3);
}

/// R1: what failed and waits for long is tried again when the network may be back.
#[tokio::test]
async fn r1_a_wake_up_and_a_network_end_a_long_wait() {
    for signal in [Signal::WokeUp, Signal::NetworkUp] {
        let mut desk = Desk::with_role(SessionKind::Daily).await;
        desk.warm().await;
        desk.pass(TimeDelta::minutes(35));
        served(desk.ask(credentials()).await.unwrap());
        desk.pass(TimeDelta::minutes(10));
        let waits = TimeDelta::seconds(20);
        let mut calls = 0;
        // The waits get longer with each failure.
        while calls != desk.world().sts.len() {
            calls = desk.world().sts.len();
            desk.fail_next(AwsCause::Passing);
            desk.pass(waits);
            look(&desk).await;
            look(&desk).await;
        }
        desk.world().next_failure = None;
        assert!(desk.handle.inputs.send(Input::Signal(signal)).is_ok());
        look(&desk).await;
        assert_eq!(desk.world().sts.len(), calls);
        desk.pass(TimeDelta::seconds(5));
        look(&desk).await;
        look(&desk).await;
        assert_eq!(desk.world().sts.len(), calls + 1, "{signal:?}");
    }
}

/// R8: one code is enough for all roles of an identity.
#[tokio::test]
async fn r8_fifty_roles_cost_one_code() {
    const ROLES: usize = 50;
    let text = many(ROLES).replace("ambient = true\nprofile = \"p\"\n", "");
    let mut desk = Desk::start(&text, Some(item(&[SERIAL]))).await;
    let callers: Vec<_> = (0..ROLES)
        .map(|number| desk.ask(session_of(&format!("r{number}"), Asking::Popup)))
        .collect();
    desk.until(|view| view.prompt.is_some()).await;
    desk.code("123456").await;
    calls_by_second(&desk, ROLES / 5 + 2).await;
    for caller in callers {
        served(caller.await.unwrap());
    }
    let calls = desk.world().sts.clone();
    assert_eq!(calls[0], "GetSessionToken 123456 43200s");
    assert_eq!(calls.len(), 1 + ROLES);
    assert!(
        calls[1..]
            .iter()
            .all(|call| call.starts_with("AssumeRole session"))
    );
    assert!(desk.view().prompt.is_none());
}

/// P9: an outage ends no pinned role, whether its session ended in it or never came.
#[tokio::test]
async fn p9_a_pinned_role_comes_back_after_an_outage() {
    let text = format!("{}[settings]\npinned = [\"r0\"]\n", many(1));
    let mut desk = Desk::start(&text, None).await;
    let outage = async |desk: &mut Desk| {
        desk.world().sts_down = true;
        for _ in 0..5 {
            desk.pass(TimeDelta::minutes(30));
            look(desk).await;
            look(desk).await;
        }
        desk.until(|view| view.roles[0].session.state != SessionState::Active)
            .await;
        let calls = desk.world().sts.len();
        look(desk).await;
        assert_eq!(desk.world().sts.len(), calls, "it was tried at once again");
        desk.world().sts_down = false;
        desk.pass(TimeDelta::minutes(1));
        look(desk).await;
        desk.until(|view| view.roles[0].session.state == SessionState::Active)
            .await;
    };
    desk.until(|view| view.roles[0].session.state == SessionState::Active)
        .await;
    outage(&mut desk).await;

    desk.world().sts_down = true;
    desk.pass(TimeDelta::hours(2));
    let mut desk = desk.restart().await;
    outage(&mut desk).await;
}

/// R4: a network that is back is no reason to go against AWS's wish.
#[tokio::test]
async fn r4_a_throttled_role_waits_for_as_long_as_aws_wants_also_with_a_new_network() {
    let mut desk = Desk::with_role(SessionKind::Daily).await;
    desk.warm().await;
    desk.pass(TimeDelta::minutes(46));
    desk.world().retry_after = Some(std::time::Duration::from_secs(120));
    desk.fail_next(AwsCause::Throttled);
    served(desk.ask(credentials()).await.unwrap());
    let calls = desk.world().sts.len();
    let inputs = desk.handle.inputs.clone();
    assert!(inputs.send(Input::Signal(Signal::NetworkUp)).is_ok());
    for _ in 0..10 {
        served(desk.ask(credentials()).await.unwrap());
        desk.pass(TimeDelta::seconds(11));
    }
    assert_eq!(desk.world().sts.len(), calls);
    desk.pass(TimeDelta::seconds(11));
    look(&desk).await;
    look(&desk).await;
    assert_eq!(desk.world().sts.len(), calls + 1);
}

/// AWS_RULES 3.2: two sessions of a role that are refused at once are one step.
#[tokio::test]
async fn a_role_steps_down_once_for_two_refusals_of_one_duration() {
    let text = config(SessionKind::Long).replace(
        "session = \"long\"",
        "session = \"long\"\nduration = \"12h\"",
    );
    let desk = Desk::start(&text, Some(item(&[]))).await;
    let mut asked = Vec::new();
    for read_only in [false, true] {
        let open = desk.hold_sts();
        desk.fail_next(AwsCause::TooLong);
        let role = name("prod");
        let caller = desk.ask(Request::Credentials {
            session: SessionKey { role, read_only },
            asking: Asking::Popup,
        });
        asked.push((open, caller));
        while desk.world().sts.len() < asked.len() {
            tokio::task::yield_now().await;
        }
    }
    for (open, _) in &mut asked {
        std::mem::replace(open, oneshot::channel().0)
            .send(())
            .unwrap();
    }
    for (_, caller) in asked {
        served(caller.await.unwrap());
    }
    let calls = desk.world().sts.clone();
    assert!(
        calls[2..].iter().all(|call| call.contains("28800s")),
        "{calls:?}"
    );
    let written = std::fs::read_to_string(desk.folder().join("config.toml")).unwrap();
    assert!(written.contains("duration = \"8h\""), "{written}");
}

/// R2: the time is asked where the roles are.
#[tokio::test]
async fn r2_the_time_is_asked_in_the_partition_in_use() {
    let text = many(1).replace("arn:aws:", "arn:aws-cn:");
    let desk = Desk::start(&text, None).await;
    desk.world().trust = Trust::WasSet;
    look(&desk).await;
    look(&desk).await;
    let asked = desk.world().time_of;
    assert_eq!(asked, Some(daypass_core::partition::Partition::China));
}

/// R1: who waits while the computer sleeps is served after it, by a session that still works.
#[tokio::test]
async fn r1_a_session_that_ended_on_its_way_is_asked_for_once_more() {
    let mut desk = Desk::with_role(SessionKind::Daily).await;
    desk.code("123456").await;
    let open = desk.hold_sts();
    let caller = desk.ask(credentials());
    until_asked(&desk, 2).await;
    desk.pass(TimeDelta::hours(2));
    open.send(()).unwrap();
    served(caller.await.unwrap());
    assert_eq!(desk.world().sts.len(), 3);

    // Not again and again, as where a clock is ahead by hours.
    desk.pass(TimeDelta::hours(2));
    let open = desk.hold_sts();
    let caller = desk.ask(credentials());
    until_asked(&desk, 4).await;
    let again = desk.hold_sts();
    desk.pass(TimeDelta::hours(2));
    open.send(()).unwrap();
    until_asked(&desk, 5).await;
    desk.pass(TimeDelta::hours(2));
    again.send(()).unwrap();
    let answer = caller.await.unwrap();
    assert!(matches!(answer, Response::Failed(why) if why.what.contains("came so late")));
    assert_eq!(desk.world().sts.len(), 5);
}

async fn until_asked(desk: &Desk, times: usize) {
    while desk.world().sts.len() < times {
        tokio::task::yield_now().await;
    }
}
