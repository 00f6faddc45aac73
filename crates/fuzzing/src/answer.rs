//! An HTTP answer out of an input: the status, headers, a blank line, the body. It comes at once,
//! without a socket.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use aws_smithy_runtime_api::{
    client::{
        http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector},
        orchestrator::{HttpRequest, HttpResponse},
    },
    http::StatusCode,
};
use aws_smithy_types::body::SdkBody;
use daypass_agent::aws::Http;
use futures_util::FutureExt;
use tokio::runtime::Runtime;

/// The answer, and how often it was given.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    status: StatusCode,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    given: Arc<AtomicUsize>,
}

impl Answer {
    pub(crate) fn new(status: u16, body: impl Into<Vec<u8>>) -> Option<Self> {
        Some(Self {
            status: StatusCode::try_from(status).ok()?,
            headers: Vec::new(),
            body: body.into(),
            given: Arc::default(),
        })
    }

    pub(crate) fn parse(data: &[u8]) -> Option<Self> {
        let mut lines = data.splitn(2, |byte| *byte == b'\n');
        let status = std::str::from_utf8(lines.next()?).ok()?.parse().ok()?;
        let mut rest = lines.next()?;
        let mut answer = Self::new(status, "")?;
        loop {
            let mut lines = rest.splitn(2, |byte| *byte == b'\n');
            let line = std::str::from_utf8(lines.next()?).ok()?;
            rest = lines.next().unwrap_or_default();
            let Some((name, value)) = line.split_once(": ") else {
                break;
            };
            answer.headers.push((name.to_owned(), value.to_owned()));
        }
        answer.body = rest.to_vec();
        Some(answer)
    }

    pub(crate) fn http(&self) -> Http {
        Http::over(SharedHttpConnector::new(self.clone()))
    }

    pub(crate) fn status(&self) -> u16 {
        self.status.as_u16()
    }

    pub(crate) fn body(&self) -> &[u8] {
        &self.body
    }

    /// How often it was asked for since the last time.
    pub(crate) fn times(&self) -> usize {
        self.given.swap(0, Ordering::Relaxed)
    }
}

impl HttpConnector for Answer {
    fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
        self.given.fetch_add(1, Ordering::Relaxed);
        let mut response = HttpResponse::new(self.status, SdkBody::from(self.body.clone()));
        for (name, value) in &self.headers {
            // What is no header comes through no HTTP library.
            let _ = response
                .headers_mut()
                .try_append(name.to_lowercase(), value.clone());
        }
        HttpConnectorFuture::ready(Ok(response))
    }
}

/// What work yields that has to wait for nothing; nothing where it waits, as for a second try.
pub(crate) fn at_once<T>(work: impl Future<Output = T>) -> Option<T> {
    thread_local! {
        static RUNTIME: Runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .expect("a runtime");
    }
    RUNTIME.with(|runtime| {
        let _timers = runtime.enter();
        work.now_or_never()
    })
}
