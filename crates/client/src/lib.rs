//! The socket's other end, for the CLI and the popup. Blocking and small, so that a command starts
//! as fast as `true`.
#![cfg(unix)]

#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    io::{self, Read, Write},
    os::{
        fd::{AsFd, BorrowedFd},
        unix::net::UnixStream,
    },
    time::Duration,
};

use daypass_core::{
    frame::{self, HEADER_LEN, MAX_ANSWER, MAX_REQUEST},
    paths::Paths,
    problem::{Code, Problem},
    protocol::{self, Envelope, Event, Request, Response},
};
use rustix::{net::sockopt::socket_peercred, process::geteuid};
use serde::de::{DeserializeOwned, IgnoredAny};
use zeroize::Zeroizing;

/// Longer than the agent lets anybody wait.
const PATIENCE: Duration = Duration::from_secs(160);

/// Why there is no connection.
#[derive(Debug)]
pub enum ConnectError {
    /// No agent runs.
    NoAgent,
    /// Something is in the way.
    Problem(Problem),
}

/// A connection to this user's agent, good for one request.
pub struct Connection(UnixStream);

impl Connection {
    /// Connects, and makes sure that the other end is our own user's (T2).
    ///
    /// # Errors
    /// When no agent runs, or the socket is somebody else's.
    pub fn open(paths: &Paths) -> Result<Self, ConnectError> {
        let socket = paths.socket();
        let stream = UnixStream::connect(&socket).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => ConnectError::NoAgent,
            _ => ConnectError::Problem(Problem::yours(
                Code::NoAgent,
                format!(
                    "The agent's socket {} cannot be opened: {error}.",
                    socket.display()
                ),
                "Quit Daypass and start it again.",
            )),
        })?;
        let peer = socket_peercred(&stream).map(|peer| peer.uid);
        if peer != Ok(geteuid()) {
            return Err(ConnectError::Problem(Problem::yours(
                Code::NoAgent,
                format!("The socket {} belongs to another user.", socket.display()),
                "Do not use it. Check who made it.",
            )));
        }
        Ok(Self(stream))
    }

    /// Sends a request and waits for its answer.
    ///
    /// # Errors
    /// When the agent goes away. What the agent itself refuses is a [`Response::Failed`].
    pub fn ask(self, request: Request) -> Result<Response, Problem> {
        self.begin(request)?.answer()
    }

    /// Sends a request and leaves its answer for later.
    ///
    /// # Errors
    /// When the agent goes away.
    pub fn begin(mut self, request: Request) -> Result<Pending, Problem> {
        self.0
            .set_read_timeout(Some(PATIENCE))
            .map_err(|_| lost())?;
        self.send(request)?;
        Ok(Pending(self.0))
    }

    /// Listens to the agent's state until the connection ends.
    ///
    /// # Errors
    /// When the agent goes away.
    pub fn subscribe(mut self, popup: bool) -> Result<Events, Problem> {
        self.send(Request::Subscribe { popup })?;
        Ok(Events(self.0))
    }

    fn send(&mut self, request: Request) -> Result<(), Problem> {
        let envelope = Envelope {
            version: protocol::VERSION,
            request,
        };
        let frame = frame::encode(&envelope, MAX_REQUEST)
            .map_err(|_| Problem::usage("That is longer than Daypass can take."))?;
        self.0.write_all(&frame).map_err(|_| lost())
    }
}

/// A request that was sent. Its descriptor is readable once the answer is there.
pub struct Pending(UnixStream);

impl Pending {
    /// Waits for the answer.
    ///
    /// # Errors
    /// When the agent goes away. What the agent itself refuses is a [`Response::Failed`].
    pub fn answer(mut self) -> Result<Response, Problem> {
        read(&mut self.0)
    }
}

impl AsFd for Pending {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// The agent's state, as it changes.
pub struct Events(UnixStream);

impl Iterator for Events {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        loop {
            let body = read_body(&mut self.0).ok()?;
            if let Ok(event) = frame::decode(&body) {
                return Some(event);
            }
            // A newer agent may tell more than this version knows of; without its state there is
            // nothing to show.
            if !is_news(&body) {
                return None;
            }
        }
    }
}

/// Whether a message is one that this version can do without.
fn is_news(body: &[u8]) -> bool {
    let unknown = |kind: &str| !["state", "failed"].contains(&kind);
    match frame::decode::<BTreeMap<String, IgnoredAny>>(body) {
        Ok(message) => message.keys().all(|kind| unknown(kind)),
        Err(_) => frame::decode::<String>(body).is_ok(),
    }
}

fn read<T: DeserializeOwned>(stream: &mut UnixStream) -> Result<T, Problem> {
    frame::decode(&read_body(stream)?).map_err(|_| foreign())
}

fn read_body(stream: &mut UnixStream) -> Result<Zeroizing<Vec<u8>>, Problem> {
    let mut header = [0; HEADER_LEN];
    stream.read_exact(&mut header).map_err(|_| lost())?;
    let length = frame::body_len(header, MAX_ANSWER).map_err(|_| foreign())?;
    let mut body = Zeroizing::new(vec![0; length]);
    stream.read_exact(&mut body).map_err(|_| lost())?;
    Ok(body)
}

fn lost() -> Problem {
    Problem::passing(
        Code::NoAgent,
        "Daypass went away before it answered.",
        "Start it again, then try again.",
    )
}

fn foreign() -> Problem {
    Problem::yours(
        Code::Failed,
        "The running Daypass is of another version.",
        "Quit it and start it again.",
    )
}
