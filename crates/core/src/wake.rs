//! Whether the computer has slept, where nobody tells (R1).

use std::time::Duration;

use chrono::TimeDelta;

use crate::Instant;

/// How the clocks stood at one look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// The time.
    pub now: Instant,
    /// For how long the computer was awake until then, counted from any moment.
    pub awake: Duration,
}

/// A shorter sleep moves nothing that is due.
const SHORTEST_SLEEP: TimeDelta = TimeDelta::seconds(10);

/// Whether the computer has slept between two looks. A clock that was set forward looks the same,
/// and wants the same: all that is due is looked at again.
pub fn has_slept(before: Look, after: Look) -> bool {
    let awake = after.awake.saturating_sub(before.awake);
    let awake = TimeDelta::from_std(awake).unwrap_or(TimeDelta::MAX);
    let passed = after.now - before.now;
    passed > awake && passed - awake >= SHORTEST_SLEEP
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slept(passed: i64, awake: u64) -> bool {
        let look = |seconds, awake| Look {
            now: Instant::from_timestamp(1_000_000 + seconds, 0).unwrap(),
            awake: Duration::from_secs(500 + awake),
        };
        has_slept(look(0, 0), look(passed, awake))
    }

    #[test]
    fn r1_a_sleep_is_time_that_the_computer_was_not_awake_for() {
        assert!(slept(8 * 3_600, 0));
        assert!(slept(8 * 3_600 + 30, 30));
        assert!(slept(10, 0));
        assert!(!slept(30, 30));
        assert!(!slept(9, 0));
    }

    #[test]
    fn r1_a_clock_that_is_set_back_is_no_sleep() {
        assert!(!slept(-7_200, 30));
        assert!(!slept(0, u64::MAX - 500));
    }
}
