//! What the journal's thread does: numbers entries, writes them in order, and reads them back.

use std::{collections::VecDeque, io, ops::ControlFlow, path::Path};

use daypass_core::{
    Instant,
    journal::{Again, Entry, Event, Filter, Page, Query},
    problem::{Code, Problem},
};

use super::files::Files;

/// How many entries are kept in memory while the disk takes none.
const UNWRITTEN: usize = 1_000;
/// The most entries of a page, and the most bytes: a page fits into a frame of 64 KiB.
const PAGE: usize = 500;
const PAGE_BYTES: usize = 48 * 1024;

/// The thread's state.
pub(super) struct Writer {
    files: Files,
    /// Entries that are not on disk, oldest first.
    unwritten: VecDeque<Entry>,
    next_number: u64,
    tell: Box<dyn Fn(Problem) + Send>,
    told: bool,
}

impl Writer {
    pub(super) fn new(files: Files, tell: Box<dyn Fn(Problem) + Send>) -> Self {
        let mut last = 0;
        let _ = files.visit(&mut |entry| {
            last = entry.number;
            ControlFlow::Break(())
        });
        Self {
            files,
            unwritten: VecDeque::new(),
            next_number: last.saturating_add(1),
            tell,
            told: false,
        }
    }

    /// Writes an entry after those that the disk has not taken yet.
    pub(super) fn write(&mut self, at: Instant, again: Option<Again>, event: Event) {
        self.unwritten.push_back(Entry {
            number: self.next_number,
            at,
            again,
            event,
        });
        self.next_number = self.next_number.saturating_add(1);
        while let Some(oldest) = self.unwritten.front() {
            if let Err(error) = self.files.append(oldest) {
                self.failed(&error);
                break;
            }
            self.unwritten.pop_front();
        }
        if self.unwritten.len() > UNWRITTEN {
            self.unwritten.pop_front();
        }
    }

    /// One notice for as long as the agent runs, however often it fails.
    fn failed(&mut self, error: &io::Error) {
        tracing::warn!(%error, "the journal cannot be written");
        if !self.told {
            self.told = true;
            (self.tell)(unwritable(self.files.path(), error));
        }
    }

    /// Some entries, newest first.
    pub(super) fn page(&self, query: &Query) -> Page {
        let mut page = Page::default();
        let mut bytes = 0;
        let limit = query.limit.clamp(1, PAGE);
        let mut see = |entry: Entry| {
            if !query.wants(&entry) {
                return ControlFlow::Continue(());
            }
            bytes += serde_json::to_vec(&entry).map_or(0, |json| json.len());
            if page.entries.len() >= limit || (bytes > PAGE_BYTES && !page.entries.is_empty()) {
                page.next = page.entries.last().map(|entry| entry.number);
                return ControlFlow::Break(());
            }
            page.entries.push(entry);
            ControlFlow::Continue(())
        };
        self.visit(&mut see);
        page
    }

    /// Everything that is wanted, oldest first.
    pub(super) fn all(&self, filter: &Filter) -> Vec<Entry> {
        let mut entries = Vec::new();
        self.visit(&mut |entry| {
            if filter.matches(&entry) {
                entries.push(entry);
            }
            ControlFlow::Continue(())
        });
        entries.reverse();
        entries
    }

    fn visit(&self, see: &mut impl FnMut(Entry) -> ControlFlow<()>) {
        let mut unwritten = self.unwritten.iter().rev().cloned();
        if unwritten.try_for_each(&mut *see).is_continue() {
            let _ = self.files.visit(see);
        }
    }
}

fn unwritable(file: &Path, error: &io::Error) -> Problem {
    Problem::yours(
        Code::Failed,
        format!("The journal {} cannot be written: {error}.", file.display()),
        format!(
            "Free some space, or mend the file's permissions. Until then the last {UNWRITTEN} entries are kept in memory."
        ),
    )
}
