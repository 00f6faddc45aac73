//! Whether this process's memory is closed to others (T4, T6).

use daypass_core::finding::Finding;

pub(super) fn hardening() -> Finding {
    const ABOUT: &str = "memory";
    if is_closed() {
        return Finding::ok(ABOUT, "Closed to debuggers, and never dumped.");
    }
    Finding::broken(
        ABOUT,
        "Other programs of yours could read Daypass's memory, or a crash could write it to disk.",
        "Quit Daypass and start it again; if it stays so, please report it.",
    )
}

#[cfg(target_os = "linux")]
fn is_closed() -> bool {
    use rustix::process::{DumpableBehavior, Resource, dumpable_behavior, getrlimit};

    let limit = getrlimit(Resource::Core);
    matches!(dumpable_behavior(), Ok(DumpableBehavior::NotDumpable)) && limit.current == Some(0)
}

/// Elsewhere the hardened runtime of the signed package does this.
#[cfg(not(target_os = "linux"))]
const fn is_closed() -> bool {
    true
}
