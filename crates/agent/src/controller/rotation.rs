//! Replacing an identity's access key, and how old it is. At every step the vault holds a key that
//! works; a rotation that was interrupted goes on where it stopped (T24).

use std::{sync::Arc, time::Duration};

use daypass_core::{
    Instant,
    name::Name,
    partition::Partition,
    problem::{Code, Problem},
    protocol::{Response, Wish},
    secret::{AccessKey, SessionCredentials},
    view::VaultView,
};

use super::{
    Asker, Controller, Facts, Outcome, refuse,
    sessions::no_key,
    slots::{KeyRotation, partition_of},
};
use crate::{
    clock::Clock,
    ports::{AwsCause, AwsError, Iam, KeyFacts, Rotation, Source, Sts, VaultError, VaultItem},
    vault::{Patience, VaultThread},
};

/// How often a new key is tried until IAM knows it everywhere, and how long between.
const TRIES: u32 = 10;
const BETWEEN_TRIES: Duration = Duration::from_secs(3);

impl Controller {
    pub(super) fn rotate_key(&mut self, name: &Name, asker: Asker) {
        let identity = match self.file.config().identity_or_nearest(name) {
            Ok(identity) if identity.ambient => {
                let problem = Problem::usage(format!(
                    "The identity {name} uses credentials of this machine; there is no key of it here to replace."
                ));
                return refuse(asker.reply, problem);
            }
            Ok(identity) => identity.name.clone(),
            Err(problem) => return refuse(asker.reply, problem),
        };
        let now = self.now();
        let slot = self.identities.entry(identity.clone()).or_default();
        if let KeyRotation::Running(askers) = &mut slot.rotation {
            askers.push(asker);
            return;
        }
        if slot.facts.is_none() {
            return refuse(asker.reply, self.why_unread(&identity));
        }
        if slot.has_mfa() && slot.usable_mfa(now).is_none() {
            match &mut slot.rotation {
                KeyRotation::WaitingForCode(askers) => askers.push(asker),
                rotation => *rotation = KeyRotation::WaitingForCode(vec![asker]),
            }
            self.ask(&identity, Wish::MfaSession, true);
            return;
        }
        self.start_rotation(&identity, vec![asker]);
    }

    /// Why nothing is known of an identity's key.
    pub(super) fn why_unread(&self, identity: &Name) -> Problem {
        match self.vault {
            VaultView::Ready => no_key(identity),
            VaultView::Locked => VaultError::Locked.into(),
            VaultView::Missing { .. } => VaultError::Missing.into(),
        }
    }

    /// The code that a rotation waited for has come.
    pub(super) fn start_waiting_rotation(&mut self, identity: &Name) {
        let Some(slot) = self.identities.get_mut(identity) else {
            return;
        };
        if let KeyRotation::WaitingForCode(askers) = &mut slot.rotation {
            let mut askers = std::mem::take(askers);
            slot.rotation = KeyRotation::Idle;
            // Who gave up does not want it done hours later.
            askers.retain(|asker| !asker.reply.is_closed());
            if !askers.is_empty() {
                self.start_rotation(identity, askers);
            }
        }
    }

    fn start_rotation(&mut self, identity: &Name, askers: Vec<Asker>) {
        let now = self.now();
        let Some(slot) = self.identities.get_mut(identity) else {
            return;
        };
        slot.rotation = KeyRotation::Running(askers);
        let work = KeyRotationWork {
            identity: identity.clone(),
            mfa_session: slot
                .usable_mfa(now)
                .map(|session| session.credentials.clone()),
            vault: self.ports.vault.clone(),
            iam: self.ports.iam.clone(),
            sts: self.ports.sts.clone(),
            clock: self.ports.clock.clone(),
        };
        self.spawn(async move {
            let mut item = None;
            let result = work.run(&mut item).await;
            Outcome::KeyRotated {
                identity: work.identity,
                item,
                result,
            }
        });
    }

    pub(super) fn key_rotated(
        &mut self,
        identity: &Name,
        item: Option<&VaultItem>,
        result: Result<(), Problem>,
    ) {
        let Some(slot) = self.identities.get_mut(identity) else {
            return;
        };
        if !matches!(slot.rotation, KeyRotation::Running(_)) {
            // A namesake of the identity that it was begun for.
            return;
        }
        if let Some(item) = item {
            slot.facts = Some(Facts::from(item));
        }
        let askers = match std::mem::take(&mut slot.rotation) {
            KeyRotation::Running(askers) | KeyRotation::WaitingForCode(askers) => askers,
            KeyRotation::Idle => Vec::new(),
        };
        let access_key_id = slot
            .facts
            .as_ref()
            .map(|facts| facts.access_key_id.clone())
            .unwrap_or_default();
        if result.is_err() && item.is_some_and(|item| item.rotation.is_some()) {
            // A session of the old key may be worth nothing any more: the next try asks anew.
            slot.mfa = None;
        }
        self.note_key_replaced(identity, &access_key_id, &result, &askers);
        match result {
            Ok(()) => {
                tracing::info!(identity = identity.as_str(), "access key replaced");
                self.forget_notices(Some(identity));
                for asker in askers {
                    let _ = asker.reply.send(Response::KeyRotated {
                        access_key_id: access_key_id.clone(),
                    });
                }
            }
            Err(problem) => {
                self.notice(Some(identity), &problem);
                for asker in askers {
                    refuse(asker.reply, problem.clone());
                }
            }
        }
    }

    /// Asks IAM once for the age of a key that nothing is known of. Many users may not ask; then
    /// the age stays unknown.
    pub(super) fn ask_for_key_age(&mut self, identity: &Name) {
        let now = self.now();
        let Some(slot) = self.identities.get_mut(identity) else {
            return;
        };
        let (Some(facts), Some(session)) = (&slot.facts, slot.usable_mfa(now)) else {
            return;
        };
        if !matches!(slot.rotation, KeyRotation::Idle)
            || slot.asked_age
            || facts.key_created_at.is_some()
        {
            return;
        }
        let source = Source::Session(session.credentials.clone());
        let (id, partition) = (facts.access_key_id.clone(), partition_of(&facts.user_arn));
        slot.asked_age = true;
        let call = self.ports.iam.list_access_keys(source, partition);
        let (inputs, identity) = (self.inputs.clone(), identity.clone());
        self.ports.runtime.spawn(Box::pin(async move {
            let keys = match call.await {
                Ok(keys) => keys,
                Err(error) => {
                    tracing::debug!(what = error.problem.what, "the key's age is unknown");
                    return;
                }
            };
            let ours = keys.into_iter().find(|key| key.id == id);
            if let Some(created_at) = ours.and_then(|key| key.created_at) {
                let _ = inputs.send(super::Input::Outcome(Outcome::KeyAge {
                    identity,
                    access_key_id: id,
                    created_at,
                }));
            }
        }));
    }

    /// Remembers a key's age in the vault, so that IAM is not asked again.
    pub(super) fn key_age_told(&mut self, identity: &Name, key_id: &str, created_at: Instant) {
        let facts = self
            .identities
            .get_mut(identity)
            // A rotation writes the same item.
            .filter(|slot| matches!(slot.rotation, KeyRotation::Idle))
            .and_then(|slot| slot.facts.as_mut())
            .filter(|facts| facts.access_key_id == key_id);
        let Some(facts) = facts else {
            return;
        };
        facts.key_created_at = Some(created_at);
        let (vault, identity, key_id) = (
            self.ports.vault.clone(),
            identity.clone(),
            key_id.to_owned(),
        );
        self.ports.runtime.spawn(Box::pin(async move {
            let stored = vault.change(identity, Patience::Short, move |item| {
                item.created_at = Some(created_at);
                item.key.id.as_str() == key_id
            });
            let _ = stored.await;
        }));
    }
}

/// One run through the steps of a rotation.
struct KeyRotationWork {
    identity: Name,
    /// IAM may ask for MFA; GetSessionToken's credentials carry it (AWS_RULES 3.3).
    mfa_session: Option<SessionCredentials>,
    vault: VaultThread,
    iam: Arc<dyn Iam>,
    sts: Arc<dyn Sts>,
    clock: Arc<dyn Clock>,
}

impl KeyRotationWork {
    /// Goes on from whatever step the vault's item says was reached. `latest` is the item as it
    /// was last read or stored.
    async fn run(&self, latest: &mut Option<VaultItem>) -> Result<(), Problem> {
        let item = self
            .vault
            .read(self.identity.clone(), Patience::Prompt)
            .await?
            .ok_or_else(|| no_key(&self.identity))?;
        *latest = Some(item.clone());
        let mut item = item;
        let mut resumed = item.rotation.is_some();
        loop {
            item = match item.rotation.clone() {
                None => self.create(item).await?,
                Some(Rotation::Created(new)) if resumed && self.is_gone(&item, &new).await => {
                    // Somebody deleted it since; there is nothing to go on with.
                    item.rotation = None;
                    resumed = false;
                    self.store(item).await?
                }
                Some(Rotation::Created(new)) => self.switch(item, new).await?,
                Some(Rotation::Replaced(old)) => {
                    let source = self.source(&item);
                    let partition = partition_of(&item.user_arn);
                    let iam = &self.iam;
                    // Deactivating first can be undone in IAM, deleting can't.
                    iam.deactivate_access_key(source.clone(), partition, old.id.clone())
                        .await
                        .map_err(unfinished)?;
                    iam.delete_access_key(source, partition, old.id)
                        .await
                        .map_err(unfinished)?;
                    item.rotation = None;
                    *latest = Some(self.store(item).await?);
                    return Ok(());
                }
            };
            *latest = Some(item.clone());
        }
    }

    fn source(&self, item: &VaultItem) -> Source {
        match &self.mfa_session {
            Some(session) => Source::Session(session.clone()),
            None => Source::Key(item.key.clone(), None),
        }
    }

    /// Whether IAM no longer knows a key; not where it can't be asked.
    async fn is_gone(&self, item: &VaultItem, key: &AccessKey) -> bool {
        let partition = partition_of(&item.user_arn);
        let keys = self.iam.list_access_keys(self.source(item), partition);
        let known = |keys: &Vec<KeyFacts>| keys.iter().any(|known| known.id == key.id.as_str());
        keys.await.is_ok_and(|keys| !known(&keys))
    }

    /// A second key, stored beside the first before anything else.
    async fn create(&self, mut item: VaultItem) -> Result<VaultItem, Problem> {
        let (source, partition) = (self.source(&item), partition_of(&item.user_arn));
        let keys = self
            .iam
            .list_access_keys(source.clone(), partition)
            .await
            .map_err(|error| error.problem)?;
        if let Some(other) = keys.iter().find(|key| key.id != item.key.id.as_str()) {
            return Err(second_key(&other.id));
        }
        let (new, created_at) = self
            .iam
            .create_access_key(source.clone(), partition)
            .await
            .map_err(perhaps_created)?;
        let new_id = new.id.clone();
        item.rotation = Some(Rotation::Created(new));
        let problem = match self.store(item).await {
            Ok(stored) => {
                tracing::info!(identity = self.identity.as_str(), created = ?created_at, "second access key");
                return Ok(stored);
            }
            Err(problem) => problem,
        };
        // A key that cannot be kept must not stay.
        let deleted = self
            .iam
            .delete_access_key(source, partition, new_id.clone())
            .await;
        Err(match deleted {
            Ok(()) => problem,
            Err(_) => Problem::yours(
                problem.code,
                format!(
                    "{} The new key {} could not be kept.",
                    problem.what,
                    new_id.as_str()
                ),
                "Delete that key in IAM; the old one goes on working.",
            ),
        })
    }

    /// The new key takes the old one's place once AWS takes it.
    async fn switch(&self, mut item: VaultItem, new: AccessKey) -> Result<VaultItem, Problem> {
        let partition = partition_of(&item.user_arn);
        self.verify(&new, partition, &item.user_arn).await?;
        let created_at = self.created_at(&item, new.id.as_str(), partition).await;
        let old = std::mem::replace(&mut item.key, new);
        item.created_at = created_at;
        item.rotation = Some(Rotation::Replaced(old));
        self.store(item).await
    }

    /// IAM is eventually consistent: a new key may be unknown for some seconds.
    async fn verify(
        &self,
        new: &AccessKey,
        partition: Partition,
        user_arn: &str,
    ) -> Result<(), Problem> {
        let mut last = None;
        for _ in 0..TRIES {
            match self.sts.get_caller_identity(new.clone(), partition).await {
                Ok(arn) if arn == user_arn => return Ok(()),
                Ok(_) => {
                    return Err(Problem::ours("The new key is another user's."));
                }
                Err(error) => last = Some(error.problem),
            }
            self.clock.pass(BETWEEN_TRIES).await;
        }
        let why = last.map(|problem| problem.what).unwrap_or_default();
        Err(Problem::passing(
            Code::AwsRefused,
            format!("The new key does not work yet. {why}"),
            "Nothing is lost: both keys are kept. Run `daypass identity rotate` again in some minutes.",
        ))
    }

    async fn created_at(
        &self,
        item: &VaultItem,
        id: &str,
        partition: Partition,
    ) -> Option<Instant> {
        let keys = self
            .iam
            .list_access_keys(self.source(item), partition)
            .await
            .ok()?;
        keys.into_iter().find(|key| key.id == id)?.created_at
    }

    /// Stores how far it has come, unless the vault holds another key by now: the identity was
    /// removed, or is a namesake. What else is stored of the identity stays.
    async fn store(&self, reached: VaultItem) -> Result<VaultItem, Problem> {
        let changed = move |stored: &mut VaultItem| {
            let other = match &reached.rotation {
                Some(Rotation::Created(key) | Rotation::Replaced(key)) => Some(&key.id),
                None => None,
            };
            let is_ours = stored.key.id == reached.key.id || Some(&stored.key.id) == other;
            stored.key = reached.key;
            stored.created_at = reached.created_at;
            stored.rotation = reached.rotation;
            is_ours
        };
        let identity = self.identity.clone();
        let stored = self.vault.change(identity, Patience::Prompt, changed);
        stored.await?.ok_or_else(|| {
            Problem::yours(
                Code::Failed,
                format!("The identity {} was changed meanwhile.", self.identity),
                "Look at the user's access keys in IAM: there may be a second one that nothing uses.",
            )
        })
    }
}

/// An answer that was lost leaves a key whose secret nobody has.
fn perhaps_created(error: AwsError) -> Problem {
    match error.cause {
        AwsCause::Passing | AwsCause::Throttled | AwsCause::AnswerLost => Problem::passing(
            error.problem.code,
            format!(
                "{} A second key may have been made whose secret nobody has.",
                error.problem.what
            ),
            "Try again; if Daypass then finds a second key, delete that one in IAM.",
        ),
        AwsCause::WrongCode
        | AwsCause::WrongTime
        | AwsCause::Denied
        | AwsCause::TooLong
        | AwsCause::Refused
        | AwsCause::SessionEnded => error.problem,
    }
}

fn unfinished(error: AwsError) -> Problem {
    Problem::yours(
        error.problem.code,
        format!(
            "The new key is in use, but the old one could not be deleted. {}",
            error.problem.what
        ),
        "Run `daypass identity rotate` again to finish, or delete the old key in IAM.",
    )
}

fn second_key(id: &str) -> Problem {
    Problem::yours(
        Code::AwsRefused,
        format!(
            "The user has a second access key, {id}, which Daypass does not know, and AWS allows only two."
        ),
        "Delete it in IAM if nothing uses it, then try again.",
    )
}
