//! Policy variables, such as `${aws:username}` in a resource.

use super::key::{Context, Key};

/// A text of a policy that may have variables.
#[derive(Debug, Clone)]
pub(crate) struct Text(Vec<Part>);

#[derive(Debug, Clone)]
enum Part {
    Plain(String),
    Variable(Key),
}

impl Text {
    /// Reads a text; the error names a variable that this sandbox does not know.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, after) = after
                .split_once('}')
                .ok_or_else(|| format!("'{text}' has a variable without an end"))?;
            let key = Key::parse(name).ok_or_else(|| format!("unknown variable '{name}'"))?;
            parts.push(Part::Plain(before.to_owned()));
            parts.push(Part::Variable(key));
            rest = after;
        }
        parts.push(Part::Plain(rest.to_owned()));
        Ok(Self(parts))
    }

    /// The text of one call; `None` when the call has no value for a variable, and then nothing matches.
    pub(crate) fn in_context(&self, context: &Context<'_>) -> Option<String> {
        self.0
            .iter()
            .map(|part| match part {
                Part::Plain(text) => Some(text.clone()),
                Part::Variable(key) => key.values(context)?.into_iter().next(),
            })
            .collect()
    }
}
