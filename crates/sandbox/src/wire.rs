//! A connection that can be reset.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// Says that a connection is to end with a reset instead of a farewell.
#[derive(Debug, Clone, Default)]
pub(crate) struct Resets(Arc<AtomicBool>);

impl Resets {
    pub(crate) fn order(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn ordered(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// A TCP stream and the order to reset it.
#[derive(Debug)]
pub(crate) struct Wire {
    stream: TcpStream,
    resets: Resets,
}

impl Wire {
    pub(crate) fn new(stream: TcpStream, resets: Resets) -> Self {
        Self { stream, resets }
    }

    fn stream(self: Pin<&mut Self>) -> Pin<&mut TcpStream> {
        Pin::new(&mut self.get_mut().stream)
    }
}

impl Drop for Wire {
    /// A socket that is closed without lingering is reset (RFC 9293, section 3.6: an abort).
    fn drop(&mut self) {
        if self.resets.ordered() {
            // A client that is gone already needs no reset.
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.stream().poll_read(context, buffer)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.stream().poll_write(context, buffer)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream().poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.resets.ordered() {
            return Poll::Ready(Ok(()));
        }
        self.stream().poll_shutdown(context)
    }
}
