//! A sandbox whose time stands still, and a client that shares no code with it.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use daypass_sandbox::{Options, Sandbox, Seed};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use url::form_urlencoded;

pub(crate) const START: &str = "2026-01-01T09:00:00Z";
pub(crate) const ADA_DEVICE: &str = "arn:aws:iam::111122223333:mfa/ada";
pub(crate) const ADMIN: &str = "arn:aws:iam::111122223333:role/Admin";
pub(crate) const READ_ONLY: &str = "arn:aws:iam::111122223333:role/ReadOnly";
pub(crate) const DEPLOY: &str = "arn:aws:iam::111122223333:role/Deploy";
pub(crate) const FRESH: &str = "arn:aws:iam::111122223333:role/Fresh";
pub(crate) const NO_MFA: &str = "arn:aws:iam::111122223333:role/NoMfa";
pub(crate) const AUDITOR: &str = "arn:aws:iam::444455556666:role/Auditor";
pub(crate) const CHAINED: &str = "arn:aws:iam::444455556666:role/Chained";
pub(crate) const DEEPER: &str = "arn:aws:iam::444455556666:role/Deeper";
pub(crate) const TAGGED: &str = "arn:aws:iam::111122223333:role/Tagged";
pub(crate) const LOCKED: &str = "arn:aws:iam::444455556666:role/Locked";

/// Credentials of either kind.
#[derive(Debug, Clone)]
pub(crate) struct Keys {
    pub(crate) id: String,
    pub(crate) secret: String,
    pub(crate) token: Option<String>,
}

/// The key that the built-in seed gives a user, or `root`.
pub(crate) fn user(name: &str) -> Keys {
    let seed: Value = serde_json::from_str(include_str!("../../seed.json")).unwrap();
    for account in seed["accounts"].as_array().unwrap() {
        if name == "root" && !account["root_access_keys"].is_null() {
            return key(&account["root_access_keys"][0]);
        }
        for user in account["users"].as_array().into_iter().flatten() {
            if user["name"] == name {
                return key(&user["access_keys"][0]);
            }
        }
    }
    panic!("no user {name}");
}

fn key(value: &Value) -> Keys {
    Keys {
        id: value["id"].as_str().unwrap().to_owned(),
        secret: value["secret"].as_str().unwrap().to_owned(),
        token: None,
    }
}

/// A call that has yet to be signed; each field can be made wrong.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) method: &'static str,
    pub(crate) keys: Keys,
    pub(crate) service: String,
    pub(crate) region: String,
    pub(crate) terminator: String,
    /// `YYYYMMDD` in the scope; the timestamp's day when none.
    pub(crate) day: Option<String>,
    /// `X-Amz-Date`; the sandbox's time when none.
    pub(crate) timestamp: Option<String>,
    pub(crate) params: Vec<(String, String)>,
    /// The operation and the body of a call in the JSON protocol, which has no `params`.
    pub(crate) json: Option<(String, String)>,
    /// Sent, not signed.
    pub(crate) unsigned: Vec<(String, String)>,
    /// Headers that are left out of `SignedHeaders`.
    pub(crate) skip: Vec<String>,
    /// Instead of the right `Authorization`; empty for none at all.
    pub(crate) authorization: Option<String>,
}

impl Call {
    pub(crate) fn new(service: &str, keys: &Keys, action: &str, params: &[(&str, &str)]) -> Self {
        let version = if service == "iam" {
            "2010-05-08"
        } else {
            "2011-06-15"
        };
        let common = [("Action", action), ("Version", version)];
        Self {
            method: "POST",
            keys: keys.clone(),
            service: service.to_owned(),
            region: "us-east-1".to_owned(),
            terminator: "aws4_request".to_owned(),
            day: None,
            timestamp: None,
            params: common
                .iter()
                .chain(params)
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            json: None,
            unsigned: Vec::new(),
            skip: Vec::new(),
            authorization: None,
        }
    }

    /// A call of Secrets Manager in the region of the seed's secrets.
    pub(crate) fn secrets(keys: &Keys, operation: &str, input: &Value) -> Self {
        Self {
            params: Vec::new(),
            json: Some((operation.to_owned(), input.to_string())),
            ..Self::new("secretsmanager", keys, "", &[])
        }
    }

    fn form(&self) -> String {
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&self.params)
            .finish()
            // SigV4's canonical query has %20, and a form may have it too.
            .replace('+', "%20")
            .replace('*', "%2A")
    }

    /// The request's bytes.
    fn sign(&self, host: &str, now: DateTime<Utc>) -> String {
        let timestamp = self
            .timestamp
            .clone()
            .unwrap_or_else(|| now.format("%Y%m%dT%H%M%SZ").to_string());
        let form = self.form();
        let (query, body) = if let Some((_, body)) = &self.json {
            (String::new(), body.clone())
        } else if self.method == "GET" {
            let mut pairs: Vec<&str> = form.split('&').collect();
            pairs.sort_unstable();
            (pairs.join("&"), String::new())
        } else {
            (String::new(), form)
        };
        let mut headers = BTreeMap::from([
            ("host".to_owned(), host.to_owned()),
            ("x-amz-date".to_owned(), timestamp.clone()),
        ]);
        if let Some(token) = &self.keys.token {
            headers.insert("x-amz-security-token".to_owned(), token.clone());
        }
        if let Some((operation, _)) = &self.json {
            let target = format!("secretsmanager.{operation}");
            headers.insert("x-amz-target".to_owned(), target);
        }
        let authorization = self
            .authorization
            .clone()
            .unwrap_or_else(|| self.authorization(&headers, &timestamp, &query, &body));
        let mut sent: Vec<(String, String)> = headers.into_iter().collect();
        sent.extend(self.unsigned.clone());
        if !authorization.is_empty() {
            sent.push(("authorization".to_owned(), authorization));
        }
        let target = if query.is_empty() {
            "/".to_owned()
        } else {
            format!("/?{query}")
        };
        raw(self.method, &target, &sent, &body)
    }

    fn authorization(
        &self,
        headers: &BTreeMap<String, String>,
        timestamp: &str,
        query: &str,
        body: &str,
    ) -> String {
        let day = self.day.as_deref().unwrap_or(&timestamp[..8]);
        let signed: BTreeMap<_, _> = headers
            .iter()
            .filter(|(name, _)| !self.skip.contains(name))
            .collect();
        let names: Vec<&str> = signed.keys().map(|name| name.as_str()).collect();
        let names = names.join(";");
        let lines: String = signed
            .iter()
            .map(|(name, value)| format!("{name}:{value}\n"))
            .collect();
        let canonical = format!(
            "{}\n/\n{query}\n{lines}\n{names}\n{}",
            self.method,
            sha256(body)
        );
        let scope = format!("{day}/{}/{}/{}", self.region, self.service, self.terminator);
        let to_sign = format!(
            "AWS4-HMAC-SHA256\n{timestamp}\n{scope}\n{}",
            sha256(&canonical)
        );
        let mut key = format!("AWS4{}", self.keys.secret).into_bytes();
        for part in scope.split('/') {
            key = hmac(&key, part);
        }
        format!(
            "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={names}, Signature={}",
            self.keys.id,
            hex(&hmac(&key, &to_sign))
        )
    }
}

fn sha256(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

fn hmac(key: &[u8], data: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(data.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// An HTTP/1.1 request as text.
pub(crate) fn raw(method: &str, target: &str, headers: &[(String, String)], body: &str) -> String {
    let headers: String = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    format!(
        "{method} {target} HTTP/1.1\r\n{headers}connection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    /// The text of the first element with this name, unescaped.
    pub(crate) fn text(&self, element: &str) -> Option<String> {
        let (_, rest) = self.body.split_once(&format!("<{element}>"))?;
        let (text, _) = rest.split_once(&format!("</{element}>"))?;
        Some(
            text.replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&quot;", "\"")
                .replace("&#39;", "'")
                .replace("&amp;", "&"),
        )
    }

    /// The text of the element with this id.
    pub(crate) fn id(&self, id: &str) -> Option<String> {
        let (_, rest) = self.body.split_once(&format!("id=\"{id}\">"))?;
        Some(rest.split('<').next()?.to_owned())
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// Status, code and message of an error.
    pub(crate) fn error(&self) -> (u16, String, String) {
        let text = |element| self.text(element).unwrap_or_default();
        (self.status, text("Code"), text("Message"))
    }

    /// The code alone; empty for success.
    pub(crate) fn code(&self) -> String {
        self.text("Code").unwrap_or_default()
    }

    /// Status, code and message of an error in the JSON protocol.
    pub(crate) fn json_error(&self) -> (u16, String, String) {
        let body = self.json();
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        (self.status, text("__type"), text("Message"))
    }

    /// The code alone; empty for success.
    pub(crate) fn json_code(&self) -> String {
        self.json_error().1
    }

    /// The credentials in a successful answer.
    pub(crate) fn keys(&self) -> Keys {
        assert_eq!(self.status, 200, "{}", self.body);
        Keys {
            id: self.text("AccessKeyId").unwrap(),
            secret: self.text("SecretAccessKey").unwrap(),
            token: self.text("SessionToken"),
        }
    }
}

/// A sandbox and what a test does with it.
pub(crate) struct Aws(Sandbox);

impl Aws {
    pub(crate) fn start() -> Self {
        Self::with_seed(&Seed::builtin().unwrap())
    }

    pub(crate) fn with_seed(seed: &Seed) -> Self {
        let options = Options {
            start: Some(START.parse().unwrap()),
            stopped: true,
            ..Options::default()
        };
        Self(Sandbox::start(seed, &options).unwrap())
    }

    /// For clients that sign with the machine's time.
    pub(crate) fn on_machine_time() -> Self {
        Self(Sandbox::start(&Seed::builtin().unwrap(), &Options::default()).unwrap())
    }

    pub(crate) fn url(&self) -> String {
        self.0.url()
    }

    pub(crate) fn host(&self) -> String {
        self.url().trim_start_matches("http://").to_owned()
    }

    /// Sends bytes and reads the answer.
    pub(crate) fn send(&self, request: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(self.host()).unwrap();
        // The sandbox may answer and hang up before it has read all.
        let _ = stream.write_all(request);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8(answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
        Answer {
            status: status.unwrap_or_default(),
            head: head.to_owned(),
            body: body.to_owned(),
        }
    }

    /// The bytes of a call, signed now.
    pub(crate) fn sign(&self, call: &Call) -> String {
        call.sign(&self.host(), self.now())
    }

    pub(crate) fn call(&self, call: &Call) -> Answer {
        self.send(self.sign(call).as_bytes())
    }

    pub(crate) fn sts(&self, keys: &Keys, action: &str, params: &[(&str, &str)]) -> Answer {
        self.call(&Call::new("sts", keys, action, params))
    }

    pub(crate) fn iam(&self, keys: &Keys, action: &str, params: &[(&str, &str)]) -> Answer {
        self.call(&Call::new("iam", keys, action, params))
    }

    pub(crate) fn secrets(&self, keys: &Keys, operation: &str, input: &Value) -> Answer {
        self.call(&Call::secrets(keys, operation, input))
    }

    /// AssumeRole as session `ada`.
    pub(crate) fn assume(&self, keys: &Keys, role: &str, params: &[(&str, &str)]) -> Answer {
        let common = [("RoleArn", role), ("RoleSessionName", "ada")];
        let params: Vec<_> = common.iter().chain(params).copied().collect();
        self.sts(keys, "AssumeRole", &params)
    }

    /// GetSessionToken for ada, with a code.
    pub(crate) fn mfa_session(&self) -> Keys {
        let code = self.code(ADA_DEVICE);
        let params = [("SerialNumber", ADA_DEVICE), ("TokenCode", &code)];
        self.sts(&user("ada"), "GetSessionToken", &params).keys()
    }

    /// The page that a session's sign-in link leads to.
    pub(crate) fn console(&self, keys: &Keys) -> Answer {
        let session = json!({
            "sessionId": keys.id,
            "sessionKey": keys.secret,
            "sessionToken": keys.token,
        });
        let body = form(&[
            ("Action", "getSigninToken"),
            ("Session", &session.to_string()),
        ]);
        let token = self.request("POST", "/federation", &body).json();
        let query = form(&[
            ("Action", "login"),
            ("Destination", &format!("{}/console/", self.url())),
            ("SigninToken", token["SigninToken"].as_str().unwrap()),
        ]);
        let login = self.request("GET", &format!("/federation?{query}"), "");
        let cookie = login
            .header("set-cookie")
            .unwrap()
            .split(';')
            .next()
            .unwrap();
        self.request_with("GET", "/console/", &[("cookie", cookie)], "")
    }

    pub(crate) fn request(&self, method: &str, target: &str, body: &str) -> Answer {
        self.request_with(method, target, &[], body)
    }

    pub(crate) fn request_with(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let mut sent = vec![("host".to_owned(), self.host())];
        for (name, value) in headers {
            sent.retain(|(known, _)| known != name);
            sent.push(((*name).to_owned(), (*value).to_owned()));
        }
        self.send(raw(method, target, &sent, body).as_bytes())
    }

    pub(crate) fn control(&self, name: &str, body: &Value) -> Value {
        let answer = self.request("POST", &format!("/_sandbox/{name}"), &body.to_string());
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    }

    pub(crate) fn advance(&self, seconds: i64) {
        self.control("clock", &json!({ "advance_seconds": seconds }));
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        let clock = self.request("GET", "/_sandbox/clock", "").json();
        clock["now"].as_str().unwrap().parse().unwrap()
    }

    /// The code that the device shows.
    pub(crate) fn code(&self, serial: &str) -> String {
        let devices = self.request("GET", "/_sandbox/devices", "").json();
        let devices = devices.as_array().unwrap();
        let device = devices.iter().find(|device| device["serial"] == serial);
        device.unwrap()["code"].as_str().unwrap().to_owned()
    }

    pub(crate) fn journal(&self) -> Vec<Value> {
        let journal = self.request("GET", "/_sandbox/journal", "").json();
        journal.as_array().unwrap().clone()
    }
}

/// A form body.
pub(crate) fn form(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}

/// A Python that has boto3.
pub(crate) fn python() -> PathBuf {
    let python = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../target/test-python/bin")
        .join(if cfg!(windows) {
            "python.exe"
        } else {
            "python"
        });
    assert!(
        python.exists(),
        "no {}: run `cargo xtask test`, which installs it",
        python.display()
    );
    python
}
