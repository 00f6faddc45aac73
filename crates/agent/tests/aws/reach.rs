//! Whether AWS is reached, and if not, what is in the way: with real faults.

use daypass_agent::{
    aws::{Http, Line},
    ports::{Endpoint, Network as _, Reach, Reached, Service},
};
use daypass_core::config::{Endpoints, Settings};
use daypass_sandbox::{Options, Sandbox, Seed};
use tokio::net::{TcpListener, TcpSocket};

use crate::{
    stub::{Fate, Stub},
    support::Aws,
};

const SERVICES: [Service; 4] = [
    Service::Sts,
    Service::SignIn,
    Service::Iam,
    Service::SecretsManager,
];

const PORTAL: Fate = Fate::LastWords(
    "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 19\r\n\r\n<html>CANARY</html>",
);

fn line(settings: &Settings, url: &str) -> Line {
    let url = Some(url.to_owned());
    let endpoints = Endpoints {
        sts: url.clone(),
        iam: url.clone(),
        signin: url.clone(),
        secretsmanager: url,
        console: None,
    };
    Line::new(&Http::new(settings).unwrap(), &endpoints)
}

async fn ask(line: &Line, service: Service) -> Reached {
    let region = "eu-west-1".to_owned();
    line.reach(Endpoint { service, region }).await
}

/// Each of the four is told the same.
async fn assert_reach(line: &Line, reach: Reach) {
    for service in SERVICES {
        assert_eq!(ask(line, service).await.reach, reach, "{service:?}");
    }
}

#[tokio::test]
async fn aws_is_known_by_its_refusal_of_a_request_without_a_key() {
    let aws = Aws::start();
    assert_reach(&line(&Settings::default(), &aws.url()), Reach::Answer).await;
    let refused: Vec<_> = aws
        .journal()
        .iter()
        .map(|call| call["status"].clone())
        .collect();
    assert!(
        refused.iter().all(|status| status.as_u64() >= Some(400)),
        "{refused:?}"
    );
}

#[tokio::test]
async fn r5_a_captive_portal_is_not_taken_for_aws() {
    let portal = Stub::start(&[PORTAL]).await;
    let line = line(&Settings::default(), portal.url());
    assert_reach(&line, Reach::Stranger).await;
    let aws = Aws::start();
    aws.fail("*", "captive_portal", 9);
    assert_reach(
        &self::line(&Settings::default(), &aws.url()),
        Reach::Stranger,
    )
    .await;
}

#[tokio::test]
async fn r5_what_is_in_the_way_is_told_apart() {
    let closed = TcpSocket::new_v4().unwrap();
    closed.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let closed = format!("http://{}", closed.local_addr().unwrap());
    let reset = Stub::start(&[Fate::Reset]).await;
    let nameless = format!("http://{}.invalid", "a".repeat(64));
    for (url, reach) in [
        (closed.as_str(), Reach::Refused),
        (reset.url(), Reach::Broken),
        (nameless.as_str(), Reach::NoSuchName),
    ] {
        assert_reach(&line(&Settings::default(), url), reach).await;
    }
}

/// A connection that is never accepted, and one that is never answered: with tokio's time paused,
/// patience ends as soon as nothing else can happen.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn r5_a_black_hole_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    rustix::net::listen(&listener, 0).unwrap();
    let address = listener.local_addr().unwrap();
    let _first_in_the_queue = std::net::TcpStream::connect(address).unwrap();
    let mut silent = Stub::start(&[Fate::Silence]).await;
    let unanswered = line(&Settings::default(), silent.url());
    let asked = tokio::spawn(async move { ask(&unanswered, Service::Sts).await });
    silent.arrival().await;
    tokio::time::pause();
    assert_eq!(asked.await.unwrap().reach, Reach::Silence);
    let hole = line(&Settings::default(), &format!("http://{address}"));
    let began = tokio::time::Instant::now();
    assert_eq!(ask(&hole, Service::Sts).await.reach, Reach::Silence);
    assert_eq!(began.elapsed().as_secs(), 3, "seconds for a connection");
    assert_reach(&hole, Reach::Silence).await;
}

#[tokio::test]
async fn r5_a_certificate_that_is_not_trusted_is_named() {
    let files = tempfile::tempdir().unwrap();
    let ca = files.path().join("ca.pem");
    let options = Options {
        tls_ca: Some(ca.clone()),
        ..Options::default()
    };
    let aws = Sandbox::start(&Seed::builtin().unwrap(), &options).unwrap();
    assert_reach(&line(&Settings::default(), &aws.url()), Reach::Untrusted).await;
    let trusting = Settings {
        ca_bundle: Some(ca.display().to_string()),
        ..Settings::default()
    };
    assert_reach(&line(&trusting, &aws.url()), Reach::Answer).await;
}

#[tokio::test]
async fn a_proxy_that_refuses_is_told_from_one_that_is_not_there() {
    const NO: Fate =
        Fate::LastWords("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
    let proxy = Stub::start(&[NO]).await;
    let host = proxy.url().trim_start_matches("http://");
    let through = |proxy: String| Settings {
        proxy: Some(proxy),
        ..Settings::default()
    };
    let with_password = format!("http://ada:CANARY@{host}");
    let line = line(&through(with_password), "https://sts.proxied.test");
    assert_reach(&line, Reach::ProxyRefused).await;
    let reached = line.reach_proxy().await.unwrap();
    assert_eq!(
        (reached.address.as_str(), reached.reach),
        (host, Reach::Answer)
    );

    let closed = TcpSocket::new_v4().unwrap();
    closed.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let gone = self::line(
        &through(format!("http://{}", closed.local_addr().unwrap())),
        "https://sts.proxied.test",
    );
    assert_eq!(gone.reach_proxy().await.unwrap().reach, Reach::Refused);
    assert_eq!(ask(&gone, Service::Sts).await.reach, Reach::Refused);
}

#[tokio::test]
async fn without_endpoints_of_ones_own_awss_are_asked() {
    let proxy = Stub::start(&[Fate::HangUp]).await;
    let settings = Settings {
        proxy: Some(proxy.url().to_owned()),
        ..Settings::default()
    };
    let line = Line::new(&Http::new(&settings).unwrap(), &Endpoints::default());
    for (service, region, address) in [
        (
            Service::Sts,
            "eu-west-1",
            "https://sts.eu-west-1.amazonaws.com",
        ),
        (Service::Iam, "eu-west-1", "https://iam.amazonaws.com"),
        (Service::SignIn, "cn-north-1", "https://signin.amazonaws.cn"),
        (
            Service::SecretsManager,
            "us-gov-west-1",
            "https://secretsmanager.us-gov-west-1.amazonaws.com",
        ),
    ] {
        let region = region.to_owned();
        let reached = line.reach(Endpoint { service, region }).await;
        assert_eq!(reached.address, address);
        assert_ne!(reached.reach, Reach::Answer);
    }
    assert!(!proxy.requests().is_empty());
    let region = "us-iso-east-1".to_owned();
    let nowhere = Endpoint {
        service: Service::SignIn,
        region,
    };
    assert_eq!(line.reach(nowhere).await.reach, Reach::Nowhere);
}
