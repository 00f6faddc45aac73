//! The whole job as a person does it: on a private desktop that is driven and photographed, or in
//! a window for a person to play with.

mod driven;
mod played;

use daypass_stage::{Desktop, Parts, Result, Screen, aws::Aws};

use crate::build;

/// The role of the demonstration.
const ROLE: &str = "prod-admin";
const ROLE_ARN: &str = "arn:aws:iam::111122223333:role/Admin";

/// Shows Daypass.
pub(crate) fn run(headless: bool) -> Result<()> {
    build::debug()?;
    if headless || std::env::var_os("DISPLAY").is_none() {
        driven::run()
    } else {
        played::run()
    }
}

/// The tray, running against a pretended AWS.
fn stage(screen: Screen) -> Result<(Desktop, Aws)> {
    let mut desktop = Desktop::start(Parts {
        screen,
        ..Parts::ALL
    })?;
    desktop.with_movable_clock()?;
    desktop
        .home
        .set_browser(if has_chromium() { CHROMIUM } else { RECORDER })?;
    let aws = Aws::start(&desktop.home)?;
    desktop
        .home
        .write_config(&format!("version = 1\n\n{}", aws.endpoints()))?;
    desktop.record_notifications()?;
    desktop.start_program("daypass-tray", &[])?;
    Ok((desktop, aws))
}

/// Whether a real browser is there to look at.
fn has_chromium() -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join("chromium").is_file())
}

/// In place of a browser: follows the link and keeps the page that it ends on.
const RECORDER: &str = r#"#!/bin/sh
unset LD_PRELOAD
exec curl --silent --location --cookie-jar "$HOME/cookies" --output "$HOME/page.html" "$@"
"#;

/// A browser with a profile of its own, which leaves the network alone. The movable clock is for
/// Daypass; the rest of the desktop keeps the real one.
const CHROMIUM: &str = r#"#!/bin/sh
unset LD_PRELOAD
exec chromium --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync \
  --disable-background-networking --disable-component-update --password-store=basic \
  --user-data-dir="$HOME/chromium" --window-size=760,620 --window-position=40,90 "$@" >/dev/null 2>&1
"#;
