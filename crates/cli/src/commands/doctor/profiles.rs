//! Whether Daypass's profiles in AWS's config file are as they should be, and what wins over them
//! (AWS_RULES 3.8).

use std::path::Path;

use daypass_core::{finding::Finding, problem::Problem, view::StateView};
use daypass_shared_files::{
    Locations,
    profiles::{self, Profile, process::quoted},
};

use crate::commands::profiles::environment_trap;

const ABOUT: &str = "profiles";
const BETWEEN: &str = " credentials ";

pub(super) fn findings(locations: &Locations, state: Option<&StateView>) -> Vec<Finding> {
    let mut findings = match profiles::present(locations) {
        Ok(present) => of_present(locations, &present, state),
        Err(problem) => vec![broken(problem)],
    };
    findings.extend(environment_trap().map(|trap| Finding::attention("environment", trap, "")));
    findings
}

fn broken(problem: Problem) -> Finding {
    Finding::broken(ABOUT, problem.what, problem.todo)
}

fn of_present(
    locations: &Locations,
    present: &[Profile],
    state: Option<&StateView>,
) -> Vec<Finding> {
    let file = locations.config.display();
    let Some((first, written)) = present
        .first()
        .and_then(|first| Some((first, Written::of(first)?)))
    else {
        let what = format!("{file} has none of Daypass's; `daypass profiles` writes them.");
        return vec![Finding::ok(ABOUT, what)];
    };
    if !Path::new(&written.program).is_file() {
        return vec![Finding::broken(
            ABOUT,
            format!(
                "The profile {} in {file} starts {}, which is not there.",
                first.name, written.program
            ),
            written.todo(),
        )];
    }
    let wanted = state.map_or_else(|| present.to_vec(), |state| written.wanted(state));
    let change = match profiles::plan(locations, &wanted) {
        Ok(change) => change,
        Err(problem) => return vec![broken(problem)],
    };
    let mut findings: Vec<Finding> = change
        .warnings
        .iter()
        .map(|warning| Finding::attention(ABOUT, warning, ""))
        .collect();
    if change.before != change.after {
        findings.push(Finding::attention(
            ABOUT,
            format!("Daypass's profiles in {file} are not those of the roles that there are."),
            written.todo(),
        ));
    }
    if findings.is_empty() {
        let what = format!("Daypass's profiles in {file}: {}.", present.len());
        findings.push(Finding::ok(ABOUT, what));
    }
    findings
}

/// How the profiles were written.
struct Written {
    program: String,
    prefix: String,
}

impl Written {
    fn of(profile: &Profile) -> Option<Self> {
        let (program, role) = profile.command.rsplit_once(BETWEEN)?;
        let (program, role) = (unquoted(program), unquoted(role));
        let prefix = profile.name.strip_suffix(&role).unwrap_or_default();
        Some(Self {
            program,
            prefix: prefix.to_owned(),
        })
    }

    fn wanted(&self, state: &StateView) -> Vec<Profile> {
        let profiles = state.roles.iter().map(|role| Profile {
            name: format!("{}{}", self.prefix, role.name),
            command: format!(
                "{}{BETWEEN}{}",
                quoted(&self.program),
                quoted(role.name.as_str())
            ),
            region: role.region.clone(),
        });
        // What cannot be a profile is left out when they are written, too.
        profiles.filter(|profile| profile.check().is_ok()).collect()
    }

    fn todo(&self) -> String {
        match self.prefix.as_str() {
            "" => "Run: daypass profiles".to_owned(),
            prefix => format!("Run: daypass profiles --prefix {}", quoted(prefix)),
        }
    }
}

/// The word that [`quoted`] was given.
fn unquoted(word: &str) -> String {
    let inner = word
        .strip_prefix('\'')
        .and_then(|word| word.strip_suffix('\''));
    inner.map_or_else(|| word.to_owned(), |inner| inner.replace(r"'\''", "'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_profiles_were_written_is_read_from_them() {
        for (program, role) in [
            ("/opt/daypass", "prod"),
            ("/my apps/it's", "my credentials x"),
        ] {
            let profile = Profile {
                name: format!("dp-{role}"),
                command: format!("{}{BETWEEN}{}", quoted(program), quoted(role)),
                region: None,
            };
            let written = Written::of(&profile);
            assert_eq!(unquoted(&quoted(role)), role);
            if !role.contains(BETWEEN) {
                let written = written.unwrap();
                assert_eq!(
                    (written.program.as_str(), written.prefix.as_str()),
                    (program, "dp-")
                );
                assert_eq!(written.todo(), "Run: daypass profiles --prefix dp-");
            }
        }
    }
}
