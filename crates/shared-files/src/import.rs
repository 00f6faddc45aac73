//! What people have set up for other programs, and what would become of it in Daypass. Files are
//! read and understood; nothing that they name is run, opened or asked (T9).

mod draft;
mod foreign;
mod leapp;
mod names;
mod roles;
mod shared;
#[cfg(test)]
mod tests;

use std::{collections::HashMap, path::Path};

use daypass_core::{
    config::Config,
    import::{ImportFrom, ImportPlan},
    name::Name,
    problem::Problem,
    protocol::NewKey,
};
use zeroize::Zeroizing;

pub use self::foreign::{
    AWS_VAULT_COLLECTION, ForeignKey, GRANTED_COLLECTION, LEAPP_SERVICE, Program,
};
use self::{draft::Draft, shared::Files};
use crate::{file, ini::Document};

/// What was found.
pub struct Found {
    /// What would be taken over, without any secret.
    pub plan: ImportPlan,
    /// The keys of the plan's identities.
    pub keys: HashMap<Name, NewKey>,
}

/// Looks at what other programs have set up. `foreign` are the keys that they keep in the keychain,
/// `known` is what Daypass has already. Files that are not there count as empty.
///
/// # Errors
/// When a file can't be read, or is one that no AWS tool reads.
pub fn look(from: &ImportFrom, known: &Config, foreign: &[ForeignKey]) -> Result<Found, Problem> {
    let mut draft = Draft::new(known);
    let config = Shared::read(from.config.as_deref())?;
    let credentials = Shared::read(from.credentials.as_deref())?;
    let files = Files {
        config: &config.document,
        credentials: &credentials.document,
        config_path: &config.path,
        credentials_path: &credentials.path,
    };
    roles::take(&files, foreign, &mut draft)?;
    if let Some(path) = &from.leapp {
        let workspace = text_of(path)?;
        leapp::take(&workspace, path, foreign, &mut draft)?;
    }
    Ok(draft.finish())
}

/// One of the two shared files.
struct Shared {
    document: Document,
    path: String,
}

impl Shared {
    fn read(path: Option<&str>) -> Result<Self, Problem> {
        let text = path.map(text_of).transpose()?.unwrap_or_default();
        let path = path.unwrap_or_default();
        let document =
            Document::parse(&text).map_err(|mistake| mistake.in_file(Path::new(path)))?;
        Ok(Self {
            document,
            path: path.to_owned(),
        })
    }
}

fn text_of(path: impl AsRef<Path>) -> Result<Zeroizing<String>, Problem> {
    Ok(file::read(path.as_ref())?.unwrap_or_default())
}
