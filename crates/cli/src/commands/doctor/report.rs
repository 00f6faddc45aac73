//! What was found, for a person or for a program.

use daypass_core::finding::{Finding, Health};
use serde::Serialize;

use crate::colour::{Paint, Tone};

/// What `--json` tells.
#[derive(Serialize)]
pub(super) struct Report<'a> {
    version: &'static str,
    findings: &'a [Finding],
}

impl<'a> Report<'a> {
    pub(super) const fn of(findings: &'a [Finding]) -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION"),
            findings,
        }
    }
}

/// A line for each, and below it what to do.
pub(super) fn text(findings: &[Finding], paint: Paint) -> String {
    let lengths = findings.iter().map(|finding| finding.about.chars().count());
    let width = lengths.max().unwrap_or_default();
    let mut text = String::new();
    for finding in findings {
        let (tone, word) = match finding.state {
            Health::Ok => (Tone::Good, "ok"),
            Health::Attention => (Tone::Soon, "attention"),
            Health::Broken => (Tone::Bad, "broken"),
        };
        let word = paint.tone(tone, &format!("{word:<9}"));
        let (about, what) = (&finding.about, &finding.what);
        text.push_str(&format!("{word}  {about:<width$}  {what}\n"));
        if !finding.todo.is_empty() {
            text.push_str(&format!("{:<11}{:<width$}  {}\n", "", "", finding.todo));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_to_do_stands_below_what_was_found() {
        let findings = [
            Finding::ok("clock", "It is right."),
            Finding::broken("sts eu-west-1", "It is silent.", "Check the network."),
        ];
        assert_eq!(
            text(&findings, Paint::PLAIN),
            "ok         clock          It is right.\n\
             broken     sts eu-west-1  It is silent.\n\
             \u{20}                         Check the network.\n"
        );
    }
}
