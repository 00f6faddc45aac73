//! `/_sandbox/`: what a test does to the sandbox, and not through AWS's API.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::credentials::{AccessKey, KeyStatus};
use crate::device_page;
use crate::faults::Fault;
use crate::http::{Request, Response};
use crate::seed::{MAX_AGE_DAYS, ROLE_DURATIONS};
use crate::sts::iso;
use crate::totp;
use crate::world::World;

/// Where the control endpoints are.
pub(crate) const PREFIX: &str = "/_sandbox/";

/// Why a control call is refused.
struct Refusal(u16, String);

type Answer = Result<Value, Refusal>;

/// A control call. Web pages may not make any: a browser says where a page comes from in `Origin`, and what a page that
/// re-bound a name to this machine was loaded from in `Host`.
pub(crate) fn handle(world: &mut World, request: &Request) -> Response {
    if request.headers.contains_key("origin") || !is_local_host(request) {
        return Response::json(403, &json!({ "error": "not for web pages" }));
    }
    let name = request.path.strip_prefix(PREFIX).unwrap_or_default();
    if (request.method.as_str(), name) == ("GET", "device") {
        return device_page::handle(world, request);
    }
    let answer = match (request.method.as_str(), name) {
        ("GET", "clock") => Ok(clock(world)),
        ("POST", "clock") => move_clock(world, request),
        ("GET", "devices") => Ok(devices(world)),
        ("GET", "journal") => Ok(json!(world.journal.entries())),
        ("GET", "faults") => Ok(json!(world.faults.pending())),
        ("POST", "faults") => order_faults(world, request),
        ("DELETE", "faults") => {
            world.faults.clear();
            Ok(json!([]))
        }
        ("POST", "revoke") => revoke(world, request),
        ("POST", "roles") => change_role(world, request),
        ("POST", "keys") => change_key(world, request),
        ("GET", "key-propagation") => Ok(propagation(world)),
        ("POST", "key-propagation") => change_propagation(world, request),
        _ => Err(Refusal(404, format!("no {} {name}", request.method))),
    };
    match answer {
        Ok(body) => Response::json(200, &body),
        Err(Refusal(status, error)) => Response::json(status, &json!({ "error": error })),
    }
}

fn is_local_host(request: &Request) -> bool {
    let host = request.header("host").unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    matches!(name, "127.0.0.1" | "localhost" | "[::1]")
}

fn read<T: DeserializeOwned>(request: &Request) -> Result<T, Refusal> {
    serde_json::from_slice(&request.body).map_err(|error| Refusal(400, error.to_string()))
}

fn clock(world: &World) -> Value {
    json!({
        "now": iso(world.now()),
        "offset_seconds": world.clock.offset().num_seconds(),
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
enum Move {
    AdvanceSeconds(i64),
    Set(DateTime<Utc>),
}

fn move_clock(world: &mut World, request: &Request) -> Answer {
    let moved = match read(request)? {
        Move::AdvanceSeconds(seconds) => world.clock.advance(seconds),
        Move::Set(time) => world.clock.set(time),
    };
    moved.ok_or_else(|| Refusal(400, "outside the years 2000 to 9000".to_owned()))?;
    Ok(clock(world))
}

fn devices(world: &World) -> Value {
    let now = world.now();
    let devices = world.devices.iter().map(|device| {
        json!({
            "serial": device.serial,
            "user": device.user,
            "code": totp::code(&device.key, totp::step_at(now)),
            "seconds_left": totp::seconds_left(now),
        })
    });
    Value::Array(devices.collect())
}

fn order_faults(world: &mut World, request: &Request) -> Answer {
    let faults: Vec<Fault> = read(request)?;
    world
        .faults
        .order(faults)
        .map_err(|reason| Refusal(400, reason))?;
    Ok(json!(world.faults.pending()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Revoke {
    access_key_id: String,
}

fn revoke(world: &mut World, request: &Request) -> Answer {
    let Revoke { access_key_id } = read(request)?;
    if let Some(credentials) = world.temporary.get_mut(&access_key_id) {
        credentials.revoked = true;
    } else {
        let now = world.now();
        key(world, &access_key_id)?.switch(KeyStatus::Inactive, now, TimeDelta::zero());
    }
    Ok(json!({ "access_key_id": access_key_id, "revoked": true }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RoleChange {
    arn: String,
    max_session_duration: i64,
}

fn change_role(world: &mut World, request: &Request) -> Answer {
    let change: RoleChange = read(request)?;
    let role = world
        .roles
        .get_mut(&change.arn)
        .ok_or_else(|| Refusal(404, "no such role".to_owned()))?;
    if !ROLE_DURATIONS.contains(&change.max_session_duration) {
        return Err(Refusal(
            400,
            "a role allows 3600 to 43200 seconds".to_owned(),
        ));
    }
    role.max_session_duration = change.max_session_duration;
    Ok(json!({ "arn": change.arn, "max_session_duration": change.max_session_duration }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyChange {
    access_key_id: String,
    status: Option<KeyStatus>,
    age_days: Option<u32>,
}

fn change_key(world: &mut World, request: &Request) -> Answer {
    let change: KeyChange = read(request)?;
    if change.age_days.is_some_and(|days| days > MAX_AGE_DAYS) {
        return Err(Refusal(400, format!("not older than {MAX_AGE_DAYS} days")));
    }
    let now = world.now();
    let key = key(world, &change.access_key_id)?;
    if let Some(status) = change.status {
        key.switch(status, now, TimeDelta::zero());
    }
    if let Some(days) = change.age_days {
        key.created_at = now - TimeDelta::days(i64::from(days));
    }
    Ok(json!({
        "access_key_id": change.access_key_id,
        "status": key.status,
        "created_at": iso(key.created_at),
    }))
}

fn key<'w>(world: &'w mut World, id: &str) -> Result<&'w mut AccessKey, Refusal> {
    world
        .access_keys
        .get_mut(id)
        .filter(|key| !key.deleted)
        .ok_or_else(|| Refusal(404, "no such access key".to_owned()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Propagation {
    seconds: u32,
}

fn propagation(world: &World) -> Value {
    json!({ "seconds": world.key_propagation.num_seconds() })
}

fn change_propagation(world: &mut World, request: &Request) -> Answer {
    let Propagation { seconds } = read(request)?;
    world.key_propagation = TimeDelta::seconds(i64::from(seconds));
    Ok(propagation(world))
}
