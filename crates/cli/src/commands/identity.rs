use daypass_core::{
    arn::MfaSerial,
    config::Identity,
    name::Name,
    problem::{Code, Problem},
    protocol::{NewIdentity, NewKey, Request, Response},
    secret::AccessKey,
    view::{IdentityView, StateView},
};

use super::{print, print_json};
use crate::{
    agent::{Agent, unexpected},
    args::IdentityCommand,
    asking,
    colour::Paint,
    terminal, words,
};

/// What AWS allows a user.
const MAX_DEVICES: usize = 8;

pub(super) fn run(command: IdentityCommand, agent: &Agent) -> Result<(), Problem> {
    match command {
        IdentityCommand::Add {
            name,
            ambient,
            profile,
        } => add(name, ambient, profile, agent),
        IdentityCommand::List { json } => {
            let state = agent.state()?;
            if json {
                return print_json(&state.identities);
            }
            print(&list(&state, Paint::for_stdout()))
        }
        IdentityCommand::Rotate { name } => rotate(&name, agent),
        IdentityCommand::Devices {
            name,
            serials,
            none,
        } => devices(name, serials, none, agent),
        IdentityCommand::Remove { name } => {
            agent.ask(Request::RemoveIdentity { name })?;
            Ok(())
        }
    }
}

fn add(name: Name, ambient: bool, profile: Option<String>, agent: &Agent) -> Result<(), Problem> {
    let key = match (ambient, terminal::stdin_is_terminal()) {
        (true, _) => None,
        (false, true) => Some(ask_key()?),
        (false, false) => Some(read_key()?),
    };
    let identity = Identity {
        name,
        ambient,
        profile,
    };
    agent.ask(Request::AddIdentity(NewIdentity { identity, key }))?;
    Ok(())
}

fn ask_key() -> Result<NewKey, Problem> {
    let access_key_id = ask_key_id()?;
    let secret_access_key = terminal::ask_secret("Secret access key (not shown): ")?;
    Ok(NewKey {
        access_key_id,
        secret_access_key,
        mfa_serials: ask_devices()?,
    })
}

/// Checked before the secret is asked for, which nobody likes to paste twice.
fn ask_key_id() -> Result<String, Problem> {
    loop {
        let id = terminal::ask_line("Access key id: ")?;
        match AccessKey::parse_id(&id) {
            Ok(_) => return Ok(id),
            // Whoever types nothing, or has closed the terminal, has given up.
            Err(problem) if id.is_empty() => return Err(problem),
            Err(problem) => terminal::Terminal::open()?.tell(&problem.to_string())?,
        }
    }
}

/// Asks for one device after the other, each checked before the next.
fn ask_devices() -> Result<Vec<String>, Problem> {
    let mut serials = Vec::new();
    let mut question = "MFA serial, such as arn:aws:iam::111122223333:mfa/ada (empty for none): ";
    while serials.len() < MAX_DEVICES {
        let serial = terminal::ask_line(question)?;
        if serial.is_empty() {
            break;
        }
        match MfaSerial::parse(&serial) {
            Ok(_) => serials.push(serial),
            Err(problem) => terminal::Terminal::open()?.tell(&problem.to_string())?,
        }
        if !serials.is_empty() {
            question = "Another device's serial (empty for no more): ";
        }
    }
    Ok(serials)
}

/// The error names the form and never what was read, which holds a secret.
fn read_key() -> Result<NewKey, Problem> {
    serde_json::from_str(&terminal::read_stdin()?).map_err(|_| {
        Problem::usage(
            "Standard input must be JSON with access_key_id, secret_access_key and mfa_serials, a list.",
        )
    })
}

fn devices(name: Name, serials: Vec<String>, none: bool, agent: &Agent) -> Result<(), Problem> {
    if !none && serials.is_empty() {
        let state = agent.state()?;
        let known = state.identities.iter().find(|known| known.name == name);
        let known = known.ok_or_else(|| {
            Problem::yours(
                Code::Usage,
                format!("There is no identity {name}."),
                "`daypass identity list` shows them all.",
            )
        })?;
        if known.access_key_id.is_none() && !known.ambient {
            return Err(Problem::yours(
                Code::Keychain,
                format!("The MFA devices of {name} are in the keychain, which was not read yet."),
                "Unlock it, then try again.",
            ));
        }
        let lines = known.mfa_serials.iter().map(|serial| format!("{serial}\n"));
        return print(&lines.collect::<String>());
    }
    agent.ask(Request::SetDevices {
        identity: name,
        serials,
    })?;
    Ok(())
}

fn rotate(name: &Name, agent: &Agent) -> Result<(), Problem> {
    let response = asking::ask(agent, |asking| Request::RotateKey {
        identity: name.clone(),
        asking,
    })?;
    match response {
        Response::KeyRotated { access_key_id } => {
            print(&format!("{name}: the key is {access_key_id} now\n"))
        }
        _ => Err(unexpected()),
    }
}

/// Identities as text.
pub(super) fn list(state: &StateView, paint: Paint) -> String {
    let rows: Vec<Vec<String>> = state
        .identities
        .iter()
        .map(|identity| {
            let session = match (&identity.mfa, identity.ambient) {
                (Some(mfa), _) => words::session(mfa, true, state.now, paint),
                (None, true) => "uses this machine's credentials".to_owned(),
                (None, false) => "no MFA device".to_owned(),
            };
            vec![
                "identity".to_owned(),
                identity.name.to_string(),
                key(identity, state),
                session,
            ]
        })
        .collect();
    if rows.is_empty() {
        return "No identity yet. Add one with `daypass identity add NAME`.\n".to_owned();
    }
    words::table(&rows)
}

/// The key and its age, as far as they are known.
fn key(identity: &IdentityView, state: &StateView) -> String {
    let mut text = identity.access_key_id.clone().unwrap_or_default();
    if identity.rotating {
        return format!("{text}  being replaced");
    }
    if let Some(created_at) = identity.key_created_at {
        let (age, old) = words::key_age(created_at, state.now);
        let old = if old { ", old" } else { "" };
        text.push_str(&format!("  {age}{old}"));
    }
    text
}
