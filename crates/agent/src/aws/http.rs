//! The one HTTP stack, for the SDK and the sign-in endpoint alike: rustls, the system's
//! certificates and those a person adds, the proxy of the settings or of the environment.

use std::{io::Read, sync::Arc, time::Duration};

use aws_smithy_http_client::{
    Builder, Connector,
    proxy::ProxyConfig,
    tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::{
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
        SharedHttpConnector, http_client_fn,
    },
    orchestrator::{HttpRequest, HttpResponse},
    runtime_components::RuntimeComponents,
};
use aws_smithy_types::body::SdkBody;
use chrono::DateTime;
use daypass_core::{config::Settings, problem::Problem};
use http_body_util::Limited;
use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};

use super::proxy::ProxyAddress;
use crate::clock::{AwsClock, SystemTicks};

/// How long a connection may take, and how long an answer (HARDENING R5).
pub(super) const CONNECT: Duration = Duration::from_millis(3_100);
pub(super) const TOTAL: Duration = Duration::from_secs(10);

/// No answer of AWS that Daypass asks for is nearly as long. Neither the SDK nor hyper has a limit.
const LONGEST_BODY: usize = 1024 * 1024;

/// Names Daypass honestly in CloudTrail (AWS_RULES 3.5, item 8).
pub(super) const USER_AGENT: &str = concat!("daypass/", env!("CARGO_PKG_VERSION"));

const TLS: Provider = Provider::Rustls(CryptoMode::Ring);

/// The variable in which AWS's own tools look for certificates.
const CA_BUNDLE: &str = "AWS_CA_BUNDLE";

/// How Daypass reaches AWS.
#[derive(Clone)]
pub struct Http {
    proxy: ProxyConfig,
    /// Where that is.
    pub(super) proxy_address: Option<ProxyAddress>,
    tls: TlsContext,
    clock: Arc<AwsClock<SystemTicks>>,
    /// In place of the network.
    given: Option<SharedHttpConnector>,
}

impl Default for Http {
    fn default() -> Self {
        Self {
            proxy: ProxyConfig::from_env(),
            proxy_address: ProxyAddress::of_environment(),
            tls: TlsContext::default(),
            clock: Arc::new(AwsClock::new(SystemTicks)),
            given: None,
        }
    }
}

impl Http {
    /// As the settings say, or else the environment.
    ///
    /// # Errors
    /// When the proxy's address or the certificates cannot be used.
    pub fn new(settings: &Settings) -> Result<Self, Problem> {
        let mut http = Self::default();
        if let Some(proxy) = &settings.proxy {
            http.proxy_address = ProxyAddress::parse(proxy);
            http.proxy = ProxyConfig::all(proxy.as_str()).map_err(|_| {
                // Not quoted: it may hold a password.
                Problem::usage(
                    "The setting proxy must be an address such as http://proxy.example.com:8080.",
                )
            })?;
        }
        let bundle = settings.ca_bundle.clone();
        if let Some(path) = bundle.or_else(|| std::env::var(CA_BUNDLE).ok()) {
            http.tls = trusting(&path)?;
        }
        Ok(http)
    }

    /// Over a connector in place of the network, such as one whose answers are made up.
    pub fn over(connector: SharedHttpConnector) -> Self {
        Self {
            given: Some(connector),
            ..Self::default()
        }
    }

    /// The clock that hears the `Date` of every answer.
    pub fn clock(&self) -> Arc<AwsClock<SystemTicks>> {
        Arc::clone(&self.clock)
    }

    /// The client that the SDK uses.
    pub(super) fn client(&self) -> SharedHttpClient {
        SharedHttpClient::new(Listening {
            inner: self.silent_client(),
            clock: self.clock(),
        })
    }

    fn silent_client(&self) -> SharedHttpClient {
        if let Some(given) = self.given.clone() {
            return http_client_fn(move |_, _| given.clone());
        }
        let this = self.clone();
        Builder::new().build_with_connector_fn(move |settings, _| this.network(settings))
    }

    /// One connector, for requests that are not the SDK's.
    pub(super) fn connector(
        &self,
        settings: Option<&HttpConnectorSettings>,
    ) -> Listening<SharedHttpConnector> {
        let network = || SharedHttpConnector::new(self.network(settings));
        Listening {
            inner: self.given.clone().unwrap_or_else(network),
            clock: self.clock(),
        }
    }

    fn network(&self, settings: Option<&HttpConnectorSettings>) -> Connector {
        let settings = settings.cloned().unwrap_or_else(|| {
            HttpConnectorSettings::builder()
                .connect_timeout(CONNECT)
                .read_timeout(TOTAL)
                .build()
        });
        Connector::builder()
            .tls_provider(TLS)
            .tls_context(self.tls.clone())
            .connector_settings(settings)
            .proxy_config(self.proxy.clone())
            .build()
    }
}

/// A connector that takes the time from what it gets, and no more than it can need. The time only
/// over TLS, or from this computer, so that no network can turn the clock: ambient credentials may
/// come from an instance's metadata, which is plain HTTP.
#[derive(Debug)]
pub(super) struct Listening<T> {
    inner: T,
    clock: Arc<AwsClock<SystemTicks>>,
}

impl HttpClient for Listening<SharedHttpClient> {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(Listening {
            inner: self.inner.http_connector(settings, components),
            clock: Arc::clone(&self.clock),
        })
    }
}

impl<T: HttpConnector> HttpConnector for Listening<T> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let trusted = is_trusted(request.uri());
        let call = self.inner.call(request);
        let clock = Arc::clone(&self.clock);
        let sent = clock.sent();
        HttpConnectorFuture::new(async move {
            let response = call.await?;
            let date = response.headers().get("date");
            let date = date.filter(|_| trusted);
            if let Some(date) = date.and_then(|date| DateTime::parse_from_rfc2822(date).ok()) {
                clock.hear(date.to_utc(), clock.way(&sent));
            }
            Ok(bounded(response))
        })
    }
}

fn is_trusted(uri: &str) -> bool {
    let Ok(url) = url::Url::parse(uri) else {
        return false;
    };
    let here = match url.host() {
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    };
    url.scheme() == "https" || here
}

/// Whoever sends without end gets an error instead of the machine's memory.
fn bounded(response: HttpResponse) -> HttpResponse {
    response.map(|body| SdkBody::from_body_1_x(Limited::new(body, LONGEST_BODY)))
}

/// The most that a file of certificates may hold: the system's own takes a quarter of a megabyte.
const MAX_CERTIFICATES: u64 = 16 * 1024 * 1024;

/// What the file holds. What is no regular file may never end, or never begin.
fn certificates(path: &str) -> Result<Vec<u8>, String> {
    let words = |error: std::io::Error| error.to_string();
    if !std::fs::metadata(path).map_err(words)?.is_file() {
        return Err("it is no regular file".to_owned());
    }
    let mut pem = Vec::new();
    let file = std::fs::File::open(path).map_err(words)?;
    let read = file.take(MAX_CERTIFICATES + 1).read_to_end(&mut pem);
    match read.map_err(words)? as u64 {
        0..=MAX_CERTIFICATES => Ok(pem),
        _ => Err("the file is too large".to_owned()),
    }
}

/// The system's certificates and those of a PEM file. Each is looked at here, because the HTTP
/// stack panics on one that it can't read.
fn trusting(path: &str) -> Result<TlsContext, Problem> {
    let unusable = |why: &str| {
        Problem::usage(format!(
            "The certificates in {path} cannot be used: {why}. Correct ca_bundle in the settings, or the variable {CA_BUNDLE}."
        ))
    };
    let pem = certificates(path).map_err(|why| unusable(&why))?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate = certificate.map_err(|_| unusable("the file is not PEM"))?;
        roots
            .add(certificate)
            .map_err(|_| unusable("one of them is not a certificate"))?;
    }
    if roots.is_empty() {
        return Err(unusable("there is none in the file"));
    }
    TlsContext::builder()
        .with_trust_store(TrustStore::default().with_pem_certificate(pem))
        .build()
        .map_err(|_| unusable("they are refused"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r3_the_time_is_taken_from_no_plain_connection() {
        for (uri, trusted) in [
            ("https://sts.eu-west-1.amazonaws.com/", true),
            ("http://127.0.0.1:4000/", true),
            ("http://[::1]/", true),
            ("http://169.254.169.254/latest/meta-data/", false),
            ("http://127.0.0.1.example.com/", false),
            ("nothing", false),
        ] {
            assert_eq!(is_trusted(uri), trusted, "{uri}");
        }
    }

    fn settings(change: impl FnOnce(&mut Settings)) -> Result<Http, Problem> {
        let mut settings = Settings::default();
        change(&mut settings);
        Http::new(&settings)
    }

    #[test]
    fn certificates_that_cannot_be_used_are_refused_in_words() {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in [
            ("empty", ""),
            ("text", "not a certificate"),
            (
                "garbage",
                "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            ),
        ] {
            let path = folder.path().join(name);
            std::fs::write(&path, content).unwrap();
            let path = path.display().to_string();
            let problem = settings(|settings| settings.ca_bundle = Some(path)).err();
            assert!(problem.unwrap().what.contains("ca_bundle"), "{name}");
        }
        let folder = folder.path().display().to_string();
        for bad in ["/nowhere", "/dev/zero", &folder] {
            assert!(settings(|settings| settings.ca_bundle = Some(bad.to_owned())).is_err());
        }
    }

    #[test]
    fn a_proxy_is_an_address() {
        assert!(settings(|settings| settings.proxy = Some("not a proxy".to_owned())).is_err());
        assert!(
            settings(|settings| settings.proxy = Some("http://127.0.0.1:3128".to_owned())).is_ok()
        );
    }
}
