//! Names that people give to identities and roles.

use serde::{Deserialize, Serialize};

use crate::problem::Problem;

/// Longest name in characters; profile names of the AWS CLI have no limit, screens have.
pub const MAX_NAME: usize = 128;

/// The name of an identity or a role: printable, one line, not mistakable for an option.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(String);

impl Name {
    /// Checks and takes a name.
    ///
    /// # Errors
    /// Says which rule the text breaks.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        if text.is_empty() {
            return Err(Problem::usage("A name is missing."));
        }
        if text.chars().count() > MAX_NAME {
            return Err(Problem::usage(format!(
                "The name is longer than {MAX_NAME} characters."
            )));
        }
        if text.chars().any(|c| c.is_control() || changes_direction(c)) {
            return Err(Problem::usage(
                "The name holds a character that cannot be seen.",
            ));
        }
        if text.trim() != text {
            return Err(Problem::usage("The name begins or ends with a blank."));
        }
        if text.starts_with('-') {
            return Err(Problem::usage(
                "The name begins with a dash, like an option.",
            ));
        }
        Ok(Self(text.to_owned()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Name {
    type Error = Problem;
    fn try_from(text: String) -> Result<Self, Problem> {
        Self::parse(&text)
    }
}

impl std::str::FromStr for Name {
    type Err = Problem;
    fn from_str(text: &str) -> Result<Self, Problem> {
        Self::parse(text)
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Bidirectional and invisible formatting characters, with which a text can show as another
/// (Unicode TR 36, "Trojan Source").
pub const fn changes_direction(c: char) -> bool {
    matches!(
        c,
        '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_an_ordinary_name() {
        assert!(Name::parse("<img src=x onerror=alert(1)>").is_ok());
    }

    #[test]
    fn names_that_deceive_are_refused() {
        for bad in [
            "",
            " a",
            "a ",
            "-a",
            "a\nb",
            "a\u{202e}b",
            "a\0b",
            "\u{1b}[2J",
        ] {
            assert!(Name::parse(bad).is_err(), "{bad:?} was taken");
        }
        assert!(Name::parse(&"x".repeat(MAX_NAME + 1)).is_err());
    }
}
