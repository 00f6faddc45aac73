//! What went wrong, in the words of the person who has to deal with it.

use serde::{Deserialize, Serialize};

/// Who can do something about a [`Problem`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Blame {
    /// The person can mend it: a wrong secret, a typo in an ARN.
    Yours,
    /// It passes by itself: no network, AWS is throttling.
    Passing,
    /// A mistake in Daypass, worth a bug report.
    Ours,
}

/// What a script branches on: the exit codes of the CLI (DESIGN.md, "The CLI").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// Exit code 1.
    Failed,
    /// Exit code 2: what was asked makes no sense as it stands.
    Usage,
    /// Exit code 3: no agent runs and none could be started.
    NoAgent,
    /// Exit code 4: a code from an MFA device is needed and nobody typed it.
    CodeNeeded,
    /// Exit code 5: AWS answered, and the answer was no.
    AwsRefused,
    /// Exit code 5 too: AWS did not take the code, and another one may do.
    WrongCode,
    /// Exit code 6: the keychain is locked or missing.
    Keychain,
}

impl Code {
    /// The process exit code.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Failed => 1,
            Self::Usage => 2,
            Self::NoAgent => 3,
            Self::CodeNeeded => 4,
            Self::AwsRefused | Self::WrongCode => 5,
            Self::Keychain => 6,
        }
    }
}

/// One failure: what happened, and what to do about it. Never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Who can mend it.
    pub blame: Blame,
    /// What a script branches on.
    pub code: Code,
    /// What happened, as one sentence.
    pub what: String,
    /// What to do now, as one sentence; empty where `what` already says it.
    pub todo: String,
    /// The identity whose fresh code may mend it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fresh_code: Option<crate::name::Name>,
}

impl Problem {
    /// A problem that the person can mend.
    pub fn yours(code: Code, what: impl Into<String>, todo: impl Into<String>) -> Self {
        Self::new(Blame::Yours, code, what, todo)
    }

    /// A problem that passes by itself.
    pub fn passing(code: Code, what: impl Into<String>, todo: impl Into<String>) -> Self {
        Self::new(Blame::Passing, code, what, todo)
    }

    /// A mistake in Daypass.
    pub fn ours(what: impl Into<String>) -> Self {
        Self::new(
            Blame::Ours,
            Code::Failed,
            what,
            "This is a mistake in Daypass; please report it.",
        )
    }

    /// Sessions were dropped, and none is given until a person unlocks Daypass.
    pub fn locked() -> Self {
        Self::yours(
            Code::CodeNeeded,
            "Daypass is locked.",
            "Run `daypass unlock` in a terminal, or choose Unlock in its window or menu.",
        )
    }

    /// Input that is refused before it is sent anywhere.
    pub fn usage(what: impl Into<String>) -> Self {
        Self::new(Blame::Yours, Code::Usage, what, "")
    }

    fn new(blame: Blame, code: Code, what: impl Into<String>, todo: impl Into<String>) -> Self {
        Self {
            blame,
            code,
            what: one_line(&what.into()),
            todo: one_line(&todo.into()),
            fresh_code: None,
        }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.todo.is_empty() {
            return f.write_str(&self.what);
        }
        write!(f, "{} {}", self.what, self.todo)
    }
}

impl std::error::Error for Problem {}

/// AWS's messages and file contents may hold anything; on a terminal or in a notification they
/// must stay one line of visible text.
pub fn one_line(text: &str) -> String {
    text.chars()
        .filter(|c| !crate::name::changes_direction(*c))
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_becomes_one_visible_line() {
        let problem = Problem::usage("a\nb\u{1b}[31mc\u{202e}d\0e");
        assert_eq!(problem.to_string(), "a b [31mcd e");
    }
}
