//! The program around the library.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_daypass-sandbox");

/// Ends the program however the test ends.
pub(crate) struct Running(pub(crate) Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn run(arguments: &[&str]) -> Output {
    Command::new(PROGRAM).args(arguments).output().unwrap()
}

fn get(url: &str, path: &str) -> String {
    use std::io::{Read, Write};
    let host = url.trim_start_matches("http://");
    let mut stream = std::net::TcpStream::connect(host).unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split_once("\r\n\r\n").unwrap().1.to_owned()
}

#[test]
fn it_says_where_it_listens_and_writes_the_journal() {
    let directory = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    let journal = directory.join(format!("journal-{}.jsonl", std::process::id()));
    let mut child = Command::new(PROGRAM)
        .args(["--listen", "127.0.0.1:0", "--start", "2026-01-01T09:00:00Z"])
        .arg("--journal")
        .arg(&journal)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let stdout = child.stdout.take().unwrap();
    let _running = Running(child);
    let mut line = String::new();
    BufReader::new(stdout).read_line(&mut line).unwrap();
    let ready: Value = serde_json::from_str(&line).unwrap();
    let url = ready["listening"].as_str().unwrap();
    assert!(url.starts_with("http://127.0.0.1:"));

    let clock: Value = serde_json::from_str(&get(url, "/_sandbox/clock")).unwrap();
    assert!(
        clock["now"]
            .as_str()
            .unwrap()
            .starts_with("2026-01-01T09:0")
    );
    get(url, "/?Action=GetCallerIdentity&Version=2011-06-15");
    let journal_text = std::fs::read_to_string(&journal).unwrap();
    std::fs::remove_file(&journal).unwrap();
    let entry: Value = serde_json::from_str(journal_text.trim_end()).unwrap();
    assert_eq!(entry["op"], "GetCallerIdentity");
    assert_eq!(entry["error"], "MissingAuthenticationToken");
}

#[test]
fn it_refuses_with_one_line() {
    let directory = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    let seed = directory.join(format!("seed-{}.json", std::process::id()));
    let path = seed.to_str().unwrap();
    let seeds = [
        ("", "EOF"),
        ("{}", "accounts"),
        (r#"{"accounts":[],"more":1}"#, "more"),
        (r#"{"accounts":[{"id":"1"}]}"#, "twelve digits"),
        (
            r#"{"accounts":[{"id":"111122223333"},{"id":"111122223333"}]}"#,
            "twice",
        ),
        (
            r#"{"accounts":[{"id":"111122223333","partition":"mars"}]}"#,
            "mars",
        ),
        (
            r#"{"accounts":[{"id":"111122223333","users":[{"name":"a","access_keys":[{"id":"AKIA","secret":""}]}]}]}"#,
            "AKIA",
        ),
        (
            r#"{"accounts":[{"id":"111122223333","users":[{"name":"a","mfa_devices":[{"serial":"s","seed":"1"}]}]}]}"#,
            "base32",
        ),
        (
            r#"{"accounts":[{"id":"111122223333","roles":[{"name":"R","trust":{}}]}]}"#,
            "no Statement",
        ),
        (
            r#"{"accounts":[{"id":"111122223333","roles":[{"name":"R","max_session_duration":1,"trust":{}}]}]}"#,
            "max_session_duration",
        ),
        (
            r#"{"accounts":[{"id":"111122223333","users":[{"name":"a","policies":["arn:aws:iam::aws:policy/None"]}]}]}"#,
            "unknown policy 'arn:aws:iam::aws:policy/None'",
        ),
        (
            r#"{"accounts":[{"id":"111122223333","policies":{"P":{"Statement":{"Effect":"Allow","Action":"a"}}}}]}"#,
            "policy of P: no Resource",
        ),
        (
            r#"{"accounts":[{"id":"111122223333","secrets":[{"name":"s","regions":["r"],"policy":{}}]}]}"#,
            "secret s: no Statement",
        ),
        (
            r#"{"accounts":[{"id":"111122223333","secrets":[{"name":"s","regions":["r","r"]}]}]}"#,
            "twice",
        ),
    ];
    for (json, reason) in seeds {
        std::fs::write(&seed, json).unwrap();
        let output = run(&["--seed", path]);
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{json}");
        assert_eq!(error.lines().count(), 1, "{error}");
        assert!(error.contains(reason), "{error}");
        assert!(output.stdout.is_empty());
    }
    std::fs::remove_file(&seed).unwrap();
    for arguments in [["--listen", "0.0.0.0:0"], ["--seed", "/nowhere/seed.json"]] {
        assert_eq!(run(&arguments).status.code(), Some(2));
    }
}

#[test]
fn it_explains_itself() {
    let help = String::from_utf8(run(&["--help"]).stdout).unwrap();
    for option in ["--listen", "--seed", "--journal", "--start", "--tls-ca"] {
        assert!(help.contains(option));
    }
}
