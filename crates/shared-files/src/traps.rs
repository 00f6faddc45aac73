//! What wins over a profile's `credential_process`, or over its keys in the credentials file
//! (AWS_RULES 3.8: botocore's `create_credential_resolver`).

use crate::ini::{Document, Section};

/// Settings of a profile that botocore looks at before it would run a `credential_process`, in
/// its order.
const BEFORE_PROCESS: &[&str] = &[
    "role_arn",
    "web_identity_token_file",
    "sso_account_id",
    "sso_role_name",
    "aws_access_key_id",
    "login_session",
];

/// Those that it looks at before the credentials file.
const BEFORE_KEYS: &[&str] = &[
    "role_arn",
    "web_identity_token_file",
    "sso_account_id",
    "sso_role_name",
];

/// What in a section of the config file would win over its `credential_process`. Keys in this file
/// come last.
pub(crate) fn over_process(config: &Document, section: &Section) -> Vec<&'static str> {
    let mut found = in_section(config, section, BEFORE_PROCESS);
    found.retain(|key| *key != "aws_access_key_id");
    found
}

/// What in the credentials file would: botocore lays its sections over the config file's.
pub(crate) fn over_process_in_credentials(
    credentials: &Document,
    section: &Section,
) -> Vec<&'static str> {
    let mut found = in_section(credentials, section, BEFORE_PROCESS);
    found.extend(in_section(credentials, section, &["credential_process"]));
    found
}

/// What would win over keys in the credentials file, in either file.
pub(crate) fn over_keys(document: &Document, section: &Section) -> Vec<&'static str> {
    in_section(document, section, BEFORE_KEYS)
}

fn in_section(document: &Document, section: &Section, keys: &[&'static str]) -> Vec<&'static str> {
    let set = |key: &&&str| document.get(section, key).is_some();
    keys.iter().filter(set).copied().collect()
}
