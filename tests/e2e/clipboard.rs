//! T16: what is copied is hidden from the clipboard's history and does not stay.

use daypass_stage::{Parts, run, wait};

use crate::world::World;

fn world(seconds: u16) -> World {
    let mut world = World::without_agent(Parts::ALL);
    let config = std::fs::read_to_string(world.desktop.home.config_file()).unwrap();
    world
        .desktop
        .home
        .write_config(&format!(
            "{config}\n[settings]\nclipboard_seconds = {seconds}\n"
        ))
        .unwrap();
    world.start_agent("daypass-tray", &[]);
    world.add_ada_and_role();
    world.enter_code();
    world
}

impl World {
    fn clipboard(&self, target: &str) -> String {
        let mut command = self.desktop.home.command("xclip");
        let arguments = ["-selection", "clipboard", "-o", "-target", target];
        let output = run(command.args(arguments), "").unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn copy_something_else(&self) {
        let mut command = self.desktop.home.command("xclip");
        command.args(["-selection", "clipboard", "-i"]);
        // It stays in the background to serve what it has copied.
        command.stdout(std::process::Stdio::null());
        let mut child = command.stdin(std::process::Stdio::piped()).spawn().unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"something else").unwrap();
        assert!(child.wait().unwrap().success());
    }
}

#[test]
fn t16_a_copied_link_is_hidden_from_history_and_taken_off_again() {
    let world = world(2);
    world.done(&["console", "prod", "--copy"]);
    assert!(world.clipboard("UTF8_STRING").contains("SigninToken="));
    assert!(
        world
            .clipboard("TARGETS")
            .contains("x-kde-passwordManagerHint")
    );
    wait::until("the clipboard to be cleared", || {
        world.clipboard("UTF8_STRING").is_empty().then_some(())
    })
    .unwrap();
}

#[test]
fn t16_what_a_person_copied_meanwhile_stays() {
    let world = world(1);
    world.done(&["console", "prod", "--copy"]);
    world.copy_something_else();
    let log = || world.log("daypass-tray");
    wait::until("the look at the clipboard", || {
        log()
            .contains("the clipboard holds something else")
            .then_some(())
    })
    .unwrap();
    assert_eq!(world.clipboard("UTF8_STRING"), "something else");
}

/// T16, T20: a lock does not wait for the time to pass.
#[test]
fn t16_t20_a_lock_takes_what_was_copied_off() {
    let world = world(3_600);
    world.done(&["console", "prod", "--copy"]);
    assert!(world.clipboard("UTF8_STRING").contains("SigninToken="));
    world.done(&["lock"]);
    wait::until("the clipboard to be cleared", || {
        world.clipboard("UTF8_STRING").is_empty().then_some(())
    })
    .unwrap();
}
