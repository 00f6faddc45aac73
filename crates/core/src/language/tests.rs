use serde_json::{Value, json};

use super::{
    Language,
    catalogue::Catalogue,
    tries::{self, Tries},
};
use crate::{
    Instant,
    arn::{MfaSerial, PrincipalArn},
    import::{FoundRole, ImportPlan},
    journal::{By, Entry, Event, Page},
    name::Name,
    problem::Problem,
    protocol::{Changes, Response},
    role::Role,
    settings::Settings,
};

fn german() -> Language {
    Language::of(Some("de"), Language::default())
}

#[test]
fn the_settings_go_before_the_system_and_what_nobody_speaks_is_english() {
    let english = Language::default();
    assert_ne!(german(), english);
    assert_eq!(Language::of(None, german()), german());
    assert_eq!(Language::of(Some("de-AT"), english), german());
    for tag in ["en", "en-GB", "fr", "", "../de"] {
        assert_eq!(Language::of(Some(tag), german()), english, "{tag}");
    }
}

#[test]
fn the_environment_is_read_as_gettext_does() {
    for (set, is_german) in [
        (&[("LANG", "de_DE.UTF-8")][..], true),
        (
            &[("LANG", "de_DE.UTF-8"), ("LC_MESSAGES", "en_US.UTF-8")],
            false,
        ),
        (
            &[
                ("LANG", "en_US"),
                ("LC_ALL", ""),
                ("LC_MESSAGES", "de@euro"),
            ],
            true,
        ),
        (&[("LANG", "en_US"), ("LANGUAGE", "fr:de:en")], true),
        (&[("LANG", "de_DE"), ("LANGUAGE", "fr:en:de")], false),
        (&[("LANG", "C.UTF-8")], false),
        (&[("LANG", "den_XX")], false),
        (&[], false),
    ] {
        let language = Language::of_environment(|name| {
            let found = set.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        });
        assert_eq!(language == german(), is_german, "{set:?}");
    }
}

#[test]
fn english_is_said_as_it_is() {
    let text = "There is no role prod.";
    assert_eq!(Language::default().say(text), text);
}

#[test]
fn what_stands_in_a_hole_is_kept_and_said_only_where_it_is_ours() {
    for (english, other) in [
        ("There is no role Quit.", "Es gibt keine Rolle Quit."),
        (
            "There is no role x. Try again..",
            "Es gibt keine Rolle x. Try again..",
        ),
        (
            "AWS refused: Daypass is locked.",
            "AWS hat abgelehnt: Daypass is locked.",
        ),
        (
            "There is no identity wrok. Did you mean work?",
            "Identität wrok gibt es nicht. Gemeint ist vielleicht work.",
        ),
        (
            "/etc/x can't be read: it is a folder.",
            "/etc/x lässt sich nicht lesen: es ist ein Ordner.",
        ),
        (
            "/etc/x can't be read: Is a directory.",
            "/etc/x lässt sich nicht lesen: Is a directory.",
        ),
    ] {
        assert_eq!(german().say(english), other);
    }
}

#[test]
fn texts_of_several_texts_are_said() {
    for (english, other) in [
        // Two sentences, each known.
        (
            "AWS did not take that code. Try again.",
            "AWS hat diesen Code nicht angenommen. Noch einmal versuchen.",
        ),
        // A sentence within a sentence, within another.
        (
            "/home/a b/config.toml: The role my own role asks for 2h, but a role session lasts at most 12h.",
            "/home/a b/config.toml: Die Rolle my own role verlangt 2h, aber eine Rollensitzung dauert höchstens 12h.",
        ),
        (
            "/etc/my file, line 3: the key x is there twice in its section, and so no AWS tool reads the file.",
            "/etc/my file, Zeile 3: der Schlüssel x steht zweimal in seinem Abschnitt, und so liest kein Werkzeug von AWS die Datei.",
        ),
        (
            "The keychain did not answer as it should: dbus is gone. It took 5 ms.",
            "Der Schlüsselbund hat nicht geantwortet, wie er sollte: dbus is gone. Es dauerte 5 ms.",
        ),
        // Where one hole ends and the next begins is not plain at once.
        (
            "This computer's clock is 5 min behind AWS's.",
            "Die Uhr dieses Rechners geht gegenüber AWS 5 Min. nach.",
        ),
        (
            "This computer's clock is 7 s behind AWS's.",
            "Die Uhr dieses Rechners geht gegenüber AWS 7 Sek. nach.",
        ),
        ("A profile's name my h.", "Der Name eines Profils my h."),
        (
            "prod, and 12h without another code",
            "prod und 12h ohne einen weiteren Code",
        ),
        // What the system says within what is ours.
        (
            "/home/a/config.toml: /etc/x can't be read: Is a directory.",
            "/home/a/config.toml: /etc/x lässt sich nicht lesen: Is a directory.",
        ),
        (
            "/etc/x can't be read: Is a directory. Try again.",
            "/etc/x lässt sich nicht lesen: Is a directory. Noch einmal versuchen.",
        ),
    ] {
        assert_eq!(german().say(english), other);
    }
}

#[test]
fn a_text_is_said_before_a_name_is_put_in() {
    let text = "{}: the session ends soon";
    for (name, other) in [
        ("prod", "prod: Die Sitzung endet bald"),
        (
            "The role a, read-only",
            "The role a, read-only: Die Sitzung endet bald",
        ),
        ("{} {}", "{} {}: Die Sitzung endet bald"),
    ] {
        assert_eq!(german().say_with(text, name), other);
        let english = Language::default().say_with(text, name);
        assert_eq!(english, format!("{name}: the session ends soon"));
    }
}

/// Problems as they really come about, of texts within texts.
#[test]
fn what_is_refused_is_said() {
    let config = |role: &str| {
        let text = format!(
            r#"{{"name": "my role", "identity": "work", "arn": "arn:aws:iam::111122223333:role/A", {role}}}"#
        );
        serde_json::from_str::<Role>(&text).unwrap()
    };
    let settings = Settings::default();
    let change =
        |key: &str, value: Value| settings.changed(&Changes::from([(key.to_owned(), Some(value))]));
    let role = config(r#""session": "daily", "duration": "13h""#);
    let in_file = Problem::usage(format!(
        "/home/a b/config.toml: {}",
        role.check().unwrap_err()
    ));
    for (problem, other) in [
        (
            MfaSerial::parse("arn:aws:sqs::111122223333:mfa/ada").unwrap_err(),
            "Der ARN ist keiner von IAM. Sie sieht aus wie arn:aws:iam::111122223333:mfa/ada, oder auf einem Token wie GAHT12345678.",
        ),
        (
            MfaSerial::parse("x").unwrap_err(),
            "Eine MFA-Seriennummer hat 9 bis 256 Zeichen. Sie sieht aus wie arn:aws:iam::111122223333:mfa/ada, oder auf einem Token wie GAHT12345678.",
        ),
        (
            PrincipalArn::parse("arn:aws:iam::111122223333:user/ada").unwrap_err(),
            "Der ARN nennt etwas von der Art user, nicht role. Der ARN einer Rolle sieht aus wie arn:aws:iam::111122223333:role/Admin.",
        ),
        (
            in_file,
            "/home/a b/config.toml: Die Rolle my role verlangt 13h, aber AWS begrenzt eine Sitzung aus befristeten Zugangsdaten auf 1h. 1h verwenden, oder session = \"long\" mit einem Code für jede Sitzung.",
        ),
        (
            change("warn_minutes", json!("Quit, not Lock")).unwrap_err(),
            "Die Einstellung warn_minutes ist eine ganze Zahl von Minuten, höchstens 2160, nicht Quit, not Lock.",
        ),
        (
            Problem::locked(),
            "Daypass ist gesperrt. `daypass unlock` in einem Terminal ausführen, oder im Fenster oder Menü „Entsperren“ wählen.",
        ),
    ] {
        assert_eq!(german().problem(problem).to_string(), other);
    }
}

#[test]
fn a_text_that_is_not_ours_stays() {
    for text in [
        "",
        "Quit.",
        "user: something that nobody has written",
        "rock, and roll",
        "12 h",
        "my role, 12 min",
        "my role: 12 h",
        "[my role] in x: 12 h",
        "unknown. Try again.",
        "Try again. unknown",
        "{} {1} {:said}",
    ] {
        assert_eq!(german().say(text), text);
    }
}

#[test]
fn a_template_with_more_words_goes_before_one_with_fewer() {
    let catalogue = Catalogue::parse("a {} thing\nB {}\n\n# no pair\na {} big thing\nC {}\n");
    assert_eq!(
        said(&catalogue, "a very big thing").as_deref(),
        Some("C very")
    );
    assert_eq!(
        said(&catalogue, "a small thing").as_deref(),
        Some("B small")
    );
}

#[test]
fn what_is_known_whole_goes_before_what_is_known_in_part() {
    let catalogue = Catalogue::parse(
        "{} failed: {}.\n{} ging nicht: {:said}.\n\nfile {}\nDatei {:said}\n\nlate\nspät\n",
    );
    for (english, other) in [
        (
            "a failed: file b failed: late.",
            "a failed: file b ging nicht: spät.",
        ),
        ("a failed: file b.", "a ging nicht: Datei b."),
        ("a failed: early.", "a ging nicht: early."),
    ] {
        assert_eq!(said(&catalogue, english).as_deref(), Some(other));
    }
}

#[test]
fn holes_change_places() {
    let catalogue = Catalogue::parse("{} of {} is here\n{2} hat {1}: {1:said}\n\nsky\nHimmel\n");
    let said = said(&catalogue, "sky of a of b is here");
    assert_eq!(said.as_deref(), Some("a of b hat sky: Himmel"));
}

/// T8: names and files may hold anything, and a sentence about them is said at each change.
#[test]
fn t8_a_hostile_text_is_soon_given_up() {
    let catalogue = german().catalogue().unwrap();
    let looked_at = |text: &str, most| {
        let mut tries = Tries::new(most);
        catalogue.say(text, &mut tries);
        tries.spent()
    };
    // The first would take some thousand tries, so that this fails where none are counted.
    let hostile = "There is no a b. ".repeat(8);
    assert!(looked_at(&hostile, 100_000) > 2 * tries::MOST);
    assert_eq!(looked_at(&hostile, tries::MOST), tries::MOST);
    for piece in [
        "There is no a b. ",
        "{}: {}",
        "x. Try again. ",
        "a. b? ",
        "Daypass: a. ",
    ] {
        let text = piece.repeat(1_900 / piece.len());
        assert_eq!(looked_at(&text, tries::MOST), tries::MOST, "{piece}");
    }
    let long = format!("There is no role {}.", "x".repeat(10_000));
    assert_eq!(looked_at(&long, tries::MOST), 0);
}

/// T8: a journal and other programs' files hold thousands of texts.
#[test]
fn t8_all_texts_of_an_answer_have_one_budget() {
    let hostile = "There is no a b. ".repeat(8);
    let mut whys = vec![hostile.as_str(); 300];
    whys.extend(["There is no role x.", "Daypass is locked."]);
    let said = said_in_a_journal(&whys);
    let [.., with_a_name, plain] = said.as_slice() else {
        panic!("not as many as there were")
    };
    assert_eq!(with_a_name, "There is no role x.");
    assert_eq!(plain, "Daypass ist gesperrt.");
    assert_eq!(german().say(with_a_name), "Es gibt keine Rolle x.");
}

#[test]
fn a_long_answer_of_ordinary_texts_is_said_whole() {
    let why = "/home/a b/config.toml: The role my role asks for 2h, but a role session lasts at most 12h.";
    let said = said_in_a_journal(&[why; 200]);
    assert_eq!(said.len(), 200);
    for why in said {
        assert_eq!(
            why,
            "/home/a b/config.toml: Die Rolle my role verlangt 2h, aber eine Rollensitzung dauert höchstens 12h."
        );
    }

    let arn = PrincipalArn::parse("arn:aws:iam::111122223333:role/A").unwrap();
    let found = |number: usize| {
        FoundRole {
        role: Role::new(name(&number.to_string()), name("work"), arn.clone()),
        origin: format!("[{number}] in /home/ada/.aws/config"),
        beware: ["endpoint_url", "services", "ca_bundle", "sts_regional_endpoints"]
            .map(|key| format!("{key} = {number} is not taken over: Daypass asks the endpoint of the role's region."))
            .to_vec(),
        known: false,
    }
    };
    let plan = ImportPlan {
        roles: (0..10_000).map(found).collect(),
        ..ImportPlan::default()
    };
    let Response::ImportPlan(plan) = german().response(Response::ImportPlan(Box::new(plan))) else {
        panic!("another answer")
    };
    assert_eq!(plan.roles.len(), 10_000);
    for text in plan.roles.iter().flat_map(|role| &role.beware) {
        assert!(
            text.ends_with(
                " wird nicht übernommen: Daypass fragt den Endpunkt der Region der Rolle."
            ),
            "{text}"
        );
    }
}

fn said_in_a_journal(whys: &[&str]) -> Vec<String> {
    let entry = |(number, why): (usize, &&str)| Entry {
        number: number as u64,
        at: Instant::UNIX_EPOCH,
        again: None,
        event: Event::KeyNotReplaced {
            identity: name("work"),
            why: (*why).to_owned(),
            by: By::You,
        },
    };
    let page = Page {
        entries: whys.iter().enumerate().map(entry).collect(),
        next: None,
    };
    let Response::Journal(page) = german().response(Response::Journal(page)) else {
        panic!("another answer")
    };
    let why = |entry: Entry| match entry.event {
        Event::KeyNotReplaced { why, .. } => why,
        _ => panic!("another event"),
    };
    page.entries.into_iter().map(why).collect()
}

fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

fn said(catalogue: &Catalogue, text: &str) -> Option<String> {
    catalogue.say(text, &mut Tries::new(tries::MOST))
}
