//! Taking over what other programs have set up: looking, taking, and removing keys from files once
//! they are safe in the vault.

use std::{
    collections::{HashMap, HashSet},
    path::{Path, PathBuf},
};

use daypass_core::{
    config::{Config, Identity},
    import::{Failure, ImportChoice, ImportFrom, ImportReport, LeftAlone},
    journal::Event,
    name::Name,
    problem::Problem,
    protocol::{NewKey, Response},
    role::Role,
    secret::AccessKey,
};
use daypass_shared_files::{
    Locations,
    import::{self, Found},
    plain_keys::{self, record},
};

use super::{
    Controller, Facts, Outcome, Reply,
    identities::{checked_key, store_key},
    refuse,
    sessions::no_key,
    slots::{IdentitySlot, partition_of},
};
use crate::{
    ports::{Sts, VaultItem},
    vault::{Patience, VaultThread},
};

/// The end of slow work on an import.
pub enum ImportOutcome {
    /// The answer is known, and nothing of it concerns the controller.
    Answered(Result<Response, Problem>, Reply),
    /// Files were changed, or not, and what the journal says of it.
    Changed(Event, Result<Response, Problem>, Reply),
    /// Keys are in the vault.
    Stored(Box<Stored>),
}

/// What was taken into the vault, and what is left to write into the config file.
pub struct Stored {
    found: Found,
    agreed: bool,
    only: Vec<Name>,
    items: Vec<(Identity, Option<VaultItem>)>,
    failed: Vec<Failure>,
    reply: Reply,
}

impl Controller {
    pub(super) fn plan_import(&self, from: ImportFrom, reply: Reply) {
        let (vault, known) = (self.ports.vault.clone(), self.file.config().clone());
        self.spawn(async move {
            let planned = look(from, known, &vault).await;
            let response = planned.map(|found| Response::ImportPlan(Box::new(found.plan)));
            Outcome::Import(Box::new(ImportOutcome::Answered(response, reply)))
        });
    }

    pub(super) fn import(&self, choice: ImportChoice, reply: Reply) {
        if let Some(problem) = self.file.problem() {
            refuse(reply, problem.clone());
            return;
        }
        let (vault, sts) = (self.ports.vault.clone(), self.ports.sts.clone());
        let known = self.file.config().clone();
        self.spawn(async move {
            let outcome = match look(choice.from, known, &vault).await {
                Err(problem) => ImportOutcome::Answered(Err(problem), reply),
                Ok(found) => {
                    let mut stored = Stored {
                        found,
                        agreed: choice.agreed,
                        only: choice.only,
                        items: Vec::new(),
                        failed: Vec::new(),
                        reply,
                    };
                    stored.take_keys(&*sts, &vault).await;
                    ImportOutcome::Stored(Box::new(stored))
                }
            };
            Outcome::Import(Box::new(outcome))
        });
    }

    pub(super) fn imported(&mut self, outcome: ImportOutcome) {
        match outcome {
            ImportOutcome::Answered(result, reply) => {
                let _ = reply.send(result.unwrap_or_else(Response::Failed));
            }
            ImportOutcome::Changed(event, result, reply) => {
                if result.is_ok() {
                    self.record(event);
                }
                let _ = reply.send(result.unwrap_or_else(Response::Failed));
            }
            ImportOutcome::Stored(stored) => self.write_down(*stored),
        }
    }

    /// Takes keys out of the files they lie in, once the vault has given each back and AWS has
    /// taken it.
    pub(super) fn remove_plain_keys(&self, from: ImportFrom, identities: Vec<Name>, reply: Reply) {
        let (vault, sts) = (self.ports.vault.clone(), self.ports.sts.clone());
        let record = self.removed_keys.clone();
        let event = Event::PlainKeysRemoved {
            identities: identities.clone(),
            by: reply.by(),
        };
        self.spawn(async move {
            let remove = async {
                let mut keys = Vec::new();
                for identity in identities {
                    keys.push(verified_key(identity, &*sts, &vault).await?);
                }
                on_disk(move || plain_keys_out(&from, &keys, &record)).await
            };
            let result = remove.await;
            Outcome::Import(Box::new(ImportOutcome::Changed(event, result, reply)))
        });
    }

    /// Puts keys back where they lay.
    pub(super) fn restore_plain_keys(&self, reply: Reply) {
        let (vault, record) = (self.ports.vault.clone(), self.removed_keys.clone());
        let identities: Vec<Name> = self.identities.keys().cloned().collect();
        self.spawn(async move {
            let restore = async {
                let mut keys = Vec::new();
                for identity in identities {
                    let item = vault.read(identity, Patience::Prompt).await?;
                    keys.extend(item.map(|item| item.key));
                }
                on_disk(move || plain_keys_back(&keys, &record)).await
            };
            let result = restore.await;
            let event = Event::PlainKeysRestored { by: reply.by() };
            Outcome::Import(Box::new(ImportOutcome::Changed(event, result, reply)))
        });
    }

    /// Writes what was taken into the config file, in one edit.
    fn write_down(&mut self, mut stored: Stored) {
        let mut identities: Vec<Identity> = stored
            .items
            .iter()
            .map(|(identity, _)| identity.clone())
            .filter(|identity| self.file.config().identity(&identity.name).is_none())
            .collect();
        let roles = stored.roles(self.file.config(), &identities);
        // What the SDK's own chain yields is of use to a role only.
        identities.retain(|identity| {
            let starts = |role: &Role| role.identity.as_ref() == Some(&identity.name);
            !identity.ambient || stored.only.contains(&identity.name) || roles.iter().any(starts)
        });
        if let Err(problem) = self.file.add_all(&identities, &roles) {
            for identity in identities.iter().filter(|identity| !identity.ambient) {
                self.forget_key(identity.name.clone());
            }
            refuse(stored.reply, problem);
            return;
        }
        for (identity, item) in &stored.items {
            if !identities.contains(identity) {
                continue;
            }
            let slot = IdentitySlot {
                facts: item.as_ref().map(Facts::from),
                ..IdentitySlot::default()
            };
            self.identities.insert(identity.name.clone(), slot);
        }
        let by = stored.reply.by();
        self.note_import(&identities, &roles, stored.failed.len(), by);
        self.reconcile();
        let plain = stored.found.plan.identities.iter();
        let still_plain = plain
            .filter(|found| found.plain_text)
            .map(|found| found.identity.name.clone())
            .filter(|name| self.file.config().identity(name).is_some())
            .collect();
        let _ = stored.reply.send(Response::Imported(Box::new(ImportReport {
            identities: identities
                .into_iter()
                .map(|identity| identity.name)
                .collect(),
            roles: roles.len(),
            failed: stored.failed,
            still_plain,
        })));
    }
}

impl Stored {
    fn is_wanted(&self, name: &Name) -> bool {
        self.only.is_empty() || self.only.contains(name)
    }

    /// Verifies each new key with AWS and stores it.
    async fn take_keys(&mut self, sts: &dyn Sts, vault: &VaultThread) {
        let identities: Vec<_> = self
            .found
            .plan
            .identities
            .iter()
            .filter(|found| !found.known && self.is_wanted(&found.identity.name))
            .map(|found| (found.identity.clone(), found.origin.clone()))
            .collect();
        for (identity, origin) in identities {
            let key = self.found.keys.remove(&identity.name);
            match take_key(&identity, key, sts, vault).await {
                Ok(item) => self.items.push((identity, item)),
                Err(problem) => self.failed.push(Failure { origin, problem }),
            }
        }
    }

    /// The roles that can be added: wanted, agreed to, sound, and with a start that is there.
    fn roles(&mut self, known: &Config, new: &[Identity]) -> Vec<Role> {
        let identities: HashSet<&Name> = known
            .identities
            .iter()
            .chain(new)
            .map(|identity| &identity.name)
            .collect();
        let mut reachable: HashSet<Name> =
            known.roles.iter().map(|role| role.name.clone()).collect();
        let mut waiting: HashMap<Name, Vec<(Role, String)>> = HashMap::new();
        let mut ready = Vec::new();
        for found in &self.found.plan.roles {
            let refused = !found.beware.is_empty() && !self.agreed;
            if found.known || refused || !self.is_wanted(&found.role.name) {
                continue;
            }
            let entry = (found.role.clone(), found.origin.clone());
            match (&found.role.identity, &found.role.source) {
                (Some(identity), _) if identities.contains(identity) => ready.push(entry),
                (None, Some(source)) if reachable.contains(source) => ready.push(entry),
                (None, Some(source)) => waiting.entry(source.clone()).or_default().push(entry),
                _ => self.failed.push(Failure {
                    origin: entry.1,
                    problem: Problem::usage("The key that it starts from was not taken over."),
                }),
            }
        }
        let mut taken = Vec::new();
        while let Some((role, origin)) = ready.pop() {
            if let Err(problem) = role.check() {
                self.failed.push(Failure { origin, problem });
                continue;
            }
            if reachable.insert(role.name.clone()) {
                ready.extend(waiting.remove(&role.name).unwrap_or_default());
                taken.push(role);
            }
        }
        for (_, origin) in waiting.into_values().flatten() {
            self.failed.push(Failure {
                origin,
                problem: Problem::usage("The role that it is chained from was not taken over."),
            });
        }
        taken.sort_by(|a, b| {
            (a.source.is_some(), a.name.as_str()).cmp(&(b.source.is_some(), b.name.as_str()))
        });
        taken
    }
}

async fn take_key(
    identity: &Identity,
    key: Option<NewKey>,
    sts: &dyn Sts,
    vault: &VaultThread,
) -> Result<Option<VaultItem>, Problem> {
    match checked_key(&identity.name, identity.ambient, key)? {
        Some(key) => store_key(&identity.name, key, sts, vault).await.map(Some),
        None => Ok(None),
    }
}

/// Reads what is there, away from the loop: files may be large and slow.
async fn look(from: ImportFrom, known: Config, vault: &VaultThread) -> Result<Found, Problem> {
    let (foreign, problem) = match from.keychain {
        true => match vault.foreign_keys().await {
            Ok(keys) => (keys, None),
            Err(error) => (Vec::new(), Some(Problem::from(error))),
        },
        false => (Vec::new(), None),
    };
    let mut found = on_disk(move || import::look(&resolved(from)?, &known, &foreign)).await?;
    // Files can be taken over without.
    found
        .plan
        .left_alone
        .extend(problem.map(|problem| LeftAlone {
            origin: "keys of other programs in the keychain".to_owned(),
            why: problem.to_string(),
        }));
    Ok(found)
}

/// Files may be large, and disks slow.
async fn on_disk<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|_| Err(Problem::ours("The files could not be read.")))
}

/// A key as the vault gives it back, after AWS has taken it.
async fn verified_key(
    identity: Name,
    sts: &dyn Sts,
    vault: &VaultThread,
) -> Result<AccessKey, Problem> {
    let item = vault
        .read(identity.clone(), Patience::Prompt)
        .await?
        .ok_or_else(|| no_key(&identity))?;
    sts.get_caller_identity(item.key.clone(), partition_of(&item.user_arn))
        .await
        .map_err(|error| error.problem)?;
    Ok(item.key)
}

/// The record of what is taken out is on disk before the file is changed.
fn plain_keys_out(
    from: &ImportFrom,
    keys: &[AccessKey],
    record_file: &Path,
) -> Result<Response, Problem> {
    let from = resolved(from.clone())?;
    let mut undos = record::read(record_file)?;
    let mut warnings = Vec::new();
    let config = from.config.clone();
    for path in [from.credentials, from.config].into_iter().flatten() {
        let path = PathBuf::from(path);
        if !path.exists() {
            continue;
        }
        let earlier = undos.clone();
        let removed = plain_keys::remove(&path, keys, |undo| {
            let mut all = earlier.clone();
            all.push(undo.clone());
            record::write(record_file, &all)
        })?;
        if let Some(undo) = removed {
            let sections: Vec<&str> = undo.sections().collect();
            warnings.push(format!(
                "{}: {} no longer has its key; `daypass import --undo` puts it back.",
                path.display(),
                sections.join(", ")
            ));
            if let Some(config) = &config {
                let sections: Vec<&str> = undo.sections().collect();
                warnings.extend(plain_keys::without_source(Path::new(config), &sections)?);
            }
            undos.push(undo);
        }
    }
    if warnings.is_empty() {
        return Err(Problem::usage(
            "None of these keys is in the shared config or credentials file.",
        ));
    }
    Ok(Response::Written {
        path: record_file.display().to_string(),
        warnings,
    })
}

fn plain_keys_back(keys: &[AccessKey], record_file: &Path) -> Result<Response, Problem> {
    let undos = record::read(record_file)?;
    let mut warnings = Vec::new();
    let Some(first) = undos.first() else {
        return Err(Problem::usage("No key was taken out of a file."));
    };
    let path = first.file.display().to_string();
    let key = |id: &str| keys.iter().find(|key| key.id.as_str() == id).cloned();
    let mut left = Vec::new();
    // The last one first: each was made on top of the one before.
    for undo in undos.iter().rev() {
        if let Some(gone) = undo.key_ids().find(|id| key(id).is_none()) {
            warnings.push(format!(
                "The key {gone} was replaced or removed since; what lay in {} was not put back.",
                undo.file.display()
            ));
            left.insert(0, undo.clone());
            continue;
        }
        warnings.extend(plain_keys::restore(undo, key)?);
    }
    record::write(record_file, &left)?;
    Ok(Response::Written { path, warnings })
}

/// Where AWS's own tools look, unless a place is named.
fn resolved(from: ImportFrom) -> Result<ImportFrom, Problem> {
    if from.config.is_some() || from.credentials.is_some() || from.leapp.is_some() {
        return Ok(from);
    }
    let locations = Locations::from_env(|name| std::env::var_os(name))?;
    Ok(ImportFrom {
        config: Some(locations.config.display().to_string()),
        credentials: Some(locations.credentials.display().to_string()),
        ..from
    })
}
