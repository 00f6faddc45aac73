//! The `credential_process` answer (AWS_RULES 3.7): JSON on standard output and nothing else.

use daypass_core::{
    Instant,
    problem::Problem,
    protocol::WireCredentials,
    secret::{Secret, wire},
    session::SessionKey,
};
use serde::Serialize;
use zeroize::Zeroizing;

use super::{print, refuse_terminal, secret_json, session};
use crate::{agent::Agent, args, project};

/// The contract's names; `Version` is the number 1.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ProcessCredentials {
    version: u8,
    access_key_id: String,
    #[serde(with = "wire")]
    secret_access_key: Secret,
    #[serde(with = "wire")]
    session_token: Secret,
    expiration: Instant,
    account_id: String,
}

pub(super) fn run(args: args::Credentials, agent: &Agent) -> Result<(), Problem> {
    refuse_terminal(args.force)?;
    let session = SessionKey {
        role: project::choose(args.role, agent)?.role,
        read_only: args.read_only,
    };
    of_role(session, args.force, agent)
}

/// Prints a session, but not onto a terminal.
pub(super) fn of_role(session: SessionKey, force: bool, agent: &Agent) -> Result<(), Problem> {
    refuse_terminal(force)?;
    let credentials = session::credentials(agent, &session)?;
    print(&process_credentials(credentials)?)
}

fn process_credentials(credentials: WireCredentials) -> Result<Zeroizing<String>, Problem> {
    secret_json(&ProcessCredentials {
        version: 1,
        access_key_id: credentials.access_key_id,
        secret_access_key: credentials.secret_access_key,
        session_token: credentials.session_token,
        expiration: credentials.expires_at,
        account_id: credentials.account,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_is_the_one_that_sdks_expect() {
        let credentials = WireCredentials {
            access_key_id: "ASIAIOSFODNN7EXAMPLE".to_owned(),
            secret_access_key: Secret::new("s".to_owned()),
            session_token: Secret::new("t".to_owned()),
            expires_at: Instant::UNIX_EPOCH,
            account: "111122223333".to_owned(),
        };
        assert_eq!(
            process_credentials(credentials).unwrap().as_str(),
            r#"{"Version":1,"AccessKeyId":"ASIAIOSFODNN7EXAMPLE","SecretAccessKey":"s","SessionToken":"t","Expiration":"1970-01-01T00:00:00Z","AccountId":"111122223333"}"#
        );
    }
}
