//! Asking a person for a code, on the terminal and in the popup at once: the first answer wins.

pub(crate) mod turn;

use std::os::fd::AsFd;

use daypass_client::Pending;
use daypass_core::{
    arn::MfaSerial,
    name::Name,
    problem::{Code, Problem},
    protocol::{Asking, Request, Response, Wish},
    secret::{Secret, TokenCode},
};

use self::turn::Turn;
use crate::{
    agent::Agent,
    terminal::{Heard, Terminal},
};

/// A code that is needed, and the devices that can show it.
pub(crate) struct Needed {
    /// Whose device.
    pub(crate) identity: Name,
    /// Their serials; the first is asked for.
    pub(crate) devices: Vec<MfaSerial>,
    /// What the code is for.
    pub(crate) wish: Wish,
}

/// How a question ended.
enum Ended {
    /// The code was taken.
    Submitted(Response),
    /// What was waited for came by itself: somebody typed the code elsewhere.
    Answered(Response),
}

/// Asks the agent for something that may need a code.
pub(crate) fn ask(agent: &Agent, request: impl Fn(Asking) -> Request) -> Result<Response, Problem> {
    let terminal = Terminal::in_front();
    let asking = match &terminal {
        Some(_) => Asking::Terminal,
        None => Asking::Popup,
    };
    let response = agent.ask(request(asking))?;
    let Response::CodeNeeded { identity, wish, .. } = &response else {
        return Ok(response);
    };
    let Some(terminal) = terminal else {
        return Err(nobody(identity, wish));
    };
    let Some(_turn) = Turn::take(&agent.paths().runtime_dir) else {
        return answered(agent.ask(request(Asking::Waiting))?);
    };
    // Another command on this terminal may have got the code meanwhile.
    match agent.ask(request(asking))? {
        Response::CodeNeeded {
            identity,
            devices,
            popup,
            wish,
        } => {
            let needed = Needed {
                identity,
                devices,
                wish,
            };
            let waiting = match popup {
                true => Some(agent.begin(request(Asking::Waiting))?),
                false => None,
            };
            match question(terminal, agent, &needed, waiting)? {
                Ended::Answered(response) => Ok(response),
                Ended::Submitted(_) => answered(agent.ask(request(asking))?),
            }
        }
        response => Ok(response),
    }
}

/// Asks for a code on the terminal until one is taken.
pub(crate) fn enter_code(agent: &Agent, needed: &Needed) -> Result<Response, Problem> {
    match question(Terminal::open()?, agent, needed, None)? {
        Ended::Submitted(response) | Ended::Answered(response) => Ok(response),
    }
}

/// What somebody else was asked for and did not give is a failure here.
fn answered(response: Response) -> Result<Response, Problem> {
    match response {
        Response::CodeNeeded { identity, .. } => Err(Problem::yours(
            Code::CodeNeeded,
            format!("Another code of {identity} is needed for this role."),
            "Run the command again with the next code.",
        )),
        response => Ok(response),
    }
}

fn question(
    mut terminal: Terminal,
    agent: &Agent,
    needed: &Needed,
    mut waiting: Option<Pending>,
) -> Result<Ended, Problem> {
    let mut device = needed.devices.first();
    tell_devices(&mut terminal, needed)?;
    loop {
        terminal.ask(&prompt(needed, device))?;
        let line = match terminal.line_or(waiting.as_ref().map(AsFd::as_fd))? {
            Heard::Line(line) => line,
            Heard::Elsewhere => match elsewhere(waiting.take(), &mut terminal)? {
                Some(response) => return Ok(Ended::Answered(response)),
                None => continue,
            },
        };
        if line.expose().is_empty() {
            return Err(nobody(&needed.identity, &needed.wish));
        }
        if let Some(chosen) = chosen(&needed.devices, line.expose()) {
            device = Some(chosen);
            continue;
        }
        match submit(agent, needed, device, line) {
            Err(problem) if may_go_on(&problem) => terminal.tell(&problem.to_string())?,
            Err(problem) => return Err(problem),
            Ok(response) => return finish(response, waiting),
        }
    }
}

/// After the code was taken: what was waited for comes of it.
fn finish(response: Response, waiting: Option<Pending>) -> Result<Ended, Problem> {
    let Some(waiting) = waiting else {
        return Ok(Ended::Submitted(response));
    };
    match waiting.answer()? {
        // It gave up just before the code came.
        Response::CodeNeeded { .. } => Ok(Ended::Submitted(response)),
        Response::Failed(problem) if problem.code == Code::CodeNeeded => {
            Ok(Ended::Submitted(response))
        }
        Response::Failed(problem) => Err(problem),
        answer => Ok(Ended::Answered(answer)),
    }
}

/// What came by itself; nothing where the popup gave up, which leaves the terminal to ask alone.
fn elsewhere(
    waiting: Option<Pending>,
    terminal: &mut Terminal,
) -> Result<Option<Response>, Problem> {
    let Some(waiting) = waiting else {
        return Ok(None);
    };
    match waiting.answer()? {
        Response::CodeNeeded { .. } => {
            terminal.take_back("Nobody typed the code in Daypass's window.")?;
            Ok(None)
        }
        Response::Failed(problem) if problem.code == Code::CodeNeeded => {
            terminal.take_back("Nobody typed the code in Daypass's window.")?;
            Ok(None)
        }
        Response::Failed(problem) => {
            terminal.take_back("")?;
            Err(problem)
        }
        response => {
            terminal.take_back("Answered in Daypass's window.")?;
            Ok(Some(response))
        }
    }
}

fn submit(
    agent: &Agent,
    needed: &Needed,
    device: Option<&MfaSerial>,
    code: Secret,
) -> Result<Response, Problem> {
    TokenCode::parse(code.expose())?;
    agent.ask(Request::SubmitCode {
        identity: needed.identity.clone(),
        wish: Some(needed.wish.clone()),
        serial: device.map(|device| device.as_str().to_owned()),
        code,
    })
}

/// Whether another line may succeed where this one did not: six digits that AWS did not take, no
/// six digits, or a code from the popup that is on its way already.
const fn may_go_on(problem: &Problem) -> bool {
    matches!(
        problem.code,
        Code::WrongCode | Code::CodeNeeded | Code::Usage
    )
}

fn tell_devices(terminal: &mut Terminal, needed: &Needed) -> Result<(), Problem> {
    if needed.devices.len() < 2 {
        return Ok(());
    }
    terminal.tell("Several devices can show the code; type a number for another one:")?;
    for (number, device) in (1..).zip(&needed.devices) {
        terminal.tell(&format!("  {number}  {}", device.short()))?;
    }
    Ok(())
}

fn prompt(needed: &Needed, device: Option<&MfaSerial>) -> String {
    let device = device.map_or("", MfaSerial::short);
    format!(
        "Code for {} from your MFA device {device}: ",
        needed.identity
    )
}

/// The device of a number, which has fewer digits than a code.
fn chosen<'a>(devices: &'a [MfaSerial], line: &str) -> Option<&'a MfaSerial> {
    if line.len() > 1 || devices.len() < 2 {
        return None;
    }
    let number: usize = line.parse().ok()?;
    devices.get(number.checked_sub(1)?)
}

/// A code that nobody could be asked for, or nobody typed.
pub(crate) fn nobody(identity: &Name, wish: &Wish) -> Problem {
    let command = match wish {
        Wish::MfaSession => format!("daypass mfa {identity}"),
        // A long session is the role's own: the code has to go to it.
        Wish::Role(session) => {
            let only = if session.read_only {
                " --read-only"
            } else {
                ""
            };
            format!("daypass credentials {}{only} >/dev/null", session.role)
        }
    };
    Problem::yours(
        Code::CodeNeeded,
        format!("A code of {identity} is needed and nobody typed one."),
        format!("Run `{command}` in a terminal, then try again."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digit_is_a_device_and_six_are_a_code() {
        let device = |name: &str| {
            MfaSerial::parse(&format!("arn:aws:iam::111122223333:mfa/{name}")).unwrap()
        };
        let two = [device("ada"), device("backup")];
        assert_eq!(chosen(&two, "2"), Some(&two[1]));
        for line in ["0", "3", "22", "123456", "x", ""] {
            assert_eq!(chosen(&two, line), None, "{line}");
        }
        assert_eq!(chosen(&two[..1], "1"), None, "there is nothing to choose");
    }
}
