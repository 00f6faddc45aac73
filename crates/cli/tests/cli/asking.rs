//! Codes: on the terminal, in the popup, or whichever is first.

use std::sync::{Arc, Condvar, Mutex};

use daypass_core::{
    Instant,
    arn::MfaSerial,
    problem::{Code, Problem},
    protocol::{Asking, Request, Response, Wish},
};

use crate::{
    terminal::Session,
    world::{ADA, BACKUP, World, credentials, name, warm},
};

const PROMPT: &str = "Code for work from your MFA device ada: ";
const DONE: [&str; 6] = [
    "exec",
    "prod",
    "--",
    "sh",
    "-c",
    "echo key=$AWS_ACCESS_KEY_ID",
];
const KEY: &str = "key=ASIAIOSFODNN7EXAMPLE";

/// An agent that has no session until somebody typed a code.
#[derive(Default)]
struct Cold {
    typed: Mutex<bool>,
    changed: Condvar,
}

impl Cold {
    fn type_code(&self) {
        *self.typed.lock().unwrap() = true;
        self.changed.notify_all();
    }

    fn wait(&self) {
        let typed = self.typed.lock().unwrap();
        drop(self.changed.wait_while(typed, |typed| !*typed).unwrap());
    }

    fn answer(&self, request: Request, popup: bool, devices: &[&str]) -> Response {
        match request {
            Request::Credentials { session, asking } => {
                if asking == Asking::Waiting {
                    self.wait();
                }
                if *self.typed.lock().unwrap() {
                    return credentials(&session);
                }
                needed(popup, devices)
            }
            Request::SubmitCode { code, .. } if code.expose() == "000000" => Response::Failed(
                Problem::yours(Code::WrongCode, "AWS did not take that code.", ""),
            ),
            Request::SubmitCode { .. } => {
                self.type_code();
                Response::MfaSession {
                    expires_at: Instant::UNIX_EPOCH,
                }
            }
            other => warm(other),
        }
    }
}

fn needed(popup: bool, devices: &[&str]) -> Response {
    Response::CodeNeeded {
        identity: name("work"),
        devices: devices
            .iter()
            .map(|device| MfaSerial::parse(device).unwrap())
            .collect(),
        popup,
        wish: Wish::MfaSession,
    }
}

fn cold(popup: bool, devices: &'static [&str]) -> (World, Arc<Cold>) {
    let cold = Arc::new(Cold::default());
    let agent = Arc::clone(&cold);
    let world = World::new(move |request| agent.answer(request, popup, devices));
    (world, cold)
}

fn submitted(world: &World) -> Vec<String> {
    let mut seen = world.seen();
    seen.retain(|request| request.starts_with("submit_code"));
    seen
}

#[test]
fn a_code_on_the_terminal_is_asked_for_until_it_is_taken() {
    let (world, _cold) = cold(false, &[ADA]);
    let mut session = Session::of(&world.daypass(&DONE));
    session.wait_for(PROMPT);
    session.type_in("12345\n");
    session.wait_for("exactly six digits");
    session.wait_for(PROMPT);
    session.type_in("000000\n");
    session.wait_for("AWS did not take that code.");
    session.wait_for(PROMPT);
    session.type_in("123456\n");
    session.wait_for(KEY);
    assert_eq!(session.exit_code(), Some(0));
    assert_eq!(
        submitted(&world),
        [
            format!("submit_code {ADA} 000000"),
            format!("submit_code {ADA} 123456")
        ]
    );
}

#[test]
fn the_popup_can_be_faster_than_the_terminal() {
    let (world, cold) = cold(true, &[ADA]);
    let mut session = Session::of(&world.daypass(&DONE));
    session.wait_for(PROMPT);
    session.type_in("12");
    session.wait_for("12");
    world.wait_for("credentials prod waiting");
    cold.type_code();
    session.wait_for("Answered in Daypass's window.");
    session.wait_for(KEY);
    assert_eq!(session.exit_code(), Some(0));
    assert_eq!(submitted(&world), Vec::<String>::new());
}

#[test]
fn the_terminal_can_be_faster_than_the_popup() {
    let (world, _cold) = cold(true, &[ADA]);
    let mut session = Session::of(&world.daypass(&DONE));
    session.wait_for(PROMPT);
    world.wait_for("credentials prod waiting");
    session.type_in("123456\n");
    session.wait_for(KEY);
    assert_eq!(session.exit_code(), Some(0));
    assert_eq!(submitted(&world), [format!("submit_code {ADA} 123456")]);
}

#[test]
fn a_popup_that_was_closed_leaves_the_question_on_the_terminal() {
    let cold = Arc::new(Cold::default());
    let agent = Arc::clone(&cold);
    let world = World::new(move |request| match request {
        Request::Credentials {
            asking: Asking::Waiting,
            ..
        } => Response::Failed(Problem::yours(Code::CodeNeeded, "Closed.", "")),
        other => agent.answer(other, true, &[ADA]),
    });
    let mut session = Session::of(&world.daypass(&DONE));
    session.wait_for("Nobody typed the code in Daypass's window.");
    session.wait_for(PROMPT);
    session.type_in("123456\n");
    session.wait_for(KEY);
    assert_eq!(session.exit_code(), Some(0));
}

#[test]
fn a_device_is_chosen_by_its_number() {
    let (world, _cold) = cold(true, &[ADA, BACKUP]);
    let mut session = Session::of(&world.daypass(&DONE));
    session.wait_for("1  ada");
    session.wait_for("2  backup");
    session.wait_for(PROMPT);
    session.type_in("2\n");
    session.wait_for("Code for work from your MFA device backup: ");
    session.type_in("123456\n");
    session.wait_for(KEY);
    assert_eq!(submitted(&world), [format!("submit_code {BACKUP} 123456")]);
}

#[test]
fn an_empty_line_gives_up() {
    let (world, _cold) = cold(false, &[ADA]);
    let mut session = Session::of(&world.daypass(&DONE));
    session.wait_for(PROMPT);
    session.type_in("\n");
    session.wait_for("Run `daypass mfa work` in a terminal");
    session.rest();
    assert_eq!(session.exit_code(), Some(4));
}

/// Many commands in one terminal, one question.
#[test]
fn p10_of_many_commands_on_a_terminal_one_asks() {
    let (world, _cold) = cold(false, &[ADA]);
    let daypass = env!("CARGO_BIN_EXE_daypass-cli");
    let script = format!(
        "for i in 1 2 3 4; do '{daypass}' exec prod -- true & done; wait; echo all=$(jobs | wc -l)"
    );
    let mut command = world.command("sh");
    command.args(["-c", &script]);
    let mut session = Session::of(&command);
    session.wait_for(PROMPT);
    // The other three wait, or come to see that the code is there.
    world.wait_for("credentials prod waiting");
    session.type_in("123456\n");
    let rest = session.rest();
    assert!(rest.contains("all=0"), "{rest}");
    assert!(!rest.contains("Code for"), "{rest}");
    assert_eq!(submitted(&world), [format!("submit_code {ADA} 123456")]);
}

#[test]
fn without_a_terminal_the_popup_asks() {
    let (world, _cold) = cold(false, &[ADA]);
    let mut command = world.command("setsid");
    command
        .args(["--wait", env!("CARGO_BIN_EXE_daypass-cli")])
        .args(["credentials", "prod"]);
    let output = command.output().unwrap();
    let said = crate::world::failed(&output, 4);
    assert!(said.contains("Run `daypass mfa work`"), "{said}");
    assert_eq!(world.seen(), ["credentials prod popup"]);
}

/// A code that is typed in vain is a code less.
#[test]
fn t20_mfa_takes_no_code_while_daypass_is_locked() {
    let world = World::new(|request| {
        let Response::State(mut state) = warm(Request::Status) else {
            panic!("no state");
        };
        assert!(matches!(request, Request::Status), "{}", request.name());
        state.locked = true;
        Response::State(state)
    });
    let said = world.fails(4, &["mfa", "work"]);
    assert!(said.contains("`daypass unlock`"), "{said}");
}

#[test]
fn mfa_takes_a_device_by_name_and_a_code_from_a_program() {
    let (world, _cold) = cold(false, &[ADA, BACKUP]);
    let file = world.work().join("code");
    std::fs::write(&file, "123456\n").unwrap();
    let mut command = world.daypass(&["mfa", "work", "--device", "backup"]);
    let output = command
        .stdin(std::fs::File::open(&file).unwrap())
        .output()
        .unwrap();
    assert!(output.status.success());
    assert_eq!(submitted(&world), [format!("submit_code {BACKUP} 123456")]);
    let said = world.fails(2, &["mfa", "work", "--device", "phone"]);
    assert!(said.contains("but ada, backup"), "{said}");
    let said = world.fails(1, &["mfa", "wrok"]);
    assert!(said.contains("Did you mean work?"), "{said}");
}
