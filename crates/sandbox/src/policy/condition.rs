//! Conditions of a statement.

use serde_json::Value;

use super::key::{Context, Key};
use super::variable::Text;
use super::wildcard::like;
use super::{lookup, texts};

/// One operator, one key and the values that it may have.
#[derive(Debug, Clone)]
pub(crate) struct Condition {
    quantifier: Quantifier,
    operator: Operator,
    if_exists: bool,
    key: Key,
    values: Vec<Text>,
}

/// Which of a key's values have to fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quantifier {
    /// The only one.
    One,
    ForAllValues,
    ForAnyValue,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    ArnEquals,
    ArnLike,
    Bool,
    Null,
    NumericEquals,
    NumericGreaterThan,
    NumericGreaterThanEquals,
    NumericLessThan,
    NumericLessThanEquals,
    StringEquals,
    StringEqualsIgnoreCase,
    StringLike,
    StringNotEquals,
    StringNotLike,
}

const OPERATORS: [(&str, Operator); 14] = [
    ("ArnEquals", Operator::ArnEquals),
    ("ArnLike", Operator::ArnLike),
    ("Bool", Operator::Bool),
    ("Null", Operator::Null),
    ("NumericEquals", Operator::NumericEquals),
    ("NumericGreaterThan", Operator::NumericGreaterThan),
    (
        "NumericGreaterThanEquals",
        Operator::NumericGreaterThanEquals,
    ),
    ("NumericLessThan", Operator::NumericLessThan),
    ("NumericLessThanEquals", Operator::NumericLessThanEquals),
    ("StringEquals", Operator::StringEquals),
    ("StringEqualsIgnoreCase", Operator::StringEqualsIgnoreCase),
    ("StringLike", Operator::StringLike),
    ("StringNotEquals", Operator::StringNotEquals),
    ("StringNotLike", Operator::StringNotLike),
];

const QUANTIFIERS: [(&str, Quantifier); 2] = [
    ("ForAllValues", Quantifier::ForAllValues),
    ("ForAnyValue", Quantifier::ForAnyValue),
];

impl Condition {
    /// Reads a `Condition` element; the error says which part is wrong or more than this sandbox knows.
    pub(crate) fn parse_all(conditions: &Value) -> Result<Vec<Self>, String> {
        let mut parsed = Vec::new();
        let operators = conditions.as_object().ok_or("Condition is no object")?;
        for (name, keys) in operators {
            let keys = keys.as_object().ok_or("an operator has no keys")?;
            for (key, values) in keys {
                parsed.push(Self::parse(name, key, values)?);
            }
        }
        Ok(parsed)
    }

    fn parse(name: &str, key: &str, values: &Value) -> Result<Self, String> {
        let unknown = || format!("unknown operator '{name}'");
        let (quantifier, operator) = match name.split_once(':') {
            Some((quantifier, operator)) => (
                lookup(&QUANTIFIERS, quantifier).ok_or_else(unknown)?,
                operator,
            ),
            None => (Quantifier::One, name),
        };
        let base = operator.strip_suffix("IfExists");
        let values = texts(Some(values)).ok_or("a condition has no values")?;
        let values: Result<_, String> = values.iter().map(|value| Text::parse(value)).collect();
        Ok(Self {
            quantifier,
            operator: lookup(&OPERATORS, base.unwrap_or(operator)).ok_or_else(unknown)?,
            if_exists: base.is_some(),
            key: Key::parse(key).ok_or_else(|| format!("unknown condition key '{key}'"))?,
            values: values?,
        })
    }

    pub(crate) fn holds(&self, context: &Context<'_>) -> bool {
        let actual = self.key.values(context);
        let wanted: Vec<String> = self
            .values
            .iter()
            .filter_map(|value| value.in_context(context))
            .collect();
        if self.operator == Operator::Null {
            let is_missing = actual.is_none().to_string();
            return wanted.contains(&is_missing);
        }
        let fits = |actual: &String| self.operator.fits(actual, &wanted);
        match (self.quantifier, actual) {
            (Quantifier::ForAllValues, None) => true,
            (Quantifier::ForAllValues, Some(actual)) => actual.iter().all(fits),
            (Quantifier::ForAnyValue, None) => self.if_exists,
            (Quantifier::One, None) => self.if_exists || self.operator.is_negated(),
            (Quantifier::One | Quantifier::ForAnyValue, Some(actual)) => actual.iter().any(fits),
        }
    }
}

impl Operator {
    fn is_negated(self) -> bool {
        matches!(self, Self::StringNotEquals | Self::StringNotLike)
    }

    fn fits(self, actual: &str, wanted: &[String]) -> bool {
        let any = |test: &dyn Fn(&str) -> bool| wanted.iter().any(|value| test(value));
        let number = |test: &dyn Fn(i64, i64) -> bool| {
            any(&|value| match (actual.parse(), value.parse()) {
                (Ok(actual), Ok(value)) => test(actual, value),
                _ => false,
            })
        };
        match self {
            Self::ArnEquals | Self::ArnLike | Self::StringLike => any(&|value| like(value, actual)),
            Self::Bool | Self::StringEqualsIgnoreCase => {
                any(&|value| value.eq_ignore_ascii_case(actual))
            }
            Self::Null => false,
            Self::NumericEquals => number(&|a, b| a == b),
            Self::NumericGreaterThan => number(&|a, b| a > b),
            Self::NumericGreaterThanEquals => number(&|a, b| a >= b),
            Self::NumericLessThan => number(&|a, b| a < b),
            Self::NumericLessThanEquals => number(&|a, b| a <= b),
            Self::StringEquals => any(&|value| value == actual),
            Self::StringNotEquals => !any(&|value| value == actual),
            Self::StringNotLike => !any(&|value| like(value, actual)),
        }
    }
}
