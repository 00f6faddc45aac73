use daypass_core::{config::Role, problem::Problem, protocol::Request, view::StateView};

use super::{print, print_json};
use crate::{
    agent::Agent,
    args::{RoleAdd, RoleCommand},
    words,
};

pub(super) fn run(command: RoleCommand, agent: &Agent) -> Result<(), Problem> {
    match command {
        RoleCommand::Add(add) => {
            agent.ask(Request::AddRole(role(add)))?;
            Ok(())
        }
        RoleCommand::List { json } => {
            let state = agent.state()?;
            if json {
                return print_json(&state.roles);
            }
            print(&list(&state))
        }
        RoleCommand::Remove { name } => {
            agent.ask(Request::RemoveRole { name })?;
            Ok(())
        }
    }
}

fn role(add: RoleAdd) -> Role {
    Role {
        name: add.name,
        identity: add.identity,
        arn: add.arn,
        session: add.session.into(),
        duration: add.duration,
        session_name: add.session_name,
        external_id: add.external_id,
        region: add.region,
        destination: add.destination,
        console_duration: add.console_duration,
    }
}

/// Roles as text.
pub(super) fn list(state: &StateView) -> String {
    let rows: Vec<Vec<String>> = state
        .roles
        .iter()
        .map(|role| {
            vec![
                "role".to_owned(),
                role.name.to_string(),
                format!("{} {}", role.account, role.role_name),
                words::session(&role.session, role.needs_code, state.now),
            ]
        })
        .collect();
    if rows.is_empty() {
        return "No role yet. Add one with `daypass role add NAME --arn ARN --identity NAME`.\n"
            .to_owned();
    }
    words::table(&rows)
}
