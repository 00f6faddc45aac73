//! What is measured, made ready: a home in which each has what it needs to be fast.

use std::{
    fs,
    path::PathBuf,
    process::{Command, Stdio},
};

use daypass_stage::{
    Desktop, Error, Parts, Process, Result,
    aws::{ADA_KEY_ID, ADA_SERIAL, Aws, secret_of},
    run, wait, workspace,
};
use serde_json::json;

use super::release;

const ADMIN: &str = "arn:aws:iam::111122223333:role/Admin";
/// Bob's key and the role that he may assume without a code.
const BOB_KEY_ID: &str = "AKIASANDBOXBOB000001";
const NO_MFA: &str = "arn:aws:iam::111122223333:role/NoMfa";

pub(super) struct Subjects {
    _agent: Process,
    aws: Aws,
    desktop: Desktop,
}

impl Subjects {
    /// Starts the agent with a session, and leaves everyone their files.
    pub(super) fn start() -> Result<Self> {
        let desktop = Desktop::start(Parts::HEADLESS)?;
        let home = &desktop.home;
        let aws = Aws::start(home)?;
        home.write_config(&format!("version = 1\n\n{}", aws.endpoints()))?;
        let mut agent = home.command(release("daypass-agent"));
        let agent = Process::start(agent.stderr(Stdio::null()))?;
        wait::until("the agent", || home.socket().exists().then_some(()))?;
        let subjects = Self {
            _agent: agent,
            aws,
            desktop,
        };
        subjects.write_profiles()?;
        subjects.fill_daypass()?;
        subjects.fill_awsume()?;
        // Locked, it would fail or hang if it were asked.
        subjects.desktop.lock_keychain()?;
        Ok(subjects)
    }

    pub(super) fn nothing(&self) -> Command {
        self.desktop.home.command("/bin/true")
    }

    pub(super) fn credentials(&self) -> Command {
        let mut command = self.desktop.home.command(release("daypass"));
        command.args(["credentials", "prod"]);
        command
    }

    /// Debian's version 2, from a profile with keys, which is its shortest way.
    pub(super) fn aws(&self) -> Command {
        let mut command = self.desktop.home.command("/usr/bin/aws");
        command.args(["configure", "export-credentials", "--profile", "bob"]);
        command
    }

    /// What awsume's shell function runs. It keeps a user's MFA session, and no role's.
    pub(super) fn awsume(&self) -> Command {
        let mut command = self.python("awsumepy");
        command.arg("ada");
        command
    }

    pub(super) fn script(&self) -> Command {
        let mut command = self.python("python");
        command
            .arg(workspace().join("tests/clients/python/generate_keys.py"))
            .args([NO_MFA, "bench"])
            .env("AWS_PROFILE", "bob");
        command
    }

    /// Where what is measured complains.
    pub(super) fn log(&self) -> PathBuf {
        self.desktop.home.log("measured")
    }

    /// Has Daypass drop the role's session, because it is to have another name.
    pub(super) fn forget_session(&self, round: usize) -> Result<()> {
        self.add_role(&["--session-name", &format!("bench-{round}")])
    }

    pub(super) fn calls(&self, operation: &str) -> Result<usize> {
        self.aws.calls(operation)
    }

    /// Makes sure that what was measured is what it is called.
    pub(super) fn expect_calls(&self, operation: &str, wanted: usize) -> Result<()> {
        let calls = self.calls(operation)?;
        if calls == wanted {
            return Ok(());
        }
        Err(Error::new(format!(
            "{operation} was called {calls} times instead of {wanted}"
        )))
    }

    fn write_profiles(&self) -> Result<()> {
        let folder = self.desktop.home.path().join(".aws");
        fs::create_dir_all(&folder)?;
        fs::write(
            folder.join("config"),
            format!(
                "[profile ada]\nregion = us-east-1\nmfa_serial = {ADA_SERIAL}\n\n[profile bob]\nregion = us-east-1\n"
            ),
        )?;
        let keys = |name, id| -> Result<String> {
            let secret = secret_of(name)?;
            Ok(format!(
                "[{name}]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n"
            ))
        };
        let credentials = keys("ada", ADA_KEY_ID)? + &keys("bob", BOB_KEY_ID)?;
        Ok(fs::write(folder.join("credentials"), credentials)?)
    }

    fn fill_daypass(&self) -> Result<()> {
        let key = json!({
            "access_key_id": ADA_KEY_ID,
            "secret_access_key": secret_of("ada")?,
            "mfa_serials": [ADA_SERIAL],
        });
        self.daypass(&["identity", "add", "work"], &key.to_string())?;
        self.add_role(&[])?;
        self.daypass(&["mfa", "work"], &self.aws.code(ADA_SERIAL)?)?;
        succeed(&mut self.credentials(), "")
    }

    fn add_role(&self, more: &[&str]) -> Result<()> {
        let role = ["role", "add", "prod", "--identity", "work", "--arn", ADMIN];
        self.daypass(&[&role, more].concat(), "")
    }

    fn fill_awsume(&self) -> Result<()> {
        let code = self.aws.next_code(ADA_SERIAL)?;
        succeed(self.awsume().args(["--mfa-token", &code]), "")
    }

    fn daypass(&self, arguments: &[&str], stdin: &str) -> Result<()> {
        let mut command = self.desktop.home.command(release("daypass"));
        succeed(command.args(arguments), stdin)
    }

    /// A program of the tests' own Python, led to the sandbox.
    fn python(&self, program: &str) -> Command {
        let program = workspace().join("target/test-python/bin").join(program);
        let mut command = self.desktop.home.command(program);
        command.env("AWS_ENDPOINT_URL_STS", self.aws.url());
        command
    }
}

fn succeed(command: &mut Command, stdin: &str) -> Result<()> {
    let output = run(command, stdin)?;
    if output.status.success() {
        return Ok(());
    }
    Err(Error::new(
        String::from_utf8_lossy(&output.stderr).into_owned(),
    ))
}
