//! Security Token Service.

mod assume_role;
mod get_caller_identity;
mod get_federation_token;
mod get_session_token;
mod session_policy;

use chrono::{DateTime, SecondsFormat, Utc};

use crate::error::AwsError;
use crate::params::Params;
use crate::query_api::Api;
use crate::service::Service;
use crate::world::Issued;
use crate::xml::Xml;

pub(crate) const API: Api = Api {
    service: Service::Sts,
    version: "2011-06-15",
    operations: &[
        ("AssumeRole", assume_role::run),
        ("GetCallerIdentity", get_caller_identity::run),
        ("GetFederationToken", get_federation_token::run),
        ("GetSessionToken", get_session_token::run),
    ],
};

/// AWS_RULES 3.2: the shortest that any call gives.
const MIN_DURATION: i64 = 900;
/// AWS_RULES 3.2: GetSessionToken and GetFederationToken, 36 hours.
const MAX_USER_DURATION: i64 = 129_600;
/// AWS_RULES 3.2: GetSessionToken and GetFederationToken, 12 hours.
const DEFAULT_USER_DURATION: i64 = 43_200;
/// AWS_RULES 3.2: what the root of an account gets at most.
const MAX_ROOT_DURATION: i64 = 3600;

fn duration(params: &Params) -> Result<Option<i64>, AwsError> {
    let Some(text) = params.get("DurationSeconds") else {
        return Ok(None);
    };
    match text.parse::<i32>() {
        Ok(seconds) => Ok(Some(i64::from(seconds))),
        Err(_) => Err(AwsError::malformed_input(
            "DurationSeconds is not an integer",
        )),
    }
}

/// A time as STS writes it.
pub(crate) fn iso(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn credentials(issued: &Issued) -> Xml {
    Xml::default()
        .element("AccessKeyId", &issued.access_key_id)
        .element("SecretAccessKey", &issued.secret)
        .element("SessionToken", &issued.token)
        .element("Expiration", iso(issued.expires_at))
}
