//! Looks whether everything that Daypass needs is as it should be. What only the agent can see, it
//! looks at itself; files and folders are looked at here, so that something is said without it.

mod agent;
mod disk;
mod files;
mod folders;
mod profiles;
mod report;

use daypass_core::{
    finding::{Finding, Health},
    problem::{Code, Problem},
};

use super::{print, print_json, shared_files};
use crate::{agent::Agent, colour::Paint};

pub(super) fn run(agent: &Agent, json: bool) -> Result<(), Problem> {
    let told = agent::ask(agent);
    let mut findings = vec![folders::system()];
    findings.extend(local(agent, told.state()));
    let runs = told.runs();
    // The agent has looked meanwhile.
    findings.splice(1..1, told.findings());
    let home = std::env::var("HOME").ok();
    let findings: Vec<Finding> = findings
        .into_iter()
        .map(|finding| finding.for_the_public(home.as_deref()))
        .collect();
    if json {
        print_json(&report::Report::of(&findings))?;
    } else {
        print(&report::text(&findings, Paint::for_stdout()))?;
    }
    verdict(&findings, runs)
}

/// What needs no agent.
fn local(agent: &Agent, state: Option<&daypass_core::view::StateView>) -> Vec<Finding> {
    let paths = agent.paths();
    let mut findings = folders::variables();
    findings.push(folders::socket(paths, state.is_some()));
    match shared_files() {
        Ok(locations) => {
            findings.extend(files::findings(paths, &locations));
            findings.extend(profiles::findings(&locations, state));
        }
        Err(Problem { what, todo, .. }) => findings.push(Finding::broken("files", what, todo)),
    }
    findings.push(disk::finding(&paths.state_dir));
    findings
}

fn verdict(findings: &[Finding], runs: bool) -> Result<(), Problem> {
    if !runs {
        return Err(Problem::yours(
            Code::NoAgent,
            "Daypass is not running, so only files and folders were looked at.",
            "Start it with `daypass-tray`, or `daypass-agent` where there is no screen, then look again.",
        ));
    }
    let broken = findings
        .iter()
        .filter(|finding| finding.state == Health::Broken);
    match broken.count() {
        0 => Ok(()),
        1 => Err(Problem::yours(
            Code::Failed,
            "One thing is broken.",
            "The report says what to do.",
        )),
        count => Err(Problem::yours(
            Code::Failed,
            format!("{count} things are broken."),
            "The report says what to do.",
        )),
    }
}
