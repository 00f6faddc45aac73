//! Identities and roles: adding, removing, and what the vault says of them.

use daypass_core::{
    arn::MfaSerial,
    config::Config,
    journal::Event,
    name::Name,
    partition::Partition,
    problem::{Code, Problem},
    protocol::{Console, NewIdentity, NewKey, Response, Wish},
    role::{Role, SessionKind},
    secret::AccessKey,
    session::SessionKey,
};

use super::{
    Controller, Facts, Outcome, Reply, refuse,
    sessions::no_key,
    slots::{IdentitySlot, KeyRotation, Prompt, RoleSlot, Work, partition_of},
};
use crate::{
    ports::{AwsCause, AwsError, Sts, Topic, VaultError, VaultItem},
    vault::{Patience, VaultThread},
};

/// What AWS allows a user.
pub(super) const MAX_DEVICES: usize = 8;

impl Controller {
    /// Drops what the config file no longer names, and reads what it newly names.
    pub(super) fn reconcile(&mut self) {
        let config = self.file.config().clone();
        let gone = |name: &Name| config.identity(name).is_none();
        let identities = self.identities.extract_if(|name, _| gone(name));
        let identities = identities.map(|(name, _)| Topic::MfaSession(name));
        let roles = self.roles.extract_if(|key, slot| !keep(slot, &config, key));
        let roles = roles.map(|(key, _)| Topic::RoleSession(key));
        for topic in identities.chain(roles) {
            self.ports.desktop.withdraw(&topic);
        }
        self.prompts.retain(|prompt| still_wanted(prompt, &config));
        self.wake_stranded();
        self.forget_unused();
        for identity in &config.identities {
            let slot = self.identities.entry(identity.name.clone()).or_default();
            let wanted = !identity.ambient && slot.facts.is_none();
            if wanted && !self.keychain_left_alone() {
                self.read_facts(&identity.name, Patience::Short);
            }
        }
        self.note_config_problem();
    }

    /// Shows what is wrong with the config file, for as long as it is.
    fn note_config_problem(&mut self) {
        let now = self.file.problem().cloned();
        if self.config_notice == now {
            return;
        }
        if let Some(before) = std::mem::replace(&mut self.config_notice, now.clone()) {
            self.notices.retain(|notice| notice.problem != before);
        }
        if let Some(problem) = now {
            self.notice(None, &problem);
        }
    }

    /// A chained role whose place at its source went with a change starts anew.
    fn wake_stranded(&mut self) {
        let stranded: Vec<SessionKey> = self
            .roles
            .iter()
            .filter(|(_, slot)| slot.work == Work::WaitingForSource)
            .filter(|(key, _)| !self.waits_at_source(key))
            .map(|(key, _)| key.clone())
            .collect();
        for key in stranded {
            if let Some(slot) = self.roles.get_mut(&key) {
                slot.work = Work::Idle;
            }
            self.advance(&key);
        }
    }

    fn waits_at_source(&self, key: &SessionKey) -> bool {
        self.source_of(key)
            .and_then(|source| self.roles.get(&source))
            .is_some_and(|slot| {
                slot.waiters
                    .iter()
                    .any(|w| w.chained().as_ref() == Some(key))
            })
    }

    pub(super) fn refresh_config(&mut self) {
        if self.file.refresh() {
            self.reconcile();
        }
    }

    pub(super) fn read_facts(&mut self, identity: &Name, patience: Patience) {
        let slot = self.identities.entry(identity.clone()).or_default();
        if slot.reading {
            return;
        }
        slot.reading = true;
        let vault = self.ports.vault.clone();
        let identity = identity.clone();
        self.spawn(async move {
            let result = vault.read(identity.clone(), patience).await;
            Outcome::Facts { identity, result }
        });
    }

    pub(super) fn facts_read(
        &mut self,
        identity: &Name,
        result: Result<Option<VaultItem>, VaultError>,
    ) {
        let Some(slot) = self.identities.get_mut(identity) else {
            return;
        };
        slot.reading = false;
        let failure = match result {
            Ok(Some(item)) => {
                slot.facts = Some(Facts::from(&item));
                self.vault_answered(None);
                if item.rotation.is_some() {
                    self.notice(Some(identity), &interrupted(identity));
                }
                None
            }
            Ok(None) => {
                self.vault_answered(None);
                Some(no_key(identity))
            }
            Err(error) => {
                self.vault_failed(&error);
                Some(error.into())
            }
        };
        let waiting: Vec<SessionKey> = self
            .roles
            .iter()
            .filter(|(_, slot)| slot.role.identity.as_ref() == Some(identity))
            .filter(|(_, slot)| slot.work == Work::ReadingKey && !slot.waiters.is_empty())
            .map(|(key, _)| key.clone())
            .collect();
        for role in waiting {
            if let Some(slot) = self.roles.get_mut(&role) {
                slot.work = Work::Idle;
            }
            match &failure {
                None => self.advance(&role),
                Some(problem) => {
                    self.fail_role(&role, &AwsError::new(AwsCause::Refused, problem.clone()))
                }
            }
        }
    }

    /// Takes a new identity: checked here, then verified with AWS, then stored, then written down,
    /// so that a failure at any step leaves nothing behind.
    pub(super) fn add_identity(&mut self, new: NewIdentity, reply: Reply) {
        let NewIdentity { identity, key } = new;
        if let Some(problem) = self.file.problem() {
            refuse(reply, problem.clone());
            return;
        }
        if self.file.config().identity(&identity.name).is_some() {
            refuse(
                reply,
                Problem::usage(format!(
                    "There is already an identity {}. Choose another name, or remove that one first.",
                    identity.name
                )),
            );
            return;
        }
        let key = match checked_key(&identity.name, identity.ambient, key) {
            Ok(key) => key,
            Err(problem) => {
                refuse(reply, problem);
                return;
            }
        };
        let (sts, vault) = (self.ports.sts.clone(), self.ports.vault.clone());
        self.spawn(async move {
            let result = match key {
                Some(key) => store_key(&identity.name, key, &*sts, &vault)
                    .await
                    .map(Some),
                None => Ok(None),
            };
            Outcome::IdentityStored {
                identity,
                result,
                reply,
            }
        });
    }

    pub(super) fn identity_stored(
        &mut self,
        identity: &daypass_core::config::Identity,
        result: Result<Option<VaultItem>, Problem>,
        reply: Reply,
    ) {
        let item = match result {
            Ok(item) => item,
            Err(problem) => {
                refuse(reply, problem);
                return;
            }
        };
        self.vault_answered(None);
        if let Err(problem) = self.file.add_identity(identity) {
            self.forget_key(identity.name.clone());
            refuse(reply, problem);
            return;
        }
        let slot = IdentitySlot {
            facts: item.as_ref().map(Facts::from),
            ..IdentitySlot::default()
        };
        self.record(Event::IdentityAdded {
            identity: identity.name.clone(),
            access_key_id: slot.facts.as_ref().map(|facts| facts.access_key_id.clone()),
            by: reply.by(),
        });
        self.identities.insert(identity.name.clone(), slot);
        self.reconcile();
        let _ = reply.send(Response::Done);
    }

    /// Takes back a key whose identity could not be written down.
    pub(super) fn forget_key(&self, identity: Name) {
        let vault = self.ports.vault.clone();
        self.spawn(async move { Outcome::VaultProbed(vault.delete(identity).await) });
    }

    pub(super) fn remove_identity(&mut self, name: Name, reply: Reply) {
        let config = self.file.config();
        let identity = match config.identity_or_nearest(&name) {
            Ok(identity) => identity,
            Err(problem) => {
                refuse(reply, problem);
                return;
            }
        };
        if let Some(role) = config
            .roles
            .iter()
            .find(|role| role.identity.as_ref() == Some(&name))
        {
            refuse(
                reply,
                Problem::usage(format!(
                    "The role {} uses the identity {name}. Remove the role first.",
                    role.name
                )),
            );
            return;
        }
        let slot = self.identities.get(&name);
        if slot.is_some_and(|slot| matches!(slot.rotation, KeyRotation::Running(_))) {
            refuse(
                reply,
                Problem::passing(
                    Code::Failed,
                    format!("The key of {name} is being replaced right now."),
                    "Try again in a minute.",
                ),
            );
            return;
        }
        let stored = !identity.ambient;
        // The entry first: a key without one can be deleted again, an entry without its key is lost.
        if let Err(problem) = self.file.remove_identity(&name) {
            refuse(reply, problem);
            return;
        }
        self.record(Event::IdentityRemoved {
            identity: name.clone(),
            by: reply.by(),
        });
        self.forget_notices(Some(&name));
        self.reconcile();
        let vault = self.ports.vault.clone();
        self.spawn(async move {
            let result = if stored {
                vault.delete(name.clone()).await
            } else {
                Ok(())
            };
            Outcome::IdentityForgotten {
                identity: name,
                result,
                reply,
            }
        });
    }

    pub(super) fn identity_forgotten(
        &mut self,
        name: &Name,
        result: Result<(), VaultError>,
        reply: Reply,
    ) {
        self.vault_answered(result.as_ref().err());
        match result {
            Ok(()) => {
                let _ = reply.send(Response::Done);
            }
            Err(error) => {
                let why = Problem::from(error);
                refuse(
                    reply,
                    Problem::yours(
                        why.code,
                        format!(
                            "The identity {name} is removed, but its key is still in the keychain. {}",
                            why.what
                        ),
                        format!("Delete the item daypass/{name} in the keychain's own program."),
                    ),
                );
            }
        }
    }

    pub(super) fn add_role(&mut self, role: &Role, reply: Reply) {
        let before = self.file.config().role(&role.name).cloned();
        let added = role
            .check()
            .and_then(|()| self.check_start(role))
            .and_then(|()| {
                // The closed partitions have no console, and sessions nevertheless.
                if role.arn.partition().console().is_none() && role.destination.is_none() {
                    return Ok(());
                }
                self.plan(&Console::of(role.name.clone()), role).map(|_| ())
            })
            .and_then(|()| self.file.put_role(role))
            .and_then(|()| self.forget_published(before.as_ref(), role));
        if added.is_ok() {
            self.note_role(before.as_ref(), role, reply.by());
        }
        self.answer_done(added, reply);
    }

    /// What was published of a role is not to become another principal's session.
    fn forget_published(&mut self, before: Option<&Role>, role: &Role) -> Result<(), Problem> {
        match before {
            Some(before) if before.arn != role.arn && self.is_published(&role.name) => {
                self.file.remove_publish(&role.name, None)
            }
            _ => Ok(()),
        }
    }

    /// Where a role starts must be there already.
    fn check_start(&self, role: &Role) -> Result<(), Problem> {
        if let Some(identity) = &role.identity {
            self.file.config().identity_or_nearest(identity)?;
        }
        if let Some(source) = &role.source {
            self.known_role(source)?;
        }
        Ok(())
    }

    pub(super) fn remove_role(&mut self, name: &Name, reply: Reply) {
        let config = self.file.config();
        let chained = config
            .roles
            .iter()
            .find(|role| role.source.as_ref() == Some(name));
        let written = config
            .published
            .iter()
            .find(|publish| publish.writer.as_ref() == Some(name) && publish.role != *name);
        if let Some(publish) = written {
            refuse(
                reply,
                Problem::usage(format!(
                    "The role {name} writes the secret {} for {}. Stop that first with `daypass publish {} --secret-id {} --stop`.",
                    publish.secret_id, publish.role, publish.role, publish.secret_id
                )),
            );
            return;
        }
        let removed = match chained {
            Some(chained) => Err(Problem::usage(format!(
                "The role {} is chained from {name}. Remove it first.",
                chained.name
            ))),
            None => self
                .known_role(name)
                .and_then(|_| self.file.remove_role(name)),
        };
        self.forget_notices(Some(name));
        if removed.is_ok() {
            self.record(Event::RoleRemoved {
                role: name.clone(),
                by: reply.by(),
            });
        }
        self.answer_done(removed, reply);
    }
}

fn interrupted(identity: &Name) -> Problem {
    Problem::yours(
        Code::Failed,
        format!("The replacement of {identity}'s access key was interrupted."),
        format!("`daypass identity rotate {identity}` finishes it. Both keys are kept."),
    )
}

/// A prompt stays while a code would still lead to what it was opened for.
fn still_wanted(prompt: &Prompt, config: &Config) -> bool {
    match &prompt.wish {
        Wish::MfaSession => config.identity(&prompt.identity).is_some(),
        Wish::Role(key) => config.role(&key.role).is_some_and(|role| {
            role.identity.as_ref() == Some(&prompt.identity) && role.session == SessionKind::Long
        }),
    }
}

/// A slot stays while the file says the same of its role.
fn keep(slot: &RoleSlot, config: &Config, key: &SessionKey) -> bool {
    match config.role(&key.role) {
        Some(role) if key.read_only => role
            .read_only()
            .is_ok_and(|role| role.has_sessions_of(&slot.role)),
        Some(role) => role.has_sessions_of(&slot.role),
        None => false,
    }
}

/// Asks AWS whose key it is, and stores it if AWS knows.
pub(super) async fn store_key(
    identity: &Name,
    (key, mfa_serials): (AccessKey, Vec<MfaSerial>),
    sts: &dyn Sts,
    vault: &VaultThread,
) -> Result<VaultItem, Problem> {
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
    vault.write(identity.clone(), item.clone()).await?;
    Ok(item)
}

pub(super) type CheckedKey = Option<(AccessKey, Vec<MfaSerial>)>;

pub(super) fn checked_key(
    name: &Name,
    ambient: bool,
    key: Option<NewKey>,
) -> Result<CheckedKey, Problem> {
    match (ambient, key) {
        (true, None) => Ok(None),
        (true, Some(_)) => Err(Problem::usage("An ambient identity has no key of its own.")),
        (false, None) => Err(Problem::usage(format!(
            "The identity {name} needs an access key."
        ))),
        (false, Some(key)) => {
            let serials = parsed_serials(&key.mfa_serials)?;
            let key = AccessKey::parse(&key.access_key_id, key.secret_access_key)?;
            Ok(Some((key, serials)))
        }
    }
}

pub(super) fn parsed_serials(serials: &[String]) -> Result<Vec<MfaSerial>, Problem> {
    let serials = serials.iter();
    serials
        .map(|serial| MfaSerial::parse(serial.trim()))
        .collect()
}

fn partition_of_serials(serials: &[MfaSerial]) -> Partition {
    serials
        .first()
        .map_or(Partition::Aws, |serial| partition_of(serial.as_str()))
}

/// Finds out about keys that can't work before they are stored.
pub(super) fn check_user(user_arn: &str, serials: &[MfaSerial]) -> Result<(), Problem> {
    if user_arn.ends_with(":root") {
        return Err(Problem::yours(
            Code::Usage,
            "That is the key of the account's root user, which AWS does not let assume roles.",
            "Make an IAM user and a key for it; then delete the root user's key.",
        ));
    }
    let account = user_arn.split(':').nth(4).unwrap_or_default();
    let foreign = |serial: &&MfaSerial| {
        serial.as_str().starts_with("arn:") && serial.as_str().split(':').nth(4) != Some(account)
    };
    if let Some(serial) = serials.iter().find(foreign) {
        return Err(Problem::usage(format!(
            "The MFA device {} is of another account than the key, which is of {account}.",
            serial.as_str()
        )));
    }
    Ok(())
}
