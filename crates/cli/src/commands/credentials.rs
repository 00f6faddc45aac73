//! The `credential_process` answer (AWS_RULES 3.7): JSON on standard output and nothing else.

use daypass_core::{
    Instant,
    name::Name,
    problem::{Code, Problem},
    protocol::{Request, Response, WireCredentials},
    secret::{Secret, wire},
};
use serde::Serialize;
use zeroize::Zeroizing;

use super::print;
use crate::{
    agent::{Agent, unexpected},
    terminal,
};

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

pub(super) fn run(role: &Name, force: bool, agent: &Agent) -> Result<(), Problem> {
    if terminal::stdout_is_terminal() && !force {
        return Err(Problem::yours(
            Code::Usage,
            "Credentials are not printed onto a terminal, where they stay to be seen.",
            "Let a program read them, or add --force.",
        ));
    }
    let response = agent.ask_with_code(|| Request::Credentials { role: role.clone() })?;
    let Response::Credentials(credentials) = response else {
        return Err(unexpected());
    };
    print(&process_credentials(credentials)?)
}

fn process_credentials(credentials: WireCredentials) -> Result<Zeroizing<String>, Problem> {
    let answer = ProcessCredentials {
        version: 1,
        access_key_id: credentials.access_key_id,
        secret_access_key: credentials.secret_access_key,
        session_token: credentials.session_token,
        expiration: credentials.expires_at,
        account_id: credentials.account,
    };
    serde_json::to_string(&answer)
        .map(Zeroizing::new)
        .map_err(|_| Problem::ours("The credentials could not be written as JSON."))
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
