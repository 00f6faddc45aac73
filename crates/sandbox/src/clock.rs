//! The sandbox's own time, which a test moves instead of sleeping.

use std::time::SystemTime;

use chrono::{DateTime, Datelike, SubsecRound, TimeDelta, Utc};

/// Years in which AWS's own formats and every sum of a time and a duration stay valid.
const YEARS: std::ops::RangeInclusive<i32> = 2000..=9000;

/// Where the sandbox's time comes from.
#[derive(Debug, Clone)]
pub(crate) struct Clock {
    stopped_at: Option<DateTime<Utc>>,
    offset: TimeDelta,
}

impl Clock {
    /// Runs from `start`, or from the machine's time.
    pub(crate) fn running(start: Option<DateTime<Utc>>) -> Self {
        let offset = start.map_or(TimeDelta::zero(), |start| start - machine_time());
        Self {
            stopped_at: None,
            offset,
        }
    }

    /// Stands still at `at` until it is moved.
    pub(crate) fn stopped(at: DateTime<Utc>) -> Self {
        Self {
            stopped_at: Some(at),
            offset: TimeDelta::zero(),
        }
    }

    /// The time, in whole seconds as AWS writes it.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.stopped_at
            .unwrap_or_else(|| machine_time() + self.offset)
            .trunc_subsecs(0)
    }

    /// How far the sandbox is ahead of the machine.
    pub(crate) fn offset(&self) -> TimeDelta {
        match self.stopped_at {
            Some(at) => at - machine_time(),
            None => self.offset,
        }
    }

    /// Moves by `seconds`, back when negative; `None` when that leaves the years that AWS's formats can hold.
    pub(crate) fn advance(&mut self, seconds: i64) -> Option<()> {
        let by = TimeDelta::try_seconds(seconds)?;
        let time = self.now().checked_add_signed(by)?;
        if self.stopped_at.is_some() {
            return self.set(time);
        }
        if !YEARS.contains(&time.year()) {
            return None;
        }
        // By the offset, because whole seconds would lose a part of one with each move.
        self.offset = self.offset.checked_add(&by)?;
        Some(())
    }

    /// Moves to `time`.
    pub(crate) fn set(&mut self, time: DateTime<Utc>) -> Option<()> {
        if !YEARS.contains(&time.year()) {
            return None;
        }
        match &mut self.stopped_at {
            Some(at) => *at = time,
            None => self.offset = time - machine_time(),
        }
        Some(())
    }
}

#[allow(
    clippy::disallowed_methods,
    reason = "the one place that reads the machine's time"
)]
fn machine_time() -> DateTime<Utc> {
    let since_epoch = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    let seconds = i64::try_from(since_epoch.as_secs()).unwrap_or_default();
    DateTime::from_timestamp(seconds, since_epoch.subsec_nanos()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap_or_default()
    }

    #[test]
    fn a_stopped_clock_moves_only_when_told() {
        let mut clock = Clock::stopped(at(1_800_000_000));
        assert_eq!(clock.now(), at(1_800_000_000));
        assert_eq!(clock.advance(90), Some(()));
        assert_eq!(clock.now(), at(1_800_000_090));
        assert_eq!(clock.set(at(1_700_000_000)), Some(()));
        assert_eq!(clock.now(), at(1_700_000_000));
    }

    #[test]
    fn a_running_clock_starts_where_told() {
        let clock = Clock::running(Some(at(1_900_000_000)));
        assert!((clock.now() - at(1_900_000_000)).num_seconds() < 60);
        assert!(clock.offset().num_seconds() > 0);
    }

    #[test]
    fn no_move_leaves_the_calendar() {
        let mut clock = Clock::stopped(at(1_800_000_000));
        for seconds in [i64::MAX, i64::MIN, 300_000_000_000, -30_000_000_000] {
            assert_eq!(clock.advance(seconds), None);
        }
        assert_eq!(clock.now(), at(1_800_000_000));
    }
}
