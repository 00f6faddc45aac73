//! STS through the SDK. A code goes out exactly once: such calls are never retried (P4).

use aws_config::SdkConfig;
use aws_sdk_sts::{
    Client,
    types::{PolicyDescriptorType, Tag},
};
use aws_smithy_runtime_api::{
    client::{http::HttpConnector, orchestrator::HttpRequest},
    http::Request,
};
use aws_smithy_types::body::SdkBody;
use daypass_core::{
    Instant,
    config::Endpoints,
    duration::Duration,
    partition::Partition,
    problem::Problem,
    role::Role,
    secret::{AccessKey, Secret, SessionCredentials},
    session::Origin,
};
use futures_util::future::BoxFuture;
use tokio::time::timeout;

use super::{
    hint::ShortWaits,
    http::{self, Http},
    refusal::{explain, incomplete, refused, unreachable},
    sdk::{ATTEMPTS, Sdk, long_term},
};
use crate::ports::{AssumeRole, Assumed, AwsError, Mfa, Source, Sts};

/// The real STS, or the endpoint set in its place.
#[derive(Clone)]
pub struct StsClient {
    sdk: Sdk,
    http: Http,
}

impl StsClient {
    /// Prepares the HTTP stack; connects only when asked.
    pub fn new(http: &Http, endpoints: &Endpoints) -> Self {
        Self {
            sdk: Sdk::new(http, endpoints.sts.as_ref()),
            http: http.clone(),
        }
    }
}

impl Sts for StsClient {
    fn get_session_token(
        &self,
        key: AccessKey,
        mfa: Mfa,
        duration: Duration,
        partition: Partition,
    ) -> BoxFuture<'static, Result<SessionCredentials, AwsError>> {
        let config = self.sdk.config(partition.home_region(), long_term(&key), 1);
        let client = client(&config);
        Box::pin(async move {
            let answer = client
                .get_session_token()
                .serial_number(mfa.serial.as_str())
                .token_code(mfa.code.expose())
                .duration_seconds(seconds(duration))
                .send()
                .await
                .map_err(|error| explain(&error, true))?;
            session_credentials(answer.credentials, true)
        })
    }

    fn assume_role(
        &self,
        source: Source,
        request: AssumeRole,
    ) -> BoxFuture<'static, Result<Assumed, AwsError>> {
        let this = self.clone();
        Box::pin(async move {
            let (credentials, origin, mfa) = this.sdk.resolve(source).await?;
            let role = &request.role;
            let region = role.region.as_ref().map_or_else(
                || role.arn.partition().home_region(),
                |region| region.as_str(),
            );
            let attempts = if mfa.is_some() { 1 } else { ATTEMPTS };
            let client = client(&this.sdk.config(region, credentials, attempts));
            if role.arn.is_federated_user() {
                return get_federation_token(&client, role).await;
            }
            let with_code = mfa.is_some();
            let mut call = client
                .assume_role()
                .role_arn(role.arn.as_str())
                .role_session_name(request.session_name.as_str())
                .duration_seconds(seconds(role.wanted_duration()))
                .set_external_id(role.external_id.clone().map(String::from))
                .set_source_identity(role.source_identity.clone().map(String::from))
                .set_policy(role.policy.clone())
                .set_policy_arns(policy_arns(role))
                .set_tags(tags(role)?)
                .set_transitive_tag_keys(some(role.transitive_tags.clone()));
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
                credentials: session_credentials(answer.credentials, with_code)?,
                origin,
            })
        })
    }

    fn get_caller_identity(
        &self,
        key: AccessKey,
        partition: Partition,
    ) -> BoxFuture<'static, Result<String, AwsError>> {
        let config = self
            .sdk
            .config(partition.home_region(), long_term(&key), ATTEMPTS);
        let client = client(&config);
        Box::pin(async move {
            let answer = client
                .get_caller_identity()
                .send()
                .await
                .map_err(|error| explain(&error, false))?;
            answer.arn.ok_or_else(|| incomplete(false))
        })
    }

    fn ask_time(&self, partition: Partition) -> BoxFuture<'static, Result<(), AwsError>> {
        let regional = || {
            let (region, suffix) = (partition.home_region(), partition.dns_suffix());
            format!("https://sts.{region}.{suffix}/")
        };
        let endpoint = self.sdk.endpoint.clone().unwrap_or_else(regional);
        let connector = self.http.connector(None);
        Box::pin(async move {
            let request = time_request(&endpoint).ok_or_else(|| unreachable(false))?;
            timeout(http::TOTAL, connector.call(request))
                .await
                .map_err(|_| unreachable(false))?
                .map_err(|_| unreachable(false))?;
            Ok(())
        })
    }
}

fn client(config: &SdkConfig) -> Client {
    let config = aws_sdk_sts::config::Builder::from(config).retry_classifier(ShortWaits);
    Client::from_conf(config.build())
}

/// The root of the endpoint: AWS answers anybody there, and dates the answer.
fn time_request(endpoint: &str) -> Option<HttpRequest> {
    let mut request = Request::new(SdkBody::empty());
    request.set_method("GET").ok()?;
    request.set_uri(endpoint).ok()?;
    request.headers_mut().insert("user-agent", http::USER_AGENT);
    Some(request)
}

/// A user's own permissions, narrowed by a policy; AWS takes no code for it (AWS_RULES 3.3).
async fn get_federation_token(client: &Client, role: &Role) -> Result<Assumed, AwsError> {
    let answer = client
        .get_federation_token()
        .name(role.arn.short_name())
        .duration_seconds(seconds(role.wanted_duration()))
        .set_policy(role.policy.clone())
        .set_policy_arns(policy_arns(role))
        .set_tags(tags(role)?)
        .send()
        .await
        .map_err(|error| explain(&error, false))?;
    Ok(Assumed {
        credentials: session_credentials(answer.credentials, false)?,
        // Its console takes no SessionDuration, as if it were chained.
        origin: Origin::Temporary,
    })
}

fn policy_arns(role: &Role) -> Option<Vec<PolicyDescriptorType>> {
    let arns = role
        .policy_arns
        .iter()
        .map(|arn| PolicyDescriptorType::builder().arn(arn.as_str()).build());
    some(arns.collect())
}

fn tags(role: &Role) -> Result<Option<Vec<Tag>>, AwsError> {
    let tags = role
        .tags
        .iter()
        .map(|(key, value)| Tag::builder().key(key).value(value).build())
        .collect::<Result<_, _>>()
        .map_err(|_| refused(Problem::ours("The session tags could not be built.")))?;
    Ok(some(tags))
}

/// Empty lists are left out of requests.
fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}

fn seconds(duration: Duration) -> i32 {
    i32::try_from(duration.seconds()).unwrap_or(i32::MAX)
}

fn session_credentials(
    answer: Option<aws_sdk_sts::types::Credentials>,
    with_code: bool,
) -> Result<SessionCredentials, AwsError> {
    let whole = |answer: &aws_sdk_sts::types::Credentials| {
        let texts = [
            &answer.access_key_id,
            &answer.secret_access_key,
            &answer.session_token,
        ];
        texts.iter().all(|text| !text.is_empty()) && answer.expiration.secs() > 0
    };
    let answer = answer.filter(whole).ok_or_else(|| incomplete(with_code))?;
    let expires_at = Instant::from_timestamp(answer.expiration.secs(), 0)
        .ok_or_else(|| incomplete(with_code))?;
    Ok(SessionCredentials {
        access_key_id: answer.access_key_id,
        secret_access_key: Secret::new(answer.secret_access_key),
        session_token: Secret::new(answer.session_token),
        expires_at,
    })
}
