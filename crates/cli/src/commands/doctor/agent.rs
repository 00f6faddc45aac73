//! What the agent tells of itself and of what only it can see.

use std::os::fd::AsFd;

use daypass_client::{ConnectError, Pending};
use daypass_core::{
    finding::Finding,
    problem::Problem,
    protocol::{Request, Response},
    view::StateView,
};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
};

use crate::{agent::Agent, terminal};

const ABOUT: &str = "agent";

/// The agent, and its examination under way.
pub(super) enum Told {
    /// It runs.
    Runs(Box<StateView>, Pending),
    /// It does not, or cannot be asked.
    Nothing {
        /// Why.
        finding: Finding,
        /// Whether there is an agent.
        runs: bool,
    },
}

impl Told {
    pub(super) fn state(&self) -> Option<&StateView> {
        match self {
            Self::Runs(state, _) => Some(state),
            Self::Nothing { .. } => None,
        }
    }

    pub(super) const fn runs(&self) -> bool {
        match self {
            Self::Runs(..) => true,
            Self::Nothing { runs, .. } => *runs,
        }
    }

    /// Waits for what the agent has found.
    pub(super) fn findings(self) -> Vec<Finding> {
        match self {
            Self::Nothing { finding, .. } => vec![finding],
            Self::Runs(state, pending) => {
                let mut findings = vec![version(&state.version)];
                findings.extend(examined(pending));
                findings
            }
        }
    }
}

/// Asks the agent to look, and does not wait for it yet.
pub(super) fn ask(agent: &Agent) -> Told {
    match agent.running() {
        Err(ConnectError::NoAgent) => Told::Nothing {
            finding: Finding::broken(
                ABOUT,
                "Daypass is not running.",
                "Start it with `daypass-tray`, or `daypass-agent` where there is no screen.",
            ),
            runs: false,
        },
        Err(ConnectError::Problem(problem)) => nothing(problem),
        Ok(connection) => match connection.ask(Request::Status) {
            Ok(Response::State(state)) => match agent.begin(Request::Examine) {
                Ok(pending) => Told::Runs(state, pending),
                Err(problem) => nothing(problem),
            },
            Ok(Response::Failed(problem)) | Err(problem) => nothing(problem),
            Ok(_) => nothing(crate::agent::unexpected()),
        },
    }
}

fn nothing(problem: Problem) -> Told {
    Told::Nothing {
        finding: Finding::broken(ABOUT, problem.what, problem.todo),
        runs: true,
    }
}

fn version(running: &str) -> Finding {
    let own = env!("CARGO_PKG_VERSION");
    if running == own {
        return Finding::ok(ABOUT, format!("Daypass {running} runs."));
    }
    Finding::attention(
        ABOUT,
        format!("Daypass {running} runs, and this command is of Daypass {own}."),
        "Quit Daypass and start it again, so that both are of one version.",
    )
}

fn examined(pending: Pending) -> Vec<Finding> {
    show_progress(&pending);
    let problem = match pending.answer() {
        Ok(Response::Examined(findings)) => return findings,
        Ok(Response::Failed(problem)) | Err(problem) => problem,
        Ok(_) => crate::agent::unexpected(),
    };
    vec![Finding::broken(ABOUT, problem.what, problem.todo)]
}

/// Shows a person that something happens until the answer is there.
#[expect(clippy::print_stderr, reason = "standard output has the report")]
fn show_progress(pending: &Pending) {
    if !terminal::stderr_is_terminal() {
        return;
    }
    let second = Timespec {
        tv_sec: 1,
        tv_nsec: 0,
    };
    for seconds in 0_u32.. {
        // To the start of the line, and erase it (ECMA-48 EL).
        eprint!("\r\u{1b}[KLooking at keychain, clock and network: {seconds} s");
        let mut answer = [PollFd::from_borrowed_fd(pending.as_fd(), PollFlags::IN)];
        match poll(&mut answer, Some(&second)) {
            Ok(0) | Err(Errno::INTR) => {}
            Ok(_) | Err(_) => break,
        }
    }
    eprint!("\r\u{1b}[K");
}
