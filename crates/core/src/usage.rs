//! Which roles a person uses, and how much: often counts, and lately counts more.
//!
//! Each use weighs half as much after a week. A sum of weights that all shrink alike keeps its
//! order, so what is kept is the number of half-lives after 1970 at which one single use would
//! weigh as much as all uses of the role do. That number changes only when the role is used.

use std::collections::HashMap;

use crate::{
    Instant,
    journal::{Entry, Event, LinkTo},
    name::Name,
};

/// After how many seconds a use counts for half.
const HALF_LIFE_SECONDS: f64 = 7.0 * 24.0 * 3_600.0;

/// The use of each role.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Usage(HashMap<Name, Used>);

#[derive(Debug, Clone, Copy, PartialEq)]
struct Used {
    score: f64,
    last: Instant,
}

impl Usage {
    /// The use that is told by entries of the journal, oldest first.
    pub fn of(entries: &[Entry]) -> Self {
        let mut usage = Self::default();
        for entry in entries {
            usage.hear(&entry.event, entry.at);
        }
        usage
    }

    /// Takes in what happened: somebody opened a console, or took a link, a session or a profile
    /// along. What programs fetch is no use by a person. A removed role begins anew.
    pub fn hear(&mut self, event: &Event, at: Instant) {
        match event {
            Event::LinkMade {
                of,
                to: LinkTo::Browser | LinkTo::Clipboard,
                ..
            }
            | Event::Copied { of, .. }
            | Event::ProfileCopied { of, .. }
            | Event::ProfileWritten { of, .. }
            | Event::TerminalOpened { of, .. } => self.add(of.role.clone(), Used::once(at)),
            Event::RoleRemoved { role, .. } => {
                self.0.remove(role);
            }
            _ => {}
        }
    }

    /// Adds what was used at other times.
    pub fn merge(&mut self, other: Self) {
        for (role, used) in other.0 {
            self.add(role, used);
        }
    }

    /// Forgets the roles that are no longer there.
    pub fn retain(&mut self, is_there: impl Fn(&Name) -> bool) {
        self.0.retain(|role, _| is_there(role));
    }

    /// How often and how lately a role was used; zero for never.
    pub fn score(&self, role: &Name) -> f64 {
        self.0.get(role).map_or(0.0, |used| used.score)
    }

    /// When a role was last used.
    pub fn last_used(&self, role: &Name) -> Option<Instant> {
        self.0.get(role).map(|used| used.last)
    }

    fn add(&mut self, role: Name, used: Used) {
        self.0
            .entry(role)
            .and_modify(|known| *known = known.and(used))
            .or_insert(used);
    }
}

impl Used {
    fn once(at: Instant) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "exact for ages to come")]
        let seconds = at.timestamp() as f64;
        Self {
            score: seconds / HALF_LIFE_SECONDS,
            last: at,
        }
    }

    /// Both: `log2(2^a + 2^b)`, without numbers that large.
    fn and(self, other: Self) -> Self {
        let (more, less) = (self.score.max(other.score), self.score.min(other.score));
        Self {
            score: more + (less - more).exp2().ln_1p() / std::f64::consts::LN_2,
            last: self.last.max(other.last),
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::{
        journal::{By, Subject},
        session::SessionKey,
        shell::Shell,
    };

    fn name(text: &str) -> Name {
        Name::parse(text).unwrap()
    }

    fn day(day: i64) -> Instant {
        Instant::from_timestamp(1_700_000_000, 0).unwrap() + TimeDelta::days(day)
    }

    fn of(role: &str) -> Subject {
        Subject::of(&SessionKey::of(name(role)), None)
    }

    fn opened(role: &str) -> Event {
        Event::LinkMade {
            of: of(role),
            to: LinkTo::Browser,
            by: By::You,
        }
    }

    fn used(uses: &[(&str, i64)]) -> Usage {
        let mut usage = Usage::default();
        for (role, at) in uses {
            usage.hear(&opened(role), day(*at));
        }
        usage
    }

    fn more(usage: &Usage, one: &str, other: &str) -> bool {
        usage.score(&name(one)) > usage.score(&name(other))
    }

    #[test]
    fn often_and_lately_both_count() {
        let usage = used(&[("a", 0), ("a", 0), ("b", 0)]);
        assert!(more(&usage, "a", "b"), "twice is more than once");
        let usage = used(&[("a", 0), ("b", 1)]);
        assert!(more(&usage, "b", "a"), "the later is more");
        // Two uses weigh as much as one a week later.
        let usage = used(&[("a", 0), ("a", 0), ("b", 7)]);
        let apart = usage.score(&name("a")) - usage.score(&name("b"));
        assert!(apart.abs() < 1e-9, "{apart}");
        assert_eq!(usage.last_used(&name("a")), Some(day(0)));
    }

    #[test]
    fn what_is_merely_there_is_worth_nothing() {
        let usage = used(&[("a", 0)]);
        assert_eq!(usage.score(&name("b")).to_bits(), 0.0_f64.to_bits());
        assert_eq!(usage.last_used(&name("b")), None);
        assert!(more(&usage, "a", "b"));
    }

    #[test]
    fn programs_and_what_is_no_use_do_not_count() {
        let mut usage = Usage::default();
        for event in [
            Event::CredentialsGiven {
                of: of("a"),
                until: day(1),
                by: By::Unnamed,
            },
            Event::LinkMade {
                of: of("a"),
                to: LinkTo::Caller,
                by: By::Unnamed,
            },
            Event::SessionEnded {
                of: of("a"),
                by: By::You,
            },
        ] {
            usage.hear(&event, day(0));
        }
        assert_eq!(usage, Usage::default());
        usage.hear(
            &Event::Copied {
                of: of("a"),
                shell: Shell::Bash,
                by: By::You,
            },
            day(0),
        );
        assert_eq!(usage.last_used(&name("a")), Some(day(0)));
    }

    #[test]
    fn a_removed_role_begins_anew() {
        let mut usage = used(&[("a", 0), ("a", 1), ("b", 1)]);
        let removed = Event::RoleRemoved {
            role: name("a"),
            by: By::You,
        };
        usage.hear(&removed, day(2));
        assert_eq!(usage, used(&[("b", 1)]));
        usage.retain(|role| role.as_str() != "b");
        assert_eq!(usage, Usage::default());
    }

    proptest::proptest! {
        /// What was read and what happened meanwhile add up to what happened in order.
        #[test]
        fn the_order_of_uses_does_not_matter(
            days in proptest::collection::vec(0_i64..2_000, 1..30),
            split in 0_usize..30,
        ) {
            let uses: Vec<_> = days.iter().map(|day| ("a", *day)).collect();
            let (early, late) = uses.split_at(split.min(uses.len()));
            let mut merged = used(late);
            merged.merge(used(early));
            let whole = used(&uses);
            let (merged_score, score) = (merged.score(&name("a")), whole.score(&name("a")));
            proptest::prop_assert!((merged_score - score).abs() < 1e-6);
            proptest::prop_assert_eq!(merged.last_used(&name("a")), whole.last_used(&name("a")));
        }
    }
}
