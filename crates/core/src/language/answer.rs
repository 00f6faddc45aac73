//! Texts that are said together, on one budget: thousands of them may be in an answer, and anybody
//! may have written them (T8).

use std::cell::Cell;

use super::{
    Language,
    tries::{self, Tries},
};

/// How many texts are looked at for all of an answer: several for each of 10,000 roles. What is
/// over it stays English, but for texts without names in them.
const MOST_TRIES: usize = 64 * 1024;

pub(super) struct Answer {
    language: Language,
    /// The tries that are left.
    left: Cell<usize>,
}

impl Answer {
    pub(super) const fn new(language: Language) -> Self {
        Self {
            language,
            left: Cell::new(MOST_TRIES),
        }
    }

    /// As [`Language::say`].
    pub(super) fn say(&self, text: &str) -> String {
        let Some(catalogue) = self.language.catalogue() else {
            return text.to_owned();
        };
        let left = self.left.get();
        let mut tries = Tries::new(left.min(tries::MOST));
        let said = catalogue.say(text, &mut tries);
        self.left.set(left - tries.spent());
        said.unwrap_or_else(|| text.to_owned())
    }

    /// As [`Language::say_with`].
    pub(super) fn say_with(&self, text: &str, name: &str) -> String {
        self.say(text).replacen("{}", name, 1)
    }
}
