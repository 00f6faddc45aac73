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
/// counts only where what is said in it is known, or as the unit of a number within a text.
const FEW_LETTERS: usize = 4;

/// The texts of a language.
pub(super) struct Catalogue {
    /// Those without holes, which are found at once.
    plain: HashMap<String, String>,
    /// The others, those with the most words of their own first.
    templates: Vec<Pair>,
    /// Bare ones, such as `{} h`.
    units: Vec<Pair>,
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

struct Said {
    text: String,
    known: Known,
}

/// How much is known of what is said in the holes of a text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Known {
    /// In one of them, nothing.
    NotAll,
    /// Something in each.
    Partly,
    Whole,
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
        let (units, templates) = templates.into_iter().partition(Pair::is_unit);
        Self {
            plain,
            templates,
            units,
        }
    }

    /// The text in the other language; nothing where it is not known.
    pub(super) fn say(&self, text: &str, tries: &mut Tries) -> Option<String> {
        if text.len() > LONGEST {
            return None;
        }
        Some(self.try_to_say(text, tries)?.text)
    }

    /// What is known as a whole goes before sentences that are each known, and these before a text
    /// with something unknown in a hole.
    fn try_to_say(&self, text: &str, tries: &mut Tries) -> Option<Said> {
        if let Some(other) = self.plain.get(text) {
            return Some(Said::new(other.clone(), Known::Whole));
        }
        if text.is_empty() || !tries.take() {
            return None;
        }
        let mut best = None;
        for pair in &self.templates {
            if tries.are_over() {
                break;
            }
            best = better(best, self.say_by(pair, text, tries));
            if is_whole(best.as_ref()) {
                return best;
            }
        }
        better(self.say_sentences(text, tries), best)
    }

    /// By one pair, with the first division of the text that leaves the least unknown.
    fn say_by(&self, pair: &Pair, text: &str, tries: &mut Tries) -> Option<Said> {
        let mut best = None;
        for holes in pair.divisions(text) {
            best = better(best, Some(self.fill(pair, &holes, tries)));
            if is_whole(best.as_ref()) || !pair.is_last_said || tries.are_over() {
                break;
            }
        }
        best.filter(|said| !pair.is_bare || said.known > Known::NotAll)
    }

    /// The other language's template with its holes filled.
    fn fill(&self, pair: &Pair, holes: &[&str], tries: &mut Tries) -> Said {
        let mut filled = Said::new(String::new(), Known::Whole);
        for part in &pair.other {
            match part {
                Part::Text(text) => filled.text.push_str(text),
                Part::Hole { number, is_said } => {
                    let hole = holes.get(*number).copied().unwrap_or_default();
                    if *is_said && !hole.is_empty() {
                        let unit = (!pair.is_bare).then(|| self.say_unit(hole, tries));
                        let said = unit.flatten().or_else(|| self.try_to_say(hole, tries));
                        filled.add(hole, said);
                    } else {
                        filled.text.push_str(hole);
                    }
                }
            }
        }
        filled
    }

    /// A number with its unit.
    fn say_unit(&self, text: &str, tries: &mut Tries) -> Option<Said> {
        self.units.iter().find_map(|unit| {
            let holes = unit.divisions(text).pop()?;
            let are_numbers = holes.iter().all(|hole| hole.parse::<u64>().is_ok());
            are_numbers.then(|| self.fill(unit, &holes, tries))
        })
    }

    /// Several sentences.
    fn say_sentences(&self, text: &str, tries: &mut Tries) -> Option<Said> {
        let ends = text.match_indices(". ").chain(text.match_indices("? "));
        let mut best = None;
        for (end, _) in ends {
            let (first, rest) = text.split_at_checked(end + 1)?;
            let said = self.try_to_say(first, tries).and_then(|first| {
                let rest = self.try_to_say(rest.trim_start(), tries)?;
                Some(first.and(&rest))
            });
            best = better(best, said);
            if is_whole(best.as_ref()) || tries.are_over() {
                break;
            }
        }
        best
    }
}

impl Said {
    const fn new(text: String, known: Known) -> Self {
        Self { text, known }
    }

    /// With what stands in a hole, as it was said if it was.
    fn add(&mut self, hole: &str, said: Option<Self>) {
        let known = match &said {
            None => Known::NotAll,
            Some(said) => said.known.max(Known::Partly),
        };
        self.known = self.known.min(known);
        self.text
            .push_str(said.as_ref().map_or(hole, |said| &said.text));
    }

    fn and(&self, next: &Self) -> Self {
        let text = format!("{} {}", self.text, next.text);
        Self::new(text, self.known.min(next.known))
    }
}

fn is_whole(said: Option<&Said>) -> bool {
    said.is_some_and(|said| said.known == Known::Whole)
}

/// The first, unless more is known of the second.
fn better(first: Option<Said>, second: Option<Said>) -> Option<Said> {
    let known = |said: &Option<Said>| said.as_ref().map(|said| said.known);
    if known(&second) > known(&first) {
        second
    } else {
        first
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

    /// Whether it is bare, and nothing is said in it that could be known.
    fn is_unit(&self) -> bool {
        let is_said = |part: &Part| matches!(part, Part::Hole { is_said: true, .. });
        self.is_bare && !self.other.iter().any(is_said)
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
