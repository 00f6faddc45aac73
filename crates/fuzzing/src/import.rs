use std::collections::HashSet;

use daypass_core::{
    config::Config,
    import::{ImportFrom, ImportPlan},
    secret::{AccessKey, Secret},
};
use daypass_shared_files::import::{ForeignKey, Found, Program, look};

use crate::{
    Verdict,
    input::{assert_told, assert_visible, parts},
    scratch,
};

/// T9: a config file, a credentials file and a Leapp workspace of other programs. The plan is the
/// same each time, makes a good config, and shows nothing but visible lines and no secret.
pub fn import(data: &[u8]) -> Verdict {
    let Some([config, credentials, leapp]) = parts(data) else {
        return Verdict::Refused;
    };
    let file = |name: &str, text: &str| {
        let path = scratch::write(name, text.as_bytes());
        (!text.is_empty()).then(|| path.display().to_string())
    };
    let from = ImportFrom {
        config: file("config", config),
        credentials: file("credentials", credentials),
        leapp: file("workspace", leapp),
        keychain: true,
    };
    let known = Config::default();
    let found = match look(&from, &known, &foreign()) {
        Ok(found) => found,
        Err(problem) => {
            assert_told(&problem);
            return Verdict::Refused;
        }
    };
    check_keys(&found, &[config, credentials, leapp].concat());
    check_texts(&found.plan);
    let again = look(&from, &known, &foreign()).map(|found| found.plan);
    assert_eq!(again.as_ref(), Ok(&found.plan));
    let mut taken = known;
    take(&mut taken, found.plan.clone());
    assert_eq!(taken.check(), Ok(()));
    check_second_import(&from, &taken, &found.plan);
    Verdict::Taken
}

fn take(config: &mut Config, plan: ImportPlan) {
    let identities = plan.identities.into_iter().filter(|found| !found.known);
    config
        .identities
        .extend(identities.map(|found| found.identity));
    let roles = plan.roles.into_iter().filter(|found| !found.known);
    config.roles.extend(roles.map(|found| found.role));
}

/// Who imports twice gets nothing twice, though perhaps what could not be taken the first time.
fn check_second_import(from: &ImportFrom, taken: &Config, first: &ImportPlan) {
    let second = look(from, taken, &foreign())
        .expect("as the first time")
        .plan;
    let identities = second.identities.iter().filter(|found| !found.known);
    let roles = second.roles.iter().filter(|found| !found.known);
    let origins = identities.map(|found| &found.origin);
    for origin in origins.chain(roles.map(|found| &found.origin)) {
        let left = first.left_alone.iter().any(|left| left.origin == *origin);
        assert!(left, "{origin} would be taken twice");
    }
    let mut twice = taken.clone();
    take(&mut twice, second);
    assert_eq!(twice.check(), Ok(()));
}

/// Each key is one of the plan's, and the plan tells its id alone.
fn check_keys(found: &Found, input: &str) {
    let shown = serde_json::to_string(&found.plan).expect("a plan is JSON");
    for (name, key) in &found.keys {
        let secret = key.secret_access_key.expose();
        let mut identities = found.plan.identities.iter();
        let of_plan = identities.find(|found| found.identity.name == *name);
        let id = of_plan.and_then(|found| found.access_key_id.as_ref());
        assert_eq!(id, Some(&key.access_key_id));
        let parsed = AccessKey::parse(&key.access_key_id, Secret::new(secret.to_owned()));
        assert!(parsed.is_ok(), "a key that cannot be stored");
        // The file may have the same text where it is no secret, and so may our own words.
        let as_secret = of_plan.map_or(0, |found| usize::from(found.plain_text));
        let only_secret = input.matches(secret).count() <= as_secret;
        if only_secret && secret.bytes().any(|byte| byte.is_ascii_digit()) {
            assert!(!shown.contains(secret), "a secret in {shown}");
        }
    }
}

fn check_texts(plan: &ImportPlan) {
    let mut names = HashSet::new();
    for found in &plan.identities {
        assert_visible(&found.origin);
        assert!(names.insert(found.identity.name.clone()));
    }
    let mut names = HashSet::new();
    for found in &plan.roles {
        assert_visible(&found.origin);
        found.beware.iter().for_each(|text| assert_visible(text));
        assert!(names.insert(found.role.name.clone()));
    }
    for left in &plan.left_alone {
        assert_visible(&left.origin);
        assert_visible(&left.why);
    }
}

/// A key of each program in the keychain.
fn foreign() -> [ForeignKey; 3] {
    let key = |program, profile: &str, id: &str| ForeignKey {
        program,
        origin: format!("{profile} in the keychain"),
        profile: profile.to_owned(),
        access_key_id: id.to_owned(),
        secret_access_key: Secret::new("kept+in/the/keychain/1234567890EXAMPLEK".to_owned()),
    };
    [
        key(Program::AwsVault, "vaulted", "AKIAIOSFODNN7VAULTED"),
        key(Program::Granted, "granted", "AKIAIOSFODNN7GRANTED"),
        key(Program::Leapp, "user-1", "AKIAIOSFODNN7OFLEAPP"),
    ]
}
