//! A home of its own, and an agent in it that answers as a test says.

use std::{
    io::{Read, Write},
    os::unix::{
        fs::DirBuilderExt,
        net::{UnixListener, UnixStream},
    },
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::{Arc, Condvar, Mutex},
    thread,
};

use daypass_core::{
    Instant,
    frame::{self, HEADER_LEN, MAX_ANSWER, MAX_REQUEST},
    name::Name,
    problem::Problem,
    protocol::{Asking, Envelope, Request, Response, WireCredentials},
    role::SessionKind,
    secret::Secret,
    session::SessionKey,
    settings::Settings,
    view::{IdentityView, RoleView, SessionState, SessionView, StateView, VaultView},
};

/// Must be in no place but the one that it is meant for.
pub(crate) const SECRET_KEY: &str = "CanarySecretKey/0123456789+abcdefghijklm";
/// Likewise.
pub(crate) const TOKEN: &str = "CanarySessionToken==";
pub(crate) const LINK: &str = "https://signin.aws.amazon.com/federation?SigninToken=CanaryLink";
pub(crate) const ROLE_ARN: &str = "arn:aws:iam::111122223333:role/Admin";
pub(crate) const USER_ARN: &str = "arn:aws:iam::111122223333:user/ada";
pub(crate) const ADA: &str = "arn:aws:iam::111122223333:mfa/ada";
pub(crate) const BACKUP: &str = "arn:aws:iam::111122223333:mfa/backup";

type Answer = dyn Fn(Request) -> Response + Send + Sync;

/// A home folder with an agent in it.
pub(crate) struct World {
    home: tempfile::TempDir,
    seen: Arc<Seen>,
}

#[derive(Default)]
struct Seen {
    requests: Mutex<Vec<String>>,
    changed: Condvar,
}

impl World {
    /// An agent with a role `prod`, whose session is there.
    pub(crate) fn warm() -> Self {
        Self::new(warm)
    }

    /// An agent that answers as the test says.
    pub(crate) fn new(answer: impl Fn(Request) -> Response + Send + Sync + 'static) -> Self {
        let world = Self::without_agent();
        world.start_agent(answer);
        world
    }

    /// Starts an agent that answers as the test says.
    pub(crate) fn start_agent(&self, answer: impl Fn(Request) -> Response + Send + Sync + 'static) {
        let listener = UnixListener::bind(self.runtime_dir().join("agent.sock")).unwrap();
        let answer: Arc<Answer> = Arc::new(answer);
        let seen = Arc::clone(&self.seen);
        thread::spawn(move || {
            for client in listener.incoming() {
                let (answer, seen) = (Arc::clone(&answer), Arc::clone(&seen));
                thread::spawn(move || converse(client.unwrap(), &*answer, &seen));
            }
        });
    }

    pub(crate) fn without_agent() -> Self {
        let home = tempfile::tempdir().unwrap();
        let world = Self {
            home,
            seen: Arc::default(),
        };
        let mut private = std::fs::DirBuilder::new();
        private.recursive(true).mode(0o700);
        private.create(world.runtime_dir()).unwrap();
        private.create(world.work()).unwrap();
        world
    }

    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// The folder that commands run in.
    pub(crate) fn work(&self) -> PathBuf {
        self.home().join("work")
    }

    pub(crate) fn runtime_dir(&self) -> PathBuf {
        self.home().join("run/daypass")
    }

    /// `daypass` with these arguments, in this home and no other.
    pub(crate) fn daypass(&self, arguments: &[&str]) -> Command {
        let mut command = self.command(env!("CARGO_BIN_EXE_daypass-cli"));
        command.args(arguments);
        command
    }

    /// Another program in this home.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("HOME", self.home())
            .env("XDG_CONFIG_HOME", self.home().join("config"))
            .env("XDG_STATE_HOME", self.home().join("state"))
            .env("XDG_RUNTIME_DIR", self.home().join("run"))
            .env("PATH", std::env::var_os("PATH").unwrap())
            .current_dir(self.work())
            .stdin(Stdio::null());
        command
    }

    /// Runs `daypass` to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.daypass(arguments).output().unwrap()
    }

    /// Runs `daypass`, which must succeed, and yields what it printed.
    pub(crate) fn done(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{}", stderr(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs `daypass`, which must fail with this code and one line, and yields that.
    pub(crate) fn fails(&self, code: i32, arguments: &[&str]) -> String {
        failed(&self.run(arguments), code)
    }

    /// What the agent was asked so far, in few words.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.seen.requests.lock().unwrap().clone()
    }

    /// Waits until the agent was asked this.
    pub(crate) fn wait_for(&self, request: &str) {
        let requests = self.seen.requests.lock().unwrap();
        let unseen = |requests: &mut Vec<String>| !requests.iter().any(|seen| seen == request);
        drop(self.seen.changed.wait_while(requests, unseen).unwrap());
    }
}

/// The one line of a command that failed.
pub(crate) fn failed(output: &Output, code: i32) -> String {
    let said = stderr(output);
    assert_eq!(output.status.code(), Some(code), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    said
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Waits for a condition that only other processes bring about.
pub(crate) fn until(what: &str, condition: impl Fn() -> bool) {
    for _ in 0..2_000 {
        if condition() {
            return;
        }
        thread::sleep(std::time::Duration::from_millis(5));
    }
    panic!("{what} did not happen");
}

fn converse(mut client: UnixStream, answer: &Answer, seen: &Seen) {
    let mut header = [0; HEADER_LEN];
    if client.read_exact(&mut header).is_err() {
        return;
    }
    let mut body = vec![0; frame::body_len(header, MAX_REQUEST).unwrap()];
    client.read_exact(&mut body).unwrap();
    let request = frame::decode::<Envelope>(&body).unwrap().request;
    seen.requests.lock().unwrap().push(describe(&request));
    seen.changed.notify_all();
    let response = answer(request);
    // The command may have ended without waiting for it.
    let _ = client.write_all(&frame::encode(&response, MAX_ANSWER).unwrap());
}

fn describe(request: &Request) -> String {
    match request {
        Request::Credentials { session, asking } => {
            let only = if session.read_only { " read-only" } else { "" };
            format!("credentials {}{only} {}", session.role, who(*asking))
        }
        Request::ConsoleUrl { console, asking } => {
            format!("console_url {} {}", console.role, who(*asking))
        }
        Request::SubmitCode { serial, code, .. } => {
            let device = serial.as_deref().unwrap_or("first");
            format!("submit_code {device} {}", code.expose())
        }
        other => other.name().to_owned(),
    }
}

fn who(asking: Asking) -> &'static str {
    match asking {
        Asking::Popup => "popup",
        Asking::Terminal => "terminal",
        Asking::Waiting => "waiting",
    }
}

/// Answers as an agent with a session.
pub(crate) fn warm(request: Request) -> Response {
    match request {
        Request::Status => Response::State(Box::new(state())),
        Request::Credentials { session, .. } => credentials(&session),
        Request::ConsoleUrl { .. } => Response::ConsoleUrl {
            url: Secret::new(LINK.to_owned()),
        },
        Request::OpenConsole(_) | Request::CopyLink(_) => Response::Done,
        other => Response::Failed(Problem::usage(format!("unexpected: {}", other.name()))),
    }
}

pub(crate) fn credentials(session: &SessionKey) -> Response {
    let id = if session.read_only {
        "ASIAREADONLY00000000"
    } else {
        "ASIAIOSFODNN7EXAMPLE"
    };
    Response::Credentials(WireCredentials {
        access_key_id: id.to_owned(),
        secret_access_key: Secret::new(SECRET_KEY.to_owned()),
        session_token: Secret::new(TOKEN.to_owned()),
        expires_at: Instant::from_timestamp(4_000_000_000, 0).unwrap(),
        account: "111122223333".to_owned(),
    })
}

pub(crate) fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

fn state() -> StateView {
    let session = SessionView {
        state: SessionState::Active,
        started_at: None,
        expires_at: Instant::from_timestamp(3_600, 0),
    };
    let identity = IdentityView {
        name: name("work"),
        ambient: false,
        access_key_id: Some("AKIAIOSFODNN7EXAMPLE".to_owned()),
        user_arn: Some(USER_ARN.to_owned()),
        key_created_at: None,
        rotating: false,
        mfa_serials: vec![ADA.to_owned(), BACKUP.to_owned()],
        mfa: Some(session.clone()),
    };
    let role = RoleView {
        name: name("prod"),
        identity: name("work"),
        source: None,
        federated: false,
        arn: ROLE_ARN.to_owned(),
        account: "111122223333".to_owned(),
        role_name: "Admin".to_owned(),
        session_kind: SessionKind::Daily,
        region: Some("eu-west-1".to_owned()),
        session,
        can_read_only: true,
        published: Vec::new(),
        needs_code: false,
        opening: false,
        destination: None,
        favourite: false,
        pinned: false,
        browser: None,
        uses: 0.0,
        last_used: None,
    };
    StateView {
        now: Instant::UNIX_EPOCH,
        version: "0".to_owned(),
        vault: VaultView::Ready,
        locked: false,
        identities: vec![identity],
        roles: vec![role],
        prompt: None,
        notices: Vec::new(),
        accounts: Vec::new(),
        settings: Settings::default(),
        config_file: String::new(),
        restart_for: Vec::new(),
        endpoints: Vec::new(),
        configured_endpoints: Vec::new(),
        tray_missing: None,
        clock_behind: None,
    }
}
