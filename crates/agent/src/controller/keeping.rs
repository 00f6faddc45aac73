//! Keeping sessions across restarts: what is in memory goes into the sealed file after each change,
//! and comes back from it at the start (R17).
//!
//! The file is only ever a copy. Whatever is wrong with it, with the disk or with the keychain
//! costs at most a code.

use std::{
    collections::hash_map::DefaultHasher,
    hash::{Hash, Hasher},
    io,
    path::PathBuf,
    time::Duration,
};

use chrono::TimeDelta;
use daypass_core::{
    Instant,
    arn::MfaSerial,
    name::Name,
    problem::{Code, Problem},
    protocol::{Request, Wish},
    schedule::{self, Told},
    session::{Session, SessionKey},
    view::VaultView,
};
use futures_util::future::BoxFuture;

use super::{
    Caller, Controller, IdentitySlot, Outcome, Reply, RoleSlot,
    slots::{MfaState, Spent, Waiter, Work},
};
use crate::{
    clock::Trust,
    ports::VaultError,
    runtime::within,
    seal::SealingKey,
    session_file::{self, Kept, KeptIdentity, KeptRole, KeptStart, SessionFile, Unopened},
};

/// The shortest time between two saves.
const PAUSE: TimeDelta = TimeDelta::seconds(2);
/// The same after one that failed.
const LONG_PAUSE: TimeDelta = TimeDelta::minutes(1);
/// When a session was last asked for is saved no more exactly than this.
const ASKED_STEP_SECONDS: i64 = 600;
/// How long the file may keep those waiting who ask.
const FIRST_READ: Duration = Duration::from_secs(3);
/// How long the end of Daypass may wait for the last save.
const LAST_SAVE: Duration = Duration::from_millis(500);

/// The sealed file, and how far it and memory are one.
#[derive(Default)]
pub(super) struct Keeping {
    file: Option<SessionFile>,
    stage: Stage,
    key: Option<SealingKey>,
    asking_for_key: bool,
    /// Whether the vault answered when it was last asked; nothing before that.
    vault_answers: Option<bool>,
    /// What was in the file of identities whose key was not read yet.
    pending: Kept,
    /// What the file holds, as [`Controller::stamp`] tells; nothing when that is unknown.
    saved: Option<u64>,
    saving: bool,
    /// When the last save began, and how long the next one has to wait.
    rest: Option<(Instant, TimeDelta)>,
    /// Whether a save waits for the end of the rest.
    due: bool,
    /// Whether a person was told that nothing can be saved.
    told: bool,
    /// What was asked before the file was open.
    held: Vec<(Request, Option<Caller>, Reply)>,
}

/// A save that has begun, whether or not anybody waits for it.
type Saving = BoxFuture<'static, io::Result<()>>;

/// What is known of the file.
#[derive(Default)]
enum Stage {
    /// There is to be none, or a newer Daypass wrote it: it is left alone.
    #[default]
    Off,
    /// It is being read.
    Reading,
    /// It was read, and waits for its key.
    Sealed(Vec<u8>),
    /// What was in it is in memory, and it may be replaced.
    Open,
}

/// What came of the file's thread, or of the vault for it.
pub enum FileOutcome {
    /// The file was read.
    Read(io::Result<Option<Vec<u8>>>),
    /// The vault gave the data key, or not.
    Key(Result<SealingKey, VaultError>),
    /// A damaged file was put aside.
    PutAside(io::Result<PathBuf>),
    /// The file was replaced or deleted, and what it then stands for.
    Saved(u64, io::Result<()>),
}

impl Controller {
    /// Lets sessions survive a restart in this file. Without, they are in memory only.
    #[must_use]
    pub fn keep_sessions_in(mut self, path: PathBuf) -> Self {
        match SessionFile::start(path) {
            Ok(file) => {
                self.keeping.file = Some(file);
                self.keeping.stage = Stage::Reading;
            }
            Err(error) => tracing::warn!(%error, "sessions are kept in memory only"),
        }
        self
    }

    /// Begins to read the file.
    pub(super) fn read_file(&self) {
        if let Some(file) = &self.keeping.file {
            let (read, runtime) = (file.read(), self.ports.runtime.clone());
            self.spawn(async move {
                let read = within(&*runtime, FIRST_READ, read).await;
                let read = read.unwrap_or_else(|| Err(io::ErrorKind::TimedOut.into()));
                Outcome::File(FileOutcome::Read(read))
            });
        }
    }

    /// Whether a session that is asked for may yet come from the file.
    pub(super) const fn awaits_file(&self) -> bool {
        match self.keeping.stage {
            Stage::Off | Stage::Open => false,
            Stage::Reading => true,
            Stage::Sealed(_) => !matches!(self.keeping.vault_answers, Some(false)),
        }
    }

    pub(super) fn file_answered(&mut self, outcome: FileOutcome) {
        match outcome {
            FileOutcome::Read(result) => self.file_read(result),
            FileOutcome::Key(result) => self.key_read(result),
            FileOutcome::PutAside(result) => self.notice(None, &damaged(result.ok())),
            FileOutcome::Saved(stamp, result) => self.saved(stamp, result),
        }
    }

    fn file_read(&mut self, result: io::Result<Option<Vec<u8>>>) {
        if !matches!(self.keeping.stage, Stage::Reading) {
            // Locked meanwhile.
            return;
        }
        let problem = match result {
            Ok(None) => {
                self.keeping.stage = Stage::Open;
                self.keeping.saved = Some(NOTHING);
                None
            }
            Ok(Some(bytes)) if session_file::sealed_part(&bytes) == Err(Unopened::Newer) => {
                self.keeping.stage = Stage::Off;
                Some(newer())
            }
            Ok(Some(bytes)) => {
                self.keeping.stage = Stage::Sealed(bytes);
                self.ask_for_key();
                None
            }
            Err(error) => {
                self.keeping.stage = Stage::Open;
                Some(unreadable(&error))
            }
        };
        if let Some(problem) = problem {
            self.notice(None, &problem);
        }
        self.release();
    }

    /// The vault answered, or not: with it the data key may come, and with an identity's key what
    /// was kept of that identity.
    pub(super) fn file_may_open(&mut self, vault_answers: bool) {
        self.keeping.vault_answers = Some(vault_answers);
        if matches!(self.keeping.stage, Stage::Sealed(_)) {
            self.ask_for_key();
        }
        self.take_back();
        self.release();
    }

    /// Asks the vault for the data key, where that raises no prompt of its own.
    fn ask_for_key(&mut self) {
        let keeping = &mut self.keeping;
        if keeping.asking_for_key || keeping.key.is_some() || keeping.vault_answers != Some(true) {
            return;
        }
        keeping.asking_for_key = true;
        let vault = self.ports.vault.clone();
        self.spawn(async move { Outcome::File(FileOutcome::Key(vault.data_key().await)) });
    }

    fn key_read(&mut self, result: Result<SealingKey, VaultError>) {
        match result {
            Ok(_) if self.is_locked() => {}
            Ok(key) => self.keeping.key = Some(key),
            Err(error) => {
                self.vault_failed(&error);
                // Not again until the vault answers somebody else: it may raise its prompt.
                self.keeping.vault_answers = Some(false);
                self.tell_once(&error.into());
            }
        }
        self.keeping.asking_for_key = false;
        self.open_file();
        self.release();
    }

    fn open_file(&mut self) {
        let (Stage::Sealed(bytes), Some(key)) = (&self.keeping.stage, &self.keeping.key) else {
            return;
        };
        let opened = session_file::open(bytes, key);
        self.keeping.stage = Stage::Open;
        match opened {
            Ok(kept) => self.keeping.pending = kept,
            // No newer one: the header was looked at before.
            Err(_) => self.put_aside(),
        }
        self.take_back();
    }

    fn put_aside(&mut self) {
        self.keeping.saved = Some(NOTHING);
        if let Some(file) = &self.keeping.file {
            let put = file.put_aside();
            self.spawn(async { Outcome::File(FileOutcome::PutAside(put.await)) });
        }
    }

    /// Takes back what was kept of identities that are known by now.
    fn take_back(&mut self) {
        let (now, is_checked) = (self.now(), self.is_clock_checked());
        let pending = std::mem::take(&mut self.keeping.pending);
        let (mut taken, mut works) = (false, false);
        for kept in pending.identities {
            match self.is_same(&kept.start) {
                Some(true) => {
                    taken = true;
                    works |= self.take_back_identity(kept, now);
                }
                Some(false) => {}
                None if is_checked && kept.has_ended(now) => {}
                None => self.keeping.pending.identities.push(kept),
            }
        }
        for kept in pending.roles {
            match self.is_same(&kept.start) {
                Some(true) => {
                    taken = true;
                    works |= self.take_back_role(kept, now);
                }
                Some(false) => {}
                None if is_checked && kept.session.has_ended(now) => {}
                None => self.keeping.pending.roles.push(kept),
            }
        }
        if taken && !is_checked {
            // Without an answer all goes on by this computer's clock (R3).
            self.ask_time();
        }
        if works {
            self.start_over();
        }
    }

    /// Whether the time is AWS's. By a clock that nobody has checked nothing is forgotten: it may be
    /// hours ahead.
    fn is_clock_checked(&self) -> bool {
        self.ports.clock.trust() == Trust::Heard
    }

    fn is_over(&self, session: &Session, now: Instant) -> bool {
        self.is_clock_checked() && !session.servable(now)
    }

    /// What people know of the end of a session from before. They are not told of one that came
    /// while nobody looked.
    fn told_before(&self, kept: Told, session: &Session, now: Instant) -> Told {
        match schedule::told_by(now, session.credentials.expires_at, self.lead()) {
            Told::Ended => Told::Ended,
            by_now => by_now.min(kept),
        }
    }

    /// Whether an identity is the one that it was, with the same key; nothing while that is not
    /// known.
    fn is_same(&self, start: &KeptStart) -> Option<bool> {
        if self.file.problem().is_some() {
            // It may be in the file again when the mistake in it is mended.
            return None;
        }
        let name = &start.identity.name;
        if self.file.config().identity(name) != Some(&start.identity) {
            return Some(false);
        }
        if start.identity.ambient {
            return Some(true);
        }
        let facts = self.identities.get(name)?.facts.as_ref()?;
        Some(start.access_key_id.as_ref() == Some(&facts.access_key_id))
    }

    /// True when there is a session now that works.
    fn take_back_identity(&mut self, kept: KeptIdentity, now: Instant) -> bool {
        let name = kept.start.identity.name;
        let slot = self.identities.entry(name.clone()).or_default();
        slot.device = slot.device.take().or(kept.device);
        slot.quiet_until = slot.quiet_until.max(kept.quiet_until);
        slot.remind_at = slot.remind_at.or(kept.remind_at);
        for (serial, next_at) in kept.spent {
            if slot.spent.iter().all(|spent| spent.serial != serial) {
                slot.spent.push_back(Spent {
                    serial,
                    code: None,
                    next_at,
                });
            }
        }
        let newest = slot.mfa.as_ref().map(|mfa| mfa.session.started_at);
        let session = kept.mfa.map(Session::from);
        let Some(session) = session.filter(|session| {
            newest.is_none_or(|newest| newest < session.started_at) && !self.is_over(session, now)
        }) else {
            return false;
        };
        let told = self.told_before(kept.told, &session, now);
        let works = session.servable(now);
        if let Some(slot) = self.identities.get_mut(&name) {
            slot.mfa = Some(MfaState { session, told });
        }
        if !works {
            return false;
        }
        self.prompts
            .retain(|prompt| prompt.identity != name || prompt.wish != Wish::MfaSession);
        self.start_waiting_rotation(&name);
        true
    }

    /// The same of a role.
    fn take_back_role(&mut self, kept: KeptRole, now: Instant) -> bool {
        let session = Session::from(kept.session);
        let start = self.file.config().start(&kept.role);
        if self.is_over(&session, now)
            || start != Some(&kept.start.identity)
            || !self
                .known_session(&kept.key)
                .is_ok_and(|role| role.has_sessions_of(&kept.role))
        {
            return false;
        }
        let told = self.told_before(kept.told, &session, now);
        let slot = self
            .roles
            .entry(kept.key.clone())
            .or_insert_with(|| RoleSlot::new(kept.role));
        if slot.ended {
            return false;
        }
        let newest = slot.session.as_ref().map(|session| session.started_at);
        if newest.is_some_and(|newest| newest >= session.started_at) {
            return false;
        }
        let works = session.servable(now);
        slot.session = Some(session);
        slot.told = told;
        slot.last_asked = slot.last_asked.max(kept.last_asked);
        if !works {
            return false;
        }
        let wish = Wish::Role(kept.key);
        self.prompts.retain(|prompt| prompt.wish != wish);
        true
    }

    /// Lets what was kept of a session be.
    pub(super) fn forget_pending(&mut self, key: &SessionKey) {
        self.keeping.pending.roles.retain(|kept| kept.key != *key);
    }

    /// Keeps a request for later that the file may spare a code.
    pub(super) fn hold(&mut self, request: Request, caller: Option<Caller>, reply: Reply) {
        self.keeping.held.push((request, caller, reply));
    }

    /// Goes on with what was held, unless it has to wait on.
    fn release(&mut self) {
        if self.awaits_file() {
            return;
        }
        for (request, caller, reply) in std::mem::take(&mut self.keeping.held) {
            self.admit(request, caller, reply);
        }
    }

    /// Lets everybody ask again who waits for a key or for a person, and need not any longer.
    fn start_over(&mut self) {
        let mut again: Vec<(SessionKey, Vec<Waiter>)> = Vec::new();
        for (key, slot) in &mut self.roles {
            if slot.work != Work::Getting {
                slot.work = Work::Idle;
                again.push((key.clone(), std::mem::take(&mut slot.waiters)));
            }
        }
        for (key, waiters) in again {
            for waiter in waiters {
                if let Some(role) = self.roles.get(&key).map(|slot| slot.role.clone()) {
                    self.want(&key, role, waiter);
                }
            }
        }
    }

    /// Saves what has changed, if anything has. Runs after every input.
    pub(super) fn keep(&mut self) {
        self.keeping.due = false;
        let now = self.now();
        let stamp = self.stamp(now);
        if !self.may_save() || self.keeping.saving || self.keeping.saved == Some(stamp) {
            return;
        }
        if self.keeping.rests(now) {
            self.keeping.due = true;
            return;
        }
        if stamp != NOTHING && self.keeping.key.is_none() {
            self.ask_for_key();
            return;
        }
        self.keeping.saving = true;
        self.keeping.rest = Some((now, PAUSE));
        if let Some(saving) = self.save(stamp, now) {
            self.spawn(async move { Outcome::File(FileOutcome::Saved(stamp, saving.await)) });
        }
    }

    /// The last save. It is given up where disk or vault do not answer: the file is then some
    /// seconds old.
    pub(super) async fn keep_last(&mut self) {
        let runtime = self.ports.runtime.clone();
        let _ = within(&*runtime, LAST_SAVE, self.last_save()).await;
    }

    async fn last_save(&mut self) -> Option<io::Result<()>> {
        if self.is_locked() {
            // Behind the deletion that is on its way.
            return Some(self.keeping.file.as_ref()?.delete_all().await);
        }
        let now = self.now();
        let stamp = self.stamp(now);
        if !self.may_save() || self.keeping.saved == Some(stamp) {
            return None;
        }
        if self.keeping.key.is_none() && self.keeping.vault_answers == Some(true) {
            self.keeping.key = self.ports.vault.data_key().await.ok();
        }
        Some(self.save(stamp, now)?.await)
    }

    fn may_save(&self) -> bool {
        matches!(self.keeping.stage, Stage::Open) && !self.is_locked()
    }

    /// Begins to write what there is to keep; nothing to keep is no file.
    fn save(&self, stamp: u64, now: Instant) -> Option<Saving> {
        let file = self.keeping.file.as_ref()?;
        if stamp == NOTHING {
            return Some(file.delete());
        }
        let key = self.keeping.key.clone()?;
        Some(file.write(self.to_keep(now), key))
    }

    fn saved(&mut self, stamp: u64, result: io::Result<()>) {
        self.keeping.saving = false;
        match result {
            Ok(()) => {
                self.keeping.saved = Some(stamp);
                self.keeping.told = false;
            }
            Err(error) => {
                self.keeping.saved = None;
                self.keeping.rest = Some((self.now(), LONG_PAUSE));
                self.tell_once(&unwritten(&error));
            }
        }
    }

    fn tell_once(&mut self, problem: &Problem) {
        // What is wrong with the vault itself is shown already.
        let shown = self.vault != VaultView::Ready;
        if !shown && !std::mem::replace(&mut self.keeping.told, true) {
            self.notice(None, problem);
        }
    }

    /// How long no save is due.
    pub(super) fn until_kept(&self) -> Duration {
        match self.keeping.rest {
            Some((_, rest)) if self.keeping.due => rest.to_std().unwrap_or(Duration::MAX),
            _ => Duration::MAX,
        }
    }

    /// Locked: nothing is kept, and the key is asked for anew.
    pub(super) fn forget_kept(&mut self) {
        let keeping = &mut self.keeping;
        keeping.pending = Kept::default();
        keeping.key = None;
        let Some(file) = &keeping.file else {
            return;
        };
        keeping.stage = Stage::Open;
        let deleting = file.delete_all();
        self.spawn(async { Outcome::File(FileOutcome::Saved(NOTHING, deleting.await)) });
        self.release();
    }

    /// What is to be kept now.
    fn to_keep(&self, now: Instant) -> Kept {
        let pending = self.keeping.pending.clone();
        let identities = self.kept_identities(now).map(|(start, slot)| KeptIdentity {
            start,
            mfa: self.mfa_to_keep(slot, now).map(Into::into),
            told: slot.mfa.as_ref().map_or(Told::Nothing, |mfa| mfa.told),
            quiet_until: slot.quiet_until,
            remind_at: slot.remind_at,
            device: slot.device.clone(),
            spent: spent(slot, now).map(|(s, at)| (s.clone(), at)).collect(),
        });
        let roles = self
            .kept_roles(now)
            .map(|(start, key, slot, session)| KeptRole {
                key: key.clone(),
                role: slot.role.clone(),
                start,
                session: session.into(),
                told: slot.told,
                last_asked: slot.last_asked,
            });
        Kept {
            identities: pending.identities.into_iter().chain(identities).collect(),
            roles: pending.roles.into_iter().chain(roles).collect(),
        }
    }

    /// A number that differs when what is to be kept does; [`NOTHING`] for nothing.
    fn stamp(&self, now: Instant) -> u64 {
        let identities = self.kept_identities(now).map(|(start, slot)| {
            // An MFA session by its key id.
            let mfa = self.mfa_to_keep(slot, now).map(key_id);
            let told = slot.mfa.as_ref().map(|mfa| mfa.told);
            let spent: Vec<Instant> = spent(slot, now).map(|(_, at)| at).collect();
            let said = (told, slot.quiet_until, slot.remind_at);
            stamp_of(&(start.identity.name, start.access_key_id, mfa, said, spent))
        });
        let roles = self.kept_roles(now).map(|(start, key, slot, session)| {
            let asked = slot.last_asked;
            let asked = asked.map(|at| at.timestamp().div_euclid(ASKED_STEP_SECONDS));
            stamp_of(&(key, start.access_key_id, key_id(session), slot.told, asked))
        });
        let pending = &self.keeping.pending;
        let pending = [(pending.identities.len(), pending.roles.len())].into_iter();
        let pending = pending
            .filter(|counts| *counts != (0, 0))
            .map(|c| stamp_of(&c));
        // In any order, since the maps have none.
        identities
            .chain(roles)
            .chain(pending)
            .fold(NOTHING, |all, one| all ^ one)
    }

    fn kept_identities(
        &self,
        now: Instant,
    ) -> impl Iterator<Item = (KeptStart, &IdentitySlot)> + use<'_> {
        self.identities
            .iter()
            .filter(move |(_, slot)| {
                self.mfa_to_keep(slot, now).is_some()
                    || slot.quiet_until.is_some_and(|until| now < until)
                    || spent(slot, now).next().is_some()
            })
            .filter_map(|(name, slot)| Some((self.start_of(name)?, slot)))
    }

    fn kept_roles(
        &self,
        now: Instant,
    ) -> impl Iterator<Item = (KeptStart, &SessionKey, &RoleSlot, &Session)> + use<'_> {
        self.roles.iter().filter_map(move |(key, slot)| {
            let session = slot.session.as_ref();
            let session = session.filter(|session| !self.is_over(session, now))?;
            let identity = self.file.config().start(&slot.role)?;
            Some((self.start_of(&identity.name)?, key, slot, session))
        })
    }

    fn mfa_to_keep<'a>(&self, slot: &'a IdentitySlot, now: Instant) -> Option<&'a Session> {
        let session = slot.mfa.as_ref().map(|mfa| &mfa.session);
        session.filter(|session| !self.is_over(session, now))
    }

    /// An identity as sessions are kept for it: one whose key is known.
    fn start_of(&self, name: &Name) -> Option<KeptStart> {
        let identity = self.file.config().identity(name)?.clone();
        let facts = self
            .identities
            .get(name)
            .and_then(|slot| slot.facts.as_ref());
        let access_key_id = facts.map(|facts| facts.access_key_id.clone());
        if !identity.ambient && access_key_id.is_none() {
            return None;
        }
        Some(KeptStart {
            identity,
            access_key_id,
        })
    }
}

impl Keeping {
    /// Whether the last save was too short a time ago. A clock that was set ends every rest.
    fn rests(&self, now: Instant) -> bool {
        self.rest.is_some_and(|(since, rest)| {
            let passed = now - since;
            passed >= TimeDelta::zero() && passed < rest
        })
    }
}

/// The stamp of nothing.
const NOTHING: u64 = 0;

fn stamp_of(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

fn key_id(session: &Session) -> &str {
    &session.credentials.access_key_id
}

/// Devices that still show a code that was spent.
fn spent(slot: &IdentitySlot, now: Instant) -> impl Iterator<Item = (&MfaSerial, Instant)> {
    slot.spent
        .iter()
        .map(|spent| (&spent.serial, spent.next_at))
        .filter(move |(_, next_at)| *next_at > now)
}

fn damaged(place: Option<PathBuf>) -> Problem {
    let todo = match place {
        Some(place) => format!(
            "A new code brings new ones. The file is now {}.",
            place.display()
        ),
        None => "A new code brings new ones.".to_owned(),
    };
    Problem::yours(
        Code::Failed,
        "The sessions from before could not be read: their file is damaged, or the keychain is another one.",
        todo,
    )
}

fn newer() -> Problem {
    Problem::yours(
        Code::Failed,
        "The sessions from before are in a file of a newer Daypass, which is left alone.",
        "Until Daypass is updated, sessions are kept in memory only.",
    )
}

fn unreadable(error: &io::Error) -> Problem {
    Problem::yours(
        Code::Failed,
        format!("The sessions from before could not be read: {error}."),
        "A new code brings new ones.",
    )
}

fn unwritten(error: &io::Error) -> Problem {
    Problem::yours(
        Code::Failed,
        format!("Sessions cannot be saved for the next start: {error}."),
        "They work until Daypass ends. Free some space, or mend the permissions of its state folder.",
    )
}
