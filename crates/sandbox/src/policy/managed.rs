//! AWS's own managed policies, as far as they speak of the services that this sandbox has.

use serde_json::Value;

use super::{Kind, Policy};

/// `ReadOnlyAccess` is version 190: it lets nobody read a secret's value.
const POLICIES: [(&str, &str); 4] = [
    (
        "AdministratorAccess",
        include_str!("aws/AdministratorAccess.json"),
    ),
    ("PowerUserAccess", include_str!("aws/PowerUserAccess.json")),
    ("ReadOnlyAccess", include_str!("aws/ReadOnlyAccess.json")),
    (
        "SecretsManagerReadWrite",
        include_str!("aws/SecretsManagerReadWrite.json"),
    ),
];

/// The policies by ARN, in one partition.
pub(crate) fn aws_managed(partition: &str) -> Result<Vec<(String, Policy)>, String> {
    let read = |(name, json): (&str, &str)| {
        let document: Value = serde_json::from_str(json).map_err(|error| error.to_string())?;
        let policy = Policy::parse(Kind::Identity, &document)?;
        Ok((format!("arn:{partition}:iam::aws:policy/{name}"), policy))
    };
    POLICIES.into_iter().map(read).collect()
}
