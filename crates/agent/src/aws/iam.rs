//! IAM through the SDK: a user's own access keys.

use aws_config::SdkConfig;
use aws_sdk_iam::{Client, types::StatusType};
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::{DateTime, error::metadata::ProvideErrorMetadata};
use daypass_core::{
    Instant,
    config::Endpoints,
    field::AccessKeyId,
    partition::Partition,
    problem::{Code, Problem},
    secret::{AccessKey, Secret},
};
use futures_util::future::BoxFuture;

use super::{
    http::Http,
    refusal::{explain, incomplete},
    sdk::{ATTEMPTS, Sdk},
};
use crate::ports::{AwsCause, AwsError, Iam, KeyFacts, Source};

/// The real IAM, or the endpoint set in its place.
#[derive(Clone)]
pub struct IamClient(Sdk);

impl IamClient {
    /// Prepares the HTTP stack; connects only when asked.
    pub fn new(http: &Http, endpoints: &Endpoints) -> Self {
        Self(Sdk::new(http, endpoints.iam.as_ref()))
    }

    async fn client(&self, source: Source, partition: Partition) -> Result<Client, AwsError> {
        let (credentials, _, _) = self.0.resolve(source).await?;
        let config: SdkConfig = self
            .0
            .config(partition.home_region(), credentials, ATTEMPTS);
        Ok(Client::new(&config))
    }
}

impl Iam for IamClient {
    fn list_access_keys(
        &self,
        source: Source,
        partition: Partition,
    ) -> BoxFuture<'static, Result<Vec<KeyFacts>, AwsError>> {
        let this = self.clone();
        Box::pin(async move {
            let client = this.client(source, partition).await?;
            let answer = client
                .list_access_keys()
                .send()
                .await
                .map_err(|error| in_iam(explain(&error, false)))?;
            let keys = answer.access_key_metadata.into_iter();
            Ok(keys
                .filter_map(|key| {
                    Some(KeyFacts {
                        id: key.access_key_id?,
                        created_at: key.create_date.as_ref().and_then(instant),
                    })
                })
                .collect())
        })
    }

    fn create_access_key(
        &self,
        source: Source,
        partition: Partition,
    ) -> BoxFuture<'static, Result<(AccessKey, Option<Instant>), AwsError>> {
        let this = self.clone();
        Box::pin(async move {
            let (credentials, _, _) = this.0.resolve(source).await?;
            // Once: a second try after a lost answer would make a key that nobody has the secret of.
            let config = this.0.config(partition.home_region(), credentials, 1);
            let answer = Client::new(&config)
                .create_access_key()
                .send()
                .await
                .map_err(|error| in_iam(explain(&error, false)))?;
            let key = answer.access_key.ok_or_else(|| incomplete(false))?;
            let created_at = key.create_date.as_ref().and_then(instant);
            let key = AccessKey::parse(&key.access_key_id, Secret::new(key.secret_access_key))
                .map_err(|_| incomplete(false))?;
            Ok((key, created_at))
        })
    }

    fn deactivate_access_key(
        &self,
        source: Source,
        partition: Partition,
        id: AccessKeyId,
    ) -> BoxFuture<'static, Result<(), AwsError>> {
        let this = self.clone();
        Box::pin(async move {
            let client = this.client(source, partition).await?;
            let answer = client
                .update_access_key()
                .access_key_id(id.as_str())
                .status(StatusType::Inactive)
                .send()
                .await;
            gone_is_fine(answer.map(|_| ()))
        })
    }

    fn delete_access_key(
        &self,
        source: Source,
        partition: Partition,
        id: AccessKeyId,
    ) -> BoxFuture<'static, Result<(), AwsError>> {
        let this = self.clone();
        Box::pin(async move {
            let client = this.client(source, partition).await?;
            let answer = client
                .delete_access_key()
                .access_key_id(id.as_str())
                .send()
                .await;
            gone_is_fine(answer.map(|_| ()))
        })
    }
}

/// A key that was deleted by an interrupted rotation, or by hand, is deleted.
fn gone_is_fine<E>(
    answer: Result<(), SdkError<E, aws_smithy_runtime_api::client::orchestrator::HttpResponse>>,
) -> Result<(), AwsError>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    match answer {
        Err(error) if error.code() == Some("NoSuchEntity") => Ok(()),
        Err(error) => Err(in_iam(explain(&error, false))),
        Ok(()) => Ok(()),
    }
}

/// What to do about a refusal differs from what it is about a role's.
fn in_iam(error: AwsError) -> AwsError {
    if !matches!(error.cause, AwsCause::Refused | AwsCause::Denied)
        || error.problem.code != Code::AwsRefused
    {
        return error;
    }
    AwsError::new(
        error.cause,
        Problem::yours(
            Code::AwsRefused,
            error.problem.what,
            "The user needs iam:ListAccessKeys, CreateAccessKey, UpdateAccessKey and DeleteAccessKey on itself; examples/ has the policy.",
        ),
    )
}

fn instant(at: &DateTime) -> Option<Instant> {
    Instant::from_timestamp(at.secs(), 0)
}
