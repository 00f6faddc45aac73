//! What Daypass says, in the language of the person who reads it.
//!
//! The English sentence is the key, as with gettext: the agent, its socket, the logs and the
//! command line speak English, and whoever shows something to a person says it through here. What
//! a catalogue does not have, such as AWS's own words, stays as it is.

mod answer;
mod catalogue;
mod shown;
#[cfg(test)]
mod tests;
mod tries;

use std::sync::LazyLock;

use self::{answer::Answer, catalogue::Catalogue};

/// A language other than English.
struct Other {
    /// Its ISO 639 code.
    tag: &'static str,
    catalogue: LazyLock<Catalogue>,
}

/// Every other language. A further one is a further file here.
static OTHERS: [Other; 1] = [Other {
    tag: "de",
    catalogue: LazyLock::new(|| Catalogue::parse(include_str!("de.txt"))),
}];

/// What the system's language is said in, the first that is set (gettext manual, "Locale
/// Environment Variables"); the popup's page goes by the same.
const VARIABLES: [&str; 4] = ["LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"];

/// A language that Daypass speaks; English where nothing else is said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Language(Option<usize>);

impl Language {
    /// The language of the settings, else the system's.
    pub fn of(chosen: Option<&str>, system: Self) -> Self {
        match chosen {
            Some(tag) => Self::named(tag).unwrap_or_default(),
            None => system,
        }
    }

    /// The language of the environment that the process runs in.
    pub fn of_environment(variable: impl Fn(&str) -> Option<String>) -> Self {
        let mut set = VARIABLES.iter().filter_map(|name| variable(name));
        let wanted = set.find(|value| !value.is_empty()).unwrap_or_default();
        wanted.split(':').find_map(Self::named).unwrap_or_default()
    }

    /// `de` of `de-AT` and of `de_DE.UTF-8`.
    fn named(tag: &str) -> Option<Self> {
        let code = tag.split(['-', '_', '.', '@']).next()?;
        if code == "en" {
            return Some(Self(None));
        }
        let index = OTHERS.iter().position(|other| other.tag == code)?;
        Some(Self(Some(index)))
    }

    /// A text of ours in this language, with the names in it as they are.
    pub fn say(self, text: &str) -> String {
        Answer::new(self).say(text)
    }

    /// A text of ours with a person's own name where `{}` stands. It is said before the name is put
    /// in: one that looks like a text of ours is to stay.
    pub fn say_with(self, text: &str, name: &str) -> String {
        Answer::new(self).say_with(text, name)
    }

    fn catalogue(self) -> Option<&'static Catalogue> {
        let other = OTHERS.get(self.0?)?;
        Some(&other.catalogue)
    }
}
