//! What is due when. Wall-clock instants in, decisions out; the agent looks again at least every
//! half minute, because timers stop while a laptop sleeps (R1).

use std::hash::{DefaultHasher, Hash, Hasher};

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::{Instant, duration::Duration, session::Session};

/// How much of an MFA session's end a person has been told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Told {
    /// Nothing yet.
    Nothing,
    /// That it ends soon.
    Ending,
    /// That it has ended.
    Ended,
}

/// What a person should have been told by `now` of a session that ends at `expires_at`.
pub fn told_by(now: Instant, expires_at: Instant, lead: TimeDelta) -> Told {
    if now >= expires_at {
        return Told::Ended;
    }
    if now >= expires_at - lead {
        return Told::Ending;
    }
    Told::Nothing
}

/// Renewals of sessions that began together are spread over so long (HARDENING D).
const SPREAD: TimeDelta = TimeDelta::minutes(2);

/// When a role session in use is renewed in the background: early enough that no SDK sees its
/// refresh window (HARDENING D), and not all at once.
pub fn renew_at(session: &Session) -> Instant {
    let length = session.length();
    let lead = if length >= TimeDelta::hours(1) {
        let earlier = part(SPREAD, portion(&session.credentials.access_key_id));
        (length / 3).clamp(TimeDelta::minutes(20), TimeDelta::minutes(30)) + earlier
    } else {
        length / 2
    };
    session.credentials.expires_at - lead
}

/// Whether a session counts as in use: a program or a person asked for it within its last half.
pub fn in_use(session: &Session, last_asked: Instant, now: Instant) -> bool {
    now - last_asked <= session.length() / 2
}

/// Whether a person's MFA session counts as in use: only then they are told of its end.
pub fn used_lately(last_asked: Instant, now: Instant) -> bool {
    now - last_asked <= TimeDelta::hours(2)
}

/// Why AWS gave nothing, as far as it decides when to ask again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setback {
    /// Network, or a fault at AWS.
    Passing,
    /// AWS was asked too often.
    Throttled,
}

/// How long to wait after the `failures`-th setback in a row: 5 s doubling to a minute, four times
/// that where AWS was asked too often, with full jitter by `seed` (HARDENING D), and never less
/// than AWS wants.
pub fn retry_after(
    failures: u32,
    setback: Setback,
    wanted: Option<TimeDelta>,
    seed: impl Hash,
) -> TimeDelta {
    let times = match setback {
        Setback::Passing => 1,
        Setback::Throttled => 4,
    };
    let doubled = 5_i64.saturating_mul(1 << failures.saturating_sub(1).min(10));
    let longest = TimeDelta::seconds(doubled.min(60) * times);
    part(longest, portion(seed))
        .max(TimeDelta::seconds(1))
        .max(wanted.unwrap_or_default().min(LONGEST_WISH))
}

/// AWS asks for seconds; more is a mistake of something in between.
const LONGEST_WISH: TimeDelta = TimeDelta::minutes(5);

/// How long after a wake-up AWS is asked again: the network takes its time to come back (R1).
pub fn after_wake(seed: impl Hash) -> TimeDelta {
    TimeDelta::seconds(2) + part(TimeDelta::seconds(3), portion(seed))
}

/// When a person who wants to be reminded is told again of a session that ends or has ended.
pub fn remind_at(now: Instant, expires_at: Instant) -> Instant {
    let left = expires_at - now;
    if left <= TimeDelta::zero() {
        return now + TimeDelta::minutes(30);
    }
    now + (left / 2).clamp(TimeDelta::minutes(1), TimeDelta::minutes(5))
}

/// The next shorter duration to try for a role that allows none so long. Where each try costs a
/// code it is the hour that every role allows (AWS_RULES 3.2); else the usual maxima in turn.
pub fn step_down(refused: Duration, costs_code: bool) -> Option<Duration> {
    const HOUR: u32 = 3_600;
    let usual = [8 * HOUR, 4 * HOUR, 2 * HOUR, HOUR];
    let shorter = usual
        .into_iter()
        .find(|seconds| *seconds < refused.seconds() && (!costs_code || *seconds == HOUR))?;
    Some(Duration::clamped(shorter))
}

/// A portion of one that looks random and is the same for the same seed: the schedule needs no
/// randomness of its own.
fn portion(seed: impl Hash) -> u32 {
    let mut hasher = DefaultHasher::new();
    seed.hash(&mut hasher);
    (hasher.finish() >> 48) as u32
}

fn part(whole: TimeDelta, portion: u32) -> TimeDelta {
    let milliseconds = whole.num_milliseconds() * i64::from(portion) / i64::from(u16::MAX);
    TimeDelta::milliseconds(milliseconds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{
        Origin,
        tests::{at, session},
    };

    #[test]
    fn people_are_told_before_and_after_the_end() {
        let told = |now| told_by(at(now), at(43_200), TimeDelta::minutes(10));
        assert_eq!(told(42_599), Told::Nothing);
        assert_eq!(told(42_600), Told::Ending);
        assert_eq!(told(43_200), Told::Ended);
        assert!(Told::Ended > Told::Ending);
    }

    #[test]
    fn renewal_leaves_twenty_minutes() {
        let due = |length| renew_at(&session(0, length, Origin::Temporary));
        assert!((at(2_280)..=at(2_400)).contains(&due(3_600)));
        assert!((at(41_280)..=at(41_400)).contains(&due(43_200)));
        assert_eq!(due(900), at(450));
    }

    #[test]
    fn renewals_of_one_moment_are_spread() {
        let mut due: Vec<Instant> = (0..100)
            .map(|number| {
                let mut hour = session(0, 3_600, Origin::Temporary);
                hour.credentials.access_key_id = format!("ASIA{number}");
                renew_at(&hour)
            })
            .collect();
        due.sort();
        due.dedup();
        assert!(due.len() > 90, "only {} moments", due.len());
    }

    #[test]
    fn only_what_is_used_is_renewed() {
        let hour = session(0, 3_600, Origin::Temporary);
        assert!(in_use(&hour, at(600), at(2_400)));
        assert!(!in_use(&hour, at(599), at(2_400)));
    }

    #[test]
    fn retries_slow_down_and_stay_bounded() {
        let longest = |failures, setback| {
            let waits = (0..2_000).map(|seed| retry_after(failures, setback, None, seed));
            waits.max().unwrap().num_seconds()
        };
        let waits: Vec<i64> = (1..=6).map(|n| longest(n, Setback::Passing)).collect();
        for (wait, bound) in waits.into_iter().zip([5, 10, 20, 40, 60, 60]) {
            assert!(
                (bound * 9 / 10 - 1..=bound).contains(&wait),
                "{wait}, {bound}"
            );
        }
        assert!(longest(u32::MAX, Setback::Passing) <= 60);
        assert!((15..=20).contains(&longest(1, Setback::Throttled)));
        assert!(longest(9, Setback::Throttled) <= 240);
    }

    #[test]
    fn r4_aws_is_left_alone_for_as_long_as_it_wants() {
        let wait = |seconds| {
            let wanted = Some(TimeDelta::seconds(seconds));
            retry_after(1, Setback::Passing, wanted, 0).num_seconds()
        };
        assert_eq!(wait(90), 90);
        assert_eq!(wait(86_400), 300);
    }

    #[test]
    fn a_reminder_comes_before_the_end_and_seldom_after_it() {
        assert_eq!(remind_at(at(0), at(600)), at(300));
        assert_eq!(remind_at(at(0), at(240)), at(120));
        assert_eq!(remind_at(at(0), at(30)), at(60));
        assert_eq!(remind_at(at(10), at(0)), at(1_810));
    }

    #[test]
    fn durations_step_down_to_an_hour() {
        let hours = |hours: u32| Duration::clamped(hours * 3_600);
        let step = |from, costs_code| step_down(hours(from), costs_code);
        assert_eq!(step(12, false), Some(hours(8)));
        assert_eq!(step(4, false), Some(hours(2)));
        assert_eq!(step(12, true), Some(hours(1)));
        assert_eq!(step(1, false), None);
        assert_eq!(step(1, true), None);
    }
}
