//! The sign-in endpoint, `/federation` (IAM User Guide, "Enable custom identity broker access to the AWS console").

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::json;
use url::Url;

use crate::console::{self, ConsoleSession};
use crate::credentials::{Principal, TemporaryCredentials};
use crate::destination::Destination;
use crate::error::AwsError;
use crate::html::error_page;
use crate::http::{Request, Response};
use crate::journal::Entry;
use crate::params::Params;
use crate::sign_out;
use crate::world::World;

/// AWS_RULES 3.5: a sign-in token is good for 15 minutes.
const TOKEN_LIFETIME: TimeDelta = TimeDelta::minutes(15);
/// AWS_RULES 3.5: what `SessionDuration` may be.
const SESSION_DURATIONS: std::ops::RangeInclusive<i64> = 900..=43_200;

/// A token that getSigninToken gave.
#[derive(Debug)]
pub(crate) struct SigninToken {
    access_key_id: String,
    principal: Principal,
    expires_at: DateTime<Utc>,
    credentials_expire_at: DateTime<Utc>,
    session_seconds: Option<i64>,
    used: bool,
}

/// Why the endpoint answers 400.
#[derive(Debug)]
pub(crate) struct Refusal {
    /// For the journal.
    pub(crate) code: &'static str,
    pub(crate) message: &'static str,
}

const INVALID_CREDENTIALS: Refusal = Refusal {
    code: "InvalidCredentials",
    message: "Invalid credentials parameter",
};

const INVALID_ACTION: Refusal = Refusal {
    code: "InvalidAction",
    message: "Invalid Action parameter",
};

/// AWS says so to a browser that is signed in to another account and has no multi-session support turned on.
const SIGNED_IN: Refusal = Refusal {
    code: "SignedInElsewhere",
    message: "You must first log out before logging into a different AWS account.",
};

/// AWS_RULES 3.5: the answer has no useful text.
const INVALID_SESSION_DURATION: Refusal = Refusal {
    code: "InvalidSessionDuration",
    message: "Bad Request",
};

/// The answer to a call.
pub(crate) fn handle(world: &mut World, request: &Request, entry: &mut Entry) -> Response {
    let params = request.params();
    let action = params.get("Action").unwrap_or_default();
    // Each path has actions of its own.
    let is_here = (action == "logout") == (request.path == sign_out::PATH);
    let result = match action {
        _ if !is_here => Err(INVALID_ACTION),
        "getSigninToken" => get_signin_token(world, &params, entry),
        "login" => login(world, request, &params, entry),
        "logout" => sign_out::sign_out(world, request, &params),
        _ => Err(INVALID_ACTION),
    };
    result.unwrap_or_else(|refusal| {
        entry.error = Some(refusal.code.to_owned());
        Response::html(400, error_page(400, "Sign-in failed", refusal.message))
    })
}

/// An error in the place of the answer: a page, as all of this endpoint's.
pub(crate) fn refuse(error: &AwsError, entry: &mut Entry) -> Response {
    entry.error = Some(error.code.clone().into_owned());
    let page = error_page(error.status, &error.code, &error.message);
    let response = Response::html(error.status, page);
    match error.retry_after_ms {
        Some(ms) => response.with("x-amz-retry-after", ms.to_string()),
        None => response,
    }
}

/// What the journal keeps of the request, whatever becomes of it.
pub(crate) fn describe(request: &Request, entry: &mut Entry) {
    let params = request.params();
    entry.op = match params.get("Action") {
        Some("getSigninToken") => "GetSigninToken",
        Some("login") => "ConsoleLogin",
        Some("logout") => "ConsoleLogout",
        _ => "",
    }
    .to_owned();
    entry.duration = params
        .get("SessionDuration")
        .and_then(|seconds| seconds.parse().ok());
}

/// The `Session` parameter.
#[derive(Deserialize)]
struct Session {
    #[serde(rename = "sessionId")]
    id: String,
    #[serde(rename = "sessionKey")]
    key: String,
    #[serde(rename = "sessionToken")]
    token: String,
}

fn get_signin_token(
    world: &mut World,
    params: &Params,
    entry: &mut Entry,
) -> Result<Response, Refusal> {
    let session = params.get("Session").unwrap_or_default();
    let session: Session = serde_json::from_str(session).map_err(|_| INVALID_CREDENTIALS)?;
    entry.access_key_id = Some(session.id.clone());
    let now = world.now();
    let credentials = world
        .temporary
        .get(&session.id)
        .filter(|found| found.secret == session.key && found.token == session.token)
        .filter(|found| !found.revoked && found.expires_at > now)
        .ok_or(INVALID_CREDENTIALS)?;
    describe_principal(&credentials.caller.principal, entry);
    entry.describe_session(&credentials.caller.session);
    let session_seconds = session_seconds(params, credentials)?;
    let token = SigninToken {
        access_key_id: session.id,
        principal: credentials.caller.principal.clone(),
        expires_at: now + TOKEN_LIFETIME,
        credentials_expire_at: credentials.expires_at,
        session_seconds,
        used: false,
    };
    let id = world.ids.opaque();
    world.signin_tokens.insert(id.clone(), token);
    Ok(Response::json(200, &json!({ "SigninToken": id }))
        .with("cache-control", "no-store".to_owned()))
}

/// The console session's own length, where these credentials may have one (the table in AWS_RULES 3.5).
fn session_seconds(
    params: &Params,
    credentials: &TemporaryCredentials,
) -> Result<Option<i64>, Refusal> {
    let may_choose = match credentials.caller.principal {
        Principal::RoleSession { chained, .. } => !chained,
        Principal::FederatedUser { .. } => false,
        Principal::Root(_) | Principal::User { .. } => return Err(INVALID_CREDENTIALS),
    };
    let Some(seconds) = params.get("SessionDuration") else {
        return Ok(None);
    };
    let seconds = seconds
        .parse()
        .ok()
        .filter(|seconds| may_choose && SESSION_DURATIONS.contains(seconds));
    Ok(Some(seconds.ok_or(INVALID_SESSION_DURATION)?))
}

fn login(
    world: &mut World,
    request: &Request,
    params: &Params,
    entry: &mut Entry,
) -> Result<Response, Refusal> {
    let now = world.now();
    let signed_in = console::signed_in(world, request);
    let other = signed_in.map(|session| session.principal.account().id.clone());
    let id = params.get("SigninToken").unwrap_or_default();
    let token = world.signin_tokens.get_mut(id).ok_or(Refusal {
        code: "UnknownSigninToken",
        message: "The sign-in token is not one that this endpoint gave",
    })?;
    entry.access_key_id = Some(token.access_key_id.clone());
    describe_principal(&token.principal, entry);
    if token.used {
        return Err(Refusal {
            code: "UsedSigninToken",
            message: "The sign-in token was used before",
        });
    }
    let credentials_ended = token.session_seconds.is_none() && token.credentials_expire_at <= now;
    if token.expires_at <= now || credentials_ended {
        return Err(Refusal {
            code: "ExpiredSigninToken",
            message: "The sign-in token has expired",
        });
    }
    if other.is_some_and(|account| account != token.principal.account().id) {
        return Err(SIGNED_IN);
    }
    check_issuer(params)?;
    let destination = params.get("Destination").unwrap_or_default();
    let partition = &token.principal.account().partition;
    let destination = Destination::parse(destination, partition, world.origin).ok_or(Refusal {
        code: "InvalidDestination",
        message: "Invalid Destination parameter",
    })?;
    token.used = true;

    let ends_at = match token.session_seconds {
        Some(seconds) => now + TimeDelta::seconds(seconds),
        None => token.credentials_expire_at,
    };
    let session = ConsoleSession {
        access_key_id: token.access_key_id.clone(),
        principal: token.principal.clone(),
        ends_at,
        region: destination.region(partition),
    };
    let cookie = world.ids.opaque();
    world.console_sessions.insert(cookie.clone(), session);
    Ok(Response::html(302, String::new())
        .with("location", destination.location())
        .with("set-cookie", console::cookie(&cookie)))
}

/// `Issuer` may be left out; what is there has to be a web address.
fn check_issuer(params: &Params) -> Result<(), Refusal> {
    let issuer = params.get("Issuer").unwrap_or_default();
    let is_web = Url::parse(issuer).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    if issuer.is_empty() || is_web {
        return Ok(());
    }
    Err(Refusal {
        code: "InvalidIssuer",
        message: "Invalid Issuer parameter",
    })
}

fn describe_principal(principal: &Principal, entry: &mut Entry) {
    entry.identity_arn = Some(principal.arn());
    entry.role_arn = principal.role_arn();
    entry.session_name = match principal {
        Principal::RoleSession { session_name, .. } => Some(session_name.clone()),
        Principal::FederatedUser { name, .. } => Some(name.clone()),
        Principal::Root(_) | Principal::User { .. } => None,
    };
}
