use daypass_core::{
    config::Identity,
    name::Name,
    problem::Problem,
    protocol::{NewIdentity, NewKey, Request},
    view::StateView,
};

use super::{print, print_json};
use crate::{agent::Agent, args::IdentityCommand, terminal, words};

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
            print(&list(&state))
        }
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
    let access_key_id = terminal::ask_line("Access key id: ")?;
    let secret_access_key = terminal::ask_secret("Secret access key (not shown): ")?;
    let serial = terminal::ask_line(
        "MFA serial, such as arn:aws:iam::111122223333:mfa/ada (empty for none): ",
    )?;
    let mfa_serials = if serial.is_empty() {
        Vec::new()
    } else {
        vec![serial]
    };
    Ok(NewKey {
        access_key_id,
        secret_access_key,
        mfa_serials,
    })
}

/// The error names the form and never what was read, which holds a secret.
fn read_key() -> Result<NewKey, Problem> {
    serde_json::from_str(&terminal::read_stdin()?).map_err(|_| {
        Problem::usage(
            "Standard input must be JSON with access_key_id, secret_access_key and mfa_serials, a list.",
        )
    })
}

/// Identities as text.
pub(super) fn list(state: &StateView) -> String {
    let rows: Vec<Vec<String>> = state
        .identities
        .iter()
        .map(|identity| {
            let session = match (&identity.mfa, identity.ambient) {
                (Some(mfa), _) => words::session(mfa, true, state.now),
                (None, true) => "uses this machine's credentials".to_owned(),
                (None, false) => "no MFA device".to_owned(),
            };
            vec![
                "identity".to_owned(),
                identity.name.to_string(),
                identity.access_key_id.clone().unwrap_or_default(),
                session,
            ]
        })
        .collect();
    if rows.is_empty() {
        return "No identity yet. Add one with `daypass identity add NAME`.\n".to_owned();
    }
    words::table(&rows)
}
