//! R5: certificates are checked, against what the machine trusts.

use std::path::{Path, PathBuf};

use daypass_agent::{
    aws::{FederationEndpoint, Http, StsClient},
    ports::{AwsCause, SignIn as _, SignInError, Source, Sts},
};
use daypass_core::{
    config::{Endpoints, Settings},
    console::SignIn,
    problem::Blame,
    secret::Secret,
};
use daypass_sandbox::{Options, Sandbox, Seed};
use serde_json::Value;

use crate::{
    child,
    support::{
        ADA_DEVICE, READ_ONLY, both_with_code, granted, mfa, refused, role, sts_at, user, whoami,
    },
};

/// A sandbox behind TLS.
struct Secure {
    sandbox: Sandbox,
    files: tempfile::TempDir,
}

impl Secure {
    fn start() -> Self {
        let files = tempfile::tempdir().unwrap();
        let options = Options {
            journal: Some(files.path().join("journal")),
            tls_ca: Some(files.path().join("ca.pem")),
            ..Options::default()
        };
        let sandbox = Sandbox::start(&Seed::builtin().unwrap(), &options).unwrap();
        Self { sandbox, files }
    }

    fn ca(&self) -> PathBuf {
        self.files.path().join("ca.pem")
    }

    /// The operations that were called.
    fn calls(&self) -> Vec<String> {
        let journal = std::fs::read_to_string(self.files.path().join("journal")).unwrap();
        let entries = journal.lines().map(serde_json::from_str::<Value>);
        entries
            .map(|entry| entry.unwrap()["op"].as_str().unwrap().to_owned())
            .collect()
    }
}

fn run(test: &str, aws: &Secure, trusted: &Path) {
    child::run(test, &aws.sandbox.url(), &[("SSL_CERT_FILE", trusted)]);
}

#[test]
fn r5_a_certificate_of_a_trusted_ca_is_accepted() {
    if let Some(url) = child::url() {
        return child::block_on(accepted(&url));
    }
    let aws = Secure::start();
    let test = "tls::r5_a_certificate_of_a_trusted_ca_is_accepted";
    run(test, &aws, &aws.ca());
    assert_eq!(
        aws.calls(),
        ["GetCallerIdentity", "AssumeRole", "GetSigninToken"]
    );
}

/// A company's own certificates, from the settings instead of the system's, for STS and sign-in
/// alike.
#[tokio::test]
async fn r5_certificates_of_the_settings_are_trusted_by_sts_and_sign_in() {
    let aws = Secure::start();
    let settings = Settings {
        ca_bundle: Some(aws.ca().display().to_string()),
        ..Settings::default()
    };
    let (http, url) = (Http::new(&settings).unwrap(), aws.sandbox.url());
    let endpoints = Endpoints {
        sts: Some(url.clone()),
        ..Endpoints::default()
    };
    let sts = StsClient::new(&http, &endpoints);
    granted(whoami(&sts, user("bob")).await);
    let source = Source::Key(user("bob"), None);
    let assumed = granted(sts.assume_role(source, role(READ_ONLY, 3_600)).await);
    let form = SignIn::token_form(&assumed.credentials, None);
    let federation = format!("{url}/federation").parse().unwrap();
    let token = FederationEndpoint::new(&http)
        .signin_token(federation, form)
        .await;
    assert!(token.is_ok());
}

async fn accepted(url: &str) {
    assert!(url.starts_with("https://"));
    let sts = sts_at(url);
    granted(whoami(&sts, user("bob")).await);
    let source = Source::Key(user("bob"), None);
    let assumed = granted(sts.assume_role(source, role(READ_ONLY, 3_600)).await);
    let form = SignIn::token_form(&assumed.credentials, None);
    let federation = format!("{url}/federation").parse().unwrap();
    let token = FederationEndpoint::default()
        .signin_token(federation, form)
        .await;
    assert!(token.is_ok());
}

#[test]
fn r5_a_certificate_of_an_unknown_ca_is_refused() {
    if let Some(url) = child::url() {
        return child::block_on(turned_away(&url));
    }
    let aws = Secure::start();
    let stranger = Secure::start();
    let test = "tls::r5_a_certificate_of_an_unknown_ca_is_refused";
    run(test, &aws, &stranger.ca());
    assert!(aws.calls().is_empty(), "a request was sent");
}

async fn turned_away(url: &str) {
    let (cause, words) = refused(whoami(&sts_at(url), user("bob")).await);
    assert_eq!(cause, AwsCause::Passing);
    assert!(words.contains("certificate is not trusted"), "{words}");
    let form = Secret::new("Action=getSigninToken&Session=CANARY".to_owned());
    let federation = format!("{url}/federation").parse().unwrap();
    let result = FederationEndpoint::default()
        .signin_token(federation, form)
        .await;
    let Err(SignInError::Problem(problem)) = result else {
        panic!("an answer");
    };
    assert_eq!(problem.blame, Blame::Passing);
    assert!(problem.what.contains("certificate is not trusted"));
    assert!(!problem.to_string().contains("CANARY"));
}

/// P4: the handshake comes before the request, so the code was not sent and is still good.
#[test]
fn p4_a_code_is_not_sent_to_a_server_with_an_unknown_certificate() {
    if let Some(url) = child::url() {
        return child::block_on(keeps_the_code(&url));
    }
    let aws = Secure::start();
    let stranger = Secure::start();
    let test = "tls::p4_a_code_is_not_sent_to_a_server_with_an_unknown_certificate";
    run(test, &aws, &stranger.ca());
    assert!(aws.calls().is_empty(), "the code was sent");
}

async fn keeps_the_code(url: &str) {
    for (op, result) in both_with_code(&sts_at(url), || mfa(ADA_DEVICE, "135790")).await {
        let (cause, words) = refused(result);
        assert_eq!(cause, AwsCause::Passing, "{op}: {words}");
    }
}
