//! IAM's wildcards.

/// Whether a text matches: `*` stands for any text and `?` for any letter.
pub(crate) fn like(pattern: &str, text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    // One entry for each length of the text's beginning: whether the pattern so far matches it.
    let mut matched = vec![false; text.len() + 1];
    if let Some(empty) = matched.first_mut() {
        *empty = true;
    }
    for wanted in pattern.chars() {
        let mut next = Vec::with_capacity(matched.len());
        let mut any_before = false;
        for (length, here) in matched.iter().enumerate() {
            any_before |= here;
            let last = length.checked_sub(1);
            let before = last.and_then(|last| matched.get(last)) == Some(&true);
            let letter = last.and_then(|last| text.get(last));
            next.push(match wanted {
                '*' => any_before,
                '?' => before,
                _ => before && letter == Some(&wanted),
            });
        }
        matched = next;
    }
    matched.last() == Some(&true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards() {
        let rows = [
            ("*", "", true),
            ("a*c", "abbc", true),
            ("a*c", "abb", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("**a**", "bab", true),
            ("", "a", false),
        ];
        for (pattern, text, expected) in rows {
            assert_eq!(like(pattern, text), expected, "{pattern} {text}");
        }
    }
}
