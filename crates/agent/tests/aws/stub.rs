//! A server that takes requests and fails in a way that the sandbox cannot.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};

/// What happens to a request once all of it has been read.
#[derive(Clone, Copy)]
pub(crate) enum Fate {
    /// It is answered with these bytes, and the connection stays.
    Answer(&'static str),
    /// The same, and the connection is closed.
    LastWords(&'static str),
    /// The connection is closed in good order.
    HangUp,
    /// The connection is torn down.
    Reset,
    /// Nothing.
    Silence,
    /// These bytes, one a second.
    Drip(&'static str),
    /// These bytes, and then no more, although the connection stays open for the client's.
    HalfClose(&'static str),
    /// These bytes, and then others for as long as the client takes them.
    Endless(&'static str),
}

/// The server, in the test's own runtime; it ends with it.
pub(crate) struct Stub {
    url: String,
    requests: Arc<Mutex<Vec<String>>>,
    sent: Arc<AtomicUsize>,
    arrivals: mpsc::UnboundedReceiver<()>,
}

impl Stub {
    /// Deals out fates in turn, the last one for ever.
    pub(crate) async fn start(fates: &'static [Fate]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (arrived, arrivals) = mpsc::unbounded_channel();
        let seen = Arc::clone(&requests);
        let sent = Arc::new(AtomicUsize::new(0));
        let taken = Arc::clone(&sent);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (seen, taken) = (Arc::clone(&seen), Arc::clone(&taken));
                tokio::spawn(serve(stream, fates, seen, taken, arrived.clone()));
            }
        });
        Self {
            url,
            requests,
            sent,
            arrivals,
        }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Waits until the next request has arrived in full.
    pub(crate) async fn arrival(&mut self) {
        self.arrivals.recv().await.unwrap();
    }

    /// How many bytes of endless answers the clients took.
    pub(crate) fn sent(&self) -> usize {
        self.sent.load(Ordering::Relaxed)
    }

    /// Every request so far, head and body, on whichever connection.
    pub(crate) fn requests(&self) -> Vec<String> {
        let requests = self.requests.lock();
        requests.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn serve(
    mut stream: TcpStream,
    fates: &'static [Fate],
    seen: Arc<Mutex<Vec<String>>>,
    sent: Arc<AtomicUsize>,
    arrived: mpsc::UnboundedSender<()>,
) {
    while let Some(request) = read_request(&mut stream).await {
        let fate = {
            let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
            seen.push(request);
            fates[(seen.len() - 1).min(fates.len() - 1)]
        };
        // The test may have stopped listening.
        let _ = arrived.send(());
        match fate {
            Fate::Answer(text) => stream.write_all(text.as_bytes()).await.unwrap(),
            Fate::LastWords(text) => {
                // Announced, so that the client does not start its next request on this connection.
                let text = text.replacen("\r\n", "\r\nConnection: close\r\n", 1);
                stream.write_all(text.as_bytes()).await.unwrap();
                return;
            }
            Fate::HangUp => return,
            Fate::Drip(text) => {
                for byte in text.as_bytes() {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    // Until the client gives up.
                    if stream.write_all(&[*byte]).await.is_err() {
                        return;
                    }
                }
            }
            Fate::HalfClose(text) => {
                stream.write_all(text.as_bytes()).await.unwrap();
                stream.shutdown().await.unwrap();
                let _ = stream.read(&mut [0]).await;
                return;
            }
            Fate::Endless(text) => {
                stream.write_all(text.as_bytes()).await.unwrap();
                while let Ok(count) = stream.write(&[b' '; 64 * 1024]).await {
                    sent.fetch_add(count, Ordering::Relaxed);
                }
                return;
            }
            Fate::Reset => {
                stream.set_zero_linger().unwrap();
                return;
            }
            Fate::Silence => {
                // Until the client gives up.
                let _ = stream.read(&mut [0]).await;
                return;
            }
        }
    }
}

/// A request with a `Content-Length`; nothing when the client has hung up.
pub(crate) async fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let head = head.to_ascii_lowercase();
            let mut lines = head.lines().filter_map(|line| line.split_once(": "));
            let length = lines.find(|(name, _)| *name == "content-length");
            let length: usize = length.map_or(0, |(_, value)| value.trim().parse().unwrap());
            if body.len() >= length {
                return Some(text);
            }
        }
        if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
            return None;
        }
    }
}
