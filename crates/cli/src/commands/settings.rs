use daypass_core::{
    browser::Browser,
    problem::{Code, Problem},
    protocol::{Changes, Request, Response},
    settings::{Settings, has_password},
    view::StateView,
};
use serde_json::{Value, json};

use super::{note, print, print_json};
use crate::{
    agent::{Agent, unexpected},
    args::{self, SettingsCommand},
    terminal,
};

/// What an endpoint's key begins with.
const ENDPOINTS: &str = "endpoints.";

pub(super) fn run(args: args::Settings, agent: &Agent) -> Result<(), Problem> {
    match args.command {
        None => show(&agent.state()?, args.json),
        Some(SettingsCommand::Set { key, value }) => {
            let value = typed(&key, given(&key, value)?)?;
            let known = Settings::keys().any(|one| one == key);
            let todo = known.then(|| format!("`daypass settings unset {key}` takes it back."));
            change(key, Some(value), agent).map_err(|problem| hinted(problem, todo))
        }
        Some(SettingsCommand::Unset { key }) => change(key, None, agent),
    }
}

/// A refused value may have been meant to take the setting back: `never`, `off`.
fn hinted(mut problem: Problem, todo: Option<String>) -> Problem {
    if problem.code == Code::Usage && problem.todo.is_empty() {
        problem.todo = todo.unwrap_or_default();
    }
    problem
}

fn show(state: &StateView, json: bool) -> Result<(), Problem> {
    if json {
        return print_json(&state.settings);
    }
    let line = |key: &str| {
        let value = state.settings.value(key);
        format!("{key}  {}\n", value.map_or_else(|| "-".to_owned(), shown))
    };
    let endpoints = state.configured_endpoints.iter();
    let lines = Settings::keys().map(line);
    let lines = lines.chain(endpoints.map(|one| format!("{ENDPOINTS}{}  {}\n", one.name, one.url)));
    print(&lines.collect::<String>())?;
    if !state.restart_for.is_empty() {
        note(&format!(
            "Changed, and used from the next start on: {}.",
            state.restart_for.join(", ")
        ));
    }
    Ok(())
}

fn shown(value: Value) -> String {
    match serde_json::from_value::<Browser>(value.clone()) {
        Ok(browser) => browser.to_string(),
        Err(_) => match value {
            Value::String(text) => text,
            value => value.to_string(),
        },
    }
}

/// What was meant by `-` comes from standard input, where no history and no list of processes sees
/// it (T17).
fn given(key: &str, text: String) -> Result<String, Problem> {
    if text == "-" {
        return Ok(terminal::read_stdin()?.trim_end().to_owned());
    }
    if key == "proxy" && has_password(&text) {
        return Err(Problem::yours(
            Code::Usage,
            "A password among the arguments stays in the shell's history.",
            "Give - as the value and the address on standard input, or write it into config.toml.",
        ));
    }
    Ok(text)
}

/// What was typed, as the kind of value that the setting has; else as text, which the agent
/// refuses with a word on what it takes.
fn typed(key: &str, text: String) -> Result<Value, Problem> {
    if key == "browser" {
        let browser: Browser = text.parse()?;
        return serde_json::to_value(browser).map_err(|_| super::not_json());
    }
    let number = || text.parse::<u64>().ok().map(|number| json!(number));
    let switch = || text.parse::<bool>().ok().map(|on| json!(on));
    let value = match Settings::default().value(key) {
        Some(Value::Number(_)) => number(),
        Some(Value::Bool(_)) => switch(),
        _ => None,
    };
    Ok(value.unwrap_or(Value::String(text)))
}

fn change(key: String, value: Option<Value>, agent: &Agent) -> Result<(), Problem> {
    let request = match key.strip_prefix(ENDPOINTS) {
        Some(name) => Request::ChangeEndpoints(Changes::from([(name.to_owned(), value)])),
        None => Request::ChangeSettings(Changes::from([(key, value)])),
    };
    match agent.ask(request)? {
        Response::Written { warnings, .. } => {
            for warning in warnings {
                note(&warning);
            }
            Ok(())
        }
        _ => Err(unexpected()),
    }
}
