use daypass_core::problem::Problem;

use super::print;
use crate::{agent::Agent, project};

pub(super) fn run(agent: &Agent) -> Result<(), Problem> {
    let path = project::allow(agent)?;
    print(&format!("{} is allowed as it is now.\n", path.display()))
}
