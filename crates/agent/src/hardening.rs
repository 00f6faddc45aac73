//! What keeps other programs of the same user out of this process's memory (HARDENING T4), and out
//! of what it starts.

use std::sync::{Mutex, PoisonError};

use daypass_core::problem::{Code, Problem};

/// The limits that this process was started with. It has others; what it starts for a person is to
/// have these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Inherited {
    #[cfg(target_os = "linux")]
    limits: [Limit; 2],
}

/// Forbids debuggers, `/proc/<pid>/mem` and core dumps. First thing in `main`, before any secret.
///
/// # Errors
/// When the kernel refuses; then the process must not take secrets.
pub fn harden() -> Result<Inherited, Problem> {
    close_memory().map_err(|error| {
        Problem::passing(
            Code::Failed,
            format!("The system does not let Daypass protect its memory: {error}."),
            "",
        )
    })
}

/// One change of the limits at a time.
static LIMITS: Mutex<()> = Mutex::new(());

impl Inherited {
    /// Does some work, such as starting a program, with these limits. The process stays closed
    /// meanwhile: it is the dumpable flag that closes it, and that ends with `exec`.
    pub fn with<T>(&self, work: impl FnOnce() -> T) -> T {
        let _turn = LIMITS.lock().unwrap_or_else(PoisonError::into_inner);
        #[cfg(target_os = "linux")]
        return {
            let own = self.limits.map(|limit| Limit::now(limit.of));
            self.limits.iter().for_each(Limit::set);
            let done = work();
            own.iter().for_each(Limit::set);
            done
        };
        #[cfg(not(target_os = "linux"))]
        work()
    }
}

/// The limit that counts now. The one that a person may raise it to is never lowered, since what
/// is started could not raise it again.
#[cfg(target_os = "linux")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Limit {
    of: rustix::process::Resource,
    current: Option<u64>,
}

#[cfg(target_os = "linux")]
impl Limit {
    fn now(of: rustix::process::Resource) -> Self {
        let current = rustix::process::getrlimit(of).current;
        Self { of, current }
    }

    fn try_set(&self) -> std::io::Result<()> {
        let mut limit = rustix::process::getrlimit(self.of);
        limit.current = self.current;
        Ok(rustix::process::setrlimit(self.of, limit)?)
    }

    fn set(&self) {
        if let Err(error) = self.try_set() {
            tracing::warn!(%error, "a limit stays as it is");
        }
    }
}

#[cfg(target_os = "linux")]
fn close_memory() -> std::io::Result<Inherited> {
    use rustix::process::{DumpableBehavior, Resource, set_dumpable_behavior};

    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    // The agent raises the number of open files as well.
    let limits = [Resource::Core, Resource::Nofile].map(Limit::now);
    let no_core = Limit {
        of: Resource::Core,
        current: Some(0),
    };
    no_core.try_set()?;
    Ok(Inherited { limits })
}

/// Elsewhere the hardened runtime of the signed package does this.
#[cfg(not(target_os = "linux"))]
fn close_memory() -> std::io::Result<Inherited> {
    Ok(Inherited {})
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use rustix::process::Resource;

    use super::*;

    /// What is started has the limits of the person's session, and this process keeps its own.
    #[test]
    fn t4_a_program_gets_the_limits_that_this_process_was_started_with() {
        let files = Limit::now(Resource::Nofile);
        let inherited = Inherited {
            limits: [Limit {
                current: files.current.map(|files| files - 1),
                ..files
            }; 2],
        };
        let mut child = std::process::Command::new("sh");
        child.args(["-c", "ulimit -S -n"]);
        let said = inherited.with(|| child.output()).unwrap();
        let said = String::from_utf8(said.stdout).unwrap();
        let expected = files.current.map(|files| (files - 1).to_string());
        assert_eq!(Some(said.trim().to_owned()), expected);
        assert_eq!(Limit::now(Resource::Nofile), files);
    }
}
