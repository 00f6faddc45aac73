use daypass_core::{
    arn::MfaSerial,
    config::{Config, Identity},
    name::Name,
    problem::Problem,
    protocol::{Request, Response, Wish},
    secret::Secret,
    view::IdentityView,
};

use super::print;
use crate::{
    agent::{Agent, unexpected},
    asking::{self, Needed},
    terminal, words,
};

pub(super) fn run(name: &Name, device: Option<&str>, agent: &Agent) -> Result<(), Problem> {
    let devices = devices(&identity(name, agent)?, device)?;
    let response = if terminal::stdin_is_terminal() {
        let needed = Needed {
            identity: name.clone(),
            devices,
            wish: Wish::MfaSession,
        };
        asking::enter_code(agent, &needed)?
    } else {
        let code = terminal::read_stdin()?;
        if code.trim().is_empty() {
            return Err(Problem::usage(
                "There is no terminal to ask on and no code on standard input. Pipe the six digits in.",
            ));
        }
        let serial = device.and(devices.into_iter().next());
        agent.ask(Request::SubmitCode {
            identity: name.clone(),
            wish: Some(Wish::MfaSession),
            serial: serial.map(String::from),
            code: Secret::new(code.trim().to_owned()),
        })?
    };
    let Response::MfaSession { expires_at } = response else {
        return Err(unexpected());
    };
    print(&format!(
        "{name}: session until {}\n",
        words::instant(expires_at)
    ))
}

/// The identity, before a person is asked for a code of one that isn't there, or in vain.
fn identity(name: &Name, agent: &Agent) -> Result<IdentityView, Problem> {
    let state = agent.state()?;
    if state.locked {
        return Err(Problem::locked());
    }
    let identities = state.identities;
    if let Some(identity) = identities.iter().find(|identity| identity.name == *name) {
        return Ok(identity.clone());
    }
    let known = Config {
        identities: identities.into_iter().map(named).collect(),
        ..Config::default()
    };
    known.identity_or_nearest(name)?;
    Err(unexpected())
}

fn named(identity: IdentityView) -> Identity {
    Identity {
        name: identity.name,
        ambient: identity.ambient,
        profile: None,
    }
}

/// The devices to choose from: the one that was named, else all of them.
fn devices(identity: &IdentityView, named: Option<&str>) -> Result<Vec<MfaSerial>, Problem> {
    let known: Vec<MfaSerial> = identity
        .mfa_serials
        .iter()
        .filter_map(|serial| MfaSerial::parse(serial).ok())
        .collect();
    let is_read = identity.access_key_id.is_some();
    if identity.ambient || (is_read && known.is_empty()) {
        return Err(Problem::usage(format!(
            "The identity {} has no MFA device, and so no code to type.",
            identity.name
        )));
    }
    let Some(named) = named else {
        return Ok(known);
    };
    let is_named = |device: &&MfaSerial| device.as_str() == named || device.short() == named;
    if let Some(device) = known.iter().find(is_named) {
        return Ok(vec![device.clone()]);
    }
    // The keychain was not read yet: a whole serial is taken at its word.
    if !is_read && let Ok(device) = MfaSerial::parse(named) {
        return Ok(vec![device]);
    }
    let names: Vec<&str> = known.iter().map(MfaSerial::short).collect();
    Err(Problem::usage(format!(
        "The identity {} has no MFA device {named}, but {}.",
        identity.name,
        names.join(", ")
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(serials: &[&str]) -> IdentityView {
        IdentityView {
            name: Name::parse("work").unwrap(),
            ambient: false,
            access_key_id: Some("AKIAIOSFODNN7EXAMPLE".to_owned()),
            user_arn: None,
            key_created_at: None,
            rotating: false,
            mfa_serials: serials.iter().map(|&serial| serial.to_owned()).collect(),
            mfa: None,
        }
    }

    #[test]
    fn a_device_is_known_by_serial_and_by_name() {
        let ada = "arn:aws:iam::111122223333:mfa/ada";
        let both = identity(&[ada, "GAHT12345678"]);
        let chosen = |name| devices(&both, Some(name)).map(|found| found[0].short().to_owned());
        assert_eq!(chosen("ada").unwrap(), "ada");
        assert_eq!(chosen(ada).unwrap(), "ada");
        assert_eq!(chosen("GAHT12345678").unwrap(), "GAHT12345678");
        assert!(
            chosen("bob")
                .unwrap_err()
                .what
                .contains("but ada, GAHT12345678.")
        );
        assert_eq!(devices(&both, None).unwrap().len(), 2);
    }

    #[test]
    fn nobody_is_asked_for_a_code_that_there_is_not() {
        assert!(devices(&identity(&[]), None).is_err());
        let mut unread = identity(&[]);
        unread.access_key_id = None;
        assert_eq!(devices(&unread, None).unwrap(), []);
        assert_eq!(devices(&unread, Some("GAHT12345678")).unwrap().len(), 1);
    }
}
