//! R13: what botocore reads of a file is what we read, and after an edit of ours it reads all that
//! is not ours as before.

use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use daypass_core::{protocol::WireCredentials, secret::Secret};
use daypass_shared_files::{
    Locations, credentials, file,
    ini::{Document, profile_of},
    profiles::{self, Profile},
};
use serde::Deserialize;

use super::{
    corpus::{self, Dice},
    program,
};

/// What botocore says of a file.
#[derive(Debug, Deserialize, PartialEq)]
struct Read {
    sections: BTreeMap<String, BTreeMap<String, String>>,
    profiles: BTreeMap<String, BTreeMap<String, serde_json::Value>>,
}

/// Nothing for files at which it gives up.
fn botocore(paths: &[PathBuf]) -> Vec<Option<Read>> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/read_files.py");
    let mut python = Command::new(program("python"))
        .arg(script)
        .env("PYTHONUTF8", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = python.stdin.take().unwrap();
    let list: String = paths
        .iter()
        .map(|path| format!("{}\n", path.display()))
        .collect();
    let writer = std::thread::spawn(move || stdin.write_all(list.as_bytes()).unwrap());
    let output = python.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(output.status.success());
    let lines = String::from_utf8(output.stdout).unwrap();
    let read: Vec<_> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(read.len(), paths.len());
    read
}

struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, text).unwrap();
        path
    }
}

const FILES: u64 = 3_000;
/// Each edit waits for the disk a few times.
const EDITED: usize = 500;

fn corpus() -> Vec<String> {
    (0..FILES).map(corpus::file).collect()
}

#[test]
fn r13_we_read_and_refuse_what_botocore_does() {
    let files = Files::new();
    let texts = corpus();
    let numbered = texts.iter().enumerate();
    let paths: Vec<_> = numbered
        .map(|(i, text)| files.write(&i.to_string(), text))
        .collect();
    let mut refused = 0;
    for (text, read) in texts.iter().zip(botocore(&paths)) {
        let (document, read) = match (Document::parse(text), read) {
            (Ok(document), Some(read)) => (document, read),
            (Err(_), None) => {
                refused += 1;
                continue;
            }
            (ours, theirs) => panic!("{:?} / {theirs:?}\n{text}", ours.map(drop)),
        };
        let names: Vec<&str> = document
            .sections()
            .iter()
            .map(|section| section.name())
            .collect();
        assert_eq!(names.len(), read.sections.len(), "{text}");
        for (name, keys) in &read.sections {
            let section = document
                .section(name)
                .unwrap_or_else(|| panic!("{name}\n{text}"));
            for (key, value) in keys {
                let ours = document.get(section, key);
                assert_eq!(
                    ours.as_deref(),
                    Some(value.as_str()),
                    "[{name}] {key}\n{text}"
                );
            }
            assert!(
                section.keys().all(|key| keys.contains_key(key)),
                "[{name}]\n{text}"
            );
        }
        let profiles: std::collections::BTreeSet<_> =
            names.iter().filter_map(|name| profile_of(name)).collect();
        assert!(
            profiles.iter().eq(read.profiles.keys()),
            "{profiles:?}\n{text}"
        );
    }
    let refused = refused * 100 / texts.len();
    assert!(
        (10..50).contains(&refused),
        "{refused}% of the corpus is refused"
    );
}

/// The tools that read a byte order mark are others; botocore gives up at it, which is why the
/// person is told.
#[test]
fn r13_at_a_byte_order_mark_botocore_gives_up() {
    let files = Files::new();
    let text = "\u{feff}[default]\nregion = x\n";
    assert_eq!(botocore(&[files.write("bom", text)]), [None]);
    assert!(Document::parse(text).is_ok_and(|document| document.has_bom()));
}

/// Whether a section's key is ours.
type IsOurs = Box<dyn Fn(&str, &str) -> bool>;

/// A file before and after an edit, and what of it was ours.
struct Edit {
    before: String,
    after: String,
    is_ours: IsOurs,
    /// What botocore must read now: section, key, value.
    expected: Vec<(String, String, String)>,
}

fn session() -> WireCredentials {
    WireCredentials {
        access_key_id: "ASIAIOSFODNN7EXAMPLE".to_owned(),
        secret_access_key: Secret::new("the+secret/".to_owned()),
        session_token: Secret::new("the/token==".to_owned()),
        expires_at: "2026-03-01T12:00:00Z".parse().unwrap(),
        account: "111122223333".to_owned(),
    }
}

fn profile(name: &str) -> Profile {
    Profile {
        name: name.to_owned(),
        command: format!("/opt/day pass/daypass credentials \"{name}\""),
        region: Some("eu-west-1".to_owned()),
    }
}

/// Our profiles into a config file, others in their place, and none.
fn edit_profiles(locations: &Locations, dice: &mut Dice) -> Vec<Edit> {
    let sets: [&[&str]; 3] = [&["prod", "a b", "it's"], &["dev", "ünit", "prod"], &[]];
    let mut edits = Vec::new();
    let mut old: Vec<String> = Vec::new();
    for names in sets {
        if dice.below(8) == 0 {
            continue;
        }
        let wanted: Vec<Profile> = names.iter().map(|name| profile(name)).collect();
        let Ok(change) = profiles::plan(locations, &wanted) else {
            return edits;
        };
        profiles::apply(&change).unwrap();
        let kept = wanted.iter().filter(|p| !change.left_out.contains(&p.name));
        let named: Vec<(String, &Profile)> = kept
            .map(|p| {
                (
                    daypass_shared_files::ini::profile_section(&p.name).unwrap(),
                    p,
                )
            })
            .collect();
        let expected = named.iter().flat_map(|(section, profile)| {
            let line = |key: &str, value: &str| (section.clone(), key.to_owned(), value.to_owned());
            [
                line("credential_process", &profile.command),
                line("region", "eu-west-1"),
            ]
        });
        let new: Vec<String> = named.iter().map(|(section, _)| section.clone()).collect();
        let ours = [old, new.clone()].concat();
        edits.push(Edit {
            before: change.before.to_string(),
            after: file::read(&locations.config).unwrap().unwrap().to_string(),
            is_ours: Box::new(move |section, _| ours.iter().any(|name| name == section)),
            expected: expected.collect(),
        });
        old = new;
    }
    edits
}

/// A session into the credentials file.
fn edit_credentials(locations: &Locations, dice: &mut Dice) -> Option<Edit> {
    let name = dice.pick(&["a", "b", "default", "new", "ü"]).to_owned();
    let before = fs::read_to_string(&locations.credentials).unwrap();
    credentials::write(locations, &name, &session(), Some("eu-west-1")).ok()?;
    let line = |key: &str, value: &str| (name.clone(), key.to_owned(), value.to_owned());
    let expected = vec![
        line("aws_access_key_id", "ASIAIOSFODNN7EXAMPLE"),
        line("aws_secret_access_key", "the+secret/"),
        line("aws_session_token", "the/token=="),
        line("region", "eu-west-1"),
    ];
    Some(Edit {
        before,
        after: fs::read_to_string(&locations.credentials).unwrap(),
        is_ours: Box::new(move |section, key| {
            let keys = [
                "aws_access_key_id",
                "aws_secret_access_key",
                "aws_session_token",
                "region",
            ];
            section == name && (keys.contains(&key) || key == "x_security_token_expires")
        }),
        expected,
    })
}

#[test]
fn r13_after_our_edits_botocore_reads_all_else_as_before() {
    let files = Files::new();
    let mut edits = Vec::new();
    for (seed, text) in corpus().iter().take(EDITED).enumerate() {
        let mut dice = Dice::new(seed as u64);
        let folder = files.0.path().join(format!("home-{seed}"));
        fs::create_dir(&folder).unwrap();
        let locations = Locations {
            config: folder.join("config"),
            credentials: folder.join("credentials"),
        };
        let bom = if dice.below(10) == 0 { "\u{feff}" } else { "" };
        let text = format!("{bom}{text}");
        // An empty file is one that somebody is about to fill, for a second.
        let text = if text.is_empty() {
            "\n".to_owned()
        } else {
            text
        };
        fs::write(&locations.config, &text).unwrap();
        fs::write(&locations.credentials, &text).unwrap();
        let made = edit_credentials(&locations, &mut dice);
        let made = made.into_iter().chain(edit_profiles(&locations, &mut dice));
        for edit in made {
            // The mark stays in the file; for botocore, which stops at it, it is taken away here.
            assert_eq!(edit.after.starts_with('\u{feff}'), !bom.is_empty());
            edits.push(edit);
        }
        assert!(
            Document::parse(&text).is_ok()
                || fs::read_to_string(&locations.config).unwrap() == text
        );
    }
    assert!(edits.len() > 500, "{} edits prove little", edits.len());
    check(&files, &edits);
}

fn check(files: &Files, edits: &[Edit]) {
    let write = |number: usize, which: &str, text: &str| {
        files.write(
            &format!("{number}.{which}"),
            text.trim_start_matches('\u{feff}'),
        )
    };
    let numbered = edits.iter().enumerate();
    let paths: Vec<PathBuf> = numbered
        .flat_map(|(i, edit)| {
            [
                write(i, "before", &edit.before),
                write(i, "after", &edit.after),
            ]
        })
        .collect();
    let read = botocore(&paths);
    for (edit, read) in edits.iter().zip(read.chunks(2)) {
        let [Some(before), Some(after)] = read else {
            panic!("{read:?}\n{}\n=>\n{}", edit.before, edit.after);
        };
        let story = format!("{}\n=>\n{}", edit.before, edit.after);
        assert_eq!(foreign(before, edit), foreign(after, edit), "{story}");
        for (section, key, value) in &edit.expected {
            assert_eq!(
                after.sections[section].get(key),
                Some(value),
                "[{section}] {key}\n{story}"
            );
        }
        let is_ours = |name: &String| {
            let sections = edit.expected.iter().map(|(section, ..)| section);
            sections
                .clone()
                .any(|s| profile_of(s).as_ref() == Some(name) || s == name)
                || (edit.is_ours)(&format!("profile {name}"), "")
                || (edit.is_ours)(&format!("profile \"{name}\""), "")
        };
        let profiles = |read: &Read| -> Vec<(String, String)> {
            let foreign = read.profiles.iter().filter(|(name, _)| !is_ours(name));
            foreign
                .map(|(name, keys)| (name.clone(), format!("{keys:?}")))
                .collect()
        };
        assert_eq!(profiles(before), profiles(after), "{story}");
    }
}

/// All that botocore reads, without what is ours. A section that is only there for us is ours.
fn foreign(read: &Read, edit: &Edit) -> Vec<(String, String, String)> {
    let mut foreign = Vec::new();
    for (section, keys) in &read.sections {
        for (key, value) in keys.iter().filter(|(key, _)| !(edit.is_ours)(section, key)) {
            foreign.push((section.clone(), key.clone(), value.clone()));
        }
    }
    // The keys of [DEFAULT] count in every section, in our new one too.
    let new = |section: &String| edit.expected.iter().any(|(name, ..)| name == section);
    let old = Document::parse(&edit.before).unwrap();
    foreign.retain(|(section, ..)| !new(section) || old.section(section).is_some());
    foreign
}

#[test]
fn r13_ten_thousand_profiles() {
    use std::fmt::Write;
    let files = Files::new();
    let mut text = String::new();
    for number in 0..10_000 {
        let _ = write!(
            text,
            "[profile p{number}]\r\n# one of many\r\nrole_arn=arn:aws:iam::111122223333:role/R{number}\r\nsource_profile = p0\r\n\r\n"
        );
    }
    let locations = Locations {
        config: files.write("config", &text),
        credentials: files.write("credentials", "[a]\nx = 1\n"),
    };
    let edits = edit_profiles(&locations, &mut Dice::new(1));
    assert_eq!(edits.len(), 3);
    check(&files, &edits[..1]);
    assert_eq!(fs::read_to_string(&locations.config).unwrap(), text);
}
