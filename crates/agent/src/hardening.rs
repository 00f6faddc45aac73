//! What keeps other programs of the same user out of this process's memory (HARDENING T4).

/// Forbids debuggers, `/proc/<pid>/mem` and core dumps. First thing in `main`, before any secret.
///
/// # Errors
/// When the kernel refuses; then the process must not take secrets.
#[cfg(target_os = "linux")]
pub fn harden() -> std::io::Result<()> {
    use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};

    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    Ok(setrlimit(Resource::Core, none)?)
}

/// Elsewhere the hardened runtime of the signed package does this.
///
/// # Errors
/// Never.
#[cfg(not(target_os = "linux"))]
pub fn harden() -> std::io::Result<()> {
    Ok(())
}
