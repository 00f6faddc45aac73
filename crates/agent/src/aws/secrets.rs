//! Secrets Manager through the SDK: a session as a new version of a secret.

use aws_sdk_secretsmanager::Client;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use daypass_core::{
    config::Endpoints,
    problem::{Code, Problem},
    secret::SessionCredentials,
};
use futures_util::future::BoxFuture;

use super::{
    http::Http,
    refusal::{explain, incomplete},
    sdk::{ATTEMPTS, Sdk, temporary},
};
use crate::ports::{AwsError, PutSecret, Secrets};

/// The real Secrets Manager, or the endpoint set in its place.
#[derive(Clone)]
pub struct SecretsClient(Sdk);

impl SecretsClient {
    /// Prepares the HTTP stack; connects only when asked.
    pub fn new(http: &Http, endpoints: &Endpoints) -> Self {
        Self(Sdk::new(http, endpoints.secretsmanager.as_ref()))
    }
}

impl Secrets for SecretsClient {
    fn put_secret_value(
        &self,
        credentials: SessionCredentials,
        put: PutSecret,
    ) -> BoxFuture<'static, Result<String, AwsError>> {
        let config = self
            .0
            .config(&put.region, temporary(&credentials), ATTEMPTS);
        let client = Client::new(&config);
        Box::pin(async move {
            let answer = client
                .put_secret_value()
                .secret_id(&put.secret_id)
                .secret_string(put.value.expose())
                .send()
                .await;
            let error = match answer {
                Ok(answer) => return answer.version_id.ok_or_else(|| incomplete(false)),
                Err(error) => error,
            };
            let missing = error.code() == Some("ResourceNotFoundException");
            if !missing || !put.create {
                return Err(in_words(explain(&error, false), missing, &put));
            }
            let answer = client
                .create_secret()
                .name(&put.secret_id)
                .description("A temporary AWS session, published by Daypass.")
                .secret_string(put.value.expose())
                .send()
                .await
                .map_err(|error| in_words(explain(&error, false), false, &put))?;
            answer.version_id.ok_or_else(|| incomplete(false))
        })
    }
}

/// A refusal, with what to do about a secret.
fn in_words(error: AwsError, missing: bool, put: &PutSecret) -> AwsError {
    if error.problem.code != Code::AwsRefused
        || error.problem.blame != daypass_core::problem::Blame::Yours
    {
        return error;
    }
    let problem = if missing {
        Problem::yours(
            Code::AwsRefused,
            format!("There is no secret {} in {}.", put.secret_id, put.region),
            "Check its name and region, or let Daypass make it (`--create`, or the tick in the window).",
        )
    } else {
        Problem::yours(
            Code::AwsRefused,
            error.problem.what,
            "The role that writes the secret needs secretsmanager:PutSecretValue on it; --writer names another role.",
        )
    };
    AwsError::new(error.cause, problem)
}
