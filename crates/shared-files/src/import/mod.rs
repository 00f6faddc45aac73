//! placeholder until the import branch is merged
#![allow(missing_docs, unused, clippy::todo)]
use daypass_core::{
    config::Config,
    import::{ImportFrom, ImportPlan},
    name::Name,
    problem::Problem,
    protocol::NewKey,
    secret::Secret,
};
use std::collections::HashMap;
pub struct ForeignKey {
    pub origin: String,
    pub profile: String,
    pub access_key_id: String,
    pub secret_access_key: Secret,
}
pub struct Found {
    pub plan: ImportPlan,
    pub keys: HashMap<Name, NewKey>,
}
pub fn look(from: &ImportFrom, known: &Config, foreign: &[ForeignKey]) -> Result<Found, Problem> {
    todo!()
}
