//! The endpoint of `daypass exec --server`, from the outside.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
};

use daypass_core::protocol::{Request, Response};
use serde_json::Value;

use crate::world::{ROLE_ARN, SECRET_KEY, TOKEN, World, until, warm};

/// A command with an endpoint, which runs until this is dropped.
struct Served {
    command: Child,
    stdin: Option<ChildStdin>,
    authority: String,
    path: String,
    token_file: PathBuf,
    token: String,
}

impl Served {
    fn by(world: &World) -> Self {
        let script = "echo $AWS_CONTAINER_CREDENTIALS_FULL_URI
            echo $AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE
            read -r line || exit 0";
        let mut command = world
            .daypass(&["exec", "--server", "prod", "--", "sh", "-c", script])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(command.stdout.take().unwrap()).lines();
        let uri = said.next().unwrap().unwrap();
        let token_file = PathBuf::from(said.next().unwrap().unwrap());
        let (authority, path) = uri
            .strip_prefix("http://")
            .and_then(|rest| rest.split_once('/'))
            .unwrap();
        Self {
            stdin: command.stdin.take(),
            command,
            authority: authority.to_owned(),
            path: format!("/{path}"),
            token: std::fs::read_to_string(&token_file).unwrap(),
            token_file,
        }
    }

    /// What is answered to a request, headers and all.
    fn answer(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(&self.authority).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        String::from_utf8(answer).unwrap()
    }

    /// The request that an SDK makes.
    fn request(&self) -> String {
        self.with(&[])
    }

    /// The same with more headers.
    fn with(&self, headers: &[&str]) -> String {
        let Self {
            authority,
            path,
            token,
            ..
        } = self;
        let more: String = headers.iter().map(|line| format!("{line}\r\n")).collect();
        format!(
            "GET {path} HTTP/1.1\r\nHost: {authority}\r\nAuthorization: {token}\r\nAccept: application/json\r\n{more}\r\n"
        )
    }

    /// Ends the command.
    fn end(&mut self) {
        drop(self.stdin.take());
        self.command.wait().unwrap();
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.end();
    }
}

fn body(answer: &str) -> Value {
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}

#[test]
fn an_sdk_gets_the_session() {
    let world = World::warm();
    let served = Served::by(&world);
    let answer = served.answer(&served.request());
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    let expected = serde_json::json!({
        "RoleArn": ROLE_ARN,
        "AccessKeyId": "ASIAIOSFODNN7EXAMPLE",
        "SecretAccessKey": SECRET_KEY,
        "Token": TOKEN,
        "Expiration": "2096-10-02T07:06:40Z",
        "AccountId": "111122223333",
    });
    assert_eq!(body(&answer), expected);
    assert!(served.authority.starts_with("127.0.0.1:"));
}

/// T3: every other request gets a refusal, and no byte of a credential.
#[test]
fn t3_forged_requests_are_refused() {
    let world = World::warm();
    let served = Served::by(&world);
    let asked_before = world.seen().len();
    let good = served.request();
    let (authority, path) = (&served.authority, &served.path);
    let port = authority.rsplit(':').next().unwrap();
    let replaced = |from: &str, to: &str| good.replacen(from, to, 1);
    let host = |host: &str| replaced(&format!("Host: {authority}"), host);
    let token = format!("Authorization: {}", served.token);
    let mut forged = vec![
        // Whom it is addressed to: DNS rebinding, and the address that reaches every interface.
        host(&format!("Host: localhost:{port}")),
        host(&format!("Host: evil.test:{port}")),
        host(&format!("Host: {authority}.evil.test")),
        host(&format!("Host: 0.0.0.0:{port}")),
        host("Host: 127.0.0.1"),
        host("Host: "),
        host("X-Nothing: x"),
        host(&format!("Host: {authority}\r\nHost: {authority}")),
        // Who it is from.
        replaced(&token, "X-Nothing: x"),
        replaced(&token, "Authorization: "),
        replaced(&token, "Authorization: wrong"),
        replaced(&token, &format!("Authorization: Bearer {}", served.token)),
        replaced(&token, &format!("Authorization: {}x", served.token)),
        replaced(&token, &format!("{token}\r\n{token}")),
        replaced(&token, &token[..token.len() - 1]),
        // What it wants.
        replaced(path, "/"),
        replaced(path, &format!("{path}?x=1")),
        replaced(path, &format!("{path}/")),
        replaced(path, &format!("http://{authority}{path}")),
        replaced(path, "/../credentials"),
        // What it carries.
        served.with(&["Content-Length: 5"]) + "hello",
        served.with(&["Transfer-Encoding: chunked"]),
        served.with(&["Upgrade: h2c"]),
        served.with(&[&format!("X-Large: {}", "x".repeat(10_000))]),
        served.with(&["No colon"]),
        "GET\r\n\r\n".to_owned(),
        "\u{16}\u{3}\u{1}\r\n\r\n".to_owned(),
    ];
    for method in ["POST", "PUT", "HEAD", "OPTIONS", "CONNECT", "get"] {
        forged.push(replaced("GET", method));
    }
    for header in [
        "Origin: https://evil.test",
        "Origin: null",
        "origin: http://127.0.0.1",
        "Sec-Fetch-Site: same-origin",
        "sec-fetch-mode: no-cors",
        "Sec-WebSocket-Key: x",
        "X-Forwarded-For: 127.0.0.1",
        "X-Forwarded-Host: 127.0.0.1",
        "Forwarded: for=127.0.0.1",
        "Referer: https://evil.test/",
    ] {
        forged.push(served.with(&[header]));
    }
    for request in forged {
        let answer = served.answer(&request);
        assert!(
            answer.starts_with("HTTP/1.1 403 Forbidden\r\n"),
            "{request}\n{answer}"
        );
        for secret in [SECRET_KEY, TOKEN, &served.token, "ASIA", "Access-Control"] {
            assert!(!answer.contains(secret), "{request}\n{answer}");
        }
    }
    assert_eq!(world.seen().len(), asked_before, "the agent was asked");
    assert!(served.answer(&good).starts_with("HTTP/1.1 200"));
}

/// T3, T21: a client that never finishes its request is let go, and holds up nobody.
#[test]
fn t3_a_slow_client_is_let_go() {
    let world = World::warm();
    let served = Served::by(&world);
    let mut slow = TcpStream::connect(&served.authority).unwrap();
    slow.write_all(b"GET ").unwrap();
    assert!(served.answer(&served.request()).starts_with("HTTP/1.1 200"));
    let mut rest = Vec::new();
    slow.read_to_end(&mut rest).unwrap();
    assert_eq!(rest, b"");
}

/// T3: on loopback alone.
#[test]
fn t3_no_other_address_listens() {
    let world = World::warm();
    let served = Served::by(&world);
    let port: u16 = served
        .authority
        .rsplit(':')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    let listening = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let port = format!(":{port:04X}");
    // Local address and state of each line; 0A is LISTEN.
    let addresses: Vec<&str> = listening
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .filter(|columns| columns.get(3) == Some(&"0A"))
        .filter_map(|columns| columns.get(1).copied())
        .filter(|address| address.ends_with(&port))
        .collect();
    assert_eq!(addresses, [format!("0100007F{port}")]);
}

#[test]
fn a_session_that_needs_a_code_is_refused_in_time_and_served_later() {
    let (let_it, allowed) = mpsc::channel();
    let allowed = Mutex::new(allowed);
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    let world = World::new(move |request| {
        let is_credentials = matches!(request, Request::Credentials { .. });
        // The first is the command's own, before it starts.
        if is_credentials && counted.fetch_add(1, Ordering::SeqCst) == 1 {
            allowed.lock().unwrap().recv().unwrap();
        }
        warm(request)
    });
    let served = Served::by(&world);
    let answer = served.answer(&served.request());
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    assert_eq!(body(&answer)["code"], "CodeNeeded");
    let message = body(&answer)["message"].as_str().unwrap().to_owned();
    assert!(
        message.contains("enter it, then run this again"),
        "{message}"
    );
    // Whoever comes meanwhile shares the question.
    assert!(served.answer(&served.request()).starts_with("HTTP/1.1 503"));
    assert_eq!(asked.load(Ordering::SeqCst), 2);
    let_it.send(()).unwrap();
    until("the session", || {
        served.answer(&served.request()).starts_with("HTTP/1.1 200")
    });
}

#[test]
fn what_the_agent_refuses_is_told_to_the_sdk() {
    let asked = AtomicUsize::new(0);
    let world = World::new(move |request| match request {
        Request::Credentials { .. } if asked.fetch_add(1, Ordering::SeqCst) > 0 => {
            Response::Failed(daypass_core::problem::Problem::yours(
                daypass_core::problem::Code::AwsRefused,
                "AWS says no.",
                "Ask it why.",
            ))
        }
        other => warm(other),
    });
    let served = Served::by(&world);
    let answer = served.answer(&served.request());
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    let expected = serde_json::json!({"code": "AwsRefused", "message": "AWS says no. Ask it why."});
    assert_eq!(body(&answer), expected);
}

/// T12, T19: the token is in a private file, the session in no variable, and both end with the
/// command.
#[test]
fn t19_the_endpoint_ends_with_its_command() {
    use std::os::unix::fs::PermissionsExt;

    let world = World::warm();
    let mut served = Served::by(&world);
    let environment = |id: u32| {
        let bytes = std::fs::read(format!("/proc/{id}/environ")).unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let variables = environment(served.command.id());
    for secret in [SECRET_KEY, TOKEN, "ASIA", &served.token] {
        assert!(!variables.contains(secret), "{variables}");
    }
    assert!(variables.contains("AWS_REGION=eu-west-1"));
    let mode = std::fs::metadata(&served.token_file).unwrap().permissions();
    assert_eq!(mode.mode() & 0o777, 0o600);

    let helper = child_of(served.command.id());
    let arguments = std::fs::read(format!("/proc/{helper}/cmdline")).unwrap();
    let arguments = String::from_utf8_lossy(&arguments).into_owned();
    assert!(arguments.contains("__container-endpoint"), "{arguments}");
    assert!(!arguments.contains(&served.token), "{arguments}");
    // A session of its own: Ctrl-C on the command's terminal is not for it.
    assert_eq!(stat(helper, 3), helper.to_string());
    let limits = std::fs::read_to_string(format!("/proc/{helper}/limits")).unwrap();
    let core = limits
        .lines()
        .find(|line| line.starts_with("Max core file size"))
        .unwrap();
    let core: Vec<&str> = core.split_whitespace().collect();
    assert_eq!(core[4..6], ["0", "0"]);

    served.end();
    until("the end of the endpoint", || {
        !served.token_file.exists() && TcpStream::connect(&served.authority).is_err()
    });
}

#[test]
fn an_old_sdk_finds_the_token_in_a_variable() {
    let world = World::warm();
    let script = "cat $AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE; echo; echo $AWS_CONTAINER_AUTHORIZATION_TOKEN";
    let said = world.done(&[
        "exec",
        "--server",
        "--token-in-env",
        "prod",
        "--",
        "sh",
        "-c",
        script,
    ]);
    let (in_file, in_variable) = said.trim_end().split_once('\n').unwrap();
    assert_eq!(in_file.len(), 64);
    assert_eq!(in_file, in_variable);
}

#[test]
fn a_default_profile_that_wins_over_the_endpoint_is_named() {
    let world = World::warm();
    let folder = world.home().join(".aws");
    std::fs::create_dir(&folder).unwrap();
    let said = || {
        let output = world.run(&["exec", "--server", "prod", "--", "true"]);
        assert!(output.status.success());
        crate::world::stderr(&output)
    };
    std::fs::write(folder.join("config"), "[default]\nregion = eu-west-1\n").unwrap();
    assert_eq!(said(), "");
    let key = "[default]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n";
    std::fs::write(folder.join("credentials"), key).unwrap();
    let trap = said();
    assert!(trap.contains("has aws_access_key_id, which wins"), "{trap}");
}

#[test]
fn t3_without_a_private_folder_there_is_no_endpoint() {
    use std::os::unix::fs::PermissionsExt;

    let world = World::warm();
    let open = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(world.runtime_dir(), open).unwrap();
    let said = world.fails(1, &["exec", "--server", "prod", "--", "true"]);
    assert!(said.contains("is open to other users"), "{said}");
}

/// The one child of a process.
fn child_of(parent: u32) -> u32 {
    let processes = std::fs::read_dir(Path::new("/proc")).unwrap();
    processes
        .filter_map(|entry| entry.unwrap().file_name().to_str()?.parse().ok())
        .find(|&id| stat(id, 1) == parent.to_string())
        .unwrap()
}

/// A column of a process's `stat` after its name: 1 is the parent, 3 the session.
fn stat(id: u32, column: usize) -> String {
    let text = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    let after = text.rsplit_once(") ").map_or("", |(_, after)| after);
    after.split(' ').nth(column).unwrap_or_default().to_owned()
}
