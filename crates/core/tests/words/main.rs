//! Every sentence that a window, a notification or the tray shows is there in every language, and
//! none that nobody says any more.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod english;
mod sources;

use std::{collections::BTreeSet, fs};

use daypass_core::language::Language;

use self::sources::{Found, literals, workspace};

/// Each language that has a file, by its code.
fn languages() -> Vec<String> {
    let folder = workspace().join("crates/core/src/language");
    let names = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    let code = |name: &str| Some(name.strip_suffix(".txt")?.to_owned());
    let codes: Vec<String> = names.filter_map(|name| code(name.to_str()?)).collect();
    assert!(codes.iter().any(|code| code == "de"), "{codes:?}");
    codes
}

fn language(code: &str) -> Language {
    let language = Language::of(Some(code), Language::default());
    assert_ne!(language, Language::default(), "{code}.txt is not used");
    language
}

/// Where words stand that are all shown, and not only those of several words.
const ALL_SHOWN: [&str; 4] = [
    "crates/agent/src/controller/examining.rs",
    "crates/agent/src/controller/reminders.rs",
    "crates/agent/src/examine/",
    "crates/core/src/menu.rs",
];

/// English lines, and what is said in their place.
fn pairs(code: &str) -> Vec<(String, String)> {
    let path = workspace().join(format!("crates/core/src/language/{code}.txt"));
    let file = fs::read_to_string(path).unwrap();
    let is_said = |line: &&str| !line.starts_with('#');
    let blocks = file
        .split("\n\n")
        .map(|block| block.lines().filter(is_said));
    let blocks = blocks.map(Iterator::collect::<Vec<_>>);
    let pair = |lines: Vec<&str>| match lines[..] {
        [english, other] => (english.to_owned(), other.to_owned()),
        _ => panic!("not an English line and one of {code}: {lines:?}"),
    };
    blocks.filter(|lines| !lines.is_empty()).map(pair).collect()
}

/// The literals that some language has to have, and those that it may.
fn shown() -> (Vec<Found>, BTreeSet<String>) {
    let stays: Vec<&str> = english::LITERALS
        .iter()
        .flat_map(|(_, literals)| literals.iter().copied())
        .collect();
    let is_shown = |found: &Found| !english::FILES.iter().any(|(file, _)| *file == found.file);
    let found: Vec<Found> = literals().into_iter().filter(is_shown).collect();
    let all = found.iter().map(|found| found.text.clone()).collect();
    let wanted = |found: &Found| {
        let all = found.is_said || ALL_SHOWN.iter().any(|begin| found.file.starts_with(begin));
        let is_shown = has_word(&found.text) && (all || found.text.contains(' '));
        is_shown && !stays.contains(&found.text.as_str())
    };
    (found.into_iter().filter(wanted).collect(), all)
}

fn has_word(text: &str) -> bool {
    let mut words = text.split(|c: char| !c.is_alphabetic());
    words.any(|word| word.chars().count() > 1)
}

#[test]
fn every_language_has_every_sentence_and_no_other() {
    let (wanted, all) = shown();
    for code in &languages() {
        let known: BTreeSet<String> = pairs(code)
            .into_iter()
            .map(|(english, _)| english)
            .collect();
        let missing: BTreeSet<String> = wanted
            .iter()
            .filter(|found| !known.contains(&found.text))
            .map(|found| format!("{}: {}", found.file, found.text))
            .collect();
        assert!(
            missing.is_empty(),
            "{code}.txt lacks, and english.rs does not name:\n{missing:#?}"
        );
        let unsaid: Vec<_> = known.difference(&all).collect();
        assert!(
            unsaid.is_empty(),
            "{code}.txt has what no source says:\n{unsaid:#?}"
        );
    }
}

/// The check above would pass by itself if nothing were found any more.
#[test]
fn sentences_are_found_wherever_they_are_written() {
    let (wanted, _) = shown();
    let has = |text: &str| wanted.iter().any(|found| found.text == text);
    assert!(wanted.len() > 500, "{}", wanted.len());
    // In an argument, a format string with names and one with arguments, a constant, a macro of
    // our own, `say` with one word.
    for text in [
        "Daypass is locked.",
        "The identity {} needs an access key.",
        "The chosen terminal, {}, is not installed.",
        "Its mfa_process is not run: you type the codes.",
        "A region looks like eu-west-1.",
        "Quit",
    ] {
        assert!(has(text), "{text}");
    }
    assert!(!has("prod (59 min left)"), "of a test");
}

#[test]
fn what_stays_english_is_still_there() {
    let found = literals();
    for (file, _) in english::FILES {
        assert!(found.iter().any(|found| found.file == file), "{file}");
    }
    for (_, literals) in english::LITERALS {
        for literal in literals {
            assert!(
                found.iter().any(|found| found.text == *literal),
                "{literal:?}"
            );
        }
    }
}

/// The numbers of a template's holes, and which of them are said.
fn holes(template: &str) -> Vec<(usize, bool)> {
    let mut holes = Vec::new();
    for part in template.split('{').skip(1) {
        let hole = part.split('}').next().unwrap();
        let (number, is_said) = match hole.strip_suffix(":said") {
            Some(number) => (number, true),
            None => (hole, false),
        };
        let next = holes.last().map_or(1, |(last, _)| last + 1);
        holes.push((
            if number.is_empty() {
                next
            } else {
                number.parse().unwrap()
            },
            is_said,
        ));
    }
    holes
}

#[test]
fn both_of_a_pair_have_the_same_holes() {
    for code in &languages() {
        for (english, other) in pairs(code) {
            let mut said: Vec<usize> = holes(&other).into_iter().map(|(hole, _)| hole).collect();
            said.sort_unstable();
            let count = english.matches("{}").count();
            assert_eq!(said, (1..=count).collect::<Vec<_>>(), "{english}\n{other}");
            assert_eq!(english.matches('{').count(), count, "{english}");
            assert!(!english.contains("{}{}"), "not to be told apart: {english}");
        }
    }
}

/// What is said only of a number within a text, and so of no name.
const UNITS: [&str; 3] = ["{} h", "{} min", "{} s"];

/// T8: what a role, a file or AWS is called is shown as it is, whatever it is called.
#[test]
fn t8_what_stands_in_a_hole_is_kept() {
    for code in &languages() {
        let language = language(code);
        for (english, other) in pairs(code) {
            let contents = ["‹Quit›", "{}", "{1:said}", "<b>&", "\u{202e}x"];
            let used = english.matches("{}").count();
            let text = contents.iter().fold(english.clone(), |text, content| {
                text.replacen("{}", &content.replace('{', "\u{1}"), 1)
            });
            let text = text.replace('\u{1}', "{");
            let said = language.say(&text);
            for content in &contents[..used] {
                assert!(said.contains(content), "{content}: {said}");
            }
            let is_plain = holes(&other).iter().all(|(_, is_said)| !is_said);
            let stays = english == other || UNITS.contains(&english.as_str());
            assert!(!is_plain || said != text || stays, "not said: {text}");
        }
    }
}

/// As in ui/src/strings/de.ts.
#[test]
fn german_addresses_nobody_and_is_set_as_german_is() {
    for (english, german) in pairs("de") {
        for word in [" du ", " dein", " Ihnen", "bitte Sie", "!", "...", "'"] {
            assert!(!german.contains(word), "{word}: {german}");
        }
        // „Sie“ may begin a sentence about a thing.
        for (at, _) in german.match_indices(" Sie ") {
            assert!(german[..at].ends_with(['.', ':', '?', '}']), "{german}");
        }
        let quotes = |text: &str, mark: char| text.matches(mark).count();
        assert_eq!(quotes(&german, '„'), quotes(&german, '“'), "{german}");
        assert_eq!(quotes(&german, '`'), quotes(&english, '`'), "{german}");
        assert_eq!(german.trim(), german);
    }
}
