//! How an answer reaches the client, or does not.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::body::{Body, Bytes, Frame, SizeHint};
use tokio::time::{Sleep, sleep};

/// What the network does to an answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Delivery {
    #[default]
    Whole,
    /// The first half, as if there were no more.
    Half,
    /// The connection is closed without an answer.
    Lost,
    /// The connection is reset without an answer.
    Reset,
    /// Half of the body, and then the connection is reset.
    ResetHalfway,
    /// Byte for byte, this long apart.
    Slow(Duration),
}

/// Why hyper gives a connection up.
#[derive(Debug, thiserror::Error)]
#[error("an ordered failure")]
pub(crate) struct HangUp;

/// A body on its way.
#[derive(Debug)]
pub(crate) struct Outgoing {
    rest: Bytes,
    pace: Pace,
}

#[derive(Debug)]
enum Pace {
    AtOnce,
    /// Breaks off once so many bytes are left; before that hyper gets time to send the others.
    UntilLeft {
        bytes: usize,
        sent: bool,
    },
    Slow {
        every: Duration,
        wait: Pin<Box<Sleep>>,
    },
}

impl Outgoing {
    /// The body as `delivery` has it; whole where nothing happens to bodies.
    pub(crate) fn new(body: Vec<u8>, delivery: Delivery) -> Self {
        let mut rest = Bytes::from(body);
        let half = rest.len() / 2;
        let pace = match delivery {
            Delivery::ResetHalfway => Pace::UntilLeft {
                bytes: rest.len() - half,
                sent: false,
            },
            Delivery::Slow(every) => Pace::Slow {
                every,
                wait: Box::pin(sleep(every)),
            },
            Delivery::Half => {
                rest.truncate(half);
                Pace::AtOnce
            }
            Delivery::Whole | Delivery::Lost | Delivery::Reset => Pace::AtOnce,
        };
        Self { rest, pace }
    }

    fn take(&mut self, count: usize) -> Poll<Option<Result<Frame<Bytes>, HangUp>>> {
        if self.rest.is_empty() {
            return Poll::Ready(None);
        }
        let taken = self.rest.split_to(count.min(self.rest.len()));
        Poll::Ready(Some(Ok(Frame::data(taken))))
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = HangUp;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, HangUp>>> {
        let left = self.rest.len();
        match &mut self.pace {
            Pace::AtOnce => self.take(left),
            Pace::UntilLeft { bytes, .. } if left > *bytes => {
                let count = left - *bytes;
                self.take(count)
            }
            Pace::UntilLeft { sent, .. } if !*sent => {
                *sent = true;
                context.waker().wake_by_ref();
                Poll::Pending
            }
            Pace::UntilLeft { .. } => Poll::Ready(Some(Err(HangUp))),
            Pace::Slow { every, wait } => {
                ready!(wait.as_mut().poll(context));
                *wait = Box::pin(sleep(*every));
                self.take(1)
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.rest.len() as u64)
    }
}
