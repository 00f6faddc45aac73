//! What every SDK client of Daypass has in common: the HTTP stack, retries, time-outs, and where
//! credentials come from.

use std::{sync::Arc, time::SystemTime};

use aws_config::{
    AppName, BehaviorVersion, Region, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig,
};
use aws_credential_types::{
    Credentials,
    provider::{ProvideCredentials, SharedCredentialsProvider},
};
use aws_smithy_async::time::{SharedTimeSource, TimeSource};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use chrono::TimeDelta;
use daypass_core::{
    problem::{Code, Problem},
    secret::{AccessKey, SessionCredentials},
    session::Origin,
};

use super::{
    http::{self, Http},
    refusal::refused,
};
use crate::{
    clock::{AwsClock, Clock, SystemTicks, Ticks},
    ports::{AwsError, Mfa, Source},
};

/// How often a request is tried that carries no code.
pub(super) const ATTEMPTS: u32 = 3;

/// The HTTP stack that all clients share, and the endpoint of one service.
#[derive(Clone)]
pub(super) struct Sdk {
    http: SharedHttpClient,
    /// The endpoint set in place of AWS's own.
    pub(super) endpoint: Option<String>,
    clock: Arc<AwsClock<SystemTicks>>,
}

/// The time that one request is dated with, however often it is tried. The correction stays as it
/// was when the request was made: the SDK adds what it learns from the first try's answer.
#[derive(Debug, Clone)]
struct Signing {
    ticks: SystemTicks,
    correction: TimeDelta,
}

impl Signing {
    fn by(clock: &AwsClock<SystemTicks>) -> Self {
        let ticks = *clock.ticks();
        Self {
            ticks,
            correction: clock.now() - ticks.wall(),
        }
    }
}

impl TimeSource for Signing {
    fn now(&self) -> SystemTime {
        (self.ticks.wall() + self.correction).into()
    }
}

impl Sdk {
    /// Prepares the HTTP stack; connects only when asked.
    pub(super) fn new(http: &Http, endpoint: Option<&String>) -> Self {
        Self {
            http: http.client(),
            clock: http.clock(),
            endpoint: endpoint.cloned(),
        }
    }

    /// A client's configuration.
    pub(super) fn config(
        &self,
        region: &str,
        credentials: SharedCredentialsProvider,
        attempts: u32,
    ) -> SdkConfig {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(http::CONNECT)
            .operation_timeout(http::TOTAL)
            .build();
        let mut config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(self.http.clone())
            .region(Region::new(region.to_owned()))
            .credentials_provider(credentials)
            // Signed by AWS's clock, so that a code is not lost to a wrong one of this computer.
            .time_source(SharedTimeSource::new(Signing::by(&self.clock)))
            .retry_config(RetryConfig::standard().with_max_attempts(attempts))
            .timeout_config(timeouts);
        if let Ok(name) = AppName::new("daypass") {
            config = config.app_name(name);
        }
        if let Some(endpoint) = &self.endpoint {
            config = config.endpoint_url(endpoint);
        }
        config.build()
    }

    /// Credentials to sign with, what a session made from them is, and the code to send along.
    pub(super) async fn resolve(
        &self,
        source: Source,
    ) -> Result<(SharedCredentialsProvider, Origin, Option<Mfa>), AwsError> {
        Ok(match source {
            Source::Key(key, mfa) => (long_term(&key), Origin::LongTermKey, mfa),
            Source::Session(session) => (temporary(&session), Origin::Temporary, None),
            Source::Ambient(profile) => {
                let credentials = self.ambient(profile).await?;
                let origin = match credentials.session_token() {
                    Some(_) => Origin::Temporary,
                    None => Origin::LongTermKey,
                };
                (SharedCredentialsProvider::new(credentials), origin, None)
            }
        })
    }

    async fn ambient(&self, profile: Option<String>) -> Result<Credentials, AwsError> {
        let mut loader =
            aws_config::defaults(BehaviorVersion::latest()).http_client(self.http.clone());
        if let Some(profile) = profile {
            loader = loader.profile_name(profile);
        }
        let config = loader.load().await;
        let missing = || {
            refused(Problem::yours(
                Code::Failed,
                "This machine has no AWS credentials of its own to start from.",
                "Check the environment or the profile that this identity names.",
            ))
        };
        let provider = config.credentials_provider().ok_or_else(missing)?;
        provider.provide_credentials().await.map_err(|_| missing())
    }
}

pub(super) fn long_term(key: &AccessKey) -> SharedCredentialsProvider {
    SharedCredentialsProvider::new(Credentials::new(
        key.id.as_str(),
        key.secret.expose(),
        None,
        None,
        "daypass",
    ))
}

pub(super) fn temporary(session: &SessionCredentials) -> SharedCredentialsProvider {
    SharedCredentialsProvider::new(Credentials::new(
        session.access_key_id.as_str(),
        session.secret_access_key.expose(),
        Some(session.session_token.expose().to_owned()),
        None,
        "daypass",
    ))
}
