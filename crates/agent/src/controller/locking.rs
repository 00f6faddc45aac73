//! Locking: every session is dropped, from memory and from disk, and none is given until a person
//! unlocks (T20). What runs with a session keeps it until that ends.

use daypass_core::{
    Instant,
    journal::{By, Event, LockReason},
    menu::Choice,
    problem::Problem,
    protocol::{Request, Response},
};

use super::{
    Caller, Controller, Reply, Signal, refuse,
    slots::{KeyRotation, Waiter},
};
use crate::ports::Topic;

/// Whether Daypass is locked, and what it goes by.
#[derive(Default)]
pub(super) struct Locking {
    is_locked: bool,
    /// When somebody last asked for a session or for what needs one.
    asked_at: Option<Instant>,
}

impl Controller {
    pub(super) const fn is_locked(&self) -> bool {
        self.locking.is_locked
    }

    /// Answers a request, unless it asks for a session and Daypass is locked, or may have the
    /// session in a moment.
    pub(super) fn admit(&mut self, request: Request, caller: Option<Caller>, reply: Reply) {
        if !needs_session(&request) {
            self.request(request, caller, reply);
            return;
        }
        self.locking.asked_at = Some(self.now());
        if self.is_locked() {
            refuse(reply, Problem::locked());
        } else if self.awaits_file() {
            self.hold(request, caller, reply);
        } else {
            self.request(request, caller, reply);
        }
    }

    /// Whether a choice in the menu or of a notification must wait until Daypass is unlocked.
    pub(super) fn refuses_choice(&mut self, choice: &Choice) -> bool {
        if !matches!(
            choice,
            Choice::OpenConsole(_)
                | Choice::OpenReadOnly(_)
                | Choice::CopyLink(_)
                | Choice::CopyEnvironment(_)
                | Choice::EnterCode(_)
                | Choice::RenewSession(_)
        ) {
            return false;
        }
        self.locking.asked_at = Some(self.now());
        self.is_locked()
    }

    /// Locks where the settings say so.
    pub(super) fn lock_on(&mut self, signal: Signal) {
        let settings = &self.file.config().settings;
        let locks = match signal {
            Signal::ScreenLocked => settings.lock_on_screen_lock,
            Signal::FallsAsleep => settings.lock_on_sleep,
            Signal::WokeUp
            | Signal::ScreenUnlocked
            | Signal::NetworkUp
            | Signal::KeychainChanged => false,
        };
        if locks {
            let why = match signal {
                Signal::FallsAsleep => LockReason::Suspended,
                _ => LockReason::ScreenLocked,
            };
            self.lock(why, By::Daypass);
        }
    }

    /// Locks when nobody has asked for so long, if there is anything to drop.
    pub(super) fn lock_if_idle(&mut self) {
        let Some(idle) = self.file.config().settings.lock_after else {
            return;
        };
        if self.is_locked() {
            return;
        }
        let now = self.now();
        // Nobody asked since the start, which counts as asking.
        let asked_at = *self.locking.asked_at.get_or_insert(now);
        if now - asked_at >= idle.delta() && self.has_sessions(now) {
            self.lock(LockReason::Idle, By::Daypass);
        }
    }

    fn has_sessions(&self, now: Instant) -> bool {
        let mfa = |slot: &super::IdentitySlot| slot.usable_mfa(now).is_some();
        self.identities.values().any(mfa)
            || self.roles.values().any(|slot| slot.servable(now).is_some())
    }

    /// Drops every session and every wish for one.
    pub(super) fn lock(&mut self, why: LockReason, by: By) {
        if !self.is_locked() {
            tracing::info!("locked");
            self.record(Event::Locked { why, by });
        }
        self.locking.is_locked = true;
        let waiters: Vec<Waiter> = self
            .roles
            .values_mut()
            .flat_map(|slot| std::mem::take(&mut slot.waiters))
            .collect();
        for waiter in waiters {
            self.turn_away(waiter, &|| Response::Failed(Problem::locked()));
        }
        self.withdraw_all();
        // What AWS answers from now on finds no place.
        self.roles.clear();
        for slot in self.identities.values_mut() {
            slot.mfa = None;
            if let KeyRotation::WaitingForCode(askers) = &mut slot.rotation {
                for asker in std::mem::take(askers) {
                    refuse(asker.reply, Problem::locked());
                }
                slot.rotation = KeyRotation::Idle;
            }
        }
        self.prompts.clear();
        self.ports.desktop.clear_clipboard();
        self.forget_kept();
    }

    /// Takes back every notification that asks for something.
    fn withdraw_all(&mut self) {
        let config = self.file.config();
        let identities = config.identities.iter();
        let topics: Vec<Topic> = identities
            .map(|identity| Topic::MfaSession(identity.name.clone()))
            .chain(self.roles.keys().cloned().map(Topic::RoleSession))
            .collect();
        for topic in topics {
            self.ports.desktop.withdraw(&topic);
        }
    }

    /// Gives sessions again, and asks the keychain, which may be locked as well.
    pub(super) fn unlock(&mut self, by: By) {
        if !self.is_locked() {
            return;
        }
        tracing::info!("unlocked");
        self.record(Event::Unlocked { by });
        self.locking = Locking {
            is_locked: false,
            asked_at: Some(self.now()),
        };
        self.unlock_vault();
    }
}

/// Whether a request asks for a session, or for what cannot be done without one.
const fn needs_session(request: &Request) -> bool {
    matches!(
        request,
        Request::AskForCode { .. }
            | Request::SubmitCode { .. }
            | Request::Credentials { .. }
            | Request::OpenConsole(_)
            | Request::ConsoleUrl { .. }
            | Request::CopyLink(_)
            | Request::CopyEnvironment { .. }
            | Request::WriteProfile { .. }
            | Request::OpenTerminal { .. }
            | Request::RenewSession { .. }
            | Request::Publish { .. }
            | Request::RotateKey { .. }
    )
}
