//! Identities that are not ours: what a named profile of this machine yields.

use std::path::Path;

use daypass_agent::ports::{AwsCause, Source, Sts};
use daypass_core::session::Origin;

use crate::{
    child,
    support::{ADMIN, Aws, NO_MFA, granted, refused, role, sts_at, user},
};

/// AWS_RULES 3.2: whether a profile's credentials are temporary decides what AWS allows of the role session.
#[test]
fn a_profiles_credentials_say_what_a_role_session_was_made_from() {
    if let Some(url) = child::url() {
        return child::block_on(assume_from_profiles(&url));
    }
    let aws = Aws::start();
    let session = child::block_on(aws.mfa_session(3_600));
    let bob = user("bob");
    let credentials = format!(
        "[key]\naws_access_key_id = {}\naws_secret_access_key = {}\n\
         [session]\naws_access_key_id = {}\naws_secret_access_key = {}\naws_session_token = {}\n",
        bob.id.as_str(),
        bob.secret.expose(),
        session.access_key_id,
        session.secret_access_key.expose(),
        session.session_token.expose(),
    );
    let files = tempfile::tempdir().unwrap();
    let file = files.path().join("credentials");
    std::fs::write(&file, credentials).unwrap();
    child::run(
        "ambient::a_profiles_credentials_say_what_a_role_session_was_made_from",
        &aws.url(),
        &[
            ("AWS_SHARED_CREDENTIALS_FILE", &file),
            ("AWS_CONFIG_FILE", &files.path().join("config")),
            ("AWS_EC2_METADATA_DISABLED", Path::new("true")),
        ],
    );
    assert_eq!(aws.calls("AssumeRole"), [None, None]);
}

async fn assume_from_profiles(url: &str) {
    let sts = sts_at(url);
    let from = |profile: &str| Source::Ambient(Some(profile.to_owned()));
    let assumed = granted(sts.assume_role(from("key"), role(NO_MFA, 3_600)).await);
    assert_eq!(assumed.origin, Origin::LongTermKey);
    let assumed = granted(sts.assume_role(from("session"), role(ADMIN, 3_600)).await);
    assert_eq!(assumed.origin, Origin::Temporary);
    let (cause, words) = refused(sts.assume_role(from("nobody"), role(ADMIN, 3_600)).await);
    assert_eq!(cause, AwsCause::Refused);
    assert!(words.contains("no AWS credentials of its own"), "{words}");
}
