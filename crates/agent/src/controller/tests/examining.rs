//! What an examination tells.

use daypass_core::finding::{Finding, Health};
use futures_util::future::BoxFuture;

use super::*;
use crate::ports::{Endpoint, Network, Reach, Reached, Service, VaultError};

/// STS refuses, all else answers.
impl Network for Fake {
    fn reach(&self, endpoint: Endpoint) -> BoxFuture<'static, Reached> {
        let reach = match endpoint.service {
            Service::Sts => Reach::Refused,
            _ => Reach::Answer,
        };
        let address = format!("https://{}.example", endpoint.region);
        Box::pin(async move { Reached { address, reach } })
    }

    fn check(&self, settings: &Settings) -> Result<(), Problem> {
        match &settings.ca_bundle {
            Some(path) => Err(Problem::usage(format!("ca_bundle: there is no {path}."))),
            None => Ok(()),
        }
    }

    fn reach_proxy(&self) -> BoxFuture<'static, Option<Reached>> {
        Box::pin(async { None })
    }
}

async fn findings(desk: &Desk) -> Vec<Finding> {
    match desk.ask(Request::Examine).await.unwrap() {
        Response::Examined(findings) => findings,
        _ => panic!("no findings"),
    }
}

fn state_of(findings: &[Finding], about: &str) -> Health {
    let found = findings.iter().find(|finding| finding.about == about);
    found.unwrap_or_else(|| panic!("nothing of {about}")).state
}

#[tokio::test]
async fn an_examination_tells_what_stands_well_and_what_does_not() {
    let desk = Desk::with_role(SessionKind::Daily).await;
    let found = findings(&desk).await;
    for (about, state) in [
        ("config", Health::Ok),
        ("keychain", Health::Ok),
        ("clock", Health::Ok),
        ("proxy", Health::Ok),
        ("sts us-east-1", Health::Broken),
        ("sign-in us-east-1", Health::Ok),
        ("iam", Health::Ok),
        // A test is no hardened process.
        ("memory", Health::Broken),
    ] {
        assert_eq!(state_of(&found, about), state, "{about}");
    }
    for finding in &found {
        assert_eq!(
            finding.state == Health::Ok,
            finding.todo.is_empty(),
            "{finding:?}"
        );
    }
}

#[tokio::test]
async fn an_examination_finds_a_locked_keychain_a_lost_key_and_a_broken_config() {
    let desk = Desk::with_role(SessionKind::Daily).await;
    desk.world().vault_error = Some(VaultError::Locked);
    std::fs::write(desk.folder().join("config.toml"), "version = 1\n[[role]\n").unwrap();
    let found = findings(&desk).await;
    assert_eq!(state_of(&found, "keychain"), Health::Broken);
    assert_eq!(state_of(&found, "config"), Health::Broken);

    desk.world().vault_error = None;
    desk.world().vault.clear();
    let found = findings(&desk).await;
    let keychain = found
        .iter()
        .find(|finding| finding.about == "keychain")
        .unwrap();
    assert_eq!(keychain.state, Health::Broken);
    assert!(keychain.todo.contains("identity add work"), "{keychain:?}");
}

/// Secrets are neither asked for nor told.
#[tokio::test]
async fn t18_an_examination_tells_no_secret() {
    let mut desk = Desk::with_role(SessionKind::Daily).await;
    desk.warm().await;
    desk.fail_next(AwsCause::Passing);
    let told = serde_json::to_string(&findings(&desk).await).unwrap();
    let held = desk
        .world()
        .vault
        .get(&name("work"))
        .unwrap()
        .key
        .secret
        .expose()
        .to_owned();
    assert!(!told.contains(&held), "{told}");
}
