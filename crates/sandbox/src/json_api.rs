//! The JSON 1.1 protocol that Secrets Manager speaks: an `X-Amz-Target` header, JSON there and back.

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::caller::{Signed, authenticate};
use crate::credentials::Caller;
use crate::error::AwsError;
use crate::http::{Request, Response};
use crate::journal::Entry;
use crate::secrets;
use crate::service::Service;
use crate::world::World;

/// The header that says which operation is meant.
pub(crate) const TARGET: &str = "x-amz-target";
const TARGET_PREFIX: &str = "secretsmanager.";
const CONTENT_TYPE: &str = "application/x-amz-json-1.1";

/// What an operation answers.
pub(crate) type Answer = Result<Value, AwsError>;

/// A call of the API.
pub(crate) type Run = fn(&mut World, &Call<'_>) -> Answer;

/// A call whose signature was good.
pub(crate) struct Call<'a> {
    pub(crate) caller: &'a Caller,
    pub(crate) region: &'a str,
    body: &'a [u8],
}

impl Call<'_> {
    /// The parameters.
    pub(crate) fn input<T: DeserializeOwned>(&self) -> Result<T, AwsError> {
        serde_json::from_slice(self.body).map_err(|_| AwsError::serialization())
    }
}

/// The answer to a call.
pub(crate) fn handle(world: &mut World, request: &Request, entry: &mut Entry) -> Response {
    match run(world, request, entry) {
        Ok(body) => answer(200, &body, world),
        Err(error) => refuse(world, error, entry),
    }
}

/// An error in the place of the answer.
pub(crate) fn refuse(world: &mut World, error: AwsError, entry: &mut Entry) -> Response {
    let error = error.in_json_protocol();
    entry.error = Some(error.code.clone().into_owned());
    let body = json!({ "__type": error.code, "Message": error.message });
    let response = answer(error.status, &body, world);
    match error.retry_after_ms {
        Some(ms) => response.with("x-amz-retry-after", ms.to_string()),
        None => response,
    }
}

fn answer(status: u16, body: &Value, world: &mut World) -> Response {
    Response::new(status, CONTENT_TYPE, body.to_string())
        .with("x-amzn-requestid", world.ids.request())
}

fn run(world: &mut World, request: &Request, entry: &mut Entry) -> Answer {
    let (_, run) = secrets::OPERATIONS
        .into_iter()
        .find(|(name, _)| *name == entry.op)
        .ok_or_else(AwsError::unknown_operation)?;
    let Signed { caller, region } = authenticate(world, request, Service::SecretsManager, entry)?;
    let call = Call {
        caller: &caller,
        region: &region,
        body: &request.body,
    };
    run(world, &call)
}

/// What the journal keeps of the request, whatever becomes of it.
pub(crate) fn describe(request: &Request, entry: &mut Entry) {
    let target = request.header(TARGET).unwrap_or_default();
    entry.op = target
        .strip_prefix(TARGET_PREFIX)
        .unwrap_or_default()
        .to_owned();
    let input: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    let text = |name: &str| input.get(name).and_then(Value::as_str).map(str::to_owned);
    entry.secret_id = text("SecretId").or_else(|| text("Name"));
    entry.client_request_token = text("ClientRequestToken");
}
