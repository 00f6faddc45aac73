//! Who signed a request, and whether that still counts.

use chrono::{DateTime, TimeDelta, Utc};

use crate::credentials::{Caller, LastUse, Lifetime};
use crate::error::AwsError;
use crate::http::Request;
use crate::journal::Entry;
use crate::service::Service;
use crate::sigv4::{Authorization, TERMINATOR, parse_basic_format};
use crate::world::World;

/// How far a client's clock may be off.
pub(crate) const MAX_SKEW: TimeDelta = TimeDelta::minutes(5);

const DATE: &str = "x-amz-date";
const TOKEN: &str = "x-amz-security-token";

/// Who signed a call, and for which region.
#[derive(Debug)]
pub(crate) struct Signed {
    pub(crate) caller: Caller,
    pub(crate) region: String,
}

/// Finds out who calls, or how AWS would refuse.
pub(crate) fn authenticate(
    world: &mut World,
    request: &Request,
    service: Service,
    entry: &mut Entry,
) -> Result<Signed, AwsError> {
    let header = request
        .header("authorization")
        .ok_or_else(AwsError::missing_authentication_token)?;
    let authorization = Authorization::parse(header).map_err(AwsError::incomplete_signature)?;
    let key_id = &authorization.access_key_id;
    entry.access_key_id = Some(key_id.clone());

    let timestamp = request.header(DATE).ok_or_else(|| {
        AwsError::incomplete_signature(
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
        )
    })?;
    let signed_at = parse_basic_format(timestamp).ok_or_else(|| {
        AwsError::incomplete_signature(format!(
            "Date must be in ISO-8601 'basic format'. Got '{timestamp}'."
        ))
    })?;
    check_scope(&authorization, service, timestamp)?;

    let credentials = find(world, key_id, request.header(TOKEN))?;
    check_skew(signed_at, world.now())?;
    check_signed_headers(&authorization, request)?;
    if !authorization.verifies(request, timestamp, &credentials.secret) {
        return Err(AwsError::wrong_signature());
    }
    entry.identity_arn = Some(credentials.caller.principal.arn());
    if credentials.expires_at.is_some_and(|end| end <= world.now()) {
        return Err(AwsError::expired_token());
    }
    remember_use(world, &authorization, service);
    Ok(Signed {
        caller: credentials.caller,
        region: authorization.scope.region,
    })
}

/// Credentials of either kind.
struct Found {
    secret: String,
    caller: Caller,
    expires_at: Option<DateTime<Utc>>,
}

/// A key that exists and works, with the session token that belongs to it and no other.
fn find(world: &World, key_id: &str, token: Option<&str>) -> Result<Found, AwsError> {
    if let Some(key) = world.access_keys.get(key_id)
        && key.works(world.now())
        && token.is_none()
    {
        return Ok(Found {
            secret: key.secret.clone(),
            caller: Caller::new(key.owner.clone(), Lifetime::LongTerm),
            expires_at: None,
        });
    }
    world
        .temporary
        .get(key_id)
        .filter(|temporary| !temporary.revoked && Some(temporary.token.as_str()) == token)
        .map(|temporary| Found {
            secret: temporary.secret.clone(),
            caller: temporary.caller.clone(),
            expires_at: Some(temporary.expires_at),
        })
        .ok_or_else(AwsError::invalid_client_token_id)
}

fn check_scope(
    authorization: &Authorization,
    service: Service,
    timestamp: &str,
) -> Result<(), AwsError> {
    let scope = &authorization.scope;
    let mut wrong = Vec::new();
    let day = timestamp.split('T').next().unwrap_or_default();
    if scope.date != day {
        wrong.push(format!(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: \
             '{}' != '{day}', from '{timestamp}'.",
            scope.date
        ));
    }
    if !is_region(&scope.region) {
        wrong.push(format!(
            "Credential should be scoped to a valid region, not '{}'.",
            scope.region
        ));
    }
    if scope.service != service.name() {
        wrong.push(format!(
            "Credential should be scoped to correct service: '{}'.",
            service.name()
        ));
    }
    if scope.terminator != TERMINATOR {
        wrong.push(format!(
            "Credential should be scoped with a valid terminator: '{TERMINATOR}', not '{}'.",
            scope.terminator
        ));
    }
    if wrong.is_empty() {
        return Ok(());
    }
    Err(AwsError::signature_does_not_match(wrong.join(" ")))
}

/// Any region will do, as long as it could be one.
fn is_region(text: &str) -> bool {
    let letters = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (2..=32).contains(&text.len()) && text.bytes().all(letters)
}

fn check_skew(signed_at: DateTime<Utc>, now: DateTime<Utc>) -> Result<(), AwsError> {
    if signed_at < now - MAX_SKEW {
        return Err(AwsError::signature_expired(signed_at, now));
    }
    if signed_at > now + MAX_SKEW {
        return Err(AwsError::signature_not_yet_current(signed_at, now));
    }
    Ok(())
}

/// `host` and every `x-amz-` header have to be signed.
fn check_signed_headers(authorization: &Authorization, request: &Request) -> Result<(), AwsError> {
    if !authorization.signs("host") {
        return Err(AwsError::signature_does_not_match(
            "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
        ));
    }
    let unsigned: Vec<&str> = request
        .headers
        .keys()
        .map(|name| name.as_str())
        .filter(|name| name.starts_with("x-amz-") && !authorization.signs(name))
        .collect();
    if unsigned.is_empty() {
        return Ok(());
    }
    Err(AwsError::signature_does_not_match(format!(
        "There were headers present in the request which were not signed: {}",
        unsigned.join(", ")
    )))
}

fn remember_use(world: &mut World, authorization: &Authorization, service: Service) {
    let at = world.now();
    if let Some(key) = world.access_keys.get_mut(&authorization.access_key_id) {
        key.last_used = Some(LastUse {
            at,
            service: service.name(),
            region: authorization.scope.region.clone(),
        });
    }
}
