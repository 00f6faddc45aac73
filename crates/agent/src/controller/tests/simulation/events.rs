//! What can happen, in any order.

use std::fmt;

use daypass_core::protocol::Asking;
use proptest::prelude::*;

use super::setup::{ROLES, USERS};

/// What happens, one line each.
#[derive(Clone)]
pub(super) struct Story(pub(super) Vec<Event>);

impl fmt::Debug for Story {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for event in &self.0 {
            write!(f, "\n    {}", format!("{event:?}").replace("Event::", ""))?;
        }
        Ok(())
    }
}

/// Something that happens.
#[derive(Debug, Clone)]
pub(super) enum Event {
    /// Time, with a look whenever the loop wants one.
    Passes(u32),
    Sleeps {
        seconds: u32,
        /// Whether the system says that it has woken up.
        is_told: bool,
    },
    /// Somebody sets the clock by so many seconds.
    SetsClock(i64),
    Network(bool),
    Throttling(bool),
    LosesAnswers(u32),
    /// Answers take so many seconds.
    Latency(u64),
    Keychain(Mood),
    Asks {
        role: usize,
        read_only: bool,
        asking: Asking,
        stays: bool,
    },
    Clicks {
        role: usize,
        click: Click,
    },
    Types {
        /// Whose code, where no field is on screen.
        user: usize,
        device: usize,
        code: Typed,
    },
    Dismisses,
    WantsToType(usize),
    Snoozes(usize),
    NotToday(usize),
    ClicksTray,
    UnlocksKeychain,
    EndsSession(usize),
    Locks,
    Unlocks,
    ChangesRole(usize),
    RemovesRole(usize),
    AddsRole(usize),
    RemovesUser(usize),
    AddsUser(usize),
}

impl Event {
    pub(super) const fn is_a_persons(&self) -> bool {
        matches!(
            self,
            Self::Types { .. } | Self::Clicks { .. } | Self::Dismisses | Self::WantsToType(_)
        )
    }
}

/// How the keychain is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mood {
    Answers,
    Locked,
    Missing,
    /// It raises a prompt that nobody answers.
    Hangs,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Click {
    Link,
    ReadOnlyLink,
    Environment,
    Renew,
}

/// What a person types.
#[derive(Debug, Clone, Copy)]
pub(super) enum Typed {
    Right,
    Wrong,
    /// What was typed last.
    Again,
}

fn role() -> impl Strategy<Value = usize> {
    0..ROLES.len()
}

fn user() -> impl Strategy<Value = usize> {
    0..USERS.len()
}

fn asking() -> impl Strategy<Value = Asking> {
    prop_oneof![
        4 => Just(Asking::Popup),
        2 => Just(Asking::Terminal),
        1 => Just(Asking::Waiting),
    ]
}

fn mood() -> impl Strategy<Value = Mood> {
    prop_oneof![
        3 => Just(Mood::Answers),
        1 => Just(Mood::Locked),
        1 => Just(Mood::Missing),
        1 => Just(Mood::Hangs),
    ]
}

fn click() -> impl Strategy<Value = Click> {
    prop_oneof![
        Just(Click::Link),
        Just(Click::ReadOnlyLink),
        Just(Click::Environment),
        Just(Click::Renew),
    ]
}

fn typed() -> impl Strategy<Value = Typed> {
    prop_oneof![
        6 => Just(Typed::Right),
        1 => Just(Typed::Wrong),
        1 => Just(Typed::Again),
    ]
}

/// Seconds to half an hour, and now and then an hour.
fn a_while() -> impl Strategy<Value = u32> {
    prop_oneof![
        3 => 1..60_u32,
        3 => 60..900_u32,
        1 => 900..4_000_u32,
    ]
}

fn jump() -> impl Strategy<Value = i64> {
    const DAY: i64 = 86_400;
    prop_oneof![-30 * DAY..=30 * DAY, -7_200..=7_200_i64, -400..=400_i64]
}

fn time() -> impl Strategy<Value = Event> {
    prop_oneof![
        6 => a_while().prop_map(Event::Passes),
        1 => (60..30_000_u32, any::<bool>())
            .prop_map(|(seconds, is_told)| Event::Sleeps { seconds, is_told }),
        1 => jump().prop_map(Event::SetsClock),
    ]
}

fn fault() -> impl Strategy<Value = Event> {
    prop_oneof![
        3 => any::<bool>().prop_map(Event::Network),
        2 => any::<bool>().prop_map(Event::Throttling),
        2 => (1..4_u32).prop_map(Event::LosesAnswers),
        2 => (0..10_u64).prop_map(Event::Latency),
        2 => mood().prop_map(Event::Keychain),
    ]
}

fn program() -> impl Strategy<Value = Event> {
    let parts = (
        role(),
        prop::bool::weighted(0.15),
        asking(),
        prop::bool::weighted(0.8),
    );
    parts.prop_map(|(role, read_only, asking, stays)| Event::Asks {
        role,
        read_only,
        asking,
        stays,
    })
}

fn person() -> impl Strategy<Value = Event> {
    prop_oneof![
        8 => (user(), 0..2_usize, typed())
            .prop_map(|(user, device, code)| Event::Types { user, device, code }),
        3 => (role(), click()).prop_map(|(role, click)| Event::Clicks { role, click }),
        2 => Just(Event::Dismisses),
        1 => user().prop_map(Event::WantsToType),
        1 => user().prop_map(Event::Snoozes),
        1 => user().prop_map(Event::NotToday),
        1 => Just(Event::ClicksTray),
        1 => Just(Event::UnlocksKeychain),
        1 => role().prop_map(Event::EndsSession),
        1 => Just(Event::Locks),
        2 => Just(Event::Unlocks),
    ]
}

fn change() -> impl Strategy<Value = Event> {
    prop_oneof![
        2 => role().prop_map(Event::ChangesRole),
        1 => role().prop_map(Event::RemovesRole),
        2 => role().prop_map(Event::AddsRole),
        1 => user().prop_map(Event::RemovesUser),
        2 => user().prop_map(Event::AddsUser),
    ]
}

/// Up to a hundred of them, in any order.
pub(super) fn story() -> impl Strategy<Value = Story> {
    prop::collection::vec(event(), 1..100).prop_map(Story)
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        10 => time(),
        3 => fault(),
        10 => program(),
        8 => person(),
        1 => change(),
    ]
}
