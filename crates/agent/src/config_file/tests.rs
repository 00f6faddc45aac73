//! The config file under whoever writes it.

use daypass_core::role::SessionKind;

use super::*;

const TEXT: &str = "# mine\nversion = 1\nfuture = true # kept\n\n[[identity]]\nname = \"work\" # the good one\n\n[[role]]\n# above\nname = \"prod\"\nidentity = \"work\"\narn = \"arn:aws:iam::111122223333:role/Admin\"\nsparkle = 3\n";

fn file(text: &str) -> (tempfile::TempDir, ConfigFile) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("daypass").join("config.toml");
    if !text.is_empty() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
    }
    (folder, ConfigFile::open(path))
}

fn text(file: &ConfigFile) -> String {
    fs::read_to_string(&file.path).unwrap()
}

fn role(name: &str) -> Role {
    let arn = "arn:aws:iam::111122223333:role/Other".parse().unwrap();
    Role {
        session: SessionKind::Long,
        ..Role::new(
            Name::parse(name).unwrap(),
            Name::parse("work").unwrap(),
            arn,
        )
    }
}

#[test]
fn edits_keep_comments_and_unknown_keys() {
    let (_folder, mut file) = file(TEXT);
    file.put_role(&role("prod")).unwrap();
    file.put_role(&role("second")).unwrap();
    let mut limited = role("second");
    limited.duration = Some(daypass_core::duration::Duration::HALF_DAY);
    file.put_role(&limited).unwrap();
    file.put_role(&role("second")).unwrap();
    let text = text(&file);
    assert!(
        !text.contains("duration"),
        "an option that is unset stayed in\n{text}"
    );
    for kept in [
        "# mine",
        "future = true # kept",
        "# the good one",
        "# above",
        "sparkle = 3",
    ] {
        assert!(text.contains(kept), "{kept} is gone from\n{text}");
    }
    assert_eq!(file.config().roles.len(), 2);
    file.remove_role(&Name::parse("second").unwrap()).unwrap();
    file.remove_role(&Name::parse("prod").unwrap()).unwrap();
    assert!(file.config().roles.is_empty());
}

#[test]
fn a_first_entry_makes_a_private_file() {
    let (_folder, mut file) = file("");
    file.add_identity(&Identity {
        name: Name::parse("work").unwrap(),
        ambient: false,
        profile: None,
    })
    .unwrap();
    assert!(text(&file).contains("version = 1"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(
            fs::metadata(&file.path).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
}

#[test]
fn what_is_not_good_is_reported_and_never_written() {
    for (bad, word) in [
        (
            "version = 2\n[[identity]]\nname = \"x\"\n",
            "Update Daypass",
        ),
        ("version = 1\n[[role]\n", "line 2"),
        (
            "version = 1\n[[identity]]\nname = \"a\\nb\"\n",
            "cannot be seen",
        ),
        (
            "version = 1\n[[role]]\nname = \"r\"\nidentity = \"gone\"\narn = \"arn:aws:iam::111122223333:role/A\"\n",
            "gone",
        ),
        (
            "version = 1\n[endpoints]\nsts = \"http://evil.test\"\n",
            "https",
        ),
        ("identity = 3\n", "version"),
    ] {
        let (_folder, mut file) = file(bad);
        let problem = file
            .problem()
            .unwrap_or_else(|| panic!("{bad:?} was taken"))
            .to_string();
        assert!(problem.contains(word), "{problem}");
        assert!(!problem.contains('\n'));
        assert!(file.put_role(&role("x")).is_err());
        assert_eq!(text(&file), bad);
    }
}

#[test]
fn a_change_that_makes_the_file_wrong_is_not_written() {
    let (_folder, mut file) = file(TEXT);
    assert!(file.remove_identity(&Name::parse("work").unwrap()).is_err());
    assert_eq!(text(&file), TEXT);
    assert_eq!(file.config().roles.len(), 1);
}

#[cfg(unix)]
#[test]
fn a_symlink_stays_one() {
    let (folder, _) = file(TEXT);
    let real = folder.path().join("daypass/config.toml");
    let link = folder.path().join("link.toml");
    std::os::unix::fs::symlink(&real, &link).unwrap();
    let mut file = ConfigFile::open(link.clone());
    file.put_role(&role("second")).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(fs::read_to_string(real).unwrap().contains("second"));
}

#[test]
fn a_folder_in_its_place_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let file = ConfigFile::open(folder.path().to_owned());
    assert!(
        file.problem()
            .is_some_and(|problem| problem.what.contains("regular"))
    );
}

/// Every version that was ever shipped.
const SHIPPED: &[&str] = &[include_str!("fixtures/version-1.toml")];

#[test]
fn r16_every_shipped_version_is_read_and_edited_without_loss() {
    for shipped in SHIPPED {
        let (_folder, mut file) = file(shipped);
        assert_eq!(file.problem(), None);
        let config = file.config().clone();
        assert_eq!((config.identities.len(), config.roles.len()), (2, 2));
        assert_eq!(config.published.len(), 1);
        assert_eq!(config.settings.warn_minutes, 15);
        assert!(config.endpoints.sts.is_some());
        file.put_role(&role("added")).unwrap();
        let now = text(&file);
        for line in shipped.lines() {
            assert!(now.contains(line), "{line} is gone from\n{now}");
        }
        file.remove_role(&Name::parse("added").unwrap()).unwrap();
        assert_eq!(file.config(), &config);
        assert_eq!(
            names(&file),
            [".daypass.lock", "config.toml"],
            "nothing to keep a copy of"
        );
    }
    assert_eq!(
        SHIPPED.len(),
        usize::try_from(daypass_core::config::VERSION).unwrap()
    );
}

/// After a downgrade: what is understood goes on working, and nothing is written.
#[test]
fn r16_a_newer_file_is_used_as_far_as_it_is_understood_and_never_written() {
    let newer = TEXT.replace("version = 1", "version = 2");
    let (_folder, mut file) = file(&newer);
    assert_eq!(file.config().roles.len(), 1, "its roles can be used");
    let problem = file.problem().unwrap().to_string();
    assert!(
        problem.contains("version 2") && problem.contains("Update Daypass"),
        "{problem}"
    );
    assert!(file.put_role(&role("x")).is_err());
    assert!(file.remove_role(&Name::parse("prod").unwrap()).is_err());
    assert_eq!(text(&file), newer);

    // It is changed to what this version takes for a mistake: the last good one stays.
    let strange = "version = 2\n[[role]]\nname = \"prod\"\nto = \"the moon\"\n";
    std::fs::write(&file.path, strange).unwrap();
    file.refresh();
    assert_eq!(file.config().roles.len(), 1);
    assert!(file.problem().unwrap().what.contains("version 2"));
    assert!(file.put_role(&role("x")).is_err());
    assert_eq!(text(&file), strange);
}

/// The way from one version to the next, with steps that only this test has.
const LATER: Format = Format {
    version: 3,
    steps: &[
        |document| {
            let moved = document.remove("future");
            document.insert("present", moved.unwrap_or_default());
            Ok(())
        },
        |document| match document.remove("poison") {
            Some(_) => Err(Problem::usage("poison has no place any more.")),
            None => Ok(()),
        },
    ],
};

#[test]
fn r16_an_older_file_is_brought_up_at_its_first_edit_and_kept_beside() {
    let (_folder, first) = file(TEXT);
    let mut file = ConfigFile::open_as(LATER, first.path);
    assert_eq!((file.problem(), file.config().roles.len()), (None, 1));
    assert_eq!(text(&file), TEXT, "to read is not to write");

    file.put_role(&role("second")).unwrap();
    let now = text(&file);
    for part in [
        "version = 3",
        "present = true",
        "# mine",
        "# the good one",
        "sparkle = 3",
    ] {
        assert!(now.contains(part), "{part} is not in\n{now}");
    }
    assert!(!now.contains("future"), "{now}");
    file.put_role(&role("third")).unwrap();
    let kept = file.path.with_file_name("config.toml.version-1");
    assert_eq!(std::fs::read_to_string(&kept).unwrap(), TEXT);
    assert_eq!(
        names(&file),
        [".daypass.lock", "config.toml", "config.toml.version-1"]
    );

    // Down and up again: each older file is kept.
    let other = TEXT.replace("# mine", "# ours");
    std::fs::write(&file.path, &other).unwrap();
    file.put_role(&role("second")).unwrap();
    let again = file.path.with_file_name("config.toml.version-1-2");
    assert_eq!(std::fs::read_to_string(again).unwrap(), other);
    assert_eq!(std::fs::read_to_string(kept).unwrap(), TEXT);
    // And the older program finds a newer file.
    let older = ConfigFile::open(file.path);
    assert!(older.problem().unwrap().what.contains("version 3"));
    assert_eq!(older.config().roles.len(), 2);
}

#[test]
fn r16_a_file_that_cannot_be_brought_up_stays_as_it_is() {
    let poisoned = TEXT.replace("future = true", "poison = true");
    let (_folder, first) = file(&poisoned);
    let mut file = ConfigFile::open_as(LATER, first.path);
    assert!(file.problem().unwrap().what.contains("poison"));
    assert!(file.put_role(&role("second")).is_err());
    assert_eq!(text(&file), poisoned);
    assert_eq!(names(&file), ["config.toml"]);
}

proptest::proptest! {
    #[test]
    fn r16_any_text_is_brought_up_or_refused(text in "(version = [0-4]\n)?(future|poison|\\[role\\]|x = ).{0,20}") {
        let _ = parse(LATER, &text);
        let _ = parse(FORMAT, &text);
    }
}

fn names(file: &ConfigFile) -> Vec<String> {
    let entries = std::fs::read_dir(file.path.parent().unwrap()).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Whatever a disk does to the file: the agent starts, says what is wrong, and writes nothing over
/// it that was there.
#[test]
fn r17_a_file_that_is_cut_or_has_a_bit_flipped_is_reported_or_loses_nothing() {
    let (_folder, file) = file(TEXT);
    let path = file.path;
    let whole = TEXT.as_bytes();
    let mut damaged: Vec<Vec<u8>> = (0..whole.len()).map(|end| whole[..end].to_vec()).collect();
    for index in 0..whole.len() {
        for bit in 0..8 {
            let mut flipped = whole.to_vec();
            flipped[index] ^= 1 << bit;
            damaged.push(flipped);
        }
    }
    let (mut reported, mut edited) = (0, 0);
    for damage in damaged {
        std::fs::write(&path, &damage).unwrap();
        let mut file = ConfigFile::open(path.clone());
        if let Some(problem) = file.problem() {
            reported += 1;
            let said = problem.to_string();
            assert!(
                said.contains("config.toml") && !said.contains('\n'),
                "{said}"
            );
            assert!(file.add_identity(&identity("new")).is_err());
            assert_eq!(std::fs::read(&path).unwrap(), damage);
            continue;
        }
        if file.add_identity(&identity("new")).is_err() {
            assert_eq!(std::fs::read(&path).unwrap(), damage);
            continue;
        }
        edited += 1;
        let now = text(&file);
        for line in std::str::from_utf8(&damage).unwrap().lines() {
            assert!(
                now.contains(line.trim_end()),
                "{line:?} is gone from\n{now}"
            );
        }
    }
    assert!(
        reported > 500 && edited > 100,
        "{reported} reported, {edited} edited"
    );
}

/// An editor that empties the file before it writes it, or takes it away for a moment, ends no
/// session.
#[test]
fn r17_a_file_that_goes_while_the_agent_runs_does_not_take_the_roles_along() {
    let (_folder, mut file) = file(TEXT);
    for gone in [true, false] {
        if gone {
            std::fs::remove_file(&file.path).unwrap();
        } else {
            std::fs::write(&file.path, "").unwrap();
        }
        assert!(file.refresh());
        assert_eq!(file.config().roles.len(), 1);
        assert!(file.problem().unwrap().what.contains("gone or empty"));
        assert!(file.put_role(&role("x")).is_err());
        std::fs::write(&file.path, TEXT).unwrap();
        assert!(file.refresh());
        assert_eq!((file.problem(), file.config().roles.len()), (None, 1));
    }
    std::fs::remove_file(&file.path).unwrap();
    assert_eq!(
        ConfigFile::open(file.path).problem(),
        None,
        "a new start is one"
    );
}

/// A process that edits without end, killed again and again: the file is as one of its edits left
/// it.
#[test]
fn r17_killed_at_any_moment_the_config_is_whole() {
    use std::io::{BufRead, BufReader};

    let (_folder, first) = file(TEXT);
    let path = first.path;
    for round in 0..100 {
        let mut child = std::process::Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "config_file::tests::child",
                "--ignored",
                "--nocapture",
            ])
            .env("CHILD_PATH", &path)
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let said = BufReader::new(child.stdout.take().unwrap());
        let edits = said
            .lines()
            .map(Result::unwrap)
            .filter(|line| line.starts_with("edit"));
        // It goes on with the next one while it is killed.
        assert_eq!(edits.take(1 + round % 7).count(), 1 + round % 7);
        child.kill().unwrap();
        child.wait().unwrap();
        let mut file = ConfigFile::open(path.clone());
        assert_eq!(file.problem(), None);
        assert!(file.config().roles.len() >= 2);
        for kept in ["# mine", "# the good one", "sparkle = 3"] {
            assert!(text(&file).contains(kept));
        }
        file.put_role(&role("after")).unwrap();
    }
}

#[test]
#[ignore = "the child of r17_killed_at_any_moment_the_config_is_whole"]
#[expect(clippy::print_stdout, reason = "its parent listens")]
fn child() {
    let mut file = ConfigFile::open(std::env::var_os("CHILD_PATH").unwrap().into());
    for number in 0.. {
        file.put_role(&role(&format!("r{}", number % 50))).unwrap();
        println!("\nedit {number}");
    }
}

/// R23, on a disk of 64 KiB, in a mount namespace of its own.
#[test]
#[expect(clippy::print_stderr, reason = "says why it proves nothing here")]
fn r23_on_a_full_and_a_read_only_disk_the_config_stays_and_memory_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let mount = |flags: &str| {
        let script = format!(
            "mount -t tmpfs -o size=64k,mode=700 none '{0}' && exec \"$0\" --exact config_file::tests::child_on_a_small_disk --ignored --nocapture",
            folder.path().display()
        );
        std::process::Command::new("unshare")
            .args([flags, "sh", "-c", &script])
            .arg(std::env::current_exe().unwrap())
            .env("CHILD_PATH", folder.path().join("config.toml"))
            .output()
            .unwrap()
    };
    let outputs = [mount("-m"), mount("-rm")];
    let tested = outputs
        .iter()
        .find(|output| String::from_utf8_lossy(&output.stdout).contains("running 1 test"));
    // Some machines give mounts to nobody.
    let Some(tested) = tested else {
        eprintln!("no mount namespaces here: {outputs:?}");
        return;
    };
    assert!(tested.status.success(), "{tested:?}");
}

#[test]
#[ignore = "r23_on_a_full_and_a_read_only_disk_the_config_stays_and_memory_goes_on runs it"]
fn child_on_a_small_disk() {
    let path = PathBuf::from(std::env::var_os("CHILD_PATH").unwrap());
    std::fs::write(&path, TEXT).unwrap();
    let mut file = ConfigFile::open(path.clone());
    let fill = path.with_file_name("fill");
    assert!(
        std::fs::write(&fill, vec![0; 1 << 20]).is_err(),
        "the disk is not small"
    );
    let unchanged = |file: &mut ConfigFile, word: &str| {
        let problem = file.put_role(&role("second")).unwrap_err();
        assert!(problem.what.contains(word), "{problem}");
        assert_eq!(text(file), TEXT);
        file.refresh();
        assert_eq!((file.problem(), file.config().roles.len()), (None, 1));
    };
    unchanged(&mut file, "No space left");
    std::fs::remove_file(fill).unwrap();
    let remount = std::process::Command::new("mount")
        .args(["-o", "remount,ro"])
        .arg(path.parent().unwrap())
        .status();
    assert!(remount.unwrap().success());
    unchanged(&mut file, "Read-only file system");
}

fn identity(name: &str) -> Identity {
    Identity {
        name: Name::parse(name).unwrap(),
        ambient: false,
        profile: None,
    }
}

fn prod() -> Name {
    Name::parse("prod").unwrap()
}

fn changes(key: &str, value: serde_json::Value) -> Changes {
    let value = (!value.is_null()).then_some(value);
    Changes::from([(key.to_owned(), value)])
}

fn change(file: &mut ConfigFile, key: &str, value: serde_json::Value) {
    let changes = changes(key, value);
    let settings = file.config().settings.changed(&changes).unwrap();
    file.put_settings(&changes, &settings).unwrap();
    assert_eq!(file.config().settings, settings);
}

const SETTINGS: &str = "\n[settings] # tuned\n# above\nwarn_minutes = 5 # minutes\nglitter = 1\npinned = [\n  \"other\", # first\n]\n";

#[test]
fn a_setting_is_changed_and_nothing_beside_it() {
    let (_folder, mut file) = file(&format!("{TEXT}{SETTINGS}"));
    change(&mut file, "warn_minutes", 20.into());
    change(&mut file, "issuer", "https://example.com".into());
    change(
        &mut file,
        "browser",
        serde_json::json!({"program": "firefox", "container": "Shop"}),
    );
    let whole = text(&file);
    let wanted = SETTINGS.replace("= 5", "= 20")
        + "issuer = \"https://example.com\"\nbrowser = { program = \"firefox\", container = \"Shop\" }\n";
    assert_eq!(whole, format!("{TEXT}{wanted}"));
    for key in ["issuer", "browser"] {
        change(&mut file, key, serde_json::Value::Null);
    }
    change(&mut file, "warn_minutes", 5.into());
    assert_eq!(text(&file), format!("{TEXT}{SETTINGS}"));
}

#[test]
fn settings_are_found_however_they_are_written() {
    for before in [
        "version = 1\nsettings = { warn_minutes = 5 }\n",
        "version = 1\nsettings.warn_minutes = 5\n",
        "version = 1\n",
        "",
    ] {
        let (_folder, mut file) = file(before);
        change(&mut file, "warn_minutes", 20.into());
        change(&mut file, "lock_after", "30m".into());
        assert_eq!(text(&file).matches("warn_minutes").count(), 1);
        let again = ConfigFile::open(file.path().to_owned());
        assert_eq!(again.config().settings, file.config().settings);
    }
}

#[test]
fn endpoints_are_set_and_go() {
    let (_folder, mut file) = file(&format!(
        "{TEXT}\n[endpoints]\nsts = \"http://127.0.0.1:1\" # mine\n"
    ));
    let set = |file: &mut ConfigFile, value: serde_json::Value| {
        let changes = changes("sts", value);
        let endpoints = file.config().endpoints.changed(&changes).unwrap();
        file.put_endpoints(&changes, &endpoints).unwrap();
    };
    set(&mut file, "http://127.0.0.1:2".into());
    assert!(text(&file).ends_with("[endpoints]\nsts = \"http://127.0.0.1:2\" # mine\n"));
    set(&mut file, serde_json::Value::Null);
    assert!(text(&file).ends_with("[endpoints]\n"));
    assert_eq!(file.config().endpoints, Endpoints::default());
}

#[test]
fn a_role_is_marked_in_its_own_table() {
    let (_folder, mut file) = file(TEXT);
    let firefox = "firefox,profile=work".parse().unwrap();
    file.set_favourite(&prod(), true).unwrap();
    file.set_browser(&prod(), Some(&firefox)).unwrap();
    let marked = format!(
        "{TEXT}favourite = true\nbrowser = {{ program = \"firefox\", profile = \"work\" }}\n"
    );
    assert_eq!(text(&file), marked);
    // Whoever changes the role says nothing about how it is shown.
    file.put_role(&role("prod")).unwrap();
    let kept = file.config().role(&prod()).unwrap();
    assert!(kept.favourite && kept.browser == Some(firefox));
    file.set_favourite(&prod(), false).unwrap();
    file.set_browser(&prod(), None).unwrap();
    assert!(!text(&file).contains("favourite") && !text(&file).contains("browser"));
    let gone = Name::parse("gone").unwrap();
    assert!(file.set_favourite(&gone, true).is_err());
}

#[test]
fn a_role_is_pinned_once_and_unpinned() {
    let (_folder, mut file) = file(&format!("{TEXT}{SETTINGS}"));
    file.set_pinned(&prod(), true).unwrap();
    file.set_pinned(&prod(), true).unwrap();
    assert_eq!(file.config().settings.pinned.len(), 2);
    assert!(text(&file).contains("# first"));
    file.set_pinned(&prod(), false).unwrap();
    file.set_pinned(&Name::parse("other").unwrap(), false)
        .unwrap();
    assert!(!text(&file).contains("pinned"));
    assert!(text(&file).contains("glitter = 1"));
}

#[test]
fn what_is_said_of_an_account_is_replaced_as_a_whole() {
    let (_folder, mut file) = file(&format!(
        "{TEXT}\n[[account]]\nid = \"111122223333\" # the shop\nname = \"Old\"\nproduction = true\nsparkle = 1\n"
    ));
    let id = daypass_core::field::AccountId::parse("111122223333").unwrap();
    let mut account = Account::new(id);
    account.name = Some("Shop".to_owned());
    account.browser = Some("firefox,container=Shop".parse().unwrap());
    file.put_account(&account).unwrap();
    assert_eq!(file.config().accounts, [account.clone()]);
    let written = text(&file);
    assert!(
        written.ends_with(
            "id = \"111122223333\" # the shop\nname = \"Shop\"\nsparkle = 1\nbrowser = { program = \"firefox\", container = \"Shop\" }\n"
        ),
        "{written}"
    );
    file.put_account(&Account::new(account.id)).unwrap();
    assert!(file.config().accounts.is_empty());
    assert!(!text(&file).contains("account]]"));
    let second = daypass_core::field::AccountId::parse("444455556666").unwrap();
    let mut second = Account::new(second);
    second.production = true;
    file.put_account(&second).unwrap();
    assert_eq!(file.config().accounts, [second]);
}
