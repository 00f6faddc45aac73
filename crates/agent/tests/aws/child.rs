//! Tests of what a process reads from its environment at its start: each runs itself again as a process of its own.

use std::{
    env,
    path::Path,
    process::{Command, Stdio},
};

/// Where the parent's server is; set for the child only.
const URL: &str = "DAYPASS_TEST_URL";

/// The server's URL, in the child.
pub(crate) fn url() -> Option<String> {
    env::var(URL).ok()
}

/// Runs a test of this program again with more in its environment, and expects it to pass.
pub(crate) fn run(test: &str, url: &str, environment: &[(&str, &Path)]) {
    let mut command = Command::new(env::current_exe().unwrap());
    command
        .args([test, "--exact", "--nocapture"])
        .env(URL, url)
        .stdin(Stdio::null());
    for (name, value) in environment {
        command.env(name, value);
    }
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{error}");
    assert!(said.contains("1 passed"), "there is no test {test}: {said}");
}

/// Runs what is asynchronous of such a test.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(future)
}
