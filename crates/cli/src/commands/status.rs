use daypass_core::{problem::Problem, view::VaultView};

use super::{identity, print, print_json, role};
use crate::agent::Agent;

pub(super) fn run(agent: &Agent, json: bool) -> Result<(), Problem> {
    let state = agent.state()?;
    if json {
        return print_json(&state);
    }
    let mut text = String::new();
    match &state.vault {
        VaultView::Ready => {}
        VaultView::Locked => text.push_str("The keychain is locked.\n"),
        VaultView::Missing { todo } => text.push_str(&format!("There is no keychain. {todo}\n")),
    }
    for notice in &state.notices {
        let about = notice.about.as_ref().map(|name| format!("{name}: "));
        text.push_str(&format!(
            "! {}{}\n",
            about.unwrap_or_default(),
            notice.problem
        ));
    }
    for endpoint in &state.endpoints {
        text.push_str(&format!("Endpoint {} is {}\n", endpoint.name, endpoint.url));
    }
    text.push_str(&identity::list(&state));
    text.push_str(&role::list(&state));
    print(&text)
}
