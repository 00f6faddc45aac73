//! From a keystroke in the search field to the filtered list, and from one page of it to the next,
//! in the real webview.

use daypass_stage::{Error, Result, wait, webdriver::Page};
use serde_json::Value;

use super::{roles::MARK, world::World};
use crate::bench::{
    release,
    stopwatch::{Times, print as print_times},
};

/// Yields milliseconds, for each letter of: two frames with nothing to do, the list's own part,
/// and all until two frames later; then of pages that are scrolled. Each begins with a frame. What
/// a keystroke has queued is done when the next task runs. Says too whether a text that no role has
/// emptied the list.
const SCRIPT: &str = include_str!("typing.js");

/// How long it takes in a page that is opened with that many roles.
pub(super) fn print(world: &World, roles: usize) -> Result<()> {
    let page = Page::open(&world.desktop, &release("daypass-tray"))?;
    let shown = format!("return document.body.innerText.includes('{MARK}')");
    wait::until("the roles in the page", || {
        (page.script(&shown).ok()? == true).then_some(())
    })?;
    let measured = page.script_async(SCRIPT)?;
    let times = |name: &str, what: String| -> Result<Times> {
        let all = measured.get(name).and_then(Value::as_array);
        let all = all.ok_or_else(|| Error::new(format!("the page did not measure: {measured}")))?;
        let mut times = Times::of(what);
        for milliseconds in all.iter().filter_map(Value::as_f64) {
            times.add(micros(milliseconds));
        }
        Ok(times)
    };
    if measured.get("isFiltered") != Some(&Value::Bool(true)) {
        return Err(Error::new("what no role is called does not empty the list"));
    }
    print_times(
        times("nothing", "two frames with nothing to do".to_owned())?,
        [
            times(
                "frames",
                format!("keystroke to filtered list, {roles} roles"),
            )?,
            times("own", format!("    the list's own part, {roles} roles"))?,
            times("scrolled", format!("a page scrolled, {roles} roles"))?,
        ],
    );
    Ok(())
}

fn micros(milliseconds: f64) -> u128 {
    std::time::Duration::from_secs_f64(milliseconds.max(0.0) / 1_000.0).as_micros()
}
