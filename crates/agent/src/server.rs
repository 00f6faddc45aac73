//! The socket: who may connect, one request per connection, and the stream of state.

use std::{sync::Arc, time::Duration};

use daypass_core::{
    frame::{self, HEADER_LEN, MAX_ANSWER, MAX_REQUEST},
    problem::{Code, Problem},
    protocol::{Envelope, Event, Greeting, Request, Response},
};
use serde::Serialize;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{UnixListener, UnixStream},
    sync::{Semaphore, mpsc, oneshot},
    time::timeout,
};
use zeroize::Zeroizing;

use crate::{
    caller,
    controller::{Handle, Input},
};

/// How long a client may take to say what it wants (T21).
const READ: Duration = Duration::from_secs(5);
/// How long a caller waits for a session. SDKs give up after a minute (AWS_RULES 3.7); the answer
/// that comes later serves the next call.
const ANSWER: Duration = Duration::from_secs(50);
/// How long a caller waits for what may need the keychain's own prompt first.
const KEYCHAIN: Duration = Duration::from_secs(150);
/// The most connections at a time (T21).
const CONNECTIONS: usize = 1_024;

/// What that many clients need besides our own files; many systems start programs with less.
const DESCRIPTORS: u64 = 4_096;

/// Makes room for the clients, as far as the system's hard limit lets us.
pub fn make_room() {
    use rustix::process::{Resource, getrlimit, setrlimit};

    let mut limit = getrlimit(Resource::Nofile);
    let Some(current) = limit.current.filter(|current| *current < DESCRIPTORS) else {
        return;
    };
    let wanted = limit
        .maximum
        .map_or(DESCRIPTORS, |hard| hard.min(DESCRIPTORS));
    limit.current = Some(wanted.max(current));
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::warn!(%error, "the limit of open files stays as it is");
    }
}

/// Answers clients until the task is dropped.
pub async fn serve(listener: UnixListener, handle: Handle) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return;
        };
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                // Out of descriptors, most likely: the clients that end free some.
                tracing::warn!(%error, "a client could not be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let handle = handle.clone();
        tokio::spawn(async move {
            if is_same_user(&stream) {
                let _ = answer(stream, handle).await;
            }
            drop(place);
        });
    }
}

/// Whether a client runs as our own user. Others get no byte (T1).
fn is_same_user(stream: &UnixStream) -> bool {
    let peer = stream.peer_cred().map(|peer| peer.uid());
    let ours = classify_peer(peer.ok(), rustix::process::geteuid().as_raw());
    if !ours {
        tracing::warn!("a client of another user was turned away");
    }
    ours
}

fn classify_peer(peer: Option<u32>, own: u32) -> bool {
    peer == Some(own)
}

async fn answer(mut stream: UnixStream, handle: Handle) -> std::io::Result<()> {
    let request = match timeout(READ, read_request(&mut stream)).await {
        Ok(Some(Ok(request))) => request,
        Ok(Some(Err(problem))) => return write(&mut stream, &Response::Failed(problem)).await,
        Ok(None) | Err(_) => return Ok(()),
    };
    if let Request::Subscribe { popup } = request {
        return stream_state(stream, handle, popup).await;
    }
    let (reply, answered) = oneshot::channel();
    let waiting_for_code = waits_for_code(&request);
    let patience = if waiting_for_code { ANSWER } else { KEYCHAIN };
    let caller = if names_caller(&request) {
        caller::of(&stream)
    } else {
        None
    };
    let input = Input::Request(request, caller, reply);
    if handle.inputs.send(input).is_err() {
        return Ok(());
    }
    let response = match timeout(patience, answered).await {
        Ok(Ok(response)) => response,
        // The loop has ended, or dropped what was asked along with a removed role.
        Ok(Err(_)) => Response::Failed(Problem::passing(
            Code::Failed,
            "Daypass was stopped, or the role was changed, before the answer came.",
            "Try again.",
        )),
        Err(_) => Response::Failed(late(waiting_for_code)),
    };
    write(&mut stream, &response).await
}

const fn waits_for_code(request: &Request) -> bool {
    matches!(
        request,
        Request::Credentials { .. }
            | Request::OpenConsole(_)
            | Request::ConsoleUrl { .. }
            | Request::CopyLink(_)
            | Request::CopyEnvironment { .. }
            | Request::WriteProfile { .. }
            | Request::RenewSession { .. }
            | Request::Publish { .. }
    )
}

/// Whether it matters who asks: for the code field, and for the journal.
const fn names_caller(request: &Request) -> bool {
    !matches!(
        request,
        Request::Status
            | Request::DescribeRole { .. }
            | Request::PlanImport(_)
            | Request::Browsers
            | Request::Journal(_)
            | Request::OpenWindow
            | Request::DismissNotice { .. }
    )
}

fn late(waiting_for_code: bool) -> Problem {
    if waiting_for_code {
        return Problem::yours(
            Code::CodeNeeded,
            "No code was entered in time.",
            "Enter it in Daypass's window, then run this again.",
        );
    }
    Problem::passing(Code::Failed, "The answer took too long.", "Try again.")
}

async fn read_request(stream: &mut UnixStream) -> Option<Result<Request, Problem>> {
    let mut header = [0; HEADER_LEN];
    stream.read_exact(&mut header).await.ok()?;
    let length = match frame::body_len(header, MAX_REQUEST) {
        Ok(length) => length,
        Err(error) => return Some(Err(Problem::usage(format!("Daypass got {error}.")))),
    };
    let mut body = Zeroizing::new(vec![0; length]);
    stream.read_exact(&mut body).await.ok()?;
    Some(understand(&body))
}

/// The request in a frame, or the words for a sender of another version (R22).
fn understand(body: &[u8]) -> Result<Request, Problem> {
    if let Ok(envelope) = frame::decode::<Envelope>(body) {
        return envelope.open();
    }
    match frame::decode::<Greeting>(body) {
        Ok(greeting) => Err(greeting.not_understood()),
        Err(error) => Err(Problem::usage(format!("Daypass got {error}."))),
    }
}

async fn stream_state(
    mut stream: UnixStream,
    mut handle: Handle,
    popup: bool,
) -> std::io::Result<()> {
    let (shows, mut to_show) = mpsc::channel(1);
    if popup {
        let _ = handle.inputs.send(Input::PopupConnected(shows));
    }
    let first = handle.state.borrow_and_update().as_ref().clone();
    write(&mut stream, &Event::State(Box::new(first))).await?;
    let mut gone = [0; 1];
    loop {
        let event = tokio::select! {
            changed = handle.state.changed() => {
                if changed.is_err() {
                    return Ok(());
                }
                let state = handle.state.borrow_and_update().as_ref().clone();
                Event::State(Box::new(state))
            }
            Some(show) = to_show.recv(), if popup => Event::Show(show),
            // Subscribers say nothing more; whatever comes means that they are gone.
            _ = stream.read(&mut gone) => return Ok(()),
        };
        write(&mut stream, &event).await?;
    }
}

async fn write(stream: &mut UnixStream, message: &impl Serialize) -> std::io::Result<()> {
    let frame = frame::encode(message, MAX_ANSWER).map_err(std::io::Error::other)?;
    stream.write_all(&frame).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t1_only_our_own_user_is_answered() {
        assert!(classify_peer(Some(1_000), 1_000));
        assert!(!classify_peer(Some(0), 1_000));
        assert!(!classify_peer(Some(65_534), 0));
        assert!(!classify_peer(None, 0));
    }

    /// A server whose agent answers everything with *done*.
    fn server(folder: &std::path::Path) -> std::path::PathBuf {
        let socket = folder.join("agent.sock");
        let listener = UnixListener::bind(&socket).unwrap();
        let (inputs, mut queue) = mpsc::unbounded_channel();
        let all: serde_json::Value =
            serde_json::from_str(include_str!("../../core/tests/data/protocol-1.json")).unwrap();
        let state = serde_json::from_value(all["events"][0]["state"].clone()).unwrap();
        let (_, state) = tokio::sync::watch::channel(Arc::new(state));
        tokio::spawn(serve(listener, Handle { inputs, state }));
        tokio::spawn(async move {
            while let Some(input) = queue.recv().await {
                if let Input::Request(_, _, reply) = input {
                    let _ = reply.send(Response::Done);
                }
            }
        });
        socket
    }

    async fn ask(socket: &std::path::Path, message: &serde_json::Value) -> serde_json::Value {
        let mut stream = UnixStream::connect(socket).await.unwrap();
        let frame = frame::encode(message, MAX_REQUEST).unwrap();
        stream.write_all(&frame).await.unwrap();
        let mut header = [0; HEADER_LEN];
        stream.read_exact(&mut header).await.unwrap();
        let mut body = vec![0; frame::body_len(header, MAX_ANSWER).unwrap()];
        stream.read_exact(&mut body).await.unwrap();
        serde_json::from_slice(&body).unwrap()
    }

    /// A program of the version before, of this one and of the next one, and those further away.
    #[tokio::test]
    async fn r22_versions_side_by_side_understand_each_other_or_say_so() {
        use daypass_core::protocol::VERSION;
        use serde_json::json;

        let folder = tempfile::tempdir().unwrap();
        let socket = server(folder.path());
        let older = "The running Daypass is older than the program that asks.";
        let newer = "The running Daypass is newer than the program that asks.";
        let same = "The running Daypass does not understand the program that asks.";
        for (version, unknown) in [(VERSION - 1, newer), (VERSION, same), (VERSION + 1, older)] {
            for known in [
                json!("dismiss_prompt"),
                json!({"dismiss_notice": {"id": 1, "new": {}}}),
            ] {
                let message = json!({"version": version, "request": known, "new": 1});
                assert_eq!(ask(&socket, &message).await, json!("done"), "{message}");
            }
            for strange in [json!("new"), json!({"new": {"a": 1}}), json!(null)] {
                let message = json!({"version": version, "request": strange});
                let said = ask(&socket, &message).await;
                assert_eq!(said["failed"]["what"], unknown, "{message}");
                let todo = said["failed"]["todo"].as_str().unwrap();
                assert!(
                    todo.to_lowercase()
                        .contains("quit daypass and start it again"),
                    "{said}"
                );
            }
        }
        let far = VERSION + 2;
        let said = ask(
            &socket,
            &json!({"version": far, "request": "dismiss_prompt"}),
        )
        .await;
        assert_eq!(said["failed"]["what"], older);
        let quit = json!({"version": far, "request": "quit"});
        assert_eq!(ask(&socket, &quit).await, json!("done"), "the way out");
        let said = ask(&socket, &json!({"no": "version"})).await;
        assert_eq!(said["failed"]["code"], "usage");
    }
}
