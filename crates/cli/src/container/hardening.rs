//! What the endpoint's process is closed to, since it hands out sessions for hours (T4, T6).

use daypass_core::problem::Problem;
use rustix::process::{
    DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit, setsid,
};

use super::failed;

/// Forbids debuggers, `/proc/<pid>/mem` and core dumps.
pub(super) fn close_memory() -> Result<(), Problem> {
    let refused = |error: rustix::io::Errno| failed(&format!("its memory is open: {error}"));
    set_dumpable_behavior(DumpableBehavior::NotDumpable).map_err(refused)?;
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    setrlimit(Resource::Core, none).map_err(refused)
}

/// Leaves the terminal, so that Ctrl-C is the command's alone.
pub(super) fn leave_terminal() -> Result<(), Problem> {
    setsid()
        .map(|_| ())
        .map_err(|error| failed(&error.to_string()))
}
