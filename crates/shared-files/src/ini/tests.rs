use proptest::prelude::*;

use super::*;

fn read(text: &str) -> Document {
    Document::parse(text).unwrap_or_else(|mistake| panic!("{mistake:?}\n{text}"))
}

fn own(document: &Document, section: &str, key: &str) -> Option<String> {
    let section = document.section(section)?;
    document.own(section, key).map(Cow::into_owned)
}

const ODD: &str = "\u{feff}# first\r\n[default]\r\nregion=eu-west-1\r\n\r\n  ; comment\r\n[profile \"a b\"] ; not a comment\r\nOutput : json\r\ns3 =\r\n  max_queue_size = 1\r\n\r\n  # inside\r\n  addressing_style=path\r\n[DEFAULT]\r\ncolour = blue # kept\r\n[sso-session s]\r\nlong = one\r\n two\r\n";

#[test]
fn it_reads_what_botocore_reads() {
    let document = read(ODD);
    assert!(document.has_bom());
    let names: Vec<&str> = document.sections().iter().map(Section::name).collect();
    // The bracket that ends a header is the line's last one.
    assert_eq!(names, ["default", "profile \"a b\"", "sso-session s"]);
    let value = |section: &str, key: &str| own(&document, section, key);
    assert_eq!(value("default", "region").unwrap(), "eu-west-1");
    assert_eq!(value("profile \"a b\"", "output").unwrap(), "json");
    assert_eq!(
        value("profile \"a b\"", "s3").unwrap(),
        "\nmax_queue_size = 1\n\naddressing_style=path"
    );
    assert_eq!(value("sso-session s", "long").unwrap(), "one\ntwo");
    let section = document.section("default").unwrap();
    assert_eq!(document.get(section, "colour").unwrap(), "blue # kept");
    assert_eq!(value("default", "colour"), None);
}

#[test]
fn what_botocore_refuses_is_refused_with_its_line() {
    for (bad, line, word) in [
        ("[a]\nx = 1\n[b]\n\n[a]\n", 5, "twice"),
        ("[a]\nx = 1\n# c\nX: 2\n", 4, "twice"),
        ("[DEFAULT]\nx = 1\nx = 2\n", 3, "twice"),
        ("# only\nx = 1\n", 2, "no section"),
        ("[a]\nnothing\n", 2, "neither"),
        ("[a]\n= 1\n", 2, "neither"),
        ("[]\n", 1, "no section"),
        ("[a]\ns3 =\n  nothing\n", 2, "without ="),
        ("[DEFAULT]\ns3 =\n  nothing\n[a]\n", 2, "without ="),
    ] {
        let mistake = Document::parse(bad).map(|_| ()).unwrap_err();
        assert_eq!(mistake.line, line, "{bad:?}");
        assert!(mistake.what.contains(word), "{bad:?}: {}", mistake.what);
    }
    let long = format!("[a]\nx = {}\n", "x".repeat(MAX_LINE));
    assert_eq!(Document::parse(&long).map(|_| ()).unwrap_err().line, 2);
    // Twice is once for [DEFAULT], and alone it isn't looked at.
    read("[DEFAULT]\nx = 1\n[DEFAULT]\ns3 =\n  nothing\n");
}

#[test]
fn an_edit_changes_only_its_line() {
    let edit = |text: &str, section: &str, key: &str, value: &str| {
        read(text)
            .set(section, key, value)
            .unwrap()
            .text()
            .to_owned()
    };
    for (before, after) in [
        ("[a]\nx = 1\ny=2 \n", "[a]\nx = 1\ny=9 \n"),
        ("[a]\r\nY  :  2\r\n", "[a]\r\nY  :  9\r\n"),
        ("[a]\ny = 2", "[a]\ny = 9"),
        ("[a]", "[a]\ny = 9\n"),
        (
            "[a]\n  x = 1\n\n# c\n  [b]\n",
            "[a]\n  x = 1\n  y = 9\n\n# c\n  [b]\n",
        ),
        ("[a]\r\nx = 1", "[a]\r\nx = 1\r\ny = 9\r\n"),
        (
            "[a]\ny = 1\n  # kept\n  2\nz = 3\n",
            "[a]\ny = 9\n  # kept\nz = 3\n",
        ),
        ("", "[a]\ny = 9\n"),
        ("[b]\nx = 1", "[b]\nx = 1\n\n[a]\ny = 9\n"),
        ("[b]\n\n", "[b]\n\n[a]\ny = 9\n"),
    ] {
        assert_eq!(edit(before, "a", "y", "9"), after, "{before:?}");
    }
    let document = read("[a]\ny = 1\n # kept\n 2\nz = 3");
    assert_eq!(
        document.without("a", "y").unwrap().text(),
        "[a]\n # kept\nz = 3"
    );
    assert_eq!(
        document.without("a", "z").unwrap().text(),
        "[a]\ny = 1\n # kept\n 2\n"
    );
    assert_eq!(document.without("b", "z").unwrap().text(), document.text());
}

#[test]
fn an_edit_that_would_change_its_neighbours_is_refused() {
    // The header of [b] would go on with the new key's value.
    let document = read("[a]\n  [b]\nx = 1\n");
    let problem = document.set("a", "y", "9").map(|_| ()).unwrap_err();
    assert!(problem.what.contains("indented"), "{problem}");
}

#[test]
fn t10_what_would_leave_its_line_is_refused() {
    let document = read("[a]\nx = 1\n");
    for bad in ["", "a\nb", "a\rb", "a\0b", " a", "a\u{a0}", "a\u{85}b"] {
        assert!(document.set("a", "y", bad).is_err(), "{bad:?} was taken");
    }
    for bad in ["", "a\n[b", "[b", "b]", "DEFAULT", " b"] {
        assert!(document.set(bad, "y", "1").is_err(), "[{bad:?}] was taken");
    }
    assert!(document.set("a", "y = 1\nz", "1").is_err());
}

/// Lines that files are made of, some of them good.
fn line() -> impl Strategy<Value = String> {
    let indent = "[ \t]{0,3}";
    let name = "profile [a-e]|default|[a-e]|DEFAULT|profile \"[a-c] [a-c]\"";
    prop_oneof![
        4 => (indent, name).prop_map(|(i, n)| format!("{i}[{n}]")),
        6 => (indent, "[a-h]{1,2}|aws_access_key_id", "( ?[=:] ?)", "\\PC{0,8}")
            .prop_map(|(i, k, d, v)| format!("{i}{k}{d}{v}")),
        2 => (indent, "[#;]\\PC{0,8}").prop_map(|(i, c)| i + &c),
        1 => Just(String::new()),
        1 => (indent, "\\PC{0,6}").prop_map(|(i, t)| i + &t),
    ]
}

fn text() -> impl Strategy<Value = String> {
    let ending = prop_oneof![Just("\n"), Just("\r\n"), Just("\r")];
    let lines = proptest::collection::vec(line(), 0..14);
    (lines, ending, any::<bool>(), any::<bool>()).prop_map(|(lines, ending, bom, last)| {
        let mut text = lines.join(ending);
        if last {
            text.push_str(ending);
        }
        if bom { format!("{BOM}{text}") } else { text }
    })
}

/// Everything that is not the key, with its bytes.
fn foreign(document: &Document, section: &str, key: &str) -> Vec<(String, String, String)> {
    document
        .contents()
        .filter(|(s, k, _)| !(*s == section && (*k == key || k.is_empty())))
        .map(|(s, k, v)| (s.to_owned(), k.to_owned(), v.into_owned()))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn t10_p5_an_edit_reads_back_and_leaves_the_rest(
        text in text(),
        section in "[a-f]|profile [a-f]|\\PC{0,6}",
        key in "[a-h]{1,2}|aws_access_key_id|\\PC{0,4}",
        value in "\\PC{0,8}|[ \t\n\r\0a=:#;\\[\\]]{0,6}",
    ) {
        let Ok(before) = Document::parse(&text) else { return Ok(()) };
        prop_assert_eq!(before.text(), &text);
        let Ok(after) = before.set(&section, &key, &value) else { return Ok(()) };
        prop_assert_eq!(own(&after, &section, &key), Some(value));
        prop_assert_eq!(foreign(&before, &section, &key), foreign(&after, &section, &key));
        // All old lines but the ones of the value are still there, in their order and byte for byte.
        let mut rest = after.text();
        let kept = before.lines.iter().enumerate().filter(|(index, _)| {
            let entry = before.section(&section).and_then(|s| s.entry(&key));
            entry.is_none_or(|entry| !(entry.line..=entry.last).contains(index))
        });
        for (_, line) in kept {
            let line = &before.text[line.start..line.end];
            let at = rest.find(line);
            prop_assert!(at.is_some(), "{:?} is gone", line);
            rest = &rest[at.unwrap() + line.len()..];
        }
        let removed = after.without(&section, &key);
        if let Ok(removed) = removed {
            prop_assert_eq!(own(&removed, &section, &key), None);
            prop_assert_eq!(foreign(&before, &section, &key), foreign(&removed, &section, &key));
        }
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "(\\PC|[\\[\\]=:#; \t\n\r\u{feff}\u{85}]){0,60}") {
        if let Ok(document) = Document::parse(&text) {
            prop_assert_eq!(document.text(), &text);
        }
    }
}
