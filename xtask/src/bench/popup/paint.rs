//! From the click on the tray icon to the first paint.

use daypass_stage::Result;

use super::{window::Window, world::World};
use crate::bench::stopwatch::{Times, print as print_times, time};

const ROUNDS: usize = 9;
/// How often the fast ones are run in a round.
const FAST: usize = 10;

/// In turn, so that whatever else the machine does hits all alike.
pub(super) fn print(world: &World) -> Result<()> {
    let mut nothing = Times::of("/bin/true");
    let mut created = Times::of("click to first paint: its process created");
    let mut again = Times::of("click to first paint: shown again");
    let log = world.desktop.home.log("measured");
    // The first time of all fills caches of the system's.
    let window = Window::open(world)?;
    window.end_process()?;
    for _ in 0..ROUNDS {
        for _ in 0..FAST {
            nothing.add(time(&log, vec![world.nothing()])?);
        }
        created.add(window.time_click()?);
        window.hide()?;
        again.add(window.time_click()?);
        window.end_process()?;
    }
    print_times(nothing, [created, again]);
    Ok(())
}
