use std::{fs, os::unix::fs::PermissionsExt};

use daypass_core::secret::Secret;

use super::*;

fn session() -> WireCredentials {
    WireCredentials {
        access_key_id: "ASIAIOSFODNN7EXAMPLE".to_owned(),
        secret_access_key: Secret::new("the+secret".to_owned()),
        session_token: Secret::new("the/token==".to_owned()),
        expires_at: "2026-03-01T12:00:00Z".parse().unwrap(),
        account: "111122223333".to_owned(),
    }
}

struct Case {
    folder: tempfile::TempDir,
    locations: Locations,
}

impl Case {
    fn new(credentials: &str, config: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let locations = Locations {
            config: folder.path().join("config"),
            credentials: folder.path().join("credentials"),
        };
        for (path, text) in [
            (&locations.config, config),
            (&locations.credentials, credentials),
        ] {
            if !text.is_empty() {
                fs::write(path, text).unwrap();
                fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
            }
        }
        Self { folder, locations }
    }

    fn write(&self, profile: &str) -> Result<Vec<String>, Problem> {
        write(&self.locations, profile, &session(), Some("eu-west-1"))
    }

    fn text(&self) -> String {
        fs::read_to_string(&self.locations.credentials).unwrap()
    }
}

const LINES: &str = "aws_access_key_id = ASIAIOSFODNN7EXAMPLE\naws_secret_access_key = the+secret\naws_session_token = the/token==\nx_security_token_expires = 2026-03-01T12:00:00Z\nregion = eu-west-1\n";

#[test]
fn a_session_becomes_a_profile() {
    let case = Case::new("", "");
    assert_eq!(case.write("prod").unwrap(), [""; 0]);
    assert_eq!(case.text(), format!("[prod]\n{LINES}"));
    let mode = fs::metadata(&case.locations.credentials)
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(case.write("prod").unwrap(), [""; 0]);
    assert_eq!(case.text(), format!("[prod]\n{LINES}"));
}

#[test]
fn the_last_session_gives_way_and_nothing_of_it_stays() {
    let case = Case::new(
        "# mine\n[prod]\naws_security_token = old # wins over the new name\naws_access_key_id=ASIAOLD\naws_account_id = 444455556666\ncolour = blue\n[other]\nx = 1\n",
        "",
    );
    assert_eq!(case.write("prod").unwrap(), [""; 0]);
    assert_eq!(
        case.text(),
        "# mine\n[prod]\naws_access_key_id=ASIAIOSFODNN7EXAMPLE\naws_account_id = 111122223333\ncolour = blue\naws_secret_access_key = the+secret\naws_session_token = the/token==\nx_security_token_expires = 2026-03-01T12:00:00Z\nregion = eu-west-1\n[other]\nx = 1\n"
    );
}

#[test]
fn a_long_lived_key_is_not_overwritten() {
    for text in [
        "[prod]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = x\n",
        "[prod]\naws_secret_access_key = x\n",
    ] {
        let case = Case::new(text, "");
        let problem = case.write("prod").unwrap_err();
        assert!(problem.what.contains("long-lived key"), "{problem}");
        assert_eq!(case.text(), text);
    }
}

#[test]
fn what_wins_over_it_is_said() {
    let case = Case::new(
        "[prod]\nrole_arn = x\n",
        "[profile prod]\nrole_arn = arn\nsso_role_name = x\n",
    );
    let path = &case.locations.credentials;
    fs::set_permissions(path, fs::Permissions::from_mode(0o644)).unwrap();
    let warnings = case.write("prod").unwrap();
    assert!(warnings[0].starts_with("[prod] in ") && warnings[0].contains("role_arn"));
    assert!(
        warnings[1].contains("[profile prod]") && warnings[1].contains("role_arn, sso_role_name")
    );
    assert!(
        warnings[2].contains("Other users could read"),
        "{warnings:?}"
    );
}

#[test]
fn t10_names_that_would_break_the_file_are_refused() {
    let case = Case::new("[a]\nx = 1\n", "");
    for bad in ["", "a\nb", "]", "[a", "a]", "a\0", "DEFAULT", "a ;b"] {
        assert!(case.write(bad).is_err(), "{bad:?} was taken");
    }
    assert_eq!(case.text(), "[a]\nx = 1\n");
    assert_eq!(fs::read_dir(case.folder.path()).unwrap().count(), 1);
}

#[test]
fn a_file_that_no_tool_reads_is_left() {
    let case = Case::new("[a]\nx = 1\n[a]\n", "");
    let problem = case.write("prod").unwrap_err();
    assert!(problem.what.contains("line 3"), "{problem}");
}
