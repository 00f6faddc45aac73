//! Stories that once went wrong, as short as they could be made.

use daypass_core::protocol::Asking;

use super::{
    Simulation,
    events::{Event, Mood, Typed},
};

/// The roles of these stories, by their place in [`super::setup::ROLES`].
const LONG: usize = 2;
const PLAIN: usize = 5;
const CAPPED: usize = 7;

fn asks(role: usize) -> Event {
    Event::Asks {
        role,
        read_only: false,
        asking: Asking::Popup,
        stays: true,
    }
}

fn types(code: Typed) -> Event {
    let (user, device) = (0, 0);
    Event::Types { user, device, code }
}

fn goes_well(role: usize, story: &[Event]) {
    let mut simulation = Simulation::start(1 << role);
    for event in story {
        simulation.happens(event);
    }
    simulation.ends_well(true).unwrap();
    simulation.check().unwrap();
}

#[test]
fn p1_an_answer_that_comes_after_a_sleep_is_not_served() {
    goes_well(
        PLAIN,
        &[
            Event::Latency(1),
            asks(PLAIN),
            Event::Sleeps {
                seconds: 3_545,
                is_told: false,
            },
            Event::Passes(1),
        ],
    );
}

#[test]
fn p9_a_session_got_while_the_clock_was_ahead_is_renewed_in_time() {
    goes_well(PLAIN, &[Event::SetsClock(43_200), asks(PLAIN)]);
}

#[test]
fn p9_a_clock_that_was_ahead_holds_up_no_renewal() {
    goes_well(PLAIN, &[Event::SetsClock(3_729)]);
}

/// The clock is set forward; until AWS tells the time, the session seems to have ended.
#[test]
fn p2_whoever_asked_by_a_wrong_clock_is_served_by_the_right_one() {
    let mut simulation = Simulation::start(1 << LONG);
    let story = [
        asks(LONG),
        types(Typed::Right),
        Event::SetsClock(7_140),
        asks(LONG),
    ];
    for event in &story {
        simulation.happens(event);
    }
    assert!(simulation.programs.is_empty(), "somebody still waits");
    simulation.check().unwrap();
}

#[test]
fn p4_a_code_is_remembered_beside_others() {
    goes_well(
        LONG,
        &[
            asks(LONG),
            // Before each code AWS is asked for the time.
            Event::LosesAnswers(4),
            types(Typed::Right),
            types(Typed::Wrong),
            types(Typed::Right),
        ],
    );
}

#[test]
fn p9_an_end_that_a_wrong_clock_announced_is_told_again() {
    let leaves = Event::Asks {
        role: LONG,
        read_only: false,
        asking: Asking::Popup,
        stays: false,
    };
    goes_well(
        LONG,
        &[
            leaves.clone(),
            types(Typed::Right),
            Event::Passes(1),
            Event::SetsClock(7_199),
            leaves,
            Event::Dismisses,
        ],
    );
}

#[test]
fn p9_a_keychain_that_was_locked_at_a_renewal_ends_no_session() {
    goes_well(
        PLAIN,
        &[
            asks(PLAIN),
            Event::Keychain(Mood::Locked),
            // It seems to be time for a renewal.
            Event::SetsClock(2_700),
            asks(PLAIN),
        ],
    );
}

#[test]
fn r7_a_shorter_session_leaves_nobody_without_an_answer() {
    let reads = Event::Asks {
        role: CAPPED,
        read_only: true,
        asking: Asking::Popup,
        stays: true,
    };
    goes_well(
        CAPPED,
        &[
            asks(CAPPED),
            reads,
            types(Typed::Right),
            Event::RemovesRole(0),
        ],
    );
}
