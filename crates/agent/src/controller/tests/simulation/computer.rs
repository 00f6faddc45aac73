//! A computer with clocks of its own, and the runtime on it: one task at a time, and time passes
//! only when it is told to.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    time::Duration,
};

use chrono::TimeDelta;
use daypass_core::Instant;
use futures_util::{
    future::BoxFuture,
    stream::{FuturesUnordered, Stream},
};

use crate::{clock::Ticks, runtime::Runtime};

/// AWS's time when the computer is started.
const START: i64 = 1_800_000_000;

/// Milliseconds on every clock there is.
#[derive(Default)]
struct Hands {
    /// Since the start, sleep included. AWS's clock goes by it.
    boot: u64,
    /// The same without sleep, as timers count it.
    awake: u64,
    /// How far the wall clock is ahead of AWS's.
    ahead: i64,
    /// Nanoseconds that went by while clocks were read: none shows the same time twice.
    reading: u64,
    timers: Vec<Weak<Timer>>,
    spawned: Vec<BoxFuture<'static, ()>>,
}

impl Hands {
    fn read(&mut self) -> Duration {
        let mut hasher = DefaultHasher::new();
        self.reading.hash(&mut hasher);
        self.reading += 1 + hasher.finish() % 1_000;
        Duration::from_nanos(self.reading)
    }
}

/// The computer.
#[derive(Default)]
pub(super) struct Computer(Mutex<Hands>);

/// The computer as a handle, for the ports.
#[derive(Clone)]
pub(super) struct Here(pub(super) Arc<Computer>);

struct Timer {
    due: u64,
    waker: Mutex<Option<Waker>>,
}

struct Waiting {
    here: Here,
    timer: Arc<Timer>,
}

impl Computer {
    fn hands(&self) -> MutexGuard<'_, Hands> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// AWS's clock, which is right.
    pub(super) fn true_time(&self) -> Instant {
        at(self.hands().boot)
    }

    pub(super) fn set_clock(&self, seconds: i64) {
        self.hands().ahead += seconds * 1_000;
    }

    /// Sleeps: everything stands still but the clocks.
    pub(super) fn sleep(&self, seconds: u32) {
        self.hands().boot += u64::from(seconds) * 1_000;
    }

    pub(super) fn awake(&self) -> u64 {
        self.hands().awake
    }

    /// Lets time pass until a timer is due, but not beyond `end`.
    pub(super) fn pass_until(&self, end: u64) {
        let mut hands = self.hands();
        hands.timers.retain(|timer| timer.strong_count() > 0);
        let timers = hands.timers.iter().filter_map(Weak::upgrade);
        let due = timers.map(|timer| timer.due).min();
        let next = due.map_or(end, |due| late(due).clamp(hands.awake, end));
        hands.boot += next - hands.awake;
        hands.awake = next;
        let timers: Vec<_> = hands.timers.iter().filter_map(Weak::upgrade).collect();
        drop(hands);
        for timer in timers.into_iter().filter(|timer| timer.due <= next) {
            timer.wake();
        }
    }

    fn spawned(&self) -> Vec<BoxFuture<'static, ()>> {
        std::mem::take(&mut self.hands().spawned)
    }
}

/// Timers are never on time; and what is seeded with a time gets a new one.
const fn late(due: u64) -> u64 {
    due + 1 + due % 13
}

fn at(milliseconds: u64) -> Instant {
    let start = Instant::from_timestamp(START, 0).unwrap();
    start + TimeDelta::milliseconds(i64::try_from(milliseconds).unwrap())
}

impl Ticks for Here {
    fn wall(&self) -> Instant {
        let mut hands = self.0.hands();
        at(hands.boot) + TimeDelta::milliseconds(hands.ahead) + hands.read()
    }

    fn since_boot(&self) -> Duration {
        let mut hands = self.0.hands();
        Duration::from_millis(hands.boot) + hands.read()
    }

    fn awake(&self) -> Option<Duration> {
        Some(Duration::from_millis(self.0.awake()))
    }
}

impl Runtime for Here {
    fn spawn(&self, work: BoxFuture<'static, ()>) {
        self.0.hands().spawned.push(work);
    }

    fn wait(&self, time: Duration) -> BoxFuture<'static, ()> {
        let mut hands = self.0.hands();
        let timer = Arc::new(Timer {
            due: hands.awake + u64::try_from(time.as_millis()).unwrap(),
            waker: Mutex::new(None),
        });
        hands.timers.push(Arc::downgrade(&timer));
        drop(hands);
        Box::pin(Waiting {
            here: self.clone(),
            timer,
        })
    }
}

impl Timer {
    fn waker(&self) -> MutexGuard<'_, Option<Waker>> {
        self.waker.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wake(&self) {
        if let Some(waker) = self.waker().take() {
            waker.wake();
        }
    }
}

impl Future for Waiting {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.here.0.awake() >= self.timer.due {
            return Poll::Ready(());
        }
        *self.timer.waker() = Some(context.waker().clone());
        Poll::Pending
    }
}

/// The tasks of the computer.
pub(super) struct Tasks {
    computer: Arc<Computer>,
    running: FuturesUnordered<BoxFuture<'static, ()>>,
}

struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// More turns than any input needs: whoever takes them spins.
const SPINNING: usize = 10_000;

impl Tasks {
    pub(super) fn on(computer: Arc<Computer>) -> Self {
        Self {
            computer,
            running: FuturesUnordered::new(),
        }
    }

    /// Runs every task until all of them wait. `meanwhile` is work that no task does; true when
    /// there was some.
    pub(super) fn settle(&mut self, mut meanwhile: impl FnMut() -> bool) {
        for _ in 0..SPINNING {
            self.running.extend(self.computer.spawned());
            let woken = Arc::new(Woken(AtomicBool::new(false)));
            let waker = Waker::from(Arc::clone(&woken));
            let mut context = Context::from_waker(&waker);
            let ended = Pin::new(&mut self.running).poll_next(&mut context);
            let busy = matches!(ended, Poll::Ready(Some(()))) || woken.0.load(Ordering::Relaxed);
            if !(busy || meanwhile()) && self.computer.hands().spawned.is_empty() {
                return;
            }
        }
        panic!("the loop spins: nothing happens, and it does not wait");
    }
}
