use std::{collections::BTreeMap, path::Path};

use daypass_core::{
    account::Account,
    name::Name,
    problem::{Code, Problem},
    protocol::{Request, Response},
    role::Role,
    view::{RoleView, StateView},
};

use super::{print, print_json};
use crate::{
    agent::{Agent, unexpected},
    args::{RoleAdd, RoleCommand},
    colour::Paint,
    config_file, words,
};

/// More than any session policy, which AWS caps at 2048 characters.
const MAX_POLICY_FILE: u64 = 64 * 1024;

pub(super) fn run(command: RoleCommand, agent: &Agent) -> Result<(), Problem> {
    match command {
        RoleCommand::Add(add) => {
            let replace = add.replace;
            let role = role(*add)?;
            role.check()?;
            if !replace {
                refuse_known(&role.name, &agent.state()?)?;
            }
            agent.ask(Request::AddRole(Box::new(role)))?;
            Ok(())
        }
        RoleCommand::List { json } => {
            let state = agent.state()?;
            if json {
                return print_json(&state.roles);
            }
            print(&list(&state, Paint::for_stdout()))
        }
        RoleCommand::Policy { name, principal } => policies(&name, principal, agent),
        RoleCommand::Favourite { name, off } => {
            agent.ask(Request::Favourite {
                role: name,
                on: !off,
            })?;
            Ok(())
        }
        RoleCommand::Pin { name, off } => {
            agent.ask(Request::Pin {
                role: name,
                on: !off,
            })?;
            Ok(())
        }
        RoleCommand::Remove { name } => {
            agent.ask(Request::RemoveRole { name })?;
            Ok(())
        }
    }
}

/// A role has more to it than an ARN: what is not named again would be lost.
fn refuse_known(name: &Name, state: &StateView) -> Result<(), Problem> {
    if state.roles.iter().all(|role| role.name != *name) {
        return Ok(());
    }
    Err(Problem::yours(
        Code::Usage,
        format!("There is already a role {name}."),
        "Choose another name, or give --replace to have this one in its place.",
    ))
}

fn role(add: RoleAdd) -> Result<Role, Problem> {
    Ok(Role {
        name: add.name,
        identity: add.identity,
        source: add.source,
        arn: add.arn,
        session: add.session.into(),
        duration: add.duration,
        session_name: add.session_name,
        external_id: add.external_id,
        source_identity: add.source_identity,
        region: add.region,
        destination: add.destination,
        console_duration: add.console_duration,
        policy: add.policy.map(|given| session_policy(&given)).transpose()?,
        policy_arns: add.policy_arns,
        transitive_tags: add.transitive_tags,
        favourite: false,
        browser: None,
        tags: tags(&add.tags)?,
    })
}

/// A policy as it was given, or as the named file says. `file://` is what the AWS CLI calls it.
fn session_policy(given: &str) -> Result<String, Problem> {
    if given.trim_start().starts_with('{') {
        return Ok(given.to_owned());
    }
    let path = given.strip_prefix("file://").unwrap_or(given);
    let text = config_file::text_of(Path::new(path), MAX_POLICY_FILE).map_err(|error| {
        Problem::yours(
            Code::Usage,
            format!("The policy {path} cannot be read: {error}."),
            "Give JSON, or a file with it.",
        )
    })?;
    Ok(text.trim().to_owned())
}

fn tags(given: &[String]) -> Result<BTreeMap<String, String>, Problem> {
    let mut tags = BTreeMap::new();
    for tag in given {
        let (key, value) = tag
            .split_once('=')
            .ok_or_else(|| Problem::usage(format!("The tag {tag} must look like key=value.")))?;
        if tags.insert(key.to_owned(), value.to_owned()).is_some() {
            return Err(Problem::usage(format!("The tag {key} is given twice.")));
        }
    }
    Ok(tags)
}

fn policies(name: &Name, principal: Option<String>, agent: &Agent) -> Result<(), Problem> {
    let request = Request::DescribeRole {
        name: name.clone(),
        principal,
    };
    let Response::Role { policies, .. } = agent.ask(request)? else {
        return Err(unexpected());
    };
    print_json(&policies?)
}

/// Roles as text.
pub(super) fn list(state: &StateView, paint: Paint) -> String {
    let rows: Vec<Vec<String>> = state
        .roles
        .iter()
        .map(|role| {
            let source = role.source.as_ref().map(|source| format!(" from {source}"));
            let account = state
                .accounts
                .iter()
                .find(|one| one.id.as_str() == role.account);
            let name = account.and_then(|account| account.name.as_deref());
            vec![
                "role".to_owned(),
                role.name.to_string(),
                format!(
                    "{}{} {}{}",
                    name.map(|name| format!("{name} ")).unwrap_or_default(),
                    role.account,
                    role.role_name,
                    source.unwrap_or_default()
                ),
                words::session(&role.session, role.needs_code, state.now, paint)
                    + &marks(role, account),
            ]
        })
        .collect();
    if rows.is_empty() {
        return "No role yet. Add one with `daypass role add NAME --arn ARN --identity NAME`.\n"
            .to_owned();
    }
    words::table(&rows)
}

/// How a person has marked it.
fn marks(role: &RoleView, account: Option<&Account>) -> String {
    let production = account.is_some_and(|account| account.production);
    [
        (production, "  production"),
        (role.favourite, "  favourite"),
        (role.pinned, "  pinned"),
    ]
    .iter()
    .filter_map(|(on, mark)| on.then_some(*mark))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_pairs_and_come_once() {
        let given =
            |tags: &[&str]| -> Vec<String> { tags.iter().map(|&tag| tag.to_owned()).collect() };
        let two = tags(&given(&["team=core", "url=a=b"])).unwrap();
        assert_eq!(two.get("url").map(String::as_str), Some("a=b"));
        assert!(
            tags(&given(&["team"]))
                .unwrap_err()
                .what
                .contains("key=value")
        );
        assert!(
            tags(&given(&["a=1", "a=2"]))
                .unwrap_err()
                .what
                .contains("twice")
        );
    }

    #[test]
    fn a_policy_is_json_or_a_file() {
        let json = "{\"Statement\": []}";
        assert_eq!(session_policy(json).unwrap(), json);
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("policy.json");
        std::fs::write(&file, format!("{json}\n")).unwrap();
        let path = file.to_str().unwrap();
        assert_eq!(session_policy(path).unwrap(), json);
        assert_eq!(session_policy(&format!("file://{path}")).unwrap(), json);
        let gone = session_policy("nowhere.json").unwrap_err();
        assert!(gone.what.contains("nowhere.json"), "{gone}");
        assert!(session_policy("/dev/zero").is_err());
    }
}
