//! Pairs of templates, and what is made of a text by them.
//!
//! `{}` is a hole: what stands there is kept. In the other language a hole may have a number,
//! `{2}`, where the order differs, and `{:said}` or `{2:said}` where what stands there is a text of
//! ours and is said too. Only those: a role may be called as one of our words.

use std::collections::HashMap;

use super::tries::Tries;

/// How many divisions of a text are looked at for one template.
const MOST_DIVISIONS: usize = 256;
/// Longer texts are nobody's sentence.
const LONGEST: usize = 2 * 1024;
/// With fewer letters of its own a template says nothing by itself, and would take any text: it
/// counts only where what is said in it is known.
const FEW_LETTERS: usize = 4;

/// The texts of a language.
pub(super) struct Catalogue {
    /// Those without holes, which are found at once.
    plain: HashMap<String, String>,
    /// The others, those with the most words of their own first.
    templates: Vec<Pair>,
}

struct Pair {
    /// What stands between the holes of the English text.
    between: Vec<String>,
    other: Vec<Part>,
    is_last_said: bool,
    is_bare: bool,
}

enum Part {
    Text(String),
    Hole { number: usize, is_said: bool },
}

impl Catalogue {
    /// Reads a file: an English line, below it the other language's, an empty line; `#` begins a
    /// comment.
    pub(super) fn parse(file: &str) -> Self {
        let is_said = |line: &&str| !line.is_empty() && !line.starts_with('#');
        let mut lines = file.lines().filter(is_said);
        let mut plain = HashMap::new();
        let mut templates = Vec::new();
        while let (Some(english), Some(other)) = (lines.next(), lines.next()) {
            if english.contains("{}") {
                templates.push(Pair::new(english, other));
            } else {
                plain.insert(english.to_owned(), other.to_owned());
            }
        }
        templates.sort_by_key(|pair| std::cmp::Reverse(pair.length()));
        Self { plain, templates }
    }

    /// The text in the other language; nothing where it is not known.
    pub(super) fn say(&self, text: &str, tries: &mut Tries) -> Option<String> {
        if text.len() > LONGEST {
            return None;
        }
        self.try_to_say(text, tries)
    }

    /// What is known as a whole goes before sentences that are each known, and these before a text
    /// with something unknown in a hole.
    fn try_to_say(&self, text: &str, tries: &mut Tries) -> Option<String> {
        if let Some(other) = self.plain.get(text) {
            return Some(other.clone());
        }
        if text.is_empty() || !tries.take() {
            return None;
        }
        let mut half = None;
        for pair in &self.templates {
            if tries.are_over() {
                break;
            }
            match self.say_by(pair, text, tries) {
                Some((said, true)) => return Some(said),
                Some((said, false)) => half = half.or(Some(said)),
                None => {}
            }
        }
        self.say_sentences(text, tries).or(half)
    }

    /// By one pair, and whether all that is said in its holes is known. The first division of the
    /// text counts that leaves nothing unknown.
    fn say_by(&self, pair: &Pair, text: &str, tries: &mut Tries) -> Option<(String, bool)> {
        let mut half = None;
        for holes in pair.divisions(text) {
            let (said, is_known) = self.fill(pair, &holes, tries);
            if is_known {
                return Some((said, true));
            }
            half = half.or(Some((said, false)));
            if !pair.is_last_said || tries.are_over() {
                break;
            }
        }
        half.filter(|_| !pair.is_bare)
    }

    /// The other language's template with its holes filled, and whether all that is said in them
    /// was known.
    fn fill(&self, pair: &Pair, holes: &[&str], tries: &mut Tries) -> (String, bool) {
        let mut filled = String::new();
        let mut is_known = true;
        for part in &pair.other {
            match part {
                Part::Text(text) => filled.push_str(text),
                Part::Hole { number, is_said } => {
                    let hole = holes.get(*number).copied().unwrap_or_default();
                    let said = is_said.then(|| self.try_to_say(hole, tries)).flatten();
                    is_known &= said.is_some() || !is_said || hole.is_empty();
                    filled.push_str(said.as_deref().unwrap_or(hole));
                }
            }
        }
        (filled, is_known)
    }

    /// Several sentences that are each known.
    fn say_sentences(&self, text: &str, tries: &mut Tries) -> Option<String> {
        let ends = text.match_indices(". ").chain(text.match_indices("? "));
        for (end, _) in ends {
            let (first, rest) = text.split_at_checked(end + 1)?;
            let said = self.try_to_say(first, tries).and_then(|first| {
                let rest = self.try_to_say(rest.trim_start(), tries)?;
                Some(format!("{first} {rest}"))
            });
            if said.is_some() || tries.are_over() {
                return said;
            }
        }
        None
    }
}

impl Pair {
    fn new(english: &str, other: &str) -> Self {
        let between: Vec<String> = english.split("{}").map(ToOwned::to_owned).collect();
        let letters = between.iter().flat_map(|text| text.chars());
        let is_bare = letters.filter(|c| c.is_alphabetic()).count() < FEW_LETTERS;
        let other = parts(other);
        let last = between.len().saturating_sub(2);
        let is_last =
            |part: &Part| matches!(part, Part::Hole { number, is_said: true } if *number == last);
        Self {
            is_last_said: other.iter().any(is_last),
            is_bare,
            between,
            other,
        }
    }

    fn length(&self) -> usize {
        self.between.iter().map(String::len).sum()
    }

    /// What stands in the holes, for each place where the last two can be divided; nothing where
    /// the text is none of this template.
    fn divisions<'t>(&self, text: &'t str) -> Vec<Vec<&'t str>> {
        let [first, middle @ .., last] = self.between.as_slice() else {
            return Vec::new();
        };
        let inner = text.strip_prefix(first.as_str());
        let Some(mut rest) = inner.and_then(|inner| inner.strip_suffix(last.as_str())) else {
            return Vec::new();
        };
        let Some((end, middle)) = middle.split_last() else {
            return vec![vec![rest]];
        };
        let mut holes = Vec::new();
        for mark in middle {
            let Some((hole, after)) = rest.split_once(mark.as_str()) else {
                return Vec::new();
            };
            holes.push(hole);
            rest = after;
        }
        let divided = rest.match_indices(end.as_str()).filter_map(|(at, end)| {
            let (before, after) = (rest.get(..at)?, rest.get(at + end.len()..)?);
            Some([holes.as_slice(), &[before, after]].concat())
        });
        divided.take(MOST_DIVISIONS).collect()
    }
}

/// A template with its holes, `{}`, `{2}`, `{:said}` or `{2:said}`.
fn parts(template: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = template;
    let mut next = 0;
    while let Some((before, (hole, after))) = rest
        .split_once('{')
        .and_then(|(before, from)| Some((before, from.split_once('}')?)))
    {
        let (number, is_said) = match hole.strip_suffix(":said") {
            Some(number) => (number, true),
            None => (hole, false),
        };
        let number = number
            .parse::<usize>()
            .map_or(next, |number| number.saturating_sub(1));
        next = number + 1;
        parts.push(Part::Text(before.to_owned()));
        parts.push(Part::Hole { number, is_said });
        rest = after;
    }
    parts.push(Part::Text(rest.to_owned()));
    parts
}
