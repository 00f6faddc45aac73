//! Signing out of the console, `/oauth?Action=logout` (AWS_RULES 3.5, item 6).

use url::Url;

use crate::console;
use crate::destination::has_origin;
use crate::federation::Refusal;
use crate::html::{header, page};
use crate::http::{Request, Response};
use crate::params::Params;
use crate::world::World;

/// Where browsers are signed out.
pub(crate) const PATH: &str = "/oauth";

/// Ends the browser's session, and sends it on where that is asked for.
pub(crate) fn sign_out(
    world: &mut World,
    request: &Request,
    params: &Params,
) -> Result<Response, Refusal> {
    let target = match params.get("redirect_uri") {
        Some(text) => Some(next(world, text).ok_or(Refusal {
            code: "InvalidRedirect",
            message: "Invalid redirect_uri parameter",
        })?),
        None => None,
    };
    console::sign_out(world, request);
    let response = match target {
        Some(url) => Response::html(302, String::new())
            .with("location", url[url::Position::BeforePath..].to_owned()),
        None => Response::html(200, signed_out()),
    };
    Ok(response.with("set-cookie", console::no_cookie()))
}

/// A page of this sandbox, and of nobody else.
fn next(world: &World, text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let is_plain = url.username().is_empty() && url.password().is_none();
    (is_plain && has_origin(&url, world.origin)).then_some(url)
}

fn signed_out() -> String {
    let body = format!(
        "{}<main><section class=\"card\"><h1>Signed out</h1></section></main>",
        header("")
    );
    page("Signed out", None, &body)
}
