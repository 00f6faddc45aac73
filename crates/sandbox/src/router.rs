//! Which part answers a request.

use url::form_urlencoded;

use crate::destination::CONSOLE;
use crate::html::error_page;
use crate::http::{Request, Response, http_date};
use crate::journal::Entry;
use crate::protocol::Protocol;
use crate::sts::iso;
use crate::world::World;
use crate::{console, control, sign_out};

/// The answer to a request.
pub(crate) fn route(world: &mut World, request: &Request) -> Response {
    let date = http_date(world.now());
    let response = match request.path.as_str() {
        "/" | "/federation" | sign_out::PATH => recorded(world, request),
        path if path.starts_with(control::PREFIX) => control::handle(world, request),
        path if path == CONSOLE || path.starts_with("/console/") => console::handle(world, request),
        _ => Response::html(404, error_page(404, "Not found", "There is nothing here.")),
    };
    response.with("date", date)
}

/// What AWS would see, and the journal therefore has.
fn recorded(world: &mut World, request: &Request) -> Response {
    let protocol = Protocol::of(request);
    let is_sign_in = protocol == Protocol::SignIn;
    let mut entry = Entry {
        time: iso(world.now()),
        user_agent: request.header("user-agent").map(str::to_owned),
        query_secret: has_secret(world, &request.query, is_sign_in),
        ..Entry::default()
    };
    let response = if matches!(request.method.as_str(), "GET" | "POST") {
        protocol.handle(world, request, &mut entry)
    } else {
        let page = error_page(405, "Method not allowed", "GET and POST only.");
        Response::html(405, page)
    };
    entry.status = response.status;
    world.journal.add(entry);
    response
}

/// Parameters that carry secrets, whatever their value.
const SECRET_PARAMETERS: [&str; 8] = [
    "AWSAccessKeyId",
    "SecretAccessKey",
    "Session",
    "SessionToken",
    "TokenCode",
    "X-Amz-Credential",
    "X-Amz-Security-Token",
    "X-Amz-Signature",
];

/// Whether a query string has what belongs into a body or a header; a login's sign-in token has to be there.
fn has_secret(world: &World, query: &str, is_sign_in: bool) -> bool {
    let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
    let is_login = is_sign_in
        && pairs
            .iter()
            .any(|pair| *pair == ("Action".into(), "login".into()));
    pairs.iter().any(|(name, value)| {
        let named = SECRET_PARAMETERS
            .iter()
            .any(|secret| name.eq_ignore_ascii_case(secret));
        named || (name == "SigninToken" && !is_login) || is_known_secret(world, value)
    })
}

fn is_known_secret(world: &World, text: &str) -> bool {
    let long_lived = world.access_keys.values().map(|key| &key.secret);
    let temporary = world
        .temporary
        .values()
        .flat_map(|credentials| [&credentials.secret, &credentials.token]);
    long_lived
        .chain(temporary)
        .any(|secret| text.contains(secret.as_str()))
}
