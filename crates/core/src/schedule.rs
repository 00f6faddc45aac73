//! What is due when. Wall-clock instants in, decisions out; the agent looks again at least every
//! half minute, because timers stop while a laptop sleeps (R1).

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::{Instant, session::Session};

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

/// When a role session in use is renewed in the background: early enough that no SDK sees its
/// refresh window (HARDENING D).
pub fn renew_at(session: &Session) -> Instant {
    let length = session.length();
    let lead = if length >= TimeDelta::hours(1) {
        (length / 3).clamp(TimeDelta::minutes(20), TimeDelta::minutes(30))
    } else {
        length / 2
    };
    session.credentials.expires_at - lead
}

/// Whether a session counts as in use: a program or a person asked for it within its last half.
pub fn in_use(session: &Session, last_asked: Instant, now: Instant) -> bool {
    now - last_asked <= session.length() / 2
}

/// How long to wait after the `failures`-th passing failure in a row: 5 s doubling to a minute.
pub fn retry_after(failures: u32) -> TimeDelta {
    let doubled = 5_i64.saturating_mul(1 << failures.saturating_sub(1).min(10));
    TimeDelta::seconds(doubled.min(60))
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
        assert_eq!(renew_at(&session(0, 3_600, Origin::Temporary)), at(2_400));
        assert_eq!(
            renew_at(&session(0, 43_200, Origin::LongTermKey)),
            at(41_400)
        );
        assert_eq!(renew_at(&session(0, 900, Origin::Temporary)), at(450));
    }

    #[test]
    fn only_what_is_used_is_renewed() {
        let hour = session(0, 3_600, Origin::Temporary);
        assert!(in_use(&hour, at(600), at(2_400)));
        assert!(!in_use(&hour, at(599), at(2_400)));
    }

    #[test]
    fn retries_slow_down_and_stay_bounded() {
        let waits: Vec<i64> = (1..=6).map(|n| retry_after(n).num_seconds()).collect();
        assert_eq!(waits, [5, 10, 20, 40, 60, 60]);
        assert_eq!(retry_after(u32::MAX).num_seconds(), 60);
    }
}
