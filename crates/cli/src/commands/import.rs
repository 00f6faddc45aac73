//! What people bring from other programs: shown first, then taken over.

use std::path::{Path, PathBuf};

use daypass_core::{
    import::{FoundIdentity, FoundRole, ImportChoice, ImportFrom, ImportPlan, ImportReport},
    name::Name,
    problem::{Code, Problem, one_line},
    protocol::{Request, Response},
};

use super::{note, print, print_json, shared_files};
use crate::{
    agent::{Agent, unexpected},
    args,
    colour::{Paint, Tone},
    terminal::{self, Terminal},
    words,
};

pub(super) fn run(args: &args::Import, agent: &Agent) -> Result<(), Problem> {
    if args.undo {
        return tell_written(agent.ask(Request::RestorePlainKeys)?);
    }
    let from = places(args)?;
    let plan = plan(&from, agent)?;
    check_only(&plan, &args.only)?;
    if args.dry_run {
        return match args.json {
            true => print_json(&plan),
            false => print(&text(&plan, &args.only, Paint::for_stdout())),
        };
    }
    if !args.json {
        print(&text(&plan, &args.only, Paint::for_stdout()))?;
    }
    let Some(agreed) = agreement(args, &plan)? else {
        return print("Nothing was changed.\n");
    };
    let choice = ImportChoice {
        from: from.clone(),
        only: args.only.clone(),
        agreed,
    };
    let report = match agent.ask(Request::Import(choice))? {
        Response::Imported(report) => *report,
        _ => return Err(unexpected()),
    };
    match args.json {
        true => print_json(&report)?,
        false => print(&outcome(&report))?,
    }
    remove_plain_keys(args, from, &report, agent)?;
    match report.failed.len() {
        0 => Ok(()),
        count => Err(Problem::yours(
            Code::Failed,
            format!("{count} could not be taken over."),
            "Mend what is said about them, then import again.",
        )),
    }
}

/// A name that is not there is a typing mistake, and not a wish for nothing.
fn check_only(plan: &ImportPlan, only: &[Name]) -> Result<(), Problem> {
    let found = |name: &Name| {
        plan.identities.iter().any(|f| f.identity.name == *name)
            || plan.roles.iter().any(|f| f.role.name == *name)
    };
    match only.iter().find(|name| !found(name)) {
        Some(name) => Err(Problem::usage(format!(
            "Nothing named {name} was found. `daypass import --dry-run` shows what was."
        ))),
        None => Ok(()),
    }
}

fn places(args: &args::Import) -> Result<ImportFrom, Problem> {
    let locations = shared_files()?;
    let leapp = args.leapp.as_deref().map(std::path::absolute).transpose();
    let leapp = leapp.map_err(|error| {
        Problem::yours(
            Code::Failed,
            format!("The working directory cannot be read: {error}."),
            "Give the file's whole path.",
        )
    })?;
    if let Some(leapp) = leapp.as_deref().filter(|leapp| !leapp.is_file()) {
        return Err(Problem::usage(format!(
            "There is no file {}.",
            leapp.display()
        )));
    }
    Ok(ImportFrom {
        config: Some(utf8(&locations.config)?),
        credentials: Some(utf8(&locations.credentials)?),
        leapp: leapp
            .as_ref()
            .map(|leapp: &PathBuf| utf8(leapp))
            .transpose()?,
        keychain: !args.no_keychain,
    })
}

fn utf8(path: &Path) -> Result<String, Problem> {
    path.to_str()
        .map(ToOwned::to_owned)
        .ok_or_else(|| Problem::usage(format!("The path {} is not UTF-8.", path.display())))
}

fn plan(from: &ImportFrom, agent: &Agent) -> Result<ImportPlan, Problem> {
    match agent.ask(Request::PlanImport(from.clone()))? {
        Response::ImportPlan(plan) => Ok(*plan),
        _ => Err(unexpected()),
    }
}

/// Whether the person agreed to what needs it; nothing when they want none of it.
fn agreement(args: &args::Import, plan: &ImportPlan) -> Result<Option<bool>, Problem> {
    if args.agree || args.yes {
        return Ok(Some(args.agree));
    }
    if args.json || Terminal::in_front().is_none() {
        return Err(Problem::usage(
            "Nobody can be asked here. Add --yes, or --agree for what needs your agreement too.",
        ));
    }
    let (identities, roles) = (
        new_identities(plan, &args.only),
        new_roles(plan, &args.only),
    );
    let beware = roles.iter().filter(|role| !role.beware.is_empty()).count();
    let count = identities.len() + roles.len() - beware;
    if count > 0 && !terminal::confirm(&format!("Take over {count} of these?"))? {
        return Ok(None);
    }
    if beware == 0 {
        return Ok(Some(false));
    }
    let question = format!("Take over what is marked with ! as well ({beware})?");
    terminal::confirm(&question).map(Some)
}

/// Offers to take keys out of files, once they are safe; never unasked.
fn remove_plain_keys(
    args: &args::Import,
    from: ImportFrom,
    report: &ImportReport,
    agent: &Agent,
) -> Result<(), Problem> {
    let identities: Vec<Name> = report
        .still_plain
        .iter()
        .filter(|name| is_wanted(name, &args.only))
        .cloned()
        .collect();
    if identities.is_empty() {
        return Ok(());
    }
    let names = joined(&identities);
    let can_ask = !(args.json || args.yes || args.agree);
    let remove = args.remove_plain_keys
        || (can_ask
            && terminal::confirm(&format!(
                "The keys of {names} are in the keychain now, and still in plain text in their files. Take them out there? `daypass import --undo` puts them back."
            ))?);
    if remove {
        return tell_written(agent.ask(Request::RemovePlainKeys { from, identities })?);
    }
    note(&format!(
        "The keys of {names} are still in plain text in their files. `daypass import --remove-plain-keys` takes them out."
    ));
    Ok(())
}

fn tell_written(response: Response) -> Result<(), Problem> {
    match response {
        Response::Done => Ok(()),
        Response::Written { path, warnings } => {
            let mut told: Vec<String> = warnings.iter().map(|line| one_line(line)).collect();
            if told.is_empty() {
                told.push(format!("{} was written.", one_line(&path)));
            }
            print(&(told.join("\n") + "\n"))
        }
        _ => Err(unexpected()),
    }
}

fn is_wanted(name: &Name, only: &[Name]) -> bool {
    only.is_empty() || only.contains(name)
}

fn new_identities<'a>(plan: &'a ImportPlan, only: &[Name]) -> Vec<&'a FoundIdentity> {
    plan.identities
        .iter()
        .filter(|found| !found.known && is_wanted(&found.identity.name, only))
        .collect()
}

fn new_roles<'a>(plan: &'a ImportPlan, only: &[Name]) -> Vec<&'a FoundRole> {
    plan.roles
        .iter()
        .filter(|found| !found.known && is_wanted(&found.role.name, only))
        .collect()
}

/// The plan as a person reads it. File contents are in it: each piece stays one visible line.
fn text(plan: &ImportPlan, only: &[Name], paint: Paint) -> String {
    let (identities, roles) = (new_identities(plan, only), new_roles(plan, only));
    let mut rows: Vec<Vec<String>> = identities.iter().map(|found| identity(found)).collect();
    rows.extend(roles.iter().map(|found| role(found)));
    let mut text = words::table(&rows);
    for found in roles {
        for beware in &found.beware {
            let mark = paint.tone(Tone::Soon, "!");
            text.push_str(&format!(
                "{mark} {}: {}\n",
                found.role.name,
                one_line(beware)
            ));
        }
    }
    for left in &plan.left_alone {
        text.push_str(&format!(
            "left alone  {}: {}\n",
            one_line(&left.origin),
            one_line(&left.why)
        ));
    }
    let known = plan.identities.iter().filter(|found| found.known).count()
        + plan.roles.iter().filter(|found| found.known).count();
    if known > 0 {
        text.push_str(&format!("{known} are in Daypass already.\n"));
    }
    if rows.is_empty() {
        text.push_str("Nothing new was found.\n");
    }
    text
}

fn identity(found: &FoundIdentity) -> Vec<String> {
    let key = match (&found.access_key_id, found.mfa_serials.len()) {
        (None, _) => "what this machine has".to_owned(),
        (Some(id), 0) => id.clone(),
        (Some(id), 1) => format!("{id} with MFA"),
        (Some(id), devices) => format!("{id} with {devices} MFA devices"),
    };
    let plain = if found.plain_text {
        ", in plain text"
    } else {
        ""
    };
    vec![
        "identity".to_owned(),
        found.identity.name.to_string(),
        one_line(&key),
        format!("{}{plain}", one_line(&found.origin)),
    ]
}

fn role(found: &FoundRole) -> Vec<String> {
    let role = &found.role;
    let start = role.identity.as_ref().or(role.source.as_ref());
    let start = start.map(|start| format!(" from {start}"));
    vec![
        "role".to_owned(),
        role.name.to_string(),
        format!(
            "{} {}{}",
            role.arn.account(),
            role.arn.short_name(),
            start.unwrap_or_default()
        ),
        one_line(&found.origin),
    ]
}

fn outcome(report: &ImportReport) -> String {
    let mut text = String::new();
    for failure in &report.failed {
        text.push_str(&format!(
            "failed  {}: {}\n",
            one_line(&failure.origin),
            failure.problem
        ));
    }
    text.push_str(&format!(
        "New identities: {}. New roles: {}.\n",
        report.identities.len(),
        report.roles
    ));
    text
}

fn joined(names: &[Name]) -> String {
    let names: Vec<&str> = names.iter().map(Name::as_str).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use daypass_core::{arn::PrincipalArn, config::Identity, import::LeftAlone, role::Role};

    use super::*;

    fn name(text: &str) -> Name {
        Name::parse(text).unwrap()
    }

    fn plan() -> ImportPlan {
        let identity = Identity {
            name: name("work"),
            ambient: false,
            profile: None,
        };
        let arn = PrincipalArn::parse("arn:aws:iam::111122223333:role/Admin").unwrap();
        let role = |text: &str| Role::new(name(text), name("work"), arn.clone());
        let found = |role, beware: &[&str], known| FoundRole {
            role,
            origin: "[profile x] in config".to_owned(),
            beware: beware.iter().map(|&text| text.to_owned()).collect(),
            known,
        };
        ImportPlan {
            identities: vec![FoundIdentity {
                identity,
                origin: "[ada] in\u{1b}[31m credentials".to_owned(),
                access_key_id: Some("AKIAIOSFODNN7EXAMPLE".to_owned()),
                mfa_serials: Vec::new(),
                plain_text: true,
                known: false,
            }],
            roles: vec![
                found(role("prod"), &[], false),
                found(role("odd"), &["endpoint_url is not used"], false),
                found(role("old"), &[], true),
            ],
            left_alone: vec![LeftAlone {
                origin: "[profile sso] in config".to_owned(),
                why: "It signs in by itself.".to_owned(),
            }],
        }
    }

    #[test]
    fn t9_a_plan_shows_what_becomes_of_what() {
        assert_eq!(
            text(&plan(), &[], Paint::PLAIN),
            "identity  work  AKIAIOSFODNN7EXAMPLE          [ada] in [31m credentials, in plain text\n\
             role      prod  111122223333 Admin from work  [profile x] in config\n\
             role      odd   111122223333 Admin from work  [profile x] in config\n\
             ! odd: endpoint_url is not used\n\
             left alone  [profile sso] in config: It signs in by itself.\n\
             1 are in Daypass already.\n"
        );
    }

    #[test]
    fn only_what_is_wanted_is_shown() {
        let text = text(&plan(), &[name("prod")], Paint::PLAIN);
        assert!(text.contains("prod") && !text.contains("odd"), "{text}");
        assert!(!text.contains("identity"), "{text}");
    }
}
