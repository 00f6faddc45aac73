//! A little colour for words that a person looks for, on a terminal only.

use std::ffi::OsStr;

use crate::terminal;

/// What a word says at a glance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// It works.
    Good,
    /// It will need a person.
    Soon,
    /// It failed.
    Bad,
    /// Nothing to look at.
    Quiet,
}

/// Whether to colour at all.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Paint(bool);

impl Paint {
    /// For standard output: colours on a terminal, unless NO_COLOR says otherwise (no-color.org).
    pub(crate) fn for_stdout() -> Self {
        let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        let dumb = set("TERM").is_some_and(|term| term == OsStr::new("dumb"));
        Self(set("NO_COLOR").is_none() && !dumb && terminal::stdout_is_terminal())
    }

    /// The word in its colour.
    pub(crate) fn tone(self, tone: Tone, word: &str) -> String {
        let code = match tone {
            Tone::Good => "32",
            Tone::Soon => "33",
            Tone::Bad => "31",
            Tone::Quiet => "2",
        };
        if self.0 {
            format!("\u{1b}[{code}m{word}\u{1b}[0m")
        } else {
            word.to_owned()
        }
    }
}

#[cfg(test)]
impl Paint {
    pub(crate) const PLAIN: Self = Self(false);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_terminal_a_word_is_a_word() {
        assert_eq!(Paint::PLAIN.tone(Tone::Bad, "failed"), "failed");
        assert_eq!(
            Paint(true).tone(Tone::Bad, "failed"),
            "\u{1b}[31mfailed\u{1b}[0m"
        );
    }
}
