//! How often AWS is asked. STS throttles per account, and with it every other tool of the account.

use std::collections::VecDeque;

use chrono::TimeDelta;

use crate::Instant;

/// HARDENING R4. AWS publishes no number; this is far below what accounts are known to bear.
const CALLS: usize = 5;
const WINDOW: TimeDelta = TimeDelta::seconds(1);

/// Counts calls, so that no second has more than five that can wait.
#[derive(Debug, Clone, Default)]
pub struct Pace {
    calls: VecDeque<Instant>,
}

impl Pace {
    /// Takes a place for a call that can wait; false when there is none now.
    pub fn take(&mut self, now: Instant) -> bool {
        self.forget(now);
        if self.calls.len() >= CALLS {
            return false;
        }
        self.calls.push_back(now);
        true
    }

    /// Counts a call that a person waits for, which goes out at once.
    pub fn count(&mut self, now: Instant) {
        self.forget(now);
        self.calls.push_back(now);
    }

    /// When the next place is free.
    pub fn next_at(&self, now: Instant) -> Instant {
        let in_the_way = self.calls.len().checked_sub(CALLS);
        let call = in_the_way.and_then(|index| self.calls.get(index));
        call.map_or(now, |call| (*call + WINDOW).max(now))
    }

    /// Calls of the future are those of a clock that was turned back since.
    fn forget(&mut self, now: Instant) {
        self.calls
            .retain(|call| *call <= now && now - *call < WINDOW);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: i64) -> Instant {
        Instant::from_timestamp_millis(1_000_000 + milliseconds).unwrap()
    }

    #[test]
    fn r4_no_second_has_more_than_five_calls() {
        let mut pace = Pace::default();
        let taken: Vec<i64> = (0..3_000).filter(|ms| pace.take(at(*ms))).collect();
        assert_eq!(taken.len(), 15);
        for second in taken.windows(6) {
            assert!(second[5] - second[0] >= 1_000, "{second:?}");
        }
    }

    #[test]
    fn the_next_place_is_told() {
        let mut pace = Pace::default();
        for ms in 0..5 {
            assert_eq!(pace.next_at(at(ms * 100)), at(ms * 100));
            assert!(pace.take(at(ms * 100)));
        }
        assert!(!pace.take(at(500)));
        assert_eq!(pace.next_at(at(500)), at(1_000));
        assert!(pace.take(at(1_000)));
    }

    #[test]
    fn a_person_does_not_wait_and_is_counted() {
        let mut pace = Pace::default();
        for _ in 0..7 {
            pace.count(at(0));
        }
        assert!(!pace.take(at(999)));
        assert!(pace.take(at(1_000)));
    }

    #[test]
    fn r2_a_clock_that_is_turned_back_blocks_nothing() {
        let mut pace = Pace::default();
        for _ in 0..5 {
            pace.count(at(90_000));
        }
        assert!(pace.take(at(0)));
    }
}
