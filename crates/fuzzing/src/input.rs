//! How an input is divided, and what every text for a person must be.

use daypass_core::problem::{Problem, one_line};

/// Stands in no UTF-8, so that a part can hold any text.
const BORDER: u8 = 0xff;

/// The texts of an input, empty where it has fewer; nothing where one of them is no text.
pub(crate) fn parts<const N: usize>(data: &[u8]) -> Option<[&str; N]> {
    let mut parts = [""; N];
    let pieces = data.splitn(N, |byte| *byte == BORDER);
    for (part, piece) in parts.iter_mut().zip(pieces) {
        *part = std::str::from_utf8(piece).ok()?;
    }
    Some(parts)
}

/// A problem says something, on one visible line.
pub(crate) fn assert_told(problem: &Problem) {
    assert!(!problem.what.trim().is_empty(), "{problem:?}");
    assert_visible(&problem.what);
    assert_visible(&problem.todo);
}

/// One visible line.
pub(crate) fn assert_visible(text: &str) {
    assert_eq!(one_line(text), text);
}
