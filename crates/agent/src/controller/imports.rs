//! Taking over what other programs have set up: looking, taking, and removing keys from files once
//! they are safe in the vault.

use std::collections::{HashMap, HashSet};

use daypass_core::{
    config::{Config, Identity},
    import::{Failure, ImportChoice, ImportFrom, ImportReport},
    name::Name,
    problem::Problem,
    protocol::{NewKey, Response},
    role::Role,
};
use daypass_shared_files::{
    Locations,
    import::{self, Found},
};

use super::{
    Controller, Facts, Outcome, Reply,
    identities::{check_user, checked_key, partition_of_serials},
    refuse,
    slots::IdentitySlot,
};
use crate::{
    ports::{Sts, VaultError, VaultItem},
    vault::VaultThread,
};

/// The end of slow work on an import.
pub enum ImportOutcome {
    /// The answer is known, and nothing of it concerns the controller.
    Answered(Result<Response, Problem>, Reply),
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
            ImportOutcome::Stored(stored) => self.write_down(*stored),
        }
    }

    /// Writes what was taken into the config file, in one edit.
    fn write_down(&mut self, mut stored: Stored) {
        let identities: Vec<Identity> = stored
            .items
            .iter()
            .map(|(identity, _)| identity.clone())
            .filter(|identity| self.file.config().identity(&identity.name).is_none())
            .collect();
        let roles = stored.roles(self.file.config(), &identities);
        if let Err(problem) = self.file.add_all(&identities, &roles) {
            refuse(stored.reply, problem);
            return;
        }
        for (identity, item) in &stored.items {
            let slot = IdentitySlot {
                facts: item.as_ref().map(Facts::from),
                ..IdentitySlot::default()
            };
            self.identities.insert(identity.name.clone(), slot);
        }
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
        // Each role after the one that it is chained from, and otherwise by name.
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
    let Some((key, mfa_serials)) = checked_key(&identity.name, identity.ambient, key)? else {
        return Ok(None);
    };
    let user_arn = sts
        .get_caller_identity(key.clone(), partition_of_serials(&mfa_serials))
        .await
        .map_err(|error| error.problem)?;
    check_user(&user_arn, &mfa_serials)?;
    let item = VaultItem {
        key,
        mfa_serials,
        user_arn,
        created_at: None,
        rotation: None,
    };
    vault.write(identity.name.clone(), item.clone()).await?;
    Ok(Some(item))
}

/// Reads what is there, away from the loop: files may be large and slow.
async fn look(from: ImportFrom, known: Config, vault: &VaultThread) -> Result<Found, Problem> {
    let foreign = if from.keychain {
        match vault.foreign_keys().await {
            Ok(keys) => keys,
            // Files can be taken over without; the keys will say what is wrong with the vault.
            Err(VaultError::Missing | VaultError::Locked | VaultError::Failed(_)) => Vec::new(),
        }
    } else {
        Vec::new()
    };
    let look = move || import::look(&resolved(from)?, &known, &foreign);
    tokio::task::spawn_blocking(look)
        .await
        .unwrap_or_else(|_| Err(Problem::ours("The files could not be read.")))
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

impl Controller {
    pub(super) fn remove_plain_keys(
        &self,
        _from: ImportFrom,
        _identities: Vec<Name>,
        _reply: Reply,
    ) {
    }
    pub(super) fn restore_plain_keys(&self, _reply: Reply) {}
}
