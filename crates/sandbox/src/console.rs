//! The console page that a sign-in link leads to.

use chrono::{DateTime, TimeDelta, Utc};

use crate::credentials::{Caller, Principal, SessionContext};
use crate::html::{error_page, escape, header, page};
use crate::http::{Request, Response};
use crate::permissions;
use crate::policy::Context;
use crate::sts::iso;
use crate::world::World;

const COOKIE: &str = "sandbox-console";

/// A browser that has signed in.
#[derive(Debug)]
pub(crate) struct ConsoleSession {
    pub(crate) access_key_id: String,
    pub(crate) principal: Principal,
    pub(crate) ends_at: DateTime<Utc>,
    pub(crate) region: String,
}

/// The cookie of a session.
pub(crate) fn cookie(id: &str) -> String {
    format!("{COOKIE}={id}; Path=/; HttpOnly; SameSite=Lax")
}

/// What takes the cookie from a browser.
pub(crate) fn no_cookie() -> String {
    format!("{}; Max-Age=0", cookie(""))
}

/// The session of the browser that asks, if it has one that has not ended.
pub(crate) fn signed_in<'a>(world: &'a World, request: &Request) -> Option<&'a ConsoleSession> {
    let now = world.now();
    let id = request.cookie(COOKIE)?;
    let session = world.console_sessions.get(id)?;
    (session.ends_at > now).then_some(session)
}

/// Ends the session of the browser that asks.
pub(crate) fn sign_out(world: &mut World, request: &Request) {
    if let Some(id) = request.cookie(COOKIE) {
        world.console_sessions.remove(id);
    }
}

/// A page of the console, for a browser with a session that has not ended.
pub(crate) fn handle(world: &World, request: &Request) -> Response {
    let now = world.now();
    let session = signed_in(world, request);
    let credentials = session
        .and_then(|session| world.temporary.get(&session.access_key_id))
        .filter(|credentials| !credentials.revoked);
    let (Some(session), Some(credentials)) = (session, credentials) else {
        let message = "Your session has ended. Sign in again from where you came.";
        return Response::html(401, error_page(401, "Signed out", message));
    };
    let params = request.params();
    let destination = params
        .get("destination")
        .map_or_else(|| with_query(&request.path, &request.query), str::to_owned);
    let caller = &credentials.caller;
    let access = access(world, caller);
    let body = console_page(session, &caller.session, access, &destination, now);
    Response::html(200, body)
}

/// What there is to do in this sandbox besides looking.
const WRITES: [&str; 6] = [
    "iam:CreateAccessKey",
    "iam:DeleteAccessKey",
    "iam:UpdateAccessKey",
    "secretsmanager:CreateSecret",
    "secretsmanager:DeleteSecret",
    "secretsmanager:PutSecretValue",
];

const READS: [&str; 7] = [
    "iam:GetAccessKeyLastUsed",
    "iam:GetUser",
    "iam:ListAccessKeys",
    "iam:ListMFADevices",
    "secretsmanager:DescribeSecret",
    "secretsmanager:GetSecretValue",
    "secretsmanager:ListSecretVersionIds",
];

/// What the session's policies let through.
fn access(world: &World, caller: &Caller) -> &'static str {
    let context = Context::of(caller, world.now());
    if permissions::may_ever(world, &context, &WRITES) {
        return "read and write";
    }
    if permissions::may_ever(world, &context, &READS) {
        return "read-only";
    }
    "none"
}

fn with_query(path: &str, query: &str) -> String {
    if query.is_empty() {
        return path.to_owned();
    }
    format!("{path}?{query}")
}

fn console_page(
    session: &ConsoleSession,
    given: &SessionContext,
    access: &str,
    destination: &str,
    now: DateTime<Utc>,
) -> String {
    let (role, session_name) = match &session.principal {
        Principal::RoleSession {
            role_name,
            session_name,
            ..
        } => (role_name.clone(), session_name.clone()),
        Principal::FederatedUser { name, .. } => (format!("federated-user/{name}"), name.clone()),
        Principal::User { name, .. } => (format!("user/{name}"), String::new()),
        Principal::Root(_) => ("root".to_owned(), String::new()),
    };
    let account = &session.principal.account().id;
    let title = format!("Sandbox console - {role} @ {account}");
    let bar = format!(
        "<span class=\"item\">{access}</span><span class=\"item\">{}</span><span class=\"item\">{} @ {}</span>",
        escape(&session.region),
        escape(&role),
        escape(account),
    );
    let policies = session_policies(given);
    let rows = [
        ("Account", "account", account.as_str()),
        ("Role", "role", &role),
        ("Session name", "session-name", &session_name),
        ("Access", "access", access),
        ("Session policies", "session-policies", &policies),
        ("Region", "region", &session.region),
        ("Destination", "destination", destination),
        ("Time left", "time-left", &time_left(session.ends_at - now)),
        ("Ends at", "expires-at", &iso(session.ends_at)),
    ]
    .map(|(label, id, value)| format!("<dt>{label}</dt><dd id=\"{id}\">{}</dd>", escape(value)))
    .concat();
    let tiles = ["S3", "EC2", "Lambda", "CloudWatch", "IAM", "Billing"]
        .map(|name| format!("<div class=\"tile\">{name}</div>"))
        .concat();
    let body = format!(
        "{}<main><section class=\"card\"><h1>{}</h1>\
         <p class=\"quiet\">A stand-in for the AWS console. Nothing here is real.</p></section>\
         <section class=\"card\"><dl>{rows}</dl></section>\
         <section class=\"tiles\">{tiles}</section></main>",
        header(&bar),
        escape(&title),
    );
    page(&title, None, &body)
}

/// What the session was narrowed with when it was made.
fn session_policies(given: &SessionContext) -> String {
    let inline = given.policies.as_ref().map_or(0, Vec::len) > given.policy_arns.len();
    let policies: Vec<&str> = given
        .policy_arns
        .iter()
        .map(String::as_str)
        .chain(inline.then_some("an inline policy"))
        .collect();
    policies.join(", ")
}

/// `11 h 59 min`, `59 min`, `45 s`.
fn time_left(left: TimeDelta) -> String {
    let seconds = left.num_seconds();
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    match (hours, minutes) {
        (0, 0) => format!("{seconds} s"),
        (0, _) => format!("{minutes} min"),
        (_, 0) => format!("{hours} h"),
        _ => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_told_as_people_do() {
        let rows = [
            (45, "45 s"),
            (60, "1 min"),
            (3599, "59 min"),
            (3600, "1 h"),
            (43_199, "11 h 59 min"),
        ];
        for (seconds, expected) in rows {
            assert_eq!(time_left(TimeDelta::seconds(seconds)), expected);
        }
    }
}
