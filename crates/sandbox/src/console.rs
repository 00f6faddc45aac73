//! The console page that a sign-in link leads to.

use chrono::{DateTime, TimeDelta, Utc};

use crate::credentials::Principal;
use crate::html::{error_page, escape, header, page};
use crate::http::{Request, Response};
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
    format!("{COOKIE}={id}; Path=/console; HttpOnly; SameSite=Lax")
}

/// A page of the console, for a browser with a session that has not ended.
pub(crate) fn handle(world: &World, request: &Request) -> Response {
    let now = world.now();
    let session = request
        .cookie(COOKIE)
        .and_then(|id| world.console_sessions.get(id))
        .filter(|session| session.ends_at > now && !is_revoked(world, session));
    let Some(session) = session else {
        let message = "Your session has ended. Sign in again from where you came.";
        return Response::html(401, error_page(401, "Signed out", message));
    };
    let params = request.params();
    let destination = params
        .get("destination")
        .map_or_else(|| with_query(&request.path, &request.query), str::to_owned);
    Response::html(200, console_page(session, &destination, now))
}

fn is_revoked(world: &World, session: &ConsoleSession) -> bool {
    world
        .temporary
        .get(&session.access_key_id)
        .is_none_or(|credentials| credentials.revoked)
}

fn with_query(path: &str, query: &str) -> String {
    if query.is_empty() {
        return path.to_owned();
    }
    format!("{path}?{query}")
}

fn console_page(session: &ConsoleSession, destination: &str, now: DateTime<Utc>) -> String {
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
        "<span class=\"item\">{}</span><span class=\"item\">{} @ {}</span>",
        escape(&session.region),
        escape(&role),
        escape(account),
    );
    let rows = [
        ("Account", "account", account.as_str()),
        ("Role", "role", &role),
        ("Session name", "session-name", &session_name),
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
