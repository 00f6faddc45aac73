//! Field limits (AWS_RULES 3.1), and the words in which AWS refuses what breaks them.

use crate::error::AwsError;

/// The limits of a text field.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TextLimits {
    pub(crate) min: usize,
    pub(crate) max: usize,
    pub(crate) letters: Option<Letters>,
}

/// Letters that a field may hold; ASCII only, unlike a Unicode `\w`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Letters {
    pub(crate) pattern: &'static str,
    pub(crate) allow: fn(char) -> bool,
}

const NAME: Letters = Letters {
    pattern: r"[\w+=,.@-]*",
    allow: |c| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c),
};

const SERIAL: Letters = Letters {
    pattern: r"[\w+=/:,.@-]*",
    allow: |c| c.is_ascii_alphanumeric() || "_+=/:,.@-".contains(c),
};

const DIGITS: Letters = Letters {
    pattern: r"[\d]*",
    allow: |c| c.is_ascii_digit(),
};

const POLICY: Letters = Letters {
    pattern: r"[\u0009\u000A\u000D\u0020-\u00FF]+",
    allow: |c| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{ff}'),
};

const TAG: Letters = Letters {
    pattern: r"[\p{L}\p{Z}\p{N}_.:/=+\-@]+",
    allow: |c| c.is_alphanumeric() || c.is_whitespace() || "_.:/=+-@".contains(c),
};

const TAG_OR_NOTHING: Letters = Letters {
    pattern: r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*",
    ..TAG
};

const WORD: Letters = Letters {
    pattern: r"[\w]+",
    allow: |c| c.is_ascii_alphanumeric() || c == '_',
};

const fn lengths(min: usize, max: usize) -> TextLimits {
    TextLimits {
        min,
        max,
        letters: None,
    }
}

const fn limits(min: usize, max: usize, letters: Letters) -> TextLimits {
    TextLimits {
        min,
        max,
        letters: Some(letters),
    }
}

pub(crate) const SERIAL_NUMBER: TextLimits = limits(9, 256, SERIAL);
pub(crate) const TOKEN_CODE: TextLimits = limits(6, 6, DIGITS);
pub(crate) const ARN: TextLimits = lengths(20, 2048);
pub(crate) const ROLE_SESSION_NAME: TextLimits = limits(2, 64, NAME);
pub(crate) const SOURCE_IDENTITY: TextLimits = limits(2, 64, NAME);
pub(crate) const FEDERATED_NAME: TextLimits = limits(2, 32, NAME);
pub(crate) const EXTERNAL_ID: TextLimits = limits(2, 1224, SERIAL);
pub(crate) const SESSION_POLICY: TextLimits = limits(1, 2048, POLICY);
pub(crate) const TAG_KEY: TextLimits = limits(1, 128, TAG);
pub(crate) const TAG_VALUE: TextLimits = limits(0, 256, TAG_OR_NOTHING);
pub(crate) const ACCESS_KEY_ID: TextLimits = limits(16, 128, WORD);
pub(crate) const USER_NAME: TextLimits = limits(1, 128, NAME);
pub(crate) const SECRET_NAME: TextLimits = lengths(1, 512);
pub(crate) const SECRET_ID: TextLimits = lengths(1, 2048);
pub(crate) const VERSION_ID: TextLimits = lengths(32, 64);
pub(crate) const VERSION_STAGE: TextLimits = lengths(1, 256);

/// Collects what is wrong with a request, since AWS lists all of it in one answer.
#[derive(Debug, Default)]
pub(crate) struct Violations(Vec<String>);

impl Violations {
    /// Checks a field that may be absent.
    pub(crate) fn text(&mut self, field: &str, value: Option<&str>, limits: TextLimits) {
        let Some(value) = value else { return };
        let length = value.chars().count();
        if let Some(letters) = limits.letters
            && !value.chars().all(letters.allow)
        {
            let pattern = letters.pattern;
            self.add(
                field,
                value,
                &format!("Member must satisfy regular expression pattern: {pattern}"),
            );
        }
        if length < limits.min {
            let min = limits.min;
            self.add(
                field,
                value,
                &format!("Member must have length greater than or equal to {min}"),
            );
        }
        if length > limits.max {
            self.too_long(field, value, limits.max);
        }
    }

    /// Checks a field that has to be there, and returns it (empty when it is not).
    pub(crate) fn required<'v>(
        &mut self,
        field: &str,
        value: Option<&'v str>,
        limits: TextLimits,
    ) -> &'v str {
        if value.is_none() {
            self.0.push(format!(
                "Value null at '{field}' failed to satisfy constraint: Member must not be null"
            ));
        }
        self.text(field, value, limits);
        value.unwrap_or_default()
    }

    /// Checks a number's bounds.
    pub(crate) fn number(&mut self, field: &str, value: Option<i64>, min: i64, max: i64) {
        let Some(value) = value else { return };
        if value < min {
            let rule = format!("Member must have value greater than or equal to {min}");
            self.add(field, &value.to_string(), &rule);
        }
        if value > max {
            let rule = format!("Member must have value less than or equal to {max}");
            self.add(field, &value.to_string(), &rule);
        }
    }

    /// Checks the length of a field whose value is not repeated.
    pub(crate) fn secret(&mut self, field: &str, length: usize, max: usize) {
        if length > max {
            self.0.push(format!(
                "Value at '{field}' failed to satisfy constraint: \
                 Member must have length less than or equal to {max}"
            ));
        }
    }

    /// Checks how many elements a list has.
    pub(crate) fn at_most(&mut self, field: &str, values: &[&str], max: usize) {
        if values.len() > max {
            self.too_long(field, &format!("[{}]", values.join(", ")), max);
        }
    }

    /// Checks that a value is one of a set.
    pub(crate) fn one_of(&mut self, field: &str, value: &str, allowed: &[&str]) {
        if !allowed.contains(&value) {
            let set = allowed.join(", ");
            self.add(
                field,
                value,
                &format!("Member must satisfy enum value set: [{set}]"),
            );
        }
    }

    fn too_long(&mut self, field: &str, value: &str, max: usize) {
        let rule = format!("Member must have length less than or equal to {max}");
        self.add(field, value, &rule);
    }

    fn add(&mut self, field: &str, value: &str, rule: &str) {
        self.0.push(format!(
            "Value '{value}' at '{field}' failed to satisfy constraint: {rule}"
        ));
    }

    /// The ValidationError, when there is something to say.
    pub(crate) fn into_result(self) -> Result<(), AwsError> {
        let count = self.0.len();
        let errors = match count {
            0 => return Ok(()),
            1 => "error",
            _ => "errors",
        };
        let list = self.0.join("; ");
        Err(AwsError::validation(format!(
            "{count} validation {errors} detected: {list}"
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(check: impl FnOnce(&mut Violations)) -> String {
        let mut violations = Violations::default();
        check(&mut violations);
        violations
            .into_result()
            .map_or_else(|error| error.message, |()| String::new())
    }

    #[test]
    fn limits_are_inclusive() {
        for name in ["ab", &"a".repeat(64), "A_+=,.@-9"] {
            assert_eq!(
                message(|v| v.text("f", Some(name), ROLE_SESSION_NAME)),
                "",
                "{name}"
            );
        }
        for name in ["a", &"a".repeat(65), "a b", "añ", "a/b"] {
            assert_ne!(
                message(|v| v.text("f", Some(name), ROLE_SESSION_NAME)),
                "",
                "{name}"
            );
        }
    }

    #[test]
    fn digits_are_ascii() {
        assert_eq!(message(|v| v.text("c", Some("012345"), TOKEN_CODE)), "");
        assert_ne!(message(|v| v.text("c", Some("٠١٢٣٤٥"), TOKEN_CODE)), "");
    }

    #[test]
    fn several_violations_are_listed() {
        assert_eq!(
            message(|v| {
                v.required("roleArn", None, ARN);
                v.number("durationSeconds", Some(1), 900, 43_200);
            }),
            "2 validation errors detected: \
             Value null at 'roleArn' failed to satisfy constraint: Member must not be null; \
             Value '1' at 'durationSeconds' failed to satisfy constraint: \
             Member must have value greater than or equal to 900"
        );
    }
}
