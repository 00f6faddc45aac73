//! Reaching the agent, and starting it where there is a desktop to start it on.

use std::{
    fs::DirBuilder,
    io,
    os::unix::{fs::DirBuilderExt, process::CommandExt},
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use daypass_client::{ConnectError, Connection, Pending};
use daypass_core::{
    paths::Paths,
    problem::{Code, Problem},
    protocol::{Request, Response},
    view::StateView,
};

use crate::asking::turn::Turn;

const TRAY: &str = "daypass-tray";
/// How long a started agent may take to listen.
const START_STEPS: u32 = 500;
const START_STEP: Duration = Duration::from_millis(20);

/// The agent of this user, connected to when something is asked.
#[derive(Clone)]
pub(crate) struct Agent {
    paths: Paths,
}

impl Agent {
    pub(crate) const fn new(paths: Paths) -> Self {
        Self { paths }
    }

    pub(crate) const fn paths(&self) -> &Paths {
        &self.paths
    }

    /// Asks, and turns a refusal into an error.
    pub(crate) fn ask(&self, request: Request) -> Result<Response, Problem> {
        match self.connection()?.ask(request)? {
            Response::Failed(problem) => Err(problem),
            response => Ok(response),
        }
    }

    /// Asks, and leaves the answer for later.
    pub(crate) fn begin(&self, request: Request) -> Result<Pending, Problem> {
        self.connection()?.begin(request)
    }

    /// Connects to the agent that runs, and starts none.
    pub(crate) fn running(&self) -> Result<Connection, ConnectError> {
        Connection::open(&self.paths)
    }

    /// Ends the agent; none is fine, and none is started for it.
    pub(crate) fn quit(&self) -> Result<(), Problem> {
        match self.running() {
            Ok(connection) => match connection.ask(Request::Quit) {
                // It may be gone before its answer is on its way.
                Err(problem) if problem.code != Code::NoAgent => Err(problem),
                _ => Ok(()),
            },
            Err(ConnectError::NoAgent) => Ok(()),
            Err(ConnectError::Problem(problem)) => Err(problem),
        }
    }

    pub(crate) fn state(&self) -> Result<StateView, Problem> {
        match self.ask(Request::Status)? {
            Response::State(state) => Ok(*state),
            _ => Err(unexpected()),
        }
    }

    fn connection(&self) -> Result<Connection, Problem> {
        match self.running() {
            Ok(connection) => Ok(connection),
            Err(ConnectError::Problem(problem)) => Err(problem),
            Err(ConnectError::NoAgent) => self.start(),
        }
    }

    fn start(&self) -> Result<Connection, Problem> {
        if !has_desktop() {
            return Err(Problem::yours(
                Code::NoAgent,
                "Daypass is not running, and there is no desktop to start it on.",
                "Start `daypass-agent` in another terminal.",
            ));
        }
        let failed = || {
            Problem::yours(
                Code::NoAgent,
                "Daypass is not running and could not be started.",
                "Start `daypass-tray` and see what it says.",
            )
        };
        // Of many commands at once one starts it. The others wait for the socket, and for the turn
        // in case that one is killed meanwhile.
        let mut turn = None;
        let mut tray: Option<Child> = None;
        for _ in 0..START_STEPS {
            if let Ok(connection) = self.running() {
                return Ok(connection);
            }
            if turn.is_none() {
                turn = self.start_turn();
            }
            if turn.is_some() && tray.is_none() {
                tray = Some(spawn_tray().map_err(|_| failed())?);
            }
            // A tray that ends because another one was faster is fine, until that one listens too.
            let ended = tray
                .as_mut()
                .and_then(|tray| tray.try_wait().ok().flatten());
            if ended.is_some_and(|status| !status.success()) {
                return Err(failed());
            }
            thread::sleep(START_STEP);
        }
        Err(failed())
    }

    /// The right to start the agent, if nobody has it.
    fn start_turn(&self) -> Option<Turn> {
        let folder = &self.paths.runtime_dir;
        let mut private = DirBuilder::new();
        // The agent looks at it, and says what is wrong with it.
        let _ = private.recursive(true).mode(0o700).create(folder);
        Turn::of_file(&folder.join("start.lock"))
    }
}

fn spawn_tray() -> io::Result<Child> {
    Command::new(tray_path())
        .arg("--background")
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // Of its own, so that Ctrl-C here does not end it.
        .process_group(0)
        .spawn()
}

pub(crate) fn unexpected() -> Problem {
    Problem::yours(
        Code::Failed,
        "The running Daypass is of another version.",
        "Quit it and start it again.",
    )
}

fn has_desktop() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    cfg!(target_os = "macos") || set("WAYLAND_DISPLAY") || set("DISPLAY")
}

/// The tray of the same installation, or the one on the path.
fn tray_path() -> PathBuf {
    let beside = std::env::current_exe()
        .ok()
        .and_then(|own| Some(own.parent()?.join(TRAY)))
        .filter(|path| path.is_file());
    beside.unwrap_or_else(|| PathBuf::from(TRAY))
}
