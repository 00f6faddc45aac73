//! The one HTTP stack: rustls, the system's certificates, the environment's proxy.

use std::time::Duration;

use aws_smithy_http_client::{
    Builder, Connector,
    proxy::ProxyConfig,
    tls::{Provider, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::http::{HttpConnectorSettings, SharedHttpClient};

/// How long a connection may take, and how long an answer (HARDENING R5).
pub(super) const CONNECT: Duration = Duration::from_millis(3_100);
pub(super) const TOTAL: Duration = Duration::from_secs(10);

/// Names Daypass honestly in CloudTrail (AWS_RULES 3.5, item 8).
pub(super) const USER_AGENT: &str = concat!("daypass/", env!("CARGO_PKG_VERSION"));

const TLS: Provider = Provider::Rustls(CryptoMode::Ring);

/// The client that the SDK uses.
pub(super) fn client() -> SharedHttpClient {
    Builder::new().build_with_connector_fn(|settings, _| connector(settings))
}

/// One connector, for requests that are not the SDK's.
pub(super) fn connector(settings: Option<&HttpConnectorSettings>) -> Connector {
    let settings = settings.cloned().unwrap_or_else(|| {
        HttpConnectorSettings::builder()
            .connect_timeout(CONNECT)
            .read_timeout(TOTAL)
            .build()
    });
    Connector::builder()
        .tls_provider(TLS)
        .connector_settings(settings)
        .proxy_config(ProxyConfig::from_env())
        .build()
}
