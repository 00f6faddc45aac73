//! The real socket with the real controller behind it: whatever bytes come, it goes on answering.

use std::path::PathBuf;

use daypass_core::{
    frame::{self, HEADER_LEN, MAX_ANSWER, MAX_REQUEST},
    protocol::{self, Envelope},
    role::SessionKind,
};
use proptest::prelude::*;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{UnixListener, UnixStream},
    task::JoinHandle,
};

use super::{super::*, world::Desk};

/// An agent on its socket.
struct Served {
    _desk: Desk,
    path: PathBuf,
    server: JoinHandle<()>,
}

impl Served {
    async fn start() -> Self {
        let desk = Desk::with_role(SessionKind::Daily).await;
        let path = desk.folder().join("socket");
        let listener = UnixListener::bind(&path).unwrap();
        let server = tokio::spawn(crate::server::serve(listener, desk.handle.clone()));
        Self {
            _desk: desk,
            path,
            server,
        }
    }

    /// Sends bytes, and reads what comes until the agent has closed the connection. An agent that
    /// hangs up early makes the sending fail, which is fine.
    async fn tell(&self, bytes: &[u8]) -> Vec<u8> {
        let mut stream = UnixStream::connect(&self.path).await.unwrap();
        let _ = stream.write_all(bytes).await;
        let _ = stream.shutdown().await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        answer
    }

    async fn is_alive(&self) -> bool {
        let answer = self.tell(&status()).await;
        matches!(response(&answer), Some(Response::State(_)))
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn status() -> Vec<u8> {
    let envelope = Envelope {
        version: protocol::VERSION,
        request: Request::Status,
    };
    frame::encode(&envelope, MAX_REQUEST).unwrap().to_vec()
}

fn response(answer: &[u8]) -> Option<Response> {
    let (header, body) = answer.split_first_chunk::<HEADER_LEN>()?;
    let length = frame::body_len(*header, MAX_ANSWER).ok()?;
    frame::decode(body.get(..length)?).ok()
}

/// Noise, a length with too little behind it, and requests that are nearly right.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let announced = (any::<u32>(), prop::collection::vec(any::<u8>(), 0..200));
    let announced = announced.prop_map(|(length, body)| {
        let mut bytes = length.to_be_bytes().to_vec();
        bytes.extend(body);
        bytes
    });
    let framed = prop::collection::vec(any::<u8>(), 0..2_000).prop_map(|body| {
        let mut bytes = u32::try_from(body.len()).unwrap().to_be_bytes().to_vec();
        bytes.extend(body);
        bytes
    });
    let changed = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..5);
    let nearly = changed.prop_map(|changes| {
        let mut bytes = status();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        bytes
    });
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..2_000),
        announced,
        framed,
        nearly
    ]
}

/// P8: any bytes on the socket end in an answer or a closed connection, and the next one is served.
#[test]
fn p8_any_bytes_on_the_socket_are_survived() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let agent = runtime.block_on(Served::start());
    let config = ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    proptest!(config, |(bytes in bytes())| {
        runtime.block_on(agent.tell(&bytes));
        prop_assert!(runtime.block_on(agent.is_alive()));
    });
}

/// P8: a length is refused before anything is kept for it, and without waiting for its bytes.
#[tokio::test]
async fn p8_a_length_beyond_the_limit_is_refused_at_once() {
    let agent = Served::start().await;
    for length in [MAX_REQUEST + 1, usize::try_from(u32::MAX).unwrap()] {
        let mut stream = UnixStream::connect(&agent.path).await.unwrap();
        let header = u32::try_from(length).unwrap().to_be_bytes();
        stream.write_all(&header).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        assert!(matches!(response(&answer), Some(Response::Failed(_))));
    }
    assert!(agent.is_alive().await);
}
