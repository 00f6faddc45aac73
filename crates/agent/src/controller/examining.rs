//! Looking whether everything is as it should be, when somebody asks.

use daypass_core::{finding::Finding, problem::Problem, protocol::Response};

use super::{Controller, Reply};
use crate::examine::{self, Examination};

impl Controller {
    /// What the loop knows is said at once; the rest is looked at beside it.
    pub(super) fn examine(&self, reply: Reply) {
        let config = self.file.config();
        let published = config.published.iter();
        let secrets = published.filter_map(|publish| self.region(publish).ok());
        let stored = config.identities.iter().find(|identity| !identity.ambient);
        let examination = Examination {
            vault: self.ports.vault.clone(),
            stored: stored.map(|identity| identity.name.clone()),
            sts: self.ports.sts.clone(),
            clock: self.ports.clock.clone(),
            network: self.ports.network.clone(),
            partition: self.partition(),
            endpoints: examine::endpoints_in_use(
                config,
                &self.endpoints,
                self.partition(),
                secrets,
            ),
            has_screen: self.ports.desktop.has_screen(),
            tray_missing: self.tray_missing.clone(),
        };
        let mut findings = self.known_findings();
        self.ports.runtime.spawn(Box::pin(async move {
            findings.extend(examination.findings().await);
            // Nobody waiting is fine.
            let _ = reply.send(Response::Examined(findings));
        }));
    }

    fn known_findings(&self) -> Vec<Finding> {
        let config = match self.file.problem() {
            Some(Problem { what, todo, .. }) => Finding::broken("config", what, todo),
            None if self.endpoints != self.file.config().endpoints => Finding::attention(
                "config",
                "The [endpoints] were changed since Daypass was started.",
                "Quit Daypass and start it again, so that it goes by them.",
            ),
            None => Finding::ok("config", "The config file is read and makes sense."),
        };
        let mut findings = vec![config];
        if !self.notices.is_empty() {
            findings.push(Finding::attention(
                "notices",
                format!(
                    "Failures that are not mended or dismissed: {}.",
                    self.notices.len()
                ),
                "`daypass status` and the window show them.",
            ));
        }
        findings
    }
}
