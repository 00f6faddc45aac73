//! The socket, and the thread behind it.

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use chrono::{DateTime, Utc};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

use crate::clock::Clock;
use crate::delivery::{Delivery, HangUp, Outgoing};
use crate::destination::Origin;
use crate::http::{Request, Response};
use crate::journal::Journal;
use crate::router::route;
use crate::seed::{Seed, SeedError};
use crate::tls::{self, TlsError};
use crate::wire::{Resets, Wire};
use crate::world::World;

/// More than any call needs: a secret may have 64 KiB, and each byte up to six in JSON.
const BODY_LIMIT: usize = 512 * 1024;

/// Before the next try when the operating system gives no connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(10);

/// How a sandbox starts; the default is a free port, the machine's time and no journal file.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where to listen; loopback only. Port 0 takes a free one.
    pub listen: SocketAddr,
    /// A file that gets the journal as JSON lines.
    pub journal: Option<PathBuf>,
    /// The sandbox's time at the start, instead of the machine's.
    pub start: Option<DateTime<Utc>>,
    /// Whether time stands still until a test moves it; from `start`, or from the machine's time.
    pub stopped: bool,
    /// HTTPS instead of HTTP, with a certificate of a CA made at the start; a file that gets the CA's as PEM.
    pub tls_ca: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            journal: None,
            start: None,
            stopped: false,
            tls_ca: None,
        }
    }
}

/// Why a sandbox does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is not loopback.
    #[error("{0} is not a loopback address, and the sandbox hands out credentials to everybody")]
    NotLoopback(SocketAddr),
    /// The port is taken, or another reason of the operating system.
    #[error("cannot listen: {0}")]
    Listen(#[source] std::io::Error),
    /// The journal's file cannot be written.
    #[error("cannot write the journal: {0}")]
    Journal(#[source] std::io::Error),
    /// There are no certificates to serve HTTPS with.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The seed is wrong.
    #[error(transparent)]
    Seed(#[from] SeedError),
}

/// A running sandbox; it stops when this is dropped.
#[derive(Debug)]
pub struct Sandbox {
    origin: Origin,
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Sandbox {
    /// Starts a sandbox on a thread of its own; it answers from now on.
    pub fn start(seed: &Seed, options: &Options) -> Result<Self, StartError> {
        if !options.listen.ip().is_loopback() {
            return Err(StartError::NotLoopback(options.listen));
        }
        let listener = TcpListener::bind(options.listen).map_err(StartError::Listen)?;
        let address = listener.local_addr().map_err(StartError::Listen)?;
        listener.set_nonblocking(true).map_err(StartError::Listen)?;
        let journal = match &options.journal {
            Some(path) => Journal::with_file(path).map_err(StartError::Journal)?,
            None => Journal::default(),
        };
        let running = Clock::running(options.start);
        let clock = if options.stopped {
            Clock::stopped(options.start.unwrap_or_else(|| running.now()))
        } else {
            running
        };
        let tls = options.tls_ca.as_deref().map(tls::acceptor).transpose()?;
        let origin = Origin {
            scheme: if tls.is_some() { "https" } else { "http" },
            port: address.port(),
        };
        let world = World::new(seed, clock, journal, origin)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(StartError::Listen)?;
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new()
            .name("daypass-sandbox".to_owned())
            .spawn(move || runtime.block_on(serve(listener, tls, world, stopped)))
            .map_err(StartError::Listen)?;
        Ok(Self {
            origin,
            address,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Where it listens: `http://127.0.0.1:PORT`, or `https://`.
    pub fn url(&self) -> String {
        format!("{}://{}", self.origin.scheme, self.address)
    }

    /// Runs until the process ends.
    pub fn wait(mut self) {
        if let Some(thread) = self.thread.take() {
            // A join only fails for a panic, and then there is nothing left to wait for.
            let _ = thread.join();
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // The thread may be gone already.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn serve(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    world: World,
    mut stopped: oneshot::Receiver<()>,
) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else {
        return;
    };
    let world = Arc::new(Mutex::new(world));
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = &mut stopped => return,
        };
        // A client that hung up already, or no file descriptor left: the next may do better.
        let Ok((stream, _)) = accepted else {
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        let world = Arc::clone(&world);
        let resets = Resets::default();
        let wire = Wire::new(stream, resets.clone());
        match tls.clone() {
            None => tokio::spawn(converse(wire, resets, world)),
            Some(tls) => tokio::spawn(async move {
                // A client that does not trust the certificate hangs up here.
                if let Ok(stream) = tls.accept(wire).await {
                    converse(stream, resets, world).await;
                }
            }),
        };
    }
}

/// Answers on one connection until the client has had enough.
async fn converse<S>(stream: S, resets: Resets, world: Arc<Mutex<World>>)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let service = service_fn(|request| answer(Arc::clone(&world), resets.clone(), request));
    // How a connection ends is the client's affair.
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn answer(
    world: Arc<Mutex<World>>,
    resets: Resets,
    request: hyper::Request<Incoming>,
) -> Result<hyper::Response<Outgoing>, HangUp> {
    let (parts, body) = request.into_parts();
    let Ok(body) = Limited::new(body, BODY_LIMIT).collect().await else {
        let too_large = Response::new(413, "text/plain", "The body is too large.".to_owned());
        return too_large.into_hyper();
    };
    let request = Request {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body: body.to_bytes().to_vec(),
    };
    let response = {
        let mut world = world.lock().unwrap_or_else(PoisonError::into_inner);
        route(&mut world, &request)
    };
    if !response.latency.is_zero() {
        tokio::time::sleep(response.latency).await;
    }
    if matches!(response.delivery, Delivery::Reset | Delivery::ResetHalfway) {
        resets.order();
    }
    response.into_hyper()
}

impl Response {
    /// The answer as hyper sends it; an error makes hyper give the connection up.
    fn into_hyper(self) -> Result<hyper::Response<Outgoing>, HangUp> {
        let is_sent = match self.delivery {
            Delivery::Lost | Delivery::Reset => false,
            Delivery::ResetHalfway => !self.body.is_empty(),
            Delivery::Whole | Delivery::Half | Delivery::Slow(_) => true,
        };
        if !is_sent {
            return Err(HangUp);
        }
        let mut builder = hyper::Response::builder().status(self.status);
        for (name, value) in self.headers {
            builder = builder.header(name, value);
        }
        builder
            .body(Outgoing::new(self.body.into_bytes(), self.delivery))
            .map_err(|_| HangUp)
    }
}
