//! R5: the network fails. What matters most is whether a code may have been used up by it: then it must not be sent
//! again (P4); and when it cannot have been, the person must not be made to wait for the next one.

use daypass_agent::{
    aws::{FederationEndpoint, Http, StsClient},
    ports::{AwsCause, SignIn as _, Source, Sts},
};
use daypass_core::{
    config::{Endpoints, Settings},
    secret::Secret,
};
use tokio::net::{TcpListener, TcpSocket};

use crate::{
    stub::{Fate, Stub},
    support::{
        ADA_DEVICE, ADMIN, both_with_code, granted, mfa, refused, role, sts_at, user, whoami,
    },
};

const CODE: &str = "135790";

const IDENTITY: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 151\r\n\r\n\
<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::111122223333:user/ada</Arn>\
</GetCallerIdentityResult></GetCallerIdentityResponse>";

const HALF: &str =
    "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 1000\r\n\r\n<GetSession";

const PORTAL: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 43\r\n\r\n\
<html><body>Welcome to CANARY</body></html>";

/// A port that refuses connections: taken, so that no other test gets it, and never listened on.
struct ClosedPort(TcpSocket);

impl ClosedPort {
    fn take() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        Self(socket)
    }

    fn url(&self) -> String {
        format!("http://{}", self.0.local_addr().unwrap())
    }
}

/// Calls with a code to somewhere that no connection leads to.
async fn assert_never_sent(sts: &StsClient) {
    for (op, result) in both_with_code(sts, || mfa(ADA_DEVICE, CODE)).await {
        let (cause, words) = refused(result);
        assert_eq!(cause, AwsCause::Passing, "{op}: {words}");
        assert!(words.contains("cannot be reached"), "{words}");
    }
}

/// Calls with a code to a server that fails after it has read them.
async fn assert_lost(fates: &'static [Fate]) {
    let stub = Stub::start(fates).await;
    let sts = sts_at(stub.url());
    for (op, result) in both_with_code(&sts, || mfa(ADA_DEVICE, CODE)).await {
        let (cause, words) = refused(result);
        assert_eq!(cause, AwsCause::AnswerLost, "{op}: {words}");
        assert!(!words.contains(CODE), "{words}");
    }
    let requests = stub.requests();
    assert_eq!(requests.len(), 2, "a code was sent again");
    assert!(requests.iter().all(|request| request.contains(CODE)));
}

#[tokio::test]
async fn p4_a_code_that_met_a_closed_port_was_not_sent() {
    let closed = ClosedPort::take();
    assert_never_sent(&sts_at(&closed.url())).await;
}

/// A laptop without a network mostly notices it here. No resolver takes a label of 64 characters.
#[tokio::test]
async fn p4_a_code_for_a_name_that_does_not_resolve_was_not_sent() {
    let name = "a".repeat(64);
    assert_never_sent(&sts_at(&format!("http://{name}.invalid"))).await;
}

/// A connection that is never accepted: the queue of those that wait is full. With tokio's time paused, the
/// adapter's patience ends as soon as nothing else can happen.
#[cfg(target_os = "linux")]
#[tokio::test(start_paused = true)]
async fn p4_a_code_that_found_nobody_listening_was_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    rustix::net::listen(&listener, 0).unwrap();
    let address = listener.local_addr().unwrap();
    let _first_in_the_queue = std::net::TcpStream::connect(address).unwrap();
    assert_never_sent(&sts_at(&format!("http://{address}"))).await;
}

/// A server that hangs up on a handshake, which comes before the request.
#[tokio::test]
async fn p4_a_code_that_got_no_handshake_was_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { while listener.accept().await.is_ok() {} });
    assert_never_sent(&sts_at(&format!("https://{address}"))).await;
}

#[tokio::test]
async fn p4_a_reset_after_a_code_is_a_lost_answer() {
    assert_lost(&[Fate::Reset]).await;
}

#[tokio::test]
async fn p4_a_hang_up_after_a_code_is_a_lost_answer() {
    assert_lost(&[Fate::HangUp]).await;
}

#[tokio::test]
async fn p4_half_an_answer_to_a_code_is_a_lost_answer() {
    assert_lost(&[Fate::LastWords(HALF)]).await;
}

/// Something answered, but what it did with the code nobody knows.
#[tokio::test]
async fn p4_a_captive_portals_answer_to_a_code_is_a_lost_answer() {
    assert_lost(&[Fate::LastWords(PORTAL)]).await;
}

/// The server has the whole request before time runs, so that the patience that ends is that for the answer.
#[tokio::test]
async fn p4_silence_after_a_code_is_a_lost_answer() {
    let mut stub = Stub::start(&[Fate::Silence]).await;
    let sts = sts_at(stub.url());
    let source = Source::Key(user("ada"), Some(mfa(ADA_DEVICE, CODE)));
    let call = tokio::spawn(sts.assume_role(source, role(ADMIN, 3_600)));
    stub.arrival().await;
    tokio::time::pause();
    let (cause, words) = refused(call.await.unwrap());
    assert_eq!(cause, AwsCause::AnswerLost);
    assert!(!words.contains(CODE), "{words}");
    assert_eq!(stub.requests().len(), 1);
}

/// HTTP clients like to repeat a request whose kept connection turns out to be dead.
#[tokio::test]
async fn p4_a_kept_connection_that_dies_under_a_code_is_a_lost_answer() {
    let stub = Stub::start(&[Fate::Answer(IDENTITY), Fate::HangUp]).await;
    let sts = sts_at(stub.url());
    granted(whoami(&sts, user("ada")).await);
    for (op, result) in both_with_code(&sts, || mfa(ADA_DEVICE, CODE)).await {
        let (cause, words) = refused(result);
        assert_eq!(cause, AwsCause::AnswerLost, "{op}: {words}");
    }
    assert_eq!(stub.requests().len(), 3);
}

#[tokio::test]
async fn r5_a_call_without_a_code_survives_two_lost_answers() {
    let stub = Stub::start(&[
        Fate::Reset,
        Fate::LastWords(HALF),
        Fate::LastWords(IDENTITY),
    ])
    .await;
    let arn = granted(whoami(&sts_at(stub.url()), user("ada")).await);
    assert_eq!(arn, "arn:aws:iam::111122223333:user/ada");
    assert_eq!(stub.requests().len(), 3);
}

#[tokio::test]
async fn r5_no_network_passes() {
    let closed = ClosedPort::take();
    let sts = sts_at(&closed.url());
    let (cause, words) = refused(whoami(&sts, user("ada")).await);
    assert_eq!(cause, AwsCause::Passing);
    assert!(words.contains("Check the network"), "{words}");
}

/// A hotel's sign-in page, whatever status it comes with, is not AWS refusing anything.
#[tokio::test]
async fn r5_a_page_that_is_not_awss_is_told_from_aws() {
    const FORBIDDEN: &str = "HTTP/1.1 403 Forbidden\r\nContent-Type: text/html\r\nContent-Length: 19\r\n\r\n<html>CANARY</html>";
    const ELSEWHERE: &str =
        "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/CANARY\r\nContent-Length: 0\r\n\r\n";
    for fate in [
        &[Fate::LastWords(PORTAL)],
        &[Fate::LastWords(FORBIDDEN)],
        &[Fate::LastWords(ELSEWHERE)],
    ] {
        let stub = Stub::start(fate).await;
        let (cause, words) = refused(whoami(&sts_at(stub.url()), user("ada")).await);
        assert!(words.contains("other than AWS answered"), "{words}");
        assert_eq!(cause, AwsCause::Passing, "{words}");
    }
}

/// Both go through the proxy of the settings: a name that only the proxy could know is asked of it.
#[tokio::test]
async fn a_proxy_of_the_settings_is_used_by_sts_and_sign_in() {
    let proxy = Stub::start(&[Fate::LastWords(
        "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n",
    )])
    .await;
    let settings = Settings {
        proxy: Some(proxy.url().to_owned()),
        ..Settings::default()
    };
    let http = Http::new(&settings).unwrap();
    let endpoints = Endpoints {
        sts: Some("http://sts.proxied.test".to_owned()),
        ..Endpoints::default()
    };
    let _ = whoami(&StsClient::new(&http, &endpoints), user("bob")).await;
    let federation = "http://signin.proxied.test/federation".parse().unwrap();
    let form = Secret::new("Action=getSigninToken".to_owned());
    let _ = FederationEndpoint::new(&http)
        .signin_token(federation, form)
        .await;
    let asked = proxy.requests();
    for host in [
        "http://sts.proxied.test/",
        "http://signin.proxied.test/federation",
    ] {
        assert!(
            asked
                .iter()
                .any(|request| request.starts_with(&format!("POST {host} "))),
            "{host} was not asked for in {asked:?}"
        );
    }
}
