//! The journal: what happened, in the order in which the loop says so, written by a thread of its
//! own. A disk that is slow, full or read-only holds up nothing.

mod export;
mod files;
mod writer;

use std::{
    path::PathBuf,
    sync::mpsc::{self, Receiver, SyncSender, TrySendError},
    thread,
    time::Duration,
};

use daypass_core::{
    Instant,
    journal::{Again, Event, Filter, Kind, Page, Query},
    problem::{Code, Problem},
    usage::Usage,
};

use self::{files::Files, writer::Writer};

/// How many entries may wait for the disk.
const QUEUE: usize = 1_024;
/// How many different events are counted at a time.
const COUNTED: usize = 256;
/// How long the end waits for the last entries to be written.
const LAST_WORDS: Duration = Duration::from_millis(500);

type Look = Box<dyn FnOnce(Result<&Writer, Problem>) + Send>;

enum Job {
    Write(Instant, Option<Again>, Event),
    Read(Look),
}

/// An event that was written once, and is counted since.
struct Counted {
    event: Event,
    until: Instant,
    first: Instant,
    last: Instant,
    times: u64,
}

/// The way into the journal. Dropping it writes what was counted, and waits a moment for the disk.
pub struct Journal {
    /// Nothing while it is being dropped.
    jobs: Option<SyncSender<Job>>,
    /// Closed when the thread has ended.
    ended: Receiver<()>,
    counted: Vec<Counted>,
    lost: u64,
}

impl Journal {
    /// Starts the thread. A file that cannot be written is told once.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(file: PathBuf, tell: impl Fn(Problem) + Send + 'static) -> std::io::Result<Self> {
        let (jobs, queue) = mpsc::sync_channel(QUEUE);
        let (end, ended) = mpsc::channel();
        thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || {
                let mut writer = Writer::new(Files::new(file), Box::new(tell));
                for job in queue {
                    match job {
                        Job::Write(at, again, event) => writer.write(at, again, event),
                        Job::Read(look) => look(Ok(&writer)),
                    }
                }
                drop(end);
            })?;
        Ok(Self {
            jobs: Some(jobs),
            ended,
            counted: Vec::new(),
            lost: 0,
        })
    }

    /// Notes an event. One that repeats itself, such as a program that gets the same session's
    /// credentials before every request, has an entry for the first time and one for all others,
    /// which is written when the session changes or ends.
    pub fn record(&mut self, at: Instant, event: Event) {
        self.settle(at);
        self.tell_counted(|counted| event.ends_counting_of(&counted.event));
        let Some(until) = event.counted_until(at) else {
            self.write(at, None, event);
            return;
        };
        if let Some(known) = self.counted.iter_mut().find(|known| known.event == event) {
            known.times += 1;
            known.last = at;
            return;
        }
        if self.counted.len() >= COUNTED {
            self.tell_counted(|_| true);
        }
        self.counted.push(Counted {
            event: event.clone(),
            until,
            first: at,
            last: at,
            times: 0,
        });
        self.write(at, None, event);
    }

    /// Writes what was counted and has come to its end.
    pub fn settle(&mut self, now: Instant) {
        self.tell_counted(|counted| counted.until <= now);
    }

    /// Reads a page, after everything that was recorded before.
    pub fn read(&self, query: Query, answer: impl FnOnce(Result<Page, Problem>) + Send + 'static) {
        self.look(move |writer| answer(writer.map(|writer| writer.page(&query))));
    }

    /// How roles were used, by everything that was recorded before. Nothing is known where the file
    /// cannot be read.
    pub fn usage(&self, answer: impl FnOnce(Usage) + Send + 'static) {
        let told = Filter {
            kinds: vec![Kind::Link, Kind::Copy, Kind::Setup],
            ..Filter::default()
        };
        self.look(move |writer| {
            answer(
                writer.map_or_else(|_| Usage::default(), |writer| Usage::of(&writer.all(&told))),
            );
        });
    }

    /// Writes what is wanted into a new file where people look for such, named after the day.
    pub fn export(
        &self,
        filter: Filter,
        day: String,
        answer: impl FnOnce(Result<PathBuf, Problem>) + Send + 'static,
    ) {
        self.look(move |writer| {
            answer(writer.and_then(|writer| export::write(&writer.all(&filter), &day)));
        });
    }

    fn look(&self, look: impl FnOnce(Result<&Writer, Problem>) + Send + 'static) {
        let Some(jobs) = &self.jobs else {
            return;
        };
        let refused = jobs.try_send(Job::Read(Box::new(look))).err();
        if let Some(
            TrySendError::Full(Job::Read(look)) | TrySendError::Disconnected(Job::Read(look)),
        ) = refused
        {
            look(Err(Problem::passing(
                Code::Failed,
                "The journal's disk does not answer.",
                "Try again in a moment.",
            )));
        }
    }

    fn tell_counted(&mut self, over: impl Fn(&Counted) -> bool) {
        let told: Vec<Counted> = self
            .counted
            .extract_if(.., |counted| over(counted))
            .collect();
        for counted in told.into_iter().filter(|counted| counted.times > 0) {
            let again = Again {
                times: counted.times,
                since: counted.first,
            };
            self.write(counted.last, Some(again), counted.event);
        }
    }

    fn write(&mut self, at: Instant, again: Option<Again>, event: Event) {
        if self.lost > 0 {
            let entries = self.lost;
            if !self.send(Job::Write(at, None, Event::Lost { entries })) {
                self.lost += 1;
                return;
            }
            self.lost = 0;
        }
        if !self.send(Job::Write(at, again, event)) {
            self.lost += 1;
        }
    }

    fn send(&self, job: Job) -> bool {
        self.jobs
            .as_ref()
            .is_some_and(|jobs| jobs.try_send(job).is_ok())
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.tell_counted(|_| true);
        self.jobs = None;
        // Nothing is ever sent on it: this waits for the thread's end.
        let _ = self.ended.recv_timeout(LAST_WORDS);
    }
}

#[cfg(test)]
mod tests;
