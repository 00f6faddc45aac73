//! What an examination looks at beside the loop: everything at the same time, each for a bounded
//! time.

mod desktop;
mod network;
mod process;
mod time;
mod vault;

use std::{sync::Arc, time::Duration};

use daypass_core::{finding::Finding, name::Name, partition::Partition};
use tokio::time::timeout;

pub(crate) use self::network::endpoints_in_use;
use crate::{
    clock::{Clock, SystemTicks, Ticks as _},
    ports::{Endpoint, Network, Sts},
    vault::VaultThread,
};

/// How long each look may take; the client waits longer.
const LIMIT: Duration = Duration::from_secs(10);

/// What is looked at, and by what.
pub(crate) struct Examination {
    /// Where keys are kept.
    pub(crate) vault: VaultThread,
    /// An identity whose key should be there.
    pub(crate) stored: Option<Name>,
    /// Tells the time.
    pub(crate) sts: Arc<dyn Sts>,
    /// Hears it.
    pub(crate) clock: Arc<dyn Clock>,
    /// The way to AWS.
    pub(crate) network: Arc<dyn Network>,
    /// Whose time is asked for.
    pub(crate) partition: Partition,
    /// What is in use of AWS.
    pub(crate) endpoints: Vec<Endpoint>,
    /// Whether there is a screen for icon and notifications.
    pub(crate) has_screen: bool,
    /// Why there is no icon, where there is none.
    pub(crate) tray_missing: Option<String>,
}

impl Examination {
    /// Looks at everything.
    pub(crate) async fn findings(self) -> Vec<Finding> {
        let (vault, clock, proxy, endpoints, tray, notifications) = tokio::join!(
            within("keychain", vault::finding(&self.vault, self.stored)),
            within(
                "clock",
                time::finding(&*self.sts, &*self.clock, self.partition)
            ),
            within("proxy", network::proxy(&*self.network)),
            network::endpoints(&*self.network, self.endpoints),
            within("tray", desktop::tray(self.has_screen, self.tray_missing)),
            within("notifications", desktop::notifications(self.has_screen)),
        );
        let mut findings = vec![vault, clock, proxy];
        findings.extend(endpoints);
        findings.extend([tray, notifications, process::hardening()]);
        findings
    }
}

async fn within(about: &str, look: impl Future<Output = Finding>) -> Finding {
    timeout(LIMIT, look).await.unwrap_or_else(|_| {
        Finding::broken(
            about,
            format!("There was no answer within {} seconds.", LIMIT.as_secs()),
            "Try again; if it stays so, restart the program that should answer.",
        )
    })
}

/// Measures what a look takes, for a person to read.
struct Stopwatch(Duration);

impl Stopwatch {
    fn start() -> Self {
        Self(SystemTicks.since_boot())
    }

    fn passed(&self) -> Duration {
        SystemTicks.since_boot().saturating_sub(self.0)
    }

    fn words(&self) -> String {
        format!("{} ms", self.passed().as_millis())
    }
}
