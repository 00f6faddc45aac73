//! What runs the loop and the work beside it, and lets them wait. Tests put one in its place that
//! decides what runs next and how much time has passed.

use std::time::Duration;

use futures_util::future::{BoxFuture, Either, select};

/// An async runtime.
pub trait Runtime: Send + Sync {
    /// Runs work beside the loop.
    fn spawn(&self, work: BoxFuture<'static, ()>);
    /// Waits, by a clock that may stop while the computer sleeps.
    fn wait(&self, time: Duration) -> BoxFuture<'static, ()>;
}

/// The runtime that this is called in.
#[derive(Debug, Clone, Copy)]
pub struct Tokio;

impl Runtime for Tokio {
    fn spawn(&self, work: BoxFuture<'static, ()>) {
        tokio::spawn(work);
    }

    fn wait(&self, time: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(time))
    }
}

/// What comes of some work; nothing when it takes longer than that.
pub(crate) async fn within<T>(
    runtime: &dyn Runtime,
    time: Duration,
    work: impl Future<Output = T>,
) -> Option<T> {
    match select(std::pin::pin!(work), runtime.wait(time)).await {
        Either::Left((done, _)) => Some(done),
        Either::Right(((), _)) => None,
    }
}
