//! Browsers on a made-up computer.

use std::{fs, os::unix::fs::PermissionsExt};

use super::*;

struct Computer {
    folder: tempfile::TempDir,
    programs: Programs,
}

impl Computer {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = |below: &str| folder.path().join(below);
        let programs = Programs {
            home: at("home"),
            config: at("home/.config"),
            data: vec![at("home/data"), at("usr/share")],
            path: vec![at("usr/bin")],
            ..Programs::default()
        };
        Self { folder, programs }
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn install(&self, program: &str) {
        self.program(program);
        self.entry("usr/share", program, &format!("Exec={program} %u"));
    }

    fn program(&self, program: &str) {
        let path = format!("usr/bin/{program}");
        self.write(&path, "#!/bin/sh\n");
        let mode = fs::Permissions::from_mode(0o755);
        fs::set_permissions(self.folder.path().join(path), mode).unwrap();
    }

    fn entry(&self, folder: &str, id: &str, more: &str) {
        let text = format!(
            "[Desktop Entry]\nType=Application\nName=The {id}\nCategories=Network;WebBrowser;\n{more}\n"
        );
        self.write(&format!("{folder}/applications/{id}.desktop"), &text);
    }

    fn ids(&self) -> Vec<String> {
        let browsers = self.programs.browsers();
        browsers.into_iter().map(|found| found.program).collect()
    }

    fn only(&self) -> BrowserView {
        let browsers = self.programs.browsers();
        assert_eq!(browsers.len(), 1, "{browsers:?}");
        browsers.into_iter().next().unwrap()
    }

    fn command(&self, browser: &Browser) -> Result<Vec<String>, Problem> {
        let opener = self.programs.opener(browser)?;
        Ok(opener.command("http://127.0.0.1:1/x"))
    }
}

fn browser(program: &str, profile: Option<&str>, container: Option<&str>) -> Browser {
    Browser {
        program: program.to_owned(),
        profile: profile.map(ToOwned::to_owned),
        container: container.map(ToOwned::to_owned),
    }
}

const STATE: &str = r#"{"profile": {"info_cache": {
    "Default": {"name": "Ada"},
    "Profile 1": {"name": "Work"},
    "Profile 2": {"name": "\u202egnirts"},
    "Profile 3": 7,
    "--load-extension=/tmp": {"name": "evil"},
    "../elsewhere": {"name": "evil"}
}}, "other": []}"#;

#[test]
fn the_profiles_of_a_chromium_are_found_and_opened_in() {
    let computer = Computer::new();
    computer.install("chromium");
    computer.write("home/.config/chromium/Local State", STATE);
    let view = computer.only();
    assert_eq!(view.name, "The chromium");
    let profiles = view.profiles.iter();
    let profiles: Vec<_> = profiles.map(|p| (p.id.as_str(), p.name.as_str())).collect();
    assert_eq!(
        profiles,
        [
            ("Default", "Ada"),
            ("Profile 1", "Work"),
            ("Profile 2", "Profile 2"),
            ("Profile 3", "Profile 3")
        ]
    );
    let words = computer
        .command(&browser("chromium", Some("Profile 1"), None))
        .unwrap();
    assert_eq!(
        words,
        [
            "chromium",
            "--profile-directory=Profile 1",
            "http://127.0.0.1:1/x"
        ]
    );
    // An option, a place elsewhere, and one that Chromium would make.
    for gone in ["--load-extension=/tmp", "../elsewhere", "Profile 9"] {
        let why = computer
            .command(&browser("chromium", Some(gone), None))
            .unwrap_err();
        assert!(why.what.contains("has no profile"), "{why}");
        assert!(!why.todo.is_empty());
    }
    let why = computer
        .command(&browser("chromium", None, Some("Work")))
        .unwrap_err();
    assert!(why.what.contains("has no container"), "{why}");
}

const PROFILES: &str = "[Install4F96]\nDefault=abc.default\nLocked=1\n\n[Profile1]\nName=work\nIsRelative=1\nPath=Profiles/abc.work\n\n[Profile0]\nName=default\nIsRelative=1\nPath=Profiles/abc.default\n\n[Profile2]\nName=-headless\nIsRelative=1\nPath=Profiles/evil\n\n[Profile3]\nName=outside\nIsRelative=1\nPath=../../../secret\n\n[General]\nStartWithLastProfile=1\n";
const CONTAINERS: &str = r#"{"version": 5, "lastUserContextId": 7, "identities": [
    {"userContextId": 1, "public": true, "icon": "a", "color": "b", "l10nId": "user-context-personal"},
    {"userContextId": 5, "public": false, "name": "userContextIdInternal.thumbnail"},
    {"userContextId": 6, "public": true, "name": "Prod & more"},
    {"userContextId": 7, "public": true, "name": "-x"},
    "nonsense"
]}"#;

#[test]
fn the_profiles_and_containers_of_a_firefox_are_found_and_opened_in() {
    let computer = Computer::new();
    computer.install("firefox-esr");
    let folder = "home/.mozilla/firefox";
    computer.write(&format!("{folder}/profiles.ini"), PROFILES);
    computer.write(
        &format!("{folder}/Profiles/abc.work/containers.json"),
        CONTAINERS,
    );
    let outside = r#"{"identities": [{"public": true, "name": "Outside"}]}"#;
    computer.write("secret/containers.json", outside);
    let view = computer.only();
    let profiles: Vec<_> = view.profiles.iter().map(|p| p.id.as_str()).collect();
    assert_eq!(profiles, ["work", "default", "outside"]);
    assert_eq!(view.containers, ["Prod & more"]);
    let words = computer
        .command(&browser("firefox-esr", Some("work"), Some("Prod & more")))
        .unwrap();
    assert_eq!(
        words,
        [
            "firefox-esr",
            "-P",
            "work",
            "ext+container:name=Prod%20%26%20more&url=http%3A%2F%2F127.0.0.1%3A1%2Fx"
        ]
    );
    let why = computer
        .command(&browser("firefox-esr", None, Some("Gone")))
        .unwrap_err();
    assert!(
        why.todo.contains("Open external links in a container"),
        "{why}"
    );
    for gone in ["-headless", "nobody"] {
        assert!(
            computer
                .command(&browser("firefox-esr", Some(gone), None))
                .is_err()
        );
    }
}

#[test]
fn an_entry_of_one_s_own_comes_before_the_system_s() {
    let computer = Computer::new();
    for program in ["firefox", "epiphany", "chromium"] {
        computer.install(program);
    }
    computer.program("wrapper");
    computer.entry("home/data", "epiphany", "Exec=wrapper --private %u --end");
    computer.entry("home/data", "firefox", "Exec=firefox %u\nHidden=true");
    computer.entry("usr/share", "gone", "Exec=gone %u");
    computer.entry("usr/share", "tried", "Exec=wrapper %u\nTryExec=gone");
    assert_eq!(computer.ids(), ["chromium", "epiphany"]);
    let words = computer.command(&browser("epiphany", None, None)).unwrap();
    assert_eq!(
        words,
        ["wrapper", "--private", "http://127.0.0.1:1/x", "--end"]
    );
    for gone in [
        "firefox",
        "gone",
        "tried",
        "nobody",
        "../applications/chromium",
    ] {
        let why = computer.command(&browser(gone, None, None)).unwrap_err();
        assert!(why.what.contains("is not installed"), "{why}");
    }
}

/// Whatever lies there, it is passed over: nothing is waited for, and nothing panics.
#[test]
fn hostile_files_are_passed_over() {
    let computer = Computer::new();
    computer.install("chromium");
    computer.install("firefox");
    let fifo = computer
        .folder
        .path()
        .join("usr/share/applications/pipe.desktop");
    let mode = rustix::fs::Mode::from_raw_mode(0o600);
    rustix::fs::mknodat(rustix::fs::CWD, &fifo, rustix::fs::FileType::Fifo, mode, 0).unwrap();
    let endless = computer
        .folder
        .path()
        .join("usr/share/applications/zero.desktop");
    std::os::unix::fs::symlink("/dev/zero", endless).unwrap();
    computer.write("usr/share/applications/text.desktop", "\u{0}\u{1}[[[");
    computer.entry("usr/share", "-option", "Exec=chromium %u");
    for state in [
        "",
        "[]",
        "{\"profile\": 1}",
        "{\"profile\": {\"info_cache\": []}}",
        &"[".repeat(100_000),
        &format!("{{\"x\": \"{}\"}}", "y".repeat(MAX_LEN)),
    ] {
        computer.write("home/.config/chromium/Local State", state);
        computer.write("home/.mozilla/firefox/profiles.ini", state);
        assert_eq!(computer.ids(), ["chromium", "firefox"]);
        assert!(
            computer
                .programs
                .browsers()
                .iter()
                .all(|found| found.profiles.is_empty())
        );
    }
    // A folder where a file is expected.
    fs::remove_file(
        computer
            .folder
            .path()
            .join("home/.config/chromium/Local State"),
    )
    .unwrap();
    fs::create_dir(
        computer
            .folder
            .path()
            .join("home/.config/chromium/Local State"),
    )
    .unwrap();
    assert_eq!(computer.ids(), ["chromium", "firefox"]);
}
