//! What happened, hour by hour.

use std::collections::BTreeMap;

/// What happened within a time.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counts {
    pub(super) calls: usize,
    pub(super) failed_with_session: usize,
    pub(super) failed_without_session: usize,
    pub(super) codes: usize,
    /// The most prompts on screen at a time.
    pub(super) prompts: usize,
    pub(super) notifications: usize,
}

impl Counts {
    fn add(&mut self, other: Self) {
        self.calls += other.calls;
        self.failed_with_session += other.failed_with_session;
        self.failed_without_session += other.failed_without_session;
        self.codes += other.codes;
        self.prompts = self.prompts.max(other.prompts);
        self.notifications += other.notifications;
    }
}

/// The day's book.
#[derive(Debug, Default)]
pub(super) struct Hours {
    counts: BTreeMap<i64, Counts>,
    notes: BTreeMap<i64, Vec<String>>,
}

impl Hours {
    pub(super) fn add(&mut self, minute: i64, counts: Counts) {
        self.counts.entry(minute / 60).or_default().add(counts);
    }

    pub(super) fn note(&mut self, minute: i64, words: String) {
        let notes = self.notes.entry(minute / 60).or_default();
        notes.push(format!(":{:02} {words}", minute % 60));
    }

    pub(super) fn total(&self) -> Counts {
        let mut total = Counts::default();
        for counts in self.counts.values() {
            total.add(*counts);
        }
        total
    }

    /// The table, with the calls that AWS got by operation and outcome below it.
    pub(super) fn print(&self, aws: &BTreeMap<String, usize>) {
        println!("hour   client calls   failed   codes   prompts   notifications   what happened");
        for hour in 0..24 {
            let counts = self.counts.get(&hour).copied().unwrap_or_default();
            let failed = counts.failed_with_session + counts.failed_without_session;
            let notes = self.notes.get(&hour).map(|notes| notes.join(", "));
            println!(
                "{hour:>4}   {:>12}   {failed:>6}   {:>5}   {:>7}   {:>13}   {}",
                counts.calls,
                counts.codes,
                counts.prompts,
                counts.notifications,
                notes.unwrap_or_default()
            );
        }
        println!("\nAWS was asked:");
        for (call, times) in aws {
            println!("{times:>8}   {call}");
        }
    }
}
