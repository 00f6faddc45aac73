//! The popup first: it is built into the tray's program.

use daypass_stage::Result;

use crate::{step, step_in};

/// Everything, for development and tests.
pub(crate) fn debug() -> Result<()> {
    popup()?;
    step("cargo", &["build", "--workspace"])
}

/// The popup's files.
pub(crate) fn popup() -> Result<()> {
    step_in("ui", "npm", &["run", "build"])
}
