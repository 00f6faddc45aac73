use std::{fs::Permissions, os::unix::fs::PermissionsExt};

use crate::{exec::variables, terminal::Session, world::World};

fn write(world: &World, text: &str) {
    std::fs::write(world.work().join(".daypass.toml"), text).unwrap();
}

#[test]
fn a_folder_has_its_role_and_region() {
    let world = World::warm();
    write(&world, "role = \"prod\"\nregion = \"eu-central-1\"\n");
    let below = world.work().join("a/b");
    std::fs::create_dir_all(&below).unwrap();
    let mut command = world.daypass(&["exec", "--", "env", "-0"]);
    let variables_of = variables(&command.current_dir(&below).output().unwrap());
    assert_eq!(variables_of["DAYPASS_ROLE"], "prod");
    assert_eq!(variables_of["AWS_REGION"], "eu-central-1");
    let given = world.run(&["exec", "--region", "eu-west-3", "--", "env", "-0"]);
    assert_eq!(variables(&given)["AWS_REGION"], "eu-west-3");
    // A role that is named has nothing to do with the folder.
    let named = world.run(&["exec", "prod", "--", "env", "-0"]);
    assert_eq!(variables(&named)["AWS_REGION"], "eu-west-1");
    assert!(world.done(&["credentials"]).contains("ASIA"));
    assert!(world.done(&["env"]).contains("eu-central-1"));
    world.done(&["console"]);
}

#[test]
fn without_a_file_a_role_has_to_be_named() {
    let world = World::warm();
    let said = world.fails(2, &["credentials"]);
    assert!(said.contains("Which role?"), "{said}");
    assert_eq!(world.seen(), Vec::<String>::new());
}

#[test]
fn mistakes_are_named_by_line_and_a_named_role_goes_on() {
    let world = World::warm();
    write(&world, "role = \"prod\"\n[aws]\nkey = 1\n");
    let said = world.fails(2, &["credentials"]);
    assert!(said.contains(".daypass.toml, line 2:"), "{said}");
    assert!(world.done(&["credentials", "prod"]).contains("ASIA"));
}

#[test]
fn somebody_elses_file_is_used_once_it_is_allowed() {
    let world = World::warm();
    write(&world, "role = \"prod\"\n");
    std::fs::set_permissions(world.work(), Permissions::from_mode(0o777)).unwrap();
    let said = world.fails(1, &["credentials"]);
    assert!(said.contains("`daypass allow`"), "{said}");
    assert_eq!(world.seen(), Vec::<String>::new());
    assert!(world.done(&["allow"]).contains("is allowed"));
    assert!(world.done(&["credentials"]).contains("ASIA"));
    write(&world, "role = \"another\"\n");
    let said = world.fails(1, &["credentials"]);
    assert!(said.contains("`daypass allow`"), "a changed file: {said}");
}

#[test]
fn a_person_is_asked_once_about_somebody_elses_file() {
    let world = World::warm();
    write(&world, "role = \"prod\"\n");
    std::fs::set_permissions(world.work(), Permissions::from_mode(0o777)).unwrap();
    let start =
        || Session::of(&world.daypass(&["exec", "--", "sh", "-c", "echo ran as $DAYPASS_ROLE"]));
    let mut first = start();
    first.wait_for("role = \"prod\"");
    first.wait_for("Use it? [y/N] ");
    first.type_in("y\n");
    first.wait_for("ran as prod");
    let again = start().rest();
    assert!(
        again.contains("ran as prod") && !again.contains("Use it?"),
        "{again}"
    );

    write(&world, "role = \"prod\"\nregion = \"eu-west-3\"\n");
    let mut changed = start();
    changed.wait_for("Use it? [y/N] ");
    changed.type_in("n\n");
    let said = changed.rest();
    assert!(said.contains("daypass allow"), "{said}");
    assert_eq!(changed.exit_code(), Some(1));
    let again = start().rest();
    assert!(
        again.contains("daypass allow") && !again.contains("Use it?"),
        "{again}"
    );
}
