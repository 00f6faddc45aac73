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

/// The programs as they are given to people, and the AWS that the stage takes from beside this one.
pub(crate) fn release() -> Result<()> {
    popup()?;
    step("cargo", &["build", "--package", "daypass-sandbox"])?;
    step(
        "cargo",
        &[
            "build",
            "--workspace",
            "--release",
            "--bin=daypass",
            "--bin=daypass-agent",
            "--bin=daypass-tray",
        ],
    )
}
