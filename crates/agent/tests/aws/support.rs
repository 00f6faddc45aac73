//! The sandbox with its clock standing still, and what is asked of it past the adapters.

use std::{
    io::{Read, Write},
    net::TcpStream,
};

use daypass_agent::{
    aws::{Http, IamClient, SecretsClient, StsClient},
    ports::{AssumeRole, AwsCause, AwsError, Mfa, Source, Sts},
};
use daypass_core::{
    Instant,
    arn::MfaSerial,
    config::Endpoints,
    duration::Duration,
    name::Name,
    partition::Partition,
    role::Role,
    secret::{AccessKey, Secret, SessionCredentials, TokenCode},
};
use daypass_sandbox::{Options, Sandbox, Seed};
use serde_json::{Value, json};

pub(crate) const ADA_DEVICE: &str = "arn:aws:iam::111122223333:mfa/ada";
pub(crate) const CLEO_DEVICE: &str = "arn:aws:iam::111122223333:mfa/cleo-phone";
pub(crate) const ADMIN: &str = "arn:aws:iam::111122223333:role/Admin";
pub(crate) const READ_ONLY: &str = "arn:aws:iam::111122223333:role/ReadOnly";
pub(crate) const DEPLOY: &str = "arn:aws:iam::111122223333:role/Deploy";
pub(crate) const NO_MFA: &str = "arn:aws:iam::111122223333:role/NoMfa";
pub(crate) const LOCKED: &str = "arn:aws:iam::444455556666:role/Locked";

/// How far a device moves from one code to the next.
pub(crate) const STEP: i64 = 30;

/// A running sandbox. Its time is the machine's at the start, since that is what the SDK signs with, and then stands
/// still, so that no code and no session ends on its own.
pub(crate) struct Aws(Sandbox);

impl Aws {
    pub(crate) fn start() -> Self {
        let options = Options {
            stopped: true,
            ..Options::default()
        };
        Self(Sandbox::start(&Seed::builtin().unwrap(), &options).unwrap())
    }

    pub(crate) fn url(&self) -> String {
        self.0.url()
    }

    /// The adapter that is tested.
    pub(crate) fn sts(&self) -> StsClient {
        sts_at(&self.url())
    }

    pub(crate) fn iam(&self) -> IamClient {
        IamClient::new(&Http::default(), &self.endpoints())
    }

    pub(crate) fn secrets(&self) -> SecretsClient {
        SecretsClient::new(&Http::default(), &self.endpoints())
    }

    fn endpoints(&self) -> Endpoints {
        Endpoints {
            iam: Some(self.url()),
            secretsmanager: Some(self.url()),
            ..Endpoints::default()
        }
    }

    pub(crate) fn get(&self, name: &str) -> Value {
        let answer = http(&self.url(), "GET", &format!("/_sandbox/{name}"), "", "");
        serde_json::from_str(&answer.body).unwrap()
    }

    pub(crate) fn post(&self, name: &str, body: &Value) {
        let path = format!("/_sandbox/{name}");
        let answer = http(&self.url(), "POST", &path, "", &body.to_string());
        assert_eq!(answer.status, 200, "{}", answer.body);
    }

    pub(crate) fn now(&self) -> Instant {
        self.get("clock")["now"].as_str().unwrap().parse().unwrap()
    }

    pub(crate) fn advance(&self, seconds: i64) {
        self.post("clock", &json!({ "advance_seconds": seconds }));
    }

    pub(crate) fn fail(&self, op: &str, kind: &str, times: u32) {
        self.post(
            "faults",
            &json!([{ "op": op, "kind": kind, "times": times }]),
        );
    }

    /// What a device shows now.
    pub(crate) fn code(&self, serial: &str) -> Mfa {
        let devices = self.get("devices");
        let mut devices = devices.as_array().unwrap().iter();
        let device = devices.find(|device| device["serial"] == serial).unwrap();
        mfa(serial, device["code"].as_str().unwrap())
    }

    /// Six digits that no device of that serial shows now, a step ago or a step ahead.
    pub(crate) fn wrong_code(&self, serial: &str) -> Mfa {
        self.advance(-STEP);
        let shown = [0, STEP, STEP].map(|seconds| {
            self.advance(seconds);
            self.code(serial).code.expose().to_owned()
        });
        self.advance(-STEP);
        let mut wrong = (0..4).map(|n| format!("{n:06}"));
        mfa(serial, &wrong.find(|code| !shown.contains(code)).unwrap())
    }

    pub(crate) fn journal(&self) -> Vec<Value> {
        self.get("journal").as_array().unwrap().clone()
    }

    /// What became of each call of an operation: the error's code, or nothing.
    pub(crate) fn calls(&self, op: &str) -> Vec<Option<String>> {
        let journal = self.journal();
        let calls = journal.iter().filter(|entry| entry["op"] == op);
        calls
            .map(|entry| entry["error"].as_str().map(str::to_owned))
            .collect()
    }

    /// The journal's entries of an operation.
    pub(crate) fn entries(&self, op: &str) -> Vec<Value> {
        let mut journal = self.journal();
        journal.retain(|entry| entry["op"] == op);
        journal
    }

    /// GetSessionToken for Ada with the code that her device shows.
    pub(crate) async fn mfa_session(&self, seconds: u32) -> SessionCredentials {
        let mfa = self.code(ADA_DEVICE);
        granted(get_session_token(&self.sts(), user("ada"), mfa, seconds).await)
    }
}

/// GetSessionToken for a user with the code that the device of the same name shows.
pub(crate) async fn mfa_session_of(aws: &Aws, name: &str) -> SessionCredentials {
    let mfa = aws.code(&format!("arn:aws:iam::111122223333:mfa/{name}"));
    granted(get_session_token(&aws.sts(), user(name), mfa, 3_600).await)
}

/// The adapter with an endpoint in place of AWS's.
pub(crate) fn sts_at(url: &str) -> StsClient {
    StsClient::new(
        &Http::default(),
        &Endpoints {
            sts: Some(url.to_owned()),
            ..Endpoints::default()
        },
    )
}

/// The key that the built-in seed gives a user.
pub(crate) fn user(name: &str) -> AccessKey {
    let seed: Value = serde_json::from_str(include_str!("../../../sandbox/seed.json")).unwrap();
    let accounts = seed["accounts"].as_array().unwrap().iter();
    let mut users = accounts.flat_map(|account| account["users"].as_array().into_iter().flatten());
    let found = &users.find(|user| user["name"] == name).unwrap()["access_keys"][0];
    key(
        found["id"].as_str().unwrap(),
        found["secret"].as_str().unwrap(),
    )
}

pub(crate) fn key(id: &str, secret: &str) -> AccessKey {
    AccessKey::parse(id, Secret::new(secret.to_owned())).unwrap()
}

pub(crate) fn mfa(serial: &str, code: &str) -> Mfa {
    Mfa {
        serial: MfaSerial::parse(serial).unwrap(),
        code: TokenCode::parse(code).unwrap(),
    }
}

pub(crate) async fn get_session_token(
    sts: &StsClient,
    key: AccessKey,
    mfa: Mfa,
    seconds: u32,
) -> Result<SessionCredentials, AwsError> {
    let duration = Duration::clamped(seconds);
    sts.get_session_token(key, mfa, duration, Partition::Aws)
        .await
}

pub(crate) async fn whoami(sts: &StsClient, key: AccessKey) -> Result<String, AwsError> {
    sts.get_caller_identity(key, Partition::Aws).await
}

/// AssumeRole as session `ada`.
pub(crate) fn role(arn: &str, seconds: u32) -> AssumeRole {
    let name = |text: &str| Name::parse(text).unwrap();
    AssumeRole {
        role: Role {
            duration: Some(Duration::clamped(seconds)),
            ..Role::new(name("role"), name("work"), arn.parse().unwrap())
        },
        session_name: "ada".parse().unwrap(),
    }
}

/// Both calls that carry a code, with the same one, in turn.
pub(crate) async fn both_with_code(
    sts: &StsClient,
    mfa: impl Fn() -> Mfa,
) -> [(&'static str, Result<(), AwsError>); 2] {
    let session = get_session_token(sts, user("ada"), mfa(), 3_600).await;
    let source = Source::Key(user("ada"), Some(mfa()));
    let assumed = sts.assume_role(source, role(ADMIN, 3_600)).await;
    [
        ("GetSessionToken", session.map(drop)),
        ("AssumeRole", assumed.map(drop)),
    ]
}

/// What came back; in the words of the refusal when nothing did.
pub(crate) fn granted<T>(result: Result<T, AwsError>) -> T {
    result.unwrap_or_else(|error| panic!("{:?}: {}", error.cause, error.problem))
}

/// Cause and words of a refusal: one line, without anything secret.
pub(crate) fn refused<T>(result: Result<T, AwsError>) -> (AwsCause, String) {
    let error = result.err().expect("a refusal");
    let words = error.problem.to_string();
    assert_eq!(words.lines().count(), 1, "{words}");
    assert!(!words.contains("secret/access/key"), "{words}");
    assert!(!words.contains("CANARY"), "{words}");
    (error.cause, words)
}

/// An answer to [`http`].
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

/// A request by hand, so that nothing that is tested takes part in it. `headers` are lines with their ends.
pub(crate) fn http(url: &str, method: &str, path: &str, headers: &str, body: &str) -> Answer {
    let host = url.trim_start_matches("http://");
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n{body}"
    );
    let mut stream = TcpStream::connect(host).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    Answer {
        status: head.split(' ').nth(1).unwrap().parse().unwrap(),
        head: head.to_owned(),
        body: body.to_owned(),
    }
}
