//! In which browser a console opens.

use serde::{Deserialize, Serialize};

use crate::problem::Problem;

/// Where a console opens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Browser {
    /// The program, as `Request::Browsers` names it, or [`Browser::SYSTEM`].
    pub program: String,
    /// A profile of it, by the name of its folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// A Firefox container, by its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container: Option<String>,
}

/// The longest name of a program, a profile or a container.
const MAX_NAME: usize = 200;

impl Browser {
    /// In place of a program: the system's own browser, whichever it is. For one role among others
    /// that open elsewhere.
    pub const SYSTEM: &str = "system";

    /// Whether the system's own browser is meant.
    pub fn is_system(&self) -> bool {
        self.program == Self::SYSTEM
    }

    /// Checks that every name is one, and none that a program could take for an option.
    ///
    /// # Errors
    /// When a name is empty, too long, has a control character, or begins with a hyphen, or when
    /// the system's browser is to have a profile or a container, which only a certain one has.
    pub fn check(&self) -> Result<(), Problem> {
        check_name("program", &self.program)?;
        if self.is_system() && (self.profile.is_some() || self.container.is_some()) {
            return Err(Problem::usage(
                "A profile or a container is one of a certain browser, not of the system's.",
            ));
        }
        for (what, name) in [("profile", &self.profile), ("container", &self.container)] {
            name.as_deref()
                .map_or(Ok(()), |name| check_name(what, name))?;
        }
        Ok(())
    }
}

/// As it is typed: `firefox`, `chromium,profile=Work` or `firefox,container=Shop`. What is no
/// `profile=` or `container=` belongs to the name before it, which may have a comma.
impl std::str::FromStr for Browser {
    type Err = Problem;
    fn from_str(text: &str) -> Result<Self, Problem> {
        let mut parts = text.split(',');
        let mut browser = Self {
            program: parts.next().unwrap_or_default().to_owned(),
            profile: None,
            container: None,
        };
        let mut last: Option<&mut Option<String>> = None;
        for part in parts {
            match (part.split_once('='), last.as_deref_mut()) {
                (Some(("profile", name)), _) => {
                    browser.profile = Some(name.to_owned());
                    last = Some(&mut browser.profile);
                }
                (Some(("container", name)), _) => {
                    browser.container = Some(name.to_owned());
                    last = Some(&mut browser.container);
                }
                (_, Some(Some(name))) => {
                    name.push(',');
                    name.push_str(part);
                }
                _ => {
                    return Err(Problem::usage(format!(
                        "A browser is written like firefox, chromium,profile=Work or firefox,container=Shop, not {text}."
                    )));
                }
            }
        }
        browser.check()?;
        Ok(browser)
    }
}

impl std::fmt::Display for Browser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.program)?;
        for (what, name) in [("profile", &self.profile), ("container", &self.container)] {
            if let Some(name) = name {
                write!(f, ",{what}={name}")?;
            }
        }
        Ok(())
    }
}

fn check_name(what: &str, name: &str) -> Result<(), Problem> {
    let length = name.chars().count();
    if (1..=MAX_NAME).contains(&length)
        && !name.chars().any(char::is_control)
        && !name.starts_with('-')
    {
        return Ok(());
    }
    Err(Problem::usage(format!(
        "A browser's {what} has a name of 1 to {MAX_NAME} characters, on one line, that does not begin with a hyphen."
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_typed_as_one_word() {
        for text in [
            "firefox",
            "chromium,profile=Profile 1",
            "firefox,profile=work,container=Shop",
            "firefox,profile=Ada, at work,container=Shop, old",
            "system",
        ] {
            let browser: Browser = text.parse().unwrap();
            assert_eq!(browser.to_string(), text);
        }
        for bad in [
            "",
            "firefox,Work",
            "firefox,window=1",
            "firefox,profile=",
            "system,profile=work",
            "-x",
        ] {
            assert!(bad.parse::<Browser>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_name_is_no_option_and_of_one_line() {
        let browser = |program: &str, profile: Option<&str>| Browser {
            program: program.to_owned(),
            profile: profile.map(str::to_owned),
            container: None,
        };
        assert_eq!(browser("firefox", Some("Profile 1")).check(), Ok(()));
        for bad in [
            browser("", None),
            browser("--remote", None),
            browser("a\nb", None),
            browser(&"x".repeat(MAX_NAME + 1), None),
        ] {
            assert!(bad.check().unwrap_err().what.contains("program"));
        }
        let why = browser("firefox", Some("-P")).check().unwrap_err();
        assert!(why.what.contains("profile"), "{why}");
    }
}
