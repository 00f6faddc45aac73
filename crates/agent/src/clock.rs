//! The one place that asks what time it is.
//!
//! Sessions end by AWS's clock, so that is the time the agent goes by: this computer's, corrected
//! by the `Date` of AWS's answers (R3). When a person or a program sets this computer's clock, the
//! time since that answer, which nobody can set, keeps the agent right (R2).

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use chrono::TimeDelta;
use daypass_core::Instant;
use futures_util::future::BoxFuture;
use rustix::time::ClockId;

/// The agent's sense of time.
pub trait Clock: Send + Sync {
    /// Now, by AWS's clock as far as it is known, and never earlier than that.
    fn now(&self) -> Instant;
    /// By how much this computer's clock is behind AWS's; negative where it is ahead. Zero while
    /// AWS has told no time, and for differences that no one notices.
    fn behind(&self) -> TimeDelta;
    /// How far [`Self::now`] can be trusted.
    fn trust(&self) -> Trust;
    /// For how long this computer was awake since it was started, where that is known.
    fn awake(&self) -> Option<Duration> {
        None
    }
    /// Lets time pass between two tries of work beside the loop. The loop itself never waits for
    /// this: it looks at the wall clock.
    fn pass(&self, time: Duration) -> BoxFuture<'static, ()>;
}

/// What the agent's idea of AWS's time rests on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Trust {
    /// On this computer's clock alone: AWS has told no time yet.
    #[default]
    Unheard,
    /// On what AWS told.
    Heard,
    /// This computer's clock was set since then.
    WasSet,
}

/// What this computer knows of the time.
pub trait Ticks: Send + Sync {
    /// Now, by the wall clock, which may be set at any moment.
    fn wall(&self) -> Instant;
    /// The time since the computer was started, sleep included.
    fn since_boot(&self) -> Duration;
    /// The same without sleep, where that is known.
    fn awake(&self) -> Option<Duration> {
        None
    }
}

/// The operating system's clocks.
#[derive(Debug, Clone, Copy)]
pub struct SystemTicks;

impl Ticks for SystemTicks {
    #[expect(clippy::disallowed_methods, reason = "this is the clock file")]
    fn wall(&self) -> Instant {
        std::time::SystemTime::now().into()
    }

    fn since_boot(&self) -> Duration {
        read(ClockId::Boottime)
    }

    fn awake(&self) -> Option<Duration> {
        Some(read(ClockId::Monotonic))
    }
}

fn read(clock: ClockId) -> Duration {
    let time = rustix::time::clock_gettime(clock);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or_default())
}

/// Differences that the resolution of `Date` and the way of an answer explain.
const NOTICEABLE: TimeDelta = TimeDelta::seconds(5);
/// By more than this no clock is slewed while nobody looks.
const SET: TimeDelta = TimeDelta::seconds(60);
/// An answer that was longer on its way says too little of the time.
const LONGEST_WAY: Duration = Duration::from_secs(10);
/// A computer's clock that was never set says 1970, and one without a battery the day it was made.
/// Whatever is further away is no time of AWS's.
const MOST_WRONG: TimeDelta = TimeDelta::days(100 * 365);

/// AWS's clock, as far as this computer knows it.
#[derive(Debug)]
pub struct AwsClock<T> {
    ticks: T,
    told: Mutex<Option<Told>>,
}

/// When a request was sent.
#[derive(Debug, Clone, Copy)]
pub struct Sent {
    wall: Instant,
    since_boot: Duration,
}

/// The time as AWS told it once.
#[derive(Debug, Clone, Copy)]
struct Told {
    at: Instant,
    since_boot: Duration,
    behind: TimeDelta,
}

impl<T: Ticks> AwsClock<T> {
    /// A clock that knows no better than this computer.
    pub const fn new(ticks: T) -> Self {
        Self {
            ticks,
            told: Mutex::new(None),
        }
    }

    /// This computer's clocks.
    pub const fn ticks(&self) -> &T {
        &self.ticks
    }

    /// Notes when a request is sent.
    pub fn sent(&self) -> Sent {
        Sent {
            wall: self.ticks.wall(),
            since_boot: self.ticks.since_boot(),
        }
    }

    /// How long ago that was, by the clock that says most: where this computer slept, or its clock
    /// was set meanwhile, the answer's date says nothing.
    pub fn way(&self, sent: &Sent) -> Duration {
        let by_boot = self.ticks.since_boot().saturating_sub(sent.since_boot);
        let by_wall = (self.ticks.wall() - sent.wall).abs().to_std();
        by_boot.max(by_wall.unwrap_or(Duration::MAX))
    }

    /// Takes the time from an answer of AWS that took so long to come.
    pub fn hear(&self, date: Instant, way: Duration) {
        let behind = date - self.ticks.wall();
        if way > LONGEST_WAY || behind.abs() > MOST_WRONG {
            return;
        }
        let behind = if behind.abs() < NOTICEABLE {
            TimeDelta::zero()
        } else {
            behind
        };
        *self.told() = Some(Told {
            at: self.ticks.wall() + behind,
            since_boot: self.ticks.since_boot(),
            behind,
        });
    }

    fn told(&self) -> MutexGuard<'_, Option<Told>> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Now, by the wall clock as corrected, and by the time since AWS told it.
    fn both(&self, told: Told) -> (Instant, Instant) {
        let passed = self.ticks.since_boot().saturating_sub(told.since_boot);
        let passed = TimeDelta::from_std(passed).unwrap_or(TimeDelta::MAX);
        let since_told = told
            .at
            .checked_add_signed(passed)
            .unwrap_or(Instant::MAX_UTC);
        (self.ticks.wall() + told.behind, since_told)
    }
}

impl<T: Ticks> Clock for AwsClock<T> {
    fn now(&self) -> Instant {
        let Some(told) = *self.told() else {
            return self.ticks.wall();
        };
        let (by_wall, since_told) = self.both(told);
        by_wall.max(since_told)
    }

    fn behind(&self) -> TimeDelta {
        self.told().map_or(TimeDelta::zero(), |told| told.behind)
    }

    fn trust(&self) -> Trust {
        let Some(told) = *self.told() else {
            return Trust::Unheard;
        };
        let (by_wall, since_told) = self.both(told);
        if (by_wall - since_told).abs() > SET {
            return Trust::WasSet;
        }
        Trust::Heard
    }

    fn awake(&self) -> Option<Duration> {
        self.ticks.awake()
    }

    fn pass(&self, time: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(time))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Seconds of the wall clock, and since the start.
    #[derive(Default)]
    struct Hands(Mutex<(i64, u64)>);

    impl Ticks for Hands {
        fn wall(&self) -> Instant {
            Instant::from_timestamp(self.0.lock().unwrap().0, 0).unwrap()
        }

        fn since_boot(&self) -> Duration {
            Duration::from_secs(self.0.lock().unwrap().1)
        }
    }

    impl Hands {
        fn pass(&self, seconds: u32) {
            let mut hands = self.0.lock().unwrap();
            hands.0 += i64::from(seconds);
            hands.1 += u64::from(seconds);
        }

        fn set(&self, seconds: i64) {
            self.0.lock().unwrap().0 = seconds;
        }
    }

    fn at(seconds: i64) -> Instant {
        Instant::from_timestamp(seconds, 0).unwrap()
    }

    /// A header may name the year 262142; the wall clock and that make no instant.
    #[test]
    fn r3_a_date_of_another_age_is_not_heard() {
        let clock = AwsClock::new(Hands::default());
        clock.hear(Instant::MAX_UTC, Duration::ZERO);
        assert_eq!(clock.trust(), Trust::Unheard);
        assert_eq!(clock.now(), at(0));
    }

    #[test]
    fn r3_a_wrong_clock_is_corrected_by_what_aws_says() {
        let clock = AwsClock::new(Hands::default());
        clock.ticks.set(1_000);
        assert_eq!(clock.now(), at(1_000));
        clock.hear(at(8_200), Duration::ZERO);
        assert_eq!(
            (clock.now(), clock.behind()),
            (at(8_200), TimeDelta::hours(2))
        );
        clock.ticks.pass(60);
        assert_eq!(clock.now(), at(8_260));
        assert_eq!(clock.trust(), Trust::Heard);
    }

    #[test]
    fn r3_small_differences_and_slow_answers_say_nothing() {
        let clock = AwsClock::new(Hands::default());
        clock.hear(at(4), Duration::ZERO);
        assert_eq!((clock.now(), clock.behind()), (at(0), TimeDelta::zero()));
        clock.hear(at(900), Duration::from_secs(11));
        assert_eq!(clock.now(), at(0));
    }

    #[test]
    fn r2_a_clock_that_is_set_while_aws_is_asked_learns_nothing() {
        for jump in [-60, 60] {
            let clock = AwsClock::new(Hands::default());
            clock.ticks.set(1_000);
            let sent = clock.sent();
            clock.ticks.set(1_000 + jump);
            assert_eq!(clock.way(&sent), Duration::from_secs(60));
            clock.hear(at(1_000), clock.way(&sent));
            assert_eq!(clock.trust(), Trust::Unheard);
        }
    }

    /// Whichever way it is set: nothing is taken for valid that AWS takes for ended.
    #[test]
    fn r2_a_clock_that_is_set_never_turns_time_back() {
        for jump in [-7_200, 7_200] {
            let clock = AwsClock::new(Hands::default());
            clock.ticks.set(100_000);
            clock.hear(at(100_000), Duration::ZERO);
            clock.ticks.pass(10);
            clock.ticks.set(100_010 + jump);
            assert_eq!(clock.trust(), Trust::WasSet);
            assert!(clock.now() >= at(100_010), "{jump}");
            // AWS's next answer settles it.
            clock.hear(at(100_010), Duration::ZERO);
            assert_eq!(clock.now(), at(100_010), "{jump}");
            assert_eq!(clock.trust(), Trust::Heard);
        }
    }
}
