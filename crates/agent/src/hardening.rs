//! What keeps other programs of the same user out of this process's memory (HARDENING T4).

use daypass_core::problem::{Code, Problem};

/// Forbids debuggers, `/proc/<pid>/mem` and core dumps. First thing in `main`, before any secret.
///
/// # Errors
/// When the kernel refuses; then the process must not take secrets.
pub fn harden() -> Result<(), Problem> {
    close_memory().map_err(|error| {
        Problem::passing(
            Code::Failed,
            format!("The system does not let Daypass protect its memory: {error}."),
            "",
        )
    })
}

#[cfg(target_os = "linux")]
fn close_memory() -> std::io::Result<()> {
    use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};

    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    Ok(setrlimit(Resource::Core, none)?)
}

/// Elsewhere the hardened runtime of the signed package does this.
#[cfg(not(target_os = "linux"))]
fn close_memory() -> std::io::Result<()> {
    Ok(())
}
