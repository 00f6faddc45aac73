//! Changes to a document. Each touches the lines that it must, and is read back before it is given
//! out: everything else has to say what it said before (P5, T10).

use std::ops::Range;

use daypass_core::problem::{Code, Problem};
use zeroize::Zeroizing;

use super::{
    DEFAULTS, Document, Entry, Section, check_name,
    python::{is_comment, is_space, strip},
};

impl Document {
    /// Sets a key in a section, which is added at the end where it is missing.
    ///
    /// # Errors
    /// When name, key or value can't stand in such a file, or the lines around are indented so
    /// that the new one would change them.
    pub fn set(&self, section: &str, key: &str, value: &str) -> Result<Self, Problem> {
        check_section(section)?;
        check_key(key)?;
        check_value(value)?;
        let text = match self.section(section) {
            None => self.with_section(section, key, value),
            Some(found) => match found.entry(key) {
                None => self.with_entry(found, key, value),
                Some(entry) => self.with_value(entry, value),
            },
        };
        let edited = self.read_back(&text, section, key)?;
        let read = edited.section(section).and_then(|s| edited.own(s, key));
        if read.as_deref() == Some(value) {
            return Ok(edited);
        }
        Err(in_the_way())
    }

    /// Takes a key out of a section; the section stays.
    ///
    /// # Errors
    /// When the lines around are indented so that this would change them.
    pub fn without(&self, section: &str, key: &str) -> Result<Self, Problem> {
        let Some(entry) = self.section(section).and_then(|s| s.entry(key)) else {
            return Ok(self.clone());
        };
        let text = self.without_lines(self.lines_of(entry));
        self.read_back(&text, section, key)
    }

    /// The document with other text in place of some bytes.
    pub(crate) fn splice(&self, bytes: Range<usize>, with: &str) -> Zeroizing<String> {
        // One allocation, so that no copy of a key is left behind.
        let mut text = Zeroizing::new(String::with_capacity(self.text.len() + with.len()));
        text.push_str(self.text.get(..bytes.start).unwrap_or_default());
        text.push_str(with);
        text.push_str(self.text.get(bytes.end..).unwrap_or_default());
        text
    }

    /// The line ending that the file uses.
    pub(crate) const fn newline(&self) -> &'static str {
        self.newline
    }

    /// What must stand before new lines at the end.
    pub(crate) fn missing_newline(&self) -> &'static str {
        match self.lines.last() {
            Some(last) if last.end == last.text_end => self.newline,
            _ => "",
        }
    }

    fn read_back(&self, text: &str, section: &str, key: &str) -> Result<Self, Problem> {
        let edited = Self::parse(text).map_err(|_| in_the_way())?;
        let ours = |s: &str, k: &str| s == section && (k == key || k.is_empty());
        if self.same_but(&edited, ours) {
            return Ok(edited);
        }
        Err(in_the_way())
    }

    fn with_section(&self, section: &str, key: &str, value: &str) -> Zeroizing<String> {
        let newline = self.newline;
        let end = self.missing_newline();
        let last = self.lines.len().checked_sub(1);
        let gap = match last.map(|last| strip(self.line(last))) {
            Some("") | None => "",
            Some(_) => newline,
        };
        let lines = Zeroizing::new(format!(
            "{end}{gap}[{section}]{newline}{key} = {value}{newline}"
        ));
        self.splice(self.text.len()..self.text.len(), &lines)
    }

    /// Behind the section's last entry, and indented like it: a deeper line would go on with the
    /// entry, and after a shallower one the lines that follow would.
    fn with_entry(&self, section: &Section, key: &str, value: &str) -> Zeroizing<String> {
        let last = section.entries.last();
        let model = self.line(last.map_or(section.header, |entry| entry.line));
        let indent = model.get(..indent_of(model)).unwrap_or_default();
        let after = last.map_or(section.header, |entry| entry.last);
        let at = self.bytes(after..after + 1).end;
        let newline = match self.text.get(at..) {
            // Together they would be one line ending.
            Some(rest) if self.newline == "\r" && rest.starts_with('\n') => "\n",
            _ => self.newline,
        };
        let end = if at == self.text.len() {
            self.missing_newline()
        } else {
            ""
        };
        let line = Zeroizing::new(format!("{end}{indent}{key} = {value}{newline}"));
        self.splice(at..at, &line)
    }

    fn with_value(&self, entry: &Entry, value: &str) -> Zeroizing<String> {
        let at = self.value_bytes(entry);
        let text = self.splice(at.clone(), value);
        if entry.line == entry.last {
            return text;
        }
        // Where the value went on, those lines go; they lie behind the new value.
        let grown = |position: usize| position - (at.end - at.start) + value.len();
        let mut text = text;
        let rest = (entry.line + 1..=entry.last).rev();
        for line in rest.filter(|line| self.holds_value(*line)) {
            let bytes = self.bytes(line..line + 1);
            text.replace_range(grown(bytes.start)..grown(bytes.end), "");
        }
        text
    }

    /// Where the first line of a value is.
    fn value_bytes(&self, entry: &Entry) -> Range<usize> {
        let line = self.line(entry.line);
        let start = self.lines.get(entry.line).map_or(0, |line| line.start);
        let delimiter = line.find(['=', ':']).map_or(line.len(), |at| at + 1);
        let rest = line.get(delimiter..).unwrap_or_default();
        let begin = start + delimiter + indent_of(rest);
        begin..begin + strip(rest).len()
    }

    /// Where the first line of an entry is, and the value in it.
    pub(crate) fn first_line(
        &self,
        section: &Section,
        key: &str,
    ) -> Option<(Range<usize>, Range<usize>)> {
        let entry = section.entry(key)?;
        let line = self.bytes(entry.line..entry.line + 1);
        Some((line, self.value_bytes(entry)))
    }

    /// The lines of an entry without the comments in between.
    pub(crate) fn lines_of(
        &self,
        entry: &Entry,
    ) -> impl DoubleEndedIterator<Item = usize> + use<'_> {
        let (first, last) = (entry.line, entry.last);
        (first..=last).filter(move |line| *line == first || self.holds_value(*line))
    }

    /// The lines of all entries of a section.
    pub(crate) fn entry_lines<'a>(&'a self, section: &'a Section) -> impl Iterator<Item = usize> {
        let entries = section.entries.iter();
        entries.flat_map(|entry| self.lines_of(entry))
    }

    /// The lines that keys stand on, in whatever section.
    pub(crate) fn key_lines(&self) -> impl Iterator<Item = usize> {
        let sections = std::iter::once(&self.defaults).chain(&self.sections);
        sections.flat_map(|section| section.entries.iter().map(|entry| entry.line))
    }

    /// An entry's lines as they stand, but from the first column on and without the last line
    /// ending.
    pub(crate) fn entry_text(&self, section: &Section, key: &str) -> Option<Zeroizing<String>> {
        let entry = section.entry(key)?;
        let mut lines = self.lines_of(entry).map(|line| self.line(line));
        let first = lines.next()?;
        let mut text = Zeroizing::new(strip(first).to_owned());
        for line in lines {
            text.push_str(self.newline);
            text.push_str(line);
        }
        Some(text)
    }

    fn holds_value(&self, line: usize) -> bool {
        let text = strip(self.line(line));
        !text.is_empty() && !is_comment(text)
    }

    pub(crate) fn without_lines(
        &self,
        lines: impl DoubleEndedIterator<Item = usize>,
    ) -> Zeroizing<String> {
        let mut text = self.text.clone();
        for line in lines.rev() {
            text.replace_range(self.bytes(line..line + 1), "");
        }
        text
    }
}

fn indent_of(text: &str) -> usize {
    text.len() - text.trim_start_matches(is_space).len()
}

fn check_section(name: &str) -> Result<(), Problem> {
    if name == DEFAULTS {
        return Err(Problem::usage(
            "A profile can't be named DEFAULT: AWS's tools read its keys into every other one.",
        ));
    }
    check_name(name)
}

fn check_key(key: &str) -> Result<(), Problem> {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if !key.is_empty() && key.bytes().all(allowed) {
        return Ok(());
    }
    Err(Problem::usage(
        "A key in AWS's files has only lower-case letters, digits and _.",
    ))
}

/// Refuses what would not be one line's value (T10).
pub(crate) fn check_value(value: &str) -> Result<(), Problem> {
    if value.is_empty() {
        return Err(Problem::usage("A value in AWS's files can't be empty."));
    }
    if value.chars().any(char::is_control) {
        return Err(Problem::usage(
            "A value in AWS's files can't hold a line break or another control character.",
        ));
    }
    if strip(value) != value {
        return Err(Problem::usage(
            "A value in AWS's files can't begin or end with a blank.",
        ));
    }
    Ok(())
}

fn in_the_way() -> Problem {
    Problem::yours(
        Code::Failed,
        "The file is indented so that a new line would change the lines around it.",
        "Begin every section and key in the first column, then try again.",
    )
}
