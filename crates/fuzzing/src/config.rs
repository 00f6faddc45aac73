use std::path::Path;

use daypass_agent::config_file::ConfigFile;
use daypass_core::{
    config::{Config, Identity},
    name::Name,
    problem::Problem,
    protocol::Publish,
    role::Role,
};

use crate::{Verdict, input::assert_told, scratch};

/// R16: a config file of any content. One that is not good is refused in words and never written
/// to; of a good one, an edit changes what it must and reads back.
pub fn config(data: &[u8]) -> Verdict {
    let path = scratch::write("config.toml", data);
    let mut file = ConfigFile::open(path.clone());
    if let Some(problem) = file.problem() {
        assert_told(problem);
        // Of a newer version it is used as far as it is understood.
        assert_eq!(file.config().check(), Ok(()));
        let refused = file.add_identity(&identity());
        assert!(refused.is_err(), "a file that is not good was written to");
        assert!(scratch::read(&path) == data);
        return Verdict::Refused;
    }
    let before = file.config().clone();
    assert_eq!(before.check(), Ok(()));
    if before.identity(&identity().name).is_none() && before.role(&role().name).is_none() {
        add_and_remove(&mut file, &path, &before);
    }
    if let Some(role) = before.roles.first() {
        change(&mut file, &path, &before, role);
    }
    Verdict::Taken
}

/// An entry of each kind comes and goes, and then the file is as before but for blank lines.
fn add_and_remove(file: &mut ConfigFile, path: &Path, before: &Config) {
    let original = text(path);
    let mut expected = before.clone();
    expected.identities.push(identity());
    if !edit(file, path, &expected, |file| file.add_identity(&identity())) {
        return;
    }
    let with_identity = (text(path), expected.clone());
    expected.roles.push(role());
    if edit(file, path, &expected, |file| file.put_role(&role())) {
        let with_role = expected.clone();
        expected.published.push(publish());
        let published = edit(file, path, &expected, |file| file.put_publish(&publish()));
        assert!(published || !with_role.published.is_empty() || text(path).contains("publish"));
        let removed = edit(file, path, &with_identity.1, |file| {
            file.remove_role(&role().name)
        });
        assert!(removed, "a role of ours cannot be removed");
        assert_eq!(lines(&text(path)), lines(&with_identity.0));
    }
    let removed = edit(file, path, before, |file| {
        file.remove_identity(&identity().name)
    });
    assert!(removed, "an identity of ours cannot be removed");
    // One that says nothing has no version yet.
    let silent = lines(&original).iter().all(|line| line.starts_with('#'));
    let version = silent.then_some("version = 1");
    let kept: Vec<&str> = version.into_iter().chain(lines(&original)).collect();
    assert_eq!(lines(&text(path)), kept);
}

/// A role that is there gets another destination.
fn change(file: &mut ConfigFile, path: &Path, before: &Config, role: &Role) {
    let original = text(path);
    let changed = Role {
        destination: Some("fuzz".to_owned()),
        ..role.clone()
    };
    let mut expected = before.clone();
    if let Some(first) = expected.roles.first_mut() {
        *first = changed.clone();
    }
    if !edit(file, path, &expected, |file| file.put_role(&changed)) {
        return;
    }
    // In a text over several lines a line may look like a comment.
    if original.contains("'''") || original.contains("\"\"\"") {
        return;
    }
    let edited = text(path);
    for comment in lines(&original).iter().filter(|line| line.starts_with('#')) {
        assert!(edited.contains(comment), "{comment} is gone from\n{edited}");
    }
}

/// Makes an edit: the file then says what is expected, or it is as it was and says why.
fn edit(
    file: &mut ConfigFile,
    path: &Path,
    expected: &Config,
    make: impl FnOnce(&mut ConfigFile) -> Result<(), Problem>,
) -> bool {
    let before = (scratch::read(path), file.config().clone());
    if let Err(problem) = make(file) {
        assert_told(&problem);
        assert!((scratch::read(path), file.config().clone()) == before);
        return false;
    }
    assert_eq!(file.config(), expected);
    let again = ConfigFile::open(path.to_owned());
    assert_eq!((again.problem(), again.config()), (None, expected));
    true
}

fn text(path: &Path) -> String {
    String::from_utf8(scratch::read(path)).expect("a good config file is text")
}

/// Lines with something in them. A byte order mark is dropped by the first edit.
fn lines(text: &str) -> Vec<&str> {
    let text = text.trim_start_matches('\u{feff}');
    let lines = text.lines().map(str::trim);
    lines.filter(|line| !line.is_empty()).collect()
}

fn identity() -> Identity {
    Identity {
        name: name("fuzz-identity"),
        ambient: false,
        profile: None,
    }
}

fn role() -> Role {
    let arn = "arn:aws:iam::111122223333:role/Fuzz".parse().expect("good");
    Role::new(name("fuzz-role"), identity().name, arn)
}

fn publish() -> Publish {
    Publish {
        role: role().name,
        secret_id: "fuzz".to_owned(),
        region: None,
        writer: None,
        create: false,
        keep: true,
    }
}

fn name(text: &str) -> Name {
    Name::parse(text).expect("good")
}
