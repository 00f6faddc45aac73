//! A desktop, AWS, and what a person or a script does with Daypass there.

use std::{
    io::Write,
    process::{Output, Stdio},
};

use daypass_stage::{
    Desktop, Parts, Process,
    aws::{ADA_KEY_ID, ADA_SERIAL, Aws, secret_of},
    run, wait,
};
use serde_json::{Value, json};

pub(crate) const ADMIN: &str = "arn:aws:iam::111122223333:role/Admin";
pub(crate) const AUDITOR: &str = "arn:aws:iam::444455556666:role/Auditor";

pub(crate) struct World {
    pub(crate) desktop: Desktop,
    pub(crate) aws: Aws,
    agent: Option<Process>,
}

impl World {
    /// The headless agent with the real Secret Service.
    pub(crate) fn headless() -> Self {
        Self::start(Parts::HEADLESS, "daypass-agent", &[])
    }

    /// The tray on a full desktop.
    pub(crate) fn tray() -> Self {
        Self::start(Parts::ALL, "daypass-tray", &[])
    }

    /// Any agent on any desktop.
    pub(crate) fn start(parts: Parts, agent: &str, arguments: &[&str]) -> Self {
        let mut world = Self::without_agent(parts);
        world.start_agent(agent, arguments);
        world
    }

    /// Desktop and AWS, nothing of ours yet.
    pub(crate) fn without_agent(parts: Parts) -> Self {
        let mut desktop = Desktop::start(parts).unwrap();
        desktop.home.set("DAYPASS_LOG", "trace");
        let aws = Aws::start(&desktop.home).unwrap();
        desktop
            .home
            .write_config(&format!("version = 1\n\n{}", aws.endpoints()))
            .unwrap();
        Self {
            desktop,
            aws,
            agent: None,
        }
    }

    /// The headless agent with the encrypted file.
    pub(crate) fn start_file_agent(&mut self) {
        let log = std::fs::File::create(self.desktop.home.log("daypass-agent")).unwrap();
        let program = daypass_stage::programs().unwrap().join("daypass-agent");
        let mut command = self.desktop.home.lasting(program);
        command
            .args(["--vault", "file"])
            .stdin(Stdio::piped())
            .stderr(log);
        let mut agent = Process::start(&mut command).unwrap();
        let mut passphrase = agent.take_stdin().unwrap();
        passphrase.write_all(b"correct horse\n").unwrap();
        self.agent = Some(agent);
        self.wait_for_agent("daypass-agent");
    }

    pub(crate) fn start_agent(&mut self, agent: &str, arguments: &[&str]) {
        self.agent = Some(self.desktop.program_process(agent, arguments).unwrap());
        self.wait_for_agent(agent);
    }

    fn wait_for_agent(&self, agent: &str) {
        wait::until("the agent", || {
            std::os::unix::net::UnixStream::connect(self.desktop.home.socket()).ok()
        })
        .unwrap_or_else(|error| panic!("{error}: {}", self.log(agent)));
    }

    pub(crate) fn stop_agent(&mut self) {
        self.agent = None;
    }

    /// Ends the agent without a word to it.
    pub(crate) fn kill_agent(&mut self) {
        self.agent.take().unwrap().kill();
    }

    /// Waits for the agent's end.
    pub(crate) fn agent_ends(&mut self) -> std::process::ExitStatus {
        self.agent.as_mut().unwrap().wait().unwrap()
    }

    pub(crate) fn agent_id(&self) -> u32 {
        self.agent.as_ref().unwrap().id()
    }

    pub(crate) fn log(&self, name: &str) -> String {
        std::fs::read_to_string(self.desktop.home.log(name)).unwrap_or_default()
    }

    /// Runs `daypass`, without a terminal.
    pub(crate) fn daypass_with(&self, arguments: &[&str], stdin: &str) -> Output {
        // A session of its own has no terminal to ask on.
        let mut command = self.desktop.home.command("setsid");
        command
            .arg("--wait")
            .arg(daypass_stage::programs().unwrap().join("daypass"));
        run(command.args(arguments), stdin).unwrap()
    }

    /// Runs `daypass`, which has to succeed.
    pub(crate) fn done(&self, arguments: &[&str]) -> String {
        self.done_with(arguments, "")
    }

    pub(crate) fn done_with(&self, arguments: &[&str], stdin: &str) -> String {
        let output = self.daypass_with(arguments, stdin);
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            stderr(&output)
        );
        assert_eq!(stderr(&output), "", "{arguments:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs `daypass`, which has to fail with that exit code and one line; yields the line.
    pub(crate) fn fails(&self, code: i32, arguments: &[&str], stdin: &str) -> String {
        let output = self.daypass_with(arguments, stdin);
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
        assert_eq!(output.stdout, b"", "{arguments:?}");
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(said.starts_with("daypass: "), "{said}");
        // T17: SDKs log what a credential_process says here.
        assert!(
            !said.contains(&secret_of("ada").unwrap()),
            "a secret in {arguments:?}"
        );
        said
    }

    pub(crate) fn state(&self) -> Value {
        serde_json::from_str(&self.done(&["status", "--json"])).unwrap()
    }

    pub(crate) fn until(&self, what: &str, seen: impl Fn(&Value) -> bool) -> Value {
        wait::until(what, || Some(self.state()).filter(|state| seen(state)))
            .unwrap_or_else(|error| panic!("{error}: {}", self.state()))
    }

    /// Ada's key, as a script adds it.
    pub(crate) fn add_ada(&self) {
        self.done_with(&["identity", "add", "work"], &ada());
    }

    /// Ada and the role `prod`.
    pub(crate) fn add_ada_and_role(&self) {
        self.add_ada();
        self.done(&["role", "add", "prod", "--arn", ADMIN, "--identity", "work"]);
    }

    /// Types the code that Ada's device shows, and yields it.
    pub(crate) fn enter_code(&self) -> String {
        let code = self.aws.code(ADA_SERIAL).unwrap();
        self.done_with(&["mfa", "work"], &code);
        code
    }
}

/// T18: whatever a test does, at trace level, Ada's secret is in no log.
impl Drop for World {
    fn drop(&mut self) {
        self.agent = None;
        if std::thread::panicking() {
            return;
        }
        let secret = secret_of("ada").unwrap();
        for entry in std::fs::read_dir(self.desktop.home.path())
            .unwrap()
            .flatten()
        {
            if entry
                .path()
                .extension()
                .is_some_and(|extension| extension == "log")
            {
                let log = std::fs::read(entry.path()).unwrap();
                assert!(
                    memchr::memmem::find(&log, secret.as_bytes()).is_none(),
                    "the secret is in {}",
                    entry.path().display()
                );
            }
        }
    }
}

/// Ada's key as JSON.
pub(crate) fn ada() -> String {
    key(ADA_KEY_ID, &secret_of("ada").unwrap(), &[ADA_SERIAL])
}

pub(crate) fn key(id: &str, secret: &str, serials: &[&str]) -> String {
    json!({"access_key_id": id, "secret_access_key": secret, "mfa_serials": serials}).to_string()
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
