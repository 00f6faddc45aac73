//! The endpoint's process: one thread that accepts, and one for each connection.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, Shutdown, TcpListener, TcpStream},
    os::fd::{AsFd, OwnedFd},
    sync::Arc,
    thread,
    time::Duration,
};

use daypass_core::{
    environment,
    problem::{Code, Problem},
    protocol::{Asking, Request, Response, WireCredentials},
    secret::{Secret, wire},
    session::SessionKey,
};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
    process::{Pid, PidfdFlags, getppid, pidfd_open},
    time::{
        Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, timerfd_create,
        timerfd_settime,
    },
};
use serde::Serialize;
use zeroize::Zeroizing;

use super::{
    Endpoint, Hello,
    answers::{Answers, Body},
    authority, failed,
    hardening::{close_memory, leave_terminal},
    request::{MAX_HEAD, Verdict, judge},
    token_file::{TokenFile, token},
};
use crate::{
    agent::{Agent, unexpected},
    asking::nobody,
    commands,
};

/// What a client may take to send its request, whole (T3).
const READ_SECONDS: i64 = 5;
/// botocore hangs up after two seconds (AWS_RULES 3.10).
const PATIENCE: Duration = Duration::from_millis(1_500);
/// The most connections at a time; one more is closed.
const CONNECTIONS: usize = 512;
/// A connection's thread needs little.
const STACK: usize = 256 * 1024;

/// Tells the command's process where it listens, then serves until that process has ended.
pub(crate) fn serve(
    session: SessionKey,
    role_arn: Option<String>,
    command: u32,
    agent: Agent,
) -> Result<(), Problem> {
    let opened = Door::open(&agent).and_then(|door| Ok((door, watched(command)?)));
    let (door, command) = match opened {
        Ok(opened) => opened,
        Err(problem) => return hello(&Hello::Failed(problem)),
    };
    hello(&Hello::Ready(door.endpoint()))?;
    let answers = Answers::new(PATIENCE, move || {
        fetch(&agent, &session, role_arn.as_deref())
    });
    door.serve_until_end_of(&command, &answers)
}

/// The command's process, as long as it is our parent: one that has ended already would leave
/// somebody else in its place.
fn watched(command: u32) -> Result<OwnedFd, Problem> {
    let ended = || failed("the command has ended");
    let parent = getppid().ok_or_else(ended)?;
    let watched = pidfd_open(parent, PidfdFlags::empty())
        .map_err(|error| failed(&format!("the command cannot be watched: {error}")))?;
    let is_parent = |pid: Pid| u32::try_from(pid.as_raw_nonzero().get()) == Ok(command);
    if getppid().is_some_and(is_parent) {
        return Ok(watched);
    }
    Err(ended())
}

fn hello(hello: &Hello) -> Result<(), Problem> {
    let line = serde_json::to_string(hello)
        .map_err(|_| Problem::ours("The endpoint could not be described."))?;
    commands::print(&(line + "\n"))
}

fn fetch(agent: &Agent, session: &SessionKey, role_arn: Option<&str>) -> Result<Body, Problem> {
    let request = Request::Credentials {
        session: session.clone(),
        asking: Asking::Popup,
    };
    match agent.ask(request)? {
        Response::Credentials(credentials) => body(credentials, role_arn),
        Response::CodeNeeded { identity, wish, .. } => Err(nobody(&identity, &wish)),
        _ => Err(unexpected()),
    }
}

/// The names of the contract (AWS_RULES 3.10): `Token`, not `SessionToken`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ContainerCredentials<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    role_arn: Option<&'a str>,
    access_key_id: String,
    #[serde(with = "wire")]
    secret_access_key: Secret,
    #[serde(with = "wire")]
    token: Secret,
    expiration: String,
    account_id: String,
}

fn body(credentials: WireCredentials, role_arn: Option<&str>) -> Result<Body, Problem> {
    let credentials = ContainerCredentials {
        role_arn,
        access_key_id: credentials.access_key_id,
        secret_access_key: credentials.secret_access_key,
        token: credentials.session_token,
        expiration: environment::expiration(credentials.expires_at),
        account_id: credentials.account,
    };
    commands::secret_json(&credentials)
}

/// Where clients come in.
struct Door {
    listener: TcpListener,
    port: u16,
    token: Arc<Zeroizing<String>>,
    token_file: TokenFile,
}

impl Door {
    fn open(agent: &Agent) -> Result<Self, Problem> {
        close_memory()?;
        leave_terminal()?;
        let unbound = |error: std::io::Error| failed(&error.to_string());
        // A port of the kernel's choice, on loopback alone.
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(unbound)?;
        // A client that hung up again must not hold up the loop.
        listener.set_nonblocking(true).map_err(unbound)?;
        let port = listener.local_addr().map_err(unbound)?.port();
        let token = token()?;
        let token_file = TokenFile::write(&agent.paths().runtime_dir, &token)?;
        Ok(Self {
            listener,
            port,
            token: Arc::new(token),
            token_file,
        })
    }

    fn endpoint(&self) -> Endpoint {
        Endpoint {
            port: self.port,
            token_file: self.token_file.path().to_owned(),
        }
    }

    fn serve_until_end_of(&self, command: &OwnedFd, answers: &Arc<Answers>) -> Result<(), Problem> {
        let authority: Arc<str> = authority(self.port).into();
        let places = Arc::new(());
        loop {
            if ended_or_client(command, &self.listener)? {
                return Ok(());
            }
            let Ok((stream, _)) = self.listener.accept() else {
                continue;
            };
            if Arc::strong_count(&places) > CONNECTIONS {
                continue;
            }
            let place = Arc::clone(&places);
            let (authority, token) = (Arc::clone(&authority), Arc::clone(&self.token));
            let answers = Arc::clone(answers);
            // Without a thread to spare the client is hung up on, and comes again.
            let _ = thread::Builder::new().stack_size(STACK).spawn(move || {
                let _ = converse(stream, &authority, &token, &answers);
                drop(place);
            });
        }
    }
}

/// Waits for a client, or for the end of the command, which is the answer.
fn ended_or_client(command: &OwnedFd, listener: &TcpListener) -> Result<bool, Problem> {
    let mut both = [
        PollFd::from_borrowed_fd(command.as_fd(), PollFlags::IN),
        PollFd::from_borrowed_fd(listener.as_fd(), PollFlags::IN),
    ];
    match poll(&mut both, None) {
        Err(Errno::INTR) => Ok(false),
        Err(error) => Err(failed(&error.to_string())),
        Ok(_) => Ok(both.first().is_some_and(|fd| !fd.revents().is_empty())),
    }
}

fn converse(
    mut stream: TcpStream,
    authority: &str,
    token: &str,
    answers: &Arc<Answers>,
) -> std::io::Result<()> {
    stream.set_nonblocking(false)?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let deadline = deadline()?;
    let Some(verdict) = read_request(&mut stream, &deadline, authority, token)? else {
        return Ok(());
    };
    let reply = match verdict {
        Verdict::Accepted => match answers.get() {
            Ok(body) => reply("200 OK", &body),
            Err(problem) => reply(
                "503 Service Unavailable",
                &refusal(code(&problem), &problem.to_string()),
            ),
        },
        Verdict::Refused | Verdict::Incomplete => reply(
            "403 Forbidden",
            &refusal(
                "Forbidden",
                "This endpoint answers the command that it was started for. Clients from before November 2023 need --token-in-env.",
            ),
        ),
    };
    stream.write_all(&reply)?;
    stream.shutdown(Shutdown::Write)?;
    drain(&mut stream, &deadline)
}

/// The deadline of a request, as something that poll can wait for.
fn deadline() -> std::io::Result<OwnedFd> {
    let timer = timerfd_create(TimerfdClockId::Monotonic, TimerfdFlags::CLOEXEC)?;
    let once = Itimerspec {
        it_interval: Timespec::default(),
        it_value: Timespec {
            tv_sec: READ_SECONDS,
            tv_nsec: 0,
        },
    };
    timerfd_settime(&timer, TimerfdTimerFlags::empty(), &once)?;
    Ok(timer)
}

/// Judges a request when enough of it is there; nothing if the client was too slow or hung up.
fn read_request(
    stream: &mut TcpStream,
    deadline: &OwnedFd,
    authority: &str,
    token: &str,
) -> std::io::Result<Option<Verdict>> {
    let mut head = Zeroizing::new(vec![0; MAX_HEAD]);
    let mut length = 0;
    loop {
        let rest = head.get_mut(length..).unwrap_or_default();
        let read = match is_in_time(stream, deadline)? {
            true => stream.read(rest)?,
            false => 0,
        };
        if read == 0 {
            return Ok(None);
        }
        length += read;
        match judge(head.get(..length).unwrap_or_default(), authority, token) {
            Verdict::Incomplete => {}
            verdict => return Ok(Some(verdict)),
        }
    }
}

/// Reads what the client still sends: closing on it would make the kernel take the answer back.
fn drain(stream: &mut TcpStream, deadline: &OwnedFd) -> std::io::Result<()> {
    let mut rest = Zeroizing::new([0; 1024]);
    for _ in 0..MAX_HEAD {
        if !is_in_time(stream, deadline)? || stream.read(&mut *rest)? == 0 {
            break;
        }
    }
    Ok(())
}

/// Waits for bytes; false once it is too late for them.
fn is_in_time(stream: &TcpStream, deadline: &OwnedFd) -> std::io::Result<bool> {
    loop {
        let mut both = [
            PollFd::from_borrowed_fd(deadline.as_fd(), PollFlags::IN),
            PollFd::from_borrowed_fd(stream.as_fd(), PollFlags::IN),
        ];
        match poll(&mut both, None) {
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
            Ok(_) => return Ok(both.first().is_some_and(|fd| fd.revents().is_empty())),
        }
    }
}

/// An answer without any header that would let a page of another origin read it.
fn reply(status: &str, body: &str) -> Zeroizing<Vec<u8>> {
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n",
        body.len()
    );
    let mut reply = Zeroizing::new(Vec::with_capacity(head.len() + body.len()));
    reply.extend_from_slice(head.as_bytes());
    reply.extend_from_slice(body.as_bytes());
    reply
}

fn refusal(code: &str, message: &str) -> String {
    serde_json::json!({ "code": code, "message": message }).to_string()
}

const fn code(problem: &Problem) -> &'static str {
    match problem.code {
        Code::CodeNeeded | Code::WrongCode => "CodeNeeded",
        Code::AwsRefused => "AwsRefused",
        Code::Keychain => "KeychainLocked",
        Code::Failed | Code::Usage | Code::NoAgent => "Unavailable",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use daypass_core::Instant;

    #[test]
    fn the_body_is_the_one_that_sdks_expect() {
        let credentials = WireCredentials {
            access_key_id: "ASIAIOSFODNN7EXAMPLE".to_owned(),
            secret_access_key: Secret::new("s".to_owned()),
            session_token: Secret::new("t".to_owned()),
            expires_at: Instant::UNIX_EPOCH,
            account: "111122223333".to_owned(),
        };
        let body = body(credentials, Some("arn:aws:iam::111122223333:role/Admin")).unwrap();
        assert_eq!(
            body.as_str(),
            r#"{"RoleArn":"arn:aws:iam::111122223333:role/Admin","AccessKeyId":"ASIAIOSFODNN7EXAMPLE","SecretAccessKey":"s","Token":"t","Expiration":"1970-01-01T00:00:00Z","AccountId":"111122223333"}"#
        );
    }
}
