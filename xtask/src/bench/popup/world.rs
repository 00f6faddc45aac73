//! A desktop with the agent of the release build and a person with a key.

use std::{
    fs,
    process::{Command, Stdio},
};

use daypass_stage::{
    Desktop, Error, Parts, Process, Result,
    aws::{ADA_KEY_ID, ADA_SERIAL, Aws, secret_of},
    run, wait,
};
use serde_json::{Value, json};

use super::roles;
use crate::bench::release;

/// The role that has a session.
const ADMIN: &str = "arn:aws:iam::111122223333:role/Admin";

pub(super) struct World {
    agent: Process,
    aws: Aws,
    pub(super) desktop: Desktop,
    /// The config file without the many roles.
    config: String,
}

impl World {
    /// Starts the agent and gives it Ada's key and a role.
    pub(super) fn start(parts: Parts, agent: &str) -> Result<Self> {
        let desktop = Desktop::start(parts)?;
        let home = &desktop.home;
        let aws = Aws::start(home)?;
        home.write_config(&format!("version = 1\n\n{}", aws.endpoints()))?;
        let log = fs::File::create(home.log(agent))?;
        let mut command = home.lasting(release(agent));
        // The tray's own first window is not wanted.
        if agent == "daypass-tray" {
            command.arg("--background");
        }
        let agent = Process::start(command.stdin(Stdio::null()).stderr(log))?;
        wait::until("the agent", || home.socket().exists().then_some(()))?;
        let mut world = Self {
            agent,
            aws,
            desktop,
            config: String::new(),
        };
        world.set_up()?;
        Ok(world)
    }

    fn set_up(&mut self) -> Result<()> {
        let key = json!({
            "access_key_id": ADA_KEY_ID,
            "secret_access_key": secret_of("ada")?,
            "mfa_serials": [ADA_SERIAL],
        });
        self.daypass(&["identity", "add", "work"], &key.to_string())?;
        let role = ["role", "add", "prod", "--identity", "work", "--arn", ADMIN];
        self.daypass(&role, "")?;
        self.config = fs::read_to_string(self.desktop.home.config_file())?;
        Ok(())
    }

    /// The agent.
    pub(super) fn agent(&self) -> u32 {
        self.agent.id()
    }

    /// Has that many roles in the config file, and waits until the agent knows them.
    pub(super) fn has_roles(&self, count: usize) -> Result<()> {
        let roles = roles::config(count.saturating_sub(1));
        let home = &self.desktop.home;
        home.write_config(&format!("{}{roles}", self.config))?;
        wait::until(&format!("{count} roles"), || {
            let said = self.daypass(&["status", "--json"], "").ok()?;
            let state: Value = serde_json::from_str(&said).ok()?;
            let known = state.get("roles")?.as_array()?.len();
            (known == count).then_some(())
        })
    }

    /// Has a session that is counted down.
    pub(super) fn has_session(&self) -> Result<()> {
        self.daypass(&["mfa", "work"], &self.aws.code(ADA_SERIAL)?)?;
        self.daypass(&["credentials", "prod"], "").map(|_| ())
    }

    /// A program that does nothing.
    pub(super) fn nothing(&self) -> Command {
        self.desktop.home.command("/bin/true")
    }

    fn daypass(&self, arguments: &[&str], stdin: &str) -> Result<String> {
        let mut command = self.desktop.home.command(release("daypass"));
        let output = run(command.args(arguments), stdin)?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        Err(Error::new(
            String::from_utf8_lossy(&output.stderr).into_owned(),
        ))
    }
}
