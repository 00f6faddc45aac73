use std::{fmt::Write, fs, path::PathBuf};

use daypass_core::{config::Identity, import::FoundRole, secret::Secret};
use proptest::prelude::*;

use super::*;

struct Case {
    folder: tempfile::TempDir,
    from: ImportFrom,
    known: Config,
    foreign: Vec<ForeignKey>,
}

impl Case {
    fn new(config: &str, credentials: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let write = |name: &str, text: &str| {
            fs::write(path(name), text).unwrap();
            path(name)
        };
        let from = ImportFrom {
            config: Some(write("config", config)).filter(|_| !config.is_empty()),
            credentials: Some(write("credentials", credentials))
                .filter(|_| !credentials.is_empty()),
            ..ImportFrom::default()
        };
        Self {
            folder,
            from,
            known: Config::default(),
            foreign: Vec::new(),
        }
    }

    fn leapp(workspace: &str) -> Self {
        let mut case = Self::new("", "");
        let path = case.path("workspace");
        fs::write(&path, workspace).unwrap();
        case.from.leapp = Some(path.to_str().unwrap().to_owned());
        case
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn vaulted(mut self, program: Program, profile: &str, id: &str) -> Self {
        self.foreign.push(ForeignKey {
            program,
            origin: format!("{profile} in a keychain"),
            profile: profile.to_owned(),
            access_key_id: id.to_owned(),
            secret_access_key: Secret::new(SECRET.to_owned()),
        });
        self
    }

    fn knows(mut self, identity: &str, ambient: bool) -> Self {
        self.known.identities.push(Identity {
            name: Name::parse(identity).unwrap(),
            ambient,
            profile: None,
        });
        self
    }

    fn look(&self) -> Found {
        look(&self.from, &self.known, &self.foreign).unwrap_or_else(|p| panic!("{p}"))
    }

    fn plan(&self) -> ImportPlan {
        self.look().plan
    }

    /// Takes everything over, as the agent would.
    fn take(&mut self) -> ImportPlan {
        let plan = self.plan();
        for found in plan.identities.iter().filter(|found| !found.known) {
            self.known.identities.push(found.identity.clone());
        }
        for found in plan.roles.iter().filter(|found| !found.known) {
            self.known.roles.push(found.role.clone());
        }
        assert_eq!(self.known.check(), Ok(()));
        plan
    }
}

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const ADA: &str = "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n";
const ARN: &str = "role_arn = arn:aws:iam::111122223333:role/Admin\n";

/// Roles as `name<-start`, where a start is an identity or, with a colon, a role.
fn roles(plan: &ImportPlan) -> Vec<String> {
    let start = |found: &FoundRole| match (&found.role.identity, &found.role.source) {
        (Some(identity), None) => identity.to_string(),
        (None, Some(source)) => format!(":{source}"),
        other => panic!("{other:?}"),
    };
    let roles = plan.roles.iter();
    roles
        .map(|found| format!("{}<-{}", found.role.name, start(found)))
        .collect()
}

fn identities(plan: &ImportPlan) -> Vec<&str> {
    plan.identities
        .iter()
        .map(|found| found.identity.name.as_str())
        .collect()
}

fn why<'a>(plan: &'a ImportPlan, origin: &str) -> &'a str {
    let left = plan
        .left_alone
        .iter()
        .find(|left| left.origin.starts_with(origin));
    left.map_or_else(
        || panic!("{origin} is not left alone: {plan:?}"),
        |left| &left.why,
    )
}

fn role<'a>(plan: &'a ImportPlan, name: &str) -> &'a FoundRole {
    let role = plan
        .roles
        .iter()
        .find(|found| found.role.name.as_str() == name);
    role.unwrap_or_else(|| panic!("there is no {name}: {plan:?}"))
}

#[test]
fn keys_become_identities_and_role_profiles_roles() {
    let case = Case::new(
        &format!(
            "[default]\nregion = us-east-1\n[profile prod]\n{ARN}source_profile = ada\nmfa_serial = arn:aws:iam::111122223333:mfa/ada\nexternal_id = deploy\nrole_session_name = ada@example.com\nduration_seconds = 1800\nregion = eu-west-1\n[profile long]\n{ARN}source_profile = ada\nduration_seconds = 7200\nmfa_serial = GAHT12345678\n"
        ),
        &format!("[ada]\n{ADA}"),
    );
    let found = case.look();
    let plan = &found.plan;
    assert_eq!(identities(plan), ["ada"]);
    let ada = &plan.identities[0];
    assert!(ada.plain_text && !ada.known && !ada.identity.ambient);
    assert_eq!(ada.access_key_id.as_deref(), Some("AKIAIOSFODNN7EXAMPLE"));
    assert_eq!(
        ada.origin,
        format!("[ada] in {}", case.path("credentials").display())
    );
    assert_eq!(roles(plan), ["prod<-ada", "long<-ada"]);
    let prod = &role(plan, "prod").role;
    let text = |role: &daypass_core::role::Role| serde_json::to_value(role).unwrap();
    assert_eq!(
        text(prod),
        serde_json::json!({
            "name": "prod", "identity": "ada", "arn": "arn:aws:iam::111122223333:role/Admin",
            "session": "daily", "duration": "30m", "session_name": "ada@example.com",
            "external_id": "deploy", "region": "eu-west-1"
        })
    );
    assert_eq!(text(&role(plan, "long").role)["session"], "long");
    assert_eq!(text(&role(plan, "long").role)["duration"], "2h");
    let key = &found.keys[&Name::parse("ada").unwrap()];
    assert_eq!(key.secret_access_key.expose(), SECRET);
    assert_eq!(
        key.mfa_serials,
        ["arn:aws:iam::111122223333:mfa/ada", "GAHT12345678"]
    );
    assert!(plan.left_alone.is_empty(), "{plan:?}");
    assert!(!serde_json::to_string(plan).unwrap().contains("wJalrXU"));
}

#[test]
fn chains_follow_the_rules_of_source_profile() {
    let case = Case::new(
        &format!(
            "[profile c]\n{ARN}source_profile = b\nduration_seconds = 7200\n[profile b]\n{ARN}source_profile = a\n[profile a]\n{ARN}source_profile = self\n[profile self]\n{ARN}source_profile = self\nmfa_serial = GAHT12345678\n{ADA}[profile x]\n{ARN}source_profile = y\n[profile y]\n{ARN}source_profile = x\n[profile alone]\n{ARN}source_profile = alone\n[profile gone]\n{ARN}source_profile = nowhere\n[profile both]\n{ARN}source_profile = a\ncredential_source = Environment\n[profile none]\n{ARN}[profile above]\n{ARN}source_profile = x\n"
        ),
        "",
    );
    let plan = case.plan();
    // A source's own key goes before its role, so that nothing is chained from self.
    assert_eq!(roles(&plan), ["a<-self", "b<-:a", "c<-:b", "self<-self"]);
    assert_eq!(plan.identities[0].mfa_serials.len(), 1);
    assert!(role(&plan, "c").role.duration.is_none());
    for (origin, word) in [
        ("[profile c]", "caps"),
        ("[profile x]", "left alone"),
        ("[profile y]", "circle"),
        ("[profile above]", "profile x is left alone"),
        ("[profile alone]", "its own source_profile"),
        ("[profile gone]", "nowhere is not there"),
        (
            "[profile both]",
            "both source_profile and credential_source",
        ),
        ("[profile none]", "neither"),
    ] {
        assert!(
            why(&plan, origin).contains(word),
            "{origin}: {}",
            why(&plan, origin)
        );
    }
    assert_eq!(plan.left_alone.len(), 8, "{plan:?}");
}

#[test]
fn what_daypass_cannot_start_from_is_left_with_a_reason() {
    let case = Case::new(
        "[profile sso]\nsso_session = s\nsso_account_id = 1\nsso_role_name = x\n[sso-session s]\nsso_start_url = https://x\n[profile login]\nlogin_session = x\n[profile process]\ncredential_process = /bin/false\n[profile web]\nrole_arn = x\nweb_identity_token_file = /etc/shadow\n[profile run]\nrole_arn = x\nweb_identity_token_process = /bin/false\n[profile from-process]\nrole_arn = x\nsource_profile = process\n[profile from-login]\nrole_arn = x\nsource_profile = login\n[profile from-half]\nrole_arn = x\nsource_profile = half\n[profile plain]\nregion = x\n",
        "[temporary]\naws_access_key_id = ASIAIOSFODNN7EXAMPLE\naws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\naws_session_token = t\n[half]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n[odd]\naws_access_key_id = x\naws_secret_access_key = y\n",
    );
    let plan = case.plan();
    assert!(
        plan.roles.is_empty() && plan.identities.is_empty(),
        "{plan:?}"
    );
    for (origin, word) in [
        ("[profile sso]", "Identity Center"),
        ("[profile login]", "aws login"),
        ("[profile process]", "runs a program (credential_process)"),
        ("[profile web]", "web_identity_token_file"),
        ("[profile run]", "web_identity_token_process"),
        (
            "[profile from-process]",
            "runs a program (credential_process)",
        ),
        ("[profile from-login]", "aws login"),
        ("[profile from-half]", "half is left alone"),
        ("[temporary]", "temporary"),
        ("[half]", "aws_secret_access_key is missing"),
        ("[odd]", "access key id"),
    ] {
        assert!(
            why(&plan, origin).contains(word),
            "{origin}: {}",
            why(&plan, origin)
        );
    }
    assert_eq!(plan.left_alone.len(), 11, "{plan:?}");
}

#[test]
fn ambient_identities_are_for_what_the_sdk_finds_by_itself() {
    let case = Case::new(
        &format!(
            "[profile env]\n{ARN}credential_source = Environment\nmfa_serial = GAHT12345678\n[profile ec2]\n{ARN}credential_source = Ec2InstanceMetadata\n[profile odd]\n{ARN}credential_source = Moon\n[profile center]\nsso_session = s\nsso_account_id = 1\nsso_role_name = x\n[sso-session s]\nsso_start_url = https://evil.test/start\n[profile above]\n{ARN}source_profile = center\nduration_seconds = 7200\n[profile token]\nrole_arn = x\nweb_identity_token_file = /token\n[profile after-token]\n{ARN}source_profile = token\n"
        ),
        "",
    );
    let plan = case.plan();
    assert_eq!(identities(&plan), ["ambient", "center", "token"]);
    assert!(plan.identities.iter().all(|found| found.identity.ambient));
    assert_eq!(plan.identities[0].identity.profile, None);
    assert_eq!(
        plan.identities[1].identity.profile.as_deref(),
        Some("center")
    );
    assert_eq!(
        roles(&plan),
        [
            "env<-ambient",
            "ec2<-ambient",
            "above<-center",
            "after-token<-token"
        ]
    );
    for (name, word) in [
        ("env", "credential_source = Environment"),
        ("above", "sso_start_url = https://evil.test/start"),
        ("after-token", "web_identity_token_file = /token"),
    ] {
        assert!(role(&plan, name).beware[0].contains(word), "{plan:?}");
    }
    assert!(why(&plan, "[profile env]").contains("mfa_serial"));
    assert!(why(&plan, "[profile odd]").contains("Moon"));
    assert!(why(&plan, "[profile above]").contains("caps"));
    // The second time they are known.
    let mut case = case;
    case.take();
    let again = case.plan();
    assert!(again.identities.is_empty(), "{again:?}");
    assert!(again.roles.iter().all(|found| found.known));
}

#[test]
fn t9_what_a_strange_file_may_want_is_asked_about() {
    let case = Case::new(
        &format!(
            "[profile prod]\n{ARN}source_profile = ada\nendpoint_url = https://evil.test/{}\nservices = s\nca_bundle = /tmp/ca.pem\nmfa_process = rm -rf /\n[services s]\nsts =\n  endpoint_url = https://evil.test\n",
            "x".repeat(1_000)
        ),
        &format!("[ada]\n{ADA}"),
    );
    let plan = case.plan();
    let beware = &role(&plan, "prod").beware;
    for (text, word) in beware.iter().zip(["endpoint_url", "services", "ca_bundle"]) {
        assert!(
            text.starts_with(word) && text.contains("not taken over"),
            "{text}"
        );
        assert!(text.len() < 400);
    }
    assert_eq!(beware.len(), 3);
    assert!(why(&plan, "[profile prod]").contains("mfa_process is not run"));
}

#[test]
fn aws_vaults_own_settings_and_keys_come_along() {
    let config = format!(
        "[default]\nmfa_serial = arn:aws:iam::111122223333:mfa/ada\nregion = eu-west-1\nrole_arn = x\n[profile common]\nsource_profile = root\nsession_tags = team=blue, stage=prod\ntransitive_session_tags = team\nsource_identity = ada\n[profile root]\ninclude_profile = common\n[profile dev]\nparent_profile = common\n{ARN}[profile own]\n{ARN}[profile loop]\n{ARN}include_profile = loop2\n[profile loop2]\ninclude_profile = loop\n"
    );
    let case = Case::new(&config, "")
        .vaulted(Program::AwsVault, "root", "AKIAIOSFODNN7EXAMPLE")
        .vaulted(Program::AwsVault, "own", "AKIAI44QH8DHBEXAMPLE")
        .vaulted(Program::Granted, "loose", "AKIALOOSE8DHBEXAMPLE")
        .vaulted(Program::AwsVault, "bad", "nothing");
    let found = case.look();
    let plan = &found.plan;
    assert_eq!(identities(plan), ["root", "own", "loose"]);
    assert!(plan.identities.iter().all(|found| !found.plain_text));
    assert_eq!(roles(plan), ["dev<-root", "own<-own"]);
    let dev = &role(plan, "dev").role;
    assert_eq!(dev.tags["stage"], "prod");
    assert_eq!(dev.transitive_tags, ["team"]);
    assert_eq!(dev.source_identity.as_ref().unwrap().as_str(), "ada");
    // aws-vault reads [default] into each profile, unless it includes another.
    assert_eq!(
        found.keys[&Name::parse("own").unwrap()].mfa_serials.len(),
        1
    );
    assert_eq!(
        role(plan, "own").role.region.as_ref().unwrap().as_str(),
        "eu-west-1"
    );
    assert!(why(plan, "[profile loop]").contains("include"));
    assert!(why(plan, "bad in a keychain").contains("access key id"));
    // Nobody else does.
    let plan = Case::new(&config, "").knows("own", false).plan();
    assert_eq!(roles(&plan), ["own<-own"]);
    assert_eq!(role(&plan, "own").role.region, None);
}

#[test]
fn granted_profiles_with_a_key_are_not_left_alone() {
    let config = format!(
        "[profile g]\ncredential_process = granted credential-process --profile=g\n[profile r]\n{ARN}source_profile = g\n"
    );
    let plan = Case::new(&config, "")
        .vaulted(Program::Granted, "g", "AKIAIOSFODNN7EXAMPLE")
        .plan();
    assert_eq!(roles(&plan), ["r<-g"]);
    assert!(plan.left_alone.is_empty(), "{plan:?}");
}

#[test]
fn one_key_is_one_identity() {
    let case = Case::new(
        &format!("[profile r]\n{ARN}source_profile = second\n"),
        &format!("[first]\n{ADA}[second]\n{ADA}[third]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = another+secret+of+the+same+id\n"),
    )
    .vaulted(Program::AwsVault, "vaulted", "AKIAIOSFODNN7EXAMPLE");
    let plan = case.plan();
    assert_eq!(identities(&plan), ["first"]);
    assert_eq!(roles(&plan), ["r<-first"]);
    assert!(why(&plan, "[third]").contains("another secret"));
    // In the keychain first, and in plain text too.
    let case = Case::new("", &format!("[x]\n{ADA}")).vaulted(
        Program::AwsVault,
        "x",
        "AKIAIOSFODNN7EXAMPLE",
    );
    assert!(case.plan().identities[0].plain_text);
}

#[test]
fn the_credentials_file_goes_before_the_config_file() {
    let plan = Case::new(
        &format!("[profile r]\nrole_arn = x\nsource_profile = nowhere\n[profile ada]\naws_access_key_id = AKIAI44QH8DHBEXAMPLE\naws_secret_access_key = {SECRET}\n"),
        &format!("[r]\n{ARN}source_profile = ada\n[ada]\n{ADA}"),
    )
    .plan();
    assert_eq!(roles(&plan), ["r<-ada"]);
    assert_eq!(
        plan.identities[0].access_key_id.as_deref(),
        Some("AKIAIOSFODNN7EXAMPLE")
    );
}

#[test]
fn names_that_daypass_does_not_take_are_changed() {
    let long = "x".repeat(300);
    let mut case = Case::new(
        &format!("[profile -a]\n{ARN}source_profile = k\n[profile \"a\u{202e}\"]\n{ARN}source_profile = k\n[profile {long}]\n{ARN}source_profile = k\n[profile taken]\n{ARN}source_profile = k\n[profile \"\"]\n{ARN}source_profile = k\n"),
        &format!("[k]\n{ADA}"),
    )
    .knows("k", true);
    let other = PrincipalArnText("arn:aws:iam::111122223333:role/Other");
    case.known.identities.push(Identity {
        name: Name::parse("z").unwrap(),
        ambient: false,
        profile: None,
    });
    case.known.roles.push(other.role("taken", "z"));
    let plan = case.take();
    assert_eq!(identities(&plan), ["k-2"]);
    let names: Vec<&str> = plan
        .roles
        .iter()
        .map(|found| found.role.name.as_str())
        .collect();
    assert_eq!(names, ["a", "a-2", &long[..120], "taken-2", "profile"]);
    assert!(plan.roles.iter().all(|found| !found.known));
    // The second time the same names are found again.
    let again = case.plan();
    let again: Vec<(&str, bool)> = again
        .roles
        .iter()
        .map(|f| (f.role.name.as_str(), f.known))
        .collect();
    assert_eq!(
        again,
        names.iter().map(|name| (*name, true)).collect::<Vec<_>>()
    );
}

struct PrincipalArnText(&'static str);

impl PrincipalArnText {
    fn role(&self, name: &str, identity: &str) -> daypass_core::role::Role {
        daypass_core::role::Role::new(
            Name::parse(name).unwrap(),
            Name::parse(identity).unwrap(),
            daypass_core::arn::PrincipalArn::parse(self.0).unwrap(),
        )
    }
}

/// Each command would leave a file behind.
#[test]
fn t9_no_command_is_run() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = format!("[profile k]\n{ADA}");
    for (number, key) in [
        "credential_process",
        "mfa_process",
        "web_identity_token_process",
    ]
    .iter()
    .enumerate()
    {
        let mark = folder.path().join(key);
        let _ = write!(
            config,
            "[profile p{number}]\n{key} = touch {0}\n[profile r{number}]\n{ARN}{key} = touch {0}\nsource_profile = p{number}\n[profile s{number}]\n{ARN}{key} = touch {0}\nsource_profile = k\n",
            mark.display()
        );
    }
    let plan = Case::new(&config, "").plan();
    assert_eq!(roles(&plan), ["s0<-k", "s1<-k"]);
    assert_eq!(plan.left_alone.len(), 7, "{plan:?}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// After the plain keys were taken out, the roles still have their identity.
#[test]
fn a_key_that_daypass_has_already_is_a_start() {
    let config = format!(
        "[profile ada]\nregion = x\n[profile r]\n{ARN}source_profile = ada\n[profile s]\n{ARN}source_profile = bob\n"
    );
    let plan = Case::new(&config, "")
        .knows("ada", false)
        .knows("bob", false)
        .plan();
    assert_eq!(roles(&plan), ["r<-ada", "s<-bob"]);
    let plan = Case::new(&config, "").plan();
    assert!(why(&plan, "[profile r]").contains("no credentials"));
}

#[test]
fn daypasss_own_block_is_passed_over() {
    let block = "# >>> daypass >>>\n[profile prod]\ncredential_process = x\n# <<< daypass <<<\n";
    let config = format!("{block}[profile after]\n{ARN}source_profile = prod\n");
    let case = Case::new(&config, "");
    let plan = case.plan();
    assert!(why(&plan, "[profile after]").contains("prod is left alone"));
    assert_eq!(plan.left_alone.len(), 1, "{plan:?}");
    let mut case = case.knows("ada", false);
    let known = PrincipalArnText("arn:aws:iam::111122223333:role/Admin").role("prod", "ada");
    case.known.roles.push(known);
    assert_eq!(roles(&case.take()), ["after<-:prod"]);
}

#[test]
fn what_aws_would_refuse_is_left_alone() {
    let config = |setting: &str| format!("[profile r]\n{ARN}source_profile = k\n{setting}\n");
    for (setting, word) in [
        ("external_id = a b", "external id"),
        ("role_session_name = a b", "session name"),
        ("source_identity = a b", "source identity"),
        ("session_tags = a", "session_tags"),
        ("session_tags = aws:a=b", "session tag"),
        ("transitive_session_tags = a", "transitive"),
        (
            "region = us-gov-west-1",
            "region us-gov-west-1 is not taken over",
        ),
        ("region = a b", "region a b is not taken over"),
        ("duration_seconds = 60", "15 minutes"),
        (
            "mfa_serial = arn:aws:iam::111122223333:u2f/user/ada",
            "Security keys",
        ),
    ] {
        let plan = Case::new(&config(setting), &format!("[k]\n{ADA}")).plan();
        assert!(
            why(&plan, "[profile r]").contains(word),
            "{setting}: {plan:?}"
        );
        let harmless = ["region", "duration_seconds", "mfa_serial"];
        let taken = harmless.iter().any(|key| setting.starts_with(key));
        assert_eq!(plan.roles.len(), usize::from(taken), "{setting}");
    }
    // botocore ignores what is no number.
    let plan = Case::new(&config("duration_seconds = 1h"), &format!("[k]\n{ADA}")).plan();
    assert!(plan.left_alone.is_empty() && plan.roles[0].role.duration.is_none());
    let plan = Case::new(
        "[profile r]\nrole_arn = x\nsource_profile = k\n",
        &format!("[k]\n{ADA}"),
    )
    .plan();
    assert!(why(&plan, "[profile r]").contains("arn:aws:iam::"));
}

const WORKSPACE: &str = include_str!("../../tests/data/leapp-workspace.json");

#[test]
fn a_leapp_workspace_brings_its_roles() {
    let session = |number| format!("5f1c6a39-3a09-4b4f-8f0c-00000000000{number}");
    let case = Case::leapp(WORKSPACE).vaulted(Program::Leapp, &session(1), "AKIAIOSFODNN7EXAMPLE");
    let found = case.look();
    let plan = &found.plan;
    assert_eq!(identities(plan), ["ada"]);
    assert_eq!(
        found.keys[&Name::parse("ada").unwrap()].mfa_serials.len(),
        1
    );
    assert_eq!(roles(plan), ["prod admin<-ada", "prod data<-:prod admin"]);
    let data = &role(plan, "prod data").role;
    assert_eq!(data.session_name.as_ref().unwrap().as_str(), "ada-data");
    assert_eq!(data.region.as_ref().unwrap().as_str(), "eu-central-1");
    assert_eq!(role(plan, "prod admin").role.session_name, None);
    for (name, word) in [
        ("Admin", "Identity Center"),
        ("from sso", "Admin is left alone"),
        ("saml", "SAML"),
        ("local", "not of AWS"),
        ("cloud", "not of AWS"),
    ] {
        assert!(
            why(plan, name).contains(word),
            "{name}: {}",
            why(plan, name)
        );
    }
    assert_eq!(plan.left_alone.len(), 5);
}

#[test]
fn without_its_key_a_leapp_user_is_named() {
    let plan = Case::leapp(WORKSPACE).plan();
    assert!(plan.identities.is_empty() && plan.roles.is_empty());
    assert!(why(&plan, "ada").contains("daypass identity add ada"));
    assert!(why(&plan, "prod admin").contains("ada is left alone"));
    let plan = Case::leapp(WORKSPACE).knows("ada", false).plan();
    assert_eq!(roles(&plan), ["prod admin<-ada", "prod data<-:prod admin"]);
}

#[test]
fn t9_a_strange_workspace_is_refused() {
    let refused = |text: &str| {
        let case = Case::leapp(text);
        look(&case.from, &case.known, &case.foreign)
            .map(drop)
            .unwrap_err()
            .to_string()
    };
    assert!(refused("").contains("empty"));
    assert!(refused("{}").contains("not a Leapp workspace"));
    assert!(refused("{\"_sessions\": 3}").contains("line 1"));
    assert!(refused(&"[".repeat(100_000)).contains("Leapp"));
    assert!(refused(&format!("{{\"_sessions\":{}", "[".repeat(100_000))).contains("Leapp"));
    let sealed = include_str!("../../tests/data/leapp-workspace.enc");
    assert!(refused(sealed).contains("another machine"));
    let circle = r#"{"_sessions":[{"sessionId":"1","sessionName":"a","type":"awsIamRoleChained","parentSessionId":"2"},{"sessionId":"2","sessionName":"b","type":"awsIamRoleChained","parentSessionId":"1"},{"sessionId":"3","sessionName":"c","type":"awsIamRoleChained","parentSessionId":"9"}]}"#;
    let plan = Case::leapp(circle).plan();
    assert!(why(&plan, "b").contains("circle") && why(&plan, "c").contains("not there"));
}

#[test]
fn t9_long_chains_and_circles_end() {
    let mut config = String::new();
    for number in 0..10_000 {
        let _ = write!(
            config,
            "[profile p{number}]\n{ARN}source_profile = p{}\n",
            number + 1
        );
    }
    let chained = Case::new(&config, &format!("[p10000]\n{ADA}")).plan();
    assert_eq!(chained.roles.len(), 9);
    assert!(
        chained
            .left_alone
            .iter()
            .any(|left| left.why.contains("more than 8"))
    );
    assert_eq!(chained.left_alone.len(), 9_991);
    let circle = Case::new(
        &format!("{config}[profile p10000]\n{ARN}source_profile = p0\n"),
        "",
    )
    .plan();
    assert!(circle.roles.is_empty());
    assert_eq!(circle.left_alone.len(), 10_001);
    let included = config
        .replace("source_profile", "include_profile")
        .replace(ARN, "");
    let included = Case::new(
        &format!("{included}[profile r]\n{ARN}include_profile = p0\n"),
        "",
    )
    .plan();
    assert!(why(&included, "[profile r]").contains("deeper than 32"));
}

/// What grows with the square of the profiles would take minutes here.
#[test]
fn forty_thousand_profiles_are_no_trouble() {
    let (mut config, mut credentials) = (String::new(), String::new());
    for number in 0..20_000 {
        let _ = write!(
            config,
            "[profile r{number}]\n{ARN}source_profile = k{number}\nmfa_serial = GAHT12345678\n"
        );
        let _ = write!(
            credentials,
            "[k{number}]\naws_access_key_id = AKIA{number:016}\naws_secret_access_key = {SECRET}\n"
        );
    }
    let plan = Case::new(&config, &credentials).plan();
    assert_eq!((plan.identities.len(), plan.roles.len()), (20_000, 20_000));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Whatever the files say: no panic, what is taken is good, and the second import finds all of
    /// it known.
    #[test]
    fn t9_any_profiles_become_a_good_config(
        profiles in proptest::collection::vec(
            ("[a-f]", proptest::collection::hash_map(
                prop_oneof![
                    Just("role_arn"), Just("source_profile"), Just("credential_source"),
                    Just("include_profile"), Just("sso_session"), Just("credential_process"),
                    Just("web_identity_token_file"), Just("login_session"), Just("mfa_serial"),
                    Just("duration_seconds"), Just("session_tags"), Just("region"),
                ],
                0u8..6,
                0..6,
            ), any::<bool>()),
            0..8,
        )
    ) {
        let mut text = String::new();
        let mut seen = std::collections::HashSet::new();
        for (number, (name, settings, keyed)) in profiles.iter().enumerate() {
            if !seen.insert(name) { continue }
            let _ = writeln!(text, "[profile {name}]");
            for (key, value) in settings {
                let value = match (*key, value) {
                    ("role_arn", 0) => "odd".to_owned(),
                    ("role_arn", value) => format!("arn:aws:iam::111122223333:role/R{value}"),
                    ("source_profile" | "include_profile", value) => {
                        char::from(b'a' + value).to_string()
                    }
                    ("credential_source", _) => "Environment".to_owned(),
                    ("mfa_serial", value) => format!("GAHT1234567{value}"),
                    ("duration_seconds", value) => (u32::from(*value) * 1_800).to_string(),
                    ("region", _) => "eu-west-1".to_owned(),
                    (_, value) => format!("x={value}"),
                };
                let _ = writeln!(text, "{key} = {value}");
            }
            if *keyed {
                let _ = writeln!(text, "aws_access_key_id = AKIAIOSFODNN{number:08}\naws_secret_access_key = {SECRET}");
            }
        }
        let mut case = Case::new(&text, "");
        case.take();
        let again = case.plan();
        prop_assert!(again.roles.iter().all(|found| found.known), "{}\n{:?}", text, again);
        prop_assert!(again.identities.iter().all(|found| found.known), "{}\n{:?}", text, again);
    }
}
