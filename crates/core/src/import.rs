//! What `daypass import` found, and what would become of it. Never holds a secret.

use serde::{Deserialize, Serialize};

use crate::{arn::MfaSerial, config::Identity, name::Name, problem::Problem, role::Role};

/// Where to look.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportFrom {
    /// AWS's shared config file, as an absolute path.
    #[serde(default)]
    pub config: Option<String>,
    /// AWS's shared credentials file, as an absolute path.
    #[serde(default)]
    pub credentials: Option<String>,
    /// The file of an exported Leapp workspace.
    #[serde(default)]
    pub leapp: Option<String>,
    /// Whether to look for keys of aws-vault and Granted in the keychain.
    #[serde(default)]
    pub keychain: bool,
}

/// What would be taken over.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ImportPlan {
    /// Keys, and what the SDK's own chain yields.
    pub identities: Vec<FoundIdentity>,
    /// Roles.
    pub roles: Vec<FoundRole>,
    /// What is not taken over, and why.
    pub left_alone: Vec<LeftAlone>,
}

/// An identity that was found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FoundIdentity {
    /// Its entry in Daypass's config file.
    pub identity: Identity,
    /// Where it was found, in a person's words: "[ada] in /home/ada/.aws/credentials".
    pub origin: String,
    /// The id of its key; nothing for an ambient identity.
    pub access_key_id: Option<String>,
    /// The MFA devices that profiles name for it.
    pub mfa_serials: Vec<MfaSerial>,
    /// Whether its key lies in a file in plain text.
    pub plain_text: bool,
    /// Whether Daypass has it already.
    pub known: bool,
}

/// A role that was found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FoundRole {
    /// Its entry in Daypass's config file.
    pub role: Role,
    /// Where it was found.
    pub origin: String,
    /// What a person must agree to, because the file may be somebody else's work (T9). Each names
    /// a setting and what Daypass does with it.
    pub beware: Vec<String>,
    /// Whether Daypass has it already.
    pub known: bool,
}

/// What is not taken over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftAlone {
    /// Where it was found.
    pub origin: String,
    /// Why, and what to do instead.
    pub why: String,
}

/// What to take of a plan.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportChoice {
    /// Where to look, as for the plan.
    pub from: ImportFrom,
    /// Only these identities and roles; everything when empty.
    #[serde(default)]
    pub only: Vec<Name>,
    /// Whether a person agreed to [`FoundRole::beware`]; otherwise such roles are left out.
    #[serde(default)]
    pub agreed: bool,
}

/// What was taken.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ImportReport {
    /// Identities that are new in Daypass.
    pub identities: Vec<Name>,
    /// How many roles are new.
    pub roles: usize,
    /// What did not work, and where it was found.
    pub failed: Vec<Failure>,
    /// Identities whose keys are in the keychain now and still in a file in plain text.
    pub still_plain: Vec<Name>,
}

/// One that did not work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Where it was found.
    pub origin: String,
    /// Why not.
    pub problem: Problem,
}
