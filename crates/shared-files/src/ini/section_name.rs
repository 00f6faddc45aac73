//! Section names: what is a profile, and how a profile's name is written as one.

use daypass_core::problem::Problem;

/// The profile that a section of the config file is.
pub fn profile_of(section: &str) -> Option<String> {
    if section == "default" {
        return Some("default".to_owned());
    }
    second_word(section, "profile")
}

/// The Identity Center session that a section of the config file is.
pub fn sso_session_of(section: &str) -> Option<String> {
    second_word(section, "sso-session")
}

/// botocore looks only at how the section's name begins, and then wants two words.
fn second_word(section: &str, prefix: &str) -> Option<String> {
    if !section.starts_with(prefix) {
        return None;
    }
    let mut words = split(section)?.into_iter();
    match (words.next(), words.next(), words.next()) {
        (Some(_), Some(name), None) => Some(name),
        _ => None,
    }
}

/// How a profile's section is named in the config file.
///
/// # Errors
/// When the name can't stand there.
pub fn profile_section(name: &str) -> Result<String, Problem> {
    check_name(name)?;
    if name == "default" {
        return Ok(name.to_owned());
    }
    let bare = |c: char| !c.is_whitespace() && !matches!(c, '"' | '\'' | '\\');
    if name.chars().all(bare) {
        return Ok(format!("profile {name}"));
    }
    if !name.contains(['"', '\\']) {
        return Ok(format!("profile \"{name}\""));
    }
    if !name.contains('\'') {
        return Ok(format!("profile '{name}'"));
    }
    Err(Problem::usage(
        "A profile's name can't hold both kinds of quotation marks.",
    ))
}

/// Refuses what would not stay inside a section's brackets (T10).
pub(crate) fn check_name(name: &str) -> Result<(), Problem> {
    let refuse = |why: &str| Err(Problem::usage(format!("A profile's name {why}.")));
    if name.is_empty() {
        return refuse("can't be empty");
    }
    if name
        .chars()
        .any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}'))
    {
        return refuse("can't hold a line break or another character that cannot be seen");
    }
    if name.starts_with('[') || name.contains(']') {
        return refuse("can't begin with [ or hold a ]");
    }
    if name.trim() != name {
        return refuse("can't begin or end with a blank");
    }
    if holds_comment(name) {
        return refuse("can't hold # or ; after a blank, where some AWS tools see a comment");
    }
    Ok(())
}

/// Python sees comments only in whole lines; the SDKs for JavaScript, Rust and others cut a line
/// at a blank with `#` or `;` behind it.
pub(crate) fn holds_comment(text: &str) -> bool {
    text.chars()
        .zip(text.chars().skip(1))
        .any(|(before, c)| before.is_whitespace() && matches!(c, '#' | ';'))
}

/// Python's `shlex.split`; nothing where that raises an error.
fn split(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            ' ' | '\t' | '\r' | '\n' => words.extend(word.take()),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next()? {
                        '\'' => break,
                        c => word.push(c),
                    }
                }
            }
            '"' => double_quoted(&mut chars, word.get_or_insert_default())?,
            '\\' => word.get_or_insert_default().push(chars.next()?),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Some(words)
}

/// Between double quotes a backslash counts only before a quote or another backslash.
fn double_quoted(chars: &mut std::str::Chars<'_>, word: &mut String) -> Option<()> {
    loop {
        match chars.next()? {
            '"' => return Some(()),
            '\\' => match chars.next()? {
                c @ ('"' | '\\') => word.push(c),
                c => word.extend(['\\', c]),
            },
            c => word.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_split_as_shlex_does() {
        for (section, profile) in [
            ("default", Some("default")),
            ("profile a", Some("a")),
            ("profile \"a b\"", Some("a b")),
            ("profile 'a b'", Some("a b")),
            ("profile\ta", Some("a")),
            ("profile a\\ b", Some("a b")),
            ("profile \"a\\\"b\\c\"", Some("a\"b\\c")),
            ("profile \"\"", Some("")),
            ("profiles a", Some("a")),
            ("profile a b", None),
            ("profile", None),
            ("profile \"a", None),
            ("profile a\\", None),
            ("preview", None),
            ("sso-session s", None),
            ("Profile a", None),
        ] {
            assert_eq!(profile_of(section).as_deref(), profile, "[{section}]");
        }
        assert_eq!(sso_session_of("sso-session s").as_deref(), Some("s"));
    }

    #[test]
    fn t10_names_that_would_leave_their_section_are_refused() {
        for bad in [
            "",
            "a\nb",
            "a\rb",
            "a\0b",
            "[a",
            "a]b",
            "]",
            " a",
            "a\t",
            "a #b",
            "a ;b",
            "a\u{2028}b",
            "\"'",
        ] {
            assert!(profile_section(bad).is_err(), "{bad:?} was taken");
        }
        assert_eq!(profile_section("a#b").unwrap(), "profile a#b");
        assert_eq!(profile_section("a [b").unwrap(), "profile \"a [b\"");
    }

    proptest::proptest! {
        #[test]
        fn t10_a_name_reads_back_or_is_refused(name in "\\PC{0,20}|[ \\\\'\"a#;\\[\\]\n\u{85}]{0,8}") {
            if let Ok(section) = profile_section(&name) {
                proptest::prop_assert_eq!(profile_of(&section), Some(name));
            }
        }
    }
}
