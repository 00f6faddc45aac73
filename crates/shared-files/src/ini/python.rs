//! What Python's `str` methods take for blanks and line ends; Rust's differ in a few characters.

/// `str.isspace` of one character: Unicode's blanks and the four information separators.
pub(super) fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

/// `str.strip()`.
pub(super) fn strip(text: &str) -> &str {
    text.trim_matches(is_space)
}

/// Whether a stripped line is a comment. Only whole lines are.
pub(super) fn is_comment(text: &str) -> bool {
    text.starts_with(['#', ';'])
}

/// The lines of a nested value that are not empty, as `str.splitlines` divides them.
pub(super) fn nested_lines(value: &str) -> impl Iterator<Item = &str> {
    value
        .split(is_line_end)
        .map(strip)
        .filter(|l| !l.is_empty())
}

/// What ends a line for `str.splitlines`.
pub(super) const fn is_line_end(c: char) -> bool {
    matches!(
        c,
        '\n' | '\r'
            | '\u{b}'
            | '\u{c}'
            | '\u{1c}'
            | '\u{1d}'
            | '\u{1e}'
            | '\u{85}'
            | '\u{2028}'
            | '\u{2029}'
    )
}
