//! What a person says about an AWS account: its name, its colour, whether it is a production one,
//! where its consoles open.

use serde::{Deserialize, Serialize};

use crate::{browser::Browser, field::AccountId, name::changes_direction, problem::Problem};

/// What a person says about an AWS account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its twelve digits.
    pub id: AccountId,
    /// What people call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How it is marked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub colour: Option<Colour>,
    /// Whether a mistake there is felt by others.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub production: bool,
    /// Where its consoles open, if not where all do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub browser: Option<Browser>,
}

/// A colour that the popup has a name and shades for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "colours")]
pub enum Colour {
    Red,
    Orange,
    Yellow,
    Green,
    Teal,
    Blue,
    Purple,
    Pink,
}

impl Colour {
    /// In the order in which they are offered.
    pub const ALL: [Self; 8] = [
        Self::Red,
        Self::Orange,
        Self::Yellow,
        Self::Green,
        Self::Teal,
        Self::Blue,
        Self::Purple,
        Self::Pink,
    ];

    /// As people write it, and as it is stored.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Red => "red",
            Self::Orange => "orange",
            Self::Yellow => "yellow",
            Self::Green => "green",
            Self::Teal => "teal",
            Self::Blue => "blue",
            Self::Purple => "purple",
            Self::Pink => "pink",
        }
    }
}

impl std::fmt::Display for Colour {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// The longest name of an account.
const MAX_NAME: usize = 64;

impl Account {
    /// Nothing said yet about an account.
    pub const fn new(id: AccountId) -> Self {
        Self {
            id,
            name: None,
            colour: None,
            production: false,
            browser: None,
        }
    }

    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        *self == Self::new(self.id.clone())
    }

    /// Checks what the types alone cannot.
    ///
    /// # Errors
    /// When its name is none, or its browser.
    pub fn check(&self) -> Result<(), Problem> {
        let named = |name: &String| {
            (1..=MAX_NAME).contains(&name.chars().count())
                && name.trim() == name
                && !name.chars().any(|c| c.is_control() || changes_direction(c))
        };
        if !self.name.as_ref().is_none_or(named) {
            return Err(Problem::usage(format!(
                "The name of an account has 1 to {MAX_NAME} characters on one line, without blanks around it."
            )));
        }
        self.browser.as_ref().map_or(Ok(()), Browser::check)
    }
}

/// Checks all that is said about accounts.
///
/// # Errors
/// The first thing that is wrong.
pub(crate) fn check(accounts: &[Account]) -> Result<(), Problem> {
    for (place, account) in accounts.iter().enumerate() {
        account.check()?;
        let earlier = accounts.iter().take(place);
        if earlier.map(|other| &other.id).any(|id| *id == account.id) {
            return Err(Problem::usage(format!(
                "There are two accounts with the number {}.",
                account.id.as_str()
            )));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(name: &str) -> Account {
        Account {
            name: Some(name.to_owned()),
            ..Account::new(AccountId::parse("111122223333").unwrap())
        }
    }

    #[test]
    fn a_name_is_one_line_and_not_blank() {
        assert_eq!(account("Shop, production").check(), Ok(()));
        for bad in ["", " ", " shop", "a\nb", "a\u{202e}b", &"x".repeat(65)] {
            assert!(account(bad).check().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn colours_are_stored_as_people_write_them() {
        for colour in Colour::ALL {
            let stored = serde_json::to_value(colour).unwrap();
            assert_eq!(stored, colour.name());
            assert_eq!(colour.to_string(), colour.name());
        }
    }

    #[test]
    fn nothing_said_is_told_from_something() {
        assert!(Account::new(AccountId::parse("111122223333").unwrap()).is_empty());
        assert!(!account("shop").is_empty());
    }

    #[test]
    fn an_account_is_described_once() {
        let why = check(&[account("a"), account("b")]).unwrap_err();
        assert!(
            why.what
                .contains("two accounts with the number 111122223333")
        );
    }
}
