use std::sync::{Arc, Mutex};

use daypass_core::{
    arn::PrincipalArn,
    config::Identity,
    import::{FoundIdentity, FoundRole, ImportChoice, ImportFrom, ImportPlan, ImportReport},
    protocol::{Request, Response},
    role::Role,
};

use crate::{
    terminal::Session,
    world::{ROLE_ARN, World, name, warm},
};

/// What an agent was told to take over, and out of files.
#[derive(Default)]
struct Taken {
    choices: Vec<ImportChoice>,
    removed: Vec<String>,
}

fn plan() -> ImportPlan {
    let identity = Identity {
        name: name("work"),
        ambient: false,
        profile: None,
    };
    let role = |role: &str, beware: &[&str]| FoundRole {
        role: Role::new(
            name(role),
            name("work"),
            PrincipalArn::parse(ROLE_ARN).unwrap(),
        ),
        origin: format!("[profile {role}] in config"),
        beware: beware.iter().map(|&text| text.to_owned()).collect(),
        known: false,
    };
    ImportPlan {
        identities: vec![FoundIdentity {
            identity,
            origin: "[ada] in credentials".to_owned(),
            access_key_id: Some("AKIAIOSFODNN7EXAMPLE".to_owned()),
            mfa_serials: Vec::new(),
            plain_text: true,
            known: false,
        }],
        roles: vec![
            role("prod", &[]),
            role("odd", &["endpoint_url is not used"]),
        ],
        left_alone: Vec::new(),
    }
}

fn world() -> (World, Arc<Mutex<Taken>>) {
    let taken = Arc::new(Mutex::new(Taken::default()));
    let agent = Arc::clone(&taken);
    let world = World::new(move |request| match request {
        Request::PlanImport(_) => Response::ImportPlan(Box::new(plan())),
        Request::Import(choice) => {
            agent.lock().unwrap().choices.push(choice);
            Response::Imported(Box::new(ImportReport {
                identities: vec![name("work")],
                roles: 1,
                failed: Vec::new(),
                still_plain: vec![name("work")],
            }))
        }
        Request::RemovePlainKeys { identities, .. } => {
            let names = identities.iter().map(ToString::to_string);
            agent.lock().unwrap().removed.extend(names);
            Response::Written {
                path: "/home/ada/.aws/credentials".to_owned(),
                warnings: Vec::new(),
            }
        }
        Request::RestorePlainKeys => Response::Done,
        other => warm(other),
    });
    (world, taken)
}

#[test]
fn a_dry_run_shows_and_changes_nothing() {
    let (world, _taken) = world();
    let shown = world.done(&["import", "--dry-run"]);
    assert!(shown.contains("[ada] in credentials, in plain text"));
    assert!(shown.contains("! odd: endpoint_url is not used"));
    let json: serde_json::Value =
        serde_json::from_str(&world.done(&["import", "--dry-run", "--json"])).unwrap();
    assert_eq!(json["roles"][1]["beware"][0], "endpoint_url is not used");
    assert_eq!(world.seen(), ["plan_import", "plan_import"]);
}

#[test]
fn t9_a_program_agrees_to_nothing_by_itself() {
    let (world, taken) = world();
    let mut command = world.command("setsid");
    let daypass = env!("CARGO_BIN_EXE_daypass-cli");
    let output = command
        .args(["--wait", daypass, "import"])
        .output()
        .unwrap();
    let said = crate::world::failed(&output, 2);
    assert!(said.contains("--yes"), "{said}");
    assert!(taken.lock().unwrap().choices.is_empty());

    world.done(&["import", "--yes", "--only", "work", "prod"]);
    world.done(&["import", "--agree", "--no-keychain"]);
    let home = world.home();
    let from = |keychain| ImportFrom {
        config: Some(home.join(".aws/config").display().to_string()),
        credentials: Some(home.join(".aws/credentials").display().to_string()),
        leapp: None,
        keychain,
    };
    let expected = [
        ImportChoice {
            from: from(true),
            only: vec![name("work"), name("prod")],
            agreed: false,
        },
        ImportChoice {
            from: from(false),
            only: Vec::new(),
            agreed: true,
        },
    ];
    let taken = taken.lock().unwrap();
    assert_eq!(taken.choices, expected);
    assert_eq!(
        taken.removed,
        Vec::<String>::new(),
        "keys were not asked for"
    );
}

#[test]
fn plain_keys_go_when_that_is_said() {
    let (world, taken) = world();
    world.done(&["import", "--yes", "--remove-plain-keys"]);
    assert_eq!(taken.lock().unwrap().removed, ["work"]);
    world.done(&["import", "--undo"]);
    assert_eq!(world.seen().last().unwrap(), "restore_plain_keys");
}

#[test]
fn a_person_is_asked_for_each_step() {
    let (world, taken) = world();
    let mut session = Session::of(&world.daypass(&["import"]));
    session.wait_for("Take over 2 of these? [y/N] ");
    session.type_in("y\n");
    session.wait_for("Take over what is marked with ! as well (1)? [y/N] ");
    session.type_in("\n");
    session.wait_for("New identities: 1. New roles: 1.");
    session.wait_for("Take them out there?");
    session.type_in("n\n");
    let rest = session.rest();
    assert!(rest.contains("--remove-plain-keys"), "{rest}");
    let taken = taken.lock().unwrap();
    assert!(!taken.choices[0].agreed);
    assert_eq!(taken.removed, Vec::<String>::new());
}

#[test]
fn a_no_changes_nothing() {
    let (world, taken) = world();
    let mut session = Session::of(&world.daypass(&["import"]));
    session.wait_for("Take over 2 of these? [y/N] ");
    session.type_in("\n");
    session.wait_for("Nothing was changed.");
    assert_eq!(session.exit_code(), Some(0));
    assert!(taken.lock().unwrap().choices.is_empty());
}

#[test]
fn a_leapp_export_that_is_not_there_is_said_before_anything() {
    let (world, _taken) = world();
    let said = world.fails(2, &["import", "--leapp", "nowhere.json", "--yes"]);
    assert!(said.contains("nowhere.json"), "{said}");
    assert_eq!(world.seen(), Vec::<String>::new());
}
