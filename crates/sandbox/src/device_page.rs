//! A page that stands for the phone with the authenticator app.

use crate::html::{error_page, escape, page};
use crate::http::{Request, Response};
use crate::totp;
use crate::world::World;

/// The device's current code, kept current by reloading.
pub(crate) fn handle(world: &World, request: &Request) -> Response {
    let params = request.params();
    let serial = params.get("serial").unwrap_or_default();
    let Some(device) = world.devices.iter().find(|found| found.serial == serial) else {
        let message = "No device has this serial number.";
        return Response::html(404, error_page(404, "No such device", message));
    };
    let now = world.now();
    let code = totp::code(&device.key, totp::step_at(now));
    let (first, last) = code.split_at_checked(3).unwrap_or((&code, ""));
    let left = totp::seconds_left(now);
    let body = format!(
        "<main><div class=\"phone\"><p class=\"account\">Sandbox<br>{} @ {}</p>\
         <p class=\"code\" id=\"code\" data-code=\"{code}\">{first} {last}</p>\
         <progress max=\"30\" value=\"{left}\"></progress>\
         <p class=\"account\"><span id=\"seconds-left\">{left}</span> s left<br>{}</p></div></main>",
        escape(&device.user),
        escape(&device.account.id),
        escape(&device.serial),
    );
    let title = format!("Authenticator - {}", device.user);
    Response::html(200, page(&title, Some(1), &body))
}
