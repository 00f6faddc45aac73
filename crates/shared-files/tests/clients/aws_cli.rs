//! R14: beside a running `aws configure set` nobody's change is lost.

use std::{
    fs,
    path::PathBuf,
    process::{Command, Stdio},
    sync::atomic::{AtomicBool, Ordering},
};

use daypass_core::{protocol::WireCredentials, secret::Secret};
use daypass_shared_files::{
    Locations, credentials,
    ini::Document,
    profiles::{self, Profile},
};

use super::program;

struct Home {
    folder: tempfile::TempDir,
    locations: Locations,
}

impl Home {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let locations = Locations {
            config: folder.path().join("config"),
            credentials: folder.path().join("credentials"),
        };
        Self { folder, locations }
    }

    fn aws_configure_set(&self, arguments: &[&str]) {
        let status = Command::new(program("aws"))
            .args(["configure", "set"])
            .args(arguments)
            .env("HOME", self.folder.path())
            .env("AWS_CONFIG_FILE", &self.locations.config)
            .env("AWS_SHARED_CREDENTIALS_FILE", &self.locations.credentials)
            .env_remove("AWS_PROFILE")
            .env_remove("AWS_DEFAULT_PROFILE")
            .stdout(Stdio::null())
            .status()
            .unwrap();
        assert!(status.success(), "aws configure set {arguments:?}");
    }

    fn write_profiles(&self, names: &[&str]) {
        let wanted: Vec<Profile> = names
            .iter()
            .map(|name| Profile {
                name: (*name).to_owned(),
                command: format!("daypass credentials {name}"),
                region: None,
            })
            .collect();
        let change = profiles::plan(&self.locations, &wanted).unwrap();
        profiles::apply(&change).unwrap();
    }

    fn write_session(&self, number: usize) {
        let session = WireCredentials {
            access_key_id: format!("ASIA{number:016}"),
            secret_access_key: Secret::new("secret".to_owned()),
            session_token: Secret::new("token".to_owned()),
            expires_at: "2026-03-01T12:00:00Z".parse().unwrap(),
            account: "111122223333".to_owned(),
        };
        credentials::write(&self.locations, "ours", &session, None).unwrap();
    }
}

fn document(path: &PathBuf) -> Document {
    Document::parse(&fs::read_to_string(path).unwrap()).unwrap()
}

fn value(document: &Document, section: &str, key: &str) -> Option<String> {
    let section = document.section(section)?;
    document.own(section, key).map(|value| value.into_owned())
}

const FOREIGN: usize = 40;
const RUNS: usize = 4;

#[test]
fn r14_beside_aws_configure_set_nothing_is_lost() {
    let home = Home::new();
    let section = |prefix: &str, number| {
        format!("[{prefix}f{number}]\nregion = r{number}\n# kept {number}\n")
    };
    let many = |prefix: &str| -> String { (0..FOREIGN).map(|n| section(prefix, n)).collect() };
    fs::write(&home.locations.config, many("profile ")).unwrap();
    fs::write(&home.locations.credentials, many("")).unwrap();
    let done = AtomicBool::new(false);
    let mut edits = 0;
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for number in 0..RUNS {
                let profile = format!("new{number}");
                home.aws_configure_set(&["output", "json", "--profile", &profile]);
                let id = format!("AKIA{number:016}");
                home.aws_configure_set(&["aws_access_key_id", &id, "--profile", &profile]);
                home.aws_configure_set(&["output", "text", "--profile", &format!("f{number}")]);
            }
            done.store(true, Ordering::Relaxed);
        });
        while !done.load(Ordering::Relaxed) {
            edits += 1;
            let name = format!("prod{}", edits % 7);
            home.write_profiles(&["dev", &name]);
            home.write_session(edits);
        }
    });
    home.write_profiles(&["dev"]);
    home.write_session(0);

    let (config, credentials) = (
        document(&home.locations.config),
        document(&home.locations.credentials),
    );
    for number in 0..FOREIGN {
        let region = Some(format!("r{number}"));
        assert_eq!(
            value(&config, &format!("profile f{number}"), "region"),
            region
        );
        assert_eq!(value(&credentials, &format!("f{number}"), "region"), region);
        for document in [&config, &credentials] {
            assert!(
                document.text().contains(&format!("# kept {number}\n")),
                "{number}"
            );
        }
    }
    for number in 0..RUNS {
        let output = |section: String| value(&config, &section, "output");
        assert_eq!(
            output(format!("profile new{number}")).as_deref(),
            Some("json")
        );
        assert_eq!(
            output(format!("profile f{number}")).as_deref(),
            Some("text")
        );
        let id = value(&credentials, &format!("new{number}"), "aws_access_key_id");
        assert_eq!(id, Some(format!("AKIA{number:016}")));
    }
    let ours = value(&config, "profile dev", "credential_process");
    assert_eq!(ours.as_deref(), Some("daypass credentials dev"));
    assert!(value(&credentials, "ours", "aws_session_token").is_some());
    assert!(edits > RUNS, "only {edits} edits ran beside");
}

/// The CLI takes comments with `=` or `:` for keys and writes behind them, and behind the block's
/// end when our profile is the file's last section.
#[test]
fn r14_what_the_cli_sets_in_our_profiles_stays() {
    let home = Home::new();
    fs::write(&home.locations.config, "[profile theirs]\nregion = x\n").unwrap();
    home.write_profiles(&["dev", "prod"]);
    for (profile, key) in [
        ("theirs", "output"),
        ("dev", "output"),
        ("prod", "output"),
        ("prod", "cli_pager"),
    ] {
        home.aws_configure_set(&[key, "json", "--profile", profile]);
    }
    home.aws_configure_set(&["output", "json", "--profile", "later"]);
    home.write_profiles(&["prod", "dev", "new"]);
    let config = document(&home.locations.config);
    for (profile, key) in [
        ("theirs", "output"),
        ("dev", "output"),
        ("prod", "output"),
        ("prod", "cli_pager"),
        ("later", "output"),
    ] {
        let value = value(&config, &format!("profile {profile}"), key);
        assert_eq!(
            value.as_deref(),
            Some("json"),
            "{profile}: {}",
            config.text()
        );
    }
    // Without ours, theirs is what they made it.
    home.write_profiles(&[]);
    assert_eq!(
        fs::read_to_string(&home.locations.config).unwrap(),
        "[profile theirs]\nregion = x\noutput = json\n[profile later]\noutput = json\n"
    );
}
