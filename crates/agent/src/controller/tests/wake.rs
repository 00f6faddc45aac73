//! A sleep that nobody tells of.

use std::time::Duration;

use super::*;

/// R1: the clocks tell of it, and the network gets the same moment as after a told one.
#[tokio::test]
async fn r1_a_sleep_is_noticed_without_logind() {
    let mut desk = Desk::with_role(SessionKind::Daily).await;
    desk.warm().await;
    desk.pass(TimeDelta::minutes(35));
    served(desk.ask(credentials()).await.unwrap());
    let look = async |desk: &Desk| {
        for _ in 0..2 {
            desk.ask(Request::Status).await.unwrap();
        }
    };
    desk.world().awake = Some(Duration::ZERO);
    look(&desk).await;
    desk.pass(TimeDelta::minutes(10));
    look(&desk).await;
    assert_eq!(desk.world().sts.len(), 2);
    desk.world().awake = Some(Duration::from_secs(5));
    desk.pass(TimeDelta::seconds(5));
    look(&desk).await;
    assert_eq!(desk.world().sts.len(), 3);
}

/// T20, R1: a sleep that nobody told of is one that locks.
#[tokio::test]
async fn t20_a_sleep_that_is_noticed_afterwards_locks_before_anybody_is_served() {
    for wanted in [false, true] {
        let text = format!(
            "{}[settings]\nlock_on_sleep = {wanted}\n",
            config(SessionKind::Daily)
        );
        let mut desk = Desk::start(&text, Some(item(&[SERIAL]))).await;
        desk.warm().await;
        desk.world().awake = Some(Duration::ZERO);
        desk.ask(Request::Status).await.unwrap();
        // AWS tells that this computer's clock is behind: nobody slept.
        desk.pass(TimeDelta::minutes(5));
        desk.world().behind = TimeDelta::minutes(5);
        served(desk.ask(credentials()).await.unwrap());
        desk.pass(TimeDelta::minutes(5));
        let answer = desk.ask(credentials()).await.unwrap();
        assert_eq!(matches!(answer, Response::Failed(_)), wanted);
    }
}
