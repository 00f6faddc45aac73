use std::fs;

use daypass_core::secret::Secret;
use proptest::prelude::*;

use super::*;

fn key(id: &str) -> AccessKey {
    AccessKey::parse(id, Secret::new(format!("secret+of/{id}"))).unwrap()
}

const ADA: &str = "AKIAIOSFODNN7EXAMPLE";
const BOB: &str = "AKIAI44QH8DHBEXAMPLE";

fn known(id: &str) -> Option<AccessKey> {
    [ADA, BOB].contains(&id).then(|| key(id))
}

struct Case {
    folder: tempfile::TempDir,
}

impl Case {
    fn new(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("credentials"), text).unwrap();
        Self { folder }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("credentials")
    }

    fn text(&self) -> String {
        fs::read_to_string(self.path()).unwrap()
    }

    /// The record as it would come back from the state folder.
    fn remove(&self, ids: &[&str]) -> Option<Undo> {
        let keys: Vec<AccessKey> = ids.iter().map(|id| key(id)).collect();
        let mut kept = None;
        let undo = remove(&self.path(), &keys, |undo| {
            kept = Some(serde_json::to_string(undo).unwrap());
            Ok(())
        })
        .unwrap();
        let kept = kept?;
        assert!(!kept.contains("secret+of"), "{kept}");
        let undo = undo.unwrap();
        assert_eq!(serde_json::from_str::<Undo>(&kept).unwrap(), undo);
        Some(undo)
    }
}

const TEXT: &str = "\u{feff}# mine\r\n[ada]\r\n  AWS_Access_Key_Id :AKIAIOSFODNN7EXAMPLE \r\n# between\r\n  aws_secret_access_key=secret+of/AKIAIOSFODNN7EXAMPLE\r\n  region = eu-west-1\r\n\r\n[bob]\r\naws_secret_access_key = secret+of/AKIAI44QH8DHBEXAMPLE\r\naws_access_key_id = AKIAI44QH8DHBEXAMPLE";

#[test]
fn keys_come_back_byte_for_byte() {
    let case = Case::new(TEXT);
    let undo = case.remove(&[ADA, BOB]).unwrap();
    assert_eq!(
        case.text(),
        "\u{feff}# mine\r\n[ada]\r\n# between\r\n  region = eu-west-1\r\n\r\n[bob]\r\n"
    );
    assert_eq!(undo.sections().collect::<Vec<_>>(), ["ada", "bob"]);
    let warnings = restore(&undo, known).unwrap();
    assert_eq!(case.text(), TEXT);
    assert!(warnings[0].contains("plain text again"), "{warnings:?}");
}

#[test]
fn only_the_keys_that_are_exactly_known_go() {
    let text = "[ada]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = another\n[eve]\naws_access_key_id = AKIAEVE4QH8DHBEXAMPL\naws_secret_access_key = x\n";
    let case = Case::new(text);
    assert_eq!(case.remove(&[ADA, BOB]), None);
    assert_eq!(case.text(), text);
}

#[test]
fn a_changed_file_gets_its_keys_into_their_sections() {
    let case = Case::new(TEXT);
    let undo = case.remove(&[ADA, BOB]).unwrap();
    fs::write(case.path(), "[ada]\nregion = us-east-1\n\n[new]\nx = 1\n").unwrap();
    restore(&undo, known).unwrap();
    assert_eq!(
        case.text(),
        "[ada]\nregion = us-east-1\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = secret+of/AKIAIOSFODNN7EXAMPLE\n\n[new]\nx = 1\n\n[bob]\naws_access_key_id = AKIAI44QH8DHBEXAMPLE\naws_secret_access_key = secret+of/AKIAI44QH8DHBEXAMPLE\n"
    );
}

#[test]
fn what_cannot_come_back_is_said() {
    let case = Case::new(TEXT);
    let undo = case.remove(&[ADA, BOB]).unwrap();
    fs::write(
        case.path(),
        "[ada]\naws_access_key_id = AKIANEWNEWNEWNEWNEW1\n",
    )
    .unwrap();
    let warnings = restore(&undo, |id| (id == ADA).then(|| key(id))).unwrap();
    assert!(warnings[0].contains("[ada]") && warnings[0].contains("left as it is"));
    assert!(warnings[1].contains(BOB) && warnings[1].contains("not in the keychain"));
    assert_eq!(
        case.text(),
        "[ada]\naws_access_key_id = AKIANEWNEWNEWNEWNEW1\n"
    );
}

#[test]
fn without_a_record_nothing_is_taken() {
    let case = Case::new(TEXT);
    let refused = remove(&case.path(), &[key(ADA)], |_| Err(Problem::usage("full")));
    assert!(refused.is_err());
    assert_eq!(case.text(), TEXT);
}

#[test]
fn a_file_that_is_gone_is_made_anew() {
    let case = Case::new(TEXT);
    let undo = case.remove(&[BOB]).unwrap();
    fs::remove_file(case.path()).unwrap();
    restore(&undo, known).unwrap();
    assert!(case.text().starts_with("[bob]\naws_access_key_id = "));
}

fn section() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        Just(format!("aws_access_key_id = {ADA}")),
        Just(format!("AWS_ACCESS_KEY_ID:{BOB}  ")),
        Just(format!("aws_secret_access_key=secret+of/{ADA}")),
        Just(format!("aws_secret_access_key  =  secret+of/{BOB}\t")),
        "[ \t]{0,2}[a-c] ?[:=] ?[a-z]{0,3}",
        "[ \t]{0,2}[#;] [a-z]{0,3}",
        Just(String::new()),
    ];
    let indented = (" {0,2}", line).prop_map(|(indent, line)| indent + &line);
    proptest::collection::vec(indented, 0..6).prop_map(|lines| lines.join("\n"))
}

proptest! {
    #[test]
    fn t10_p5_removed_and_restored_is_as_before(sections in proptest::collection::vec(section(), 1..5), last in any::<bool>()) {
        let mut text = String::new();
        for (number, section) in sections.iter().enumerate() {
            let _ = write!(text, "[s{number}]\n{section}\n");
        }
        if !last {
            text.pop();
        }
        prop_assume!(Document::parse(&text).is_ok());
        let case = Case::new(&text);
        let Some(undo) = case.remove(&[ADA, BOB]) else {
            prop_assert_eq!(case.text(), text);
            return Ok(());
        };
        let without = case.text();
        prop_assert!(without.len() < text.len());
        for section in undo.sections() {
            let document = Document::parse(&without).unwrap();
            let section = document.section(section).unwrap();
            prop_assert!(document.own(section, ID).is_none() && document.own(section, SECRET).is_none());
        }
        restore(&undo, known).unwrap();
        prop_assert_eq!(case.text(), text);
    }
}
