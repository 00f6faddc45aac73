//! STS through the SDK. A code goes out exactly once: such calls are never retried (P4).

use std::time::Duration as StdDuration;

use aws_config::{AppName, BehaviorVersion, Region, retry::RetryConfig, timeout::TimeoutConfig};
use aws_credential_types::{Credentials, provider::ProvideCredentials};
use aws_sdk_sts::{Client, config::SharedCredentialsProvider};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use daypass_core::{
    Instant,
    config::Endpoints,
    duration::Duration,
    partition::Partition,
    problem::{Code, Problem},
    secret::{AccessKey, Secret, SessionCredentials},
    session::Origin,
};
use futures_util::future::BoxFuture;

use super::{http, refusal::explain};
use crate::ports::{AssumeRole, Assumed, Mfa, Source, Sts, StsCause, StsError};

/// The real STS, or the endpoint set in its place.
#[derive(Clone)]
pub struct StsClient {
    http: SharedHttpClient,
    endpoint: Option<String>,
}

/// How often a request is tried that carries no code.
const ATTEMPTS: u32 = 3;

impl StsClient {
    /// Prepares the HTTP stack; connects only when asked.
    pub fn new(endpoints: &Endpoints) -> Self {
        Self {
            http: http::client(),
            endpoint: endpoints.sts.clone(),
        }
    }

    fn client(
        &self,
        region: &str,
        credentials: SharedCredentialsProvider,
        attempts: u32,
    ) -> Client {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(http::CONNECT)
            .operation_attempt_timeout(http::TOTAL)
            .operation_timeout(http::TOTAL + StdDuration::from_secs(2))
            .build();
        let mut config = aws_sdk_sts::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(self.http.clone())
            .region(Region::new(region.to_owned()))
            .credentials_provider(credentials)
            .retry_config(RetryConfig::standard().with_max_attempts(attempts))
            .timeout_config(timeouts);
        if let Ok(name) = AppName::new("daypass") {
            config = config.app_name(name);
        }
        if let Some(endpoint) = &self.endpoint {
            config = config.endpoint_url(endpoint);
        }
        Client::from_conf(config.build())
    }

    async fn ambient(&self, profile: Option<String>) -> Result<Credentials, StsError> {
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

impl Sts for StsClient {
    fn get_session_token(
        &self,
        key: AccessKey,
        mfa: Mfa,
        duration: Duration,
        partition: Partition,
    ) -> BoxFuture<'static, Result<SessionCredentials, StsError>> {
        let client = self.client(partition.home_region(), long_term(&key), 1);
        Box::pin(async move {
            let answer = client
                .get_session_token()
                .serial_number(mfa.serial.as_str())
                .token_code(mfa.code.expose())
                .duration_seconds(seconds(duration))
                .send()
                .await
                .map_err(|error| explain(&error, true))?;
            session_credentials(answer.credentials)
        })
    }

    fn assume_role(
        &self,
        source: Source,
        request: AssumeRole,
    ) -> BoxFuture<'static, Result<Assumed, StsError>> {
        let this = self.clone();
        Box::pin(async move {
            let (credentials, origin, mfa) = match source {
                Source::Key(key, mfa) => (long_term(&key), Origin::LongTermKey, mfa),
                Source::Session(session) => (temporary(&session), Origin::Temporary, None),
                Source::Ambient(profile) => {
                    let credentials = this.ambient(profile).await?;
                    let origin = match credentials.session_token() {
                        Some(_) => Origin::Temporary,
                        None => Origin::LongTermKey,
                    };
                    (SharedCredentialsProvider::new(credentials), origin, None)
                }
            };
            let home = request.arn.partition().home_region();
            let region = request
                .region
                .as_ref()
                .map_or(home, |region| region.as_str());
            let attempts = if mfa.is_some() { 1 } else { ATTEMPTS };
            let with_code = mfa.is_some();
            let mut call = this
                .client(region, credentials, attempts)
                .assume_role()
                .role_arn(request.arn.as_str())
                .role_session_name(request.session_name.as_str())
                .duration_seconds(seconds(request.duration))
                .set_external_id(request.external_id.map(String::from));
            if let Some(mfa) = mfa {
                call = call
                    .serial_number(mfa.serial.as_str())
                    .token_code(mfa.code.expose());
            }
            let answer = call
                .send()
                .await
                .map_err(|error| explain(&error, with_code))?;
            Ok(Assumed {
                credentials: session_credentials(answer.credentials)?,
                origin,
            })
        })
    }

    fn get_caller_identity(
        &self,
        key: AccessKey,
        partition: Partition,
    ) -> BoxFuture<'static, Result<String, StsError>> {
        let client = self.client(partition.home_region(), long_term(&key), ATTEMPTS);
        Box::pin(async move {
            let answer = client
                .get_caller_identity()
                .send()
                .await
                .map_err(|error| explain(&error, false))?;
            answer.arn.ok_or_else(incomplete)
        })
    }
}

fn long_term(key: &AccessKey) -> SharedCredentialsProvider {
    SharedCredentialsProvider::new(Credentials::new(
        key.id.as_str(),
        key.secret.expose(),
        None,
        None,
        "daypass",
    ))
}

fn temporary(session: &SessionCredentials) -> SharedCredentialsProvider {
    SharedCredentialsProvider::new(Credentials::new(
        session.access_key_id.as_str(),
        session.secret_access_key.expose(),
        Some(session.session_token.expose().to_owned()),
        None,
        "daypass",
    ))
}

fn seconds(duration: Duration) -> i32 {
    i32::try_from(duration.seconds()).unwrap_or(i32::MAX)
}

fn session_credentials(
    answer: Option<aws_sdk_sts::types::Credentials>,
) -> Result<SessionCredentials, StsError> {
    let answer = answer.ok_or_else(incomplete)?;
    let expires_at = Instant::from_timestamp(answer.expiration.secs(), 0).ok_or_else(incomplete)?;
    Ok(SessionCredentials {
        access_key_id: answer.access_key_id,
        secret_access_key: Secret::new(answer.secret_access_key),
        session_token: Secret::new(answer.session_token),
        expires_at,
    })
}

fn incomplete() -> StsError {
    refused(Problem::passing(
        Code::AwsRefused,
        "AWS's answer was incomplete.",
        "Try again in a moment.",
    ))
}

fn refused(problem: Problem) -> StsError {
    StsError {
        cause: StsCause::Refused,
        problem,
    }
}
