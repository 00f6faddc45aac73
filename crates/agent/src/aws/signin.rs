//! The sign-in endpoint. Keys travel in a POST body, redirects are not followed, and no error
//! quotes an address or an answer (T15).

use aws_smithy_runtime_api::{
    client::{http::HttpConnector, orchestrator::HttpRequest, result::ConnectorError},
    http::{Request, StatusCode},
};
use aws_smithy_types::{body::SdkBody, byte_stream::ByteStream};
use daypass_core::{
    problem::{Code, Problem},
    secret::{Secret, wire},
};
use futures_util::future::BoxFuture;
use serde::Deserialize;
use tokio::time::timeout;
use url::Url;
use zeroize::Zeroizing;

use super::{
    http::{self, Http},
    refusal::{bad_certificate, is_bad_certificate},
};
use crate::ports::{SignIn, SignInError};

/// AWS's federation endpoint, or the one set in its place.
#[derive(Clone, Default)]
pub struct FederationEndpoint(Http);

impl FederationEndpoint {
    /// Prepares the HTTP stack; connects only when asked.
    pub fn new(http: &Http) -> Self {
        Self(http.clone())
    }
}

#[derive(Deserialize)]
struct Answer {
    #[serde(rename = "SigninToken", with = "wire")]
    signin_token: Secret,
}

impl SignIn for FederationEndpoint {
    fn signin_token(
        &self,
        federation: Url,
        form: Secret,
    ) -> BoxFuture<'static, Result<Secret, SignInError>> {
        let connector = self.0.connector(None);
        Box::pin(async move {
            let request = request(&federation, &form).ok_or_else(unexpected)?;
            let call = async {
                let mut response = connector
                    .call(request)
                    .await
                    .map_err(|error| not_connected(&error))?;
                check(response.status())?;
                let body = std::mem::replace(response.body_mut(), SdkBody::taken());
                let body = ByteStream::new(body).collect().await;
                body.map_err(|_| unreachable_endpoint())
            };
            let bytes = timeout(http::TOTAL, call)
                .await
                .map_err(|_| unreachable_endpoint())??;
            let bytes = Zeroizing::new(bytes.to_vec());
            let answer: Answer = serde_json::from_slice(&bytes).map_err(|_| unexpected())?;
            Ok(answer.signin_token)
        })
    }
}

fn request(federation: &Url, form: &Secret) -> Option<HttpRequest> {
    let mut request = Request::new(SdkBody::from(form.expose()));
    request.set_method("POST").ok()?;
    request.set_uri(federation.as_str()).ok()?;
    let headers = request.headers_mut();
    headers.insert("content-type", "application/x-www-form-urlencoded");
    headers.insert("content-length", form.expose().len().to_string());
    headers.insert("accept", "application/json");
    headers.insert("user-agent", http::USER_AGENT);
    Some(request)
}

fn check(status: StatusCode) -> Result<(), SignInError> {
    match status.as_u16() {
        200 => Ok(()),
        400 => Err(SignInError::BadRequest),
        500.. | 429 => Err(SignInError::Problem(Problem::passing(
            Code::AwsRefused,
            "AWS's sign-in is too busy to answer right now.",
            "Try again in a moment.",
        ))),
        _ => Err(unexpected()),
    }
}

fn not_connected(error: &ConnectorError) -> SignInError {
    if is_bad_certificate(error) {
        return SignInError::Problem(bad_certificate());
    }
    unreachable_endpoint()
}

fn unreachable_endpoint() -> SignInError {
    SignInError::Problem(Problem::passing(
        Code::Failed,
        "AWS's sign-in cannot be reached.",
        "Check the network (and the proxy, if there is one), then try again.",
    ))
}

fn unexpected() -> SignInError {
    SignInError::Problem(Problem::passing(
        Code::Failed,
        "Something other than AWS's sign-in answered, perhaps the sign-in page of this network.",
        "Open a web page to sign in to the network, then try again.",
    ))
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use super::*;

    /// Answers one request with `answer` and yields what was asked.
    async fn ask(answer: &'static str) -> (Result<Secret, SignInError>, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/federation", listener.local_addr().unwrap());
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut asked = vec![0; 4096];
            let mut length = 0;
            while !asked[..length].ends_with(b"CANARY") {
                length += stream.read(&mut asked[length..]).await.unwrap();
            }
            stream.write_all(answer.as_bytes()).await.unwrap();
            String::from_utf8_lossy(&asked[..length]).into_owned()
        });
        let form = Secret::new("Session=CANARY".to_owned());
        let result = FederationEndpoint::default()
            .signin_token(url.parse().unwrap(), form)
            .await;
        (result, server.await.unwrap())
    }

    #[tokio::test]
    async fn the_token_is_asked_for_in_a_body() {
        let (token, asked) =
            ask("HTTP/1.1 200 OK\r\nContent-Length: 21\r\n\r\n{\"SigninToken\":\"tok\"}").await;
        assert_eq!(
            token.map(|token| token.expose().to_owned()),
            Ok("tok".to_owned())
        );
        let (head, body) = asked.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("POST /federation HTTP/1.1"));
        assert!(!head.contains("CANARY"));
        assert_eq!(body, "Session=CANARY");
    }

    /// T15: whatever the endpoint does, no error holds what was sent or answered.
    #[tokio::test]
    async fn t15_failures_say_nothing_secret() {
        for answer in [
            "HTTP/1.1 500 CANARY\r\nContent-Length: 6\r\n\r\nCANARY",
            "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/?CANARY\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nCANARY",
            "CANARY garbage\r\n\r\n",
        ] {
            let (result, _) = ask(answer).await;
            let Err(SignInError::Problem(problem)) = result else {
                panic!("{answer:?} was taken");
            };
            assert!(!problem.to_string().contains("CANARY"));
        }
        let (result, _) = ask("HTTP/1.1 400 Bad Request\r\nContent-Length: 6\r\n\r\nCANARY").await;
        assert_eq!(result.err(), Some(SignInError::BadRequest));
    }
}
