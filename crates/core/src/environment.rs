//! Sessions as environment variables, for whatever reads AWS's (AWS_RULES 3.8).

use zeroize::Zeroizing;

use crate::{name::Name, protocol::WireCredentials, shell::Shell};

/// What else would win over a session's own variables, or contradict them.
pub const CONTRADICTORY: [&str; 13] = [
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_ROLE_ARN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
];

/// Names the role that a program's environment is of, so that nesting is noticed.
pub const ROLE: &str = "DAYPASS_ROLE";

/// The variables of a role's session.
pub fn of_session(
    role: &Name,
    region: Option<&str>,
    credentials: &WireCredentials,
) -> Vec<(&'static str, Zeroizing<String>)> {
    let plain = |text: &str| Zeroizing::new(text.to_owned());
    let mut variables = vec![
        ("AWS_ACCESS_KEY_ID", plain(&credentials.access_key_id)),
        (
            "AWS_SECRET_ACCESS_KEY",
            plain(credentials.secret_access_key.expose()),
        ),
        (
            "AWS_SESSION_TOKEN",
            plain(credentials.session_token.expose()),
        ),
        (
            "AWS_CREDENTIAL_EXPIRATION",
            plain(&expiration(credentials.expires_at)),
        ),
    ];
    variables.extend(of_role(role, region));
    variables
}

/// The variables that name a role and its region, and hold no session.
pub fn of_role(role: &Name, region: Option<&str>) -> Vec<(&'static str, Zeroizing<String>)> {
    let plain = |text: &str| Zeroizing::new(text.to_owned());
    let mut variables = vec![(ROLE, plain(role.as_str()))];
    if let Some(region) = region {
        variables.push(("AWS_REGION", plain(region)));
        variables.push(("AWS_DEFAULT_REGION", plain(region)));
    }
    variables
}

/// The same as a shell's commands, after unsetting what would contradict them.
pub fn commands(shell: Shell, variables: &[(&str, Zeroizing<String>)]) -> Zeroizing<String> {
    // Larger than any session, so that it does not grow and leave a copy behind.
    let mut text = Zeroizing::new(String::with_capacity(16 * 1024));
    for name in CONTRADICTORY {
        if !variables.iter().any(|(set, _)| *set == name) {
            text.push_str(&shell.unset(name));
        }
    }
    for (name, value) in variables {
        text.push_str(&shell.set(name, value));
    }
    text
}

/// An end as SDKs read it.
pub fn expiration(at: crate::Instant) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Origin, tests::session};

    #[test]
    fn a_session_leaves_nothing_that_would_win_over_it() {
        let credentials = WireCredentials::new(
            &session(0, 3_600, Origin::Temporary).credentials,
            "111122223333",
        );
        let role = Name::parse("prod").unwrap();
        let variables = of_session(&role, Some("eu-west-1"), &credentials);
        let text = commands(Shell::Bash, &variables);
        assert!(text.starts_with("unset AWS_PROFILE\n"));
        assert!(text.contains("export AWS_SESSION_TOKEN='token'\n"));
        assert!(text.contains("export AWS_CREDENTIAL_EXPIRATION='1970-01-01T01:00:00Z'\n"));
        assert!(text.ends_with("export AWS_DEFAULT_REGION='eu-west-1'\n"));
        assert!(!text.contains("unset AWS_SESSION_TOKEN"));
    }
}
