//! AWS's file format as botocore reads it, which is Python's `RawConfigParser` and a level of
//! nesting (AWS_RULES 3.9): the document keeps every byte, and what is in it is found by position.

mod edit;
mod python;
mod section_name;
#[cfg(test)]
mod tests;

use std::{borrow::Cow, collections::HashMap, ops::Range, path::Path};

use daypass_core::problem::{Code, Problem};
use zeroize::Zeroizing;

use self::python::{is_comment, strip};
pub use self::section_name::{profile_of, profile_section, sso_session_of};
pub(crate) use self::{
    edit::check_value,
    section_name::{check_name, holds_comment},
};

/// The longest line that is read: the longest session tokens are a tenth of it.
const MAX_LINE: usize = 64 * 1024;
const BOM: &str = "\u{feff}";
/// The section whose keys count in every other one, as in Python.
const DEFAULTS: &str = "DEFAULT";

/// A file's text and what is where in it. Never printed: it may hold keys.
#[derive(Clone)]
pub struct Document {
    text: Zeroizing<String>,
    lines: Vec<Line>,
    defaults: Section,
    sections: Vec<Section>,
    by_name: HashMap<String, usize>,
    newline: &'static str,
}

/// A line: where it begins, where its text ends, where its line ending ends. Byte positions.
#[derive(Clone)]
struct Line {
    start: usize,
    text_end: usize,
    end: usize,
}

/// A section and its entries.
#[derive(Clone)]
pub struct Section {
    name: String,
    header: usize,
    end: usize,
    entries: Vec<Entry>,
    by_key: HashMap<String, usize>,
}

/// A key with its value, which may go on for several lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    key: String,
    line: usize,
    last: usize,
}

/// Why a text is not one that AWS's tools read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong with it, without a full stop.
    pub what: String,
}

impl Mistake {
    fn new(line: usize, what: impl Into<String>) -> Self {
        Self {
            line: line + 1,
            what: what.into(),
        }
    }

    /// One after which botocore reads nothing of the file.
    fn fatal(line: usize, what: &str) -> Self {
        Self::new(line, format!("{what}, and so no AWS tool reads the file"))
    }

    /// The same for the person whose file it is.
    pub fn in_file(&self, path: &Path) -> Problem {
        Problem::yours(
            Code::Failed,
            format!("{}, line {}: {}.", path.display(), self.line, self.what),
            "Correct the file, then try again.",
        )
    }
}

impl Section {
    fn new(name: &str, header: usize) -> Self {
        Self {
            name: name.to_owned(),
            header,
            end: header,
            entries: Vec::new(),
            by_key: HashMap::new(),
        }
    }

    /// The text between the brackets.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The line of its header, counted from 1.
    pub const fn line(&self) -> usize {
        self.header + 1
    }

    /// Its keys, lower case as botocore has them.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| entry.key.as_str())
    }

    fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries.get(*self.by_key.get(key)?)
    }
}

impl Document {
    /// Reads a text.
    ///
    /// # Errors
    /// What makes the whole file unreadable for botocore: a section or key that is there twice, a
    /// line that is neither section nor key, a nested line without `=`. A line beyond 64 KiB.
    pub fn parse(text: &str) -> Result<Self, Mistake> {
        Reader::new(text).read()
    }

    /// The text, byte for byte.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it begins with a byte order mark, at which botocore gives up.
    pub fn has_bom(&self) -> bool {
        self.text.starts_with(BOM)
    }

    /// All sections in their order, except `[DEFAULT]`.
    pub fn sections(&self) -> &[Section] {
        &self.sections
    }

    /// Finds a section.
    pub fn section(&self, name: &str) -> Option<&Section> {
        self.sections.get(*self.by_name.get(name)?)
    }

    /// The value of a key, in the section or in `[DEFAULT]`.
    pub fn get(&self, section: &Section, key: &str) -> Option<Cow<'_, str>> {
        let entry = section.entry(key).or_else(|| self.defaults.entry(key))?;
        Some(self.value(entry))
    }

    /// The value of a key in the section itself.
    pub fn own(&self, section: &Section, key: &str) -> Option<Cow<'_, str>> {
        section.entry(key).map(|entry| self.value(entry))
    }

    /// Section, key and value of everything, for whoever compares two texts.
    fn contents(&self) -> impl Iterator<Item = (&str, &str, Cow<'_, str>)> {
        let sections = std::iter::once(&self.defaults).chain(&self.sections);
        sections.flat_map(move |section| {
            let name = section.name.as_str();
            let header = (name, "", Cow::Borrowed(""));
            let entries = section.entries.iter();
            let entries = entries.map(move |e| (name, e.key.as_str(), self.value(e)));
            std::iter::once(header).chain(entries)
        })
    }

    /// Whether two texts say the same in every section and key but those that are ours (P5). A
    /// section's header is its key "".
    pub(crate) fn same_but(&self, other: &Self, ours: impl Fn(&str, &str) -> bool) -> bool {
        let foreign = |(section, key, _): &(&str, &str, Cow<'_, str>)| !ours(section, key);
        let before = self.contents().filter(foreign);
        before.eq(other.contents().filter(foreign))
    }

    fn value(&self, entry: &Entry) -> Cow<'_, str> {
        let first = self.first_value(entry);
        if entry.line == entry.last {
            return Cow::Borrowed(first);
        }
        let mut value = first.to_owned();
        for index in entry.line + 1..=entry.last {
            let text = strip(self.line(index));
            if !is_comment(text) {
                value.push('\n');
                value.push_str(text);
            }
        }
        Cow::Owned(value)
    }

    fn first_value(&self, entry: &Entry) -> &str {
        let line = self.line(entry.line);
        strip(line.split_once(['=', ':']).unwrap_or((line, "")).1)
    }

    /// All lines with their numbers, counted from 0.
    pub(crate) fn lines_of_text(&self) -> impl Iterator<Item = (usize, &str)> {
        (0..self.lines.len()).map(|index| (index, self.line(index)))
    }

    fn line(&self, index: usize) -> &str {
        self.lines
            .get(index)
            .and_then(|line| self.text.get(line.start..line.text_end))
            .unwrap_or_default()
    }

    /// The bytes of some lines with their line endings, without a byte order mark.
    pub(crate) fn bytes(&self, lines: Range<usize>) -> Range<usize> {
        let start = |index: usize| {
            let line = self.lines.get(index);
            line.map_or(self.text.len(), |line| line.start)
        };
        start(lines.start)..start(lines.end)
    }
}

/// The state of Python's `RawConfigParser._read`.
struct Reader<'a> {
    source: &'a str,
    document: Document,
    /// Where keys go now: nowhere yet, `[DEFAULT]`, or the last section.
    place: Place,
    /// Whether there is a key that an indented line could go on.
    in_entry: bool,
    indent: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Nowhere,
    Defaults,
    Section,
}

impl<'a> Reader<'a> {
    fn new(source: &'a str) -> Self {
        let (lines, newline) = split_lines(source);
        Self {
            source,
            document: Document {
                text: Zeroizing::new(source.to_owned()),
                lines,
                defaults: Section::new(DEFAULTS, 0),
                sections: Vec::new(),
                by_name: HashMap::new(),
                newline,
            },
            place: Place::Nowhere,
            in_entry: false,
            indent: 0,
        }
    }

    fn read(mut self) -> Result<Document, Mistake> {
        for index in 0..self.document.lines.len() {
            self.take(index)?;
        }
        self.end_section(self.document.lines.len());
        self.check_nesting()?;
        Ok(self.document)
    }

    fn line(&self, index: usize) -> &'a str {
        let line = self.document.lines.get(index);
        line.and_then(|line| self.source.get(line.start..line.text_end))
            .unwrap_or_default()
    }

    fn take(&mut self, index: usize) -> Result<(), Mistake> {
        let line = self.line(index);
        if line.len() > MAX_LINE {
            return Err(Mistake::new(index, "the line is longer than 64 KiB"));
        }
        let text = strip(line);
        if text.is_empty() || is_comment(text) {
            return Ok(());
        }
        let indent = line.chars().take_while(|c| python::is_space(*c)).count();
        if self.in_entry && indent > self.indent {
            if let Some(entry) = self.section().and_then(|s| s.entries.last_mut()) {
                entry.last = index;
            }
            return Ok(());
        }
        self.indent = indent;
        match section_header(text) {
            Some(name) => self.begin_section(index, name),
            None => self.begin_entry(index, text),
        }
    }

    fn begin_section(&mut self, index: usize, name: &str) -> Result<(), Mistake> {
        self.in_entry = false;
        self.end_section(index);
        if name == DEFAULTS {
            self.place = Place::Defaults;
            return Ok(());
        }
        self.place = Place::Section;
        let number = self.document.sections.len();
        if let Some(_first) = self.document.by_name.insert(name.to_owned(), number) {
            let what = format!("the section [{name}] is there twice");
            return Err(Mistake::fatal(index, &what));
        }
        self.document.sections.push(Section::new(name, index));
        Ok(())
    }

    /// A section ends where the next one begins, `[DEFAULT]` included.
    fn end_section(&mut self, index: usize) {
        if self.place != Place::Section {
            return;
        }
        if let Some(section) = self.document.sections.last_mut() {
            section.end = index;
        }
    }

    fn begin_entry(&mut self, index: usize, text: &str) -> Result<(), Mistake> {
        let Some(section) = self.section() else {
            return Err(Mistake::fatal(index, "the line is in no section"));
        };
        let key = text.split_once(['=', ':']).map(|(key, _)| strip(key));
        let Some(key) = key.filter(|key| !key.is_empty()) else {
            let what = "the line is neither a section nor a key with a value";
            return Err(Mistake::fatal(index, what));
        };
        let key = key.to_lowercase();
        section.entries.push(Entry {
            key: key.clone(),
            line: index,
            last: index,
        });
        let number = section.entries.len() - 1;
        if section.by_key.insert(key.clone(), number).is_some() {
            let what = format!("the key {key} is there twice in its section");
            return Err(Mistake::fatal(index, &what));
        }
        self.in_entry = true;
        Ok(())
    }

    fn section(&mut self) -> Option<&mut Section> {
        match self.place {
            Place::Nowhere => None,
            Place::Defaults => Some(&mut self.document.defaults),
            Place::Section => self.document.sections.last_mut(),
        }
    }

    /// botocore reads a value that begins on its second line as keys of its own.
    fn check_nesting(&self) -> Result<(), Mistake> {
        let document = &self.document;
        // `[DEFAULT]` alone is in no section and is not looked at.
        let defaults = (!document.sections.is_empty()).then_some(&document.defaults);
        let sections = document.sections.iter().chain(defaults);
        let entries = sections.flat_map(|section| &section.entries);
        for entry in entries.filter(|entry| entry.last > entry.line) {
            let value = Zeroizing::new(document.value(entry).into_owned());
            if value.starts_with('\n') && !python::nested_lines(&value).all(|l| l.contains('=')) {
                let what = format!("below the key {} is a line without =", entry.key);
                return Err(Mistake::fatal(entry.line, &what));
            }
        }
        Ok(())
    }
}

/// Python's pattern is greedy: the header ends at the line's last bracket.
fn section_header(text: &str) -> Option<&str> {
    let inner = text.strip_prefix('[')?;
    let end = inner.rfind(']')?;
    inner.get(..end).filter(|name| !name.is_empty())
}

/// Python's text mode: `\n`, `\r\n` and `\r` all end a line.
fn split_lines(text: &str) -> (Vec<Line>, &'static str) {
    let mut lines = Vec::new();
    let mut newline = None;
    let mut start = if text.starts_with(BOM) { BOM.len() } else { 0 };
    while let Some(rest) = text.get(start..).filter(|rest| !rest.is_empty()) {
        let length = rest.find(['\n', '\r']).unwrap_or(rest.len());
        let ending = ending(rest.get(length..).unwrap_or_default());
        if !ending.is_empty() {
            newline.get_or_insert(ending);
        }
        let text_end = start + length;
        let end = text_end + ending.len();
        lines.push(Line {
            start,
            text_end,
            end,
        });
        start = end;
    }
    (lines, newline.unwrap_or("\n"))
}

fn ending(rest: &str) -> &'static str {
    if rest.starts_with("\r\n") {
        "\r\n"
    } else if rest.starts_with('\r') {
        "\r"
    } else if rest.starts_with('\n') {
        "\n"
    } else {
        ""
    }
}
