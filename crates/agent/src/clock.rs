//! The one place that asks what time it is.

use std::time::Duration;

use daypass_core::Instant;
use futures_util::future::BoxFuture;

/// The agent's sense of time.
pub trait Clock: Send + Sync {
    /// Now, by the wall.
    fn now(&self) -> Instant;
    /// Lets time pass between two tries of work beside the loop. The loop itself never waits for
    /// this: it looks at the wall clock.
    fn pass(&self, time: Duration) -> BoxFuture<'static, ()>;
}

/// The operating system's clock.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock file")]
    fn now(&self) -> Instant {
        std::time::SystemTime::now().into()
    }

    fn pass(&self, time: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(time))
    }
}
