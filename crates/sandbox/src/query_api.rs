//! The query protocol that STS and IAM share: an `Action` in a form, XML back.

use crate::caller::{Signed, authenticate};
use crate::error::AwsError;
use crate::http::{Request, Response};
use crate::journal::Entry;
use crate::params::Params;
use crate::service::Service;
use crate::world::World;
use crate::xml::Xml;
use crate::{iam, sts};

const REQUEST_ID: &str = "x-amzn-requestid";

/// A service's API.
#[derive(Clone, Copy)]
pub(crate) struct Api {
    pub(crate) service: Service,
    pub(crate) version: &'static str,
    pub(crate) operations: &'static [(&'static str, Run)],
}

impl Api {
    fn namespace(self) -> String {
        format!(
            "https://{}.amazonaws.com/doc/{}/",
            self.service.name(),
            self.version
        )
    }
}

/// The answer to a call.
pub(crate) fn handle(world: &mut World, request: &Request, entry: &mut Entry) -> Response {
    let params = request.params();
    let request_id = world.ids.request();
    let operation = match Operation::find(&params) {
        Ok(operation) => operation,
        Err(error) => return failure(sts::API, &error, request_id, entry),
    };
    match operation.run(world, request, &params, entry) {
        Ok(result) => success(operation.api, operation.name, result, request_id),
        Err(error) => failure(operation.api, &error, request_id, entry),
    }
}

/// An error in the place of the answer.
pub(crate) fn refuse(
    world: &mut World,
    request: &Request,
    error: &AwsError,
    entry: &mut Entry,
) -> Response {
    let operation = Operation::find(&request.params());
    let api = operation.map_or(sts::API, |operation| operation.api);
    failure(api, error, world.ids.request(), entry)
}

/// What the journal keeps of the request, whatever becomes of it.
pub(crate) fn describe(request: &Request, entry: &mut Entry) {
    let params = request.params();
    let text = |name| params.get(name).map(str::to_owned);
    entry.op = text("Action").unwrap_or_default();
    entry.serial = text("SerialNumber");
    entry.role_arn = text("RoleArn");
    entry.session_name = text("RoleSessionName").or_else(|| text("Name"));
    entry.source_identity = text("SourceIdentity");
    entry.tags = params
        .members("Tags")
        .iter()
        .filter_map(|tag| Some((tag.get("Key")?.to_string(), tag.get("Value")?.to_string())))
        .collect();
    let texts = |list, field| params.texts(list, field).into_iter().map(str::to_owned);
    entry.transitive_tag_keys = texts("TransitiveTagKeys", "").collect();
    entry.policy_arns = texts("PolicyArns", "arn").collect();
    entry.policy = text("Policy");
    entry.duration = params
        .get("DurationSeconds")
        .and_then(|seconds| seconds.parse().ok());
}

/// What an operation answers: elements inside its result, or nothing but a request id.
pub(crate) type Answer = Result<Option<Xml>, AwsError>;

/// A call of the API.
pub(crate) type Run = fn(&mut World, &crate::credentials::Caller, &Params, &mut Entry) -> Answer;

struct Operation {
    api: Api,
    name: &'static str,
    implementation: Run,
}

impl Operation {
    fn find(params: &Params) -> Result<Self, AwsError> {
        let action = params.get("Action").ok_or_else(AwsError::missing_action)?;
        let version = params.get("Version").unwrap_or("NO_VERSION_SPECIFIED");
        let of = |api: Api| {
            let (name, implementation) =
                *api.operations.iter().find(|(name, _)| *name == action)?;
            (api.version == version).then_some(Self {
                api,
                name,
                implementation,
            })
        };
        of(sts::API)
            .or_else(|| of(iam::API))
            .ok_or_else(|| AwsError::invalid_action(action, version))
    }

    fn run(
        &self,
        world: &mut World,
        request: &Request,
        params: &Params,
        entry: &mut Entry,
    ) -> Answer {
        let Signed { caller, .. } = authenticate(world, request, self.api.service, entry)?;
        (self.implementation)(world, &caller, params, entry)
    }
}

fn metadata(request_id: &str) -> Xml {
    Xml::default().element("RequestId", request_id)
}

fn success(api: Api, name: &str, result: Option<Xml>, request_id: String) -> Response {
    let answer = match result {
        Some(result) => Xml::default().nest(&format!("{name}Result"), result),
        None => Xml::default(),
    };
    let body = answer
        .nest("ResponseMetadata", metadata(&request_id))
        .document(&format!("{name}Response"), &api.namespace());
    Response::xml(200, body).with(REQUEST_ID, request_id)
}

fn failure(api: Api, error: &AwsError, request_id: String, entry: &mut Entry) -> Response {
    entry.error = Some(error.code.clone().into_owned());
    let details = Xml::default()
        .element("Type", error.kind())
        .element("Code", &error.code)
        .element("Message", &error.message);
    let body = Xml::default()
        .nest("Error", details)
        .element("RequestId", &request_id)
        .document("ErrorResponse", &api.namespace());
    let response = Response::xml(error.status, body).with(REQUEST_ID, request_id);
    match error.retry_after_ms {
        Some(ms) => response.with("x-amz-retry-after", ms.to_string()),
        None => response,
    }
}
