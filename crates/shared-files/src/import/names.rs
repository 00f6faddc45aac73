//! Names that Daypass takes, made from names that AWS's tools take.

use std::collections::{HashMap, HashSet};

use daypass_core::name::{MAX_NAME, Name, changes_direction};

/// Names that are given, each once.
#[derive(Default)]
pub(super) struct Names {
    given: HashSet<Name>,
    /// The number that a text gets next, so that a thousand namesakes cost a thousand steps.
    next: HashMap<String, usize>,
}

/// What Daypass has under a name.
pub(super) enum Held {
    /// Nothing.
    Free,
    /// The very thing.
    Same,
    /// Something else.
    Other,
}

impl Names {
    /// Gives the nearest free name, and says whether Daypass has the very thing under it.
    pub(super) fn give(&mut self, text: &str, held: impl Fn(&Name) -> Held) -> (Name, bool) {
        let base = acceptable(text);
        let next = self.next.entry(base.clone()).or_insert(1);
        loop {
            let number = *next;
            *next += 1;
            let Ok(name) = Name::parse(&numbered(&base, number)) else {
                continue;
            };
            if self.given.contains(&name) {
                continue;
            }
            let known = match held(&name) {
                Held::Free => false,
                Held::Same => true,
                Held::Other => continue,
            };
            self.given.insert(name.clone());
            return (name, known);
        }
    }
}

/// What of a text can be a name.
pub(super) fn acceptable(text: &str) -> String {
    let visible = |c: &char| !c.is_control() && !changes_direction(*c);
    let text: String = text.chars().filter(visible).collect();
    let text = text.trim_start_matches(|c: char| c == '-' || c.is_whitespace());
    // Room for a number.
    let text: String = text.chars().take(MAX_NAME - 8).collect();
    match text.trim_end() {
        "" => "profile".to_owned(),
        text => text.to_owned(),
    }
}

fn numbered(base: &str, number: usize) -> String {
    if number == 1 {
        return base.to_owned();
    }
    format!("{base}-{number}")
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn every_text_becomes_names_of_its_own(text in "(\\PC|[- \t\n\u{202e}\0]){0,140}") {
            let mut names = Names::default();
            let (first, _) = names.give(&text, |_| Held::Free);
            let (second, _) = names.give(&text, |_| Held::Free);
            proptest::prop_assert_ne!(&first, &second);
            if Name::parse(&text).is_ok() && text.chars().count() <= MAX_NAME - 8 {
                proptest::prop_assert_eq!(first.as_str(), text);
            }
        }
    }

    #[test]
    fn what_daypass_has_under_a_name_decides() {
        let mut names = Names::default();
        let held = |name: &Name| match name.as_str() {
            "a" => Held::Other,
            "a-2" => Held::Same,
            _ => Held::Free,
        };
        assert_eq!(names.give("a", held), (Name::parse("a-2").unwrap(), true));
        assert_eq!(names.give("a", held), (Name::parse("a-3").unwrap(), false));
    }
}
