use daypass_shared_files::ini::Document;

use crate::{
    Verdict,
    input::{assert_told, parts},
};

/// P5, T10: a section, a key, a value, and a file in which it is set. All else stays as it is, and
/// what was set reads back; taken out again, the file is as before.
pub fn ini(data: &[u8]) -> Verdict {
    let Some([section, key, value, text]) = parts(data) else {
        return Verdict::Refused;
    };
    let Ok(before) = Document::parse(text) else {
        return Verdict::Refused;
    };
    assert_eq!(before.text(), text);
    take_out(&before, section, key);
    let after = match before.set(section, key, value) {
        Ok(after) => after,
        Err(problem) => {
            assert_told(&problem);
            return Verdict::Refused;
        }
    };
    assert_eq!(own(&after, section, key).as_deref(), Some(value));
    assert_eq!(
        foreign(&before, section, key),
        foreign(&after, section, key)
    );
    assert_lines_stay(&before, &after, section, key);
    let new = own(&before, section, key).is_none();
    if new && before.section(section).is_some() {
        let without = after.without(section, key).expect("it was put there");
        let ending = without.text().strip_prefix(text);
        assert!(matches!(ending, Some("" | "\n" | "\r" | "\r\n")));
    }
    Verdict::Taken
}

fn take_out(before: &Document, section: &str, key: &str) {
    let after = match before.without(section, key) {
        Ok(after) => after,
        Err(problem) => return assert_told(&problem),
    };
    assert_eq!(own(&after, section, key), None);
    assert_eq!(foreign(before, section, key), foreign(&after, section, key));
    assert_lines_stay(before, &after, section, key);
}

fn own(document: &Document, section: &str, key: &str) -> Option<String> {
    let section = document.section(section)?;
    document.own(section, key).map(Into::into)
}

/// All sections, keys and values but that one, with what each gets from `[DEFAULT]`.
fn foreign(document: &Document, section: &str, key: &str) -> Vec<(String, String, String)> {
    let mut all = Vec::new();
    for found in document.sections() {
        for name in found.keys().filter(|name| *name != key) {
            let value = document.get(found, name).unwrap_or_default();
            all.push((found.name().to_owned(), name.to_owned(), value.into()));
        }
        if found.name() != section {
            let value = document.get(found, key).unwrap_or_default();
            all.push((found.name().to_owned(), key.to_owned(), value.into()));
        }
    }
    all
}

/// All lines but those that can be the value's are still there, in their order and byte for byte.
fn assert_lines_stay(before: &Document, after: &Document, section: &str, key: &str) {
    let value = own(before, section, key);
    let of_value = |line: &str| {
        let line = trim(line);
        let names_key = line.split(['=', ':']).next().unwrap_or_default();
        let named = trim(names_key).to_lowercase() == key;
        value.as_ref().is_some_and(|value| {
            named || (!line.is_empty() && value.split('\n').any(|part| trim(part) == line))
        })
    };
    let mut rest = after.text();
    for line in lines(before.text()).filter(|line| !of_value(line)) {
        let at = rest.find(line);
        assert!(at.is_some(), "{line:?} is gone from {:?}", after.text());
        let at = at.unwrap_or_default();
        rest = rest.get(at + line.len()..).unwrap_or_default();
    }
}

/// Lines with their endings: `\n`, `\r\n` or `\r`.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let end = match rest.find(['\n', '\r']) {
            Some(at) if rest.get(at..).is_some_and(|end| end.starts_with("\r\n")) => at + 2,
            Some(at) => at + 1,
            None => rest.len(),
        };
        let (line, after) = rest.split_at(end);
        rest = after;
        (!line.is_empty()).then_some(line)
    })
}

/// Python strips more than Rust does.
fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c))
}
