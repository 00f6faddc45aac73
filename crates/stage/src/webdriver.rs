//! The popup's real window through WebKitWebDriver (W3C WebDriver).

use std::{path::Path, process::Stdio};

use serde_json::{Value, json};

use crate::{Desktop, Error, Process, Result, wait};

/// How an element is named in WebDriver's JSON.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A browser session: our own popup under WebKitWebDriver.
pub struct Page {
    session: String,
    _driver: Process,
}

impl Page {
    /// Opens the popup of a running agent.
    ///
    /// # Errors
    /// When driver or popup don't start.
    pub fn open(desktop: &Desktop, popup: &Path) -> Result<Self> {
        let port = free_port()?;
        let mut command = desktop.home.lasting("WebKitWebDriver");
        command
            .arg(format!("--port={port}"))
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let driver = Process::start(&mut command)?;
        let url = format!("http://127.0.0.1:{port}/session");
        let options = json!({"capabilities": {"alwaysMatch": {"webkitgtk:browserOptions": {
            "binary": popup, "args": ["popup"]
        }}}});
        let answer: Value = wait::until("WebKitWebDriver", || {
            ureq::post(&url)
                .send_json(&options)
                .ok()?
                .body_mut()
                .read_json()
                .ok()
        })?;
        let id = answer["value"]["sessionId"].as_str().unwrap_or_default();
        Ok(Self {
            session: format!("{url}/{id}"),
            _driver: driver,
        })
    }

    /// Waits for an element and reads the text that a person sees in it.
    ///
    /// # Errors
    /// When it doesn't come.
    pub fn text(&self, selector: &str) -> Result<String> {
        // The driver's own notion of visible text leaves out what is clamped to some lines.
        let script = "return arguments[0].innerText";
        let read = |element: &str| {
            let body = json!({ "script": script, "args": [{ ELEMENT: element }] });
            self.post("execute/sync", &body)
        };
        let answer = self.with(selector, read)?;
        Ok(answer.as_str().unwrap_or_default().to_owned())
    }

    /// Waits for an element and clicks it.
    ///
    /// # Errors
    /// When it doesn't come.
    pub fn click(&self, selector: &str) -> Result<()> {
        let click = |element: &str| self.post(&format!("element/{element}/click"), &json!({}));
        self.with(selector, click).map(|_| ())
    }

    /// Waits for a field, empties it and types into it.
    ///
    /// # Errors
    /// When it doesn't come.
    pub fn fill(&self, selector: &str, text: &str) -> Result<()> {
        let fill = |element: &str| {
            self.post(&format!("element/{element}/clear"), &json!({}))?;
            let body = json!({ "text": text });
            self.post(&format!("element/{element}/value"), &body)
        };
        self.with(selector, fill).map(|_| ())
    }

    /// Runs a script's body in the page and yields what it returns.
    ///
    /// # Errors
    /// When the page is gone, or the script throws.
    pub fn script(&self, body: &str) -> Result<Value> {
        self.post("execute/sync", &json!({ "script": body, "args": [] }))
    }

    /// Runs a script's body that calls `done(result)`.
    ///
    /// # Errors
    /// As [`Self::script`].
    pub fn script_async(&self, body: &str) -> Result<Value> {
        let script = format!("const done = arguments[arguments.length - 1]; {body}");
        self.post("execute/async", &json!({ "script": script, "args": [] }))
    }

    /// Whether an element is there now.
    pub fn has(&self, selector: &str) -> bool {
        self.find(selector).is_ok()
    }

    /// Does something with an element once it is there, and again where the page has put another
    /// one in its place meanwhile.
    fn with(&self, selector: &str, act: impl Fn(&str) -> Result<Value>) -> Result<Value> {
        wait::until(&format!("{selector} in the page"), || {
            act(&self.find(selector).ok()?).ok()
        })
    }

    fn find(&self, selector: &str) -> Result<String> {
        let query = json!({ "using": "css selector", "value": selector });
        let found = self.post("element", &query)?;
        found[ELEMENT]
            .as_str()
            .map(ToOwned::to_owned)
            .ok_or_else(|| Error::new(format!("no {selector}")))
    }

    fn post(&self, path: &str, body: &Value) -> Result<Value> {
        let mut answer = ureq::post(format!("{}/{path}", self.session)).send_json(body)?;
        let answer: Value = answer.body_mut().read_json()?;
        Ok(answer["value"].clone())
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        // The popup may have ended by itself.
        let _ = ureq::delete(&self.session).call();
    }
}

fn free_port() -> Result<u16> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    Ok(listener.local_addr()?.port())
}
