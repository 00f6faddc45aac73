//! x
use daypass_stage::Result;
pub(crate) fn run() -> Result<()> {
    Ok(())
}
