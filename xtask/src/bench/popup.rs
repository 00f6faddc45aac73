//! What the popup costs: the release build on a private desktop, its window before a real pointer
//! and its page in the real webview.

mod paint;
mod rest;
mod roles;
mod sizes;
mod typing;
mod window;
mod world;

use daypass_stage::{Parts, Result};

use self::world::World;
use crate::build;

/// As many as a person of one team has.
const ROLES: usize = 12;
/// As many as there are to be found among.
const COUNTS: [usize; 4] = [10, 100, 1_000, 10_000];

/// Measures and prints. As root only, since the agent is closed to its own user.
pub(crate) fn run() -> Result<()> {
    build::release()?;
    before_a_pointer()?;
    before_a_keyboard()?;
    sizes::print()
}

/// The tray on a whole desktop. At rest first, as long as the popup was never used.
fn before_a_pointer() -> Result<()> {
    let world = World::start(Parts::ALL, "daypass-tray")?;
    world.has_roles(ROLES)?;
    world.has_session()?;
    rest::print(&world)?;
    paint::print(&world)
}

/// The page under WebDriver, whose window belongs to no tray.
fn before_a_keyboard() -> Result<()> {
    let parts = Parts {
        panel: false,
        notifications: false,
        ..Parts::ALL
    };
    let world = World::start(parts, "daypass-agent")?;
    for count in COUNTS {
        world.has_roles(count)?;
        typing::print(&world, count)?;
    }
    Ok(())
}
