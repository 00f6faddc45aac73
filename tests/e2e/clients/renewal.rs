//! Every client in every way across a renewal: hours pass, and the next call is served by a newer
//! session.

use std::collections::BTreeSet;

use daypass_stage::Parts;

use super::{
    client::{self, Client, Conversation, Way},
    write_profile,
};
use crate::world::World;

/// Longer than the role's session, shorter than the MFA session that renews it.
const HOURS: i64 = 2 * 3_600;

#[test]
fn every_client_is_renewed_through_credential_process() {
    outlives_a_session(Way::Process);
}

#[test]
fn every_client_is_renewed_through_the_container_endpoint() {
    outlives_a_session(Way::Endpoint);
}

/// Nothing can change the variables of a process that runs: the next one gets the newer session.
#[test]
fn every_client_is_renewed_through_the_environment_of_its_next_process() {
    let world = world();
    let clients = client::all();
    let once = || {
        let mut running = start(&world, &clients, Way::Environment);
        let session = session_of(&world, &mut running);
        running.into_iter().for_each(Conversation::end);
        session
    };
    let first = once();
    pass_hours(&world);
    let second = once();
    assert_renewed(&world, &first, &second);
}

/// The processes that made the first call make the second one.
fn outlives_a_session(way: Way) {
    let world = world();
    let mut clients = start(&world, &client::all(), way);
    let first = session_of(&world, &mut clients);
    pass_hours(&world);
    let second = session_of(&world, &mut clients);
    clients.into_iter().for_each(Conversation::end);
    assert_renewed(&world, &first, &second);
}

fn world() -> World {
    let mut world = World::without_agent(Parts::HEADLESS);
    world.desktop.with_movable_clock().unwrap();
    world.start_agent("daypass-agent", &[]);
    world.add_ada_and_role();
    world.enter_code();
    write_profile(&world);
    world
}

fn start(world: &World, clients: &[Client], way: Way) -> Vec<Conversation> {
    let start = |client: &Client| client.start(world, way, world.aws.url());
    clients.iter().map(start).collect()
}

/// Has all clients make a call, and yields the one session that they made it with.
fn session_of(world: &World, clients: &mut [Conversation]) -> String {
    let ask = |client: &mut Conversation| client.access_key_id(world);
    let keys: BTreeSet<String> = clients.iter_mut().map(ask).collect();
    assert_eq!(keys.len(), 1, "they are not of one session: {keys:?}");
    keys.into_iter().next().unwrap()
}

fn pass_hours(world: &World) {
    world.aws.advance(HOURS).unwrap();
    world.desktop.move_clock(HOURS).unwrap();
}

fn assert_renewed(world: &World, first: &str, second: &str) {
    assert_ne!(first, second, "the session that ended was used again");
    assert_eq!(world.aws.calls("GetSessionToken").unwrap(), 1);
    assert_eq!(world.aws.calls("AssumeRole").unwrap(), 2);
    let journal = world.aws.journal().unwrap();
    // Requests for the time alone have no operation.
    for call in journal.iter().filter(|call| call["op"] != "") {
        assert_eq!(call["status"], 200, "{call}");
    }
}
