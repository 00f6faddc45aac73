//! In which browser a console opens.

use serde::{Deserialize, Serialize};

use crate::problem::Problem;

/// Where a console opens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Browser {
    /// The program, as `Request::Browsers` names it.
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
    /// Checks that every name is one, and none that a program could take for an option.
    ///
    /// # Errors
    /// When a name is empty, too long, has a control character, or begins with a hyphen.
    pub fn check(&self) -> Result<(), Problem> {
        check_name("program", &self.program)?;
        for (what, name) in [("profile", &self.profile), ("container", &self.container)] {
            name.as_deref()
                .map_or(Ok(()), |name| check_name(what, name))?;
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
