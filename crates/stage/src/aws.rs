//! AWS for the stage: the sandbox as a process, and its control endpoints.

use std::{
    ffi::OsStr,
    io::{BufRead, BufReader},
    path::Path,
};

use serde_json::{Value, json};

use crate::{Error, Home, Process, Result, programs};

/// The running sandbox.
pub struct Aws {
    url: String,
    process: Option<Process>,
}

/// Ada of the sandbox's built-in accounts: an IAM user with an MFA device.
pub const ADA_KEY_ID: &str = "AKIASANDBOXADA000001";
/// Her device.
pub const ADA_SERIAL: &str = "arn:aws:iam::111122223333:mfa/ada";

/// The secret of a built-in user's first key.
///
/// # Errors
/// When the seed doesn't have that user.
pub fn secret_of(user: &str) -> Result<String> {
    let seed = std::fs::read_to_string(crate::workspace().join("crates/sandbox/seed.json"))?;
    let seed: Value = serde_json::from_str(&seed).map_err(|error| Error::new(error.to_string()))?;
    let users = seed["accounts"].as_array().into_iter().flatten();
    users
        .flat_map(|account| account["users"].as_array().into_iter().flatten())
        .find(|found| found["name"] == user)
        .and_then(|found| found["access_keys"][0]["secret"].as_str())
        .map(ToOwned::to_owned)
        .ok_or_else(|| Error::new(format!("the sandbox has no user {user}")))
}

impl Aws {
    /// Starts the sandbox on a free port.
    ///
    /// # Errors
    /// When it doesn't start.
    pub fn start(home: &Home) -> Result<Self> {
        Self::start_with(home, &[])
    }

    /// Starts the sandbox behind TLS, and writes the certificate to trust into a file. Its control
    /// endpoints can't be reached then.
    ///
    /// # Errors
    /// When it doesn't start.
    pub fn start_tls(home: &Home, ca: &Path) -> Result<Self> {
        Self::start_with(home, &["--tls-ca".as_ref(), ca.as_os_str()])
    }

    fn start_with(home: &Home, arguments: &[&OsStr]) -> Result<Self> {
        let mut command = home.lasting(programs()?.join("daypass-sandbox"));
        // It has a clock of its own to move.
        command.env_remove("LD_PRELOAD");
        let (process, stdout) =
            Process::start_piped(command.args(["--listen", "127.0.0.1:0"]).args(arguments))?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let ready: Value = serde_json::from_str(&line)
            .map_err(|_| Error::new(format!("the sandbox did not start: {line}")))?;
        let url = ready["listening"].as_str().unwrap_or_default().to_owned();
        Ok(Self {
            url,
            process: Some(process),
        })
    }

    /// Takes it off the network.
    pub fn stop(&mut self) {
        self.process = None;
    }

    /// Its address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The lines of a config file that lead Daypass here.
    pub fn endpoints(&self) -> String {
        let url = &self.url;
        format!(
            "[endpoints]\nsts = \"{url}\"\niam = \"{url}\"\nsignin = \"{url}\"\nconsole = \"{url}/console\"\nsecretsmanager = \"{url}\"\n"
        )
    }

    /// The code that a device shows now.
    ///
    /// # Errors
    /// When there is no such device.
    pub fn code(&self, serial: &str) -> Result<String> {
        let devices = self.get("devices")?;
        let device = devices
            .as_array()
            .into_iter()
            .flatten()
            .find(|device| device["serial"] == serial);
        let code = device.and_then(|device| device["code"].as_str());
        code.map(ToOwned::to_owned)
            .ok_or_else(|| Error::new(format!("there is no device {serial}")))
    }

    /// The code that a device shows next, once it does: AWS takes each only once.
    ///
    /// # Errors
    /// When the sandbox doesn't answer.
    pub fn next_code(&self, serial: &str) -> Result<String> {
        self.advance(30)?;
        self.code(serial)
    }

    /// Moves the sandbox's clock.
    ///
    /// # Errors
    /// When the sandbox doesn't answer.
    pub fn advance(&self, seconds: i64) -> Result<()> {
        self.post("clock", &json!({ "advance_seconds": seconds }))
    }

    /// Lets the next calls of an operation meet a fault, as often as said.
    ///
    /// # Errors
    /// When the sandbox doesn't know the fault.
    pub fn fail(&self, operation: &str, kind: &str, times: u32) -> Result<()> {
        let fault = json!([{ "op": operation, "kind": kind, "times": times }]);
        self.post("faults", &fault)
    }

    /// Forgets the faults that are still to come.
    ///
    /// # Errors
    /// When the sandbox doesn't answer.
    pub fn mend(&self) -> Result<()> {
        ureq::delete(format!("{}/_sandbox/faults", self.url)).call()?;
        Ok(())
    }

    /// The calls so far.
    ///
    /// # Errors
    /// When the sandbox doesn't answer.
    pub fn journal(&self) -> Result<Vec<Value>> {
        Ok(self.get("journal")?.as_array().cloned().unwrap_or_default())
    }

    /// How often an operation was called.
    ///
    /// # Errors
    /// When the sandbox doesn't answer.
    pub fn calls(&self, operation: &str) -> Result<usize> {
        let journal = self.journal()?;
        Ok(journal
            .iter()
            .filter(|call| call["op"] == operation)
            .count())
    }

    /// Reads a control endpoint.
    ///
    /// # Errors
    /// When the sandbox doesn't answer.
    pub fn get(&self, path: &str) -> Result<Value> {
        let url = format!("{}/_sandbox/{path}", self.url);
        Ok(ureq::get(url).call()?.body_mut().read_json()?)
    }

    /// Deletes what a control endpoint has.
    ///
    /// # Errors
    /// When the sandbox refuses.
    pub fn delete(&self, path: &str) -> Result<()> {
        ureq::delete(format!("{}/_sandbox/{path}", self.url)).call()?;
        Ok(())
    }

    /// Writes to a control endpoint.
    ///
    /// # Errors
    /// When the sandbox refuses.
    pub fn post(&self, path: &str, body: &Value) -> Result<()> {
        let url = format!("{}/_sandbox/{path}", self.url);
        ureq::post(url).send_json(body)?;
        Ok(())
    }
}
