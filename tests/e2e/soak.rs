//! Nothing is left behind by a morning of work.

use daypass_stage::{Footprint, Parts, load::Load, wait};

use crate::world::World;

/// An hour, in which each kind of caller has been there.
const FIRST: u32 = 12;
const MORE: u32 = 36;
/// Connections to AWS that the HTTP stack keeps for the next call.
const IDLE: usize = 8;

/// R24: descriptors and threads after many rounds of callers, renewals and codes are those after
/// the first ones. Only root may look into the agent (T4).
#[test]
fn r24_nothing_is_left_behind() {
    let mut world = World::without_agent(Parts::HEADLESS);
    world.desktop.with_movable_clock().unwrap();
    world.start_agent("daypass-agent", &[]);
    let agent = world.agent_id();
    let mut load = Load::new(&mut world.desktop, &world.aws).unwrap();
    let mut rounds = |count| {
        (0..count).for_each(|_| load.round().unwrap());
        load.rest();
        load.tally
    };
    let before = rounds(FIRST);
    let first = Footprint::of(agent).unwrap();
    let after = rounds(MORE);
    assert!(after.served >= before.served + 200, "{after:?}");
    assert!(
        after.refused > before.refused && after.codes > 0,
        "{after:?}"
    );
    wait::until("the agent to be as before", || {
        let now = Footprint::of(agent).unwrap();
        let flat = now.descriptors <= first.descriptors + IDLE && now.threads <= first.threads;
        flat.then_some(())
    })
    .unwrap_or_else(|error| panic!("{error}: {first:?}, {:?}", Footprint::of(agent)));
}
