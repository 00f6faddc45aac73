//! A session to hand on, in the forms of the systems that Daypass takes over from.

use daypass_core::{
    console::LINK_MINUTES,
    environment::expiration,
    problem::Problem,
    protocol::Console,
    secret::{Secret, wire},
};
use daypass_shared_files::credentials;
use serde::Serialize;

use super::{note, print, refuse_terminal, secret_json, session, shared_files};
use crate::{
    agent::Agent,
    args::{self, Format},
    project, terminal, words,
};

/// The names that scripts read; they are a contract.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Exported {
    access_key_id: String,
    #[serde(with = "wire")]
    secret_access_key: Secret,
    #[serde(with = "wire")]
    session_token: Secret,
    expiration: String,
    #[serde(with = "wire")]
    console_magic_link: Secret,
}

pub(super) fn run(args: args::Export, agent: &Agent) -> Result<(), Problem> {
    if args.profile.is_some() && args.format != Format::Write {
        return Err(Problem::usage("--profile goes with --format write."));
    }
    if args.format != Format::Write {
        refuse_terminal(args.force)?;
    }
    let chosen = project::choose(args.role, agent)?;
    let console = args.console.of(chosen.role, chosen.region);
    match args.format {
        Format::Json => json(&console, agent),
        Format::Link => link(&console, agent),
        Format::Write => write(&console, args.profile, agent),
    }
}

fn json(console: &Console, agent: &Agent) -> Result<(), Problem> {
    let credentials = session::credentials(agent, &console.session())?;
    let exported = Exported {
        access_key_id: credentials.access_key_id,
        secret_access_key: credentials.secret_access_key,
        session_token: credentials.session_token,
        expiration: expiration(credentials.expires_at),
        console_magic_link: session::link(agent, console)?,
    };
    print(&secret_json(&exported)?)?;
    print("\n")
}

/// Writes the session where tools find it that read nothing else.
fn write(console: &Console, profile: Option<String>, agent: &Agent) -> Result<(), Problem> {
    let locations = shared_files()?;
    let profile = profile.unwrap_or_else(|| console.role.to_string());
    let role = session::role(agent, &console.role)?;
    let region = session::region(console.region.clone(), &role);
    let credentials = session::credentials(agent, &console.session())?;
    let warnings = credentials::write(&locations, &profile, &credentials, region.as_deref())?;
    for warning in warnings {
        note(&warning);
    }
    print(&format!(
        "[{profile}] in {} works until {}\n",
        locations.credentials.display(),
        words::instant(credentials.expires_at)
    ))
}

fn link(console: &Console, agent: &Agent) -> Result<(), Problem> {
    let url = session::link(agent, console)?;
    print(url.expose())?;
    print("\n")?;
    if terminal::stderr_is_terminal() {
        note(&format!(
            "Whoever opens this link within {LINK_MINUTES} minutes is signed in as {}.",
            console.role
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_are_those_that_scripts_read() {
        let secret = |text: &str| Secret::new(text.to_owned());
        let exported = Exported {
            access_key_id: "ASIAIOSFODNN7EXAMPLE".to_owned(),
            secret_access_key: secret("s"),
            session_token: secret("t"),
            expiration: "1970-01-01T00:00:00Z".to_owned(),
            console_magic_link: secret("https://x.test"),
        };
        assert_eq!(
            secret_json(&exported).unwrap().as_str(),
            r#"{"AccessKeyId":"ASIAIOSFODNN7EXAMPLE","SecretAccessKey":"s","SessionToken":"t","Expiration":"1970-01-01T00:00:00Z","ConsoleMagicLink":"https://x.test"}"#
        );
    }
}
