use std::fs;

use proptest::prelude::*;

use super::*;

fn profile(name: &str) -> Profile {
    Profile {
        name: name.to_owned(),
        command: format!("daypass credentials '{name}'"),
        region: Some("eu-west-1".to_owned()),
    }
}

struct Case {
    _folder: tempfile::TempDir,
    locations: Locations,
}

impl Case {
    fn new(config: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let locations = Locations {
            config: folder.path().join("config"),
            credentials: folder.path().join("credentials"),
        };
        fs::write(&locations.config, config).unwrap();
        Self {
            _folder: folder,
            locations,
        }
    }

    fn plan(&self, names: &[&str]) -> Result<Change, Problem> {
        let wanted: Vec<Profile> = names.iter().map(|name| profile(name)).collect();
        plan(&self.locations, &wanted)
    }

    fn write(&self, names: &[&str]) -> (String, Vec<String>) {
        let change = self.plan(names).unwrap();
        apply(&change).unwrap();
        assert_eq!(self.text(), change.after.as_str());
        (self.text(), change.warnings)
    }

    fn text(&self) -> String {
        fs::read_to_string(&self.locations.config).unwrap()
    }

    fn refused(&self, names: &[&str]) -> String {
        let text = self.text();
        let problem = self.plan(names).map(drop).unwrap_err();
        assert_eq!(self.text(), text);
        problem.to_string()
    }
}

const BEGIN: &str =
    "# >>> daypass >>> Written by `daypass profiles`, which replaces what stands here.\n";
const END: &str = "# <<< daypass <<<\n";

fn block(names: &[&str]) -> String {
    let sections = names.iter().map(|name| {
        let header = profile_section(name).unwrap();
        format!(
            "[{header}]\ncredential_process = daypass credentials '{name}'\nregion = eu-west-1\n"
        )
    });
    format!("{BEGIN}{}{END}", sections.collect::<String>())
}

#[test]
fn a_block_comes_changes_and_goes() {
    let foreign = "# mine\n[default]\nregion=us-east-1\n";
    let case = Case::new(foreign);
    let (text, warnings) = case.write(&["prod", "a b"]);
    assert_eq!(text, format!("{foreign}{}", block(&["prod", "a b"])));
    assert_eq!(warnings, [""; 0]);
    let below = "[profile below]\nrole_arn = x\n";
    fs::write(&case.locations.config, text + below).unwrap();
    assert_eq!(
        case.write(&["prod", "default2"]).0,
        format!("{foreign}{}{below}", block(&["prod", "default2"]))
    );
    assert_eq!(case.write(&[]).0, format!("{foreign}{below}"));
    assert_eq!(case.write(&[]).0, format!("{foreign}{below}"));
}

#[test]
fn the_files_own_line_endings_are_used() {
    let case = Case::new("\u{feff}[default]\r\nregion = x");
    let (text, warnings) = case.write(&["prod"]);
    let block = block(&["prod"]).replace('\n', "\r\n");
    assert_eq!(text, format!("\u{feff}[default]\r\nregion = x\r\n{block}"));
    assert!(warnings[0].contains("byte order mark"), "{warnings:?}");
    assert_eq!(case.write(&[]).0, "\u{feff}[default]\r\nregion = x\r\n");
}

#[test]
fn a_file_that_is_not_there_is_made_only_for_profiles() {
    let case = Case::new("");
    fs::remove_file(&case.locations.config).unwrap();
    assert_eq!(apply(&case.plan(&[]).unwrap()).unwrap(), Outcome::Same);
    assert!(!case.locations.config.exists());
    assert_eq!(case.write(&["prod"]).0, block(&["prod"]));
}

/// A second section of the same name would make the file unreadable for every tool.
#[test]
fn a_namesake_is_left_out() {
    for theirs in [
        "[profile prod]",
        "[profile \"prod\"]",
        "[profile 'prod'] # x",
    ] {
        let foreign = format!("[default]\nx = 1\n{theirs}\nrole_arn = x\n");
        let case = Case::new(&foreign);
        let change = case.plan(&["prod", "dev"]).unwrap();
        assert_eq!(change.left_out, ["prod"]);
        assert!(
            change.warnings[0].contains("line 3"),
            "{:?}",
            change.warnings
        );
        assert_eq!(
            change.after.as_str(),
            format!("{foreign}{}", block(&["dev"]))
        );
    }
}

#[test]
fn what_people_add_to_our_profiles_stays() {
    let case = Case::new(&format!(
        "{BEGIN}[profile prod]\n# gone\n  output=json\ncredential_process = old\ns3 =\n  a = 1\n\n  b = 2\nregion = us-east-1\n[profile dev]\ncredential_process = x\n{END}cli_pager = less\n# kept\n[profile below]\nx = 1\n"
    ));
    let (text, warnings) = case.write(&["prod", "dev"]);
    assert_eq!(warnings, [""; 0]);
    assert_eq!(
        text,
        format!(
            "{BEGIN}[profile prod]\ncredential_process = daypass credentials 'prod'\nregion = eu-west-1\noutput=json\ns3 =\n  a = 1\n  b = 2\n[profile dev]\ncredential_process = daypass credentials 'dev'\nregion = eu-west-1\ncli_pager = less\n{END}# kept\n[profile below]\nx = 1\n"
        )
    );
    let change = case.plan(&["prod"]).unwrap();
    assert!(
        change.warnings[0].contains("cli_pager"),
        "{:?}",
        change.warnings
    );
}

#[test]
fn a_block_that_is_not_as_we_left_it_is_refused_with_its_line() {
    for (text, line, word) in [
        (format!("[a]\n{BEGIN}"), "line 2", "markers"),
        (format!("[a]\n{END}"), "line 2", "markers"),
        (format!("{END}{BEGIN}"), "line 2", "markers"),
        (format!("{BEGIN}{END}{BEGIN}{END}"), "line 1", "markers"),
        (format!("[a]\n{BEGIN}x = 1\n{END}"), "line 3", "above them"),
        (
            format!("{BEGIN}[profile x]\nrole_arn = x\n{END}"),
            "line 2",
            "below them",
        ),
        (
            format!("{BEGIN}[sso-session x]\n{END}"),
            "line 2",
            "below them",
        ),
    ] {
        let problem = Case::new(&text).refused(&["prod"]);
        assert!(
            problem.contains(line) && problem.contains(word),
            "{problem}\n{text}"
        );
    }
    let problem = Case::new("[a]\n[a]\n").refused(&[]);
    assert!(
        problem.contains("line 2") && problem.contains("twice"),
        "{problem}"
    );
}

#[test]
fn t10_profiles_that_would_break_the_file_are_refused() {
    let case = Case::new("[default]\n");
    for bad in ["", "a\nb", "a]", "[a", "a\0b", "a #b"] {
        case.refused(&[bad]);
    }
    case.refused(&["a", "a"]);
    for (command, region) in [
        ("", "x"),
        ("a\nb", "x"),
        ("a ;b", "x"),
        ("a", "x\r"),
        (" a", "x"),
    ] {
        let wanted = Profile {
            name: "a".to_owned(),
            command: command.to_owned(),
            region: Some(region.to_owned()),
        };
        assert!(
            plan(&case.locations, &[wanted]).is_err(),
            "{command:?} {region:?}"
        );
    }
}

#[test]
fn what_wins_over_a_profile_is_said() {
    let case = Case::new(&format!(
        "[DEFAULT]\nlogin_session = x\n{BEGIN}[profile dev]\ncredential_process = x\nrole_arn = x\n{END}"
    ));
    fs::write(
        &case.locations.credentials,
        "[prod]\naws_access_key_id = x\n[dev]\nregion = x\n",
    )
    .unwrap();
    let (_, warnings) = case.write(&["prod", "dev"]);
    assert_eq!(warnings.len(), 3, "{warnings:?}");
    assert!(warnings[0].contains("login_session") && warnings[0].contains("[profile prod]"));
    assert!(warnings[1].contains("aws_access_key_id") && warnings[1].contains("[prod]"));
    assert!(
        warnings[2].contains("role_arn, login_session"),
        "{warnings:?}"
    );
    fs::write(&case.locations.credentials, "[a]\n[a]\n").unwrap();
    let (_, warnings) = case.write(&["prod"]);
    assert!(
        warnings.iter().any(|warning| warning.contains("line 2")),
        "{warnings:?}"
    );
}

#[test]
fn a_plan_is_made_anew_where_the_file_changed_since() {
    let case = Case::new("[a]\nx = 1\n");
    let change = case.plan(&["prod"]).unwrap();
    fs::write(&case.locations.config, "[b]\nx = 1\n").unwrap();
    apply(&change).unwrap();
    assert_eq!(case.text(), format!("[b]\nx = 1\n{}", block(&["prod"])));
    let change = case.plan(&["dev"]).unwrap();
    fs::write(&case.locations.config, "[b]\n[b]\n").unwrap();
    assert!(apply(&change).is_err());
    assert_eq!(case.text(), "[b]\n[b]\n");
}

#[test]
fn the_diff_shows_the_change_and_no_key() {
    for newline in ["\n", "\r\n", "\r"] {
        let text =
            "[default]\nAWS_SECRET_ACCESS_KEY : s3cr3t\naws_session_token=t0k3n\nregion = x\n";
        let case = Case::new(&text.replace('\n', newline));
        let diff = diff(&case.plan(&["prod"]).unwrap());
        assert!(
            !diff.contains("s3cr3t") && !diff.contains("t0k3n"),
            "{diff}"
        );
        assert!(
            diff.contains("(hidden)") && diff.contains("+[profile prod]"),
            "{diff}"
        );
        assert!(diff.contains("@@ -2,3 +2,8 @@"), "{diff}");
    }
    let case = Case::new("[a]\nx = 1\n");
    assert_eq!(diff(&case.plan(&[]).unwrap()), "");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Any names and values at all: refused, or read back, and every other byte stays.
    #[test]
    fn t10_p5_any_profile_is_refused_or_reads_back(
        names in proptest::collection::vec("\\PC{0,12}|[\\[\\]'\"\\\\ #;=:\n\r\0a]{0,5}", 0..4),
        command in "\\PC{0,12}|[ #;=:\n\ra]{0,5}",
        before in prop_oneof![Just(""), Just("# x\n"), Just("[default]\nregion = x\n[profile s]\ns3 =\n  a = b\n")],
        after in prop_oneof![Just(""), Just("\n# x\n"), Just("[profile below]\nregion = x\n")],
    ) {
        let old = block(&["old"]);
        let case = Case::new(&format!("{before}{old}{after}"));
        let wanted: Vec<Profile> = names
            .iter()
            .map(|name| Profile { name: name.clone(), command: command.clone(), region: None })
            .collect();
        let Ok(change) = plan(&case.locations, &wanted) else { return Ok(()) };
        apply(&change).unwrap();
        let text = case.text();
        prop_assert!(text.starts_with(before) && text.ends_with(after), "{}", text);
        let document = Document::parse(&text).unwrap();
        for profile in wanted.iter().filter(|p| !change.left_out.contains(&p.name)) {
            let section = document.section(&profile_section(&profile.name).unwrap()).unwrap();
            let read = document.own(section, "credential_process").unwrap();
            prop_assert_eq!(&*read, command.as_str());
        }
        fs::write(&case.locations.config, &text).unwrap();
        case.write(&[]);
        prop_assert_eq!(case.text(), format!("{before}{after}"));
    }
}
