//! The one place that asks what time it is.

use daypass_core::Instant;

/// The agent's sense of time.
pub trait Clock: Send + Sync {
    /// Now, by the wall.
    fn now(&self) -> Instant;
}

/// The operating system's clock.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock file")]
    fn now(&self) -> Instant {
        std::time::SystemTime::now().into()
    }
}
